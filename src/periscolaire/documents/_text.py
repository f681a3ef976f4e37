"""A document as the plain text of a mail: the same words, in lines that any mail program shows."""

from __future__ import annotations

import textwrap
from functools import singledispatch

from periscolaire.documents._model import (
    Block,
    Document,
    Heading,
    Notice,
    Numbered,
    Pairs,
    Paragraph,
    Signatures,
    Sums,
    Table,
)
from periscolaire.documents._typeset import typeset

__all__ = ["as_text"]

#: RFC 5322, 2.1.1: lines should be no longer than 78 characters.
_WIDTH = 76
#: Stands for the colon after a label until the language of the document says how it is written.
_COLON = "\N{INFORMATION SEPARATOR ONE}" * 2 + " "


def as_text(document: Document) -> str:
    """The words of the document from its first block on, then who writes; no line is wider than 78 characters.

    The title is not in it: it is the subject of the mail.
    """
    document = typeset(document)
    parts = [part for block in document.blocks if (part := _block(block))]
    head = document.issuer
    signed = [head.commune, head.service, *head.lines, head.telephone, head.email, head.hours]
    parts.append("\n".join(("-- ", *(one for one in signed if one))))
    colon = "\N{NO-BREAK SPACE}: " if document.language == "fr" else ": "
    return "\n\n".join(parts).replace(_COLON, colon) + "\n"


def _wrapped(text: str, indent: str = "") -> str:
    return textwrap.fill(
        text, _WIDTH, initial_indent=indent, subsequent_indent=" " * len(indent), break_long_words=False,
        break_on_hyphens=False,
    )  # fmt: skip


@singledispatch
def _block(block: Block) -> str:
    raise AssertionError(block)


@_block.register
def _heading(block: Heading) -> str:
    return block.text.upper()


@_block.register
def _paragraph(block: Paragraph) -> str:
    return _wrapped(block.text)


@_block.register(Pairs)
@_block.register(Sums)
def _pairs(block: Pairs | Sums) -> str:
    return "\n".join(f"{label}{_COLON}{value}" for label, value in block.pairs)


@_block.register
def _table(block: Table) -> str:
    lines = []
    for row in block.rows:
        cells = [", ".join(filter(None, cell)) for cell in row.cells]
        if row.kind == "row":
            rest = [f"{name}{_COLON}{cell}" for name, cell in zip(block.headings[1:], cells[1:], strict=True) if cell]
            cells = [cells[0], *rest]
        lines.append(_wrapped(" – ".join(filter(None, cells)), "- " if row.kind == "row" else ""))
    return "\n".join(lines)


@_block.register
def _notice(block: Notice) -> str:
    title = [block.title.upper()] if block.title else []
    return "\n".join((*title, *(_wrapped(text) for text in block.paragraphs)))


@_block.register
def _numbered(block: Numbered) -> str:
    return "\n".join(_wrapped(f"{label}{_COLON}{text}", "- ") for label, text in block.items)


@_block.register
def _signatures(block: Signatures) -> str:
    return ""
