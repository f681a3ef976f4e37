"""Reading hours and bounds: « avant 10 h », « 9:00 inclus », « jusqu'à midi »."""

from __future__ import annotations

import re

import attrs

from periscolaire.catalogue._limits import Bound
from periscolaire.catalogue.notation._names import NameReader
from periscolaire.catalogue.notation._phrases import AFTER, BEFORE, INSIDE, NOISE, OUTSIDE, UNTIL

__all__ = ["ClockReader"]

_HOURS = ("h", "heure", "heures")


@attrs.frozen
class Clock:
    """A wall time as read: minutes since midnight (1440 for the end of the day) and the bound that is written."""

    minutes: int
    bound: Bound | None


class ClockReader(NameReader):
    """Reads wall times, and on which side of them one is still in time."""

    def prefix(self) -> Bound | None:
        """Words that say how long one must ask before, and the bound among them."""
        walker, bound = self.walker, None
        while True:
            if walker.take(*NOISE):
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
        if walker.take(*INSIDE, *(f"( {form} )" for form in INSIDE)):
            return Bound.UNTIL
        return Bound.BEFORE if walker.take(*OUTSIDE) or walker.take("( exclu )") else None

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

    def sees_clock(self, *, counted: bool = True) -> bool:
        """Whether an hour, and not a number of hours, stands here (where a number of hours may: ``counted``)."""
        token, following = self.walker.peek(), self.walker.peek(1)
        if token.sort == "clock" or token.norm in ("midi", "minuit"):
            return True
        if token.sort != "number" or following.norm not in ("h", "heure", "heures"):
            return False
        start = self.walker.index
        self.walker.index += 2
        number = counted and self.walker.sees("avant", "apres", *self._hour_kinds()) > 0
        self.walker.index = start
        return not number

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
        if not self.sees_clock(counted=bound is None):
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


def _point(number: str) -> str:
    return number.replace(",", ".")
