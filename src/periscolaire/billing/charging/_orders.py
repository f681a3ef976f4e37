"""Orders as billing sees them: one instance from its first to its last day, and the stays in it."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Collection, Iterable

from periscolaire.attendance import Consumption
from periscolaire.billing.charging._books import Book
from periscolaire.calendar import OPEN, Span
from periscolaire.catalogue import EachDay, unit_span
from periscolaire.ids import ChildId, ProductCode

__all__ = ["Orders"]

_DAY = dt.timedelta(days=1)


class Orders:
    """The days that were booked together, by the number of their order; those cancelled since are still of it."""

    def __init__(self, consumptions: Iterable[Consumption] = ()) -> None:
        self._days: dict[str, list[tuple[dt.date, ChildId, ProductCode]]] = {}
        for one in consumptions:
            if one.order is not None:
                self._days.setdefault(one.order, []).append((one.key.day, one.key.child, one.key.product))
        self._spans = {order: Span(min(days)[0], max(days)[0]) for order, days in self._days.items()}
        self._stays: dict[tuple[object, ...], list[Span]] = {}

    def span(self, order: str, day: dt.date) -> Span:
        """From the first to the last day of the order; ``day`` alone when nothing is known of it."""
        return self._spans.get(order, Span.one(day))

    def stay(
        self, order: str, day: dt.date, child: ChildId | None, products: Collection[ProductCode], book: Book
    ) -> Span:
        """The stay of ``day``: the days in a row that the order holds of these products, for ``child`` or for all.

        A day on which one of them runs and that was left out ends a stay, and so does the unit in which they are
        booked: two sessions of a camp are two stays, even from one Friday to the next Monday.
        """
        where = (order, child, tuple(products), book.version)
        stays = self._stays.get(where)
        if stays is None:
            held = {
                on
                for on, whose, what in self._days.get(order, ())
                if what in products and (child is None or whose == child)
            }
            stays = self._stays[where] = _stays(sorted(held), products, book)
        place = bisect_right(stays, day, key=lambda span: span.first) - 1
        return stays[place] if place >= 0 and day in stays[place] else Span.one(day)


def _stays(days: list[dt.date], products: Collection[ProductCode], book: Book) -> list[Span]:
    calendar = book.calendar
    known = [book.rules(product).product for product in products if book.knows(product)]
    units = {rule.unit for product in known for rule in product.booking} - {EachDay()}

    def goes_on(last: dt.date, day: dt.date) -> bool:
        between = last + _DAY, day - _DAY
        return not any(calendar.days(*between, OPEN, product.open_days) for product in known) and all(
            unit_span(unit, last, calendar) == unit_span(unit, day, calendar) for unit in units
        )

    found: list[Span] = []
    for day in days:
        if found and goes_on(found[-1].last, day):
            found[-1] = Span(found[-1].first, day)
        else:
            found.append(Span.one(day))
    return found
