"""Printing a rule in the compact notation: canonical, and read back as the same rule."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from periscolaire.calendar import CALENDAR, KINDS, Span, Weekday, month_of
from periscolaire.catalogue._days import (
    ANCHOR_DAY,
    Anchor,
    AnnualDate,
    CompleteWeek,
    DayExpr,
    DayOfMonth,
    DaysFrom,
    HoursFrom,
    MonthsFrom,
    NthIn,
    OnDate,
    Ranked,
    SameDay,
    WeekdayFrom,
    WeekdayOfWeek,
    WeekOf,
    WeeksFrom,
)
from periscolaire.catalogue._effects import (
    ACCEPT,
    Counter,
    Effect,
    Multiple,
    OtherTariff,
    PriceForm,
    Replacement,
    Scope,
    Surcharge,
    Verb,
)
from periscolaire.catalogue._limits import (
    Between,
    Bound,
    DateRow,
    DateTable,
    Hours,
    Limit,
    Moment,
    Never,
    NoLimit,
    OnTheSpot,
    Point,
    Silent,
    WeekdayTable,
)
from periscolaire.catalogue._rules import Tier
from periscolaire.catalogue._units import (
    EachBlock,
    EachDay,
    EachHoliday,
    EachMonth,
    EachPeriod,
    EachSchoolYear,
    EachWeek,
    ListedSpans,
    Unit,
)
from periscolaire.catalogue.notation._words import FIRST_DAY_OF_ABSENCE
from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS

__all__ = ["clock_text", "number_text", "print_effect", "print_limit", "print_point", "print_tier", "print_unit"]

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def print_limit(tiers: Iterable[Tier]) -> str:
    """The tiers in the compact notation; :func:`parse_limit` reads them back.

    :raises MisuseError: a tier has a condition or a name: those are keys of a rules file, not words of the notation.
    """
    return " ; puis ".join(print_tier(tier) for tier in tiers)


def print_tier(tier: Tier) -> str:
    """One tier in the compact notation."""
    if tier.condition != ALWAYS or tier.name is not None:
        raise MisuseError("a tier with a condition or a name has no compact notation: write it as a table")
    text = _limit(tier.limit)
    if tier.hours is not None:
        text += ", aux heures " + _hours(tier.hours)
    if tier.counter is not None:
        text += " : " + _counter(tier.counter)
    elif tier.effect != ACCEPT:
        text += " : " + print_effect(tier.effect)
    return text + (", selon places" if tier.subject_to_places else "")


def _limit(limit: Limit) -> str:
    match limit:
        case Never():
            return "jamais"
        case NoLimit():
            return "sans limite"
        case OnTheSpot():
            return "sur place"
        case Silent():
            return "non dit"
        case Between():
            return _between(limit)
        case WeekdayTable(rows=rows):
            return ", ".join(f"{_joined([day.french for day in row.weekdays])} ← {_row(row.limit)}" for row in rows)
        case DateTable(rows=dates):
            return ", ".join(_date_row(row) for row in dates)


def _row(limit: Between | Never | NoLimit) -> str:
    match limit:
        case Between(opens=None, closes=Point(day=WeekdayFrom(anchor=anchor, n=n) as day) as closes) if (
            anchor == ANCHOR_DAY and n in (-1, -2)
        ):
            name = day.weekday.french + (" -7" if n == -2 else "")
            return _timed(name, closes) + _shift(closes)
        case _:
            return _limit(limit)


def _between(limit: Between) -> str:
    opens, closes = limit.opens, limit.closes
    if opens is None and closes is not None:
        return print_point(closes)
    if closes is None and opens is not None:
        shown = _opening(opens)
        return f"à partir du {shown[3:]}" if shown.startswith("le ") else f"à partir de {shown}"
    assert opens is not None and closes is not None  # noqa: PT018  # one fact: neither is absent
    if opens.day == closes.day and opens.shift is None and closes.shift is None:
        if opens.minutes is None and closes.minutes is None and closes.bound is Bound.UNTIL:
            day = opens.day
            whole_week = isinstance(day, WeekOf) or (isinstance(day, NthIn) and isinstance(day.what, CompleteWeek))
            return f"pendant {print_day(day)}" if whole_week else f"le seul {_bare(print_day(day))}"
        if opens.minutes is not None and closes.minutes is not None and closes.bound is Bound.BEFORE:
            return f"{print_day(opens.day)} de {clock_text(opens.minutes)} à {clock_text(closes.minutes)}"
    closing = print_point(closes, inside_window=True)
    return f"{_preposition('d', _opening(opens))} {_preposition('à', closing)}"


def _preposition(word: str, text: str) -> str:
    """``du lundi …``, ``de la veille …``, ``au 20 …``, ``à 2 jours avant``."""
    contracted, loose = ("du", "de") if word == "d" else ("au", "à")
    if text.startswith("le "):
        return f"{contracted} {text.removeprefix('le ')}"
    return f"{loose if text.startswith('la ') or text[0].isdigit() else contracted} {text}"


def _opening(point: Point) -> str:
    text = print_day(point.day)
    if point.minutes is not None:
        text += " " + clock_text(point.minutes)
    return text + _shift(point)


def print_point(point: Point, *, inside_window: bool = False) -> str:
    """A day, its hour and its shift: ``2 jours ouvrés avant 10:00``, ``la veille jusqu'à 9:00``."""
    return _timed(print_day(point.day), point, inside_window=inside_window) + _shift(point)


def _timed(day: str, point: Point, *, inside_window: bool = False) -> str:
    if isinstance(point.day, HoursFrom):
        return day
    if point.minutes is None:
        if point.bound is Bound.UNTIL:
            return day
        if day.startswith("dernier jour"):
            day = f"le {day}"
        return f"{day} exclu" if inside_window or day[0].isdigit() else f"avant {day}"
    return day + (" jusqu'à " if point.bound is Bound.UNTIL else " ") + clock_text(point.minutes)


def _shift(point: Point) -> str:
    if point.shift is None:
        return ""
    shift = point.shift
    hour = "" if shift.minutes is None else " " + clock_text(shift.minutes)
    return f", reporté au jour {_plural(shift.kind, 1)} {'suivant' if shift.forward else 'précédent'}{hour}"


def print_day(day: DayExpr) -> str:
    """The day of a point, without its hour."""
    match day:
        case SameDay(anchor=anchor):
            return _same(anchor)
        case DaysFrom(n=-1, kind=kind, clear=False, anchor=anchor) if kind == CALENDAR and anchor == ANCHOR_DAY:
            return "la veille"
        case DaysFrom(n=n, kind=kind, clear=clear, anchor=anchor):
            words = "" if kind == CALENDAR else " " + _plural(kind, n)
            francs = " francs" if clear and abs(n) > 1 else " franc" if clear else ""
            return f"{_count(n, 'jour')}{words}{francs} {_side(n, anchor)}"
        case WeeksFrom(n=n, of_class=of_class, anchor=anchor):
            return f"{_count(n, 'semaine')}{' de classe' if of_class else ''} {_side(n, anchor)}"
        case MonthsFrom(n=n, anchor=anchor):
            return f"{abs(n)} mois {_side(n, anchor)}"
        case HoursFrom():
            return _hours_from(day)
        case WeekdayFrom(weekday=weekday, n=n, anchor=anchor):
            rank = "" if abs(n) == 1 else f"{abs(n)}e "
            side = "précédent" if n < 0 else "suivant"
            return f"{rank}{weekday.french} {side}{_since(anchor)}"
        case WeekdayOfWeek(weekday=weekday, n=n, of_class=of_class, anchor=anchor):
            return f"{weekday.french} de la {_week(n, of_class)}{_since(anchor)}"
        case WeekOf(n=n, of_class=of_class, anchor=anchor):
            return f"la {_week(n, of_class)}{_since(anchor)}"
        case DayOfMonth(day=-1, n=n, anchor=anchor):
            return f"le dernier jour du {_relative('mois', n)}{_since(anchor)}"
        case DayOfMonth(day=wanted, n=n, anchor=anchor):
            return f"le {wanted} du {_relative('mois', n)}{_since(anchor)}"
        case NthIn(rank=rank, what=what, of=of, n=n, anchor=anchor):
            return f"{_ranked(rank, what)} {_of_unit(of, n)}{_since(anchor)}"
        case OnDate(date=date):
            return f"le {date.isoformat()}"
        case AnnualDate(month=month, day=wanted, anchor=anchor):
            return f"le {wanted} {_MONTHS[month - 1]}{_since(anchor)}"


def _same(anchor: Anchor) -> str:
    if anchor == ANCHOR_DAY:
        return "le jour même"
    if anchor.name == FIRST_DAY_OF_ABSENCE:
        return anchor.name
    if anchor.is_event and not anchor.end:
        return "le jour " + _de(anchor.name)
    return ("la fin " if anchor.end else "le début ") + _de(anchor.name)


def _de(name: str) -> str:
    """``name`` after « de », contracted."""
    for article, contracted in (("les ", "des "), ("le ", "du ")):
        if name.startswith(article):
            return contracted + name.removeprefix(article)
    return "de " + name


def _count(n: int, noun: str) -> str:
    return f"{abs(n)} {noun}{'s' if abs(n) > 1 else ''}"


def _plural(kind: str, n: int) -> str:
    if kind in ("ouvré", "ouvrable"):
        return kind + "s" if abs(n) > 1 else kind
    if kind in KINDS or kind.startswith(("de ", "d'")):
        return kind
    return f"d'{kind}" if kind[0] in "aeiouhéèê" else f"de {kind}"


def _side(n: int, anchor: Anchor) -> str:
    side = "avant" if n < 0 else "après"
    if anchor == ANCHOR_DAY:
        return side
    return f"{side} la fin {_de(anchor.name)}" if anchor.end else f"{side} {anchor.name}"


def _since(anchor: Anchor) -> str:
    if anchor == ANCHOR_DAY:
        return ""
    return f" depuis la fin {_de(anchor.name)}" if anchor.end else f" depuis {anchor.name}"


def _hours_from(day: HoursFrom) -> str:
    kinds = {"ouvré": " ouvrées", "ouvrable": " ouvrables"}
    words = "" if day.kind is None else kinds.get(day.kind, f" {_plural(day.kind, 2)}")
    side = "avant" if day.n < 0 else "après"
    if day.from_service:
        reference = " le service" + _since(day.anchor)
    elif day.from_minutes is not None:
        reference = f" {clock_text(day.from_minutes)}" + _since(day.anchor)
    else:
        return f"{abs(day.n)} h{words} {_side(day.n, day.anchor)}"
    return f"{abs(day.n)} h{words} {side}{reference}"


def _week(n: int, of_class: bool) -> str:
    return _relative("semaine de classe" if of_class else "semaine", n, feminine=True)


def _relative(noun: str, n: int, *, feminine: bool = False) -> str:
    match n:
        case 0:
            return noun
        case -1:
            return f"{noun} précédent{'e' if feminine else ''}"
        case 1:
            return f"{noun} suivant{'e' if feminine else ''}"
        case _:
            return f"{noun} {n:+d}"


def _ranked(rank: int, what: Ranked) -> str:
    if isinstance(what, CompleteWeek):
        return (
            f"la {_ordinal(rank, 'première', 'dernière')} semaine complète lun-{'ven' if what.through == 4 else 'dim'}"
        )
    ordinal = _ordinal(rank, "premier", "dernier")
    if isinstance(what, Weekday):
        return f"{ordinal} {what.french}"
    return f"{ordinal} jour {_plural(what, 1)}"


def _ordinal(rank: int, first: str, last: str) -> str:
    if rank in (1, -1):
        return first if rank == 1 else last
    return f"{rank}e" if rank > 0 else f"{-rank}e {last}"


def _of_unit(unit: Unit, n: int) -> str:
    match unit:
        case EachWeek():
            return f"de la {_relative('semaine', n, feminine=True)}"
        case EachMonth(first_day=1):
            return f"du {_relative('mois', n)}"
        case EachPeriod():
            return f"de la {_relative('période', n, feminine=True)}"
        case EachSchoolYear():
            return f"de l'{_relative('année scolaire', n, feminine=True)}"
        case EachHoliday() if n == 0:
            return "des vacances"
        case _:
            return f"de l'{_relative('unité', n, feminine=True)} « {print_unit(unit)} »"


def _bare(text: str) -> str:
    """Without the article that a preposition has absorbed."""
    return text.removeprefix("le ").removeprefix("la ") if text.startswith(("le ", "la ")) else text


def clock_text(minutes: int) -> str:
    """``10:00``; the end of a day is ``24:00``."""
    return f"{minutes // 60}:{minutes % 60:02d}"


def _joined(words: list[str]) -> str:
    return words[0] if len(words) == 1 else ", ".join(words[:-1]) + " et " + words[-1]


def _hours(hours: Hours) -> str:
    text = f"{clock_text(hours.start)}-{clock_text(hours.end)}"
    if hours.weekdays is not None:
        days = sorted(hours.weekdays)
        names = [day.french[:3] for day in days]
        run = len(days) > 2 and days[-1] - days[0] == len(days) - 1
        text += " " + (f"{names[0]}-{names[-1]}" if run else " ".join(names))
    return text if hours.kind is None else f"{text} jours {_plural(hours.kind, 2)}"


def _date_row(row: DateRow) -> str:
    return f"{_span(row.days)} ← {_moments(row)}"


def _span(days: Span) -> str:
    first, last = days.first, days.last
    if days == month_of(first):
        return first.strftime("%Y-%m")
    return f"du {first.isoformat()} au {last.isoformat()}"


def _moments(row: DateRow) -> str:
    opens = None if row.opens is None else _moment(row.opens, opening=True)
    closes = None if row.closes is None else _moment(row.closes)
    if opens is None:
        return closes or "sans limite"
    return f"à partir de {opens}" if closes is None else f"du {opens} au {closes}"


def _moment(moment: Moment, *, opening: bool = False) -> str:
    date = moment.date.isoformat()
    if moment.minutes is None:
        return date if opening or moment.bound is Bound.UNTIL else f"avant {date}"
    inclusive = moment.bound is Bound.UNTIL and not opening
    return f"{date}{' jusqu’à ' if inclusive else ' '}{clock_text(moment.minutes)}".replace("’", "'")


def print_effect(effect: Effect) -> str:
    """``+2,00 par commande``, ``x2``, ``demande +1,00``, ``dû 50 %``."""
    words = []
    if effect.verb is not Verb.ACCEPT or effect.price is None:
        words.append(effect.verb.value)
    if effect.share is not None:
        words.append(f"{number_text((effect.share * 100).normalize())} %")
    if effect.price is not None:
        words.append(_price(effect.price))
    if effect.scope is not Scope.DAY:
        words.append(effect.scope.value)
    if effect.kept:
        words.append("acquise")
    return " ".join(words)


def _price(price: PriceForm) -> str:
    match price:
        case Surcharge(amount=amount):
            return f"+{number_text(amount)}"
        case Multiple(factor=factor):
            return f"x{number_text(factor)}"
        case OtherTariff(code=code):
            return f'tarif "{code}"'
        case Replacement(amount=amount):
            return f"tarif {number_text(amount)}"


def _counter(counter: Counter) -> str:
    parts = []
    for band, following in zip(counter.bands, [*counter.bands[1:], None], strict=True):
        text = print_effect(band.effect)
        if following is not None:
            parts.append(f"{text} jusqu'au {following.from_rank - 1}{'er' if following.from_rank == 2 else 'e'}")
        else:
            parts.append(("ensuite " if len(counter.bands) > 1 else "") + text)
    tail = f'compteur "{counter.name}" {counter.per.value} {counter.reset.value}'
    return ", ".join([*parts, tail])


def number_text(value: Decimal) -> str:
    """A number as French people write it: ``2,00``."""
    return format(value, "f").replace(".", ",")


def print_unit(unit: Unit) -> str:
    """``jour``, ``mois du 11``, ``6 semaines depuis 2025-09-01``; :func:`parse_unit` reads it back."""
    match unit:
        case EachDay():
            return "jour"
        case EachWeek():
            return "semaine"
        case EachMonth(first_day=first_day):
            return "mois" if first_day == 1 else f"mois du {first_day}"
        case EachPeriod():
            return "période"
        case EachHoliday():
            return "vacances"
        case EachBlock(weeks=weeks, since=since):
            return f"{_count(weeks, 'semaine')} depuis {since.isoformat()}"
        case EachSchoolYear():
            return "année scolaire"
        case ListedSpans(spans=spans):
            return ", ".join(f"du {span.first.isoformat()} au {span.last.isoformat()}" for span in spans)
