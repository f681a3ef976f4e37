"""Imports, one family's data handed over, and a family erased while the books stay whole."""

import datetime as dt
import json
from decimal import Decimal

import attrs
import pytest

from periscolaire.access import (
    RETENTION,
    Account,
    ExternalSubject,
    FamilyActor,
    Role,
    Secret,
    StaffActor,
    Token,
    TokenScope,
)
from periscolaire.attendance import Presence
from periscolaire.billing import Invoice, InvoiceKind, Means, Payment
from periscolaire.booking import SlotKey
from periscolaire.errors import AccessDeniedError, ConflictError, NotFoundError
from periscolaire.files import read_onde_guardians, read_onde_pupils
from periscolaire.households import (
    Adult,
    Child,
    DatedFact,
    Document,
    DocumentStatus,
    Household,
    Member,
    PostalAddress,
    Schooling,
)
from periscolaire.ids import (
    AccountId,
    AdultId,
    ChildId,
    FactId,
    HouseholdId,
    PaymentId,
    ProductCode,
    RequestId,
    SchoolCode,
)
from periscolaire.messages import Attachment, Entry, FamilyRequest, Purpose, Side
from periscolaire.operations import (
    Erased,
    Imported,
    erase_family,
    export_family,
    import_people,
    plan_import,
    publish_reglement,
    record_documents,
    record_facts,
    record_payments,
    record_people,
)
from periscolaire.ports import JOURNALS, RECORDS, Store, UnitOfWork
from periscolaire.storage import MemoryBlobs, MemoryStore
from periscolaire.testing._stored_samples import MODELS, consumption
from periscolaire.testing.accounts import numbered

AT = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
TODAY = AT.date()
HOME, FATHER = HouseholdId("home"), HouseholdId("father")
ADMIN = StaffActor("maire", frozenset({Role.ADMINISTRATOR}))
CLERK = StaffActor("bob", frozenset({Role.ADMINISTER}))
PUPILS = (
    "Nom élève;Prénom élève;Date naissance;INE;Niveau;Libellé classe;Adresse1;Cp1;Commune1\n"
    "MARTIN;Léa;14/03/2019;001AA;CP;CP A;1 rue A;99100;Val\n"
    "BERNARD;Hugo;02/11/2016;002BB;CM1;CM1-CM2;2 rue B;99100;Val\n"
    "FAUX;Date;31/02/2019;003CC;CP;CP A;;;\n"
).encode()
GUARDIANS = (
    "Civilité Responsable;Nom responsable;Prénom responsable;Adresse responsable;CP responsable;Commune responsable;"
    "Courriel;Nom de famille enfant;Prénom enfant;Classes enfants\n"
    "MME;MARTIN;Alice;1 rue A;99100;Val;alice@exemple.fr;MARTIN;Léa;CP A\n"
    "M;MARTIN;Jean;1, rue A;99100;VAL;;MARTIN;Léa;CP A\n"
    "M;BERNARD;Paul;2 rue B;99100;Val;;BERNARD;Hugo;CM1-CM2\n"
    "MME;PETIT;Anne;9 rue Z;99100;Val;;BERNARD;Hugo;CM1-CM2\n"
).encode()


def bring_in(store: Store, first_day: dt.date = TODAY) -> Imported:
    with store.unit() as uow:
        plan = plan_import(read_onde_pupils(PUPILS, TODAY), read_onde_guardians(GUARDIANS), uow, actor=CLERK)
        return import_people(
            plan,
            uow,
            actor=CLERK,
            school=SchoolCode("ferry"),
            first_day=first_day,
            at=AT,
            channel="mairie",
            ids=numbered("i"),
        )


def test_an_import_makes_households_by_address_and_twice_is_once() -> None:
    store = MemoryStore()
    first = bring_in(store)
    with store.unit(write=False) as uow:
        homes = [(home.model.name, [adult.first_name for adult in home.model.adults], len(home.model.members))
                 for home in uow.households.stream()]  # fmt: skip
        children = {stored.model.first_name: stored.model for stored in uow.children.stream()}
    assert sorted(homes) == [("BERNARD", ["Paul"], 1), ("MARTIN", ["Alice", "Jean"], 1), ("PETIT", ["Anne"], 1)]
    assert first.left_out == (4,)
    assert children["Hugo"].schooling(TODAY) == Schooling(TODAY, None, SchoolCode("ferry"),
                                                          children["Hugo"].schoolings[0].grade, "CM1-CM2")  # fmt: skip
    again = bring_in(store)
    assert (again.created_children, again.updated_children, again.created_households) == ((), (), ())


def test_a_report_is_applied_once_and_only_while_it_is_true() -> None:
    """Sent twice, or after somebody else brought the same people in, a report is refused and writes nothing."""
    store = MemoryStore()
    with store.unit() as uow:
        plan = plan_import(read_onde_pupils(PUPILS, TODAY), read_onde_guardians(GUARDIANS), uow, actor=CLERK)
    bring_in(store)
    before = everything(store)
    with store.unit() as uow, pytest.raises(ConflictError) as caught:
        import_people(plan, uow, actor=CLERK, school=SchoolCode("ferry"), first_day=TODAY, at=AT, channel="mairie")
    assert caught.value.code == "import.plan_out_of_date"
    assert everything(store) == before


def test_next_year_ends_the_former_schooling() -> None:
    store = MemoryStore()
    bring_in(store)
    with store.unit() as uow:
        for stored in list(uow.children.stream()):
            older = tuple(attrs.evolve(one, class_name="GS") for one in stored.model.schoolings)
            uow.children.save(attrs.evolve(stored.model, schoolings=older), stored.version)
        uow.commit()
    bring_in(store, dt.date(2027, 9, 1))
    with store.unit(write=False) as uow:
        for stored in uow.children.stream():
            before, now = stored.model.schoolings
            assert (before.last_day, now.first_day, now.last_day) == (dt.date(2027, 8, 31), dt.date(2027, 9, 1), None)


def test_nobody_imports_or_records_without_the_right() -> None:
    reader = StaffActor("x", frozenset({Role.READ, Role.BOOK, Role.BILL}))
    with MemoryStore().unit() as uow:
        with pytest.raises(AccessDeniedError):
            plan_import((), (), uow, actor=reader)
        with pytest.raises(AccessDeniedError):
            record_facts((), uow, actor=reader, at=AT, channel="mairie")


def test_people_are_recorded_whole_or_refused_and_once() -> None:
    store = MemoryStore()
    child, home = Child(ChildId("c"), "A", "B", None), Household(HOME, "A", members=(Member(ChildId("c")),))
    with store.unit() as uow:
        with pytest.raises(NotFoundError):
            record_people((home,), (), uow, actor=CLERK, at=AT, channel="mairie")
        uow.rollback()
        assert record_people((home,), (child,), uow, actor=CLERK, at=AT, channel="mairie") == ((HOME,), (child.id,))
        uow.commit()
        assert record_people((home,), (child,), uow, actor=CLERK, at=AT, channel="mairie") == ((), ())
        fact = DatedFact(HOME, "quotient", Decimal(700), TODAY, None, AT)
        assert record_facts([fact, fact], uow, actor=CLERK, at=AT, channel="mairie") == 1


# -- erasure and export -----------------------------------------------------------------------------------------------

RULES = """
format = 1
commune = "Val"
version = "2025-2026"
en_vigueur = "2025-09-01"
zone = "B"

[[produits]]
code = "cantine"
jours = "jours de classe"
paiement = "C"

[produits.prix]
lignes = [{ si = { "enfant d'agent" = true }, prix = "1,00" }, { prix = "2,00" }]
"""
NAMES = (
    "MARTIN",
    "Alice",
    "Léa",
    "rue secrète",
    "alice@exemple.fr",
    "0600000001",
    "Mamie",
    "certificat",
    "secret-hash",
)


def family() -> tuple[MemoryStore, MemoryBlobs]:
    store, blobs = MemoryStore(), MemoryBlobs()
    alice = Adult(AdultId("a"), "MARTIN", "Alice", email="alice@exemple.fr",
                  address=PostalAddress(("1 rue secrète",), "99100", "Val"))  # fmt: skip
    own, shared = (
        Child(ChildId("own"), "MARTIN", "Léa", dt.date(2019, 3, 14)),
        Child(ChildId("shared"), "M", "Tom", None),
    )
    subject = ExternalSubject("franceconnect", "secret-hash-sub")
    with store.unit() as uow:
        uow.children.save(own)
        uow.children.save(shared)
        uow.households.save(Household(HOME, "MARTIN", (alice,), (Member(own.id), Member(shared.id))))
        uow.households.save(Household(FATHER, "PAPA", (Adult(AdultId("p"), "PAPA", "Luc"),), (Member(shared.id),)))
        uow.accounts.save(
            Account(AccountId("acc"), "alice@exemple.fr", alice.id, frozenset({HOME}), AT, "secret-hash",
                    frozenset({subject}))
        )  # fmt: skip
        uow.tokens.save(Token.issue("t", AccountId("acc"), TokenScope.PASSWORD, Secret("x"), AT, dt.timedelta(1)))
        blob = blobs.put(b"certificat")
        entry = Entry(AT, "famille:a", Side.FAMILY, "Bonjour, Alice MARTIN", (Attachment("c.pdf", "x", 1, blob),))
        uow.requests.save(FamilyRequest(RequestId("r"), "autre", Purpose.OTHER, HOME, "Léa", AT, None, (entry,)))
        uow.commit()
        facts = (
            DatedFact(HOME, "quotient", Decimal(700), TODAY, None, AT),
            DatedFact(own.id, "diet", "sans porc", TODAY, None, AT),
        )
        record_facts(facts, uow, actor=CLERK, at=AT, channel="mairie")
        paper = Document(FactId("d"), own.id, "assurance", TODAY, None, DocumentStatus.ACCEPTED, AT, "certificat", blob)
        record_documents((paper,), uow, actor=CLERK, at=AT, channel="mairie")
        uow.commit()
    return store, blobs


def everything(store: Store) -> str:
    with store.unit(write=False) as uow:
        names = [*JOURNALS, *RECORDS]
        return repr({name: list(getattr(uow, name).stream()) for name in names})


def test_a_dry_run_writes_nothing_and_says_what_would_happen() -> None:
    store, blobs = family()
    before = everything(store)
    with store.unit() as uow:
        report = erase_family(HOME, uow, actor=ADMIN, at=AT, channel="mairie", blobs=blobs)
    assert everything(store) == before
    fates = {line.record: (line.count, line.fate) for line in report.lines}
    assert fates["requests"] == (1, Erased.ERASED)
    assert fates["dated_facts"] == (1, Erased.KEPT)
    assert fates["children"] == (1, Erased.ANONYMISED)
    assert not report.done


def test_an_erased_family_is_nowhere_and_the_other_parents_is_untouched() -> None:
    store, blobs = family()
    with store.unit() as uow:
        father = uow.households.get(FATHER)
        report = erase_family(HOME, uow, actor=ADMIN, at=AT, channel="mairie", blobs=blobs, dry_run=False)
    assert report.done
    assert blobs == MemoryBlobs()
    left = everything(store)
    assert not [name for name in NAMES if name in left]
    with store.unit(write=False) as uow:
        assert uow.households.get(FATHER) == father
        assert uow.children.get(ChildId("shared")).model.first_name == "Tom"
        assert uow.children.get(ChildId("own")).model.birth_date is None, "no price reads it"
        assert [fact.name for fact in uow.dated_facts.of(HOME)] == ["quotient"]
        assert (len(uow.accounts), len(uow.tokens), len(uow.requests)) == (0, 0, 0)


def test_erasing_never_changes_the_books() -> None:
    """What was invoiced, paid, booked and attended is the same to the cent and to the letter, before and after."""
    store, blobs = family()
    key = SlotKey(ChildId("own"), ProductCode("cantine"), dt.date(2026, 9, 3))
    price = DatedFact(key.child, "staff_child", True, TODAY, None, AT)
    with store.unit() as uow:
        invoice = settled_invoice(uow)
        assert uow.allocations.of(invoice.id)
        uow.consumptions.put([consumption(key, HOME)])
        uow.presences.append([Presence(FactId("p"), key, True, AT, "agent")])
        uow.dated_facts.append([price])
        uow.commit()

    def books() -> list[object]:
        with store.unit(write=False) as uow:
            return [
                tuple(uow.invoices.stream()),
                tuple(uow.payments.stream()),
                tuple(uow.consumptions.of_child(key.child, TODAY, dt.date(2027, 8, 31))),
                uow.presences.of(key.child),
                uow.dated_facts.of(HOME),
            ]

    before = books()
    with store.unit() as uow:
        report = erase_family(HOME, uow, actor=ADMIN, at=AT, channel="mairie", blobs=blobs, dry_run=False)
        assert uow.dated_facts.of(key.child) == (price,)
    assert report.done
    assert books() == before
    kept = {line.record for line in report.lines if line.fate is Erased.KEPT}
    assert {"invoices", "payments", "presences", "dated_facts"} <= kept


def settled_invoice(uow: UnitOfWork, paid: bool = True, *, extra: int = 0) -> Invoice:
    """An invoice of the household, and the payment that settles it (or more than that)."""
    sample = next(one for one in MODELS["invoices"] if one.kind is InvoiceKind.INVOICE)
    invoice: Invoice = attrs.evolve(sample, payer=HOME)
    uow.invoices.save(invoice)
    if paid:
        publish_reglement(RULES, uow, actor=ADMIN, now=AT)
        payment = Payment(
            PaymentId("pay"), HOME, invoice.series, Means.CHEQUE, invoice.total + extra, TODAY, AT, "agent:bob",
            invoice.currency,
        )  # fmt: skip
        record_payments([payment], uow, actor=ADMIN, now=AT)
    return invoice


@pytest.mark.parametrize(("paid", "extra", "code"), [(False, 0, "erasure.owes"), (True, 100, "erasure.credit")])
def test_a_family_that_owes_is_not_erased(paid: bool, extra: int, code: str) -> None:
    store, blobs = family()
    with store.unit() as uow:
        settled_invoice(uow, paid, extra=extra)
        uow.commit()
    before = everything(store)
    with store.unit() as uow:
        report = erase_family(HOME, uow, actor=ADMIN, at=AT, channel="mairie", blobs=blobs, dry_run=False)
    assert [reason.code for reason in report.verdict.reasons] == [code]
    assert everything(store) == before


def test_only_the_administrator_erases_and_only_the_family_or_he_exports() -> None:
    store, blobs = family()
    parent = FamilyActor(AccountId("acc"), AdultId("a"), frozenset({HOME}))
    with store.unit() as uow:
        for actor in (parent, CLERK):
            with pytest.raises(AccessDeniedError):
                erase_family(HOME, uow, actor=actor, at=AT, channel="x", blobs=blobs)
        stranger = FamilyActor(AccountId("p"), AdultId("p"), frozenset({FATHER}))
        for other in (stranger, CLERK):
            with pytest.raises(AccessDeniedError):
                export_family(HOME, uow, actor=other, at=AT)
        assert export_family(HOME, uow, actor=parent, at=AT) == export_family(HOME, uow, actor=ADMIN, at=AT)


def test_an_export_holds_what_is_kept_and_no_secret() -> None:
    store, _ = family()
    with store.unit(write=False) as uow:
        text = export_family(HOME, uow, actor=ADMIN, at=AT).to_json()
    data = json.loads(text)
    assert data["households"][0]["adults"][0]["email"] == "alice@exemple.fr"
    assert [fact["value"] for fact in data["dated_facts"]] == ["700", "sans porc"]
    assert "secret-hash" not in text
    assert "password" not in json.dumps(data["accounts"][0]).replace("password_changed_at", "")
    assert "PAPA" not in text


def test_every_line_of_the_retention_table_names_something_that_is_kept() -> None:
    assert {line.record for line in RETENTION} <= {*JOURNALS, *RECORDS}
    assert len({line.record for line in RETENTION}) == len(RETENTION)
    assert all(line.months > 0 and line.source for line in RETENTION)
