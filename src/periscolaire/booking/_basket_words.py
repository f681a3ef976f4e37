"""What the basket says on the screen: « Votre panier est vide », « Vos demandes sont en cours », and the counts."""

from __future__ import annotations

from collections.abc import Iterator

from periscolaire.booking._basket import Basket
from periscolaire.catalogue import Action
from periscolaire.reasons import Description
from periscolaire.reglement import Reglement

__all__ = ["BASKET_BUTTONS", "basket_words"]

#: The two buttons under a basket: validating makes of it requests that count, emptying leaves nothing of it.
BASKET_BUTTONS = (Description.of("booking.basket.validate"), Description.of("booking.basket.empty_it"))
_COUNTED = {
    Action.BOOK: "booking.basket.booked",
    Action.CANCEL: "booking.basket.cancelled",
    Action.CHANGE: "booking.basket.changed",
}


def basket_words(basket: Basket, reglement: Reglement) -> tuple[Description, ...]:
    """The lines to show beside the period view, in order.

    An empty basket says so. Else one line counts each product and action (« 2 Garderie du matin »), and the last says
    that nothing is validated yet. The buttons are :data:`BASKET_BUTTONS`.
    """
    if not len(basket):
        return (Description.of("booking.basket.empty"),)
    return (*_counts(basket, reglement), Description.of("booking.basket.pending"))


def _counts(basket: Basket, reglement: Reglement) -> Iterator[Description]:
    for action, code in _COUNTED.items():
        for product, count in basket.count(action).items():
            yield Description.of(code, count=count, product=reglement.product(product).name)
