"""Alembic's entry point; the connection comes from :func:`periscolaire.storage.sql._migrate.migrate`."""

from __future__ import annotations

from alembic import context

from periscolaire.storage.sql._schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    # SQLite cannot alter most things in place: later migrations rebuild a table instead.
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
