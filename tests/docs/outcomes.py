"""The table of outcomes as the documentation shows it."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

from periscolaire.attendance import OUTCOME_ROWS

COLUMNS = ("réservation", "pointage", "service", "absence", "preuve", "issue")


def table() -> str:
    """One line a row of the table, in its order."""
    return "\n".join(lines())


def lines() -> Iterator[str]:
    yield "| " + " | ".join(COLUMNS) + " |"
    yield "| " + " | ".join("---" for _ in COLUMNS) + " |"
    for row in OUTCOME_ROWS:
        cells = [words(allowed) for allowed in (row.booked, row.seen, row.service, row.notice, row.proof)]
        yield "| " + " | ".join([*cells, f"**{row.outcome.value}**"]) + " |"


def words(allowed: Iterable[enum.Enum] | None) -> str:
    if allowed is None:
        return "–"
    held = set(allowed)
    kind = type(next(iter(held)))
    return " ou ".join(str(member.value) for member in kind if member in held)
