"""Use cases of news: publish, take off, read what one's household is shown, remember that it was read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Self
from zoneinfo import ZoneInfo

import attrs

from periscolaire.access import COMMUNE, Actor, FamilyActor, Operation, audit, require
from periscolaire.clock import utc
from periscolaire.errors import NotFoundError
from periscolaire.files import PortalSettings
from periscolaire.ids import HouseholdId
from periscolaire.messages import News, NewsItem, Reader, ReadMark, board
from periscolaire.operations._targets import household_target
from periscolaire.operations.families._mails import Portal
from periscolaire.ports import BlobStore, Mailer, UnitOfWork, new_id
from periscolaire.reglement import Reglements

__all__ = ["Board"]


@attrs.frozen
class Board:
    """The news of one commune, and the ports that its messages share.

    ``reglements`` are its rules, by which a proof changes what is held of the days it covers; those that the store
    has published unless others are given.
    """

    mailer: Mailer
    portal: Portal
    blobs: BlobStore
    ids: Callable[[], str] = new_id
    reglements: Reglements | None = None

    @classmethod
    def of(cls, settings: PortalSettings, tz: ZoneInfo, mailer: Mailer, blobs: BlobStore) -> Self:
        """The messages of the commune as its file says."""
        return cls(mailer, Portal.of(settings, tz), blobs)

    def publish(self, uow: UnitOfWork, actor: Actor, news: News, *, at: dt.datetime, channel: str) -> None:
        """Publish a news, or put another text in its place."""
        require(actor, Operation.PUBLISH_NEWS, COMMUNE)
        stored = uow.news.find(news.id)
        uow.news.save(news, stored.version if stored else 0)
        uow.audit.append([audit(actor, Operation.PUBLISH_NEWS, f"news:{news.id}", at, channel=channel)])
        uow.commit()

    def withdraw(self, uow: UnitOfWork, actor: Actor, news: str, *, at: dt.datetime, channel: str) -> None:
        """Take a news off the screens from ``at`` on; one that has not appeared yet is forgotten.

        :raises NotFoundError: no such news.
        """
        require(actor, Operation.PUBLISH_NEWS, COMMUNE)
        stored = uow.news.get(news)
        if utc(at) <= utc(stored.model.published_from):
            uow.news.remove(news, stored.version)
        elif stored.model.published_until is None or utc(at) < utc(stored.model.published_until):
            uow.news.save(attrs.evolve(stored.model, published_until=at), stored.version)
        line = audit(actor, Operation.PUBLISH_NEWS, f"news:{news}", at, channel=channel, detail="withdrawn")
        uow.audit.append([line])
        uow.commit()

    def news(
        self, uow: UnitOfWork, actor: FamilyActor, household: HouseholdId, *, at: dt.datetime
    ) -> tuple[NewsItem, ...]:
        """« Mes actualités » of one household of the account."""
        day = self._day(at)
        require(actor, Operation.VIEW_HOUSEHOLD, household_target(uow, household, day))
        items = [stored.model for stored in uow.news.stream()]
        return board(items, _reader(uow, household, day), uow.read_marks.of(actor.account), actor.account, at)

    def mark_read(
        self, uow: UnitOfWork, actor: FamilyActor, household: HouseholdId, news: str, *, at: dt.datetime
    ) -> None:
        """Remember that the account has read a news. Its own mark is all the trail that this leaves.

        :raises NotFoundError: this household sees no such news.
        """
        for item in self.news(uow, actor, household, at=at):
            if item.news.id == news:
                if not item.read:
                    uow.read_marks.append([ReadMark(news, actor.account, at)])
                    uow.commit()
                return
        raise NotFoundError(f"news {news!r}", code="news.missing", news=news)

    def _day(self, at: dt.datetime) -> dt.date:
        return at.astimezone(self.portal.tz).date()


def _reader(uow: UnitOfWork, household: HouseholdId, day: dt.date) -> Reader:
    children = [uow.children.get(child).model for child in uow.households.get(household).model.children_on(day)]
    schoolings = [schooling for child in children if (schooling := child.schooling(day)) is not None]
    registrations = [stored.model for stored in uow.registrations.of(household)]
    return Reader(
        household,
        frozenset(schooling.school for schooling in schoolings),
        frozenset((schooling.school, schooling.class_name) for schooling in schoolings if schooling.class_name),
        frozenset(one.product for one in registrations if one.household == household and one.covers(day)),
    )
