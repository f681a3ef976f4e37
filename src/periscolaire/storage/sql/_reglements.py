"""Published versions of the règlement, in SQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from periscolaire.ports import PublishedReglement
from periscolaire.storage._errors import no_reglement_on, no_version, version_changed
from periscolaire.storage.sql._rows import instant_text
from periscolaire.storage.sql._schema import REGLEMENT
from periscolaire.storage.sql._session import Session, iso

__all__ = ["SqlReglements"]


class SqlReglements:
    def __init__(self, session: Session) -> None:
        self._session = session

    def publish(self, reglement: PublishedReglement) -> bool:
        insert = self._session.insert(REGLEMENT).values(
            version=reglement.version,
            commune=reglement.commune,
            text=reglement.text,
            digest=reglement.digest,
            first_day=reglement.first_day.isoformat(),
            last_day=iso(reglement.last_day),
            published_at=instant_text(reglement.published_at),
            author=reglement.author,
        )
        if self._session.write(insert.on_conflict_do_nothing()).rowcount == 1:
            return True
        if self.get(reglement.version).digest != reglement.digest:
            raise version_changed(reglement.version)
        return False

    @staticmethod
    def _model(row: Sequence[Any]) -> PublishedReglement:
        version, commune, text, digest, first_day, last_day, published_at, author = row
        return PublishedReglement(
            version,
            commune,
            text,
            digest,
            dt.date.fromisoformat(first_day),
            None if last_day is None else dt.date.fromisoformat(last_day),
            dt.datetime.fromisoformat(published_at),
            author,
        )

    def get(self, version: str) -> PublishedReglement:
        row = self._session.read(sa.select(REGLEMENT).where(REGLEMENT.c.version == version)).first()
        if row is None:
            raise no_version(version)
        return self._model(row)

    def on(self, day: dt.date) -> PublishedReglement:
        columns, text = REGLEMENT.c, day.isoformat()
        statement = sa.select(REGLEMENT).where(
            columns.first_day <= text, columns.last_day.is_(None) | (columns.last_day >= text)
        )
        order = (columns.first_day.desc(), columns.published_at.desc(), columns.version.desc())
        row = self._session.read(statement.order_by(*order).limit(1)).first()
        if row is None:
            raise no_reglement_on(day)
        return self._model(row)

    def all(self) -> tuple[PublishedReglement, ...]:
        columns = REGLEMENT.c
        order = (columns.first_day, columns.published_at, columns.version)
        return tuple(map(self._model, self._session.read(sa.select(REGLEMENT).order_by(*order))))
