"""Sums written out in words, as a receipt must say them: « quarante-neuf euros et quinze centimes »."""

from __future__ import annotations

from periscolaire.errors import MisuseError
from periscolaire.money import Money

__all__ = ["spelled"]

_FR = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf",
    "dix", "onze", "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
_FR_TENS = ("", "", "vingt", "trente", "quarante", "cinquante", "soixante")
_EN = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_EN_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
#: Currency → language → (unit, units, minor unit, minor units).
_NAMES = {
    "EUR": {"fr": ("euro", "euros", "centime", "centimes"), "en": ("euro", "euros", "cent", "cents")},
    "XPF": {"fr": ("franc", "francs", "", ""), "en": ("franc", "francs", "", "")},
}
_MOST = 1_000_000_000


def spelled(value: Money, language: str = "fr") -> str:
    """The sum in words, in French or English.

    :raises MisuseError: below 0, a thousand million or more, or a currency without a name here.
    """
    names = _NAMES.get(value.currency.code)
    units, minor = divmod(value.amount, 10**value.currency.digits)
    if names is None or value.amount < 0 or units >= _MOST:
        raise MisuseError(f"{value.amount} {value.currency.code} cannot be written out")
    one, many, minor_one, minor_many = names[language]
    write = _french if language == "fr" else _english
    plural_from = 2 if language == "fr" else 0
    said = []
    if units or not minor:
        named = one if units == 1 or units < plural_from else many
        of = "d'" if language == "fr" and units >= 1_000_000 and units % 1_000_000 == 0 else ""
        said.append(f"{write(units)} {of}{named}")
    if minor:
        said.append(f"{write(minor)} {minor_one if minor == 1 else minor_many}")
    return (" et " if language == "fr" else " and ").join(said)


def _french(number: int) -> str:
    if number < 20:
        return _FR[number]
    if number < 100:
        return _french_tens(number)
    if number < 1000:
        hundreds, rest = divmod(number, 100)
        head = "cent" if hundreds == 1 else f"{_FR[hundreds]} cent{'' if rest else 's'}"
        return f"{head} {_french(rest)}" if rest else head
    if number < 1_000_000:
        thousands, rest = divmod(number, 1000)
        head = "mille" if thousands == 1 else f"{_before_thousand(thousands)} mille"
        return f"{head} {_french(rest)}" if rest else head
    millions, rest = divmod(number, 1_000_000)
    head = f"{_french(millions)} million{'s' if millions > 1 else ''}"
    return f"{head} {_french(rest)}" if rest else head


def _before_thousand(thousands: int) -> str:
    """« quatre-vingt mille », « deux cent mille »: *mille* is a numeral, before which these take no s."""
    said = _french(thousands)
    return said.removesuffix("s") if thousands % 100 == 80 or (thousands % 100 == 0 and thousands > 100) else said


def _french_tens(number: int) -> str:
    tens, rest = divmod(number, 10)
    if tens in (7, 9):  # soixante-dix, quatre-vingt-dix: the teens follow
        tens, rest = tens - 1, rest + 10
    if tens == 8:
        return f"quatre-vingt-{_FR[rest]}" if rest else "quatre-vingts"
    if not rest:
        return _FR_TENS[tens]
    return f"{_FR_TENS[tens]} et {_FR[rest]}" if rest in (1, 11) else f"{_FR_TENS[tens]}-{_FR[rest]}"


def _english(number: int) -> str:
    if number < 20:
        return _EN[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return f"{_EN_TENS[tens]}-{_EN[rest]}" if rest else _EN_TENS[tens]
    for size, word in ((1_000_000, "million"), (1000, "thousand"), (100, "hundred")):
        if number >= size:
            count, rest = divmod(number, size)
            tail = f"{' and ' if rest < 100 else ' '}{_english(rest)}" if rest else ""
            return f"{_english(count)} {word}{tail}"
    raise AssertionError(number)
