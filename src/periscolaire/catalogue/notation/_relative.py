"""Reading where a day stands to another: « précédent », « -2 », « avant les vacances », « depuis la facture »."""

from __future__ import annotations

from periscolaire.catalogue._days import ANCHOR_DAY, Anchor
from periscolaire.catalogue.notation._clock import ClockReader
from periscolaire.catalogue.notation._phrases import ARTICLES, AT_LEAST, BEFORE, NEXT, PREVIOUS, THIS

__all__ = ["RelativeReader"]


class RelativeReader(ClockReader):
    """Reads sides, turns (the previous, the next one) and what they are counted from."""

    def which(self, default: int = 0) -> int:
        """``précédent`` -1, ``suivant`` 1, ``-2``, ``N-1``; the current one when nothing is said."""
        walker = self.walker
        walker.take("n", "s", "m")
        sign, number = walker.peek().norm, walker.peek(1)
        if sign in ("-", "+") and number.sort == "number":
            walker.index += 1
            return (self.number() or 0) * (-1 if sign == "-" else 1)
        start = walker.index
        if walker.take(*PREVIOUS):
            if walker.tokens[walker.index - 1].norm == "avant" and self.sees_clock():
                walker.index = start  # « du mois avant 10 h »: the hour's own word
                return default
            return -1
        if walker.take(*NEXT):
            return 1
        if walker.sees("precedant") and not walker.sees(*(f"precedant {article}" for article in ARTICLES)):
            walker.index += 1  # « le 15 du mois précédant »: often written so
            return -1
        walker.take(*THIS)
        return default

    def since(self) -> Anchor:
        walker = self.walker
        if walker.take("depuis", "a compter de", "par rapport a"):
            anchor = self.anchor_here()
            if anchor is None:
                raise walker.failure(("l'absence", "les vacances", "la facture"))
            return anchor
        return ANCHOR_DAY

    def side(self) -> tuple[int, Anchor]:
        """``avant [ancre]`` or ``après [ancre]``; before the day when nothing is said."""
        walker = self.walker
        if walker.take("apres", "suivant", "a compter de"):
            return 1, self.anchor_here() or self.of_anchor()
        start = walker.index
        if walker.sees("avant") and self.clock_follows_before_alone():
            # « 2 jours avant 10 h » and « 2 jours avant, avant 10 h »: the first « avant » is the side.
            walker.index = start + 1
            return -1, ANCHOR_DAY
        if walker.take(*BEFORE):
            walker.take(*AT_LEAST)
            walker.take(*BEFORE)  # « 48 h à l'avance avant le repas »
            walker.take(*AT_LEAST)
            return -1, self.anchor_here() or self.of_anchor()
        return self.otherwise

    def clock_follows_before(self) -> bool:
        self.walker.index += 1
        found = self.sees_clock(counted=False) or self.walker.sees("a") > 0
        self.walker.index -= 1
        return found

    def clock_follows_before_alone(self) -> bool:
        self.walker.index += 1
        found = self.sees_clock()
        self.walker.index -= 1
        return found

    def before_anchor(self) -> Anchor:
        walker = self.walker
        start = walker.index
        if walker.take("precedant", "qui precede"):
            return self.anchor_here() or ANCHOR_DAY
        if walker.sees("avant") and not self.clock_follows_before():
            walker.take("avant")
            found = self.anchor_here()
            return found or ANCHOR_DAY
        if walker.take(*(form for form in PREVIOUS if form != "avant")):
            return self.since()
        walker.index = start
        return self.of_anchor()
