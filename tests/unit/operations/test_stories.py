"""From any cent to its facts: every fact of every line is told, by whom, when, and on what it rested."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.attendance import Anomaly, AnomalyKind
from periscolaire.billing import Invoice, Story, WriteOffKind, local_times
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.errors import AccessDeniedError, MisuseError, NotFoundError
from periscolaire.i18n import LANGUAGES, text
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId, InvoiceId, ProductCode
from periscolaire.operations import (
    WrittenOff,
    bill,
    entry_story,
    import_files,
    ledger,
    line_story,
    publish_reglement,
    reject_payment,
    send_reminders,
    slot_story,
    write_off_invoice,
)
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description
from periscolaire.storage import MemoryStore

EXAMPLE = Path(__file__).parents[3] / "examples" / "le-langon"
CLERK = StaffActor("régisseur", frozenset({Role.ADMINISTRATOR}))
PARIS = ZoneInfo("Europe/Paris")
NOW = dt.datetime(2025, 12, 1, 9, tzinfo=dt.UTC)
LATER = dt.datetime(2026, 1, 12, 9, tzinfo=dt.UTC)
NOVEMBER = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
CANTEEN = ProductCode("cantine")
LIAM = ChildId("E008")
SICK = SlotKey(LIAM, CANTEEN, dt.date(2025, 11, 24))
FAMILIES = ("F001", "F003", "F004", "F027")


def kept(name: str, folder: Path = EXAMPLE) -> bytes:
    head, *lines = (folder / f"{name}.csv").read_text("utf-8").splitlines(keepends=True)
    if name in ("foyers", "encaissements"):
        codes: tuple[str, ...] = FAMILIES
    else:
        children = (EXAMPLE / "enfants.csv").read_text("utf-8").splitlines()[1:]
        codes = (*FAMILIES, *(line.split(";")[0] for line in children if any(home in line for home in FAMILIES)))
    return (head + "".join(line for line in lines if any(code in line for code in codes))).encode()


@pytest.fixture(scope="module")
def uow() -> Iterator[UnitOfWork]:
    """Some families of the example: billed, paid, one proof late, one debit bounced, one written off, reminded."""
    store = MemoryStore()
    with store.unit() as unit:
        publish_reglement((EXAMPLE / "reglement.toml").read_text("utf-8"), unit, actor=CLERK, now=NOW)
        names = ("foyers", "enfants", "faits", "demandes", "pointages")
        import_files({name: kept(name) for name in names}, unit, actor=CLERK, now=NOW)
        bill(NOVEMBER, unit, actor=CLERK, issued_on=NOW.date(), now=NOW)
        import_files({"encaissements": kept("encaissements")}, unit, actor=CLERK, now=NOW)
        january = {"justificatifs": kept("justificatifs", EXAMPLE / "janvier")}
        import_files(january, unit, actor=CLERK, now=LATER)
        bill(NOVEMBER, unit, actor=CLERK, issued_on=LATER.date(), now=LATER)
        payment = next(one.model for one in unit.payments.stream() if one.model.household == "F001")
        reject_payment(payment.id, unit, on=LATER.date(), actor=CLERK, now=LATER, motive="compte clos")
        send_reminders("REGIE", unit, actor=CLERK, on=dt.date(2026, 1, 20), now=LATER)
        owing = next(one.model for one in unit.invoices.stream() if one.model.payer == "F001")
        wanted = WrittenOff(owing.id, WriteOffKind.REMITTED, LATER.date(), "délibération 3", 100)
        write_off_invoice(wanted, unit, actor=CLERK, now=LATER)
        yield unit
    store.close()


def invoices(uow: UnitOfWork) -> list[Invoice]:
    return [stored.model for stored in uow.invoices.stream()]


def read(story: Story, language: str) -> str:
    def said(description: Description) -> str:
        return text(local_times(description, PARIS), language)

    lines = [said(story.about), *map(said, story.says)]
    for fact in story.facts:
        lines += [text(fact.line(PARIS), language), *map(said, fact.rests_on)]
    return "\n".join([*lines, *(read(part, language) for part in story.parts)])


def test_every_fact_of_every_line_is_told_with_its_author_and_instant(uow: UnitOfWork) -> None:
    found = [(invoice, line) for invoice in invoices(uow) for line in invoice.lines]
    assert len(found) > 10
    for invoice, line in found:
        story = line_story(invoice.id, line.number, uow, actor=CLERK)
        told = {fact.id: fact for fact in story.walk() if fact.id}
        assert set(line.evidence) <= set(told), (invoice.id, line.number)
        for fact in line.evidence:
            assert told[fact].author
            assert told[fact].at is not None
        for language in LANGUAGES:
            assert read(story, language)


def test_a_late_booking_says_its_rule_its_tier_and_the_limit_missed(uow: UnitOfWork) -> None:
    invoice = next(one for one in invoices(uow) if one.payer == "F027")
    story = line_story(invoice.id, 7, uow, actor=CLERK)
    said = read(story, "fr").replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        "absence non justifiée", "Au tarif « Repas non réservé à temps »", "quotient : 453", "règlement 2023-2024",
        "la règle : chaque jour : au plus tard le lundi de la semaine précédente", "palier 2", "demandes.csv:",
        "en ligne", "pointage : absent(e)", "par agent:régisseur", "jusqu'au lundi 10 novembre 2025 inclus",
    ):  # fmt: skip
        assert words in said
    assert "the rule: each day" in read(story, "en")


def test_a_correction_names_the_line_corrected_and_the_proof_that_came(uow: UnitOfWork) -> None:
    (note,) = (one for one in invoices(uow) if one.total < 0)
    said = read(line_story(note.id, 1, uow, actor=CLERK), "fr")
    assert "Ce que cette ligne corrige : facture REGIE-2025-000003, ligne" in said
    changed = said.partition("Ce qui est connu aussi")[2]
    assert "justificatif accepté : certificat médical" in changed


def test_a_day_says_where_it_is_billed_or_why_it_waits(uow: UnitOfWork) -> None:
    said = read(slot_story(SICK, uow, actor=CLERK, on=LATER.date()), "fr")
    assert "absence justifiée" in said
    assert said.count("Facturé : ") == 2
    unknown = SlotKey(LIAM, CANTEEN, dt.date(2025, 12, 24))
    with pytest.raises(NotFoundError):
        slot_story(unknown, uow, actor=CLERK, on=LATER.date())
    until = dt.date(2025, 12, 31)
    uow.anomalies.append([Anomaly(AnomalyKind.BOOKED_ABSENT, unknown, HouseholdId("F004"), until)])
    said = read(slot_story(unknown, uow, actor=CLERK, on=LATER.date()), "fr")
    assert "la famille a été prévenue, avec jusqu'au 31/12/2025 pour répondre" in said
    assert "Rien n'est dû pour ce jour." in said


def test_every_entry_of_the_ledger_is_told(uow: UnitOfWork) -> None:
    entries = ledger(uow, actor=CLERK)
    assert len({entry.kind for entry in entries}) == 5
    for entry in entries:
        story = entry_story(entry.document, uow, actor=CLERK)
        assert story.says or story.facts
        for language in LANGUAGES:
            assert read(story, language)


def test_what_does_not_exist_is_said(uow: UnitOfWork) -> None:
    invoice = invoices(uow)[0]
    with pytest.raises(MisuseError) as caught:
        line_story(invoice.id, 99, uow, actor=CLERK)
    assert text(caught.value, "fr") == f"La facture {invoice.id} n'a pas de ligne 99."
    with pytest.raises(NotFoundError):
        line_story(InvoiceId("aucune"), 1, uow, actor=CLERK)
    with pytest.raises(NotFoundError):
        entry_story("aucune", uow, actor=CLERK)


def test_another_family_is_told_nothing(uow: UnitOfWork) -> None:
    stranger = FamilyActor(AccountId("a"), AdultId("a"), frozenset({HouseholdId("F003")}))
    payment = next(stored.model for stored in uow.payments.stream() if stored.model.household == "F004")
    mine = next(one for one in invoices(uow) if one.payer == "F003")
    assert line_story(mine.id, 1, uow, actor=stranger).says
    theirs = next(one for one in invoices(uow) if one.payer == "F004")
    with pytest.raises(AccessDeniedError):
        line_story(theirs.id, 1, uow, actor=stranger)
    with pytest.raises(AccessDeniedError):
        entry_story(payment.id, uow, actor=stranger)
    with pytest.raises(AccessDeniedError):
        slot_story(SICK, uow, actor=stranger, on=LATER.date())
