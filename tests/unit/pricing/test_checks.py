"""What the linter says of tariffs, and the faults of a file with their exact paths."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
import pytest

from periscolaire.files.rules._prices import Fault, read_node
from periscolaire.ids import TariffCode
from periscolaire.pricing import (
    Among,
    RankSpec,
    Severity,
    Tariff,
    TariffVersion,
    check_node,
    check_tariffs,
)

from . import saying


def found(raw: Any, **more: Any) -> set[tuple[str, str]]:
    return {
        (finding.description.code.removeprefix("pricing.check."), ".".join(map(str, finding.path)))
        for finding in check_node(saying.node(raw), **more)
    }


def codes(*tariffs: Tariff, **more: Any) -> set[str]:
    return {finding.description.code.removeprefix("pricing.check.") for finding in check_tariffs(tariffs, **more)}


def tariff(code: str, *versions: TariffVersion) -> Tariff:
    return Tariff(TariffCode(code), versions)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ({"selon": "quotient", "tranches": [{"prix": "1,00"}]}, ("no_price_without", "")),
        ({"selon": "quotient", "sans": "2,00", "tranches": [{"jusqu_a": 9, "prix": "1,00"}]}, ("hole", "tranches")),
        ({"taux": "0,1", "de": "quotient"}, ("no_price_without", "")),
        ({"taux": "0,1", "de": "quotient", "sans": "1", "mini": "5", "maxi": "2"}, ("floor_over_ceiling", "")),
        ([{"si": {"pai": True}, "prix": "1,00"}], ("open_end", "lignes.0")),
        ([{"prix": "1,00"}, {"si": {"pai": True}, "prix": "2,00"}], ("unreachable", "lignes.1")),
        (
            [
                {"si": {"quotient": "de 0 à 499"}, "prix": "0,95"},
                {"si": {"quotient": "de 499 à 4000"}, "prix": "1,00"},
                {"prix": "2,70"},
            ],
            ("overlap", "lignes.1"),
        ),
        ("à décider", ("undecided", "")),
        (
            {"somme": [{"nom": "repas", "prix": "1,00"}], "puis": [{"fois": "2", "sur": "garde"}]},
            ("unknown_component", "puis.0"),
        ),
        (
            {"selon": "quotient", "sans": "1,00", "tranches": [{"jusqu_a": 9, "prix": "2,00"}, {"prix": "1,00"}]},
            ("falling", "tranches.1"),
        ),
    ],
)
def test_what_is_wrong_in_a_grid_is_said_where_it_is(raw: Any, expected: tuple[str, str]) -> None:
    assert expected in found(raw)


def test_a_reduction_for_siblings_is_no_slip() -> None:
    assert found({"selon": "rang", "tranches": [{"jusqu_a": 1, "prix": "274"}, {"prix": "254"}]}) == set()


def test_a_sound_grid_has_only_its_thresholds_told() -> None:
    grid = [
        {"si": {"resident": "inconnu"}, "prix": "6,50"},
        {"si": {"resident": False}, "prix": "6,50"},
        {"si": {"quotient": "inconnu"}, "prix": "4,10"},
        {"prix": {"selon": "quotient", "tranches": [{"jusqu_a": 600, "prix": "1,00"}, {"prix": "4,10"}]}},
    ]
    assert found(grid) == {("threshold", "lignes.3.prix.tranches.1")}


def test_only_the_highest_of_the_steps_is_told_and_only_of_means() -> None:
    bands = [{"jusqu_a": 600, "prix": "1,00"}, {"jusqu_a": 900, "prix": "4,10"}, {"prix": "4,20"}]
    assert found({"selon": "quotient", "sans": "4,20", "tranches": bands}) == {("threshold", "tranches.1")}
    hours = [{"jusqu_a": "17:30", "prix": "1,00"}, {"prix": "2,00"}]
    assert found({"selon": "départ", "tranches": hours}) == set()


def test_arriving_later_may_cost_less() -> None:
    assert found({"selon": "arrivée", "tranches": [{"moins_de": "08:00", "prix": "2"}, {"prix": "1"}]}) == set()


def test_a_residence_that_nobody_said_is_told_once() -> None:
    extra = {"montant": "5,00", "puis": [{"plus": "2,00", "si": {"resident": False}}]}
    assert found(extra) == {("residence_unsaid", "")}
    assert (
        found({"montant": "5,00", "puis": [*extra["puis"], {"plus": "2,00", "si": {"resident": "inconnu"}}]}) == set()
    )
    assert ("residence_unsaid", "") not in found([{"si": {"resident": True}, "prix": "1,00"}, {"prix": "à décider"}])


def test_a_closed_list_of_words_is_no_error() -> None:
    rows = [{"si": {"formule": "journée"}, "prix": "9,00"}, {"si": {"formule": "matin"}, "prix": "4,00"}]
    assert {finding.severity for finding in check_node(saying.node(rows))} == {Severity.WARNING}
    columns = {"formule": ["journée", "matin"]}
    grid = {
        "selon": "quotient",
        "sans": "9,00",
        "colonnes": columns,
        "tranches": [{"jusqu_a": 9, "prix": ["1", "2"]}, {"prix": ["1", "2"]}],
    }
    assert found(grid) == {("open_end", "tranches.0.prix.lignes.1")}


def test_two_booleans_cover_everything() -> None:
    both = [{"si": {"resident": True}, "prix": "1,00"}, {"si": {"resident": False}, "prix": "2,00"}]
    assert ("open_end", "lignes.1") in found(both)  # residence may be unknown
    assert not found([*both, {"prix": "à décider"}]) - {("undecided", "lignes.2.prix")}


def test_undecided_is_an_error_once_live() -> None:
    severities = [next(iter(check_node(saying.node("à décider"), live=live))).severity for live in (False, True)]
    assert severities == [Severity.WARNING, Severity.ERROR]


def test_versions_overlap_or_leave_gaps() -> None:
    first = saying.version("1,00", last_day=dt.date(2025, 12, 31))
    after = attrs.evolve(first, first_day=dt.date(2026, 1, 1), last_day=None)
    assert codes(tariff("t", first, after)) == set()
    assert codes(tariff("t", first, attrs.evolve(after, first_day=dt.date(2025, 12, 31)))) == {"versions_overlap"}
    assert codes(tariff("t", first, attrs.evolve(after, first_day=dt.date(2026, 1, 2)))) == {"versions_gap"}


def test_cycles_and_unknown_tariffs() -> None:
    a, b = (tariff(code, saying.version(f"tarif {other}")) for code, other in ("ab", "ba"))
    assert codes(a, b) == {"cycle"}
    assert codes(tariff("t", saying.version("prix de la prestation"))) == {"cycle"}
    assert codes(tariff("t", saying.version("tarif nulle part"))) == {"unknown_tariff"}


def test_a_rank_says_among_whom() -> None:
    grid = [{"si": {"rang": ">= 2"}, "prix": "1,00"}, {"prix": "2,00"}]
    assert "rank_without_among" in codes(tariff("t", saying.version(grid)))
    assert "rank_without_among" in codes(tariff("t", saying.version(grid, ranks=(RankSpec(),))))
    assert codes(tariff("t", saying.version(grid, ranks=(RankSpec(among=Among.PRESENT),)))) == set()


def test_no_price_above_the_cost_of_the_service() -> None:
    version = saying.version("8,00", cost=Decimal("9.50"), unplanned=saying.node("+2,00"))
    reported = list(check_tariffs([tariff("t", version)]))
    assert [(finding.description.code, finding.path[-1]) for finding in reported] == [
        ("pricing.check.above_cost", "non_prevu")
    ]
    assert codes(tariff("t", saying.version("1,00", unplanned=saying.node("-2,00")))) == {"negative"}


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (4.40, ()),
        (True, ()),
        ("4,40 dollars", ()),
        ("50 %", ()),
        ([], ()),
        ({"montant": "1", "fait": "solde"}, ()),
        ({"montant": "1", "pui": []}, ("pui",)),
        ({"selon": "quotien", "tranches": [{"prix": "1,00"}]}, ("selon",)),
        ({"selon": "quotient", "tranches": [{"prix": "1,00"}, {"jusqu_a": 5, "prix": "1,00"}]}, ("tranches", 0)),
        (
            {"selon": "quotient", "tranches": [{"jusqu_a": 5, "prix": "1"}, {"jusqu_a": 4, "prix": "1"}]},
            ("tranches", 1),
        ),
        ({"selon": "quotient", "tranches": [{"jusqu_a": "< 5", "prix": "1"}]}, ("tranches", 0, "jusqu_a")),
        (
            {"selon": "quotient", "tranches": [{"prix": {"taux": "x", "de": "quotient"}}]},
            ("tranches", 0, "prix", "taux"),
        ),
        ([{"si": {"pays": 1}, "prix": "1,00"}], (0, "si", "pays")),
        ([{"si": {"pai": "oui"}, "prix": "1,00"}], (0, "si", "pai")),
        ([{"si": {"pai": True}}], (0,)),
        ({"taux": "1"}, ()),
        ({"par": "0 min", "a": "1"}, ("par",)),
        ({"par": "30 min", "a": "1", "compte": "jamais"}, ("compte",)),
        ({"par": "30 min", "a": "1", "fenetre": "18:00-17:00"}, ("fenetre",)),
        ({"somme": [{"nom": "a", "prix": "1"}, {"nom": "a", "prix": "2"}]}, ("somme",)),
        ({"montant": "1", "puis": [{"fois": "2", "plus": "1"}]}, ("puis", 0)),
        ({"montant": "1", "puis": [{"arrondi": "au pif"}]}, ("puis", 0, "arrondi")),
        ({"montant": "1", "puis": ["beaucoup"]}, ("puis", 0)),
        ({"prix_de": "t", "avec": {"rang": ">= 2"}}, ("avec", "rang")),
    ],
)
def test_a_fault_is_told_with_its_exact_path(raw: Any, path: tuple[str | int, ...]) -> None:
    problems: list[Fault] = []
    assert read_node(raw, ("prix",), problems) is None
    assert ("prix", *path) in [problem.path for problem in problems]
    assert all(problem.expected and problem.found for problem in problems)


def test_every_fault_is_told_not_only_the_first() -> None:
    problems: list[Fault] = []
    raw = {"selon": "quotien", "tranches": [{"jusqu_a": "x", "prix": 1}, {"prix": "1,00", "nm": "T1"}]}
    read_node(raw, (), problems)
    assert len(problems) == 4
    assert "quotient" in problems[0].expected
