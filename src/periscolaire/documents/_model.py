"""What a printed document is, before any form: a head, an addressee, and blocks of words in order.

Each document of the commune is one function that makes a :class:`Document`; the HTML page, the PDF and the text of a
mail are three forms of it. So all of them look alike, and none says more than another.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

import attrs

from periscolaire import i18n
from periscolaire.billing import Issuer
from periscolaire.money import Amount, Currency, Money
from periscolaire.reasons import Description, Parameter

__all__ = [
    "Addressee",
    "Block",
    "Document",
    "Heading",
    "Notice",
    "Numbered",
    "Pairs",
    "Paragraph",
    "Row",
    "Signatures",
    "Sums",
    "Table",
    "Words",
]


@attrs.frozen
class Addressee:
    """To whom a document is addressed: a name, and the lines of the address."""

    name: str
    lines: tuple[str, ...] = ()


@attrs.frozen
class Heading:
    """The title of a part."""

    text: str


@attrs.frozen
class Paragraph:
    """A paragraph; ``small`` is for what is read once."""

    text: str
    small: bool = False


@attrs.frozen
class Pairs:
    """Label and value pairs: number, date, due date."""

    pairs: tuple[tuple[str, str], ...]


@attrs.frozen
class Row:
    """A row of a table: cells, each one or several lines. ``kind`` is ``row``, ``group`` (a heading of rows: its first
    cell goes over all but the last) or ``total``; ``link`` is where its first cell leads inside the page."""

    cells: tuple[tuple[str, ...], ...]
    kind: str = "row"
    link: str = ""


@attrs.frozen
class Table:
    """A table: headings, which columns hold numbers, how wide each is (parts of what numbers leave), its rows."""

    headings: tuple[str, ...]
    numbers: tuple[bool, ...]
    widths: tuple[int, ...]
    rows: tuple[Row, ...]
    caption: str = ""


@attrs.frozen
class Sums:
    """Sums to the right, the last one the main one."""

    pairs: tuple[tuple[str, str], ...]


@attrs.frozen
class Notice:
    """A frame that must be seen: how to pay, until when."""

    paragraphs: tuple[str, ...]
    title: str = ""


@attrs.frozen
class Numbered:
    """Explanations, each under what it is about (« Lignes 2, 3 et 5 »), with the names that links lead to."""

    items: tuple[tuple[str, str], ...]
    anchors: tuple[tuple[str, ...], ...] = ()


@attrs.frozen
class Signatures:
    """Where people sign."""

    names: tuple[str, ...]


Block: TypeAlias = Heading | Paragraph | Pairs | Table | Sums | Notice | Numbered | Signatures


@attrs.frozen
class Document:
    """A whole document, in one language. ``day`` is the day it bears; ``wide`` turns the sheet."""

    language: str
    title: str
    issuer: Issuer
    day: dt.date
    blocks: tuple[Block, ...]
    addressee: Addressee | None = None
    subtitle: str = ""
    wide: bool = False


@attrs.frozen
class Words:
    """The texts of documents in one language, and values as its people write them."""

    language: str
    prefix: str = "document"

    def __call__(self, code: str, /, **parameters: Parameter) -> str:
        return i18n.text(Description(f"{self.prefix}.{code}", parameters), self.language)

    def text(self, description: Description) -> str:
        """A description in words."""
        return i18n.text(description, self.language)

    def day(self, day: dt.date) -> str:
        """``03/11/2025``."""
        return i18n.write(day, self.language, "short")

    def number(self, number: int) -> str:
        """A number of things."""
        return i18n.write(number, self.language)

    def listed(self, items: tuple[str, ...]) -> str:
        """« a, b et c »."""
        return i18n.write(items, self.language)

    def amount(self, amount: Amount, currency: Currency) -> str:
        """A sum, with its currency."""
        return i18n.amount(Money(amount, currency), self.language)
