"""The example of a portal without a framework runs, and says what the guide promises."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_example_runs_from_the_first_week_to_the_accepted_offer(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(ROOT / "examples" / "portail_sans_framework.py"), run_name="__main__")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1. Semaine 42 du 12/10/2026 au 16/10/2026 : Restaurant scolaire libre")
    assert "R 12,00\N{NO-BREAK SPACE}€, C 12,90\N{NO-BREAK SPACE}€" in lines[2]
    assert lines[3] == "4. R2026-000001 : 6 lignes ; renvoyé, le même : True"
    assert lines[5] == "   facture REGIE-2026-000001, 12,00\N{NO-BREAK SPACE}€"
    assert "   avoir REGIE-2026-000002, \N{MINUS SIGN}12,00\N{NO-BREAK SPACE}€" in lines
    assert lines[-1] == "8. confirmée ; facture REGIE-2026-000003, 12,00\N{NO-BREAK SPACE}€"
