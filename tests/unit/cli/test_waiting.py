"""Who waits for a place, by commands: asked, served, granted, refused, and places that nobody paid for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from periscolaire.access import FamilyActor
from periscolaire.booking import Basket, CheckPolicy
from periscolaire.cli._app import app
from periscolaire.households import Child, DatedFact, Household, Member
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId, Key, ProductCode
from periscolaire.operations import publish_reglement, published_reglements, validate
from periscolaire.storage import create_store
from tests.unit.booking.commune import at, day
from tests.unit.operations.test_estimates import CLERK

RULES = """
format = 1
commune = "Exemple"
version = "2026"
en_vigueur = "2026-09-01"
zone = "B"

[[produits]]
code = "centre"
nom = "Centre de loisirs"
jours = "jours de classe"
reservation = "la veille"
annulation = "la veille"
paiement = "PAIEMENT"
prix = "12,00"
places = { maximum = 1, attribution = "priorités", priorites = [{ resident = true }] }
"""
DAY = "2026-10-12"
Run = Callable[..., Any]


@pytest.fixture
def run_with(tmp_path: Path) -> Callable[[str], Run]:
    """Three children who have asked for the only place of a day, the last of them by priority."""

    def make(payment: str) -> Run:
        path = str(tmp_path / "commune.sqlite")
        store = create_store(path)
        with store.unit() as uow:
            publish_reglement(RULES.replace("PAIEMENT", payment), uow, actor=CLERK, now=at("2026-09-01 08:00"))
            for name in ("Anna", "Bilal", "Chloé"):
                child, home = ChildId(name), HouseholdId(f"F{name}")
                uow.children.save(Child(child, name, name, day("2018-03-04")))
                uow.households.save(Household(home, name, members=(Member(child),)))
            resident = DatedFact(
                HouseholdId("FChloé"), "resident", True, day("2026-09-01"), None, at("2026-09-01 08:00")
            )
            uow.dated_facts.append([resident])
            (rules,) = published_reglements(uow).versions
            uow.commit()
        for number, name in enumerate(("Anna", "Bilal", "Chloé")):
            home = HouseholdId(f"F{name}")
            basket = Basket.of(home).book(ChildId(name), ProductCode("centre"), day(DAY))
            parent = FamilyActor(AccountId(name), AdultId(name), frozenset({home}))
            with store.unit() as uow:
                validate(
                    basket, uow, actor=parent, key=Key(name), at=at(f"2026-10-01 09:0{number}"), reglement=rules,
                    policy=CheckPolicy(waiting=True),
                )  # fmt: skip
        store.close()

        def run(line: str, *more: str, code: int = 0, plain: bool = False) -> Any:
            head, *rest = line.split()
            said = [] if plain else ["--json"]
            result = CliRunner().invoke(app, ["waiting", head, path, *rest, *more, *said], prog_name="periscolaire")
            assert result.exit_code == code, result.output
            return result.output if plain or code else json.loads(result.output)

        return run

    return make


LATER = ("--le", "2026-10-02 09:00")


def states(run: Run) -> dict[str, str]:
    return {row["code"]: row["état"] for row in run(f"list {DAY}")}


def test_places_are_served_in_order_invoiced_and_the_others_wait(run_with: Callable[[str], Run]) -> None:
    run = run_with("R facture")
    assert states(run) == {"Anna": "demandée", "Bilal": "demandée", "Chloé": "demandée"}
    assert "Chloé" in run(f"list {DAY}", plain=True)
    tried = run(f"serve centre {DAY} --essai", *LATER)
    made = run(f"serve centre {DAY}", *LATER)
    assert made["reponses"] == tried["reponses"]
    assert [(row["code"], row["réponse"]) for row in made["reponses"]] == [
        ("Chloé", "servie"), ("Anna", "en attente"), ("Bilal", "en attente"),
    ]  # fmt: skip
    assert ([one["montant"] for one in made["factures"]], tried["factures"]) == (["12.00"], [])
    assert states(run) == {"Anna": "en attente", "Bilal": "en attente"}
    again = run(f"serve centre {DAY}", *LATER)
    assert ({row["réponse"] for row in again["reponses"]}, again["factures"]) == ({"en attente"}, [])


def test_a_place_that_payment_confirms_is_held_and_falls_when_nobody_pays(run_with: Callable[[str], Run]) -> None:
    run = run_with("R")
    made = run(f"serve centre {DAY} --heures 24", *LATER)
    assert [row["réponse"] for row in made["reponses"]] == ["à payer", "en attente", "en attente"]
    assert len(made["factures"]) == 1
    held = [row["tenue_jusqu_au"] for row in run(f"list {DAY}") if row["code"] == "Chloé"]
    assert held[0].startswith("2026-10-03T09:00")
    assert run(f"expire {DAY}", "--le", "2026-10-03 08:59") == []
    assert [row["code"] for row in run(f"expire {DAY}", "--le", "2026-10-03 09:00")] == ["Chloé"]
    made = run(f"serve centre {DAY}", "--le", "2026-10-03 09:05")
    assert [row["code"] for row in made["reponses"] if row["réponse"] == "à payer"] == ["Anna"]


def test_one_is_granted_another_refused_and_nothing_is_answered_twice(run_with: Callable[[str], Run]) -> None:
    run = run_with("R facture")
    assert run(f"grant Bilal centre {DAY}", *LATER)["factures"][0]["montant"] == "12.00"
    assert "aucune place libre" in run(f"grant Anna centre {DAY}", *LATER, code=2)
    assert run(f"refuse Anna centre {DAY} --motif complet", *LATER)["état"] == "refusée"
    assert "plus rien à répondre (réservation refusée)" in run(f"grant Anna centre {DAY}", *LATER, code=2)
    assert "Rien n'est demandé" in run("grant Anna centre 2026-10-13", *LATER, code=2)
    assert states(run) == {"Chloé": "demandée"}


def test_a_draw_is_said_and_the_same_again(run_with: Callable[[str], Run]) -> None:
    run = run_with("C")
    first = run(f"serve centre {DAY} --tirage tombola --essai", *LATER)
    assert first["reponses"] == run(f"serve centre {DAY} --tirage tombola", *LATER)["reponses"]
