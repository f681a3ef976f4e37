"""What operations need of the world: repositories in a unit of work, time, identifiers, mail, hashes, bytes.

An adopter with a database of their own derives from :class:`UnitOfWork`, supplies a :class:`Backend` and a
:class:`Store`, and runs the conformance suite of :mod:`periscolaire.testing.storage` against them.
"""

from periscolaire.ports._decisions import RecordedDecision
from periscolaire.ports._kinds import JournalKind, RecordKind, Span, stamped
from periscolaire.ports._repositories import (
    Consumptions,
    Invoices,
    Journal,
    Keys,
    Numbers,
    Places,
    PublishedReglement,
    Records,
    Reglements,
    Reservations,
    Stored,
    WrittenInvoice,
)
from periscolaire.ports._unit import JOURNALS, RECORDS, Backend, Repositories, Store, UnitOfWork
from periscolaire.ports._world import (
    BlobStore,
    Clock,
    FixedClock,
    Hasher,
    Mail,
    Mailer,
    SystemClock,
    new_id,
    new_secret,
)

__all__ = [
    "JOURNALS",
    "RECORDS",
    "Backend",
    "BlobStore",
    "Clock",
    "Consumptions",
    "FixedClock",
    "Hasher",
    "Invoices",
    "Journal",
    "JournalKind",
    "Keys",
    "Mail",
    "Mailer",
    "Numbers",
    "Places",
    "PublishedReglement",
    "RecordKind",
    "RecordedDecision",
    "Records",
    "Reglements",
    "Repositories",
    "Reservations",
    "Span",
    "Store",
    "Stored",
    "SystemClock",
    "UnitOfWork",
    "WrittenInvoice",
    "new_id",
    "new_secret",
    "stamped",
]
