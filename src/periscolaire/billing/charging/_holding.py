"""What a day that cannot be told keeps as it stands, besides itself: the month it may belong to, fees, penalties."""

from __future__ import annotations

from collections.abc import Iterator

from periscolaire.attendance import Consumption
from periscolaire.billing._charges import Instance
from periscolaire.billing.charging._billed import Consumed
from periscolaire.billing.charging._books import Book
from periscolaire.billing.charging._counts import instance_of
from periscolaire.billing.charging._options import SinceOf
from periscolaire.billing.charging._orders import Orders
from periscolaire.errors import MisuseError
from periscolaire.ids import ProductCode
from periscolaire.pricing import Scope, When, Who

__all__ = ["also_held"]


def also_held(one: Consumption, book: Book, orders: Orders, since: SinceOf) -> Iterator[Consumed]:
    """The keys, besides that of the slot, that ``one`` could bear: nobody may take them back for want of it."""
    scopes: list[tuple[ProductCode, Scope]] = []
    if book.knows(one.key.product) and (tariff := book.rules(one.key.product).tariff) is not None:
        version = book.pricer.version(tariff, one.key.day)
        if version is not None and (version.scope.when is not When.SERVICE or version.scope.who is Who.HOUSEHOLD):
            scopes.append((version.scope.what[0] if version.scope.what else one.key.product, version.scope))
    scopes += ((ProductCode(extra.code), extra.scope) for extra in book.extras)
    for product, scope in scopes:
        try:
            first, label, _ = instance_of(scope, one, book, orders, since(one.key.child, one.key.product))
        except MisuseError:  # no order, no registration: it bears none
            continue
        yield one.key.child if scope.who is Who.CHILD else None, product, Instance(first, label)
