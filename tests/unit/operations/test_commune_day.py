"""Who may act on whom is asked for the commune's own day: in Nouméa a pupil has moved while UTC is a day behind."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeAlias
from zoneinfo import ZoneInfo

import pytest

from periscolaire import operations as o
from periscolaire.access import Role, StaffActor
from periscolaire.booking import Basket, Registration
from periscolaire.calendar import Span
from periscolaire.errors import AccessDeniedError, MisuseError, NotFoundError
from periscolaire.files import read_reglement
from periscolaire.households import Child, Household, Member, Schooling
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode, SchoolCode
from periscolaire.ports import UnitOfWork
from periscolaire.storage import MemoryBlobs, MemoryStore

HOME, LEA, NONE = HouseholdId("H"), ChildId("lea"), FactId("none")
FORMER, PRESENT = SchoolCode("former"), SchoolCode("present")
MOVES = dt.date(2026, 6, 1)
#: The first hours of the day on which she moves to another school; in UTC it is the day before.
NOW = dt.datetime(2026, 6, 1, 8, tzinfo=ZoneInfo("Pacific/Noumea")).astimezone(dt.UTC)
TEXT = """
format = 1
commune = "Poindimié"
version = "2026"
en_vigueur = "2026-01-01"
territoire = "Nouvelle-Calédonie"
monnaie = "XPF"

[[produits]]
code = "cantine"
jours = "jours de classe"
reservation = "la veille"
annulation = "la veille"
prix = "400"
"""
RULES = read_reglement(TEXT)
ADMINISTRATOR = StaffActor("1", frozenset({Role.ADMINISTRATOR}))

Ask: TypeAlias = Callable[[UnitOfWork, StaffActor], object]
#: What each use case is asked for on a day that no command names: today.
ASKED: dict[str, Ask] = {
    "decide_proof": lambda uow, actor: o.decide_proof(LEA, NONE, uow, accepted=True, actor=actor, now=NOW),
    "decide_appeal": lambda uow, actor: o.decide_appeal(LEA, NONE, uow, accepted=True, actor=actor, now=NOW),
    "lift_suspension": lambda uow, actor: o.lift_suspension(LEA, NONE, uow, actor=actor, now=NOW),
    "withdraw_absence": lambda uow, actor: o.withdraw_absence(LEA, NONE, uow, actor=actor, now=NOW),
    "start_online_payment": lambda uow, actor: o.start_online_payment(
        o.PayOnline(HOME, "FACT", ()), uow, actor=actor, now=NOW
    ),
    "export_family": lambda uow, actor: o.export_family(HOME, uow, actor=actor, at=NOW),
    "check_basket": lambda uow, actor: o.check_basket(
        Basket.of(HOME).book(LEA, ProductCode("cantine"), MOVES), uow, actor=actor, at=NOW, reglement=RULES,
        channel="mairie",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    made = MemoryStore()
    with made.unit() as uow:
        o.publish_reglement(TEXT, uow, actor=ADMINISTRATOR, now=NOW)
        schoolings = (
            Schooling(dt.date(2026, 3, 1), MOVES - dt.timedelta(days=1), FORMER),
            Schooling(MOVES, None, PRESENT),
        )
        uow.children.save(Child(LEA, "Poadja", "Léa", dt.date(2018, 1, 1), schoolings=schoolings))
        uow.households.save(Household(HOME, "Poadja", members=(Member(LEA),)))
        uow.commit()
    return made


def is_denied(store: MemoryStore, ask: Ask, school: SchoolCode) -> bool:
    actor = StaffActor("2", frozenset({Role.ADMINISTRATOR}), frozenset({school}))
    with store.unit(write=False) as uow:
        try:
            ask(uow, actor)
        except AccessDeniedError:
            return True
        except (MisuseError, NotFoundError):
            pass  # it was let in, and found nothing there
    return False


@pytest.mark.parametrize("name", ASKED)
def test_the_school_of_today_is_that_of_the_commune_s_day(name: str, store: MemoryStore) -> None:
    assert not is_denied(store, ASKED[name], PRESENT)
    assert is_denied(store, ASKED[name], FORMER)


def test_a_last_service_today_holds_an_erasure_back_and_one_of_yesterday_does_not() -> None:
    made = MemoryStore()
    with made.unit() as uow:
        o.publish_reglement(TEXT, uow, actor=ADMINISTRATOR, now=NOW)
        uow.households.save(Household(HOME, "Poadja"))
        for last, codes in ((MOVES - dt.timedelta(days=1), []), (MOVES, ["erasure.still_registered"])):
            span = Span(dt.date(2026, 3, 1), last)
            uow.registrations.save(Registration(FactId(str(last)), LEA, ProductCode("cantine"), HOME, "2026", span))
            report = o.erase_family(HOME, uow, actor=ADMINISTRATOR, at=NOW, channel="mairie", blobs=MemoryBlobs())
            assert [reason.code for reason in report.verdict.reasons] == codes, last
