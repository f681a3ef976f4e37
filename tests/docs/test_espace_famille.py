"""The Python example of the family account plays the whole guide, as its page says."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_example_goes_from_the_invitation_to_the_settled_invoice(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "espace_famille.py"), run_name="__main__")
    said = " ".join(capsys.readouterr().out.split())
    for words in (
        "1. courriel d'invitation, avec un lien : activationCode, email",
        "Semaine 38 du 18/09/2023 au 22/09/2023 – Votre panier est vide",
        "2 Restaurant scolaire ; Vos demandes sont en cours (6,00 €",
        "2 réservations, 0 refus",
        "acceptée : « Bon rétablissement à Léa. »",
        # The justified day is not due: one meal of the two.
        "3,00 € à payer au plus tard le 01/11/2023.",
        "3,00 €, soldée. Reste à payer : 0,00 €",
        "actualité « Photo de classe », lue",
        "8. contact : Restaurant scolaire",
    ):
        assert words in said
