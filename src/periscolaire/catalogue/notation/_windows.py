"""Reading windows: an opening, a closing, the hours of a channel, and the limits that have neither."""

from __future__ import annotations

import attrs

from periscolaire.calendar import DayKind, Weekday
from periscolaire.catalogue._days import ANCHOR_DAY, AnnualDate, DayExpr, DayOfMonth, OnDate, SameDay
from periscolaire.catalogue._limits import Between, Hours, Limit, NoLimit, Point
from periscolaire.catalogue.notation._phrases import ABSENT, OPENS
from periscolaire.catalogue.notation._points import PointReader
from periscolaire.catalogue.notation._words import WEEKDAY_FORMS
from periscolaire.errors import MisuseError

__all__ = ["WindowReader"]


class WindowReader(PointReader):
    """Reads windows."""

    def plain(self, *, table: bool = False) -> Limit | Hours:
        walker = self.walker
        for forms, limit in ABSENT:
            if walker.take(*forms):
                if isinstance(limit, NoLimit) and walker.sees("jusqu'", "avant"):
                    break  # « à tout moment jusqu'à la veille »
                return limit
        if walker.peek().sort == "clock" and (walker.peek(1).norm in ("-", "a")):
            return self.channel_hours()
        during = walker.take("pendant", "durant")
        if during or walker.take("le seul", "la seule", "seulement le", "uniquement le", "uniquement"):
            day, clock = self.day(table=table)
            if during and isinstance(day, SameDay) and day.anchor != ANCHOR_DAY and not day.anchor.is_event:
                # « pendant les vacances précédentes »: from their first to their last day.
                return Between(Point(day), Point(SameDay(attrs.evolve(day.anchor, end=True))))
            if clock is not None:
                raise walker.failure(("le seul vendredi de la semaine précédente",))
            return Between(Point(day), Point(day))
        if walker.take(*OPENS):
            return self._from_opening(table=table)
        start = walker.index
        if not walker.sees("d' ici") and walker.take("du", "de", "d'", "entre le", "entre"):
            return self._hours_first(table=table) if self.sees_clock() else self._window(table=table)
        walker.index = start
        point = self.point(table=table)
        if walker.take("au plus tot"):
            walker.take(", et", "et", ",")
            return Between(_opening(point), self.point(table=table))
        start = walker.index
        walker.take(",")
        if walker.take("de", "entre") and self.sees_clock():
            return self._hours_of_day(point)
        walker.index = start
        return Between(None, point)

    def _from_opening(self, *, table: bool) -> Between:
        """After « à partir de »: a point, and maybe « jusqu'à » another, whose month may be left out."""
        walker = self.walker
        opens = self.point(table=table)
        mark = walker.index
        walker.take(", et", ",", "et")
        if walker.take("cloture", "fermeture", "cloture le", "fermeture le"):
            return Between(_opening(opens), self.point(table=table))
        if not walker.sees("jusqu' a", "jusqu' au", "au plus tard", "jusqu'"):
            walker.index = mark
            return Between(_opening(opens), None)
        start = walker.index
        walker.take("jusqu' au", "jusqu' a", "au plus tard le", "au plus tard")
        lone = self.bare_day_of_month()
        if lone is not None and isinstance(opens.day, DayOfMonth):
            return Between(_opening(opens), Point(attrs.evolve(opens.day, day=lone)))
        walker.index = start
        return Between(_opening(opens), self.point(table=table))

    def _hours_first(self, *, table: bool) -> Between:
        """``entre 7:30 et 9:00 le jour même``: the hours, then the day."""
        walker = self.walker
        start = walker.index
        self.clock()
        if not walker.take("a", "et", "-", "jusqu' a"):
            raise walker.failure(("le jour même de 8:00 à 8:30",))
        self.clock()
        if not self.starts_day() or walker.peek().norm in (",", ";", ":"):
            raise walker.failure(("le jour même de 8:00 à 8:30", "la veille, aux heures 7:30-10:30"))
        day = self.point(table=table)
        end, walker.index = walker.index, start
        window = self._hours_of_day(day)
        walker.index = end
        return window

    def _hours_of_day(self, point: Point) -> Between:
        """``le jour même de 8:00 à 8:30``."""
        walker = self.walker
        first = self.clock()
        if not walker.take("a", "et", "-", "jusqu' a"):
            raise walker.failure(("le jour même de 8:00 à 8:30",))
        last = self.clock()
        closing = None if last.minutes == 24 * 60 else last.minutes
        return Between(
            Point(point.day, first.minutes),
            Point(point.day, closing, last.bound),  # type: ignore[arg-type]  # None: the default reading
        )

    def _window(self, *, table: bool) -> Between:
        """After « du »: a point, « au », a point; either may leave its month to the other."""
        walker = self.walker
        borrowed = self.bare_day_of_month()
        opens = None if borrowed is not None else self.point(table=table)
        walker.take(",")
        if not walker.take("au", "a", "jusqu' au", "jusqu' a", "et le", "et", "jusqu'"):
            raise walker.failure(("du 2025-09-03 20:00 au 2025-09-24", "du 1 du mois au 10 du mois"))
        lone = self.bare_day_of_month()
        if lone is not None and opens is not None and isinstance(opens.day, DayOfMonth):
            closes = Point(attrs.evolve(opens.day, day=lone))
            clock = self.clock_after()
            if clock is not None:
                closes = self.assemble(closes.day, clock, None)
        else:
            if lone is not None:
                raise walker.failure(("du mois", "du mois précédent"))
            closes = self.point(table=table)
        if borrowed is not None:
            opens = self._lent(borrowed, closes.day)
        assert opens is not None
        return Between(_opening(opens), closes)

    def _lent(self, day: int, closes: DayExpr) -> Point:
        """« du 1er au 15 juin 2026 »: the month and the year of the closing, and another day."""
        try:
            match closes:
                case DayOfMonth() | AnnualDate():
                    return Point(attrs.evolve(closes, day=day))
                case OnDate(date):
                    return Point(OnDate(date.replace(day=day)))
        except (ValueError, MisuseError):
            pass
        raise self.walker.failure(("du 1 du mois au 10 du mois", "du 1 juin au 15 juin"))

    def bare_day_of_month(self) -> int | None:
        """A day number with nothing that says its month: followed by « au », a comma or the end."""
        walker = self.walker
        start = walker.index
        if walker.peek().norm in WEEKDAY_FORMS:  # « du lundi 2 au dimanche 22 janvier »
            walker.index += 1
            found = self.bare_day_of_month()
            walker.index = walker.index if found is not None else start
            return found
        token, following = walker.peek(), walker.peek(1)
        if token.sort not in ("number", "rank") or not (digits := "".join(c for c in token.norm if c.isdigit())):
            return None
        if following.norm in ("au", "a", ",", ";", ":", "", "inclus", "et") and 1 <= int(digits) <= 31:
            walker.index += 1
            return int(digits)
        return None

    def channel_hours(self) -> Hours:
        walker = self.walker
        walker.take("de")
        first = self.clock().minutes
        if not walker.take("-", "a"):
            raise walker.failure(("7:30-10:30 lun-ven",))
        last = self.clock().minutes
        weekdays: frozenset[Weekday] | None = None
        kind: DayKind | None = None
        if walker.take("les jours", "jours"):
            kind = self.kind()
            if kind is None:
                raise walker.failure(("jours ouvrés", "jours de guichet"))
        elif walker.peek().norm in WEEKDAY_FORMS or walker.sees("du", "le", "les"):
            weekdays = frozenset(self._days_of_hours())
        if last <= first:
            walker.index -= 1
            raise walker.failure(("7:30-10:30 lun-ven",))
        return Hours(first, last, weekdays, kind)

    def _days_of_hours(self) -> list[Weekday]:
        walker, found = self.walker, list[Weekday]()
        walker.take("du", "le", "les")
        while walker.peek().norm in WEEKDAY_FORMS:
            weekday = WEEKDAY_FORMS[walker.peek().norm]
            walker.index += 1
            if walker.peek().norm in ("-", "au", "a") and walker.peek(1).norm in WEEKDAY_FORMS:
                last = WEEKDAY_FORMS[walker.peek(1).norm]
                walker.index += 2
                found += [Weekday(day) for day in range(weekday, last + 1)]
            else:
                found.append(weekday)
            walker.take("et", "/")
        if not found:
            raise walker.failure(("lun-ven",))
        return found


def _opening(point: Point) -> Point:
    """An opening has no bound: a day opens when it begins, an hour at that hour."""
    return Point(point.day, point.minutes, shift=point.shift)
