"""The door list as a spreadsheet: written for whoever stands at the door, read back once it is filled in."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.booking import DOOR_HEADINGS
from periscolaire.files.tables._csv import Column, CsvTable
from periscolaire.files.tables._layouts import CHILD_COLUMN, DAY, PRODUCT_COLUMN, TEXT, TIME, YES_NO, optional
from periscolaire.ids import ChildId, ProductCode

__all__ = ["DOOR_SHEET", "DoorSheetRow"]


@attrs.frozen
class DoorSheetRow:
    """One child of the sheet; ``present`` is ``None`` where nothing is filled in."""

    line: int
    day: dt.date
    product: ProductCode
    child: ChildId
    slot: str = ""
    present: bool | None = None
    arrival: dt.time | None = None
    departure: dt.time | None = None


_READ = {
    "jour": Column("jour", "day", DAY, "jour du service"),
    "produit": PRODUCT_COLUMN,
    "enfant": CHILD_COLUMN,
    "créneau": optional("créneau", "slot", TEXT, "créneau, si le produit en a plusieurs le même jour"),
    "présent": optional("présent", "present", YES_NO, "l'enfant était là ; rien : pas encore pointé"),
    "arrivée": optional("arrivée", "arrival", TIME, "heure d'arrivée"),
    "départ": optional("départ", "departure", TIME, "heure de départ"),
}
DOOR_SHEET = CsvTable(
    "feuille",
    "une feuille de pointage (`door-list --csv`), remplie : un enfant, un service, un jour",
    DoorSheetRow,
    tuple(_READ[heading] for heading in DOOR_HEADINGS if heading in _READ),
    unique=("enfant", "produit", "jour", "créneau"),
    beside=tuple(heading for heading in DOOR_HEADINGS if heading not in _READ),
)
