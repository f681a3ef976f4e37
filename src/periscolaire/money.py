"""Money: integers of the currency's minor unit, exact rates, named roundings, splits that conserve the sum."""

from __future__ import annotations

import decimal
import enum
import re
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

import attrs

from periscolaire.errors import MisuseError

__all__ = [
    "EUR",
    "XPF",
    "Amount",
    "Currency",
    "Money",
    "Rounding",
    "RoundingMode",
    "currency",
    "parse_decimal",
    "split",
]

#: An integer of the currency's minor unit: cents for EUR, francs for XPF.
Amount: TypeAlias = int

_DECIMAL = re.compile(r"[+-]?\d+(?:[.,]\d+)?", re.ASCII)


@attrs.frozen
class Currency:
    """A currency: ISO 4217 ``code`` and the number of ``digits`` of its minor unit (EUR 2, XPF 0)."""

    code: str
    digits: int

    def amount(self, value: Decimal, rounding: Rounding | None = None) -> Amount:
        """``value`` (in units, as people write prices) in minor units, rounded once by ``rounding``.

        Without a rounding the value must already be a whole number of minor units.

        :raises MisuseError: the value is finer than the minor unit and no rounding was named.
        """
        if rounding is not None:
            value = rounding.apply(value, self)
        scaled = value.scaleb(self.digits)
        whole = scaled.to_integral_value()
        if whole != scaled:
            raise MisuseError(f"{value} is finer than the minor unit of {self.code}: name a rounding")
        return int(whole)

    def value(self, amount: Amount) -> Decimal:
        """The exact value in units of ``amount`` minor units."""
        return Decimal(amount).scaleb(-self.digits)


EUR = Currency("EUR", 2)
XPF = Currency("XPF", 0)
_CURRENCIES = {known.code: known for known in (EUR, XPF)}


def currency(code: str) -> Currency:
    """The currency of ISO 4217 ``code`` used by a French commune (EUR, or XPF in the Pacific).

    :raises MisuseError: another code.
    """
    try:
        return _CURRENCIES[code]
    except KeyError:
        expected = ", ".join(_CURRENCIES)
        raise MisuseError(f"currency {code!r}: expected one of {expected}") from None


@attrs.frozen
class Money:
    """An amount with its currency, where a value must stand alone (parameters of reasons, edges of the API)."""

    amount: Amount
    currency: Currency = EUR


class RoundingMode(enum.Enum):
    """How a value between two steps is rounded; values are the words of rules files."""

    HALF_UP = "demi supérieur"
    UP = "supérieur"
    DOWN = "inférieur"
    HALF_EVEN = "demi pair"


_DECIMAL_MODES = {
    RoundingMode.HALF_UP: decimal.ROUND_HALF_UP,
    RoundingMode.UP: decimal.ROUND_CEILING,
    RoundingMode.DOWN: decimal.ROUND_FLOOR,
    RoundingMode.HALF_EVEN: decimal.ROUND_HALF_EVEN,
}


@attrs.frozen
class Rounding:
    """A named rounding: ``mode`` to a multiple of ``step`` units (``None``: the currency's minor unit)."""

    mode: RoundingMode = RoundingMode.HALF_UP
    step: Decimal | None = None

    def apply(self, value: Decimal, currency: Currency = EUR) -> Decimal:
        """``value`` rounded to the nearest multiple of the step, exactly."""
        step = self.step if self.step is not None else Decimal(1).scaleb(-currency.digits)
        return (value / step).to_integral_value(_DECIMAL_MODES[self.mode]) * step


def parse_decimal(text: str) -> Decimal:
    """A decimal number as people write it, with a comma or a point: ``"4,40"``, ``"4.40"``.

    :raises MisuseError: anything else, ``"NaN"`` and exponents included.
    """
    stripped = text.strip()
    if not _DECIMAL.fullmatch(stripped):
        raise MisuseError(f"{text!r}: expected a number such as 4,40")
    return Decimal(stripped.replace(",", "."))


def split(total: Amount, weights: Sequence[int | Decimal | Fraction]) -> tuple[Amount, ...]:
    """``total`` shared by ``weights``, by the largest remainder: the parts always add up to ``total``.

    Equal remainders are served from the first part on, so the result does not depend on anything else.

    :raises MisuseError: no weight, a negative one, or all zero.
    """
    exact = [Fraction(weight) for weight in weights]
    whole = sum(exact, Fraction(0))
    if not exact or min(exact) < 0 or whole == 0:
        raise MisuseError("a split needs non-negative weights, at least one above zero")
    sign = -1 if total < 0 else 1
    shares = [abs(total) * weight / whole for weight in exact]
    parts = [int(share) for share in shares]
    missing = abs(total) - sum(parts)
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - shares[i], i))
    for index in by_remainder[:missing]:
        parts[index] += 1
    return tuple(sign * part for part in parts)
