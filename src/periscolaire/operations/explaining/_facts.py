"""The facts about some days of some children, found in the store and told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from datetime import tzinfo

import attrs

from periscolaire.attendance import AbsenceNotice, Proof, Suspension
from periscolaire.billing import Told, tell, tell_change
from periscolaire.booking import BookingChange, LineVerdict, SlotKey
from periscolaire.calendar import Span
from periscolaire.catalogue import Action, describe_rule
from periscolaire.households import DatedFact
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.operations._names import Names
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description

__all__ = ["DayFacts", "as_known", "dated_facts", "day_facts"]


@attrs.frozen
class DayFacts:
    """What was recorded about a span: by day, and what speaks of several days."""

    by_day: dict[dt.date, list[Told]]
    at_large: list[Told]


def day_facts(
    children: Iterable[ChildId],
    span: Span,
    uow: UnitOfWork,
    names: Names,
    *,
    keep: Callable[[FactId], bool] = lambda fact: True,
    slot: SlotKey | None = None,
    product: ProductCode | None = None,
) -> DayFacts:
    """Every fact about ``children`` over ``span`` that ``keep`` keeps, as recorded.

    With ``slot`` only what is about it; with ``product`` only what is about that product, or about all.
    """

    def wanted(key: SlotKey) -> bool:
        return slot in (None, key) and product in (None, key.product)

    by_day: dict[dt.date, list[Told]] = {}
    at_large: list[Told] = []
    for child in children:
        answers = {(one.key, one.at): one for one in uow.decisions.of(child, span.first, span.last)}
        for change in uow.booking_changes.of(child, span.first, span.last):
            if keep(change.id) and wanted(change.key):
                answer = answers.get((change.key, change.at))
                verdict, source = (answer.verdict, answer.source) if answer is not None else (None, "")
                by_day.setdefault(change.key.day, []).append(
                    tell_change(change, verdict, _rule(change, verdict, names), currency=names.currency, source=source)
                )
        for presence in uow.presences.of(child, span.first, span.last):
            if keep(presence.id) and wanted(presence.key):
                by_day.setdefault(presence.key.day, []).append(tell(presence))
        spanning: tuple[AbsenceNotice | Proof | Suspension, ...] = (
            *uow.absence_notices.of(child, span.first, span.last),
            *uow.proofs.of(child, span.first, span.last),
            *uow.suspensions.of(child, span.first, span.last),
        )
        at_large += [tell(one) for one in spanning if keep(one.id) and (slot is None or one.covers(slot))]
    at_large += [tell(one) for one in uow.closures.of("", span.first, span.last) if keep(one.id)]
    return DayFacts({day: by_day[day] for day in sorted(by_day)}, at_large)


def _rule(change: BookingChange, verdict: LineVerdict | None, names: Names) -> Description | None:
    """The limit as the règlement of that time says it, when there is but one for this product and action."""
    reglement = next((one for one in names.reglements.versions if one.version == change.reglement), None)
    if reglement is None or verdict is None:
        return None
    product = next((one for one in reglement.products if one.code == change.key.product), None)
    if product is None:
        return None
    table = product.booking if verdict.line.action is Action.BOOK else product.cancellation
    return describe_rule(table[0], reglement.currency) if len(table) == 1 else None


def as_known(told: Sequence[Told], until: dt.date, tz: tzinfo) -> list[Told]:
    """Of the successive states of a fact, those recorded by the end of ``until``; of a fact that came later, all."""

    def early(one: Told) -> bool:
        return one.at is None or one.at.astimezone(tz).date() <= until

    known = {one.id for one in told if early(one)}
    return [one for one in told if early(one) or one.id not in known]


def dated_facts(
    wanted: Iterable[str],
    subjects: Iterable[ChildId | HouseholdId],
    day: dt.date,
    uow: UnitOfWork,
    *,
    until: dt.date,
    tz: tzinfo,
) -> list[Told]:
    """What was declared of each fact of ``wanted`` and holds on ``day``: of several, the last recorded by ``until``,
    or the last one where all came later.
    """
    names = set(wanted)

    def rank(fact: DatedFact) -> tuple[bool, dt.datetime]:
        return fact.recorded_at.astimezone(tz).date() <= until, fact.recorded_at

    found = {}
    for subject in subjects:
        for fact in sorted(uow.dated_facts.of(subject), key=rank):
            if fact.name in names and fact.covers(day):
                found[subject, fact.name] = fact
    return [tell(fact) for fact in found.values()]
