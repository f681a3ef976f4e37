"""A document as one self-contained HTML page, made for A4 and for screen readers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import singledispatch
from importlib import resources

from periscolaire.documents._html import Html, element, page
from periscolaire.documents._model import (
    Block,
    Document,
    Heading,
    Notice,
    Numbered,
    Pairs,
    Paragraph,
    Row,
    Signatures,
    Sums,
    Table,
)
from periscolaire.documents._typeset import typeset

__all__ = ["as_html"]

_BREAK = Html("<br>\n")


def as_html(document: Document) -> str:
    """The whole page, in the language of the document; it calls nothing from outside."""
    document = typeset(document)
    head = document.issuer
    issuer = [element("strong", head.commune), head.service, *head.lines, head.telephone, head.email, head.hours]
    body: list[str] = [element("header", element("address", *_lines(one for one in issuer if one)))]
    inside: list[str] = []
    if document.addressee is not None:
        named = (document.addressee.name, *document.addressee.lines)
        inside.append(element("address", *_lines(named), class_="addressee"))
    inside.append(element("h1", document.title))
    if document.subtitle:
        inside.append(element("p", document.subtitle, class_="subtitle"))
    for block in document.blocks:
        inside.append(Html("\n"))
        inside.append(_block(block))
    body += ["\n", element("main", *inside), "\n"]
    style = (resources.files("periscolaire.documents") / "page.css").read_text(encoding="utf-8")
    title = f"{document.title} – {head.commune}"
    return page(title, style, body, document.language, class_="wide" if document.wide else None)


def _lines(parts: Iterable[str]) -> list[str]:
    found: list[str] = []
    for part in parts:
        found += [_BREAK, part] if found else [part]
    return found


@singledispatch
def _block(block: Block) -> Html:
    raise AssertionError(block)


@_block.register
def _heading(block: Heading) -> Html:
    return element("h2", block.text)


@_block.register
def _paragraph(block: Paragraph) -> Html:
    return element("p", block.text, class_="small" if block.small else None)


@_block.register
def _pairs(block: Pairs) -> Html:
    return element(
        "dl", *(part for label, value in block.pairs for part in (element("dt", label), element("dd", value)))
    )


@_block.register
def _table(block: Table) -> Html:
    head = element(
        "tr",
        *(
            element("th", heading, scope="col", class_="number" if number else None)
            for heading, number in zip(block.headings, block.numbers, strict=True)
        ),
    )
    parts: list[Html] = [element("caption", block.caption)] if block.caption else []
    parts += [Html("\n"), element("thead", head)]
    for rows in _bodies(block.rows):
        name = "tfoot" if rows[0].kind == "total" else "tbody"
        written = [part for row in rows for part in (Html("\n"), _row(row, block))]
        parts += [Html("\n"), element(name, *written, Html("\n"))]
    return element("table", *parts)


def _bodies(rows: Sequence[Row]) -> list[list[Row]]:
    """Rows by table body: a group begins one, totals are the foot."""
    bodies: list[list[Row]] = []
    for row in rows:
        if not bodies or row.kind == "group" or (row.kind == "total") != (bodies[-1][0].kind == "total"):
            bodies.append([])
        bodies[-1].append(row)
    return bodies


def _row(row: Row, table: Table) -> Html:
    classes = ["number" if number else None for number in table.numbers]
    cells = [list(_lines(cell)) for cell in row.cells]
    if row.kind == "group":
        name = element("th", *cells[0], scope="rowgroup", colspan=str(len(table.headings) - 1))
        return element("tr", name, element("td", *cells[-1], class_=classes[-1]), class_="group")
    if row.link:
        cells[0] = [element("a", *cells[0], href=f"#{row.link}")]
    first = element("th", *cells[0], scope="row", class_=classes[0])
    return element(
        "tr", first, *(element("td", *cell, class_=style) for cell, style in zip(cells[1:], classes[1:], strict=True))
    )


@_block.register
def _sums(block: Sums) -> Html:
    rows = [
        element("tr", element("th", label, scope="row"), element("td", value, class_="number"))
        for label, value in block.pairs
    ]
    return element("table", element("tbody", *rows), class_="sums")


@_block.register
def _notice(block: Notice) -> Html:
    title = [element("h2", block.title)] if block.title else []
    return element("section", *title, *(element("p", text) for text in block.paragraphs), class_="notice")


@_block.register
def _numbered(block: Numbered) -> Html:
    anchors = block.anchors or tuple(() for _ in block.items)
    parts: list[Html] = []
    for (label, text), names in zip(block.items, anchors, strict=True):
        marks = [element("span", id=name) for name in names]
        parts += [element("dt", *marks, label), element("dd", text)]
    return element("dl", *parts, class_="why")


@_block.register
def _signatures(block: Signatures) -> Html:
    return element("div", *(element("p", name) for name in block.names), class_="sign")
