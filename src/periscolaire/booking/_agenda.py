"""The agenda view (*vue agenda*): a span, weekdays, products, several children, a repetition: fills the basket."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable

import attrs

from periscolaire.booking._basket import Basket, Line
from periscolaire.booking._check import check_lines
from periscolaire.booking._context import BookingContext
from periscolaire.booking._desk import Desk
from periscolaire.booking._patterns import EVERY_DAY, Pattern, chosen
from periscolaire.booking._reservations import SlotKey
from periscolaire.booking._verdicts import LineStatus, LineVerdict
from periscolaire.calendar import Weekday
from periscolaire.catalogue import Action
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, ProductCode
from periscolaire.reglement import Reglement

__all__ = ["AgendaFill", "AgendaWish", "fill"]


@attrs.frozen
class AgendaWish:
    """What the family enters: book (or cancel) these products for these children, from ``first`` to ``last``.

    Both ends included; only on ``weekdays`` (all when ``None``) and on the days that ``pattern`` chooses.
    ``slot`` is that of the products that have some. ``action`` is BOOK or CANCEL.

    :raises MisuseError: no child, no product, an end before the beginning, or a change.
    """

    children: tuple[ChildId, ...]
    products: tuple[ProductCode, ...]
    first: dt.date
    last: dt.date
    weekdays: frozenset[Weekday] | None = None
    pattern: Pattern = EVERY_DAY
    slot: str = ""
    action: Action = Action.BOOK
    motive: str | None = None

    def __attrs_post_init__(self) -> None:
        if not self.children or not self.products:
            raise MisuseError("the agenda needs at least one child and one product")
        if self.last < self.first:
            raise MisuseError(f"from {self.first} to {self.last}: expected the last day after the first")
        if self.action is Action.CHANGE:
            raise MisuseError("the agenda books or cancels; changes are made one by one")


@attrs.frozen
class AgendaFill:
    """The filled basket, the lines that joined it, and those that did not, with every reason."""

    basket: Basket
    added: tuple[Line, ...]
    left_out: tuple[LineVerdict, ...]


def fill(
    wish: AgendaWish, basket: Basket, reglement: Reglement, context: BookingContext, at: dt.datetime
) -> AgendaFill:
    """``basket`` with all that the wish asks for and the règlement lets through at ``at``.

    Lines already in the basket stay. Days on which a product does not run are left out without a word, unless the
    wish names weekdays: then the family expected them. What is booked (or cancelled) already is told, not added.

    :raises MisuseError: ``at`` is naive, or the basket is another household's.
    """
    if basket.household != context.household:
        raise MisuseError(f"basket of household {basket.household!r}, context of {context.household!r}")
    desk = Desk(reglement, context, at)
    wanted = [line for line in _lines(wish, desk) if basket.line(line.key) is None]
    verdicts = check_lines(sorted((*basket.lines, *wanted), key=lambda line: line.rank), desk, whole=False)
    asked = set(wanted)
    mine = [verdict for verdict in verdicts if verdict.line in asked]
    added = tuple(verdict.line for verdict in mine if verdict.status.records)
    left_out = tuple(verdict for verdict in mine if not verdict.status.records)
    told = tuple(verdict for verdict in left_out if wish.weekdays is not None or not _merely_closed(verdict))
    return AgendaFill(basket.add(*added), added, told)


def _lines(wish: AgendaWish, desk: Desk) -> Iterable[Line]:
    count = (wish.last - wish.first).days + 1
    days = [wish.first + dt.timedelta(days=n) for n in range(count)]
    for child in wish.children:
        picked = chosen(wish.pattern, days, functools.partial(desk.context.is_ours, child))
        for day in days:
            if day in picked and (wish.weekdays is None or Weekday(day.weekday()) in wish.weekdays):
                for product in wish.products:
                    key = SlotKey(child, product, day, wish.slot)
                    if wish.action is Action.BOOK or desk.is_live(key):
                        yield Line(wish.action, key, motive=wish.motive)


def _merely_closed(verdict: LineVerdict) -> bool:
    codes = {reason.code for reason in verdict.reasons}
    return verdict.status is LineStatus.REFUSED and codes <= {"booking.closed", "booking.unknown_day"}
