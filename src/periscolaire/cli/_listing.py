"""Lists that commands show: the same rows on a screen or, for a script, in JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from rich.text import Text

from periscolaire import i18n
from periscolaire.cli._desk import titled
from periscolaire.cli._output import console, emit_json
from periscolaire.cli._show import table
from periscolaire.money import Money

__all__ = ["show_rows"]


def show_rows(as_json: bool, title: str, rows: Sequence[Mapping[str, object]], nothing: str) -> None:
    """``rows`` under ``title``, or ``nothing`` to be said; every row has the same headings."""
    if as_json:
        emit_json(rows)
        return
    if not rows:
        console().print(nothing)
        return
    amounts = [heading.replace("_", " ") for heading, value in rows[0].items() if isinstance(value, Money)]
    made = table("", *(heading.replace("_", " ").replace("qu au", "qu'au") for heading in rows[0]), right=amounts)
    cells = [[_text(value) for value in row.values()] for row in rows]
    for row in cells:
        made.add_row(*map(Text, row))
    for column, texts in zip(made.columns, zip(*cells, strict=True), strict=True):
        column.no_wrap = not any(" " in text for text in texts)  # a code that is cut in two cannot be copied
    made.title = None
    titled(console(), title, made)


def _text(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return "oui" if value else "non"
        case Money():
            return i18n.amount(value)
        case dt.datetime():
            return f"{value:%d/%m/%Y %H:%M}"
        case dt.date():
            return f"{value:%d/%m/%Y}"
        case tuple() | list():
            return ", ".join(map(_text, value))
        case _:
            return str(value)
