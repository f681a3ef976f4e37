"""Every public use case, with every kind of actor, on every family: whoever may not is refused before anything else.

The table below says of each use case, a second time and by hand, which operation it asks for and on what. A name that
enters ``periscolaire.operations`` without a line here fails :func:`test_every_use_case_has_a_line`.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import attrs
import pytest

from periscolaire import operations
from periscolaire.access import (
    ANONYMOUS,
    OPERATIONS,
    Actor,
    AuditEntry,
    FamilyActor,
    Operation,
    Reach,
    Role,
    Secret,
    StaffActor,
    TrustedPerson,
)
from periscolaire.attendance import Closure, Presence, Proof, ProofState
from periscolaire.billing import (
    CashKind,
    Instance,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Issuer,
    Means,
    OnlineEvent,
    OnlineEventKind,
    WriteOffKind,
)
from periscolaire.booking import (
    Attribution,
    Basket,
    ChangeKind,
    Estimate,
    Line,
    LineStatus,
    Occasional,
    Receipt,
    ReceiptLine,
    Registration,
    SlotKey,
)
from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.errors import AccessDeniedError, PeriscolaireError
from periscolaire.files import DoorSheetRow, read_reglement
from periscolaire.households import (
    Adult,
    Child,
    Custody,
    DatedFact,
    EvenOddWeeks,
    Household,
    ImportPlan,
    Member,
    Schooling,
)
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
    RequestId,
    SchoolCode,
)
from periscolaire.messages import (
    Contact,
    ContactPage,
    Entry,
    Everyone,
    FamilyRequest,
    Move,
    News,
    Purpose,
    RequestKind,
    Side,
)
from periscolaire.operations import Accounts, Messages, Portal
from periscolaire.ports import JOURNALS, RECORDS, UnitOfWork
from periscolaire.reglement import Reglements
from periscolaire.storage import MemoryBlobs, MemoryStore
from periscolaire.testing.accounts import MemoryOutbox, QuickHasher

EXAMPLE = Path(__file__).parents[2] / "examples" / "le-langon"
TEXT = (EXAMPLE / "reglement.toml").read_text(encoding="utf-8")
RULES = read_reglement(TEXT)
CANTEEN = ProductCode("cantine")
NOW = dt.datetime(2025, 11, 20, 9, tzinfo=dt.UTC)
TODAY = NOW.date()
ODD, EVEN = dt.date(2025, 11, 3), dt.date(2025, 11, 10)  # ISO weeks 45 and 46
MONTH = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
SERIES = "REGIE"
CLERK = StaffActor("mairie", frozenset({Role.ADMINISTRATOR}))


@attrs.frozen
class Subject:
    """Whom a use case is tried on: a household, one of its children, a day; ``days`` is whose day it is."""

    label: str
    household: str
    child: str
    day: dt.date
    members: frozenset[str]
    days: frozenset[str]
    school: str

    @property
    def slot(self) -> SlotKey:
        return SlotKey(ChildId(self.child), CANTEEN, self.day)

    @property
    def home(self) -> HouseholdId:
        return HouseholdId(self.household)


#: E is of F1 alone; S is of F1 and F2, who have it every other week; F3 is a stranger.
SUBJECTS = (
    Subject("E of F1", "F1", "E", ODD, frozenset({"F1"}), frozenset({"F1"}), "nord"),
    Subject("S in F1's week", "F1", "S", EVEN, frozenset({"F1", "F2"}), frozenset({"F1"}), "sud"),
    Subject("S in F2's week", "F2", "S", ODD, frozenset({"F1", "F2"}), frozenset({"F2"}), "sud"),
)
#: The schools of the children of each household.
SCHOOLS = {"F1": {"nord", "sud"}, "F2": {"sud"}, "F3": {"nord"}}


def parent(*homes: str) -> FamilyActor:
    return FamilyActor(AccountId(f"acc-{homes[0]}"), AdultId(homes[0]), frozenset(map(HouseholdId, homes)))


ACTORS: dict[str, Actor] = {
    "a parent of F1": parent("F1"),
    "a parent of F2": parent("F2"),
    "a parent of F3": parent("F3"),
    "a parent of F2 and F3": parent("F2", "F3"),
    **{f"staff who may {role.value}": StaffActor(role.name, frozenset({role})) for role in Role},
    "the administrator, of the school of the north": StaffActor(
        "n", frozenset({Role.ADMINISTRATOR}), frozenset({SchoolCode("nord")})
    ),
    "the administrator, of another school": StaffActor(
        "x", frozenset({Role.ADMINISTRATOR}), frozenset({SchoolCode("ailleurs")})
    ),
    "a trusted person": TrustedPerson("Mamie"),
    "nobody": ANONYMOUS,
}


# -- who may, said by hand -------------------------------------------------------------------------------------------

Ask = tuple[Operation, str]


def may(actor: Actor, operation: Operation, about: str, subject: Subject) -> bool:
    right = OPERATIONS[operation]
    match actor:
        case FamilyActor():
            own = {str(home) for home in actor.households}
            match right.family:
                case Reach.HOUSEHOLD:
                    return about == "household" and subject.household in own
                case Reach.CHILD:
                    return about == "child" and not own.isdisjoint(subject.members)
                case Reach.DAY:
                    return about == "child" and not own.isdisjoint(subject.days)
                case _:
                    return False
        case StaffActor():
            touched = {"household": SCHOOLS[subject.household], "child": {subject.school}, "commune": set()}[about]
            within = actor.schools is None or not {str(one) for one in actor.schools}.isdisjoint(touched)
            return bool(actor.roles & right.roles) and within
        case _:
            return False


# -- the table --------------------------------------------------------------------------------------------------------


@attrs.frozen
class Case:
    """What a use case asks, in order (all must be granted), and how it is called."""

    asks: Callable[[Actor], tuple[Ask, ...]]
    call: Callable[[UnitOfWork, Any, Subject], object]


CASES: dict[str, Case] = {}


def case(name: str, operation: Operation, about: str, call: Callable[[UnitOfWork, Any, Subject], object]) -> None:
    assert name not in CASES, name
    CASES[name] = Case(lambda actor: ((operation, about),), call)


def by_side(name: str, family: Ask, staff: Ask, call: Callable[[UnitOfWork, Any, Subject], object]) -> None:
    CASES[name] = Case(lambda actor: (staff if isinstance(actor, StaffActor) else family,), call)


o, COMMUNE, HOUSE, CHILD = operations, "commune", "household", "child"
O = Operation  # noqa: E741  # the table is read by its columns
ACCOUNTS = Accounts(QuickHasher(), MemoryOutbox(), Portal("Val", "https://famille.exemple", "01"))
MESSAGES = Messages(
    MemoryOutbox(), Portal("Val", "https://famille.exemple", "01"), MemoryBlobs(), reglements=Reglements((RULES,))
)
KIND = RequestKind("autre", "Autre", Purpose.OTHER)


def invoice_of(household: HouseholdId) -> InvoiceId:
    return InvoiceId(f"AUTRE-2025-00000{household[1:]}")


def basket(subject: Subject) -> Basket:
    return Basket.of(subject.home).add(Line(Action.BOOK, subject.slot))


def receipt_of(subject: Subject) -> Receipt:
    line = ReceiptLine(Action.BOOK, subject.slot, LineStatus.FIRM, None, True, None)
    return Receipt("R1", subject.home, NOW, "A1", None, "2025", (line,), (), Estimate())


def registration(subject: Subject) -> Registration:
    whole = Span(dt.date(2025, 9, 1), dt.date(2026, 7, 3))
    return Registration(FactId("new"), ChildId(subject.child), CANTEEN, subject.home, "2025-2026", whole)


# people
case(
    "record_people", O.IMPORT_PEOPLE, COMMUNE, lambda u, a, s: o.record_people((), (), u, actor=a, at=NOW, channel="x")
)
case("plan_import", O.IMPORT_PEOPLE, COMMUNE, lambda u, a, s: o.plan_import((), (), u, actor=a))
case(
    "import_people",
    O.IMPORT_PEOPLE,
    COMMUNE,
    lambda u, a, s: o.import_people(
        ImportPlan((), ()), u, actor=a, school=SchoolCode("nord"), first_day=TODAY, at=NOW, channel="x"
    ),
)
case("import_files", O.IMPORT_PEOPLE, COMMUNE, lambda u, a, s: o.import_files({}, u, actor=a, now=NOW))
case(
    "record_facts",
    O.RECORD_FACT,
    COMMUNE,
    lambda u, a, s: o.record_facts(
        [DatedFact(s.home, "quotient", Decimal(1), TODAY, None, NOW)], u, actor=a, at=NOW, channel="x"
    ),
)
case(
    "record_documents", O.RECORD_FACT, COMMUNE, lambda u, a, s: o.record_documents((), u, actor=a, at=NOW, channel="x")
)
case("record_consents", O.RECORD_FACT, COMMUNE, lambda u, a, s: o.record_consents((), u, actor=a, at=NOW, channel="x"))
case("export_family", O.EXPORT_FAMILY_DATA, HOUSE, lambda u, a, s: o.export_family(s.home, u, actor=a, at=NOW))
case(
    "erase_family",
    O.ERASE_FAMILY_DATA,
    COMMUNE,
    lambda u, a, s: o.erase_family(s.home, u, actor=a, at=NOW, channel="x", blobs=MemoryBlobs()),
)
case(
    "purge",
    O.ERASE_FAMILY_DATA,
    COMMUNE,
    lambda u, a, s: o.purge(u, actor=a, at=NOW, channel="x", blobs=MemoryBlobs()),
)
case(
    "turn_school_year",
    O.CHANGE_RULES,
    COMMUNE,
    lambda u, a, s: o.turn_school_year(
        u,
        actor=a,
        at=NOW,
        old=RULES.calendar.school_year(TODAY),
        new=RULES.calendar.school_year(TODAY),
        reglement=RULES,
    ),
)
case("publish_reglement", O.CHANGE_RULES, COMMUNE, lambda u, a, s: o.publish_reglement(TEXT, u, actor=a, now=NOW))

case("household_file", O.VIEW_HOUSEHOLD, HOUSE, lambda u, a, s: o.household_file(s.home, u, actor=a, day=s.day))
case(
    "read_document",
    O.VIEW_CHILD,
    CHILD,
    lambda u, a, s: o.read_document(FactId("d"), ChildId(s.child), u, actor=a, day=s.day, blobs=MemoryBlobs()),
)
case(
    "publish_contacts",
    O.PUBLISH_NEWS,
    COMMUNE,
    lambda u, a, s: o.publish_contacts(ContactPage((Contact("Mairie", "Val"),)), u, actor=a, at=NOW),
)
case("account_standings", O.MANAGE_ACCOUNT, COMMUNE, lambda u, a, s: o.account_standings(u, actor=a, at=NOW))
case(
    "send_reset_link",
    O.MANAGE_ACCOUNT,
    COMMUNE,
    lambda u, a, s: o.send_reset_link("nobody@exemple.fr", ACCOUNTS, u, actor=a, at=NOW, channel="x"),
)
case(
    "unblock_account",
    O.MANAGE_ACCOUNT,
    COMMUNE,
    lambda u, a, s: o.unblock_account("nobody@exemple.fr", u, actor=a, at=NOW, channel="x"),
)
case(
    "close_family_account",
    O.MANAGE_ACCOUNT,
    COMMUNE,
    lambda u, a, s: o.close_family_account("nobody@exemple.fr", u, actor=a, at=NOW, channel="x"),
)
case("read_audit", O.READ_AUDIT, COMMUNE, lambda u, a, s: o.read_audit(u, actor=a))
case(
    "Accounts.correct_file",
    O.CHANGE_HOUSEHOLD,
    HOUSE,
    lambda u, a, s: ACCOUNTS.correct_file(
        u, a, s.home, adults=(Adult(AdultId(s.household), "AUTRE", "B"),), at=NOW, channel="x"
    ),
)

# booking
by_side(
    "check_basket",
    (O.VIEW_HOUSEHOLD, HOUSE),
    (O.BOOK, CHILD),
    lambda u, a, s: o.check_basket(basket(s), u, actor=a, at=NOW, reglement=RULES),
)
by_side(
    "validate",
    (O.VIEW_HOUSEHOLD, HOUSE),
    (O.BOOK, CHILD),
    lambda u, a, s: o.validate(basket(s), u, actor=a, key=Key("k"), at=NOW, reglement=RULES),
)
case(
    "decide_requests",
    O.BOOK,
    CHILD,
    lambda u, a, s: o.decide_requests([o.BookingRequest(Line(Action.BOOK, s.slot), NOW)], u, actor=a),
)
case(
    "answer_request",
    O.BOOK_BY_DEROGATION,
    CHILD,
    lambda u, a, s: o.answer_request(s.slot, u, actor=a, at=NOW, reglement=RULES, kind=ChangeKind.CONFIRM),
)
case(
    "accept_offer",
    O.BOOK,
    CHILD,
    lambda u, a, s: o.accept_offer(s.slot, u, actor=a, at=NOW, reglement=RULES),
)
case(
    "waiting_position",
    O.VIEW_BOOKINGS,
    CHILD,
    lambda u, a, s: o.waiting_position(s.slot, u, actor=a, attribution=Attribution()),
)
case(
    "expire_holds",
    O.BOOK_BY_DEROGATION,
    COMMUNE,
    lambda u, a, s: o.expire_holds(u, span=MONTH, actor=a, at=NOW, reglement=RULES),
)
case(
    "allocate_places",
    O.BOOK_BY_DEROGATION,
    COMMUNE,
    lambda u, a, s: o.allocate_places(
        CANTEEN, Span.one(s.day), u, actor=a, at=NOW, reglement=RULES, attribution=Attribution(), dry_run=True
    ),
)
case(
    "make_offers",
    O.BOOK_BY_DEROGATION,
    COMMUNE,
    lambda u, a, s: o.make_offers(
        CANTEEN, s.day, u, actor=a, at=NOW, reglement=RULES, attribution=Attribution(), hold=dt.timedelta(1), last=NOW
    ),
)
case(
    "close_service",
    O.BOOK_BY_DEROGATION,
    COMMUNE,
    lambda u, a, s: o.close_service(
        Closure(FactId("c"), s.day, s.day, "neige", NOW, "agent"), u, actor=a, at=NOW, reglement=RULES
    ),
)
case("lift_closure", O.BOOK_BY_DEROGATION, COMMUNE, lambda u, a, s: o.lift_closure(FactId("c"), u, actor=a, now=NOW))
for one, call in {
    "register": lambda u, a, s: o.register(registration(s), u, actor=a, key=Key("k"), at=NOW, reglement=RULES),
    "register_many": lambda u, a, s: o.register_many(
        [registration(s)], u, actor=a, key=Key("k"), at=NOW, reglement=RULES
    ),
    "change_registration": lambda u, a, s: o.change_registration(
        FactId(f"reg-{s.household}-{s.child}"), Occasional(), s.day, u, actor=a, key=Key("k"), at=NOW, reglement=RULES
    ),
}.items():
    CASES[one] = Case(
        lambda actor: (
            (O.REGISTER_CHILD, CHILD),
            *(((O.VIEW_HOUSEHOLD, HOUSE),) if isinstance(actor, FamilyActor) else ()),
        ),
        cast("Callable[[UnitOfWork, Any, Subject], object]", call),
    )

# the kitchen, the door, attendance
case(
    "freeze_kitchen_order",
    O.RECORD_ATTENDANCE,
    COMMUNE,
    lambda u, a, s: o.freeze_kitchen_order(CANTEEN, s.day, u, actor=a, at=NOW),
)
case("day_order", O.RECORD_ATTENDANCE, COMMUNE, lambda u, a, s: o.day_order(CANTEEN, s.day, u, actor=a, at=NOW))
case("door_rows", O.RECORD_ATTENDANCE, COMMUNE, lambda u, a, s: o.door_rows(CANTEEN, s.day, u, actor=a))
case(
    "check_door_list",
    O.RECORD_ATTENDANCE,
    CHILD,
    lambda u, a, s: o.check_door_list(o.DoorList(CANTEEN, s.day, (o.DoorLine(ChildId(s.child)),)), u, actor=a, now=NOW),
)
case(
    "check_door_sheet",
    O.RECORD_ATTENDANCE,
    CHILD,
    lambda u, a, s: o.check_door_sheet(
        [DoorSheetRow(2, s.day, CANTEEN, ChildId(s.child), present=True)], u, actor=a, now=NOW
    ),
)
case("import_tablet_log", O.RECORD_ATTENDANCE, COMMUNE, lambda u, a, s: o.import_tablet_log([], u, actor=a, now=NOW))
case("door_warnings", O.VIEW_ATTENDANCE, COMMUNE, lambda u, a, s: o.door_warnings(MONTH, u, actor=a))
case(
    "record_presences",
    O.RECORD_ATTENDANCE,
    CHILD,
    lambda u, a, s: o.record_presences([Presence(FactId("p"), s.slot, True, NOW, "agent")], u, actor=a),
)
case(
    "record_proofs",
    O.DECIDE_PROOF,
    CHILD,
    lambda u, a, s: o.record_proofs(
        [Proof(FactId("p"), ChildId(s.child), s.day, s.day, "certificat", ProofState.PENDING, NOW, "a", NOW)],
        u,
        actor=a,
    ),
)
case(
    "tell_absence",
    O.DECLARE_ABSENCE,
    CHILD,
    lambda u, a, s: o.tell_absence(o.AbsenceTold(ChildId(s.child), s.day, s.day), u, actor=a, now=NOW),
)
case(
    "withdraw_absence",
    O.DECLARE_ABSENCE,
    CHILD,
    lambda u, a, s: o.withdraw_absence(
        ChildId(s.child), FactId("none"), u, actor=a, now=dt.datetime.combine(s.day, dt.time(9), dt.UTC)
    ),
)
case(
    "hand_in_proof",
    O.DECLARE_ABSENCE,
    CHILD,
    lambda u, a, s: o.hand_in_proof(o.ProofHandedIn(ChildId(s.child), s.day, s.day, "certificat"), u, actor=a, now=NOW),
)
case(
    "decide_proof",
    O.DECIDE_PROOF,
    CHILD,
    lambda u, a, s: o.decide_proof(ChildId(s.child), FactId("none"), u, accepted=True, actor=a, now=NOW),
)
case(
    "suspend",
    O.SUSPEND_CHILD,
    CHILD,
    lambda u, a, s: o.suspend(o.Suspended(ChildId(s.child), s.day, s.day, "x"), u, actor=a, now=NOW),
)
case(
    "lift_suspension",
    O.SUSPEND_CHILD,
    CHILD,
    lambda u, a, s: o.lift_suspension(ChildId(s.child), FactId("none"), u, actor=a, now=NOW),
)
case(
    "report_incident",
    O.RECORD_ATTENDANCE,
    COMMUNE,
    lambda u, a, s: o.report_incident(o.IncidentSeen("retard", s.home, s.day), u, actor=a, now=NOW),
)
case(
    "decide_penalty",
    O.CORRECT_INVOICE,
    COMMUNE,
    lambda u, a, s: o.decide_penalty(o.PenaltyDecided("retard", s.home, None, s.day, True), u, actor=a, now=NOW),
)
case(
    "withdraw_incident",
    O.CORRECT_INVOICE,
    COMMUNE,
    lambda u, a, s: o.withdraw_incident(s.home, FactId("none"), u, actor=a, now=NOW),
)
case("find_anomalies", O.VIEW_ATTENDANCE, COMMUNE, lambda u, a, s: o.find_anomalies(MONTH, u, actor=a, on=TODAY))
case("tell_anomalies", O.RUN_BILLING, COMMUNE, lambda u, a, s: o.tell_anomalies(MONTH, u, actor=a, now=NOW))
case("told_anomalies", O.VIEW_HOUSEHOLD, HOUSE, lambda u, a, s: o.told_anomalies(s.home, u, actor=a, on=TODAY))
case("appeal", O.DECLARE_ABSENCE, CHILD, lambda u, a, s: o.appeal(s.slot, "non", u, actor=a, now=NOW))
case(
    "decide_appeal",
    O.RECORD_ATTENDANCE,
    CHILD,
    lambda u, a, s: o.decide_appeal(ChildId(s.child), FactId("none"), u, accepted=True, actor=a, now=NOW),
)

# money
case("prepare_run", O.RUN_BILLING, COMMUNE, lambda u, a, s: o.prepare_run(MONTH, u, actor=a, issued_on=TODAY))
case(
    "issue_run",
    O.RUN_BILLING,
    COMMUNE,
    lambda u, a, s: o.issue_run(o.prepare_run(MONTH, u, actor=CLERK, issued_on=TODAY), u, actor=a, now=NOW),
)
case(
    "compare_run",
    O.RUN_BILLING,
    COMMUNE,
    lambda u, a, s: o.compare_run(o.prepare_run(MONTH, u, actor=CLERK, issued_on=TODAY), u, actor=a),
)
case(
    "invoice_booking",
    O.BOOK,
    CHILD,
    lambda u, a, s: o.invoice_booking(receipt_of(s), u, actor=a, now=NOW),
)
case("invoice_places", O.BOOK, CHILD, lambda u, a, s: o.invoice_places([s.slot], u, actor=a, now=NOW))
case("prepaid_balance", O.VIEW_INVOICES, HOUSE, lambda u, a, s: o.prepaid_balance(s.home, u, actor=a, on=NOW.date()))
case("kind_balances", O.VIEW_INVOICES, HOUSE, lambda u, a, s: o.kind_balances(s.home, u, actor=a))
case(
    "record_reprise",
    O.CHANGE_RULES,
    COMMUNE,
    lambda u, a, s: o.record_reprise("délibération 1", MONTH, None, u, actor=a, now=NOW),
)
case(
    "withdraw_reprise",
    O.CHANGE_RULES,
    COMMUNE,
    lambda u, a, s: o.withdraw_reprise(FactId("x"), u, actor=a, now=NOW),
)
case(
    "sell_tickets",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.sell_tickets(s.home, None, "carnet", 1, u, actor=a, now=NOW),
)
case("bill", O.RUN_BILLING, COMMUNE, lambda u, a, s: o.bill(MONTH, u, actor=a, issued_on=TODAY, now=NOW))
case(
    "run_billing",  # takes the store itself: it opens its own units of work
    O.RUN_BILLING,
    COMMUNE,
    lambda u, a, s: o.run_billing(MONTH, MemoryStore(), actor=a, issued_on=TODAY, now=NOW),
)
case("record_payments", O.RECORD_PAYMENT, COMMUNE, lambda u, a, s: o.record_payments([], u, actor=a, now=NOW))
case("read_account", O.VIEW_INVOICES, HOUSE, lambda u, a, s: o.read_account(s.home, SERIES, u, actor=a))
case("read_accounts", O.VIEW_REPORTS, COMMUNE, lambda u, a, s: o.read_accounts(SERIES, u, actor=a))
case("family_invoices", O.VIEW_INVOICES, HOUSE, lambda u, a, s: o.family_invoices(s.home, u, actor=a, at=NOW))
case("household_ledger", O.VIEW_INVOICES, HOUSE, lambda u, a, s: o.household_ledger(s.home, u, actor=a))
case("ledger", O.VIEW_REPORTS, COMMUNE, lambda u, a, s: o.ledger(u, actor=a))
case("refunds_due", O.VIEW_REPORTS, COMMUNE, lambda u, a, s: o.refunds_due(TODAY, u, actor=a))
case("receipts_report", O.VIEW_REPORTS, COMMUNE, lambda u, a, s: o.receipts_report(MONTH, u, actor=a))
case("invoiced_report", O.VIEW_REPORTS, COMMUNE, lambda u, a, s: o.invoiced_report(MONTH, u, actor=a))
case(
    "report",
    O.VIEW_REPORTS,
    COMMUNE,
    lambda u, a, s: o.report(o.ReportWanted(o.ReportKind.RECEIPTS, MONTH), u, actor=a),
)
case("set_issuer", O.CHANGE_RULES, COMMUNE, lambda u, a, s: o.set_issuer(Issuer("Mairie"), u, actor=a, now=NOW))
case(
    "outstanding_report",
    O.VIEW_REPORTS,
    COMMUNE,
    lambda u, a, s: o.outstanding_report(TODAY, u, actor=a, series=SERIES),
)
case(
    "late_payers_report",
    O.VIEW_REPORTS,
    COMMUNE,
    lambda u, a, s: o.late_payers_report(TODAY, u, actor=a, series=SERIES),
)
case("arrears_of", O.VIEW_INVOICES, HOUSE, lambda u, a, s: o.arrears_of(s.home, SERIES, TODAY, u, actor=a))
case("online_payments", O.VIEW_INVOICES, HOUSE, lambda u, a, s: o.online_payments(s.home, u, actor=a))
case(
    "start_online_payment",
    O.PAY_INVOICE,
    HOUSE,
    lambda u, a, s: o.start_online_payment(o.PayOnline(s.home, SERIES, ()), u, actor=a, now=NOW),
)
case(
    "notify_online_payment",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.notify_online_payment(
        OnlineEvent(FactId("e"), "none", OnlineEventKind.PAID, NOW), u, actor=a, now=NOW
    ),
)
case("expire_online_payments", O.RECORD_PAYMENT, COMMUNE, lambda u, a, s: o.expire_online_payments(u, actor=a, now=NOW))
case(
    "reject_payment",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.reject_payment(PaymentId("none"), u, on=TODAY, actor=a, now=NOW),
)
case(
    "cancel_payment",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.cancel_payment(PaymentId("none"), "erreur", u, on=TODAY, actor=a, now=NOW),
)
case(
    "refund_household",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.refund_household(o.Refunded(s.home, SERIES, Means.TRANSFER, 1, TODAY), u, actor=a, now=NOW),
)
case(
    "write_off_invoice",
    O.CORRECT_INVOICE,
    COMMUNE,
    lambda u, a, s: o.write_off_invoice(
        o.WrittenOff(InvoiceId("none"), WriteOffKind.TRANSFERRED, TODAY, "réf"), u, actor=a, now=NOW
    ),
)
case(
    "transfer_to_treasury",
    O.CORRECT_INVOICE,
    COMMUNE,
    lambda u, a, s: o.transfer_to_treasury([InvoiceId("none")], "réf", u, on=TODAY, actor=a, now=NOW),
)
case("reminders_to_send", O.VIEW_REPORTS, COMMUNE, lambda u, a, s: o.reminders_to_send(SERIES, u, actor=a, on=TODAY))
case(
    "send_reminders", O.RECORD_PAYMENT, COMMUNE, lambda u, a, s: o.send_reminders(SERIES, u, actor=a, on=TODAY, now=NOW)
)
case("line_story", O.VIEW_INVOICES, HOUSE, lambda u, a, s: o.line_story(invoice_of(s.home), 1, u, actor=a))
case("entry_story", O.VIEW_INVOICES, HOUSE, lambda u, a, s: o.entry_story(invoice_of(s.home), u, actor=a))
case("slot_story", O.VIEW_BOOKINGS, CHILD, lambda u, a, s: o.slot_story(s.slot, u, actor=a, on=TODAY))
case(
    "record_reminders",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.record_reminders([], u, actor=a, on=TODAY, now=NOW),
)
case(
    "deliver_anomalies",  # takes the store itself
    O.RUN_BILLING,
    COMMUNE,
    lambda u, a, s: o.deliver_anomalies(MONTH, MemoryStore(), actor=a, now=NOW, send=lambda told, unit: "courriel"),
)
case(
    "deliver_invoices",  # takes the store itself
    O.RUN_BILLING,
    COMMUNE,
    lambda u, a, s: o.deliver_invoices([], MemoryStore(), actor=a, now=NOW, send=lambda told, unit: "courriel"),
)
case(
    "deliver_reminders",  # takes the store itself: it opens its own units of work
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.deliver_reminders(
        SERIES, MemoryStore(), actor=a, on=TODAY, now=NOW, send=lambda due, unit: "courriel"
    ),
)
case(
    "agree_plan",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.agree_plan(o.PlanWanted(s.home, SERIES, (), (), TODAY), u, actor=a, now=NOW),
)
case(
    "cancel_plan",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.cancel_plan(FactId("none"), u, on=TODAY, actor=a, now=NOW),
)
case(
    "dispute_invoice",
    O.CORRECT_INVOICE,
    COMMUNE,
    lambda u, a, s: o.dispute_invoice(InvoiceId("none"), "x", u, on=TODAY, actor=a, now=NOW),
)
case(
    "close_dispute",
    O.CORRECT_INVOICE,
    COMMUNE,
    lambda u, a, s: o.close_dispute(FactId("none"), u, on=TODAY, actor=a, now=NOW),
)
case("number_quittances", O.RECORD_PAYMENT, COMMUNE, lambda u, a, s: o.number_quittances(SERIES, u, actor=a, now=NOW))
case("undeposited", O.VIEW_REPORTS, COMMUNE, lambda u, a, s: o.undeposited(SERIES, u, actor=a))
case(
    "make_deposit_slip",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.make_deposit_slip(SERIES, u, on=TODAY, actor=a, now=NOW),
)
case(
    "close_cash_desk",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.close_cash_desk(o.DeskCount(SERIES, TODAY, ()), u, actor=a, now=NOW),
)
case("desk_holds", O.VIEW_REPORTS, COMMUNE, lambda u, a, s: o.desk_holds(SERIES, u, actor=a, on=TODAY))
case(
    "move_cash",
    O.RECORD_PAYMENT,
    COMMUNE,
    lambda u, a, s: o.move_cash(o.CashMoved(SERIES, CashKind.FLOAT_IN, 1, TODAY), u, actor=a, now=NOW),
)
case("regie_journal", O.VIEW_REPORTS, COMMUNE, lambda u, a, s: o.regie_journal(MONTH, u, actor=a, series=SERIES))

# accounts, news, requests
case(
    "Accounts.invite",
    O.INVITE,
    COMMUNE,
    lambda u, a, s: ACCOUNTS.invite(u, a, s.home, AdultId(s.household), at=NOW, channel="x"),
)
case(
    "Accounts.invite_again", O.INVITE, COMMUNE, lambda u, a, s: ACCOUNTS.invite_again(u, a, "none", at=NOW, channel="x")
)
case(
    "Accounts.withdraw_invitation",
    O.INVITE,
    COMMUNE,
    lambda u, a, s: ACCOUNTS.withdraw_invitation(u, a, "none", at=NOW, channel="x"),
)
case(
    "Messages.publish",
    O.PUBLISH_NEWS,
    COMMUNE,
    lambda u, a, s: MESSAGES.publish(u, a, News("n", "N", "texte", NOW, None, Everyone()), at=NOW, channel="x"),
)
case("Messages.withdraw", O.PUBLISH_NEWS, COMMUNE, lambda u, a, s: MESSAGES.withdraw(u, a, "none", at=NOW, channel="x"))
case(
    "Messages.ask",
    O.ASK,
    HOUSE,
    lambda u, a, s: MESSAGES.ask(u, a, o.RequestDraft(KIND, s.home, "x", "y"), at=NOW, channel="x"),
)
case("Messages.inbox", O.VIEW_REQUEST, COMMUNE, lambda u, a, s: MESSAGES.inbox(u, a))
case(
    "Messages.attachment",
    O.VIEW_REQUEST,
    HOUSE,
    lambda u, a, s: MESSAGES.attachment(u, a, RequestId(f"req-{s.household}"), "none", at=NOW),
)
case("Messages.requests", O.VIEW_REQUEST, HOUSE, lambda u, a, s: MESSAGES.requests(u, a, s.home, at=NOW))
case(
    "Messages.note",
    O.HANDLE_REQUEST,
    HOUSE,
    lambda u, a, s: MESSAGES.note(u, a, RequestId(f"req-{s.household}"), "note", at=NOW),
)
case(
    "Messages.reply",
    O.REPLY,
    HOUSE,
    lambda u, a, s: MESSAGES.reply(
        u,
        a,
        RequestId(f"req-{s.household}"),
        Move.ADD if isinstance(a, FamilyActor) else Move.ANSWER,
        "oui",
        kind=KIND,
        at=NOW,
        channel="x",
    ),
)

#: For a family signed in, on its own household and account: staff have no news to read, nor an account here.
FOR_FAMILIES: dict[str, Callable[[UnitOfWork, FamilyActor, Subject], object]] = {
    "Messages.news": lambda u, a, s: MESSAGES.news(u, a, s.home, at=NOW),
    "Messages.mark_read": lambda u, a, s: MESSAGES.mark_read(u, a, s.home, "none", at=NOW),
}
#: About the account that the actor *is*: there is no other to name.
OWN_ACCOUNT = {
    f"Accounts.{name}"
    for name in (
        "link_subject",
        "change_password",
        "ask_email_change",
        "revoke_links",
        "close_account",
        "remember_device",
    )
}
#: Nobody is signed in yet: a code, a password or an identity provider's word opens them, tried by the state machines
#: of :mod:`periscolaire.testing.accounts`.
OPENED_BY_A_SECRET = {
    f"Accounts.{name}"
    for name in (
        "activation", "choose_password", "verify_adults", "verify_children", "previous_step", "cancel_activation",
        "register", "confirm_email", "ask_link_again", "sign_in", "sign_in_with", "forgot_password", "reset_password",
    )
}  # fmt: skip
#: Decide nothing and write nothing: rules that are public, pure helpers, and what an operation or a view that has
#: asked builds upon.
BUILDING_BLOCKS = {
    "booking_context", "child_target", "contact_page",
    "household_target", "issuer_of", "next_grade", "published_reglements",
    "read_family", "read_files", "reminder_levels", "series_of",
}  # fmt: skip


def public_use_cases() -> Iterator[tuple[str, Callable[..., object]]]:
    for name in operations.__all__:
        value = getattr(operations, name)
        if inspect.isfunction(value):
            yield name, value
    for service in (Accounts, Messages):
        for name, method in inspect.getmembers(service, inspect.isfunction):
            if not name.startswith("_"):
                yield f"{service.__name__}.{name}", method


def test_every_use_case_has_a_line() -> None:
    found = dict(public_use_cases())
    lines = [*CASES, *FOR_FAMILIES, *OWN_ACCOUNT, *OPENED_BY_A_SECRET, *BUILDING_BLOCKS]
    assert sorted(found) == sorted(lines)
    for name in (*CASES, *FOR_FAMILIES, *OWN_ACCOUNT):
        assert "actor" in inspect.signature(found[name]).parameters, name
    for name in BUILDING_BLOCKS | OPENED_BY_A_SECRET:
        assert "actor" not in inspect.signature(found[name]).parameters, name


# -- trying them ------------------------------------------------------------------------------------------------------


def test_every_right_is_asked_for_by_some_use_case() -> None:
    asked = {operation for line in CASES.values() for actor in ACTORS.values() for operation, _ in line.asks(actor)}
    asked.add(Operation.CHANGE_CHILD)  # by a family checking its own file (OWN_ACCOUNT), child by child
    assert asked == set(Operation)


@pytest.fixture(scope="module")
def store() -> MemoryStore:
    made = MemoryStore()
    with made.unit() as uow:
        operations.publish_reglement(TEXT, uow, actor=CLERK, now=NOW)
        for child, school in (("E", "nord"), ("S", "sud"), ("T", "nord")):
            schooling = Schooling(dt.date(2025, 9, 1), None, SchoolCode(school))
            uow.children.save(Child(ChildId(child), child, child, dt.date(2017, 1, 1), schoolings=(schooling,)))
        for home, children in (("F1", "ES"), ("F2", "S"), ("F3", "T")):
            adult = Adult(AdultId(home), home, "A", email=f"{home}@exemple.fr".lower())
            members = tuple(Member(ChildId(child)) for child in children)
            uow.households.save(Household(HouseholdId(home), home, (adult,), members))
            entry = Entry(NOW, "famille", Side.FAMILY, "bonjour")
            uow.requests.save(
                FamilyRequest(
                    RequestId(f"req-{home}"), "autre", Purpose.OTHER, HouseholdId(home), "x", NOW, None, (entry,)
                )
            )
            for child in children:
                whole = Span(dt.date(2025, 9, 1), dt.date(2026, 7, 3))
                one = Registration(
                    FactId(f"reg-{home}-{child}"), ChildId(child), CANTEEN, HouseholdId(home), "2025-2026", whole
                )
                uow.registrations.save(one)
            line = InvoiceLine(1, CANTEEN, None, (Instance(TODAY),), 1, 100, 100)
            number = int(home[1:])
            uow.invoices.save(
                Invoice(
                    invoice_of(HouseholdId(home)), "AUTRE", 2025, number, InvoiceKind.INVOICE, HouseholdId(home), TODAY,
                    TODAY, TODAY, TODAY, (line,), 100,
                )
            )  # fmt: skip
        uow.custodies.append([Custody(ChildId("S"), EvenOddWeeks(HouseholdId("F1"), HouseholdId("F2")))])
        uow.commit()
    return made


def contents(uow: UnitOfWork) -> dict[str, list[object]]:
    return {name: list(getattr(uow, name).stream()) for name in (*JOURNALS, *RECORDS)}


def denied(
    store: MemoryStore, call: Callable[[UnitOfWork, Any, Subject], object], actor: Actor, subject: Subject
) -> bool:
    """Whether the actor is refused; nothing of the try stays, and a refused one has written nothing at all."""
    with store.unit() as uow:
        before = contents(uow)
        uow.commit = lambda: None  # type: ignore[method-assign]  # each try starts from the same store
        try:
            call(uow, actor, subject)
        except AccessDeniedError:
            assert contents(uow) == before
            return True
        except PeriscolaireError:
            return False  # it got past the door: what it asked for does not exist, or is closed
        finally:
            uow.rollback()
    return False


@pytest.mark.parametrize("name", CASES)
def test_a_use_case_is_open_to_exactly_those_who_may(name: str, store: MemoryStore) -> None:
    line = CASES[name]
    for label, actor in ACTORS.items():
        for subject in SUBJECTS:
            allowed = all(may(actor, operation, about, subject) for operation, about in line.asks(actor))
            assert denied(store, line.call, actor, subject) is not allowed, (name, label, subject.label)


@pytest.mark.parametrize("name", CASES)
def test_whatever_is_written_is_told_with_its_channel(name: str, store: MemoryStore) -> None:
    """Who, what, when, by which way: a use case that leaves anything behind leaves a line of the audit trail too."""
    for subject in SUBJECTS:
        with store.unit() as uow:
            before = contents(uow)
            uow.commit = lambda: None  # type: ignore[method-assign]  # each try starts from the same store
            try:
                CASES[name].call(uow, CLERK, subject)
            except PeriscolaireError:
                continue
            finally:
                after = contents(uow)
                uow.rollback()
            lines = after["audit"][len(before["audit"]) :]
            assert lines or after == before
            for line in lines:
                assert isinstance(line, AuditEntry)
                assert line.actor == CLERK.label
                assert line.channel


@pytest.mark.parametrize("name", FOR_FAMILIES)
def test_what_is_for_families_is_for_their_own_household(name: str, store: MemoryStore) -> None:
    for label, actor in ACTORS.items():
        if isinstance(actor, FamilyActor):
            for subject in SUBJECTS:
                own = subject.home in actor.households
                assert denied(store, FOR_FAMILIES[name], actor, subject) is not own, (name, label, subject.label)


def test_a_secret_is_no_way_around(store: MemoryStore) -> None:
    """What opens by a secret opens to nobody without it, whoever asks."""
    with store.unit() as uow:
        link = operations.ActivationLink("f1@exemple.fr", Secret("faux"), "F1")
        assert ACCOUNTS.activation(uow, link, at=NOW).step is None
        assert ACCOUNTS.sign_in(uow, "f1@exemple.fr", Secret("faux"), at=NOW, channel="x").account is None
        assert not ACCOUNTS.reset_password(
            uow, "none", Secret("a"), Secret("b"), Secret("b"), at=NOW, channel="x"
        ).allowed
        uow.rollback()
