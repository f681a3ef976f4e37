"""What is charged once: a fee, an order, a year's scope, whatever versions of the règlement the year goes through."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.billing import Invoice
from periscolaire.booking import Basket, Line, SlotKey
from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.errors import ConflictError
from periscolaire.files import read_reglement
from periscolaire.households import Custody, EvenOddWeeks
from periscolaire.ids import ChildId, HouseholdId, Key, ProductCode
from periscolaire.operations import (
    DoorLine,
    DoorList,
    IncidentSeen,
    bill,
    check_door_list,
    import_files,
    publish_reglement,
    report_incident,
    run_billing,
    validate,
)
from periscolaire.ports import Store
from periscolaire.storage import MemoryStore

CLERK = StaffActor("régie", frozenset({Role.ADMINISTRATOR}))
NOW = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
F1, F2, E1, CANTEEN = HouseholdId("F1"), HouseholdId("F2"), ChildId("E1"), ProductCode("cantine")
FILES = {
    "foyers": "foyer;nom;prenom_1;quotient;depuis\nF1;Martin;Anne;500;2025-09-01\nF2;Petit;Luc;3500;2025-09-01\n",
    "enfants": (
        "enfant;foyer;nom;prenom;naissance\nE1;F1;Martin;Clara;2017-01-08\nE2;F1;Martin;Noé;2019-01-08\n"
        "E3;F2;Petit;Zoé;2018-01-08\n"
    ),
}
CANTEEN_SHEET = """
[[produits]]
code = "cantine"
jours = "lundi, mardi, jeudi, vendredi"
paiement = "C"
reservation = "la veille 10:00"
annulation = "la veille 10:00"

[produits.prix]
prix = "4,00"
non_prevu = "5,00"
"""
FEE = """
[[frais]]
code = "dossier"
prix = "12,00"
assiette = { qui = "foyer", quand = "année scolaire" }
"""
LATE = """
[[penalites]]
code = "retard"
declencheur = "départ après"
limite = "18:30"
prix = { selon = "rang de retard", tranches = [{ jusqu_a = 1, prix = "1,00" }, { prix = "10,00" }] }
"""


def rules(version: str, first: str, *parts: str, last: str | None = None) -> str:
    head = f'format = 1\ncommune = "Essai"\nversion = "{version}"\nen_vigueur = "{first}"\nzone = "B"\n'
    return head + (f'jusqu_au = "{last}"\n' if last else "") + "".join(parts)


def scoped(when: str) -> str:
    return CANTEEN_SHEET.replace('prix = "4,00"', f'prix = "30,00"\nassiette = {{ quand = "{when}" }}')


def commune(*texts: str, checked: str = "", header: str = "enfant;produit;jour;present") -> Store:
    store = MemoryStore()
    with store.unit() as uow:
        for text in texts:
            publish_reglement(text, uow, actor=CLERK, now=NOW)
        files = FILES | ({"pointages": f"{header}\n{checked}"} if checked else {})
        import_files({name: text.encode() for name, text in files.items()}, uow, actor=CLERK, now=NOW)
        uow.commit()
    return store


def billed(store: Store, first: str = "2026-01-01", last: str = "2026-01-31", on: str = "2026-02-01") -> list[Invoice]:
    with store.unit() as uow:
        span = Span(dt.date.fromisoformat(first), dt.date.fromisoformat(last))
        invoices, pending = bill(span, uow, actor=CLERK, issued_on=dt.date.fromisoformat(on), now=NOW)
        assert pending == ()
        again, _ = bill(span, uow, actor=CLERK, issued_on=dt.date.fromisoformat(on), now=NOW)
        assert again == ()
        uow.commit()
    return list(invoices)


def amounts(invoices: list[Invoice], product: str) -> dict[str, list[int]]:
    return {
        invoice.payer: found
        for invoice in invoices
        if (found := [line.amount for line in invoice.lines if line.product == product])
    }


EATEN = "E1;cantine;2025-12-01;oui\nE1;cantine;2026-01-08;oui\nE2;cantine;2026-01-08;oui\nE3;cantine;2026-01-08;oui\n"


def test_a_yearly_fee_is_due_once_though_the_reglement_changes_in_mid_year() -> None:
    store = commune(
        rules("v1", "2025-09-01", CANTEEN_SHEET, FEE, last="2025-12-31"),
        rules("v2", "2026-01-01", CANTEEN_SHEET, FEE.replace("12,00", "15,00")),
        checked=EATEN,
    )
    # By the version of the first day of the year, whoever comes first in January.
    assert amounts(billed(store), "dossier") == {"F1": [1200], "F2": [1200]}


def test_two_households_that_share_a_child_each_owe_the_fee_of_households() -> None:
    store = commune(rules("v1", "2025-09-01", CANTEEN_SHEET, FEE), checked=EATEN)
    with store.unit() as uow:
        home = uow.households.get(F2)
        uow.households.save(home.model.with_child(E1, None), home.version)
        uow.custodies.append([Custody(E1, EvenOddWeeks(F1, F2), dt.date(2025, 9, 1))])
        uow.commit()
    assert amounts(billed(store), "dossier") == {"F1": [1200], "F2": [1200]}


def test_a_penalty_counted_over_the_year_is_counted_on_by_the_next_version() -> None:
    garderie = CANTEEN_SHEET.replace("cantine", "garderie")
    store = commune(
        rules("v1", "2025-09-01", garderie, LATE, last="2025-12-31"),
        rules("v2", "2026-01-01", garderie, LATE),
        header="enfant;produit;jour;present;arrivee;depart",
        checked="E1;garderie;2025-12-01;oui;16:30;18:40\nE1;garderie;2026-01-08;oui;16:30;18:40\n",
    )
    assert amounts(billed(store), "retard") == {"F1": [100, 1000]}


def test_an_incident_is_punished_though_the_household_consumed_nothing() -> None:
    badge = '\n[[penalites]]\ncode = "badge"\ndeclencheur = "pièce perdue"\nprix = "10,00"\n'
    store = commune(rules("v1", "2025-09-01", CANTEEN_SHEET, badge))
    with store.unit() as uow:
        report_incident(IncidentSeen("badge", F1, dt.date(2026, 1, 8)), uow, actor=CLERK, now=NOW)
        report_incident(IncidentSeen("badge", F2, dt.date(2026, 1, 8)), uow, actor=CLERK, now=NOW)
        uow.commit()
    assert amounts(billed(store), "badge") == {"F1": [1000], "F2": [1000]}


def test_a_reglement_that_begins_in_mid_year_bills_its_months_and_years() -> None:
    checked = "E1;cantine;2026-01-16;oui\nE1;cantine;2026-01-19;oui\n"
    for when in ("mois", "année scolaire"):
        store = commune(rules("v1", "2026-01-15", scoped(when)), checked=checked)
        assert amounts(billed(store), "cantine") == {"F1": [500]}  # nobody had booked


def test_a_product_that_begins_in_mid_year_is_charged_for_the_year() -> None:
    store = commune(
        rules("v1", "2025-09-01", CANTEEN_SHEET, last="2025-12-31"),
        rules("v2", "2026-01-01", CANTEEN_SHEET, scoped("année scolaire").replace("cantine", "garderie")),
        checked="E1;garderie;2026-01-16;oui\nE1;garderie;2026-01-19;oui\n",
    )
    assert amounts(billed(store), "garderie") == {"F1": [500]}


def test_what_is_priced_by_the_order_is_charged_once_for_all_its_days() -> None:
    text = rules("v1", "2025-09-01", scoped("commande"))
    store, days = commune(text), [dt.date(2026, 1, day) for day in (15, 16, 19)]
    with store.unit() as uow:
        basket = Basket.of(F1)
        for day in days:
            basket = basket.add(Line(Action.BOOK, SlotKey(E1, CANTEEN, day)))
        at = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
        validate(basket, uow, actor=CLERK, key=Key("k"), at=at, reglement=read_reglement(text))
        checked = "enfant;produit;jour;present\n" + "".join(f"E1;cantine;{day};oui\n" for day in days)
        import_files({"pointages": checked.encode()}, uow, actor=CLERK, now=NOW)
        uow.commit()
    assert amounts(billed(store), "cantine") == {"F1": [3000]}


def test_a_run_dated_before_the_last_one_takes_nothing_back_twice() -> None:
    store = commune(rules("v1", "2025-09-01", CANTEEN_SHEET), checked=EATEN)
    billed(store, on="2026-02-10")
    with store.unit() as uow:
        corrected = b"enfant;produit;jour;present\nE1;cantine;2026-01-08;non\n"
        import_files({"pointages": corrected}, uow, actor=CLERK, now=NOW + dt.timedelta(days=1))
        uow.commit()
    assert [one.total for one in billed(store, on="2026-02-10")] == [-500]
    assert billed(store, on="2026-02-11") == []


def test_numbers_follow_the_days_of_issue() -> None:
    store = commune(rules("v1", "2025-09-01", CANTEEN_SHEET), checked=EATEN)
    billed(store, on="2026-02-10")
    with store.unit() as uow:
        corrected = b"enfant;produit;jour;present\nE1;cantine;2026-01-08;non\n"
        import_files({"pointages": corrected}, uow, actor=CLERK, now=NOW + dt.timedelta(days=1))
        uow.commit()
    with pytest.raises(ConflictError, match="REGIE-2026-000002 was issued on 2026-02-10"):
        billed(store, on="2026-02-09")
    span = Span(dt.date(2026, 1, 1), dt.date(2026, 1, 31))
    with pytest.raises(ConflictError):
        run_billing(span, store, actor=CLERK, issued_on=dt.date(2026, 2, 9), now=NOW)
    assert [one.number for one in billed(store, on="2026-02-10")] == [3]


def test_a_family_books_on_both_sides_of_a_change_of_rules() -> None:
    store = commune(
        rules("v1", "2025-09-01", scoped("mois")), rules("v2", "2026-01-19", scoped("mois").replace("30,00", "40,00"))
    )
    days = ("2026-01-16", "2026-01-19", "2026-01-20")
    for number, day in enumerate(days):
        with store.unit() as uow:
            asked = f"instant;enfant;action;produit;jour\n2026-01-05 12:0{number};E1;réserver;cantine;{day}\n"
            imported = import_files({"demandes": asked.encode()}, uow, actor=CLERK, now=NOW)
            # A month is priced by the version of its first day, and what is paid already costs nothing more.
            assert [one.verdict.price for one in imported.decisions] == [3000 if number == 0 else 0]
            uow.commit()


def test_a_check_taken_back_leaves_the_month_the_fee_and_the_penalty_as_they_stand() -> None:
    late = LATE.replace("18:30", "17:00")
    store = commune(
        rules("v1", "2025-09-01", scoped("mois"), FEE, late),
        header="enfant;produit;jour;present;arrivee;depart",
        checked="E1;cantine;2026-01-08;oui;12:00;17:30\n",
    )
    with store.unit() as uow:
        asked = b"instant;enfant;action;produit;jour\n2026-01-05 12:00;E1;r\xc3\xa9server;cantine;2026-01-08\n"
        import_files({"demandes": asked}, uow, actor=CLERK, now=NOW)
        uow.commit()
    assert sum(invoice.total for invoice in billed(store)) == 3000 + 1200 + 100
    with store.unit() as uow:
        door = DoorList(CANTEEN, dt.date(2026, 1, 8), (DoorLine(E1, present=None),))
        check_door_list(door, uow, actor=CLERK, now=NOW + dt.timedelta(days=1))
        span = Span(dt.date(2026, 1, 1), dt.date(2026, 1, 31))
        invoices, pending = bill(span, uow, actor=CLERK, issued_on=dt.date(2026, 2, 3), now=NOW)
    assert (invoices, [one.day for one in pending]) == ((), [dt.date(2026, 1, 8)])
