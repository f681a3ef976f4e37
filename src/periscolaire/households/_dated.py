"""Facts with the days they hold for: appended, never rewritten; a correction is a fact recorded later."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from typing import TypeAlias

import attrs

from periscolaire.clock import require_aware, utc
from periscolaire.errors import MisuseError
from periscolaire.facts import Expired, Facts, FactValue, Unknown
from periscolaire.households._people import covers
from periscolaire.ids import ChildId, FactId, HouseholdId

__all__ = ["DatedFact", "DatedFacts", "SubjectId"]

#: Whom a dated fact is about.
SubjectId: TypeAlias = HouseholdId | ChildId


@attrs.frozen
class DatedFact:
    """``name`` (English, of the vocabulary) holds ``value`` from ``first_day`` to ``last_day``, both included.

    ``last_day`` ``None`` means until further notice. ``value`` may be ``Unknown``: what was said is withdrawn.
    ``recorded_at`` is an aware instant, ``source`` says where it comes from (« déclaration », « CAF », « ONDE »).

    :raises MisuseError: a naive instant, or a span that ends before it begins.
    """

    subject: SubjectId
    name: str
    value: FactValue | Unknown
    first_day: dt.date
    last_day: dt.date | None
    recorded_at: dt.datetime
    source: str = ""
    author: str = ""
    id: FactId | None = None

    def __attrs_post_init__(self) -> None:
        require_aware(self.recorded_at, "recorded_at")
        if self.last_day is not None and self.last_day < self.first_day:
            raise MisuseError(f"fact {self.name} ends on {self.last_day} before it begins on {self.first_day}")

    def covers(self, day: dt.date) -> bool:
        """Whether the fact speaks of ``day``."""
        return covers(self.first_day, self.last_day, day)


def _recorded(fact: DatedFact) -> dt.datetime:
    return utc(fact.recorded_at)


@attrs.frozen
class DatedFacts:
    """All that was said over time; what holds on a day is read with :meth:`on`.

    Of the facts that cover a day, the one **recorded last** wins (of two recorded at one instant, the later in
    ``facts``): so a correction covers exactly the days it names. When none covers the day but one has ended before,
    the fact is *expired*; otherwise it is unknown.
    """

    facts: tuple[DatedFact, ...] = ()

    def __iter__(self) -> Iterator[DatedFact]:
        return iter(self.facts)

    def adding(self, more: Iterable[DatedFact]) -> DatedFacts:
        """These facts and those that were recorded after them."""
        return DatedFacts((*self.facts, *more))

    def about(self, *subjects: SubjectId) -> DatedFacts:
        """Only the facts about ``subjects``."""
        return DatedFacts(tuple(fact for fact in self.facts if fact.subject in subjects))

    def known_at(self, at: dt.datetime) -> DatedFacts:
        """Only what had been recorded at that instant: replays a past decision."""
        limit = utc(at)
        return DatedFacts(tuple(fact for fact in self.facts if _recorded(fact) <= limit))

    def on(self, day: dt.date) -> Facts:
        """The facts of that day, known or expired.

        Facts about several subjects are laid over one another by the rule above: call :meth:`about` first.
        """
        found: dict[str, FactValue | Unknown | Expired] = {}
        ended: dict[str, DatedFact] = {}
        for fact in sorted(self.facts, key=_recorded):
            if fact.covers(day):
                found[fact.name] = fact.value
            elif fact.last_day is not None and fact.last_day < day:
                previous = ended.get(fact.name)
                if previous is None or previous.last_day is None or previous.last_day <= fact.last_day:
                    ended[fact.name] = fact
        for name, fact in ended.items():
            if name in found or isinstance(fact.value, Unknown) or fact.last_day is None:
                continue
            found[name] = Expired(fact.value, fact.last_day + dt.timedelta(days=1))
        return Facts(found)
