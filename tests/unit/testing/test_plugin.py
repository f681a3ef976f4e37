"""The pytest plugin, run by pytest in a project of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]

EXAMPLE = Path(__file__).parents[3] / "examples" / "le-langon" / "reglement.toml"
SOURCE = Path(__file__).parents[3] / "src"
SCENARIO = """
format = 1
titre = "Deux réservations"

[[etapes]]
le = "2026-01-05 18:00"
reserver = "cantine"
pour = "2026-01-15"
attendu = {{ autorise = true, effet = "accepté" }}

[[etapes]]
le = "2026-01-06 10:00"
reserver = "cantine"
pour = "2026-01-15"
attendu = {{ effet = "{effect}" }}
"""


def project(pytester: pytest.Pytester, effect: str) -> None:
    folder = pytester.mkdir("langon")
    (folder / "reglement.toml").write_text(EXAMPLE.read_text("utf-8"), encoding="utf-8")
    (folder / "scenarios.toml").write_text(SCENARIO.format(effect=effect), encoding="utf-8")
    pytester.makeini("[pytest]\nperiscolaire_scenarios = langon/scenarios.toml\n")


@pytest.fixture(autouse=True)
def _this_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(SOURCE))


def run(pytester: pytest.Pytester) -> pytest.RunResult:
    # By its module, so that it is the plugin of this tree that runs, installed or not.
    plugins = ("-p", "no:periscolaire", "-p", "periscolaire.testing.plugin", "-p", "no:cacheprovider")
    return pytester.runpytest_subprocess(*plugins, "-v")


def test_each_step_is_a_test(pytester: pytest.Pytester) -> None:
    project(pytester, "autre tarif")
    run(pytester).assert_outcomes(passed=2)


def test_a_disagreement_says_expected_found_and_why(pytester: pytest.Pytester) -> None:
    project(pytester, "refus")
    result = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*effet : attendu « refus » ; trouvé « autre tarif »*", "*La limite est dépassée*"])


def test_the_store_is_a_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        def test_empty(periscolaire_store):
            with periscolaire_store.unit(write=False) as uow:
                assert list(uow.households.stream()) == []
        """
    )
    run(pytester).assert_outcomes(passed=1)


def test_the_plugin_imports_nothing_until_used(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import sys

        def test_idle():
            loaded = {name for name in sys.modules if name.startswith("periscolaire.")}
            assert loaded == {"periscolaire.testing", "periscolaire.testing.plugin"}
        """
    )
    run(pytester).assert_outcomes(passed=1)
