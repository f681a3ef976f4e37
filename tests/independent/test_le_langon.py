"""The whole line against the other hand: every refusal and every cent of the example month."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from pathlib import Path

import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.billing import Invoice
from periscolaire.booking import LineStatus
from periscolaire.calendar import Span
from periscolaire.operations import bill, import_files, publish_reglement
from periscolaire.ports import RecordedDecision
from periscolaire.storage import create_store
from tests.independent import recompute

EXAMPLE = Path(__file__).parents[2] / "examples" / "le-langon"
CLERK = StaffActor("régisseur", frozenset({Role.ADMINISTRATOR}))
NOW = dt.datetime(2025, 12, 1, 8, tzinfo=dt.UTC)


@pytest.fixture(scope="module")
def expected() -> recompute.Month:
    return recompute.recompute(EXAMPLE)


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> tuple[tuple[RecordedDecision, ...], tuple[Invoice, ...]]:
    store = create_store(tmp_path_factory.mktemp("le-langon") / "le-langon.sqlite")
    with store.unit() as uow:
        publish_reglement((EXAMPLE / "reglement.toml").read_text("utf-8"), uow, actor=CLERK, now=NOW)
        files = {path.stem: path for path in EXAMPLE.glob("*.csv")}
        imported = import_files(files, uow, actor=CLERK, now=NOW)
        invoices, pending = bill(
            Span(recompute.FIRST, recompute.LAST), uow, actor=CLERK, issued_on=dt.date(2025, 12, 1), now=NOW
        )
        assert pending == ()
        uow.commit()
    store.close()
    return imported.decisions, invoices


def line_of(decision: RecordedDecision) -> int:
    return int(decision.source.removeprefix("demandes.csv:"))


def test_every_refusal(
    computed: tuple[tuple[RecordedDecision, ...], tuple[Invoice, ...]], expected: recompute.Month
) -> None:
    decisions, _ = computed
    assert {line_of(one) for one in decisions if one.verdict.refused} == set(expected.refused)
    assert {line_of(one) for one in decisions if one.verdict.status is LineStatus.ALREADY} == expected.already
    assert len(expected.refused) > 15, "the example must show refusals"


def test_every_late_request(
    computed: tuple[tuple[RecordedDecision, ...], tuple[Invoice, ...]], expected: recompute.Month
) -> None:
    decisions, _ = computed
    assert {line_of(one) for one in decisions if not one.verdict.refused and one.verdict.tier} == set(expected.late)


def test_every_cent(
    computed: tuple[tuple[RecordedDecision, ...], tuple[Invoice, ...]], expected: recompute.Month
) -> None:
    _, invoices = computed
    days = {(str(line.child), day): line.unit for invoice in invoices for line in invoice.lines for day in line.days}
    assert days == {key: cents for key, cents in expected.cents.items() if cents}
    assert {str(one.payer): one.total for one in invoices} == {
        household: cents for household, cents in expected.by_household.items() if cents
    }


def test_the_other_hand_imports_nothing_of_the_package() -> None:
    code = "import sys; import tests.independent.recompute; print([m for m in sys.modules if 'periscolaire' in m])"
    printed = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert printed.stdout.strip() == "[]"
