"""Use cases of the règlement: publish a version, read those that were published."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib

from periscolaire.access import Actor, Operation, require
from periscolaire.clock import require_aware
from periscolaire.errors import NotFoundError
from periscolaire.files import read_reglement
from periscolaire.operations._once import trail
from periscolaire.ports import PublishedReglement, UnitOfWork
from periscolaire.reglement import Reglement, Reglements

__all__ = ["publish_reglement", "published_reglements"]


def publish_reglement(
    text: str, uow: UnitOfWork, *, actor: Actor, now: dt.datetime, file: str = "reglement.toml"
) -> Reglement:
    """Record the version that ``text`` (a rules file) says; publishing the very same text again changes nothing.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    :raises BadFileError: the file says what it may not.
    :raises ConflictError: that version was published with another text.
    :raises MisuseError: its days overlap those of another version.
    """
    require(actor, Operation.CHANGE_RULES)
    reglement = read_reglement(text, file=file)
    digest = hashlib.sha256(text.encode()).hexdigest()
    if all(known.version != reglement.version for known in uow.reglements.all()):
        trail(uow, actor, Operation.CHANGE_RULES, f"reglement:{reglement.version}", now, detail="published")
    uow.reglements.publish(
        PublishedReglement(
            reglement.version,
            reglement.commune,
            text,
            digest,
            reglement.first_day,
            reglement.last_day,
            require_aware(now),
            actor.label,
        )
    )
    published_reglements(uow)  # all versions together still make one règlement
    return reglement


def published_reglements(uow: UnitOfWork) -> Reglements:
    """Every version published in this store.

    :raises NotFoundError: none was.
    """
    versions = uow.reglements.all()
    if not versions:
        raise NotFoundError("no règlement is published in this store: publish one first", code="operation.no_reglement")
    found = Reglements((_read(versions[0].text, versions[0].version),))
    for version in versions[1:]:
        found = found.with_version(_read(version.text, version.version))
    return found


@functools.lru_cache(maxsize=32)
def _read(text: str, version: str) -> Reglement:
    return read_reglement(text, file=f"version {version}")
