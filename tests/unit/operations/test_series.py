"""Several régies, runs over a part of the commune, credits given back: what ``[facturation]`` says happens."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from periscolaire.billing import EVERYTHING, InvoiceKind, Means, Payment, Selection, describe_presumed
from periscolaire.calendar import Span
from periscolaire.errors import MisuseError
from periscolaire.households import DatedFact
from periscolaire.i18n import text
from periscolaire.ids import ChildId, HouseholdId, PaymentId, ProductCode
from periscolaire.operations import (
    compare_run,
    import_files,
    prepare_run,
    publish_reglement,
    published_reglements,
    read_account,
    record_facts,
    record_payments,
    refunds_due,
    run_billing,
)
from periscolaire.reglement import last_cycle
from tests.stores import new_store
from tests.unit.operations.commune import BEGINS, CLERK, SITES, Commune

RULES = """
format = 1
commune = "Exemple"
version = "2025"
en_vigueur = "2025-09-01"
zone = "B"

[[produits]]
code = "cantine"
jours = "jours de classe"
a_reserver = false
prix = "4,00"

[[produits]]
code = "garderie"
jours = "jours de classe"
a_reserver = false
prix = "2,00"
"""
SERIES = """
[[facturation.series]]
code = "CANTINE"
produits = ["cantine"]
regie = "R12"
delai_de_paiement = 10

[[facturation.series]]
code = "TILLEULS"
sites = ["Les Tilleuls"]

[[facturation.series]]
code = "RESTE"
"""
OCTOBER = Span(dt.date(2025, 10, 1), dt.date(2025, 10, 31))
NOVEMBER = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))


@pytest.fixture(params=["memory", "sqlite"])
def commune_of(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], Commune]:
    return lambda rules: Commune(new_store(request.param, tmp_path), rules)


def day(number: int, month: int = 10) -> dt.date:
    return dt.date(2025, month, number)


def eaten(commune: Commune) -> Commune:
    for home, product in itertools.product(SITES, ("cantine", "garderie")):
        commune.eat(home, product, day(2), day(3))
    return commune


def test_each_series_has_its_documents_numbers_and_days_to_pay(commune_of: Callable[[str], Commune]) -> None:
    issued = eaten(commune_of(RULES + SERIES)).bill(OCTOBER)
    assert [(one.id, one.payer, one.total, one.regie) for one in issued] == [
        ("CANTINE-2025-000001", "A", 800, "R12"),
        ("CANTINE-2025-000002", "B", 800, "R12"),
        ("RESTE-2025-000001", "B", 400, None),
        ("TILLEULS-2025-000001", "A", 400, None),
    ]
    assert {one.series: (one.due_on - one.issued_on).days for one in issued} == {
        "CANTINE": 10, "RESTE": 30, "TILLEULS": 30,
    }  # fmt: skip
    assert {line.site for one in issued for line in one.lines if one.payer == "A"} == {"Les Tilleuls"}


@pytest.mark.parametrize(
    ("asked", "documents"),
    [
        (Selection(products=frozenset({ProductCode("garderie")})), {"RESTE", "TILLEULS"}),
        (Selection(series=frozenset({"CANTINE"})), {"CANTINE"}),
        (Selection(sites=frozenset({"Le Bourg"})), {"CANTINE", "RESTE"}),
        (Selection(households=frozenset({HouseholdId("A")})), {"CANTINE", "TILLEULS"}),
    ],
    ids=["products", "series", "sites", "households"],
)
def test_a_part_then_the_rest_is_the_whole(
    asked: Selection, documents: set[str], commune_of: Callable[[str], Commune]
) -> None:
    commune = eaten(commune_of(RULES + SERIES))
    part = commune.bill(OCTOBER, asked)
    assert {one.series for one in part} == documents
    commune.bill(OCTOBER)
    assert commune.bill(OCTOBER) == []
    assert sum(one.total for one in commune.invoices()) == 2400


def test_a_selection_names_what_exists(commune_of: Callable[[str], Commune]) -> None:
    commune = commune_of(RULES + SERIES)
    for wrong in (Selection(products=frozenset({ProductCode("goûter")})), Selection(series=frozenset({"X"}))):
        with pytest.raises(MisuseError) as caught:
            commune.bill(OCTOBER, wrong)
        assert caught.value.code == "billing.selection_unknown"


def test_a_correction_stays_in_the_series_of_what_it_corrects(commune_of: Callable[[str], Commune]) -> None:
    commune = eaten(commune_of(RULES + SERIES))
    commune.bill(OCTOBER)
    moved = DatedFact(ChildId("A1"), "site", "Le Bourg", dt.date(2025, 9, 1), None, BEGINS)
    with commune.store.unit() as uow:
        record_facts([moved], uow, actor=CLERK, at=commune.now(), channel="guichet")
        uow.commit()
    commune.eat("A", "garderie", day(3), present=False)
    commune.eat("A", "garderie", day(6, 11), day(7, 11))
    assert [(one.series, one.total) for one in commune.bill(NOVEMBER)] == [("RESTE", 400), ("TILLEULS", -200)]


@pytest.mark.parametrize("refund", ["facture suivante", "si déjà payée"])
def test_a_series_that_the_rules_gave_up_still_takes_its_corrections(
    refund: str, commune_of: Callable[[str], Commune]
) -> None:
    commune = commune_of(RULES + f'[facturation]\navoirs = "{refund}"\n')
    commune.eat("A", "cantine", day(2), day(3), day(6))
    (october,) = commune.bill(OCTOBER)
    titres = RULES.replace('version = "2025"', 'version = "titres"').replace("2025-09-01", "2025-11-01")
    with commune.store.unit() as uow:
        publish_reglement(titres + '[facturation]\nencaissement = "titre"\n', uow, actor=CLERK, now=commune.now())
        paid = Payment(
            PaymentId("P"), HouseholdId("A"), "REGIE", Means.CASH, 1200, day(4, 11), commune.now(), "agent",
            invoices=(october.id,),
        )  # fmt: skip
        record_payments([paid], uow, actor=CLERK, now=commune.now())
        uow.commit()
    commune.eat("A", "cantine", day(2), present=False)
    commune.eat("A", "cantine", *(day(number, 11) for number in (3, 4, 6, 7)))
    commune.eat("A", "garderie", day(3))  # of October, and never billed before
    with commune.store.unit(write=False) as uow:
        prepared = prepare_run(NOVEMBER, uow, actor=CLERK, issued_on=day(1, 12))
    made = [(one.series, one.total, one.original) for one in commune.bill(NOVEMBER)]
    assert made == [("REGIE", -400, None), ("TITRE", 1800, None)]
    assert sorted((one.series, one.total, one.original) for one in prepared.drafts) == made
    with commune.store.unit(write=False) as uow:
        due = refunds_due(day(2, 12), uow, actor=CLERK)
    assert due == ((("REGIE", "A", 400),) if refund == "si déjà payée" else ())
    assert commune.bill(NOVEMBER) == []


def test_a_titre_waits_for_the_threshold_of_the_law_and_reduces_its_original(
    commune_of: Callable[[str], Commune],
) -> None:
    commune = commune_of(RULES + '[facturation]\nencaissement = "titre"\n')
    commune.eat("A", "cantine", day(2), day(3), day(6))
    assert commune.bill(OCTOBER) == []
    commune.eat("A", "cantine", day(6, 11), day(7, 11))
    (titre,) = commune.bill(NOVEMBER)
    assert (titre.series, titre.total) == ("TITRE", 2000)
    commune.eat("A", "cantine", day(2), present=False)
    (reduction,) = commune.bill(Span(day(1, 12), day(31, 12)))
    assert (reduction.kind, reduction.total, reduction.original) == (InvoiceKind.CREDIT_NOTE, -400, titre.id)


@pytest.mark.parametrize(
    ("policy", "left", "due"),
    [
        ("facture suivante", 400, {}),
        ("sur demande", 800, {}),
        ("si déjà payée", 800, {day(1, 12): 400, dt.date(2026, 8, 1): 400}),
        ("fin d'année", 800, {dt.date(2026, 9, 15): 400}),
    ],
)
def test_a_credit_becomes_what_the_commune_voted(
    policy: str, left: int, due: dict[dt.date, int], commune_of: Callable[[str], Commune]
) -> None:
    commune = commune_of(RULES + f'[facturation]\navoirs = "{policy}"\n')
    commune.eat("A", "cantine", day(2), day(3))
    (paid,) = commune.bill(OCTOBER)
    with commune.store.unit() as uow:
        payment = Payment(
            PaymentId("P1"), HouseholdId("A"), "REGIE", Means.CARD, 800, day(5, 11), commune.now(), "agent",
            invoices=(paid.id,),
        )  # fmt: skip
        record_payments([payment], uow, actor=CLERK, now=commune.now())
        uow.commit()
    commune.eat("A", "cantine", day(2), present=False)
    (credit,) = commune.bill(NOVEMBER)
    assert credit.total == -400
    commune.eat("A", "cantine", day(4, 12), day(5, 12))
    (following,) = commune.bill(Span(day(1, 12), day(31, 12)))
    with commune.store.unit(write=False) as uow:
        assert read_account(HouseholdId("A"), "REGIE", uow, actor=CLERK).remaining()[following.id] == left
        for on in (day(1, 12), dt.date(2026, 8, 1), dt.date(2026, 9, 15)):
            given = {amount for _, _, amount in refunds_due(on, uow, actor=CLERK)}
            if policy != "si déjà payée" or on in due:
                assert given == ({due[on]} if on in due else set())


def test_an_unpaid_invoice_is_always_reduced_first(commune_of: Callable[[str], Commune]) -> None:
    commune = commune_of(RULES + '[facturation]\navoirs = "fin d\'année"\n')
    commune.eat("A", "cantine", day(2), day(3))
    (open_invoice,) = commune.bill(OCTOBER)
    commune.eat("A", "cantine", day(2), present=False)
    commune.bill(NOVEMBER)
    with commune.store.unit(write=False) as uow:
        account = read_account(HouseholdId("A"), "REGIE", uow, actor=CLERK)
    assert (account.remaining()[open_invoice.id], account.credit) == (400, 0)


def test_a_draft_is_made_again_alone_and_compared_with_the_month_before(commune_of: Callable[[str], Commune]) -> None:
    commune = eaten(commune_of(RULES))
    commune.bill(OCTOBER)
    commune.eat("A", "cantine", day(6, 11))
    commune.eat("B", "cantine", day(6, 11), day(7, 11), day(13, 11), day(14, 11))
    alone = Selection(households=frozenset({HouseholdId("A")}))
    with commune.store.unit(write=False) as uow:
        for asked, expected in ((EVERYTHING, [("A", 1200, 400), ("B", 1200, 1600)]), (alone, [("A", 1200, 400)])):
            prepared = prepare_run(NOVEMBER, uow, actor=CLERK, issued_on=day(1, 12), selection=asked)
            compared = compare_run(prepared, uow, actor=CLERK)
            assert [(one.payer, one.before, one.now) for one in compared] == expected
    assert [(one.payer, one.total) for one in commune.bill(NOVEMBER, alone)] == [("A", 400)]
    assert [(one.payer, one.total) for one in commune.bill(NOVEMBER)] == [("B", 1600)]


def test_unchecked_days_keep_a_family_from_being_billed_where_the_commune_says_so(
    commune_of: Callable[[str], Commune],
) -> None:
    rules = RULES.replace("a_reserver = false", 'reservation = "la veille"', 1)
    commune = commune_of(rules + '[facturation]\nnon_pointes = "bloquer"\n')
    header = "instant;enfant;action;produit;jour\n"
    rows = "".join(f"2025-09-20 10:00;A1;réserver;cantine;{day(number)}\n" for number in (2, 3))
    with commune.store.unit() as uow:
        import_files({"demandes": (header + rows).encode()}, uow, actor=CLERK, now=commune.now())
        uow.commit()
    commune.eat("A", "cantine", day(2))
    commune.eat("B", "garderie", day(2))
    report = run_billing(OCTOBER, commune.store, actor=CLERK, issued_on=day(1, 11), now=commune.now())
    assert (report.invoices, report.blocked) == (1, ("A",))
    with commune.store.unit(write=False) as uow:
        prepared = prepare_run(OCTOBER, uow, actor=CLERK, issued_on=day(1, 11))
    assert [draft.blocked for draft in prepared.drafts] == [True]
    commune.eat("A", "cantine", day(3))
    assert [(one.payer, one.total) for one in commune.bill(OCTOBER)] == [("A", 800)]


@pytest.mark.parametrize(("policy", "total", "told"), [("présent", 800, "présent"), ("absent", 400, "absent")])
def test_what_nobody_checked_and_is_billed_all_the_same_is_listed_until_somebody_does(
    policy: str, total: int, told: str, commune_of: Callable[[str], Commune]
) -> None:
    more = f'pointage = {{ non_pointe = "{policy}" }}\nreservation = "la veille"\n'
    more += 'absence = { lignes = [{ effet = "non dû" }] }'
    commune = commune_of(RULES.replace("a_reserver = false", more, 1))
    commune.book("A", "cantine", [day(2), day(3)])
    commune.eat("A", "cantine", day(2))
    with commune.store.unit(write=False) as uow:
        prepared = prepare_run(OCTOBER, uow, actor=CLERK, issued_on=day(1, 11))
    report = run_billing(OCTOBER, commune.store, actor=CLERK, issued_on=day(1, 11), now=commune.now())
    assert report.total == total
    assert prepared.presumed == report.presumed
    (said,) = map(describe_presumed, report.presumed)
    assert (said.parameters["household"], said.parameters["child"], said.parameters["day"]) == ("A", "A1", day(3))
    assert f"cantine, vendredi 3 octobre 2025 : pas pointé dans le délai, compté {told}" in text(said)
    asked = Selection(products=frozenset({ProductCode("garderie")}))
    with commune.store.unit(write=False) as uow:
        assert not prepare_run(OCTOBER, uow, actor=CLERK, issued_on=day(1, 11), selection=asked).presumed
        assert prepare_run(NOVEMBER, uow, actor=CLERK, issued_on=day(1, 12)).presumed == report.presumed
    commune.eat("A", "cantine", day(3), present=False)
    again = run_billing(NOVEMBER, commune.store, actor=CLERK, issued_on=day(1, 12), now=commune.now())
    assert (again.total, again.presumed) == (400 - total, ())


def test_a_run_over_a_cycle_of_two_months_makes_one_invoice_and_one_in_between_is_told(
    commune_of: Callable[[str], Commune],
) -> None:
    commune = commune_of(RULES + '[facturation]\nrythme = "deux mois"\n')
    commune.eat("A", "cantine", day(2, 9), day(2))
    with commune.store.unit(write=False) as uow:
        cycle = last_cycle(published_reglements(uow), day(1, 11))
        assert cycle == Span(day(1, 9), day(31))
        prepared = [prepare_run(one, uow, actor=CLERK, issued_on=day(1, 11)) for one in (cycle, OCTOBER)]
    assert [one.off_cycle and one.off_cycle.code for one in prepared] == [None, "billing.run.off_cycle"]
    report = run_billing(OCTOBER, commune.store, actor=CLERK, issued_on=day(1, 11), now=commune.now())
    assert (report.off_cycle, report.invoices) == (prepared[1].off_cycle, 1)


def test_a_payment_says_its_invoice_where_there_are_several_series(commune_of: Callable[[str], Commune]) -> None:
    commune = eaten(commune_of(RULES + SERIES))
    commune.bill(OCTOBER)
    header = "paiement;foyer;facture;moyen;montant;instant\n"
    row = "P1;A;TILLEULS-2025-000001;carte;4,00;2025-11-05 10:00\n"
    with commune.store.unit() as uow:
        import_files({"encaissements": (header + row).encode()}, uow, actor=CLERK, now=commune.now())
        assert read_account(HouseholdId("A"), "TILLEULS", uow, actor=CLERK).owed == 0
