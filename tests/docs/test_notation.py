"""Every row of the notation page is what the engine computes; every word that the reader knows is on the page."""

from __future__ import annotations

import re
from collections.abc import Iterable

import pytest

from periscolaire.catalogue import Action
from periscolaire.catalogue.notation import _phrases, _read, _words
from periscolaire.catalogue.notation._tokens import plain

from . import notation

TEXT = notation.PAGE.read_text(encoding="utf-8")


def rows(first: str, *columns: str) -> list[list[str]]:
    """The rows of every table whose header begins with these columns."""
    found, inside = [], False
    for line in TEXT.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("| ") else []
        if cells[: 1 + len(columns)] == [first, *columns]:
            inside = True
        elif not cells:
            inside = False
        elif inside and not cells[0].startswith("---"):
            found.append(cells)
    return found


def code(cell: str) -> str:
    return cell.strip("`")


CLOSES = rows("notation", "pour", "ferme", "s'imprime")
WINDOWS = rows("notation", "pour", "ouvre", "ferme", "s'imprime")
UNITS = rows("notation", "unité", "pour", "ouvre", "ferme")
SAME = rows("s'écrit aussi", "s'imprime")
BOOKED = rows("réservation", "demandée le", "pour", "réponse", "`limite`", "`prochaine`")
CANCELLED = rows("annulation", "demandée le", "pour", "réponse", "`limite`", "`prochaine`")
COUNTED = rows("réservation", "déjà compté", "demandée le", "pour", "réponse")


def test_the_page_has_its_tables() -> None:
    assert len(CLOSES) > 90
    assert min(len(table) for table in (WINDOWS, UNITS, SAME, BOOKED, CANCELLED, COUNTED)) > 5


@pytest.mark.parametrize("row", CLOSES, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_close(row: list[str]) -> None:
    text, day, closes, printed = row
    (window,) = notation.windows(code(text), notation.day_of(day))
    assert (closes, printed) == (notation.closing(window), notation.canonical(code(text)))


@pytest.mark.parametrize("row", WINDOWS, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_window(row: list[str]) -> None:
    text, day, opens, closes, printed = row
    (window,) = notation.windows(code(text), notation.day_of(day))
    assert [opens, closes, printed] == [
        notation.opening(window), notation.closing(window), notation.canonical(code(text)),
    ]  # fmt: skip


@pytest.mark.parametrize("row", UNITS, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_unit(row: list[str]) -> None:
    text, unit, day, opens, closes = row
    (window,) = notation.windows(code(text), notation.day_of(day), code(unit))
    assert (opens, closes) == (notation.opening(window), notation.closing(window))


@pytest.mark.parametrize("row", SAME, ids=lambda row: row[0])
def test_another_writing(row: list[str]) -> None:
    assert notation.canonical(code(row[0])) == row[1]


@pytest.mark.parametrize("row", BOOKED + CANCELLED, ids=lambda row: f"{row[0]} {row[1]}")
def test_an_answer(row: list[str]) -> None:
    text, at, day, answer, limit, following = row
    action = Action.CANCEL if row in CANCELLED else Action.BOOK
    decision = notation.decided(code(text), at, notation.day_of(day), action=action)
    assert [answer, limit, following] == [
        notation.answer(decision), notation.limit_of(decision), notation.next_of(decision),
    ]  # fmt: skip


@pytest.mark.parametrize("row", COUNTED, ids=lambda row: f"{row[0]} {row[1]}")
def test_a_count(row: list[str]) -> None:
    text, used, at, day, answer = row
    assert answer == notation.answer(notation.decided(code(text), at, notation.day_of(day), used=int(used)))


#: Every table of words that the readers of the notation use.
WORDS: dict[str, Iterable[str]] = {
    "kinds": [form.replace("( ", "(").replace(" )", ")") for form in _words.KIND_FORMS],
    "anchors": _words.ANCHORS,
    "day nouns": _words.DAY_NOUNS,
    "day complements": _words.DAY_COMPLEMENTS,
    "day adjectives": [word for word in _words.DAY_ADJECTIVES if not word.endswith(("ee", "ie", "ue")) and word != "j"],
    "at least": _phrases.AT_LEAST,
    "for what": _phrases.FOR_WHAT,
    "events": _words.EVENTS,
    "verbs": _words.VERB_FORMS,
    "per": _words.PER_FORMS,
    "resets": _words.RESET_FORMS,
    "numbers": _words.NUMBERS,
    "ranks": _words.RANKS,
    "absent": [form for forms, _ in _phrases.ABSENT for form in forms],
    "opens": _phrases.OPENS,
    "places": _phrases.PLACES,
    "before": _phrases.BEFORE,
    "after": _phrases.AFTER,
    "until": _phrases.UNTIL,
    "inside": _phrases.INSIDE,
    "outside": _phrases.OUTSIDE,
    "noise": _phrases.NOISE,
    "previous": _phrases.PREVIOUS,
    "next": _phrases.NEXT,
    "this": _phrases.THIS,
    "same day": _phrases.SAME_DAY,
}


@pytest.mark.parametrize("table", WORDS)
def test_every_word_of_the_reader_is_on_the_page(table: str) -> None:
    listed = TEXT.split("Les mots reconnus, tous")[1]
    shown = {re.sub(r"' ", "'", plain(form)) for form in re.findall(r"`([^`]+)`", listed)}
    shown |= {re.sub(r"^(?:l'|l[ea]s? )", "", form) for form in shown}  # a noun is shown with its article
    assert [form for form in WORDS[table] if form.replace("' ", "'") not in shown] == []


def test_the_grammar_is_that_of_the_reader() -> None:
    assert _read.__doc__ is not None
    grammar = _read.__doc__.split("::", 1)[1].split("Synonyms")[0]
    shown = TEXT.split("## La grammaire")[1]
    assert [line.strip() for line in grammar.splitlines() if line.strip() and line.strip() not in shown] == []
