"""The linter finds what contradicts itself, and says nothing of what does not."""

# ruff: noqa: E501  # tables of cases and files in texts: one case a line reads best

from __future__ import annotations

import pytest

from periscolaire import i18n
from periscolaire.files import read_reglement
from periscolaire.pricing import Severity
from periscolaire.reglement import Finding, lint

HEAD = 'format = 1\ncommune = "X"\nversion = "1"\nen_vigueur = "2025-09-01"\njusqu_au = "2026-07-04"\nzone = "B"\n'
CLEAN = (
    '[[produits]]\ncode = "cantine"\njours = "jours de classe"\nreservation = "2 jours ouvrés avant 10:00"\n'
    'annulation = "2 jours ouvrés avant 10:00"\nhoraires = "12:00-13:30"\nprix = "4,40"\n'
    'absence = { lignes = [{ effet = "dû" }] }\n'
)


def findings(text: str, *, live: bool = False) -> tuple[Finding, ...]:
    return lint(read_reglement(HEAD + text), live=live)


def replaced(key: str, value: str) -> str:
    return "".join(f"{key} = {value}\n" if line.startswith(f"{key} =") else line + "\n" for line in CLEAN.splitlines())


def test_a_clean_file_has_nothing_to_say() -> None:
    assert findings(CLEAN) == ()


def test_a_rule_is_tried_only_on_the_days_that_it_decides() -> None:
    rules = '[{ si = { jour = "lundi" }, limite = "2 jours ouvrés avant 10:00" }, { limite = "mardi, jeudi et vendredi <- mercredi 9:00" }]'
    found = findings(replaced("reservation", rules))
    assert {one.code for one in found} == set()
    reversed_ = (
        '[{ si = { jour = "mardi" }, limite = "lundi <- vendredi 9:00" }, { limite = "2 jours ouvrés avant 10:00" }]'
    )
    assert {"lint.weekday_without_limit", "lint.weekday_never_open"} <= {
        one.code for one in findings(replaced("reservation", reversed_))
    }


@pytest.mark.parametrize(
    ("text", "code", "severity"),
    [
        (replaced("jours", '"été en janvier"'), "never_open", "erreur"),
        (replaced("reservation", '"du 10 du mois au 5 du mois"'), "window_never_opens", "erreur"),
        (replaced("annulation", '"2 jours après"'), "cancellation_after_service", "erreur"),
        (replaced("annulation", '"sans limite"'), "cancellation_always_open", "avertissement"),
        (replaced("reservation", '"le jour même 13:00"'), "booking_after_service", "avertissement"),
        (replaced("reservation", '"lundi <- vendredi 10:00"'), "weekday_without_limit", "erreur"),
        (replaced("reservation", '"jeudi de la semaine précédente 12:00"'), "previous_week_in_holidays", "avertissement"),
        (replaced("reservation", '{ limite = "avant le 18 du mois précédent", unite = "mois" }'), "before_a_day", "information"),
        (replaced("reservation", '"non dit"'), "silent", "avertissement"),
        (CLEAN.replace('annulation = "2 jours ouvrés avant 10:00"\n', ""), "missing", "erreur"),
        (replaced("reservation", '"sans limite ; puis la veille : +1,00"'), "tier_unreachable", "erreur"),
        (replaced("reservation", '[{ limite = "la veille" }, { si = { mode = "x" }, limite = "48 h avant" }]'), "rule_unreachable", "erreur"),
        (replaced("reservation", '[{ si = { mode = "x" }, limite = "48 h avant" }]'), "no_last_rule", "information"),
        (replaced("reservation", '{ paliers = [{ limite = "la veille", compteur = { nom = "c", remise = "en tout", rangs = [{ a_partir_du = 1 }] } }] }'), "counter_never_reset", "avertissement"),
        (replaced("reservation", '"la veille : tarif \\"absent\\""'), "unknown_tariff", "erreur"),
        (replaced("reservation", '"la veille 10:00"'), "firm_at_once", "information"),
        (CLEAN + 'exige = ["garderie"]\n', "unknown_product", "erreur"),
        (CLEAN + 'commande = "3 jours ouvrés avant 9:00"\n', "order_before_limit", "avertissement"),
        (replaced("absence", '{ lignes = [{ effet = "dû" }, { effet = "non dû" }] }'), "absence_row_unreachable", "erreur"),
        (replaced("absence", '{ lignes = [{ si = { motif = "x" }, effet = "non dû" }] }'), "absence_without_last_row", "avertissement"),
        (replaced("absence", '{ lignes = [{ effet = "à décider" }] }'), "undecided", "avertissement"),
        ('questions = ["Le 18 ?"]\n' + CLEAN, "open_question", "information"),
        (CLEAN + "[[produits.conditions]]\nnom = \"a\"\nexige = { pai = true }\ninterdit = { pai = true }\n", "gate_contradicts", "erreur"),
        (CLEAN + "places = [{ maximum = 3 }, { maximum = 4, si = { pai = true } }]\n", "places_unreachable", "avertissement"),
        (CLEAN + "places = [{ attribution = \"priorités\", priorites = [{ resident = true }] }]\n", "places_unsaid", "avertissement"),
        (CLEAN.replace('prix = "4,40"\n', ""), "no_price", "information"),
        (CLEAN + '[[facturation.series]]\ncode = "A"\n[[facturation.series]]\ncode = "B"\n', "series_compete", "erreur"),
        (CLEAN + '[[facturation.series]]\ncode = "A"\nsites = ["Bourg"]\n', "series_missing", "erreur"),
        (CLEAN + '[[facturation.series]]\ncode = "A"\nproduits = ["goûter"]\n[[facturation.series]]\ncode = "B"\n', "unknown_product", "erreur"),
        (CLEAN + '[[carnets]]\ncode = "cantine"\ntaille = 10\nprix = "35,00"\n', "code_taken", "erreur"),
        (CLEAN + '[[frais]]\ncode = "x"\nprix = "1"\nassiette = { qui = "foyer", quand = "année scolaire" }\n[[carnets]]\ncode = "x"\ntaille = 10\nprix = "35,00"\n', "code_taken", "erreur"),
        (CLEAN + '[facturation]\nencaissement = "titre"\nminimum = "5,00"\n', "titre_threshold", "avertissement"),
    ],
)  # fmt: skip
def test_each_contradiction_is_found(text: str, code: str, severity: str) -> None:
    found = [one for one in findings(text) if one.code == f"lint.{code}"]
    assert found, [one.code for one in findings(text)]
    assert found[0].severity.value == severity
    for language in ("fr", "en"):
        assert i18n.text(found[0].description, language)


def test_prices_are_checked_by_the_pricing_room() -> None:
    text = replaced("prix", '{ selon = "quotient", tranches = [{ jusqu_a = 600, prix = "1" }] }')
    codes = {one.code for one in findings(text) if one.severity is Severity.ERROR}
    assert {"pricing.check.no_price_without", "pricing.check.hole"} <= codes


def test_what_is_left_to_decide_is_an_error_when_going_live() -> None:
    silent = replaced("reservation", '"non dit"')
    assert [one.severity for one in findings(silent, live=True) if one.code == "lint.silent"] == [Severity.ERROR]
