"""Every sandbox case of API Particulier: a quotient with its month and source, or a failure that says what to do."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from periscolaire.errors import MisuseError
from periscolaire.households import QuotientAnswer, QuotientFailure, QuotientRefusal, read_api_particulier

CASES = Path(__file__).parents[4] / "shared" / "formats" / "api_particulier" / "cases.json"


def cases() -> list[dict[str, Any]]:
    if not CASES.exists():
        pytest.skip(f"the sandbox cases of API Particulier are not there: {CASES.name} (they are not ours to publish)")
    found: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))
    return found


def test_every_sandbox_case_is_read() -> None:
    read = [(case, read_api_particulier(case["status"], case["payload"])) for case in cases()]
    assert len(read) == 104
    for case, result in read:
        payload = case["payload"]
        if case["status"] != 200:
            assert isinstance(result, QuotientRefusal), case["fichier"]
            assert result.message, case["fichier"]
            continue
        assert isinstance(result, QuotientAnswer), case["fichier"]
        quotient = payload.get("data", {}).get("quotient_familial")
        raw = quotient["valeur"] if quotient else payload["quotientFamilial"]
        people = payload.get("data", payload)
        assert result.value == raw, case["fichier"]
        assert len(result.children) == len(people["enfants"]), case["fichier"]
        assert len(result.beneficiaries) == len(people["allocataires"]), case["fichier"]
        assert result.valid_from.day == 1
    kinds = Counter(
        result.source.value if isinstance(result, QuotientAnswer) else result.failure.value for _, result in read
    )
    assert kinds["not_found"] == 12
    assert kinds["unavailable"] == 5
    assert kinds["too_many"] == 1
    assert kinds["CAF"] + kinds["MSA"] == 86


def test_a_failure_of_the_provider_is_worth_another_try_and_an_unknown_family_is_not() -> None:
    late = read_api_particulier(504, {"errors": [{"code": "37002", "title": "Intermédiaire hors-délai"}]})
    unknown = read_api_particulier(404, {"error": "not_found", "message": "Dossier allocataire inexistant."})
    assert isinstance(late, QuotientRefusal)
    assert late.retry
    assert late.code == "37002"
    assert isinstance(unknown, QuotientRefusal)
    assert not unknown.retry
    assert unknown.failure is QuotientFailure.NOT_FOUND


def test_a_quotient_of_zero_is_a_quotient() -> None:
    answer = read_api_particulier(200, {"quotientFamilial": 0, "annee": 2026, "mois": 3})
    assert isinstance(answer, QuotientAnswer)
    assert answer.value == 0
    assert answer.valid_from.isoformat() == "2026-03-01"


@pytest.mark.parametrize(
    ("payload", "words"),
    [
        ([], "JSON object"),
        ({"annee": 2026, "mois": 3}, "quotientFamilial"),
        ({"quotientFamilial": "600", "annee": 2026, "mois": 3}, "whole number"),
        ({"quotientFamilial": 600, "annee": 2026, "mois": 13}, "month"),
        ({"regime": "RSA", "quotientFamilial": 600, "annee": 2026, "mois": 1}, "source"),
        ({"data": {"quotient_familial": None}}, "expected an object"),
    ],
)
def test_an_answer_of_another_shape_is_refused(payload: object, words: str) -> None:
    with pytest.raises(MisuseError, match=words):
        read_api_particulier(200, payload)
