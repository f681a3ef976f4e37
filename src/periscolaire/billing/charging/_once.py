"""Charging once what is no consumption: each penalty, fee or book of tickets, for each instance of its scope."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import attrs

from periscolaire.billing._charges import Instance
from periscolaire.billing.charging._endings import Ending, Resolved
from periscolaire.billing.charging._extras import Extra, extras
from periscolaire.billing.charging._grouping import Target
from periscolaire.billing.charging._rows import FactState
from periscolaire.billing.charging._worksheet import Worksheet
from periscolaire.households import Payer
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.pricing import PriceKind, Who
from periscolaire.reasons import Reason

__all__ = ["charge_once"]

#: What a penalty, a fee or a book of tickets is charged for once: its code, the instance, and the child or, for want
#: of one, who pays.
_Once: TypeAlias = tuple[ProductCode, Instance, ChildId | None, HouseholdId | None]


def charge_once(sheet: Worksheet, resolved: Sequence[Resolved]) -> None:
    """The penalties, fees and books of tickets that the règlement attaches to what happened."""
    done: dict[_Once, list[Extra]] = {}
    options = sheet.options
    for extra in extras(resolved, options.incidents, options.bought, sheet.books, sheet.facts_of):
        _gather(sheet, extra, done)
    for once, found in done.items():
        _charge(sheet, found, *once)


def _gather(sheet: Worksheet, extra: Extra, done: dict[_Once, list[Extra]]) -> None:
    one = extra.who.one
    child = one.key.child if extra.scope.who is Who.CHILD and one.key.child else None
    waiting = Target(one.key.child or None, extra.code, Instance(one.key.day), extra.code, extra.kind)
    found = sheet.instance_of(extra.scope, one, extra.book, waiting)
    if found is None:
        return
    instance = Instance(found[0], found[1])
    payers = sheet.payers(one)
    if not payers:
        reason = Reason.of("billing.pending.nobody_pays", child=one.key.child, day=one.key.day)
        sheet.wait(one, reason, attrs.evolve(waiting, child=child, instance=instance))
    for payer in payers if child is None else payers[:1]:  # each household owes what households owe
        once = (extra.code, instance, child, payer.household if child is None else None)
        done.setdefault(once, []).append(extra)


def _charge(
    sheet: Worksheet,
    found: list[Extra],
    code: ProductCode,
    instance: Instance,
    child: ChildId | None,
    household: HouseholdId | None,
) -> None:
    """Once for the instance: the one that is worst (most minutes late), then the first."""
    extra = max(found, key=lambda one: _late(one.more))
    one = extra.who.one
    target = Target(child, code, instance, code, extra.kind, nature=extra.nature)
    decided = sheet.options.decided.get((str(code), child, instance.day)) if extra.proposed else True
    if decided is False:
        return
    if decided is None:
        reason = Reason.of("billing.pending.unconfirmed", penalty=code, day=instance.day)
        sheet.wait(one, reason, target)
        return
    book = sheet.book_of(code, instance, child, extra.book)
    said = book.extra(code) or extra
    version = book.version_of(said.price, said.reference)
    ending = Ending(version, PriceKind.UNIT, None)
    payers = sheet.payers(one) if household is None else (Payer(household),)
    sheet.lay(extra.who, target, book, ending, payers, [each.who for each in found], extra.more)


def _late(more: dict[str, FactState]) -> int:
    minutes = more.get("late_minutes", 0)
    return minutes if isinstance(minutes, int) else 0
