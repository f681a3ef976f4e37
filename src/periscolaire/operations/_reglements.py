"""Use cases of the règlement: publish a version, read those that were published."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib

from periscolaire.access import Actor, Operation, require
from periscolaire.clock import require_aware, utc
from periscolaire.errors import NotFoundError
from periscolaire.files import read_reglement
from periscolaire.operations._once import trail
from periscolaire.ports import PublishedReglement, Repositories, UnitOfWork
from periscolaire.reglement import Reglement, Reglements

__all__ = ["all_versions", "commune_today", "publish_reglement", "published_reglements"]


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


def published_reglements(uow: Repositories) -> Reglements:
    """Every version published in this store.

    :raises NotFoundError: none was.
    """
    versions = uow.reglements.all()
    if not versions:
        raise NotFoundError("no règlement is published in this store: publish one first", code="operation.no_reglement")
    return _together(tuple((version.text, version.version) for version in versions))


def commune_today(uow: Repositories, at: dt.datetime) -> dt.date:
    """The civil day in the commune at ``at``; in UTC while no règlement says where the commune is."""
    try:
        calendar = published_reglements(uow).versions[-1].calendar
    except NotFoundError:
        return utc(at).date()
    return calendar.today(at)


def all_versions(reglement: Reglement, uow: Repositories) -> Reglements:
    """``reglement`` for its own days, and for the others what this store published; alone if it is not."""
    if all(known.version != reglement.version for known in uow.reglements.all()):
        return Reglements((reglement,))
    published = published_reglements(uow)
    if reglement.last_day in (None, published.named(reglement.version).last_day):
        return published
    return Reglements(tuple(reglement if one.version == reglement.version else one for one in published.versions))


@functools.lru_cache(maxsize=8)
def _together(versions: tuple[tuple[str, str], ...]) -> Reglements:
    """The same object for the same versions: what is made ready for it is found again."""
    found = Reglements((_read(*versions[0]),))
    for text, version in versions[1:]:
        found = found.with_version(_read(text, version))
    return found


@functools.lru_cache(maxsize=32)
def _read(text: str, version: str) -> Reglement:
    return read_reglement(text, file=f"version {version}")
