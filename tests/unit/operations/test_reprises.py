"""New rules reach days already billed by an act of the commune, and by nothing else."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periscolaire.access import Role, StaffActor
from periscolaire.billing import Invoice, LineRef
from periscolaire.calendar import Span
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.ids import FactId, InvoiceId, Key, ProductCode
from periscolaire.operations import (
    bill,
    import_files,
    line_story,
    publish_reglement,
    record_reprise,
    withdraw_reprise,
)
from periscolaire.ports import UnitOfWork
from periscolaire.storage import MemoryStore

CLERK = StaffActor("régie", frozenset({Role.ADMINISTRATOR}))
CANTEEN, ACT = ProductCode("cantine"), "délibération 2026-12"
FILES = {
    "foyers": "foyer;nom;prenom_1\nF1;Martin;Anne\n",
    "enfants": "enfant;foyer;nom;prenom;naissance\nE1;F1;Martin;Clara;2017-01-08\n",
    "pointages": "enfant;produit;jour;present\nE1;cantine;2025-12-15;oui\nE1;cantine;2026-01-08;oui\n",
}
WINTER = Span(dt.date(2025, 12, 1), dt.date(2026, 1, 31))
#: The day of the act, after the bill of January by the rules of September.
VOTED = dt.date(2026, 2, 10)


def rules(version: str, first: str, price: str) -> str:
    return f"""
format = 1
commune = "Essai"
version = "{version}"
en_vigueur = "{first}"
zone = "B"

[[produits]]
code = "cantine"
jours = "lundi, mardi, jeudi, vendredi"
paiement = "C"
reservation = "la veille 10:00"
annulation = "la veille 10:00"
prix = "{price}"
"""


def noon(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)


def billed_before_new_rules(files: dict[str, str]) -> UnitOfWork:
    """Days billed at 4,00; then rules at 3,00 that hold since January are published."""
    unit = MemoryStore().unit()
    unit.__enter__()
    publish_reglement(rules("v1", "2025-09-01", "4,00"), unit, actor=CLERK, now=noon(dt.date(2025, 8, 1)))
    on = dt.date(2026, 2, 1)
    import_files({name: text.encode() for name, text in files.items()}, unit, actor=CLERK, now=noon(on))
    (first,) = run(unit, on)
    assert {line.unit for line in first.lines} == {400}
    publish_reglement(rules("v2", "2026-01-01", "3,00"), unit, actor=CLERK, now=noon(VOTED))
    return unit


@pytest.fixture
def uow() -> UnitOfWork:
    return billed_before_new_rules(FILES)


def run(uow: UnitOfWork, on: dt.date) -> tuple[Invoice, ...]:
    invoices, pending = bill(WINTER, uow, actor=CLERK, issued_on=on, now=noon(on))
    assert pending == ()
    return invoices


def lines(invoice: Invoice) -> list[tuple[dt.date, int, int]]:
    return [(line.days[0], line.quantity, line.unit) for line in invoice.lines]


def test_new_rules_reach_billed_days_once_by_the_act_alone(uow: UnitOfWork) -> None:
    assert run(uow, VOTED) == ()
    act = record_reprise(ACT, WINTER, None, uow, actor=CLERK, now=noon(VOTED))
    assert (act.reference, act.products, act.author) == (ACT, None, "agent:régie")
    (credit,) = run(uow, VOTED)
    day = dt.date(2026, 1, 8)  # in December the rules of September were in force, and still are
    assert lines(credit) == [(day, -1, 400), (day, 1, 300)]
    assert all(line.corrects == (LineRef(InvoiceId("REGIE-2026-000001"), 1),) for line in credit.lines)
    assert run(uow, VOTED) == ()


def test_the_act_is_told_where_a_line_is_explained(uow: UnitOfWork) -> None:
    act = record_reprise(ACT, WINTER, frozenset({CANTEEN}), uow, actor=CLERK, now=noon(VOTED))
    (credit,) = run(uow, VOTED)
    for line in credit.lines:
        told = line_story(credit.id, line.number, uow, actor=CLERK).walk()
        assert act.id in [one.id for one in told]
    first = line_story(InvoiceId("REGIE-2026-000001"), 1, uow, actor=CLERK)
    assert act.id not in [one.id for one in first.walk()]


def test_an_act_about_other_days_changes_nothing(uow: UnitOfWork) -> None:
    record_reprise(ACT, Span(WINTER.first, dt.date(2026, 1, 7)), None, uow, actor=CLERK, now=noon(VOTED))
    assert run(uow, VOTED) == ()


def test_an_act_withdrawn_before_it_is_billed_changes_nothing(uow: UnitOfWork) -> None:
    act = record_reprise(ACT, WINTER, None, uow, actor=CLERK, now=noon(VOTED))
    assert withdraw_reprise(act.id, uow, actor=CLERK, now=noon(VOTED)).withdrawn
    assert run(uow, VOTED) == ()
    with pytest.raises(ConflictError, match="withdrawn before"):
        withdraw_reprise(act.id, uow, actor=CLERK, now=noon(VOTED))


def test_an_act_withdrawn_once_it_is_billed_leaves_the_bill_as_it_stands(uow: UnitOfWork) -> None:
    act = record_reprise(ACT, WINTER, None, uow, actor=CLERK, now=noon(VOTED))
    run(uow, VOTED)
    withdraw_reprise(act.id, uow, actor=CLERK, now=noon(VOTED))
    assert run(uow, VOTED) == ()


def test_an_act_recorded_twice_under_its_key_counts_once(uow: UnitOfWork) -> None:
    both = [record_reprise(ACT, WINTER, None, uow, actor=CLERK, now=noon(VOTED), key=Key("k")) for _ in range(2)]
    assert both[0] == both[1]
    assert uow.reprises.of("") == (both[0],)


def test_what_cannot_be_is_refused_and_nothing_is_kept(uow: UnitOfWork) -> None:
    with pytest.raises(MisuseError, match="reference of the act"):
        record_reprise(" ", WINTER, None, uow, actor=CLERK, now=noon(VOTED))
    with pytest.raises(NotFoundError, match="garderie"):
        record_reprise(ACT, WINTER, {ProductCode("garderie")}, uow, actor=CLERK, now=noon(VOTED))
    with pytest.raises(NotFoundError):
        record_reprise(ACT, Span(dt.date(2024, 1, 1), WINTER.last), None, uow, actor=CLERK, now=noon(VOTED))
    with pytest.raises(NotFoundError, match="reprise x"):
        withdraw_reprise(FactId("x"), uow, actor=CLERK, now=noon(VOTED))
    assert uow.reprises.of("") == ()


#: Days of class around the day from which the new rules hold.
DAYS = [dt.date(2025, 12, day) for day in (1, 8, 15, 18)] + [dt.date(2026, 1, day) for day in (5, 8, 12, 30)]


@given(
    st.sets(st.sampled_from(DAYS), min_size=1),
    st.lists(st.tuples(st.sampled_from(DAYS), st.sampled_from(DAYS)).map(sorted), max_size=2),
)
def test_every_billed_day_bears_its_new_price_where_an_act_covers_it_and_its_former_one_elsewhere(
    came: set[dt.date], acts: list[list[dt.date]]
) -> None:
    rows = "".join(f"E1;cantine;{day};oui\n" for day in sorted(came))
    uow = billed_before_new_rules({**FILES, "pointages": f"enfant;produit;jour;present\n{rows}"})
    for first, last in acts:
        record_reprise(ACT, Span(first, last), None, uow, actor=CLERK, now=noon(VOTED))
        run(uow, VOTED)  # an act at a time comes to what all of them come to
    assert run(uow, VOTED) == ()
    net: Counter[dt.date] = Counter()
    for stored in uow.invoices.stream():
        for line in stored.model.lines:
            for day in line.days:
                net[day] += line.amount // len(line.days)
    covered = {day for day in came for first, last in acts if first <= day <= last}
    assert net == {day: 300 if day in covered and day.year == 2026 else 400 for day in came}
