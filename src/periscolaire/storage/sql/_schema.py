"""The tables, for SQLAlchemy: one for each journal and set of records, and the few that need columns of their own.

Days are ISO texts and instants UTC texts of a fixed width, on every database: they sort as they should, a person can
read them, and nothing is lost on the way. Texts sort by code point, as Python sorts them.
"""

from __future__ import annotations

import sqlalchemy as sa

from periscolaire.ports import JOURNALS, RECORDS
from periscolaire.storage.sql._rows import KEY

__all__ = [
    "CONSUMPTION",
    "FORMAT",
    "IDEMPOTENCY",
    "JOURNAL_TABLES",
    "METADATA",
    "NUMBER",
    "OWNERSHIP",
    "PLACE",
    "RECORD_TABLES",
    "REGLEMENT",
    "RESERVATION",
    "STORE",
]

#: The version of the schema that this release writes; each migration raises it.
FORMAT = 1

METADATA = sa.MetaData(naming_convention={"pk": "pk_%(table_name)s", "uq": "uq_%(table_name)s_%(column_0_N_name)s"})
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
#: 64 bits everywhere; on SQLite the type must be spelled INTEGER to number rows by itself.
Sequence = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, null: bool = False, primary_key: bool = False) -> sa.Column[str]:
    return sa.Column(name, Text, nullable=null, primary_key=primary_key)


def _whole(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null)


STORE = sa.Table("store", METADATA, _whole("format"), _text("created_at"))

REGLEMENT = sa.Table(
    "reglement",
    METADATA,
    _text("version", primary_key=True),
    _text("commune"),
    _text("text"),
    _text("digest"),
    _text("first_day"),
    _text("last_day", null=True),
    _text("published_at"),
    _text("author"),
)


def _journal(name: str) -> sa.Table:
    return sa.Table(
        name,
        METADATA,
        sa.Column("seq", Sequence, primary_key=True, autoincrement=True),
        sa.Column("id", Text, nullable=True, unique=True),
        _text("owner"),
        _text("first_day", null=True),
        _text("last_day", null=True),
        _text("body"),
        sa.Index(f"ix_{name}_owner", "owner", "seq"),
    )


def _records(name: str) -> sa.Table:
    return sa.Table(name, METADATA, _text("id", primary_key=True), _whole("version"), _text("body"))


JOURNAL_TABLES = {name: _journal(name) for name in JOURNALS}
RECORD_TABLES = {name: _records(name) for name in RECORDS}

#: Which records belong to whom: a child is of two households, an account of several.
OWNERSHIP = sa.Table(
    "ownership",
    METADATA,
    _text("kind", primary_key=True),
    _text("owner", primary_key=True),
    _text("id", primary_key=True),
    sqlite_with_rowid=False,
)

RESERVATION = sa.Table(
    "reservation",
    METADATA,
    *(_text(name, primary_key=True) for name in KEY),
    _text("household"),
    _text("state"),
    _whole("version"),
    _text("body"),
    sa.Index("ix_reservation_day", "day", "product"),
    sqlite_with_rowid=False,
)

CONSUMPTION = sa.Table(
    "consumption",
    METADATA,
    *(_text(name, primary_key=True) for name in KEY),
    _text("household"),
    _text("outcome"),
    _text("booked"),
    _text("seen"),
    _text("service"),
    _text("notice"),
    _text("proof"),
    _text("mode", null=True),
    _whole("tier", null=True),
    _text("effect", null=True),
    _text("counter", null=True),
    _whole("held"),
    _text("order_id", null=True),
    _whole("order_rank", null=True),
    _text("arrival", null=True),
    _text("departure", null=True),
    _text("slot_used", null=True),
    _text("served", null=True),
    _text("motive", null=True),
    _text("told_at", null=True),
    _whole("refund_requested"),
    _text("proof_kind", null=True),
    _text("proof_received_at", null=True),
    _text("facts", null=True),
    # Billing streams a month household after household.
    sa.Index("ix_consumption_household", "household", "day"),
    sqlite_with_rowid=False,
)

PLACE = sa.Table(
    "place",
    METADATA,
    _text("pool", primary_key=True),
    _whole("maximum"),
    _whole("taken"),
    sa.CheckConstraint("taken >= 0", name="ck_place_taken"),
    sqlite_with_rowid=False,
)

NUMBER = sa.Table(
    "number",
    METADATA,
    _text("series", primary_key=True),
    sa.Column("fiscal_year", sa.Integer, primary_key=True, autoincrement=False),
    _whole("last"),
    sqlite_with_rowid=False,
)

IDEMPOTENCY = sa.Table(
    "idempotency",
    METADATA,
    _text("key", primary_key=True),
    _text("content"),
    _text("result"),
    _text("at"),
)
