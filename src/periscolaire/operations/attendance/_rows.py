"""From the rows of attendance files (door lists, proofs, tablets) to facts: every fault with its file and line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.access import Actor
from periscolaire.attendance import Presence, Proof, ProofState
from periscolaire.booking import SlotKey
from periscolaire.clock import utc
from periscolaire.errors import BadFileError, NotFoundError, PeriscolaireError, Problem
from periscolaire.files import AttendanceRow, ProofRow, TouchRow
from periscolaire.i18n import text
from periscolaire.ids import FactId
from periscolaire.operations.booking._requests import Homes
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglements

__all__ = ["check_touches", "presences_of_rows", "proofs_of_rows"]


class _Faults:
    """The faults of one file, told all together."""

    def __init__(self, file: str, uow: UnitOfWork, reglements: Reglements, now: dt.datetime) -> None:
        self.file, self.reglements, self.now = file, reglements, now
        self.calendar = reglements.versions[-1].calendar
        self._homes = Homes(uow)
        self._problems: list[Problem] = []

    def tell(self, line: int, column: str, found: str, expected: str) -> None:
        self._problems.append(Problem(self.file, f"ligne {line}, colonne {column}", found, expected))

    def check_slot(self, line: int, slot: SlotKey, day_column: str) -> bool:
        """The child is of a household of the commune that day, and the service is one of the règlement of that day."""
        known = True
        for column, ask, expected in (
            ("enfant", lambda: self._homes.of_slot(slot), "un enfant d'un foyer de la commune ce jour-là"),
            (day_column, lambda: self.reglements.on(slot.day), "un jour où un règlement est en vigueur"),
            ("produit", lambda: self.reglements.on(slot.day).product(slot.product), "un service de ce règlement"),
        ):
            try:
                ask()
            except NotFoundError as error:
                known = False
                self.tell(line, column, _words(error), expected)
                if column == day_column:
                    break
        return known

    def check_past(self, line: int, column: str, at: dt.datetime) -> None:
        if utc(at) > utc(self.now):
            local = self.calendar.local(at)
            expected = f"un instant passé (il est {self.calendar.local(self.now):%Y-%m-%d %H:%M})"
            self.tell(line, column, f"{local:%Y-%m-%d %H:%M}", expected)

    def done(self) -> None:
        if self._problems:
            raise BadFileError(self._problems)


def _words(error: PeriscolaireError) -> str:
    return text(error, "fr").rstrip(".")


def presences_of_rows(
    rows: Iterable[AttendanceRow],
    uow: UnitOfWork,
    reglements: Reglements,
    *,
    actor: Actor,
    now: dt.datetime,
    make_id: Callable[[], str],
    file: str = "pointages.csv",
) -> tuple[Presence, ...]:
    """The presences that a file of door lists says.

    :raises BadFileError: a child who is elsewhere, a day to come, times that cannot be: every fault, with its line.
    """
    faults = _Faults(file, uow, reglements, now)
    tz, today = faults.calendar.tz, faults.calendar.today(now)
    made = []
    for row in rows:
        at = now if row.at is None else row.at.at(tz)
        slot = SlotKey(row.child, row.product, row.day, row.slot)
        known = faults.check_slot(row.line, slot, "jour")
        faults.check_past(row.line, "pointe_le", at)
        if row.day > today:
            faults.tell(row.line, "jour", row.day.isoformat(), f"un jour passé (on est le {today.isoformat()})")
        if row.arrival is not None and row.departure is not None and row.departure < row.arrival:
            faults.tell(
                row.line, "depart", f"{row.departure:%H:%M}", f"une heure après l'arrivée ({row.arrival:%H:%M})"
            )
        elif not row.present and (row.arrival or row.departure or row.slot_used):
            faults.tell(row.line, "present", "non, avec des heures ou un créneau", "« oui », ou rien de cela")
        elif known:
            made.append(
                Presence(
                    FactId(make_id()), slot, row.present, at, actor.label, row.arrival, row.departure, row.slot_used,
                    row.served,
                )
            )  # fmt: skip
    faults.done()
    return tuple(made)


def proofs_of_rows(
    rows: Iterable[ProofRow],
    uow: UnitOfWork,
    reglements: Reglements,
    *,
    actor: Actor,
    now: dt.datetime,
    make_id: Callable[[], str],
    file: str = "justificatifs.csv",
) -> tuple[Proof, ...]:
    """The documents that a file says.

    :raises BadFileError: received after now, or a span that ends before it begins: every fault, with its line.
    """
    faults = _Faults(file, uow, reglements, now)
    made = []
    for row in rows:
        received = row.received_at.at(faults.calendar.tz)
        faults.check_past(row.line, "recu_le", received)
        if row.last_day < row.first_day:
            faults.tell(row.line, "au", row.last_day.isoformat(), f"un jour à partir du {row.first_day.isoformat()}")
            continue
        made.append(
            Proof(
                FactId(make_id()), row.child, row.first_day, row.last_day, row.kind, ProofState(row.state), received,
                actor.label, now, row.motive,
            )
        )  # fmt: skip
    faults.done()
    return tuple(made)


def check_touches(
    rows: Iterable[TouchRow], uow: UnitOfWork, reglements: Reglements, *, now: dt.datetime, file: str
) -> None:
    """The log of a tablet can be read: its children, its services, its clock.

    Touches come in any order; but those that bear the ``rang`` of their tablet's counter must not go back in time as
    it grows: the clock of that tablet was set back, and nobody can tell any more when anybody came.

    :raises BadFileError: every fault, with its line.
    """
    faults = _Faults(file, uow, reglements, now)
    newest: dict[str, tuple[int, dt.datetime]] = {}
    for row in sorted(rows, key=lambda row: (row.tablet, row.rank or 0, row.line)):
        at = row.at.at(faults.calendar.tz)
        day = faults.calendar.local(at).date()
        faults.check_slot(row.line, SlotKey(row.child, row.product, day, row.slot), "instant")
        faults.check_past(row.line, "instant", at)
        if row.rank is None:
            continue
        rank, before = newest.get(row.tablet, (row.rank, at))
        if at < before:
            clock = f"{faults.calendar.local(before):%Y-%m-%d %H:%M:%S}"
            found = f"{faults.calendar.local(at):%Y-%m-%d %H:%M:%S}, au rang {row.rank}"
            faults.tell(row.line, "instant", found, f"{clock} ou après (rang {rank}) : l'horloge a reculé")
        newest[row.tablet] = max(newest.get(row.tablet, (row.rank, at)), (row.rank, at))
    faults.done()
