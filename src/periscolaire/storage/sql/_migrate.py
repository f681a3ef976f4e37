"""Runs the packaged Alembic migrations on an engine, in one transaction."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

__all__ = ["migrate"]


def migrate(engine: sa.Engine) -> None:
    """Bring the schema to its newest form, from nothing or from an older one."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
