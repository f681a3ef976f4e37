"""The little HTML that pages need: everything that is put in a page is escaped unless it is HTML already."""

from __future__ import annotations

import html
from collections.abc import Iterable

__all__ = ["Html", "element", "page"]


class Html(str):
    """Text that is HTML: safe to put in a page as it is. Only this module makes some."""

    __slots__ = ()


def _safe(part: str) -> str:
    return part if isinstance(part, Html) else html.escape(part, quote=True)


def element(name: str, *inside: str | Iterable[str], **attributes: str | None) -> Html:
    """``<name attributes>inside</name>``; ``class_`` is ``class``, ``None`` left out."""
    parts = "".join(_safe(each) for part in inside for each in ((part,) if isinstance(part, str) else part))
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_safe(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return Html(f"<{name}{said}>{parts}</{name}>")


def page(title: str, style: str, body: Iterable[str], language: str, *, class_: str | None = None) -> str:
    """A whole page that needs nothing else: no script, no font, no address. ``style`` is ours, never a caller's."""
    viewport = Html('<meta name="viewport" content="width=device-width, initial-scale=1">')
    head = element(
        "head", Html('<meta charset="utf-8">'), viewport, element("title", title), Html(f"<style>{style}</style>")
    )
    return f"<!doctype html>\n{element('html', head, element('body', body, class_=class_), lang=language)}\n"
