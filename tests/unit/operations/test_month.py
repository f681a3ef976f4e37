"""One commune, one month through the use cases: import, decide, bill, collect; whole or nothing; once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.attendance import consumptions
from periscolaire.booking import SlotKey, fold_all
from periscolaire.calendar import Span
from periscolaire.errors import AccessDeniedError, BadFileError, ConflictError, NotFoundError
from periscolaire.households import PickUp
from periscolaire.ids import AccountId, AdultId, HouseholdId, PaymentId
from periscolaire.operations import (
    Homes,
    bill,
    import_files,
    ledger,
    outstanding_report,
    prepare_run,
    publish_reglement,
    read_account,
    receipts_report,
    record_payments,
)
from periscolaire.ports import Store
from periscolaire.storage import MemoryStore
from tests.stores import new_store

EXAMPLE = Path(__file__).parents[3] / "examples" / "le-langon"
FILES = {path.stem: path for path in EXAMPLE.glob("*.csv")}
RULES = (EXAMPLE / "reglement.toml").read_text(encoding="utf-8")
NOW = dt.datetime(2025, 12, 20, 9, tzinfo=dt.UTC)
CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
NOVEMBER = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
ISSUED = dt.date(2025, 12, 1)


def prepared(store: Store, files: dict[str, Path | bytes] | None = None) -> Store:
    with store.unit() as uow:
        publish_reglement(RULES, uow, actor=CLERK, now=NOW)
        import_files(files or dict(FILES), uow, actor=CLERK, now=NOW)
        uow.commit()
    return store


@pytest.fixture(scope="module", params=["memory", "sqlite"])
def month(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """The example's month, imported; tests that write do not commit."""
    store = new_store(request.param, tmp_path_factory.mktemp("m"))
    yield prepared(store)
    store.close()


def test_every_request_is_decided_and_recorded(month: Store) -> None:
    with month.unit(write=False) as uow:
        decisions = list(uow.decisions.stream())
        lines = len(FILES["demandes"].read_text(encoding="utf-8").splitlines()) - 1
        assert len(decisions) == lines
        assert all(one.reglement == "2023-2024" and one.source.startswith("demandes.csv:") for one in decisions)
        refused = [one for one in decisions if one.verdict.refused]
        assert refused
        assert all(one.verdict.reasons for one in refused)
        assert {one.verdict.tier for one in decisions} >= {0, 1}


def test_what_is_stored_is_what_the_facts_fold_to(month: Store) -> None:
    with month.unit(write=False) as uow:
        changes = list(uow.booking_changes.stream())
        folded = fold_all(changes)
        assert {one.key: one for one in uow.reservations.stream(dt.date.min, dt.date.max)} == folded
        ids: dict[SlotKey, list[str]] = {}
        for change in changes:
            ids.setdefault(change.key, []).append(change.id)
        rebuilt = consumptions(
            folded.values(),
            uow.presences.stream(),
            Homes(uow).of,
            proofs=uow.proofs.stream(),
            change_ids=lambda key: ids.get(key, ()),  # type: ignore[arg-type,return-value]  # ids are plain texts here
        )
        stored = [one for _, group in uow.consumptions.by_household(dt.date.min, dt.date.max) for one in group]
        assert sorted(stored, key=lambda one: one.key) == sorted(rebuilt, key=lambda one: one.key)


def test_billing_again_issues_nothing_and_reports_tie_to_the_ledger(month: Store) -> None:
    with month.unit() as uow:
        invoices, pending = bill(NOVEMBER, uow, actor=CLERK, issued_on=ISSUED, now=NOW)
        assert pending == ()
        assert [one.number for one in invoices] == list(range(1, len(invoices) + 1))
        assert [one.payer for one in invoices] == sorted(one.payer for one in invoices)
        again, _ = bill(NOVEMBER, uow, actor=CLERK, issued_on=ISSUED, now=NOW)
        assert again == ()
        entries = ledger(uow, actor=CLERK)
        due = sum(row.remaining for row in outstanding_report(dt.date(2026, 1, 31), uow, actor=CLERK, series="REGIE"))
        credit = sum(
            read_account(HouseholdId(payer), "REGIE", uow, actor=CLERK).credit
            for payer in {one.payer for one in invoices}
        )
        assert due - credit == sum(entry.amount for entry in entries)
        received = receipts_report(Span(dt.date(2025, 1, 1), dt.date(2026, 12, 31)), uow, actor=CLERK)
        assert sum(row.amount for row in received) == sum(stored.model.amount for stored in uow.payments.stream())


def test_a_late_proof_makes_a_correction_that_names_its_line(month: Store) -> None:
    with month.unit() as uow:
        bill(NOVEMBER, uow, actor=CLERK, issued_on=ISSUED, now=NOW)
        absences = [
            one
            for _, group in uow.consumptions.by_household(NOVEMBER.first, NOVEMBER.last)
            for one in group
            if one.outcome.name == "ABSENCE"
        ]
        day, child = absences[0].key.day, absences[0].key.child
        header = "enfant;du;au;nature;etat;recu_le\n"
        line = f"{child};{day};{day};certificat médical;acceptée;2025-12-15 10:00\n"
        import_files({"justificatifs": (header + line).encode()}, uow, actor=CLERK, now=NOW)
        corrections, _ = bill(NOVEMBER, uow, actor=CLERK, issued_on=dt.date(2026, 1, 2), now=NOW)
        (credit_note,) = corrections
        assert credit_note.total < 0
        assert all(one.corrects for one in credit_note.lines if one.quantity < 0)


def test_the_same_files_count_once(month: Store) -> None:
    with month.unit() as uow:
        counts = (len(uow.decisions), len(uow.presences), len(uow.payments), len(uow.dated_facts))
        imported = import_files(dict(FILES), uow, actor=CLERK, now=NOW)
        assert set(imported.known) == set(FILES)
        assert (len(uow.decisions), len(uow.presences), len(uow.payments), len(uow.dated_facts)) == counts


def test_the_same_rules_are_published_once_and_never_edited(month: Store) -> None:
    with month.unit() as uow:
        publish_reglement(RULES, uow, actor=CLERK, now=NOW)
        assert len(uow.reglements.all()) == 1
    with pytest.raises(ConflictError), month.unit() as uow:
        publish_reglement(RULES.replace('non_prevu = "3,90"', 'non_prevu = "4,90"'), uow, actor=CLERK, now=NOW)


def test_a_payment_is_recorded_once_and_for_who_exists(month: Store) -> None:
    with month.unit(write=False) as uow:
        known = next(iter(uow.payments.stream())).model
    with pytest.raises(ConflictError), month.unit() as uow:
        record_payments([known], uow, actor=CLERK, now=NOW)
    stranger = attrs.evolve(known, id=PaymentId("new"), household=HouseholdId("nobody"))
    with pytest.raises(NotFoundError), month.unit() as uow:
        record_payments([stranger], uow, actor=CLERK, now=NOW)


def test_families_do_not_run_the_house(month: Store) -> None:
    family = FamilyActor(AccountId("u"), AdultId("F001-1"), frozenset({HouseholdId("F001")}))
    with month.unit() as uow:
        with pytest.raises(AccessDeniedError):
            import_files({}, uow, actor=family, now=NOW)
        with pytest.raises(AccessDeniedError):
            prepare_run(NOVEMBER, uow, actor=family, issued_on=ISSUED)
        with pytest.raises(AccessDeniedError):
            record_payments([], uow, actor=family, now=NOW)


def test_a_fault_in_any_file_leaves_nothing_behind() -> None:
    store = MemoryStore()
    with store.unit() as uow:
        publish_reglement(RULES, uow, actor=CLERK, now=NOW)
        uow.commit()
    bad: dict[str, Path | bytes] = {
        **FILES,
        "encaissements": b"paiement;foyer;montant;moyen;instant\nP1;F999;10;carte;2025-12-01 10:00\n",
        "pointages": b"enfant;produit;jour;present\nE001;piscine;2025-11-03;oui\n",
    }
    with pytest.raises(BadFileError) as caught, store.unit() as uow:
        import_files(bad, uow, actor=CLERK, now=NOW)
    assert [(one.file, one.where) for one in caught.value.problems] == [
        ("pointages.csv", "ligne 2, colonne produit"),
        ("encaissements.csv", "ligne 2, colonne foyer"),
    ]
    amount = b"paiement;foyer;montant;moyen;instant\nP1;F001;0;carte;2025-12-01 10:00\n"
    with pytest.raises(BadFileError, match="colonne montant"), store.unit() as uow:
        import_files({**FILES, "encaissements": amount}, uow, actor=CLERK, now=NOW)
    with store.unit(write=False) as uow:
        assert len(uow.households) == len(uow.decisions) == len(uow.payments) == 0
        assert [line.operation for line in uow.audit.stream()] == ["change_rules"]


def test_nothing_is_imported_without_rules() -> None:
    with pytest.raises(NotFoundError, match="publish"), MemoryStore().unit() as uow:
        import_files(dict(FILES), uow, actor=CLERK, now=NOW)


def test_a_file_imported_again_takes_nothing_away_from_what_a_family_or_a_school_said(month: Store) -> None:
    """ONDE's number, a pick-up, a second telephone: a CSV file that is silent about them leaves them."""
    with month.unit() as uow:
        home = next(iter(uow.households.stream()))
        child = uow.children.get(home.model.members[0].child)
        pick_up = PickUp("Mamie")
        uow.children.save(
            attrs.evolve(child.model, pick_ups=(pick_up,), external_ids=(("INE", "001AA"),)), child.version
        )
        adults = tuple(attrs.evolve(adult, birth_name="DURAND") for adult in home.model.adults)
        uow.households.save(attrs.evolve(home.model, adults=adults), home.version)
        files = {name: FILES[name].read_bytes() + b"\n" for name in ("foyers", "enfants")}
        import_files(files, uow, actor=CLERK, now=NOW)
        again = uow.children.get(child.model.id).model
        assert (again.pick_ups, again.external_ids) == ((pick_up,), (("INE", "001AA"),))
        assert again.schoolings == child.model.schoolings
        assert uow.households.get(home.model.id).model.adults == adults
