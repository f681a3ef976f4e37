"""Files corrected for days that are past: what was billed by what they said before is to be looked at again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import attrs

from periscolaire.households._dated import SubjectId
from periscolaire.households._household import Household
from periscolaire.households._people import Child

__all__ = ["Amendment", "amendment"]


@attrs.frozen
class Amendment:
    """The file of a child or of a household says something else than before from ``first_day`` on (``None``: ever).

    Only so far as prices, ranks and shares may read it; who corrected it, and when, is in the audit trail.
    """

    subject: SubjectId
    first_day: dt.date | None


def amendment(before: Child | Household, after: Child | Household) -> Amendment | None:
    """What replacing a file by another amounts to; ``None`` when nothing changed that a bill of some day rests on."""
    days = set(_changed(before, after))
    if not days:
        return None
    return Amendment(after.id, None if None in days else min(day for day in days if day is not None))


def _changed(before: Child | Household, after: Child | Household) -> Iterator[dt.date | None]:
    """From when on each thing that was taken out of the file, or put in, stood."""
    match before, after:
        case Child(), Child():
            if before.birth_date != after.birth_date:
                yield None
            yield from (one.first_day for one in {*before.schoolings} ^ {*after.schoolings})
        case Household(), Household():
            yield from (one.first_day for one in {*before.members} ^ {*after.members})
