"""Procedures: within their limit or not, and from which unit they count."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from periscolaire import i18n
from periscolaire.errors import NotFoundError
from periscolaire.files import read_reglement, write_reglement
from periscolaire.frozen import FrozenMap
from periscolaire.reglement import Context, ask, lint

REGLEMENT = read_reglement("""
format = 1
commune = "X"
version = "1"
en_vigueur = "2025-09-01"
zone = "C"

[[produits]]
code = "cantine"
jours = "jours de classe"
reservation = "la veille"
annulation = "la veille"

[[demarches]]
code = "prélèvement"
unite = "mois"
limite = "avant le 20 du mois précédent"

[[demarches]]
code = "dossier"
limite = "1 semaine avant la première réservation"

[[demarches]]
code = "réclamation"
nom = "Réclamation sur une facture"
limite = "1 mois après la facture"
reference = "art. 9"
""")
CALENDAR = REGLEMENT.calendar


def at(said: str) -> dt.datetime:
    return dt.datetime.fromisoformat(said).replace(tzinfo=CALENDAR.tz)


@pytest.mark.parametrize(
    ("said", "day", "allowed", "effective"),
    [
        ("2026-01-19 23:59", None, True, dt.date(2026, 2, 1)),  # January itself closed on 20 December
        ("2026-01-20 00:00", None, True, dt.date(2026, 3, 1)),
        ("2026-01-19 23:59", dt.date(2026, 2, 1), True, dt.date(2026, 2, 1)),
        ("2026-01-20 00:00", dt.date(2026, 2, 1), False, dt.date(2026, 3, 1)),
    ],
)
def test_what_comes_too_late_counts_from_the_next_unit(
    said: str, day: dt.date | None, allowed: bool, effective: dt.date
) -> None:
    decision, counts = ask(REGLEMENT.procedure("prélèvement"), at(said), Context(REGLEMENT), day=day)
    assert (decision.allowed, counts) == (allowed, effective)


@pytest.mark.parametrize(
    ("code", "event", "last"),
    [
        ("dossier", {"la première réservation": dt.date(2026, 1, 12)}, "2026-01-05 23:59"),
        ("réclamation", {"la facture": dt.date(2026, 1, 10)}, "2026-02-10 23:59"),
    ],
)
def test_a_limit_may_count_from_an_event(code: str, event: dict[str, dt.date], last: str) -> None:
    procedure, known = REGLEMENT.procedure(code), Context(REGLEMENT, events=FrozenMap(event))
    assert ask(procedure, at(last), known)[0].allowed
    late, counts = ask(procedure, at(last) + dt.timedelta(minutes=1), known)
    assert (late.allowed, [reason.code for reason in late.reasons]) == (False, ["limit.closed"])
    assert counts is None
    unknown, _ = ask(procedure, at(last), Context(REGLEMENT))
    assert unknown.requestable


def test_procedures_are_written_read_and_found_by_code() -> None:
    assert read_reglement(write_reglement(REGLEMENT)) == REGLEMENT
    assert REGLEMENT.procedure("réclamation").reference == "art. 9"
    with pytest.raises(NotFoundError, match="procedure 'badge'"):
        REGLEMENT.procedure("badge")


def test_their_limits_are_checked_too() -> None:
    findings = [one for one in lint(REGLEMENT) if one.path[0] == "demarches"]
    assert [(one.code, one.path) for one in findings] == [("lint.before_a_day", ("demarches", 0, "limite"))]
    assert "20" in i18n.text(findings[0].description, "fr")
    silent = attrs.evolve(REGLEMENT, procedures=(attrs.evolve(REGLEMENT.procedures[0], limits=()),))
    assert [one.code for one in lint(silent) if one.path[0] == "demarches"] == ["lint.missing"]
