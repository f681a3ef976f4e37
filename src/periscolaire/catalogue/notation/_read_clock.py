"""Reading hours, bounds and anchors: the pieces that every point of the notation shares."""

from __future__ import annotations

import datetime as dt
import re
from typing import Self

import attrs

from periscolaire.calendar import DayKind
from periscolaire.catalogue._days import ANCHOR_DAY, Anchor
from periscolaire.catalogue._limits import Bound
from periscolaire.catalogue.notation._tokens import Walker, plain
from periscolaire.catalogue.notation._words import (
    ANCHORS,
    EVENTS,
    FIRST_DAY_OF_ABSENCE,
    KIND_FORMS,
    LEFT_OUT,
    NUMBERS,
    REMAINING,
)

__all__ = ["AFTER", "BEFORE", "UNTIL", "Clock", "ClockReader"]

BEFORE = ("avant", "d' avance", "a l' avance", "auparavant", "a l' avance de", "plus tot", "precedant", "qui precede")
AFTER = ("apres", "suivant", "a compter de", "plus tard")
UNTIL = (
    "jusqu' a", "jusqu' au", "jusqu' aux", "jusqu'", "jusque", "au plus tard", "au plus tard a", "au plus tard au",
    "dernier delai", "au maximum", "maximum", "d' ici", "d' ici le", "d' ici au", "d' ici a",
)  # fmt: skip
_INSIDE = ("inclus", "incluse", "compris", "comprise", "dernier delai", "au plus tard", "maximum", "max")
_OUTSIDE = ("exclu", "exclue", "non compris", "strictement")
_NOISE = (
    "au moins", "au minimum", "minimum", "un delai de", "dans les", "dans un delai de", "sous", "le delai est de",
    "dans un delai maximum de", "dans un delai maximal de", "dans un delai max de", "un delai maximum de",
    "un delai minimum de", "dans un delai minimum de", "un delai de prevenance de", "avec un delai de",
    "moyennant un delai de", "avec un preavis de", "un preavis de", "en respectant un delai de",
)  # fmt: skip
#: A count of more digits leaves every calendar.
_DIGITS = 4
_HOURS = ("h", "heure", "heures")
_EDGES = (
    ("la fin", True), ("fin", True), ("le debut", False), ("debut", False), ("le premier jour", False),
    ("premier jour", False), ("le 1er jour", False), ("1er jour", False), ("le dernier jour", True),
    ("dernier jour", True),
)  # fmt: skip


@attrs.frozen
class Clock:
    """A wall time as read: minutes since midnight (1440 for the end of the day) and the bound that is written."""

    minutes: int
    bound: Bound | None


@attrs.define
class ClockReader:
    """Reads hours and anchors from a walker; ``kinds`` and ``events`` are the commune's own day kinds and anchors."""

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

    def prefix(self) -> Bound | None:
        """Words that say how long one must ask before, and the bound among them."""
        walker, bound = self.walker, None
        while True:
            if walker.take(*_NOISE):
                continue
            if walker.sees("avant - veille", "avant veille"):
                return bound  # « avant-veille » is a day, not a bound
            if walker.take("strictement avant", "avant"):
                bound = Bound.BEFORE
            elif walker.take(*UNTIL):
                bound = Bound.UNTIL
            else:
                return bound

    def suffix(self) -> Bound | None:
        """A bound said after the day or the hour."""
        walker = self.walker
        walker.take("precises", "precise")
        if walker.take(*_INSIDE, *(f"( {form} )" for form in _INSIDE)):
            return Bound.UNTIL
        return Bound.BEFORE if walker.take(*_OUTSIDE) or walker.take("( exclu )") else None

    def clock(self) -> Clock:
        """A wall time: ``10:00``, ``10 h 30``, ``10h``, ``midi``, ``minuit``, ``24:00``.

        :raises NotationError: no wall time, or 00:00, which does not say which end of the day is meant.
        """
        walker = self.walker
        walker.take("a")
        token = walker.peek()
        if walker.take("midi"):
            return Clock(12 * 60, self.suffix())
        if walker.take("minuit"):
            return Clock(24 * 60, self.suffix())
        numbers = [int(part) for part in re.findall(r"\d+", token.norm)]
        if token.sort == "clock":
            length = 1
        elif token.sort == "number" and walker.peek(1).norm in ("h", "heure", "heures") and len(numbers) == 1:
            length, numbers = 2, [*numbers, 0]
        else:
            raise walker.failure(("10:00", "midi", "minuit"))
        minutes = numbers[0] * 60 + numbers[1]
        if minutes == 0:
            raise walker.failure(("minuit", "24:00"))
        if numbers[1] > 59 or minutes > 24 * 60:
            raise walker.failure(("23:59", "24:00"))
        walker.index += length
        if minutes < 12 * 60 and not walker.sees("le matin meme"):
            walker.take("du matin", "le matin")
        return Clock(minutes, self.suffix())

    def sees_clock(self) -> bool:
        """Whether an hour, and not a number of hours, stands here."""
        token, following = self.walker.peek(), self.walker.peek(1)
        if token.sort == "clock" or token.norm in ("midi", "minuit"):
            return True
        if token.sort != "number" or following.norm not in ("h", "heure", "heures"):
            return False
        start = self.walker.index
        self.walker.index += 2
        counted = self.walker.sees("avant", "apres", *self._hour_kinds()) > 0
        self.walker.index = start
        return not counted

    def clock_after(self) -> Clock | None:
        """An hour said after its day, with its own bound."""
        walker = self.walker
        start = walker.index
        walker.take(",")
        bound: Bound | None = None
        if walker.take("avant"):
            bound = Bound.BEFORE
        elif walker.take(*UNTIL):
            bound = Bound.UNTIL
        walker.take("a", "au soir", "vers")
        if not self.sees_clock():
            walker.index = start
            if walker.take(", le soir", ", au soir", "le soir", "au soir", "soir"):  # the end of that day
                return Clock(24 * 60, None)
            return None
        clock = self.clock()
        return attrs.evolve(clock, bound=clock.bound or bound)

    def hour_first(self, bound: Bound | None) -> bool:
        """Whether an hour, and not a number of hours, stands before its day."""
        walker = self.walker
        start = walker.index
        walker.take("a")
        token, following = walker.peek(), walker.peek(1)
        found = token.sort == "clock" or token.norm in ("midi", "minuit")
        if not found and token.sort == "number" and following.norm in _HOURS and float(_point(token.norm)) <= 24:
            walker.index += 2
            counted = walker.sees(*BEFORE, *AFTER, *self._hour_kinds()) > 0
            ends = walker.done or walker.peek().norm in (",", ";", ":", "(")
            small = float(_point(token.norm)) < 24
            if not counted and not (ends and (bound is None or not small)):
                found = True
            if ends and walker.peek().norm != "(" and bound is None and small:
                hour = token.norm
                walker.index -= 2
                raise walker.failure((f"le jour même {hour}:00", f"{hour} h avant"))
        walker.index = start
        return found

    def starts_day(self) -> bool:
        """Whether a day follows."""
        token = self.walker.peek()
        return token.sort not in ("end", "sign") or token.norm == "-"

    def _hour_kinds(self) -> list[str]:
        """Kinds after a number of hours; « 12 h de la semaine » is an hour of a weekday."""
        return ["hors", *(form for form in self.kinds if form not in ("de la semaine", "en semaine"))]

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
        best, name = 0, ""
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
        return Anchor(name)

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


def _point(number: str) -> str:
    return number.replace(",", ".")


def _spaced(text: str) -> str:
    """As the tokens of a text are compared: plain words separated by single spaces."""
    return " ".join(token.norm for token in Walker.of(plain(text)).tokens)
