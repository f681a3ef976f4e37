"""What should be billed: consumptions and dated facts in, charges out, each with the facts and steps of its price.

One family at a time (all the households that share a child): ranks and totals need no more, so any cutting of a city
into families gives the same charges. Group first: keys that share every fact which the tariff reads are one charge.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

import attrs

from periscolaire.attendance import Consumption, Outcome
from periscolaire.billing._charges import Charge, Instance, Pending, Presumed
from periscolaire.billing.charging._billed import NOTHING_BILLED, Billed, Consumed
from periscolaire.billing.charging._books import Books
from periscolaire.billing.charging._endings import CarriedOver, Resolved, resolve
from periscolaire.billing.charging._grouping import Target, nature_of
from periscolaire.billing.charging._once import charge_once
from periscolaire.billing.charging._options import Options
from periscolaire.billing.charging._orders import Orders
from periscolaire.billing.charging._rows import FactsOf
from periscolaire.billing.charging._scopes import Scopes
from periscolaire.billing.charging._worksheet import Worksheet
from periscolaire.ids import HouseholdId
from periscolaire.pricing import When, Who
from periscolaire.reasons import Reason

__all__ = ["Should", "should_bill"]

_NOTHING = frozenset({Outcome.NONE, Outcome.CLOSED, Outcome.COVERED, Outcome.SUSPENDED})
_DEFAULT = Options()


@attrs.frozen
class Should:
    """All that should be billed for the days asked for; what cannot be told yet; and credits in kind.

    ``held`` are the keys of ``pending``: what was billed for them stands until they can be told. ``presumed`` are the
    days that nobody checked and that are told all the same.
    """

    charges: tuple[Charge, ...] = ()
    pending: tuple[Pending, ...] = ()
    held: frozenset[Consumed] = frozenset()
    carried_over: tuple[CarriedOver, ...] = ()
    presumed: tuple[Presumed, ...] = ()

    def __add__(self, other: Should) -> Should:
        return Should(
            self.charges + other.charges,
            self.pending + other.pending,
            self.held | other.held,
            self.carried_over + other.carried_over,
            self.presumed + other.presumed,
        )


def should_bill(
    consumptions: Iterable[Consumption],
    books: Books,
    facts_of: FactsOf,
    *,
    first: dt.date,
    last: dt.date,
    on: dt.date,
    billed: Billed = NOTHING_BILLED,
    options: Options = _DEFAULT,
    beside: Iterable[Consumption] = (),
    ahead: bool = False,
) -> Should:
    """The charges of one family for the service days from ``first`` to ``last``, as the facts stand.

    ``consumptions`` are the family's, whole: those outside of the span too, as far as ranks, totals, episodes and
    scopes look (usually since the school year began); in any order. ``facts_of`` gives the dated facts of a payer and
    child. ``on`` is the day of the run. ``billed`` pins the version of the règlement of what was billed before.
    ``beside`` are consumptions of the family that are charged elsewhere: ranks, totals and penalties look at them.

    ``ahead``: what is paid as it is booked is billed beyond ``last`` too, so far as its price is due in parts (a
    deposit) or it was billed before (and may have been cancelled since).

    What has no price yet is in ``pending`` with why: nothing is left out in silence.
    """
    mine, others = tuple(consumptions), tuple(beside)
    elsewhere = frozenset(map(id, others))
    sheet = Worksheet(books, facts_of, first, last, on, billed, options, ahead)
    resolved = _resolved((*mine, *others), elsewhere, sheet)
    sheet.follow(resolved, Orders((*mine, *others)))
    scopes = Scopes(sheet)
    for who in resolved:
        if id(who.one) not in elsewhere:
            _charge(who, sheet, scopes)
    scopes.bill()
    # A booking that waits for the run of its month brings no fee before.
    charge_once(sheet, [who for who in resolved if who.one.key.day <= last or id(who) in sheet.told_ahead])
    return Should(
        sheet.groups.charges(),
        tuple(sheet.pending),
        frozenset(sheet.held),
        tuple(sheet.carried),
        tuple(sheet.presumed),
    )


def _resolved(consumptions: Iterable[Consumption], elsewhere: Collection[int], sheet: Worksheet) -> list[Resolved]:
    """What happened, in canonical order; what cannot be told waits."""
    books = sheet.books
    ranked = [
        (one.key.day, books.rank(one.key.product, one.key.day), one.key.child, one.key.slot, one)
        for one in consumptions
    ]
    ranked.sort(key=lambda item: item[:4])
    found: list[Resolved] = []
    for day, _, _, _, one in ranked:
        book = books.on(day)
        product = one.key.product
        if not book.knows(product):
            result: Resolved | Reason = Reason.of("billing.pending.no_price", product=product, day=day)
        elif one.key in sheet.options.contested:
            result = Reason.of("billing.pending.contested", day=day)
        else:
            result = resolve(one, book.rules(product), sheet.on)
        if isinstance(result, Resolved):
            found.append(result)
            if result.presumed and sheet.is_inside(one.key.child, product, Instance(day, one.key.slot)):
                sheet.presumed.append(Presumed(one.household, one.key.child, product, day, result.outcome))
        elif day <= sheet.last or id(one) not in elsewhere:
            sheet.wait(one, result)
    return found


def _charge(who: Resolved, sheet: Worksheet, scopes: Scopes) -> None:
    """Charge one consumption, or gather it with the others of its scope."""
    one = who.one
    key = one.key
    if (holder := sheet.options.in_kind.get(key)) is not None:
        _give_unit_back(who, holder, sheet)
        return
    covered = who.outcome is Outcome.COVERED
    if who.outcome in _NOTHING and not covered:
        return
    instance = Instance(key.day, key.slot)
    book = sheet.book_of(key.product, instance, key.child, sheet.books.on(key.day))
    rules = book.rules(key.product)
    version = sheet.version_of(book, rules, key.day)
    inside = sheet.is_inside(key.child, key.product, instance)
    if version is None:
        if inside:
            sheet.wait(one, Reason.of("billing.pending.no_price", product=key.product, day=key.day))
        return
    payers = sheet.payers(one)
    if not payers:
        if inside:
            sheet.wait(one, Reason.of("billing.pending.nobody_pays", child=key.child, day=key.day))
        return
    if version.scope.when is not When.SERVICE or version.scope.who is Who.HOUSEHOLD:
        scopes.gather(who, version.scope, book, payers)
    if not inside:
        return
    sheet.told_ahead.add(id(who))
    if covered:
        scopes.cover(who, version, book, rules, payers)
        return
    if version.scope.when is When.SERVICE and version.scope.who is Who.CHILD:
        ending = sheet.ending(who, version, book, rules, payers[0])
        if ending is not None:
            nature = nature_of(rules.product.kind, ending.kind)
            target = Target(key.child, key.product, instance, rules.tariff or "", nature=nature)
            sheet.lay(who, target, book, ending, payers)


def _give_unit_back(who: Resolved, holder: HouseholdId, sheet: Worksheet) -> None:
    """A day paid in kind costs no money; its unit goes back to ``holder`` where money would not have been due."""
    one = who.one
    if not sheet.is_inside(one.key.child, one.key.product, Instance(one.key.day, one.key.slot)):
        return
    book = sheet.books.on(one.key.day)
    rules = book.rules(one.key.product)
    if sheet.endings.gives_back(who, book, rules, holder, sheet.episode(who, book, rules)):
        credit = CarriedOver(holder, one.key.child, one.key.product, one.key.day, one.facts, in_kind=True)
        sheet.carried.append(credit)
