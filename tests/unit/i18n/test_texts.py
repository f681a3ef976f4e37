"""Every code has its words in both languages, with the same parameters."""

from __future__ import annotations

import datetime as dt
import re
import string
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

import periscolaire
from periscolaire import i18n
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.money import EUR, XPF, Money
from periscolaire.reasons import Description, Reason

SOURCE = Path(periscolaire.__file__).parent
#: A code given literally where a reason or description is made.
CODE = re.compile(r"(?:Reason|Description)(?:\.of)?\(\s*\"([a-z_]+(?:\.[a-z_0-9]+)+)\"")


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


def test_both_languages_have_the_same_codes_and_parameters() -> None:
    french, english = i18n.catalogue("fr"), i18n.catalogue("en")
    assert set(french) == set(english)
    differing = [code for code in french if placeholders(french[code]) != placeholders(english[code])]
    assert differing == []


def test_every_code_of_the_source_has_a_text() -> None:
    codes = {code for file in SOURCE.rglob("*.py") for code in CODE.findall(file.read_text("utf-8"))}
    assert codes - set(i18n.catalogue("fr")) == set()


def test_no_text_is_empty() -> None:
    for language in i18n.LANGUAGES:
        assert [code for code, template in i18n.catalogue(language).items() if not template.strip()] == []


@pytest.mark.parametrize(
    ("value", "fr", "en"),
    [
        (dt.date(2026, 10, 1), "jeudi 1er octobre 2026", "Thursday 1 October 2026"),
        (dt.date(2026, 10, 8), "jeudi 8 octobre 2026", "Thursday 8 October 2026"),
        (
            dt.datetime(2026, 10, 8, 12, tzinfo=ZoneInfo("Europe/Paris")),
            "jeudi 8 octobre 2026 à 12:00",
            "Thursday 8 October 2026 at 12:00",
        ),
        (dt.time(8, 5), "08:05", "08:05"),
        (Money(440, EUR), "4,40\N{NO-BREAK SPACE}€", "€4.40"),
        (Money(1200, XPF), "1\N{NARROW NO-BREAK SPACE}200\N{NO-BREAK SPACE}FCFP", "CFPF1,200"),
        (Decimal("0.0036"), "0,0036", "0.0036"),
        (True, "oui", "yes"),
        (("a", "b", "c"), "a, b et c", "a, b and c"),
        (None, "", ""),
    ],
)
def test_values_are_written_as_people_write_them(value: object, fr: str, en: str) -> None:
    assert i18n.write(value, "fr") == fr
    assert i18n.write(value, "en") == en


def test_forms() -> None:
    assert i18n.write(1, "fr", "plural|jour|jours") == "jour"
    assert i18n.write(0, "fr", "plural|jour|jours") == "jour"
    assert i18n.write(0, "en", "plural|day|days") == "days"
    assert i18n.write(False, "fr", "choice|avec|sans") == "sans"
    assert i18n.write(dt.date(2026, 10, 8), "fr", "month") == "octobre 2026"


def test_unknown_code_and_unknown_language_are_named() -> None:
    with pytest.raises(NotFoundError, match=r"nothing\.such"):
        i18n.text(Reason.of("nothing.such"))
    with pytest.raises(MisuseError, match="'de'"):
        i18n.text(Description.of("nothing.such"), "de")
