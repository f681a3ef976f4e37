"""Cutting a text of the notation into tokens, and walking over them."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import TypeVar

import attrs

from periscolaire.catalogue.notation._words import ELSEWHERE, FORMS, LEXICON
from periscolaire.errors import NotationError

__all__ = ["Token", "Walker", "plain"]

_T = TypeVar("_T")

_TOKEN = re.compile(
    r"""
      (?P<quoted>"[^"]*"|«[^»]*»|“[^”]*”)
    | (?P<date>\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})
    | (?P<month>\d{4}-\d{2})(?![-\d])
    | (?P<clock>\d{1,2}\s?:\s?\d{2}|\d{1,2}\s?(?:h|heures?)\s?\d{2}(?!\d))
    | (?P<rank>\d+\s?(?:ers?|ères?|ere|res?|èmes?|emes?|es?|nds?|ndes?)(?![^\W\d_]))
    | (?P<number>\d+(?:[.,]\d+)?)
    | (?P<arrow><-|←|<=|⇐)
    | (?P<word>[^\W\d_]+\.?(?:')?)
    | (?P<sign>[-+×*;:,.()/%€–])
    """,
    re.VERBOSE,
)


def plain(text: str) -> str:
    """Lower case, without accents, with straight apostrophes."""
    decomposed = unicodedata.normalize("NFD", text.replace("’", "'").replace("ʼ", "'").replace("œ", "oe").lower())
    return "".join(char for char in decomposed if not unicodedata.combining(char))


@attrs.frozen
class Token:
    """A piece of the text: what sort, as compared (``norm``), as written, and where."""

    sort: str
    norm: str
    raw: str
    position: int


@attrs.define
class Walker:
    """A position in the tokens of a text; every refusal names the word found there."""

    text: str
    tokens: tuple[Token, ...] = ()
    index: int = 0

    @classmethod
    def of(cls, text: str) -> Walker:
        """The walker at the start of ``text``.

        :raises NotationError: a character belongs to no word.
        """
        source = text.replace("’", "'").replace("ʼ", "'").replace("\u00a0", " ").replace("\u202f", " ")
        walker, tokens, at = cls(text), [], 0
        while at < len(source):
            if source[at].isspace():
                at += 1
                continue
            found = _TOKEN.match(source, at)
            if found is None:
                raise NotationError(text, source[at], at, FORMS[:2])
            sort = str(found.lastgroup)
            raw = found.group()
            norm = plain(raw)
            if sort == "word":
                norm = norm.rstrip(".") if len(norm) > 2 else norm
            elif sort == "sign" and norm == "–":
                norm = "-"
            tokens.append(Token(sort, norm, raw, at))
            at = found.end()
        walker.tokens = tuple(tokens)
        return walker

    @property
    def done(self) -> bool:
        """Whether every token was read."""
        return self.index >= len(self.tokens)

    def peek(self, ahead: int = 0) -> Token:
        """The token ``ahead`` of here; an ``end`` token past the last."""
        at = self.index + ahead
        if at < len(self.tokens):
            return self.tokens[at]
        return Token("end", "", "", len(self.text))

    def sees(self, *phrases: str) -> int:
        """How many tokens the longest of ``phrases`` that stands here takes; 0 when none does."""
        best = 0
        for phrase in phrases:
            words = phrase.split()
            if len(words) > best and all(self.peek(i).norm == word for i, word in enumerate(words)):
                best = len(words)
        return best

    def take(self, *phrases: str) -> bool:
        """Step over the longest of ``phrases`` that stands here."""
        taken = self.sees(*phrases)
        self.index += taken
        return taken > 0

    def pick(self, table: Mapping[str, _T]) -> _T | None:
        """The value of the longest key of ``table`` that stands here, stepped over; ``None``: none does."""
        best: str | None = None
        length = 0
        for phrase in table:
            found = self.sees(phrase)
            if found > length:
                best, length = phrase, found
        self.index += length
        return None if best is None else table[best]

    def take_sort(self, sort: str) -> Token | None:
        """Step over a token of that sort."""
        token = self.peek()
        if token.sort != sort:
            return None
        self.index += 1
        return token

    def failure(self, expected: Iterable[str] = ()) -> NotationError:
        """The error that names the word that stands here, with the nearest forms: to be raised."""
        token = self.peek()
        word = token.raw or "(fin)"
        hints = [ELSEWHERE[token.norm]] if token.norm in ELSEWHERE else list(expected)
        known = {plain(entry): entry for entry in LEXICON}
        if token.sort == "word" and token.norm not in ELSEWHERE:
            near = difflib.get_close_matches(token.norm, known, n=2, cutoff=0.72)
            hints += [known[entry] for entry in near if entry != token.norm]
        if not hints:
            forms = {plain(form): form for form in FORMS}
            hints = [forms[near] for near in difflib.get_close_matches(plain(self.text), forms, n=3, cutoff=0.3)]
        return NotationError(self.text, word, token.position, tuple(dict.fromkeys(hints or FORMS[:3])))
