"""Attendance, appeals, money that comes, bounces and goes back: each use case, and what it refuses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.attendance import AnomalyKind, AppealState, Outcome, ProofState
from periscolaire.billing import (
    CashKind,
    Instalment,
    Means,
    OnlineEvent,
    OnlineEventKind,
    OnlineState,
    Payment,
    WriteOffKind,
)
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.errors import AccessDeniedError, BadFileError, ConflictError, MisuseError, NotFoundError
from periscolaire.files import TABLET_LOG, read_csv
from periscolaire.ids import (
    AccountId,
    AdultId,
    ChildId,
    FactId,
    HouseholdId,
    InvoiceId,
    Key,
    PaymentId,
    ProductCode,
    SchoolCode,
)
from periscolaire.money import XPF
from periscolaire.operations import (
    AbsenceTold,
    CashMoved,
    DeskCount,
    DoorLine,
    DoorList,
    PayOnline,
    PlanWanted,
    ProofHandedIn,
    Refunded,
    Suspended,
    WrittenOff,
    agree_plan,
    appeal,
    arrears_of,
    bill,
    cancel_payment,
    cancel_plan,
    check_door_list,
    close_cash_desk,
    close_dispute,
    decide_appeal,
    decide_proof,
    desk_holds,
    dispute_invoice,
    expire_online_payments,
    export_family,
    find_anomalies,
    hand_in_proof,
    import_files,
    import_tablet_log,
    late_payers_report,
    ledger,
    lift_suspension,
    make_deposit_slip,
    move_cash,
    notify_online_payment,
    number_quittances,
    online_payments,
    prepare_run,
    publish_reglement,
    read_account,
    record_payments,
    refund_household,
    regie_journal,
    reject_payment,
    reminders_to_send,
    send_reminders,
    start_online_payment,
    suspend,
    tell_absence,
    tell_anomalies,
    told_anomalies,
    transfer_to_treasury,
    undeposited,
    withdraw_absence,
    write_off_invoice,
)
from periscolaire.ports import Store, UnitOfWork
from tests.stores import new_store

EXAMPLE = Path(__file__).parents[3] / "examples" / "le-langon"
RULES = (EXAMPLE / "reglement.toml").read_text(encoding="utf-8")
CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
CANTEEN, E1, E2, F1 = ProductCode("cantine"), ChildId("E1"), ChildId("E2"), HouseholdId("F1")
F2, E3 = HouseholdId("F2"), ChildId("E3")
MONDAY = dt.date(2025, 11, 3)
DAYS = [dt.date(2025, 11, day) for day in (3, 4, 6, 7)]
NOVEMBER = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
PARENT = FamilyActor(AccountId("u"), AdultId("F1-1"), frozenset({F1}))
STRANGER = FamilyActor(AccountId("v"), AdultId("F2-1"), frozenset({F2}))
FILES = {
    "foyers": "foyer;nom;prenom_1;quotient;depuis\nF1;Martin;Anne;1000;2025-09-01\nF2;Petit;Luc;3500;2025-09-01\n",
    "enfants": (
        "enfant;foyer;nom;prenom;naissance;ecole;niveau\nE1;F1;Martin;Clara;2017-01-08;nord;CE2\n"
        "E2;F1;Martin;Noé;2019-01-08;sud;CP\nE3;F2;Petit;Zoé;2018-01-08;nord;CE1\n"
    ),
    "demandes": "instant;enfant;action;produit;jour\n"
    + "".join(f"2025-10-13 08:00;{child};réserver;cantine;{day}\n" for child in ("E1", "E3") for day in DAYS),
}


def at(day: int, hour: int = 12, month: int = 11, year: int = 2025) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=dt.UTC)


def counter() -> Callable[[], str]:
    numbers = iter(range(1, 10_000))
    return lambda: f"n{next(numbers):04}"


@pytest.fixture(params=["memory", "sqlite"])
def uow(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[UnitOfWork]:
    store: Store = new_store(request.param, tmp_path)
    with store.unit() as unit:
        publish_reglement(RULES, unit, actor=CLERK, now=at(1, month=10))
        import_files({name: text.encode() for name, text in FILES.items()}, unit, actor=CLERK, now=at(13, month=10))
        unit.commit()
        yield unit
    store.close()


def outcomes(uow: UnitOfWork, child: ChildId = E1) -> list[Outcome]:
    return [one.outcome for one in uow.consumptions.of_child(child, DAYS[0], DAYS[-1])]


def check(uow: UnitOfWork, day: dt.date, *present: ChildId, now: dt.datetime | None = None) -> None:
    lines = tuple(DoorLine(child) for child in present)
    when = now or dt.datetime.combine(day, dt.time(13), tzinfo=dt.UTC)
    check_door_list(DoorList(CANTEEN, day, lines, complete=True), uow, actor=CLERK, now=when)


def billed(uow: UnitOfWork) -> InvoiceId:
    """November checked (Clara came, Zoé did not on the Monday) and billed; the invoice of the Martin family."""
    for day in DAYS:
        check(uow, day, E1, *((E3,) if day != MONDAY else ()))
    invoices, pending = bill(NOVEMBER, uow, actor=CLERK, issued_on=dt.date(2025, 12, 1), now=at(1, month=12))
    assert pending == ()
    assert {one.payer: one.total for one in invoices} == {F1: 380, F2: 1200}
    return next(one.id for one in invoices if one.payer == F1)


def pay(invoice: InvoiceId, amount: int, means: Means = Means.CHEQUE, id: str = "P1") -> Payment:
    return Payment(PaymentId(id), F1, "REGIE", means, amount, dt.date(2025, 12, 5), at(5, month=12), "agent:1",
                   invoices=(invoice,))  # fmt: skip


# -- the door ---------------------------------------------------------------------------------------------------------


def test_a_complete_list_says_who_came_who_did_not_and_who_was_not_expected(uow: UnitOfWork) -> None:
    check(uow, MONDAY, E1, E2)
    assert outcomes(uow)[0] is Outcome.AS_BOOKED
    assert outcomes(uow, E2) == [Outcome.UNPLANNED]
    assert outcomes(uow, E3)[0] is Outcome.ABSENCE


def test_a_correction_is_a_newer_fact_and_may_take_a_check_back(uow: UnitOfWork) -> None:
    check(uow, MONDAY, E1)
    absent = DoorList(CANTEEN, MONDAY, (DoorLine(E1, present=False),))
    check_door_list(absent, uow, actor=CLERK, now=at(4))
    assert outcomes(uow)[0] is Outcome.ABSENCE
    check_door_list(DoorList(CANTEEN, MONDAY, (DoorLine(E1, present=None),)), uow, actor=CLERK, now=at(5))
    assert outcomes(uow)[0] is Outcome.UNKNOWN
    assert len(uow.presences.of(E1)) == 3


def test_a_list_counts_once_under_its_key(uow: UnitOfWork) -> None:
    door = DoorList(CANTEEN, MONDAY, (DoorLine(E1),))
    assert len(check_door_list(door, uow, actor=CLERK, now=at(3), key=Key("a"))) == 1
    assert check_door_list(door, uow, actor=CLERK, now=at(3), key=Key("a")) == ()
    with pytest.raises(ConflictError):
        check_door_list(attrs.evolve(door, lines=()), uow, actor=CLERK, now=at(3), key=Key("a"))


@pytest.mark.parametrize(
    ("door", "now", "error"),
    [
        (DoorList(CANTEEN, MONDAY, (DoorLine(ChildId("nobody")),)), at(3), NotFoundError),
        (DoorList(ProductCode("piscine"), MONDAY, (DoorLine(E1),)), at(3), NotFoundError),
        (DoorList(CANTEEN, MONDAY, (DoorLine(E2),), school=SchoolCode("nord")), at(3), MisuseError),
        (DoorList(CANTEEN, MONDAY, (DoorLine(E1), DoorLine(E1, present=False))), at(3), MisuseError),
        (DoorList(CANTEEN, dt.date(2025, 11, 4), (DoorLine(E1),)), at(3), MisuseError),
    ],
)
def test_a_list_that_cannot_be_leaves_nothing(
    uow: UnitOfWork, door: DoorList, now: dt.datetime, error: type[Exception]
) -> None:
    before = len(uow.presences), len(uow.audit)
    with pytest.raises(error):
        check_door_list(door, uow, actor=CLERK, now=now)
    assert (len(uow.presences), len(uow.audit)) == before


def test_a_clock_that_goes_back_is_refused(uow: UnitOfWork) -> None:
    check(uow, MONDAY, E1, now=at(3, 14))
    with pytest.raises(ConflictError, match="something was done at"):
        check(uow, MONDAY, now=at(3, 13))


def test_staff_of_a_school_checks_its_own_children(uow: UnitOfWork) -> None:
    north = StaffActor("2", frozenset({Role.ATTEND}), frozenset({SchoolCode("nord")}))
    with pytest.raises(AccessDeniedError):
        check_door_list(DoorList(CANTEEN, MONDAY, (DoorLine(E2),)), uow, actor=north, now=at(3))


LOG = (
    "touche;instant;enfant;produit;evenement\n"
    "1;2025-11-03 12:05;E1;cantine;arrivée\n2;2025-11-03 12:01;E2;cantine;arrivée\n"
    "3;2025-11-03 13:30;E1;cantine;départ\n4;2025-11-03 12:02;E2;cantine;annulé\n"
)


def test_the_log_of_a_tablet_counts_once_late_and_in_pieces(uow: UnitOfWork) -> None:
    rows = read_csv(TABLET_LOG, LOG.encode(), name="tablette.csv")
    import_tablet_log(rows[:1], uow, actor=CLERK, now=at(3, 20))
    import_tablet_log(rows, uow, actor=CLERK, now=at(3, 21))
    assert import_tablet_log(rows, uow, actor=CLERK, now=at(3, 22)) == ()
    (one, *_) = uow.consumptions.of_child(E1, MONDAY, MONDAY)
    assert (one.outcome, one.arrival, one.departure) == (Outcome.AS_BOOKED, dt.time(12, 5), dt.time(13, 30))
    assert uow.consumptions.of_child(E2, MONDAY, MONDAY) == ()


@pytest.mark.parametrize(
    ("line", "where", "found"),
    [
        ("2025-11-03 21:30;E1;cantine;arrivée;;", "instant", "2025-11-03 21:30"),
        ("2025-11-03 12:00;E9;cantine;arrivée;;", "enfant", "E9"),
        ("2025-11-03 12:00;E1;piscine;arrivée;;", "produit", "piscine"),
        ("2001-01-01 00:03;E1;cantine;arrivée;;", "instant", "janvier 2001"),
        ("2025-11-03 11:59;E1;cantine;départ;T1;8", "instant", "au rang 8"),
    ],
)
def test_a_log_that_cannot_be_tells_its_lines_and_leaves_nothing(
    uow: UnitOfWork, line: str, where: str, found: str
) -> None:
    header = "touche;instant;enfant;produit;evenement;tablette;rang\n"
    log = f"{header}1;2025-11-03 12:05;E1;cantine;arrivée;T1;7\n2;{line}\n"
    rows = read_csv(TABLET_LOG, log.encode(), name="t.csv")
    before = len(uow.presences), len(uow.audit)
    with pytest.raises(BadFileError) as caught:
        import_tablet_log(rows, uow, actor=CLERK, now=at(3, 20), file="t.csv")
    (problem, *_) = caught.value.problems
    assert (problem.file, problem.where) == ("t.csv", f"ligne 3, colonne {where}")
    assert found in problem.found
    assert (len(uow.presences), len(uow.audit)) == before


def test_a_file_of_checks_tells_every_fault_with_its_line(uow: UnitOfWork) -> None:
    header = "enfant;produit;jour;present;arrivee;depart;pointe_le\n"
    checks = (
        f"{header}E1;cantine;2025-11-03;oui;12:00;11:00;\nE2;cantine;2025-11-03;non;12:00;;\n"
        "E1;cantine;2025-11-04;oui;;;\nE3;cantine;2025-11-03;oui;;;2025-11-03 22:00\nE1;cantine;2001-01-01;oui;;;\n"
    )
    proofs = "enfant;du;au;nature;etat;recu_le\nE1;2025-11-04;2025-11-03;certificat;en attente;2025-11-03 22:00\n"
    lines = ["2, colonne depart", "3, colonne present", "4, colonne jour", "5, colonne pointe_le", "6, colonne jour"]
    for name, text, expected in (
        ("pointages", checks, lines),
        ("justificatifs", proofs, ["2, colonne recu_le", "2, colonne au"]),
    ):
        before = len(uow.presences), len(uow.proofs)
        with pytest.raises(BadFileError) as caught:
            import_files({name: text.encode()}, uow, actor=CLERK, now=at(3, 20))
        assert [one.where for one in caught.value.problems] == [f"ligne {where}" for where in expected]
        assert (len(uow.presences), len(uow.proofs)) == before


# -- absences, proofs, suspensions ------------------------------------------------------------------------------------


def test_an_absence_is_told_justified_refused_and_accepted(uow: UnitOfWork) -> None:
    notice = tell_absence(AbsenceTold(E1, MONDAY, MONDAY, "maladie"), uow, actor=PARENT, now=at(2), key=Key("n"))
    assert (
        tell_absence(AbsenceTold(E1, MONDAY, MONDAY, "maladie"), uow, actor=PARENT, now=at(2), key=Key("n")) == notice
    )
    assert outcomes(uow)[0] is Outcome.ABSENCE
    handed = ProofHandedIn(E1, MONDAY, MONDAY, "certificat médical", F1)
    proof = hand_in_proof(handed, uow, actor=PARENT, now=at(3)).id
    assert outcomes(uow)[0] is Outcome.ABSENCE_PENDING
    decide_proof(E1, proof, uow, accepted=False, actor=CLERK, now=at(4))
    assert outcomes(uow)[0] is Outcome.ABSENCE
    assert decide_proof(E1, proof, uow, accepted=True, actor=CLERK, now=at(5)).state is ProofState.ACCEPTED
    assert outcomes(uow)[0] is Outcome.ABSENCE_JUSTIFIED
    withdraw_absence(E1, notice, uow, actor=PARENT, now=at(6))
    assert uow.absence_notices.of(E1)[-1].withdrawn


def test_nobody_tells_or_justifies_for_somebody_elses_child(uow: UnitOfWork) -> None:
    with pytest.raises(AccessDeniedError):
        tell_absence(AbsenceTold(E1, MONDAY, MONDAY), uow, actor=STRANGER, now=at(2))
    with pytest.raises(AccessDeniedError):
        hand_in_proof(ProofHandedIn(E1, MONDAY, MONDAY, "certificat"), uow, actor=STRANGER, now=at(2))
    with pytest.raises(NotFoundError, match="F2"):
        hand_in_proof(ProofHandedIn(E1, MONDAY, MONDAY, "certificat", F2), uow, actor=CLERK, now=at(2))
    proof = hand_in_proof(ProofHandedIn(E1, MONDAY, MONDAY, "certificat"), uow, actor=PARENT, now=at(2)).id
    with pytest.raises(NotFoundError):
        decide_proof(E3, proof, uow, accepted=True, actor=CLERK, now=at(3))
    with pytest.raises(MisuseError, match="after now"):
        hand_in_proof(ProofHandedIn(E1, MONDAY, MONDAY, "x", received_at=at(9)), uow, actor=CLERK, now=at(3))


def test_a_decision_in_the_instant_of_what_it_decides_counts(uow: UnitOfWork) -> None:
    check(uow, MONDAY)
    proof = hand_in_proof(ProofHandedIn(E1, MONDAY, MONDAY, "certificat"), uow, actor=CLERK, now=at(4)).id
    decide_proof(E1, proof, uow, accepted=True, actor=CLERK, now=at(4))
    assert outcomes(uow)[0] is Outcome.ABSENCE_JUSTIFIED
    decide_proof(E1, proof, uow, accepted=False, actor=CLERK, now=at(4))
    assert outcomes(uow)[0] is Outcome.ABSENCE


def test_a_suspension_is_folded_and_lifted(uow: UnitOfWork) -> None:
    fact = suspend(Suspended(E1, DAYS[0], DAYS[1], "conduite", (CANTEEN,)), uow, actor=CLERK, now=at(1))
    check(uow, MONDAY)
    assert outcomes(uow)[0] is Outcome.SUSPENDED
    lift_suspension(E1, fact, uow, actor=CLERK, now=at(4))
    assert outcomes(uow)[0] is Outcome.ABSENCE


# -- anomalies and appeals --------------------------------------------------------------------------------------------


def test_a_family_is_told_once_and_what_it_contests_waits(uow: UnitOfWork) -> None:
    check(uow, MONDAY, E1, E2)
    slot = SlotKey(E2, CANTEEN, MONDAY)
    told = tell_anomalies(NOVEMBER, uow, actor=CLERK, now=at(10), appeal_days=5)
    assert {(one.kind, one.household) for one in told} == {
        (AnomalyKind.PRESENT_UNBOOKED, F1),
        (AnomalyKind.BOOKED_ABSENT, F2),
    }
    assert tell_anomalies(NOVEMBER, uow, actor=CLERK, now=at(11)) == ()
    assert {one.kind for one in find_anomalies(NOVEMBER, uow, actor=CLERK, on=at(11).date())} == {AnomalyKind.UNCHECKED}
    assert [one.key for one in told_anomalies(F1, uow, actor=CLERK, on=dt.date(2025, 11, 15))] == [slot]
    with pytest.raises(AccessDeniedError):
        appeal(slot, "ce n'est pas lui", uow, actor=STRANGER, now=at(12))
    with pytest.raises(NotFoundError):
        appeal(SlotKey(E1, CANTEEN, MONDAY), "?", uow, actor=PARENT, now=at(12))
    with pytest.raises(ConflictError, match="2025-11-15"):
        appeal(slot, "trop tard", uow, actor=PARENT, now=at(16))
    made = appeal(slot, "il était chez sa grand-mère", uow, actor=PARENT, now=at(12))
    with pytest.raises(ConflictError, match="contested already"):
        appeal(slot, "encore", uow, actor=PARENT, now=at(13))
    waiting = prepare_run(NOVEMBER, uow, actor=CLERK, issued_on=dt.date(2025, 12, 1)).pending
    assert "billing.pending.contested" in {one.reason.code for one in waiting}
    assert decide_appeal(E2, made, uow, accepted=True, actor=CLERK, now=at(14)).state is AppealState.ACCEPTED
    assert outcomes(uow, E2) == []
    with pytest.raises(ConflictError):
        decide_appeal(E2, made, uow, accepted=False, actor=CLERK, now=at(15))


def test_a_run_over_unchecked_days_lists_them(uow: UnitOfWork) -> None:
    check(uow, MONDAY, E1, E3)
    prepared = prepare_run(NOVEMBER, uow, actor=CLERK, issued_on=dt.date(2025, 11, 8))
    assert {day for one in prepared.pending for day in [one.day]} == set(DAYS[1:])


# -- money ------------------------------------------------------------------------------------------------------------


def test_bad_payments_are_refused_and_leave_nothing(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    with pytest.raises(NotFoundError):
        record_payments([pay(InvoiceId("none"), 100)], uow, actor=CLERK, now=at(5, month=12))
    elsewhere = attrs.evolve(pay(invoice, 380), series="NULLE", invoices=())
    with pytest.raises(NotFoundError, match="expected one of REGIE"):
        record_payments([elsewhere], uow, actor=CLERK, now=at(5, month=12))
    for amount in (0, -100):
        with pytest.raises(MisuseError, match="more than 0"):
            pay(invoice, amount)
    with pytest.raises(MisuseError, match="currency"):
        record_payments([attrs.evolve(pay(invoice, 380), currency=XPF)], uow, actor=CLERK, now=at(5, month=12))
    record_payments([pay(invoice, 380)], uow, actor=CLERK, now=at(5, month=12))
    with pytest.raises(ConflictError, match="settled"):
        record_payments([pay(invoice, 1, id="P2")], uow, actor=CLERK, now=at(6, month=12))
    earlier = attrs.evolve(pay(invoice, 1, id="P3"), invoices=(), at=at(4, month=12))
    with pytest.raises(ConflictError, match="clock"):
        record_payments([earlier], uow, actor=CLERK, now=at(4, month=12))
    assert [stored.model.id for stored in uow.payments.stream()] == ["P1"]


def test_a_cheque_bounces_once_and_is_owed_again(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    record_payments([pay(invoice, 380)], uow, actor=CLERK, now=at(5, month=12))
    on = dt.date(2025, 12, 15)
    after = reject_payment(PaymentId("P1"), uow, on=on, actor=CLERK, now=at(15, month=12), key=Key("r"))
    assert after.remaining()[invoice] == 380
    assert reject_payment(PaymentId("P1"), uow, on=on, actor=CLERK, now=at(15, month=12), key=Key("r")) == after
    with pytest.raises(ConflictError):
        reject_payment(PaymentId("P1"), uow, on=on, actor=CLERK, now=at(16, month=12))
    with pytest.raises(NotFoundError):
        reject_payment(PaymentId("P9"), uow, on=on, actor=CLERK, now=at(16, month=12))
    assert sum(entry.amount for entry in ledger(uow, actor=CLERK) if entry.household == F1) == 380


def test_a_payment_recorded_by_mistake_is_taken_back_until_it_is_handed_over(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    on = dt.date(2025, 12, 6)
    record_payments([pay(invoice, 380, Means.CASH)], uow, actor=CLERK, now=at(5, month=12))
    with pytest.raises(MisuseError, match="motive"):
        cancel_payment(PaymentId("P1"), " ", uow, on=on, actor=CLERK, now=at(6, month=12))
    after = cancel_payment(PaymentId("P1"), "autre foyer", uow, on=on, actor=CLERK, now=at(6, month=12))
    assert after.remaining()[invoice] == 380
    assert undeposited("REGIE", uow, actor=CLERK) == ()
    record_payments([pay(invoice, 380, Means.CASH, "P2")], uow, actor=CLERK, now=at(6, 13, 12))
    make_deposit_slip("REGIE", uow, on=on, actor=CLERK, now=at(6, 14, 12))
    with pytest.raises(ConflictError, match="slip 1"):
        cancel_payment(PaymentId("P2"), "erreur", uow, on=on, actor=CLERK, now=at(7, month=12))


def test_money_in_another_currency_is_refused_even_in_an_account_where_nothing_happened(uow: UnitOfWork) -> None:
    francs = attrs.evolve(pay(InvoiceId("none"), 380), currency=XPF, invoices=())
    with pytest.raises(MisuseError, match="XPF"):
        record_payments([francs], uow, actor=CLERK, now=at(5, month=12))
    assert len(uow.payments) == 0


def test_what_is_asked_of_a_past_day_knows_nothing_of_what_is_dated_later(uow: UnitOfWork) -> None:
    invoice = billed(uow)  # due on 31 December
    late = dt.date(2026, 1, 10)
    record_payments([attrs.evolve(pay(invoice, 380), received_on=late)], uow, actor=CLERK, now=at(12, 9, 1, 2026))
    assert arrears_of(F1, "REGIE", dt.date(2026, 1, 9), uow, actor=CLERK) == 380
    assert arrears_of(F1, "REGIE", late, uow, actor=CLERK) == 0
    rows = late_payers_report(dt.date(2026, 1, 9), uow, actor=CLERK, series="REGIE")
    assert {row.household for row in rows} == {F1, F2}


def test_a_refund_comes_out_of_credit_only(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    record_payments([pay(invoice, 500)], uow, actor=CLERK, now=at(5, month=12))
    given = Refunded(F1, "REGIE", Means.TRANSFER, 120, dt.date(2025, 12, 9), "départ")
    assert refund_household(given, uow, actor=CLERK, now=at(9, month=12)).credit == 0
    with pytest.raises(ConflictError, match="credit"):
        refund_household(attrs.evolve(given, amount=1), uow, actor=CLERK, now=at(9, month=12))
    with pytest.raises(MisuseError):
        refund_household(attrs.evolve(given, amount=0), uow, actor=CLERK, now=at(9, month=12))


def test_a_debt_is_written_off_or_handed_over_by_a_named_act(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    on = dt.date(2026, 3, 1)
    part = WrittenOff(invoice, WriteOffKind.REMITTED, on, "délib. 12", 80)
    write_off_invoice(part, uow, actor=CLERK, now=at(1, month=3, year=2026))
    with pytest.raises(ConflictError):
        write_off_invoice(attrs.evolve(part, amount=301), uow, actor=CLERK, now=at(1, month=3, year=2026))
    with pytest.raises(MisuseError, match="reference"):
        WrittenOff(invoice, WriteOffKind.REMITTED, on, " ")
    with pytest.raises(ConflictError, match="under the threshold"):
        transfer_to_treasury([invoice], "titre 41", uow, on=on, actor=CLERK, now=at(2, month=3, year=2026))
    theirs = next(stored.model.id for stored in uow.invoices.of(F2))  # 12,00: with what F1 owes it is two debtors
    with pytest.raises(ConflictError, match="under the threshold"):
        transfer_to_treasury([invoice, theirs], "titre 41", uow, on=on, actor=CLERK, now=at(2, month=3, year=2026))
    assert len(uow.write_offs) == 1


def test_the_debts_of_one_debtor_are_grouped_to_reach_the_threshold(uow: UnitOfWork) -> None:
    billed(uow)
    old = next(stored.model for stored in uow.invoices.of(F2))  # 12,00
    more = attrs.evolve(old, id=InvoiceId("REGIE-2025-000003"), number=3)
    uow.invoices.add([more])
    on, now = dt.date(2026, 3, 1), at(2, month=3, year=2026)
    accounts = transfer_to_treasury([old.id, more.id], "titre 41", uow, on=on, actor=CLERK, now=now)
    assert accounts[-1].remaining() == {old.id: 0, more.id: 0}
    with pytest.raises(ConflictError, match="asks for nothing"):
        transfer_to_treasury([old.id], "titre 42", uow, on=on, actor=CLERK, now=at(3, month=3, year=2026))


def test_reminders_go_up_level_by_level_unless_planned_or_disputed(uow: UnitOfWork) -> None:
    invoice = billed(uow)  # due on 31 December
    assert reminders_to_send("REGIE", uow, actor=CLERK, on=dt.date(2026, 1, 10)) == ()
    first = send_reminders("REGIE", uow, actor=CLERK, on=dt.date(2026, 1, 16), now=at(16, month=1, year=2026))
    assert [(one.household, one.level) for one in first] == [(F1, 1), (F2, 1)]
    again = send_reminders("REGIE", uow, actor=CLERK, on=dt.date(2026, 1, 16), now=at(16, month=1, year=2026))
    assert again == ()
    assert [
        (row.household, row.level) for row in late_payers_report(dt.date(2026, 1, 20), uow, actor=CLERK, series="REGIE")
    ] == [
        (F2, 1),
        (F1, 1),
    ]
    february = dt.date(2026, 2, 20)
    instalments = (Instalment(dt.date(2026, 3, 1), 190), Instalment(dt.date(2026, 4, 1), 190))
    wanted = PlanWanted(F1, "REGIE", (invoice,), instalments, dt.date(2026, 1, 20))
    with pytest.raises(MisuseError, match="expected 380"):
        agree_plan(attrs.evolve(wanted, instalments=instalments[:1]), uow, actor=CLERK, now=at(20, 8, 1, 2026))
    plan = agree_plan(wanted, uow, actor=CLERK, now=at(20, month=1, year=2026))
    with pytest.raises(ConflictError):
        agree_plan(wanted, uow, actor=CLERK, now=at(20, month=1, year=2026))
    other = next(stored.model.id for stored in uow.invoices.of(F2))
    dispute = dispute_invoice(other, "absente", uow, on=dt.date(2026, 1, 20), actor=CLERK, now=at(20, 12, 1, 2026))
    assert reminders_to_send("REGIE", uow, actor=CLERK, on=february) == ()
    assert arrears_of(F1, "REGIE", february, uow, actor=CLERK) == 0
    cancel_plan(plan.id, uow, on=february, actor=CLERK, now=at(20, month=2, year=2026))
    close_dispute(dispute.id, uow, on=february, actor=CLERK, now=at(20, month=2, year=2026))
    assert [one.level for one in reminders_to_send("REGIE", uow, actor=CLERK, on=february)] == [2, 2]
    assert arrears_of(F1, "REGIE", february, uow, actor=CLERK) == 380


def test_receipts_slips_and_closings_are_numbered_and_tie(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    record_payments([pay(invoice, 180), pay(invoice, 200, Means.CASH, "P2")], uow, actor=CLERK, now=at(5, month=12))
    assert [one.number for one in number_quittances("REGIE", uow, actor=CLERK, now=at(5, month=12))] == [1, 2]
    assert number_quittances("REGIE", uow, actor=CLERK, now=at(6, month=12)) == ()
    (stored, *_) = uow.quittances.of("P1")
    assert stored.model.settles == ((invoice, 180),)
    on = dt.date(2025, 12, 8)
    count = DeskCount("REGIE", on, ((Means.CHEQUE, 180), (Means.CASH, 150)))
    closing = close_cash_desk(count, uow, actor=CLERK, now=at(8, month=12), key=Key("c"))
    assert (closing.difference, len(closing.reasons)) == (-50, 1)
    assert close_cash_desk(count, uow, actor=CLERK, now=at(8, month=12), key=Key("c")) == closing
    with pytest.raises(ConflictError):
        close_cash_desk(attrs.evolve(count, on=dt.date(2025, 12, 7)), uow, actor=CLERK, now=at(9, month=12))
    slip = make_deposit_slip("REGIE", uow, on=on, actor=CLERK, now=at(8, 13, 12), key=Key("s"))
    assert (slip.number, slip.total) == (1, 380)
    assert make_deposit_slip("REGIE", uow, on=on, actor=CLERK, now=at(8, 13, 12), key=Key("s")) == slip
    assert undeposited("REGIE", uow, actor=CLERK) == ()
    with pytest.raises(MisuseError, match="needs a payment"):
        make_deposit_slip("REGIE", uow, on=on, actor=CLERK, now=at(9, month=12))
    rows = regie_journal(Span(dt.date(2025, 12, 1), dt.date(2025, 12, 31)), uow, actor=CLERK, series="REGIE")
    assert sum(row.amount for row in rows if row.label == "encaissement") == 380
    assert sum(row.amount for row in rows if row.label == "versement") == 380


def test_the_float_stays_when_everything_is_handed_over(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    on = dt.date(2025, 12, 8)

    def moved(kind: CashKind, amount: int, motive: str = "") -> CashMoved:
        return CashMoved("REGIE", kind, amount, on, motive)

    trusted = moved(CashKind.FLOAT_IN, 5000)
    first = move_cash(trusted, uow, actor=CLERK, now=at(1, month=12), key=Key("f"))
    assert move_cash(trusted, uow, actor=CLERK, now=at(1, month=12), key=Key("f")) == first
    for wrong, error in (
        (moved(CashKind.FLOAT_OUT, 5001), ConflictError),
        (moved(CashKind.SHORTAGE, 10), MisuseError),
        (moved(CashKind.SURPLUS, 0, "?"), MisuseError),
    ):
        with pytest.raises(error):
            move_cash(wrong, uow, actor=CLERK, now=at(2, month=12))
    assert len(uow.cash_moves) == 1
    record_payments([pay(invoice, 380, Means.CASH)], uow, actor=CLERK, now=at(5, month=12))
    assert desk_holds("REGIE", uow, actor=CLERK, on=on) == {Means.CASH: 5380}
    count = DeskCount("REGIE", on, ((Means.CASH, 5370),), "rendu de monnaie")
    closing = close_cash_desk(count, uow, actor=CLERK, now=at(8, month=12))
    assert (closing.difference, closing.explanation) == (-10, "rendu de monnaie")
    move_cash(moved(CashKind.SHORTAGE, 10, "rendu de monnaie"), uow, actor=CLERK, now=at(8, 13, 12))
    assert close_cash_desk(count, uow, actor=CLERK, now=at(8, 14, 12)).reasons == ()
    make_deposit_slip("REGIE", uow, on=on, actor=CLERK, now=at(8, 15, 12))
    # The slip hands over what came in; the régisseur makes the shortage good.
    assert desk_holds("REGIE", uow, actor=CLERK, on=on) == {Means.CASH: 4990}


def test_a_file_of_receipts_tells_every_fault_with_its_line(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    record_payments([pay(invoice, 100)], uow, actor=CLERK, now=at(5, month=12))
    lines = (
        "paiement;foyer;montant;moyen;instant;facture", f"P1;F1;1,00;carte;2025-12-05 10:00;{invoice}",
        "P2;F1;0;carte;2025-12-05 10:00;", "P3;F1;1,005;carte;2025-12-05 10:00;",
        "P4;F1;1,00;carte;2025-12-05 10:00;inconnue", f"P5;F2;1,00;carte;2025-12-05 10:00;{invoice}",
    )  # fmt: skip
    with pytest.raises(BadFileError) as caught:
        import_files({"encaissements": "\n".join(lines).encode()}, uow, actor=CLERK, now=at(6, month=12))
    assert [one.where.removeprefix("ligne ") for one in caught.value.problems] == [
        "2, colonne paiement", "3, colonne montant", "4, colonne montant", "5, colonne facture", "6, colonne facture"
    ]  # fmt: skip
    assert len(uow.payments) == 1


# -- online -----------------------------------------------------------------------------------------------------------


def say(reference: str, kind: OnlineEventKind, id: str, when: dt.datetime, amount: int | None = None) -> OnlineEvent:
    return OnlineEvent(FactId(id), reference, kind, when, amount)


def test_an_online_payment_counts_once_whatever_comes(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    wanted = PayOnline(F1, "REGIE", (invoice,))
    now = at(5, month=12)
    with pytest.raises(AccessDeniedError):
        start_online_payment(wanted, uow, actor=STRANGER, now=now)
    started = start_online_payment(wanted, uow, actor=PARENT, now=now, key=Key("o"))
    assert start_online_payment(wanted, uow, actor=PARENT, now=now, key=Key("o")) == started
    with pytest.raises(ConflictError, match="being paid"):
        start_online_payment(wanted, uow, actor=PARENT, now=now)
    paid = say(started.reference, OnlineEventKind.PAID, "e1", at(5, 13, 12), 380)
    for _ in range(2):
        assert notify_online_payment(paid, uow, actor=CLERK, now=at(5, 13, 12)) is OnlineState.PAID
    same = attrs.evolve(paid, id=FactId("e2"), at=at(5, 14, 12))
    assert notify_online_payment(same, uow, actor=CLERK, now=at(5, 14, 12)) is OnlineState.PAID
    assert len(uow.payments) == 1
    assert read_account(F1, "REGIE", uow, actor=CLERK).remaining()[invoice] == 0
    with pytest.raises(ConflictError, match="settled"):
        start_online_payment(wanted, uow, actor=PARENT, now=at(6, month=12))


def test_confirmed_after_the_hold_and_after_the_invoice_was_settled_it_is_a_credit(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    wanted = PayOnline(F1, "REGIE", (invoice,), hold=dt.timedelta(minutes=20))
    started = start_online_payment(wanted, uow, actor=PARENT, now=at(5, 10, 12))
    assert expire_online_payments(uow, actor=CLERK, now=at(5, 10, 12)) == ()
    assert expire_online_payments(uow, actor=CLERK, now=at(5, 11, 12)) == (started,)
    assert [state for _, state in online_payments(F1, uow, actor=CLERK)] == [OnlineState.EXPIRED]
    record_payments([pay(invoice, 380)], uow, actor=CLERK, now=at(5, 12, 12))
    paid = say(started.reference, OnlineEventKind.PAID, "e1", at(5, 15, 12), 380)
    assert notify_online_payment(paid, uow, actor=CLERK, now=at(5, 15, 12)) is OnlineState.PAID
    assert read_account(F1, "REGIE", uow, actor=CLERK).credit == 380


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"invoices": (InvoiceId("none"),)}, NotFoundError),
        ({"invoices": ()}, MisuseError),
        ({"amount": 0}, MisuseError),
        ({"amount": 381}, MisuseError),
        ({"currency": XPF}, MisuseError),
    ],
)
def test_an_online_payment_that_cannot_be_is_not_started(
    uow: UnitOfWork, change: dict[str, object], error: type[Exception]
) -> None:
    invoice = billed(uow)
    wanted = attrs.evolve(PayOnline(F1, "REGIE", (invoice,)), **change)  # type: ignore[arg-type]  # parametrised
    with pytest.raises(error):
        start_online_payment(wanted, uow, actor=PARENT, now=at(5, month=12))
    assert len(uow.online_payments) == 0


def test_the_service_may_not_say_another_amount(uow: UnitOfWork) -> None:
    started = start_online_payment(PayOnline(F1, "REGIE", (billed(uow),)), uow, actor=PARENT, now=at(5, month=12))
    wrong = say(started.reference, OnlineEventKind.PAID, "e1", at(5, 13, 12), 379)
    with pytest.raises(ConflictError, match="379"):
        notify_online_payment(wrong, uow, actor=CLERK, now=at(5, 13, 12))
    with pytest.raises(NotFoundError):
        notify_online_payment(attrs.evolve(wrong, reference="none"), uow, actor=CLERK, now=at(5, 13, 12))
    assert len(uow.online_events) == 0


# -- what a family is handed over ------------------------------------------------------------------------------------


def test_a_family_is_handed_all_that_was_recorded_about_its_money_and_its_days(uow: UnitOfWork) -> None:
    invoice = billed(uow)
    december = at(5, month=12)
    tell_anomalies(NOVEMBER, uow, actor=CLERK, now=december)
    appeal(SlotKey(E3, CANTEEN, MONDAY), "elle était là", uow, actor=STRANGER, now=december)
    start_online_payment(PayOnline(F1, "REGIE", (invoice,)), uow, actor=PARENT, now=december)
    record_payments([pay(invoice, 380)], uow, actor=CLERK, now=december)
    number_quittances("REGIE", uow, actor=CLERK, now=december)
    reject_payment(PaymentId("P1"), uow, on=dt.date(2025, 12, 9), actor=CLERK, now=at(9, month=12))
    dispute_invoice(invoice, "prix", uow, on=dt.date(2025, 12, 9), actor=CLERK, now=at(9, month=12))
    mine = export_family(F1, uow, actor=CLERK, at=at(10, month=12)).sections
    for name in ("invoices", "payments", "quittances", "rejections", "disputes", "online_payments"):
        assert len(mine[name]) == 1, name
    assert (mine["anomalies"], mine["appeals"]) == ((), ())
    theirs = export_family(F2, uow, actor=CLERK, at=at(10, month=12)).sections
    assert (len(theirs["anomalies"]), len(theirs["appeals"]), theirs["payments"]) == (1, 1, ())
