"""Rich text that cannot hurt: a closed subset of Markdown, kept as data, written as HTML or as plain text.

===========================  =======================================
``## Titre``                 a heading
``- point`` (or ``* point``) a list; its lines follow one another
``**gras**``, ``*italique*`` strong and emphasised, not nested
``[mot](https://…)``         a link: http, https, mailto or tel only
a blank line                 begins another paragraph
===========================  =======================================

Everything else, HTML included, is text and is escaped. So there is nothing to sanitise: what the subset cannot say
cannot be written.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import TypeAlias

import attrs

__all__ = [
    "Block",
    "Bullets",
    "Emphasis",
    "Heading",
    "Inline",
    "Link",
    "Paragraph",
    "RichText",
    "Strong",
    "Text",
    "parse_rich",
]


@attrs.frozen
class Text:
    """Words as they are."""

    text: str

    def html(self) -> str:
        """Escaped."""
        return html.escape(self.text)


@attrs.frozen
class Strong:
    """Bold words."""

    text: str

    def html(self) -> str:
        """In ``strong``."""
        return f"<strong>{html.escape(self.text)}</strong>"


@attrs.frozen
class Emphasis:
    """Words in italics."""

    text: str

    def html(self) -> str:
        """In ``em``."""
        return f"<em>{html.escape(self.text)}</em>"


@attrs.frozen
class Link:
    """A link whose address has one of the allowed schemes."""

    text: str
    address: str

    def html(self) -> str:
        """In ``a``, without handing over where the reader comes from."""
        return f'<a href="{html.escape(self.address)}" rel="noopener noreferrer">{html.escape(self.text)}</a>'


Inline: TypeAlias = Text | Strong | Emphasis | Link


def _words(inlines: tuple[Inline, ...]) -> str:
    return "".join(
        f"{inline.text} ({inline.address})" if isinstance(inline, Link) else inline.text for inline in inlines
    )


def _marked(inlines: tuple[Inline, ...]) -> str:
    return "".join(inline.html() for inline in inlines)


@attrs.frozen
class Paragraph:
    """Lines of text."""

    inlines: tuple[Inline, ...]

    def html(self) -> str:
        """In ``p``."""
        return f"<p>{_marked(self.inlines)}</p>"

    def plain(self) -> str:
        """The words."""
        return _words(self.inlines)


@attrs.frozen
class Heading:
    """A heading; the page decides of its size."""

    inlines: tuple[Inline, ...]

    def html(self) -> str:
        """In ``h3``: the news has a title of its own."""
        return f"<h3>{_marked(self.inlines)}</h3>"

    def plain(self) -> str:
        """The words."""
        return _words(self.inlines)


@attrs.frozen
class Bullets:
    """A list of points."""

    points: tuple[tuple[Inline, ...], ...]

    def html(self) -> str:
        """In ``ul``."""
        return f"<ul>{''.join(f'<li>{_marked(point)}</li>' for point in self.points)}</ul>"

    def plain(self) -> str:
        """One point a line."""
        return "\n".join(f"- {_words(point)}" for point in self.points)


Block: TypeAlias = Paragraph | Heading | Bullets


@attrs.frozen
class RichText:
    """What a news says, as blocks."""

    blocks: tuple[Block, ...]

    def html(self) -> str:
        """Safe HTML, to be put in a page as it is."""
        return "\n".join(block.html() for block in self.blocks)

    def plain(self) -> str:
        """For an e-mail or a screen reader."""
        return "\n\n".join(block.plain() for block in self.blocks)


_INLINE = re.compile(
    r"\*\*(?P<strong>[^*\n]+)\*\*"
    r"|\*(?P<emphasis>[^*\s][^*\n]*)\*"
    r"|\[(?P<label>[^\[\]\n]+)\]\((?P<address>[^()\s<>\"']+)\)"
)
_SAFE_ADDRESS = re.compile(r"(?:https?://[^\s/?#]+[^\s]*|mailto:[^\s@]+@[^\s@]+|tel:\+?[0-9.\-]+)", re.IGNORECASE)
_POINT = re.compile(r"[-*]\s+(.+)")
_HEADING = re.compile(r"#{1,6}\s+(.+)")
#: Control and formatting characters that could disguise a text or an address (bidirectional overrides among them).
_INVISIBLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def parse_rich(source: str) -> RichText:
    """Read the subset; never fails: what is not markup is text."""
    clean = _INVISIBLE.sub("", source.replace("\r\n", "\n").replace("\r", "\n"))
    return RichText(tuple(block for part in re.split(r"\n\s*\n", clean) for block in _blocks(part)))


def _blocks(part: str) -> Iterator[Block]:
    lines: list[str] = []
    points: list[tuple[Inline, ...]] = []
    for line in [*(line.strip() for line in part.split("\n")), ""]:
        point, heading = _POINT.fullmatch(line), _HEADING.fullmatch(line)
        if lines and (point or heading or not line):
            yield Paragraph(_inlines(" ".join(lines)))
            lines = []
        if points and not point:
            yield Bullets(tuple(points))
            points = []
        if point:
            points.append(_inlines(point[1]))
        elif heading:
            yield Heading(_inlines(heading[1]))
        elif line:
            lines.append(line)


def _inlines(text: str) -> tuple[Inline, ...]:
    found: list[Inline] = []
    end = 0
    for match in _INLINE.finditer(text):
        inline = _inline(match)
        if inline is None:
            continue
        if match.start() > end:
            found.append(Text(text[end : match.start()]))
        found.append(inline)
        end = match.end()
    if end < len(text):
        found.append(Text(text[end:]))
    return tuple(found)


def _inline(match: re.Match[str]) -> Inline | None:
    if match["strong"]:
        return Strong(match["strong"])
    if match["emphasis"]:
        return Emphasis(match["emphasis"])
    return Link(match["label"], match["address"]) if _SAFE_ADDRESS.fullmatch(match["address"]) else None
