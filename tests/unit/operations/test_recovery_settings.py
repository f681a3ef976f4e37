"""What ``[impayes]`` says happens: reminders, penalties, arrears that gates read, bounds of payment plans."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.billing import Instalment, Invoice
from periscolaire.errors import MisuseError
from periscolaire.files import read_reglement
from periscolaire.ids import HouseholdId
from periscolaire.money import EUR
from periscolaire.operations import PlanWanted, agree_plan, find_anomalies, reminder_levels, send_reminders
from periscolaire.operations._accounts import counted_arrears
from periscolaire.reglement import DEFAULT_REMINDERS, lint
from periscolaire.storage import MemoryStore
from tests.unit.operations.commune import CLERK, Commune
from tests.unit.operations.test_series import OCTOBER, RULES, day

VOTED = """
[impayes]
relances_avant_exclusion = 2
minimum = "5,00"
jours_pour_contester = 10
echeances_maximum = 2
etalement_maximum = 60
echeance_minimum = "3,00"

[[impayes.relances]]
apres = 10

[[impayes.relances]]
apres = 30
penalite = "retard de paiement"

[[penalites]]
code = "retard de paiement"
declencheur = "facture impayée"
prix = "5,00"
assiette = { qui = "foyer", quand = "mois" }
"""


def late(rules: str) -> tuple[Commune, Invoice]:
    """A household that owes 8,00 since the end of November 2025."""
    commune = Commune(MemoryStore(), rules)
    commune.eat("A", "cantine", day(2), day(3))
    (invoice,) = commune.bill(OCTOBER)
    return commune, invoice


def remind(commune: Commune, on: dt.date) -> list[int]:
    with commune.store.unit() as uow:
        sent = send_reminders("REGIE", uow, actor=CLERK, on=on, now=commune.now())
        uow.commit()
    return [one.level for one in sent]


def test_what_is_silent_is_what_is_usual() -> None:
    commune, invoice = late(RULES)
    with commune.store.unit(write=False) as uow:
        assert reminder_levels(uow, day(1, 12)) == DEFAULT_REMINDERS
    assert remind(commune, invoice.due_on + dt.timedelta(days=14)) == []
    assert remind(commune, invoice.due_on + dt.timedelta(days=15)) == [1]


def test_reminders_go_out_as_voted_and_bring_their_penalty() -> None:
    commune, invoice = late(RULES + VOTED)
    with commune.store.unit(write=False) as uow:
        assert [one.days for one in reminder_levels(uow, dt.date(2027, 1, 1))] == [10, 30]
    assert remind(commune, invoice.due_on + dt.timedelta(days=10)) == [1]
    assert commune.bill(OCTOBER) == []
    assert remind(commune, dt.date(2026, 1, 6)) == [2]
    january = type(OCTOBER)(dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    (penalty,) = commune.bill(january)
    assert [(line.product, line.amount) for line in penalty.lines] == [("retard de paiement", 500)]


def test_arrears_count_after_the_steps_that_were_voted() -> None:
    commune, invoice = late(RULES + VOTED)
    first, second = invoice.due_on + dt.timedelta(days=10), dt.date(2026, 1, 6)
    remind(commune, first)
    remind(commune, second)
    policy = read_reglement(RULES + VOTED).recovery
    with commune.store.unit(write=False) as uow:
        counted = counted_arrears(HouseholdId("A"), uow, policy, EUR)
        at_once = counted_arrears(HouseholdId("A"), uow, read_reglement(RULES).recovery, EUR)
    eve = second - dt.timedelta(days=1)
    assert (at_once(eve), counted(eve), counted(second)) == (800, 0, 800)


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ([(10, 300), (20, 300), (30, 200)], "account.plan_too_many"),
        ([(10, 400), (61, 400)], "account.plan_too_long"),
        ([(10, 600), (20, 200)], "account.plan_too_small"),
        ([(10, 400), (60, 400)], None),
    ],
)
def test_payment_plans_keep_within_what_was_voted(parts: list[tuple[int, int]], code: str | None) -> None:
    commune, invoice = late(RULES + VOTED)
    on = invoice.due_on
    wanted = PlanWanted(
        HouseholdId("A"), "REGIE", (invoice.id,),
        tuple(Instalment(on + dt.timedelta(days=days), amount) for days, amount in parts), on,
    )  # fmt: skip
    with commune.store.unit() as uow:
        if code is None:
            assert agree_plan(wanted, uow, actor=CLERK, now=commune.now()).instalments == wanted.instalments
            return
        with pytest.raises(MisuseError) as caught:
            agree_plan(wanted, uow, actor=CLERK, now=commune.now())
    assert caught.value.code == code


def test_a_family_has_the_days_that_were_voted_to_answer() -> None:
    rules = RULES.replace("a_reserver = false", 'reservation = "la veille"', 1)
    for voted, days in ((VOTED, 10), ("", 7)):
        commune = Commune(MemoryStore(), rules + voted)
        commune.eat("A", "cantine", day(2))
        with commune.store.unit(write=False) as uow:
            (found,) = find_anomalies(OCTOBER, uow, actor=CLERK, on=day(10))
        assert found.appeal_until == day(10) + dt.timedelta(days=days)


def test_the_linter_knows_the_penalties_of_reminders() -> None:
    wrong = VOTED.replace('declencheur = "facture impayée"', 'declencheur = "pièce perdue"')
    assert "lint.reminder_penalty" in {one.code for one in lint(read_reglement(RULES + wrong))}
    assert "lint.reminder_penalty" not in {one.code for one in lint(read_reglement(RULES + VOTED))}
