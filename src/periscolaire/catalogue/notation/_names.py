"""Reading what has a name: kinds of day, numbers, dates, and the anchors that days are counted from."""

from __future__ import annotations

import datetime as dt
from typing import Self

import attrs

from periscolaire.calendar import DayKind, Weekday
from periscolaire.catalogue._days import ANCHOR_DAY, Anchor
from periscolaire.catalogue.notation._tokens import Walker, plain
from periscolaire.catalogue.notation._words import (
    ANCHORS,
    DAY_ADJECTIVES,
    DAY_COMPLEMENTS,
    DAY_NOUNS,
    EVENTS,
    FIRST_DAY_OF_ABSENCE,
    KIND_FORMS,
    LEFT_OUT,
    NUMBERS,
    REMAINING,
    WEEKDAY_FORMS,
)

__all__ = ["NameReader"]

#: A count of more digits leaves every calendar.
_DIGITS = 4
_EDGES = (
    ("la fin", True), ("fin", True), ("le debut", False), ("debut", False), ("le premier jour", False),
    ("premier jour", False), ("le 1er jour", False), ("1er jour", False), ("le dernier jour", True),
    ("dernier jour", True),
)  # fmt: skip


@attrs.define
class NameReader:
    """Reads names from a walker; ``kinds`` and ``events`` are the commune's own day kinds and anchors."""

    walker: Walker
    kinds: dict[str, DayKind] = attrs.field(factory=dict)
    events: dict[str, str] = attrs.field(factory=dict)
    #: The side and the anchor of a count that says none (« sous 8 jours »).
    otherwise: tuple[int, Anchor] = (-1, ANCHOR_DAY)

    @classmethod
    def of(cls, text: str, kinds: tuple[str, ...] = (), events: tuple[str, ...] = ()) -> Self:
        """The reader at the start of ``text``."""
        own = {
            _spaced(form): DayKind(name)
            for name in kinds
            for bare in (name, name + "s")
            for form in (bare, f"de {bare}", f"d'{bare}")
        }
        return cls(Walker.of(text), {**KIND_FORMS, **own}, {**EVENTS, **{_spaced(name): name for name in events}})

    def kind(self) -> DayKind | None:
        """A kind of day, in any of its forms."""
        if self.walker.sees("hors") and self.walker.peek(1).norm != "delai":
            return self._left_out()
        return self.walker.pick(self.kinds)

    def _left_out(self) -> DayKind:
        """``hors week-end et jours fériés``: the kind of day that remains."""
        walker = self.walker
        start = walker.index
        walker.take("hors")
        found: set[str] = set()
        while (words := walker.pick(LEFT_OUT)) is not None:
            found |= set(words.split())
            mark = walker.index
            walker.take(", et", ",", "et", "/")
            walker.take("hors", "les")
            if not walker.sees(*LEFT_OUT):
                walker.index = mark
                break
        kind = REMAINING.get(frozenset(found))
        if kind is None:
            walker.index = start
            raise walker.failure()
        return kind

    def weekday(self) -> Weekday | None:
        token = self.walker.peek()
        if token.sort == "word" and token.norm in WEEKDAY_FORMS:
            self.walker.index += 1
            return WEEKDAY_FORMS[token.norm]
        return None

    def number(self) -> int | None:
        """A whole number, in figures or in words."""
        walker = self.walker
        token = walker.peek()
        if token.sort == "number" and token.norm.isdigit():
            if len(token.norm) > _DIGITS:
                raise walker.failure(("un nombre de 4 chiffres au plus",))
            walker.index += 1
            return int(token.norm)
        for form, value in (("huitaine", 8), ("dizaine", 10), ("quinzaine", 15)):
            if walker.take(f"une {form} de", f"{form} de", f"une {form}", form):
                if not walker.sees("jours", "jour"):  # « sous huitaine »: days, left unsaid
                    walker.index -= 1
                    walker.tokens = (
                        *walker.tokens[: walker.index],
                        attrs.evolve(walker.tokens[walker.index], sort="word", norm="jours"),
                        *walker.tokens[walker.index + 1 :],
                    )
                return value
        if token.sort == "word" and token.norm in NUMBERS:
            walker.index += 1
            return NUMBERS[token.norm]
        return None

    def date(self) -> dt.date:
        """An ISO date, or ``24/09/2025``.

        :raises NotationError: no such date.
        """
        token = self.walker.peek()
        try:
            if "/" in token.norm:
                day, month, year = (int(part) for part in token.norm.split("/"))
                found = dt.date(year, month, day)
            else:
                found = dt.date.fromisoformat(token.norm)
        except ValueError:
            raise self.walker.failure(("2025-09-24",)) from None
        self.walker.index += 1
        return found

    def of_anchor(self) -> Anchor:
        """``de l'absence``, ``des vacances``, ``du service``; the day itself when there is none."""
        walker = self.walker
        start = walker.index
        contracted = {"du": "le", "des": "les", "de": "", "d'": ""}
        token = walker.peek()
        if token.norm not in contracted:
            return ANCHOR_DAY
        walker.index += 1
        found = self.anchor_here(article=contracted[token.norm])
        if found is None:
            walker.index = start
            return ANCHOR_DAY
        return found

    def anchor_here(self, article: str = "") -> Anchor | None:
        """An anchor with its article, or without when ``article`` was contracted into the word before."""
        walker = self.walker
        start = walker.index
        if walker.take(*(form for form, name in EVENTS.items() if name == FIRST_DAY_OF_ABSENCE)):
            return Anchor(FIRST_DAY_OF_ABSENCE)  # before « le premier jour » of anything else
        for edge, end in _EDGES:
            if walker.take(edge):
                inner = self.of_anchor()
                if inner != ANCHOR_DAY or walker.index > start + len(edge.split()):
                    return attrs.evolve(inner, end=end)
                walker.index = start
        best, name = self._unit_named()
        for form, known in {**ANCHORS, **self.events}.items():
            bare = form.removeprefix(article + " ") if article and form.startswith(article + " ") else form
            # « avant vacances », « avant facture »: the article may be missing.
            short = form.split(" ", 1)[1] if form.startswith(("le ", "la ", "les ", "l' ")) else form
            for candidate in (form, bare, short):
                length = walker.sees(candidate)
                if length > best:
                    best, name = length, known
        if not best:
            return None
        walker.index += best
        if name == ANCHOR_DAY.name and walker.tokens[walker.index - 1].norm in ("jour", "date"):
            mark = walker.index
            found = self.of_anchor()  # « le jour de l'absence », « la date de la facture »
            if found.name != "la réservation":
                return found
            walker.index = mark  # « la date de réservation »: the day booked, or the day of booking?
        return Anchor(name)

    def _unit_named(self) -> tuple[int, str]:
        """How many tokens name the day (or week) of the service here: « la date du repas réservé ».

        The name of the anchor follows; 0 tokens: none does.
        """
        walker = self.walker
        start = walker.index
        walker.take("le", "la", "l'", "les", "chaque")
        head = walker.peek().norm
        if head not in (*DAY_NOUNS, "semaine"):
            walker.index = start
            return 0, ""
        walker.index += 1
        while True:
            mark = walker.index
            of = walker.take("de la", "de l'", "du", "de", "d'", "des")
            if not (of and walker.take(*DAY_COMPLEMENTS, *(("reservation",) if head == "semaine" else ()))):
                walker.index = mark
                break
        walker.take(*DAY_ADJECTIVES)
        length, walker.index = walker.index - start, start
        return length, "la semaine" if head == "semaine" else ANCHOR_DAY.name


def _spaced(text: str) -> str:
    """As the tokens of a text are compared: plain words separated by single spaces."""
    return " ".join(token.norm for token in Walker.of(plain(text)).tokens)
