"""Charges that are no consumption: penalties, under their own trigger and scope, and fees."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import attrs

from periscolaire.attendance import Consumption, Notice, Outcome
from periscolaire.billing._charges import ChargeKind
from periscolaire.billing.charging._books import Book, Books
from periscolaire.billing.charging._endings import Resolved
from periscolaire.billing.charging._options import Incident
from periscolaire.billing.charging._rows import FactsOf, FactState, row_of
from periscolaire.booking import SlotKey
from periscolaire.facts import ALWAYS, Condition, Facts, Truth
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.pricing import Fee, Node, Penalty, PenaltyEffect, Scope, Trigger

__all__ = ["Extra", "extras"]

_USED = frozenset(Outcome) - {Outcome.NONE, Outcome.CANCELLED, Outcome.CLOSED, Outcome.UNKNOWN}


@attrs.frozen
class Extra:
    """One reason to charge a penalty or a fee; all of one instance of its scope are charged once.

    ``more`` are the facts that only it knows (minutes late, its rank in time).
    """

    book: Book
    code: ProductCode
    kind: ChargeKind
    price: Node
    scope: Scope
    who: Resolved
    proposed: bool
    more: dict[str, FactState]
    reference: str | None


def extras(
    resolved: Sequence[Resolved], incidents: Sequence[Incident], books: Books, facts_of: FactsOf
) -> Iterator[Extra]:
    """Every penalty and fee that the règlement attaches to what happened, version after version, in canonical order.

    What is counted over the school year (the third late pick-up) is counted on when the règlement changes in mid-year.
    """
    ranks: dict[tuple[object, ...], int] = {}
    days = sorted({who.one.key.day for who in resolved} | {one.day for one in incidents})
    for book in dict.fromkeys(map(books.on, days)):
        inside = [who for who in resolved if books.on(who.one.key.day) is book]
        noted = [one for one in incidents if books.on(one.day) is book]
        for penalty in book.reglement.penalties:
            for who, more in _triggered(penalty, inside, noted):
                if not _holds(penalty.condition, who, book, facts_of, more):
                    continue
                year = book.calendar.school_year(who.one.key.day).label
                place = (penalty.code, who.one.key.child, year)
                ranks[place] = ranks.get(place, 0) + 1
                yield Extra(
                    book=book,
                    code=ProductCode(penalty.code),
                    kind=ChargeKind.PENALTY,
                    price=penalty.price,
                    scope=penalty.scope,
                    who=who,
                    proposed=penalty.effect is PenaltyEffect.PROPOSED,
                    more={**more, "late_pickup_rank": ranks[place]},
                    reference=penalty.reference,
                )
        for fee in book.reglement.fees:
            for who in inside:
                if who.outcome in _USED and _holds(fee.condition, who, book, facts_of, {}):
                    yield _fee(fee, who, book)


def _fee(fee: Fee, who: Resolved, book: Book) -> Extra:
    return Extra(book, ProductCode(fee.code), ChargeKind.FEE, fee.price, fee.scope, who, False, {}, fee.reference)


def _triggered(
    penalty: Penalty, resolved: Sequence[Resolved], incidents: Sequence[Incident]
) -> Iterator[tuple[Resolved, dict[str, FactState]]]:
    for who in resolved:
        match penalty.trigger:
            case Trigger.LATE_PICKUP if who.one.departure is not None:
                late = penalty.late_minutes(who.one.departure)
                if late:
                    yield who, {"late_minutes": late}
            case Trigger.UNANNOUNCED_ABSENCE:
                if who.outcome is Outcome.ABSENCE and who.one.notice is Notice.NONE:
                    yield who, {}
            case Trigger.UNPLANNED:
                if who.outcome is Outcome.UNPLANNED:
                    yield who, {}
            case _:
                pass
    for incident in incidents:
        if incident.penalty == penalty.code and not incident.withdrawn:
            yield _as_resolved(incident), dict(incident.facts)


def _as_resolved(incident: Incident) -> Resolved:
    """An incident stands where a consumption would, so that it is priced and explained in the same way."""
    key = SlotKey(incident.child or ChildId(""), ProductCode(incident.penalty), incident.day)
    one = Consumption(key, incident.household, Outcome.AS_BOOKED, facts=(incident.id,))
    return Resolved(one, Outcome.AS_BOOKED)


def _holds(condition: Condition, who: Resolved, book: Book, facts_of: FactsOf, more: dict[str, FactState]) -> bool:
    if condition is ALWAYS or not condition.tests:
        return True
    names = tuple(sorted(condition.facts_read))
    household: HouseholdId = who.one.household
    day: dt.date = who.one.key.day
    values = row_of(names, who.one, who.outcome, book, facts_of(household, who.one.key.child, day), more)
    return condition.evaluate(Facts(zip(names, values, strict=True))) is Truth.TRUE
