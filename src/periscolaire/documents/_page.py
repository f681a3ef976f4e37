"""The frame of every printed page: one self-contained HTML text, made for A4 and for screen readers."""

from __future__ import annotations

from html import escape
from importlib import resources

from periscolaire.documents._sheet import Letterhead

__all__ = ["banner", "esc", "page"]


def esc(text: object) -> str:
    """``text`` as HTML holds it: whatever came from outside stays text."""
    return escape(str(text), quote=True)


def page(title: str, body: str, *, language: str = "fr", wide: bool = False) -> str:
    """A whole document around ``body``, which is HTML already; ``wide`` turns the sheet."""
    style = (resources.files("periscolaire.documents") / "page.css").read_text(encoding="utf-8")
    turned = ' class="wide"' if wide else ""
    return (
        f'<!DOCTYPE html>\n<html lang="{esc(language)}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{esc(title)}</title>\n<style>\n{style}</style>\n</head>\n<body{turned}>\n{body}</body>\n</html>\n"
    )


def banner(letterhead: Letterhead) -> str:
    """The head of a page: who issues it."""
    lines = [f"<strong>{esc(letterhead.commune)}</strong>", *map(esc, filter(None, (letterhead.service,)))]
    lines += [esc(line) for line in letterhead.lines]
    lines += [esc(one) for one in (letterhead.telephone, letterhead.email) if one]
    return "<header>\n<address>" + "<br>\n".join(lines) + "</address>\n</header>\n"
