"""The log of a tablet at the door: one line a touch, sent late, in pieces, and more than once."""

from __future__ import annotations

import attrs

from periscolaire.files.tables._csv import Column, CsvTable
from periscolaire.files.tables._layouts import (
    CHILD_COLUMN,
    INSTANT,
    PRODUCT_COLUMN,
    TEXT,
    WHOLE,
    LocalTime,
    one_of,
    optional,
)
from periscolaire.ids import ChildId, ProductCode

__all__ = ["TABLET_LOG", "TOUCHES", "TouchRow"]

#: What a touch says: the child comes, goes, was looked for in vain, or the touch before it was a mistake.
TOUCHES = ("arrivée", "départ", "absent", "annulé")


@attrs.frozen
class TouchRow:
    """One touch on a tablet; ``touch`` is its own number, by which it counts once.

    ``rank`` is what the tablet counts touches with: it grows even where its clock goes back.
    """

    line: int
    touch: str
    at: LocalTime
    child: ChildId
    product: ProductCode
    event: str
    slot: str = ""
    tablet: str = ""
    rank: int | None = None


TABLET_LOG = CsvTable(
    "tablette",
    "une touche sur la tablette de pointage : le journal peut arriver en retard, par morceaux, plusieurs fois",
    TouchRow,
    (
        Column("touche", "touch", TEXT, "numéro de la touche, unique : elle ne compte qu'une fois"),
        Column("instant", "at", INSTANT, "quand l'agent a touché l'écran"),
        CHILD_COLUMN,
        PRODUCT_COLUMN,
        Column("evenement", "event", one_of(*TOUCHES), "ce que la touche dit ; « annulé » reprend ce qui précède"),
        optional("creneau", "slot", TEXT, "créneau, si le produit en a plusieurs le même jour"),
        optional("tablette", "tablet", TEXT, "le nom de la tablette, s'il y en a plusieurs"),
        optional("rang", "rank", WHOLE, "compteur de la tablette, croissant : il dit si son horloge a reculé"),
    ),
    unique=("touche",),
)
