"""The first schema (format 1). Never edited once released: a later form is a migration of its own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

JOURNALS = (
    "dated_facts", "amendments", "custodies", "documents", "consents", "decisions", "booking_changes", "kitchen_orders",
    "presences", "absence_notices", "proofs", "suspensions", "closures", "anomalies", "appeals", "incidents",
    "penalty_decisions",
    "kind_entries", "online_events", "deposit_slips", "cash_moves", "desk_closings", "rejections", "refunds",
    "write_offs", "allocations", "openings", "reminders", "reprises", "finished_runs", "read_marks", "audit",
)  # fmt: skip
RECORDS = (
    "households", "children", "registrations", "booking_receipts", "wishes", "invoices", "payments",
    "online_payments", "quittances", "payment_plans", "disputes", "accounts", "invitations", "activations",
    "tokens", "try_counters", "news", "requests",
    "contact_pages",
    "issuers",
)  # fmt: skip

TEXT = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
SEQUENCE = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, TEXT, nullable=null)


def _whole(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer(), nullable=null)


def upgrade() -> None:
    op.create_table("store", _whole("format"), _text("created_at"))
    op.create_table(
        "reglement",
        _text("version"),
        _text("commune"),
        _text("text"),
        _text("digest"),
        _text("first_day"),
        _text("last_day", null=True),
        _text("published_at"),
        _text("author"),
        sa.PrimaryKeyConstraint("version", name="pk_reglement"),
    )
    for name in JOURNALS:
        op.create_table(
            name,
            sa.Column("seq", SEQUENCE, autoincrement=True, nullable=False),
            _text("id", null=True),
            _text("owner"),
            _text("first_day", null=True),
            _text("last_day", null=True),
            _text("body"),
            sa.PrimaryKeyConstraint("seq", name=f"pk_{name}"),
            sa.UniqueConstraint("id", name=f"uq_{name}_id"),
        )
        op.create_index(f"ix_{name}_owner", name, ["owner", "seq"])
    for name in RECORDS:
        op.create_table(
            name,
            _text("id"),
            _whole("version"),
            _text("body"),
            sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        )
    op.create_table(
        "ownership",
        _text("kind"),
        _text("owner"),
        _text("id"),
        sa.PrimaryKeyConstraint("kind", "owner", "id", name="pk_ownership"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "reservation",
        _text("child"),
        _text("day"),
        _text("product"),
        _text("slot"),
        _text("household"),
        _text("state"),
        _whole("version"),
        _text("body"),
        sa.PrimaryKeyConstraint("child", "day", "product", "slot", name="pk_reservation"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_reservation_day", "reservation", ["day", "product"])
    op.create_table(
        "consumption",
        _text("child"),
        _text("day"),
        _text("product"),
        _text("slot"),
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
        sa.PrimaryKeyConstraint("child", "day", "product", "slot", name="pk_consumption"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_consumption_household", "consumption", ["household", "day"])
    op.create_table(
        "place",
        _text("pool"),
        _whole("maximum"),
        _whole("taken"),
        sa.PrimaryKeyConstraint("pool", name="pk_place"),
        sa.CheckConstraint("taken >= 0", name="ck_place_taken"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "number",
        _text("series"),
        sa.Column("fiscal_year", sa.Integer(), autoincrement=False, nullable=False),
        _whole("last"),
        sa.PrimaryKeyConstraint("series", "fiscal_year", name="pk_number"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "idempotency",
        _text("key"),
        _text("content"),
        _text("result"),
        _text("at"),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency"),
    )
