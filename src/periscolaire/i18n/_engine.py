"""From a code and its parameters to a sentence."""

from __future__ import annotations

import datetime as dt
import functools
import string
from collections.abc import Mapping, Sequence
from decimal import Decimal
from importlib import resources
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.lists import format_list
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal

from periscolaire.errors import MisuseError, NotFoundError, PeriscolaireError
from periscolaire.money import Money
from periscolaire.reasons import Description, Reason

__all__ = ["LANGUAGES", "amount", "catalogue", "text", "write"]

_LOCALES = {"fr": Locale("fr", "FR"), "en": Locale("en", "GB")}
LANGUAGES = tuple(_LOCALES)

_AT = {"fr": "{day} à {hour}", "en": "{day} at {hour}"}
#: The hyphen of a keyboard is too short to be seen before a number, and a line may break after it.
_MINUS = "\N{MINUS SIGN}"
_YES_NO = {"fr": ("oui", "non"), "en": ("yes", "no")}


@functools.cache
def catalogue(language: str) -> Mapping[str, str]:
    """Every template of ``language`` by its code.

    :raises MisuseError: a language other than :data:`LANGUAGES`, or one code given twice.
    """
    if language not in _LOCALES:
        raise MisuseError(f"language {language!r}: expected one of {', '.join(LANGUAGES)}")
    templates: dict[str, str] = {}
    folder = resources.files("periscolaire.i18n") / "textes" / language
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if not entry.name.endswith(".po"):
            continue
        with entry.open("rb") as file:
            messages = read_po(file, locale=language)
        for message in messages:
            if not message.id:
                continue
            code = str(message.id)
            if code in templates:
                raise MisuseError(f"{entry.name}: the text of {code} is given twice")
            templates[code] = str(message.string)
    return templates


def text(item: Reason | Description | PeriscolaireError, language: str = "fr") -> str:
    """The sentence of a reason, of a description or of an error in ``language``; an error without a code says its own.

    :raises NotFoundError: no text for its code (every code of the package has one: a test holds it).
    """
    if isinstance(item, PeriscolaireError) and not item.code:
        return str(item)
    try:
        template = catalogue(language)[item.code]
    except KeyError:
        raise NotFoundError(f"no {language} text for the code {item.code}") from None
    return _Writer(language).format(template, **item.parameters)


def write(value: object, language: str = "fr", form: str = "") -> str:
    """One value as people of ``language`` write it; ``form`` is a format word of the templates."""
    return _Writer(language).format_field(value, form)


def amount(value: Money, language: str = "fr") -> str:
    """An amount with its currency: ``4,40 €``, ``€4.40``; below zero, with the minus of print: ``−4,40 €``."""
    written = format_currency(
        value.currency.value(value.amount), value.currency.code, locale=_LOCALES[language], currency_digits=True
    )
    return written.replace("-", _MINUS)


class _Writer(string.Formatter):
    """``str.format`` that writes values by their type in one language."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = _LOCALES[language]

    def get_value(self, key: int | str, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        try:
            return super().get_value(key, args, kwargs)
        except (KeyError, IndexError):
            raise MisuseError(f"the text asks for {{{key}}}, given only {', '.join(kwargs) or 'nothing'}") from None

    def format_field(self, value: Any, format_spec: str) -> str:
        word, *forms = format_spec.split("|")
        match word, value:
            case "plural", int() | Decimal():
                number: Decimal = Decimal(value)
                return forms[0] if self.locale.plural_form(abs(number)) == "one" else forms[-1]
            case "choice", _:
                return forms[0] if value else forms[-1]
            case "", _:
                return self._write(value)
            case "bare", tuple() | list():
                return ", ".join(self._write(item) for item in value)
            case "short", dt.date():
                return format_date(value, "dd/MM/yyyy", locale=self.locale)
            case "weekday", dt.date():
                return format_date(value, "EEEE", locale=self.locale)
            case "month", dt.date():
                return format_date(value, "MMMM yyyy", locale=self.locale)
            case _:
                raise MisuseError(f"the form {format_spec!r} does not suit {value!r}")

    def _write(self, value: object) -> str:
        match value:
            case None:
                return ""
            case str():
                return value
            case bool():
                return _YES_NO[self.language][0 if value else 1]
            case int() | Decimal():
                return format_decimal(value, locale=self.locale, decimal_quantization=False).replace("-", _MINUS)
            case Money():
                return amount(value, self.language)
            case dt.datetime():
                day = self._write(value.date())
                return _AT[self.language].format(day=day, hour=self._write(value.time()))
            case dt.date():
                # French says « 1er », alone of all days.
                number = "d'er'" if value.day == 1 and self.language == "fr" else "d"
                return format_date(value, f"EEEE {number} MMMM yyyy", locale=self.locale)
            case dt.time():
                return value.strftime("%H:%M")
            case Reason() | Description():
                return text(value, self.language)
            case tuple() | list() | frozenset():
                items = sorted(value) if isinstance(value, frozenset) else value
                return format_list([self._write(item) for item in items], locale=self.locale)
            case _:
                raise MisuseError(f"{value!r} cannot stand in a text")
