"""What a family owes and what its file lacks, as gates read them: from the ledger and the documents."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.attendance import Presence
from periscolaire.billing import Means, Payment
from periscolaire.booking import Basket, CheckResult, LineStatus, SlotKey, period_view
from periscolaire.calendar import Span
from periscolaire.files import read_reglement, write_reglement
from periscolaire.households import (
    Adult,
    Consent,
    Document,
    DocumentStatus,
    Household,
    Level,
    Phone,
    PhoneKind,
    Requirement,
    RequirementOf,
)
from periscolaire.ids import AccountId, AdultId, FactId, Key, PaymentId, ProductCode
from periscolaire.operations import (
    bill,
    booking_context,
    check_basket,
    publish_reglement,
    record_payments,
    record_presences,
    validate,
)
from periscolaire.ports import Store
from periscolaire.reglement import booking_reads
from tests.unit.booking.commune import CLARA, HOME, at, day

CANTINE = ProductCode("cantine")
PARENT = FamilyActor(AccountId("a"), AdultId("anne"), frozenset({HOME}))
CLERK = StaffActor("lucie", frozenset({Role.ADMINISTRATOR}))
MONDAY, LATER = day("2026-10-12"), day("2027-01-18")
TEXT = """
format = 1
commune = "Trifouillis"
version = "2026-2027"
en_vigueur = "2026-09-01"
zone = "B"

[[produits]]
code = "cantine"
jours = "jours de classe"
reservation = "la veille"
annulation = "la veille"
prix = "4,00"
"""
ARREARS = (
    TEXT
    + """
[[produits.conditions]]
nom = "arrears"
interdit = { impayes = "> 0" }
"""
)
FILE = (
    TEXT
    + """
[[produits.conditions]]
nom = "file"
exige = { "dossier complet" = true }

[[pieces]]
nature = "assurance"
reference = "art. 2"

[[pieces]]
nature = "photographies"
de = "foyer"
accord = true
niveaux = []

[[pieces]]
nature = "fiche sanitaire"
niveaux = ["maternelle"]
"""
)


def asked(store: Store, text: str, on: dt.date, when: dt.datetime) -> CheckResult:
    rules = read_reglement(text)
    with store.unit(write=False) as uow:
        context = booking_context(uow, HOME, reglement=rules, span=Span(on, on), children=[CLARA])
        result = check_basket(Basket.of(HOME).book(CLARA, CANTINE, on), uow, actor=PARENT, at=when, reglement=rules)
    cell = period_view(rules, CLARA, on, on, context, when).cell(SlotKey(CLARA, CANTINE, on))
    assert cell is not None
    assert cell.may_book == result.accepted  # the view says "may book" if and only if validating accepts
    return result


def test_what_is_overdue_closes_the_gate_until_it_is_paid(store: Store) -> None:
    rules = read_reglement(ARREARS)
    assert "arrears" in booking_reads(rules)
    with store.unit() as uow:
        publish_reglement(ARREARS, uow, actor=CLERK, now=at("2026-09-01 08:00"))
        uow.commit()
    with store.unit() as uow:
        basket = Basket.of(HOME).book(CLARA, CANTINE, MONDAY)
        validate(basket, uow, actor=PARENT, key=Key("k"), at=at("2026-10-05 09:00"), reglement=rules)
    with store.unit() as uow:
        came = Presence(FactId("p"), SlotKey(CLARA, CANTINE, MONDAY), True, at("2026-10-12 13:00"), "agent")
        record_presences([came], uow, actor=CLERK)
        october = Span(day("2026-10-01"), day("2026-10-31"))
        ((invoice,), _) = bill(october, uow, actor=CLERK, issued_on=day("2026-11-02"), now=at("2026-11-02 09:00"))
        uow.commit()
    due = at("2026-12-02 09:00")  # 30 days: due that very day
    assert asked(store, ARREARS, LATER, due).accepted
    late = asked(store, ARREARS, LATER, due + dt.timedelta(days=1))
    assert [reason.code for reason in late.verdicts[0].reasons] == ["gate.arrears"]
    with store.unit() as uow:
        paid = Payment(
            PaymentId("1"), HOME, "REGIE", Means.CARD, invoice.total, day("2026-12-04"), at("2026-12-04 09:00"), "r"
        )
        record_payments([paid], uow, actor=CLERK, now=at("2026-12-04 09:00"))
        uow.commit()
    assert asked(store, ARREARS, LATER, at("2026-12-05 09:00")).accepted


def test_a_file_is_complete_when_the_commune_s_list_is(store: Store) -> None:
    when = at("2026-10-05 09:00")
    first = asked(store, FILE, MONDAY, when)
    assert [reason.code for reason in first.verdicts[0].reasons] == ["gate.file"]
    with store.unit() as uow:
        stored = uow.households.get(HOME)
        anne = Adult(AdultId("anne"), "Martin", "Anne", phones=(Phone(PhoneKind.MOBILE, "0600000000"),))
        uow.households.save(Household(HOME, "Martin", (anne,), stored.model.members), stored.version)
        uow.consents.append([Consent(HOME, "photographies", False, when)])
        uow.documents.append(
            [Document(FactId("d"), CLARA, "assurance", day("2026-09-01"), MONDAY, DocumentStatus.ACCEPTED, when)]
        )
        uow.commit()
    assert asked(store, FILE, MONDAY, when).accepted
    assert asked(store, FILE, day("2026-10-13"), when).verdicts[0].status is LineStatus.REFUSED  # expired


def test_required_documents_are_written_and_read_again() -> None:
    rules = read_reglement(FILE)
    assert rules.requirements == (
        Requirement("assurance", reference="art. 2"),
        Requirement("photographies", RequirementOf.HOUSEHOLD, consent=True),
        Requirement("fiche sanitaire", levels=frozenset({Level.MATERNELLE})),
    )
    assert read_reglement(write_reglement(rules)) == rules


@pytest.mark.parametrize("text", [TEXT, ARREARS])
def test_without_a_list_the_file_is_unknown_and_nobody_reads_it(store: Store, text: str) -> None:
    rules = read_reglement(text)
    assert "file_complete" not in booking_reads(rules)
    with store.unit(write=False) as uow:
        context = booking_context(uow, HOME, reglement=rules, span=Span(MONDAY, MONDAY))
    assert context.facts_of(CLARA, MONDAY).known("file_complete") is None
