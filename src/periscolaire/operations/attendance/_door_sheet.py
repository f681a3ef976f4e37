"""Use case of a door list filled in with a spreadsheet: the lists of its services and days, checked at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.access import Actor
from periscolaire.attendance import Presence
from periscolaire.files import AttendanceRow, DoorSheetRow
from periscolaire.ids import Key, ProductCode
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations.attendance._door import DoorLine, DoorList, check_door_list
from periscolaire.operations.attendance._rows import presences_of_rows
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["check_door_sheet"]


def check_door_sheet(
    rows: Iterable[DoorSheetRow],
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    complete: bool = False,
    key: Key | None = None,
    file: str = "feuille.csv",
    make_id: Callable[[], str] = new_id,
) -> tuple[Presence, ...]:
    """Record what a sheet says, list by list (:func:`check_door_list`); the presences recorded. Does not commit.

    Who came or left at some hour was there. A child with nothing filled in stays unchecked, or is absent when the sheet
    is ``complete``.

    :raises BadFileError: a child who is elsewhere, a day to come, times that cannot be: every fault, with its line.
    :raises AccessDeniedError: the actor may not check these children.
    :raises ConflictError: the clock has gone back since a former check.
    """
    doors: dict[tuple[ProductCode, dt.date], list[DoorLine]] = {}
    said = []
    for row in rows:
        lines = doors.setdefault((row.product, row.day), [])
        present = True if row.present is None and (row.arrival or row.departure) else row.present
        if present is not None:
            lines.append(DoorLine(row.child, present, row.arrival, row.departure, row.slot))
            said.append(
                AttendanceRow(
                    row.line, row.child, row.product, row.day, present, row.arrival, row.departure, row.slot
                )
            )  # fmt: skip
    presences_of_rows(said, uow, published_reglements(uow), actor=actor, now=now, make_id=make_id, file=file)
    made: list[Presence] = []
    for (product, day), lines in sorted(doors.items()):
        if lines or complete:
            made += check_door_list(
                DoorList(product, day, tuple(lines), complete), uow, actor=actor, now=now, make_id=make_id,
                key=None if key is None else Key(f"{key}/{product}/{day}"),
            )  # fmt: skip
    return tuple(made)
