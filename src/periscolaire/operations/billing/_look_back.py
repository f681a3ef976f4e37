"""How far back a run looks: to the beginning of the school year, and further for whom something changed since.

A billed day is computed again when one of its facts changed, however old (DESIGN, section 5). Journals tell which facts
were recorded since the last run, and the last run which days it had to leave waiting; so the days of past years are
read for the families concerned and for no other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping

import attrs

from periscolaire.billing import Draft, FinishedRun, Pending, Run
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglements

__all__ = ["LookBack", "finished_run", "look_back", "marks_of", "waiting_of", "year_of"]

#: The journals whose facts a bill rests on, by their names in the unit of work, and how many facts are looked at again
#: before a mark: transactions may end in another order than the one they numbered their facts in, and to look at a
#: family twice changes no bill. Facts about the whole commune would have everybody looked at.
_RESTS_ON = {
    **dict.fromkeys(
        ("dated_facts", "amendments", "custodies", "documents", "booking_changes", "presences", "absence_notices",
         "proofs", "suspensions", "appeals", "incidents", "penalty_decisions", "kind_entries"),
        100,
    ),
    **dict.fromkeys(("closures", "reprises"), 0),
}  # fmt: skip
#: The owner of facts that are about the whole commune.
_EVERYBODY = HouseholdId("")


@attrs.frozen
class LookBack:
    """The first day that a run looks at: ``first``, or an older one for the households of which something changed."""

    first: dt.date
    older: Mapping[HouseholdId, dt.date] = attrs.field(factory=FrozenMap)

    def of(self, home: Iterable[HouseholdId]) -> dt.date:
        """The first day for households that are billed together: the oldest of theirs."""
        return min((self.older[household] for household in home if household in self.older), default=self.first)


def marks_of(uow: UnitOfWork) -> FrozenMap[str, int]:
    """How far each journal that a bill rests on goes."""
    return FrozenMap({name: getattr(uow, name).mark() for name in _RESTS_ON})


def finished_run(
    run: Run, marks: FrozenMap[str, int], waiting: Iterable[tuple[HouseholdId, dt.date]], now: dt.datetime
) -> FinishedRun:
    """What a run leaves to the next: ``marks`` taken before it read anything, and whom it did not bill from when."""
    oldest: dict[HouseholdId, dt.date] = {}
    for household, day in waiting:
        oldest[household] = min(day, oldest.get(household, day))
    return FinishedRun(run, now, marks, FrozenMap(oldest))


def waiting_of(
    pending: Iterable[Pending], drafts: Iterable[Draft], others: Collection[HouseholdId]
) -> Iterator[tuple[HouseholdId, dt.date]]:
    """Since when each household waits: what cannot be billed yet, what is too small or blocked and not issued.

    ``others`` are the third parties, whose documents are about everybody.
    """
    for one in pending:
        yield one.household, one.day
    for draft in drafts:
        if draft.carried_over or draft.blocked:
            owner = _EVERYBODY if draft.payer in others else draft.payer
            yield owner, min(day for line in draft.lines for day in line.days)


def look_back(run: Run, uow: UnitOfWork, reglements: Reglements) -> LookBack:
    """The first days of ``run``, which says the usual one: the beginning of its school year.

    Never before the days of the first run of the store: what was imported of former years was billed elsewhere.
    """
    finished = uow.finished_runs.of(_EVERYBODY)
    last = next((one for one in reversed(finished) if one.run.selection.includes(run.selection)), None)
    if last is None:
        return LookBack(run.first)
    oldest = min(one.run.first for one in finished)
    found: dict[str, dt.date] = {owner: day for owner, day in last.waiting.items() if day < run.first}
    following = last.run.last + dt.timedelta(days=1)  # the days that no run has seen
    if following < run.first:
        found[_EVERYBODY] = following
    for name, again in _RESTS_ON.items():
        mark = max(0, last.marks.get(name, 0) - again)
        for owner, day in getattr(uow, name).recorded_since(mark, run.first).items():
            found[owner] = min(day, found.get(owner, day))
    begins = {owner: year_of(max(day, oldest), reglements) for owner, day in found.items()}
    first = min(run.first, begins.pop(_EVERYBODY, run.first))
    tied = uow.households.keys_of(ChildId(owner) for owner in begins)
    older: dict[HouseholdId, dt.date] = {}
    for owner, day in begins.items():
        for household in map(HouseholdId, tied.get(owner, (owner,))):
            if day < older.get(household, first):
                older[household] = day
    known = uow.households.find_many(older)
    return LookBack(first, {household: day for household, day in older.items() if household in known})


def year_of(day: dt.date, reglements: Reglements) -> dt.date:
    """The beginning of the school year of ``day``, which ranks and totals count from, once a règlement is in force."""
    calendar = reglements.versions[-1].calendar
    first = calendar.school_year(max(day, calendar.known.first)).first_day
    version = next((one for one in reglements.versions if one.last_day is None or one.last_day >= first), None)
    return first if version is None else max(first, version.first_day)
