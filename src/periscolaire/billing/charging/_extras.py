"""Charges that are no consumption: penalties, under their own trigger and scope, fees, and books of tickets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import attrs

from periscolaire.attendance import Consumption, Notice, Outcome
from periscolaire.billing._charges import ChargeKind
from periscolaire.billing.charging._books import Book, Books
from periscolaire.billing.charging._endings import Resolved
from periscolaire.billing.charging._grouping import nature_of
from periscolaire.billing.charging._in_kind import KindEntry
from periscolaire.billing.charging._options import Incident
from periscolaire.billing.charging._rows import FactsOf, FactState, row_of
from periscolaire.booking import SlotKey
from periscolaire.facts import ALWAYS, Condition, Facts, Truth
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.pricing import Fee, Node, Penalty, PenaltyEffect, PriceKind, Scope, Trigger, When, Who

__all__ = ["Extra", "extras"]

_PURCHASE = Scope(Who.HOUSEHOLD, When.PURCHASE)
_USED = frozenset(Outcome) - {Outcome.NONE, Outcome.CANCELLED, Outcome.CLOSED, Outcome.UNKNOWN}


@attrs.frozen
class Extra:
    """One reason to charge a penalty, a fee or a book; all of one instance of its scope are charged once.

    ``more`` are the facts that only it knows (minutes late, its rank in time).
    """

    book: Book
    code: ProductCode
    kind: ChargeKind
    nature: str
    price: Node
    scope: Scope
    who: Resolved
    proposed: bool
    more: dict[str, FactState]
    reference: str | None


def extras(
    resolved: Sequence[Resolved],
    incidents: Sequence[Incident],
    bought: Sequence[KindEntry],
    books: Books,
    facts_of: FactsOf,
) -> Iterator[Extra]:
    """Every penalty, fee and book of tickets that the règlement attaches to what happened, in canonical order.

    What is counted over the school year (the third late pick-up) is counted on when the règlement changes in mid-year.
    """
    ranks: dict[tuple[object, ...], int] = {}
    days = sorted({who.one.key.day for who in resolved} | {one.day for one in incidents} | {one.on for one in bought})
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
                    nature="pénalité",
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
        for entry in bought:
            if entry.book is not None and books.on(entry.on) is book:
                yield from _purchase(entry, entry.book, book)


def _fee(fee: Fee, who: Resolved, book: Book) -> Extra:
    return Extra(
        book, ProductCode(fee.code), ChargeKind.FEE, "frais", fee.price, fee.scope, who, False, {}, fee.reference
    )


def _purchase(entry: KindEntry, code: str, book: Book) -> Iterator[Extra]:
    """A book of tickets is the household's that bought it, whichever child eats: no custody shares it."""
    tickets = book.tickets(code)
    if tickets is None:
        return
    sold = book.knows(entry.product)  # rules that have lost it since say no more what it is for
    nature = nature_of(book.rules(entry.product).product.kind, PriceKind.UNIT) if sold else "frais"
    key = SlotKey(ChildId(""), ProductCode(code), entry.on)
    one = Consumption(key, entry.household, Outcome.AS_BOOKED, facts=(entry.id,), order=entry.id)
    who = Resolved(one, Outcome.AS_BOOKED)
    yield Extra(
        book, ProductCode(code), ChargeKind.PURCHASE, nature, tickets.price, _PURCHASE, who, False, {},
        tickets.reference,
    )  # fmt: skip


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
