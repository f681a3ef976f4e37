"""Every repository over one open connection."""

from __future__ import annotations

from typing import Any

from periscolaire.ports import RECORDS, JournalKind, RecordKind
from periscolaire.storage.sql._counters import SqlKeys, SqlNumbers, SqlPlaces
from periscolaire.storage.sql._journals import SqlJournal
from periscolaire.storage.sql._records import SqlInvoices, SqlRecords
from periscolaire.storage.sql._reglements import SqlReglements
from periscolaire.storage.sql._session import Session
from periscolaire.storage.sql._slots import SqlConsumptions, SqlReservations

__all__ = ["SqlBackend"]


class SqlBackend:
    """The shapes of repositories over one open connection."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.reglements = SqlReglements(session)
        self.reservations = SqlReservations(session)
        self.consumptions = SqlConsumptions(session)
        self.invoices = SqlInvoices(session, RECORDS["invoices"])
        self.places = SqlPlaces(session)
        self.numbers = SqlNumbers(session)
        self.keys = SqlKeys(session)

    def journal(self, kind: JournalKind[Any]) -> Any:
        return SqlJournal(self._session, kind)

    def records(self, kind: RecordKind[Any]) -> Any:
        return SqlRecords(self._session, kind)
