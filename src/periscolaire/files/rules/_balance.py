"""``solde``: how many days before the service the rest of a price is due, said as the limits of the file are."""

from __future__ import annotations

from periscolaire.catalogue import Between, Bound, DaysFrom, Point, SameDay, WeeksFrom, parse_limit
from periscolaire.errors import MisuseError
from periscolaire.files.toml._forms import CodedForm

__all__ = ["BALANCE"]

_DAY = "le jour"


def _balance(text: str) -> int:
    """``"15 jours avant le départ"`` is 15, ``"le jour même"`` 0; ``"avant le séjour"`` is the eve."""
    match parse_limit(text):
        case (tier,) if isinstance(tier.limit, Between) and tier.limit.opens is None:
            match tier.limit.closes:
                case Point(day=day, minutes=None, bound=bound, shift=None):
                    return _days(day, text) + (bound is Bound.BEFORE)
    raise MisuseError(text)


def _days(day: object, text: str) -> int:
    match day:
        case SameDay(anchor=anchor) if anchor.name == _DAY:
            return 0
        case DaysFrom(n=n, kind="calendaire", clear=False, anchor=anchor) if anchor.name == _DAY and n <= 0:
            return -n
        case WeeksFrom(n=n, of_class=False, anchor=anchor) if anchor.name == _DAY and n <= 0:
            return -7 * n
    raise MisuseError(text)


def _print_balance(days: int) -> str:
    return "le jour même" if days == 0 else f"{days} jour{'s' if days > 1 else ''} avant"


BALANCE = CodedForm(
    _balance,
    _print_balance,
    "un délai en jours ou en semaines, comme « 15 jours avant », « une semaine avant le départ », « la veille » ou "
    "« le jour même »",
)
