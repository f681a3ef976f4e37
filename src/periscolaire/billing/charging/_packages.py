"""A package in part: what it costs whoever enters or leaves in mid-period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from fractions import Fraction

from periscolaire.money import Amount, Currency, Rounding
from periscolaire.reglement import PackageRule, Prorata

__all__ = ["prorata"]

_HALF_UP = Rounding()
_ONE_DAY = dt.timedelta(days=1)


def prorata(
    amount: Amount,
    rule: PackageRule,
    period: tuple[dt.date, dt.date],
    held: tuple[dt.date | None, dt.date | None],
    is_open: Callable[[dt.date], bool],
    currency: Currency,
    rounding: Rounding = _HALF_UP,
) -> Amount:
    """``amount`` for the part of ``period`` in which the child is registered (``held``), rounded once.

    What is missed before the entry and after the exit is counted by the rule of each, and taken off the whole.
    """
    first, last = period
    enters, leaves = max(first, held[0] or first), min(last, held[1] or last)
    if leaves < enters:
        return amount if not rule.parts else 0
    before = _missed(rule.prorata, (first, enters - _ONE_DAY), period, is_open)
    after = _missed(rule.on_leaving, (leaves + _ONE_DAY, last), period, is_open)
    left = max(Fraction(0), 1 - before - after)
    if left == 1:
        return amount
    return currency.amount(currency.value(amount) * left.numerator / left.denominator, rounding)


def _missed(
    rule: Prorata, missed: tuple[dt.date, dt.date], period: tuple[dt.date, dt.date], is_open: Callable[[dt.date], bool]
) -> Fraction:
    """The part of the period that is not charged because of the days ``missed`` at one of its ends."""
    if rule is Prorata.NONE or missed[1] < missed[0]:
        return Fraction(0)
    if rule is Prorata.OPEN_DAYS:
        whole = _open_days(period, is_open)
        return Fraction(_open_days(missed, is_open), whole) if whole else Fraction(0)
    # The month in which the child enters or leaves is begun, hence due.
    at_start = missed[0] == period[0]
    stays = (missed[1] + _ONE_DAY, period[1]) if at_start else (period[0], missed[0] - _ONE_DAY)
    return 1 - Fraction(_months(stays), _months(period))


def _months(span: tuple[dt.date, dt.date]) -> int:
    first, last = span
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _open_days(span: tuple[dt.date, dt.date], is_open: Callable[[dt.date], bool]) -> int:
    first, last = span
    return sum(is_open(first + dt.timedelta(days=offset)) for offset in range((last - first).days + 1))
