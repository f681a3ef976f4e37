"""What a store answers when it cannot: the same words, whichever adapter."""

from __future__ import annotations

import datetime as dt

from periscolaire.errors import ConflictError, NotFoundError
from periscolaire.reasons import Description

__all__ = [
    "already_recorded",
    "changed",
    "key_reused",
    "key_taken",
    "missing",
    "no_reglement_on",
    "no_version",
    "version_changed",
]


def _kind(name: str) -> Description:
    return Description.of(f"store.kind.{name}")


def missing(kind: str, key: object) -> NotFoundError:
    """No record of that kind under that key."""
    return NotFoundError(f"{kind} {key!r}", code="store.missing", kind=_kind(kind), key=str(key))


def changed(kind: str, key: object) -> ConflictError:
    """Somebody else wrote the record since it was read."""
    return ConflictError(
        f"{kind} {key!r} changed since it was read", code="store.changed", kind=_kind(kind), key=str(key)
    )


def already_recorded(kind: str) -> ConflictError:
    """A fact with that identifier is in the journal."""
    return ConflictError(
        f"{kind}: one of the identifiers is recorded already", code="store.already_recorded", kind=_kind(kind)
    )


def key_reused(key: str) -> ConflictError:
    """An idempotency key came back with another command."""
    return ConflictError(f"key {key!r} was used for another content", code="store.key_reused", key=key)


def key_taken(key: str) -> ConflictError:
    """An idempotency key is recorded already."""
    return ConflictError(f"key {key!r} was used already", code="store.key_taken", key=key)


def version_changed(version: str) -> ConflictError:
    """A version of the règlement was published with another text."""
    return ConflictError(
        f"version {version!r} was published with another text: give a new version",
        code="store.version_changed",
        version=version,
    )


def no_version(version: str) -> NotFoundError:
    """No version of the règlement has that name."""
    return NotFoundError(f"version {version!r} of the règlement", code="store.no_version", version=version)


def no_reglement_on(day: dt.date) -> NotFoundError:
    """No version of the règlement is in force that day."""
    return NotFoundError(f"no règlement in force on {day}", code="store.no_reglement_on", day=day)
