"""Two models of each kind that a store keeps, with as many fields filled as make sense."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from periscolaire.access import (
    Account,
    Activation,
    AuditEntry,
    ExternalSubject,
    Invitation,
    Token,
    TokenScope,
    TryCounter,
)
from periscolaire.access import (
    Step as ActivationStep,
)
from periscolaire.attendance import (
    AbsenceNotice,
    Anomaly,
    AnomalyKind,
    Appeal,
    AppealState,
    Booked,
    CancelledBy,
    Closure,
    Consumption,
    Notice,
    Outcome,
    Presence,
    Proof,
    ProofState,
    Seen,
    Service,
    Suspension,
)
from periscolaire.billing import (
    Allocation,
    CashKind,
    CashMove,
    Collector,
    DepositSlip,
    DeskClosing,
    Dispute,
    Entry,
    EntryKind,
    FinishedRun,
    Incident,
    Instalment,
    Instance,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Issuer,
    KindEntry,
    KindMove,
    LineRef,
    Means,
    OnlineEvent,
    OnlineEventKind,
    OnlinePayment,
    Payment,
    PaymentPlan,
    PenaltyDecision,
    Quittance,
    Refund,
    Rejection,
    Reminder,
    Reprise,
    Run,
    Selection,
    TariffRef,
    WriteOff,
    WriteOffKind,
)
from periscolaire.booking import (
    Alternative,
    BookingChange,
    ChangeKind,
    Claim,
    Estimate,
    Group,
    Headcount,
    KitchenOrder,
    Line,
    LineStatus,
    LineVerdict,
    OnWeekdays,
    PatternFrom,
    ReceiptLine,
    Registration,
    Reservation,
    Several,
    SlotKey,
    State,
    Wish,
)
from periscolaire.booking import (
    Receipt as BookingReceipt,
)
from periscolaire.calendar import Span, Weekday
from periscolaire.catalogue import Action, Effect, Multiple, PaymentMode, Surcharge, Verb
from periscolaire.facts import UNKNOWN, Expired, Facts
from periscolaire.frozen import FrozenMap
from periscolaire.households import (
    Adult,
    Amendment,
    Child,
    Civility,
    Consent,
    Custody,
    DatedFact,
    Document,
    DocumentStatus,
    EvenOddWeeks,
    FileChange,
    FileField,
    Grade,
    Household,
    Member,
    Payer,
    Phone,
    PhoneKind,
    PickUp,
    PostalAddress,
    Schooling,
    Shares,
    SpansFirst,
    WeekdayTable,
)
from periscolaire.ids import (
    AccountId,
    AdultId,
    ChildId,
    FactId,
    HouseholdId,
    InvoiceId,
    PaymentId,
    ProductCode,
    RequestId,
    SchoolCode,
)
from periscolaire.messages import (
    AbsenceClaim,
    Contact,
    ContactPage,
    FamilyRequest,
    News,
    OfClasses,
    OfProducts,
    OpeningHours,
    Purpose,
    ReadMark,
    Side,
)
from periscolaire.messages import (
    Entry as MessageEntry,
)
from periscolaire.money import Money
from periscolaire.ports import RecordedDecision
from periscolaire.pricing import Step
from periscolaire.reasons import Description, Reason

__all__ = ["AT", "CONTACTS", "DAY", "FACTS", "ISSUER", "MODELS", "consumption", "key", "reservation"]

DAY = dt.date(2026, 1, 15)
AT = dt.datetime(2026, 1, 5, 17, 0, 0, 123456, tzinfo=dt.UTC)
#: Two children: the second sorts after every ASCII letter, and before none.
E1, E2 = ChildId("E1"), ChildId("É2")
F1, F2 = HouseholdId("F1"), HouseholdId("f2")
CANTEEN, CARE = ProductCode("cantine"), ProductCode("garderie-soir")
LATE = Effect(Verb.ACCEPT, Surcharge(Decimal("2.00")))


def key(child: ChildId = E1, day: dt.date = DAY, product: ProductCode = CANTEEN, slot: str = "") -> SlotKey:
    """The slot of a child, by default the canteen of E1 on :data:`DAY`."""
    return SlotKey(child, product, day, slot)


def reservation(slot: SlotKey, household: HouseholdId = F1) -> Reservation:
    """A reservation cancelled late, with what it was booked and cancelled with."""
    cancelled = BookingChange(FactId("c9"), slot, household, ChangeKind.CANCEL, AT, "A1", effect=Effect(Verb.DUE))
    return Reservation(slot, household, State.CANCELLED_BY_FAMILY, AT, AT, 1, LATE, mode="mensuel", order="R1",
                       cancellation=cancelled)  # fmt: skip


def consumption(slot: SlotKey, household: HouseholdId = F1) -> Consumption:
    """A consumption with every field filled."""
    return Consumption(
        slot, household, Outcome.LATE_BOOKING, Booked.CONFIRMED_LATE, Seen.PRESENT, Service.OPEN, Notice.TOLD,
        ProofState.PENDING, "mensuel", 1, LATE, "retards", True, "R1", 3, dt.time(7, 30), dt.time(18, 5), "soir",
        "repas", "maladie", AT, True, "certificat médical", AT, (FactId("c1"), FactId("p1")),
    )  # fmt: skip


_REASON = Reason.of(
    "limit.closed", reference="art. 4", closed=AT, surcharge=Money(200), days=(DAY, Description.of("day", n=2))
)
_LINE = InvoiceLine(
    1, CANTEEN, E1, (Instance(DAY), Instance(dt.date(2026, 1, 16), "midi")), 2, 285, 570, outcome=Outcome.AS_BOOKED,
    tariff=TariffRef("cantine", dt.date(2025, 9, 1), "2025-2026"),
    facts=Facts(quotient=Decimal("612.5"), resident=UNKNOWN, age=Expired(7, DAY), documents=frozenset({"pai"})),
    steps=(Step("band", (("fact", "quotient"), ("row", 2)), Decimal("2.85")),), evidence=(FactId("c1"),),
)  # fmt: skip
_INVOICE = Invoice(
    InvoiceId("I1"), "REGIE", 2026, 1, InvoiceKind.INVOICE, F1, DAY, DAY, DAY, DAY, (_LINE,), 570, run="2026-01"
)

#: Facts of each journal: the first two about one owner, in the order in which they are recorded.
FACTS: dict[str, tuple[Any, Any, Any]] = {
    "dated_facts": (
        DatedFact(F1, "quotient", Decimal("612.50"), DAY, None, AT, "CAF"),
        DatedFact(F1, "documents", frozenset({"pai", "assurance"}), DAY, DAY, AT, id=FactId("d2")),
        DatedFact(E2, "pai", UNKNOWN, DAY, DAY, AT),
    ),
    "amendments": (
        Amendment(E1, DAY),
        Amendment(E1, None),
        Amendment(F2, DAY),
    ),
    "custodies": (
        Custody(E1, EvenOddWeeks(F1, F2, 4), DAY),
        Custody(E1, SpansFirst(((DAY, DAY, F2),), Shares((Payer(F1, Decimal("0.6")), Payer(F2, Decimal("0.4")))))),
        Custody(E2, WeekdayTable(FrozenMap({0: F1, 2: F2})), None, DAY, "jugement du 3 mars"),
    ),
    "documents": (
        Document(FactId("d1"), E1, "pai", DAY, None, DocumentStatus.RECEIVED, AT),
        Document(FactId("d1"), E1, "pai", DAY, None, DocumentStatus.ACCEPTED, AT, "PAI", "ab" * 32),
        Document(FactId("d2"), F2, "assurance", DAY, DAY, DocumentStatus.REFUSED, AT),
    ),
    "consents": (
        Consent(E1, "photos", True, AT, "A1"),
        Consent(E1, "photos", False, AT),
        Consent(E2, "sorties", True, AT),
    ),
    "decisions": (
        RecordedDecision(FactId("n1"), F1, AT, "A1", "en ligne", "2025-2026",
                         LineVerdict(Line(Action.BOOK, key()), LineStatus.FIRM, tier=1, effect=LATE, closes=AT,
                                     claims=(Claim("cantine/2026-01-15", 180),), payment=PaymentMode.CONSUMPTION)),
        RecordedDecision(FactId("n2"), F1, AT, "A1", None, "2025-2026",
                         LineVerdict(Line(Action.CHANGE, key(), key(slot="midi"), "maladie"), LineStatus.REFUSED,
                                     (_REASON,), (Alternative(DAY, DAY, LATE, AT),), reference="art. 4"),
                         "demandes.csv:14"),
        RecordedDecision(FactId("n3"), F2, AT, "A1", None, "2025-2026",
                         LineVerdict(Line(Action.BOOK, key(E2), seen=State.WAITING), LineStatus.ALREADY)),
    ),
    "booking_changes": (
        BookingChange(FactId("c1"), key(), F1, ChangeKind.BOOK, AT, "A1", "en ligne", "2025-2026", 0, Effect()),
        BookingChange(FactId("c2"), key(), F1, ChangeKind.CANCEL, AT, "A1", effect=Effect(Verb.DUE), reason=_REASON,
                      replaced_by=key(slot="soir"), hold_until=AT),
        BookingChange(FactId("c3"), key(E2), F2, ChangeKind.BOOK, AT, "A1",
                      effect=Effect(Verb.ACCEPT, Multiple(Decimal("1.5")))),
    ),
    "kitchen_orders": (
        KitchenOrder(CANTEEN, DAY, AT, (Headcount(Group(DAY, CANTEEN, "", "s", "CP", "", True), 3),)),
        KitchenOrder(CANTEEN, DAY, AT, ()),
        KitchenOrder(CARE, DAY, AT, ()),
    ),
    "presences": (
        Presence(FactId("p1"), key(), True, AT, "agent", dt.time(7, 30), dt.time(18, 5), "soir", "repas", True),
        Presence(FactId("p2"), key(), None, AT, "agent"),
        Presence(FactId("p3"), key(E2), False, AT, "agent", note="parti"),
    ),
    "absence_notices": (
        AbsenceNotice(FactId("a1"), E1, DAY, DAY, AT, "A1", AT, "maladie", frozenset({CANTEEN})),
        AbsenceNotice(FactId("a1"), E1, DAY, DAY, AT, "A1", AT, withdrawn=True),
        AbsenceNotice(FactId("a2"), E2, DAY, DAY, AT, "A1", AT),
    ),
    "proofs": (
        Proof(FactId("j1"), E1, DAY, DAY, "certificat médical", ProofState.PENDING, AT, "A1", AT),
        Proof(FactId("j1"), E1, DAY, DAY, "certificat médical", ProofState.ACCEPTED, AT, "agent", AT, "maladie"),
        Proof(FactId("j2"), E2, DAY, DAY, "attestation", ProofState.REFUSED, AT, "A1", AT),
    ),
    "suspensions": (
        Suspension(FactId("s1"), E1, DAY, DAY, "conduite", AT, "maire", frozenset({CANTEEN})),
        Suspension(FactId("s1"), E1, DAY, DAY, "conduite", AT, "maire", lifted=True),
        Suspension(FactId("s2"), E2, DAY, DAY, "conduite", AT, "maire"),
    ),
    "closures": (
        Closure(FactId("f1"), DAY, DAY, "grève", AT, "agent", sites=frozenset({"nord"})),
        Closure(FactId("f2"), DAY, DAY, "sortie", AT, "agent", CancelledBy.FAMILY, children=frozenset({E1})),
        Closure(FactId("f3"), DAY, DAY, "neige", AT, "agent"),
    ),
    "anomalies": (
        Anomaly(AnomalyKind.PRESENT_UNBOOKED, key(), F1, DAY, (FactId("p1"),)),
        Anomaly(AnomalyKind.BOOKED_ABSENT, key(slot="midi"), F1, DAY),
        Anomaly(AnomalyKind.UNCHECKED, key(E2), F2, DAY),
    ),
    "appeals": (
        Appeal(FactId("o1"), key(), "il était là", AT, "A1"),
        Appeal(FactId("o1"), key(), "il était là", AT, "agent", AppealState.ACCEPTED),
        Appeal(FactId("o2"), key(E2), "absent", AT, "A2", AppealState.REFUSED),
    ),
    "incidents": (
        Incident(FactId("k1"), "badge", F1, DAY, AT, "agent", E1, Facts(minutes=7)),
        Incident(FactId("k1"), "badge", F1, DAY, AT, "agent", E1, withdrawn=True),
        Incident(FactId("k2"), "dossier", F2, DAY, AT, "agent"),
    ),
    "penalty_decisions": (
        PenaltyDecision(FactId("q1"), "retard", F1, E1, DAY, True, AT, "agent"),
        PenaltyDecision(FactId("q2"), "retard", F1, E1, DAY, False, AT, "agent", "embouteillage"),
        PenaltyDecision(FactId("q3"), "dossier", F2, None, DAY, True, AT, "agent"),
    ),
    "kind_entries": (
        KindEntry(FactId("t1"), F1, None, CANTEEN, KindMove.BOUGHT, 10, DAY, AT, "agent", book="carnet"),
        KindEntry(FactId("t2"), F1, E1, CANTEEN, KindMove.USED, 1, DAY, AT, "agent", FactId("p1")),
        KindEntry(FactId("t3"), F2, E2, CARE, KindMove.CARRIED_OVER, 1, DAY, AT, "agent"),
    ),
    "online_events": (
        OnlineEvent(FactId("v1"), "OP1", OnlineEventKind.SENT, AT),
        OnlineEvent(FactId("v2"), "OP1", OnlineEventKind.PAID, AT, 570),
        OnlineEvent(FactId("v3"), "OP2", OnlineEventKind.REFUSED, AT),
    ),
    "deposit_slips": (
        DepositSlip("REGIE", 1, DAY, "agent", (PaymentId("P1"),), ((Means.CASH, 120), (Means.CHEQUE, 450))),
        DepositSlip("REGIE", 2, DAY, "agent", (PaymentId("P2"),), ((Means.CESU, 1),), (FactId("b2"),)),
        DepositSlip("CENTRE", 1, DAY, "agent", (PaymentId("P3"),), ((Means.CASH, 1),)),
    ),
    "cash_moves": (
        CashMove(FactId("m1"), "REGIE", CashKind.FLOAT_IN, 5000, DAY, AT, "agent"),
        CashMove(FactId("m2"), "REGIE", CashKind.SHORTAGE, 20, DAY, AT, "agent", "rendu de monnaie"),
        CashMove(FactId("m3"), "CENTRE", CashKind.FLOAT_OUT, 1, DAY, AT, "agent"),
    ),
    "desk_closings": (
        DeskClosing(FactId("g1"), "REGIE", DAY, AT, "agent", ((Means.CASH, 120),), ((Means.CASH, 100),), (_REASON,)),
        DeskClosing(FactId("g2"), "REGIE", DAY, AT, "agent", (), ()),
        DeskClosing(FactId("g3"), "CENTRE", DAY, AT, "agent", (), ((Means.CHEQUE, 1),), (), "un chèque de trop"),
    ),
    "rejections": (
        Rejection(FactId("r1"), PaymentId("P1"), DAY, AT, "agent", "sans provision"),
        Rejection(FactId("r2"), PaymentId("P1"), DAY, AT, "agent"),
        Rejection(FactId("r3"), PaymentId("P2"), DAY, AT, "agent", "autre foyer", mistake=True),
    ),
    "refunds": (
        Refund(FactId("b1"), F1, "REGIE", Means.TRANSFER, 120, DAY, AT, "agent"),
        Refund(FactId("b2"), F1, "REGIE", Means.CASH, 20, DAY, AT, "agent", "départ"),
        Refund(FactId("b3"), F2, "REGIE", Means.CASH, 20, DAY, AT, "agent"),
    ),
    "write_offs": (
        WriteOff(FactId("w1"), InvoiceId("I1"), F1, "REGIE", WriteOffKind.REMITTED, 120, DAY, AT, "maire", "délib. 3"),
        WriteOff(FactId("w2"), InvoiceId("I1"), F1, "REGIE", WriteOffKind.TRANSFERRED, 1, DAY, AT, "maire"),
        WriteOff(FactId("w3"), InvoiceId("I2"), F2, "REGIE", WriteOffKind.IRRECOVERABLE, 1, DAY, AT, "maire"),
    ),
    "allocations": (
        Allocation("P1", LineRef(InvoiceId("I1"), 1), CANTEEN, 285, DAY),
        Allocation("P1", LineRef(InvoiceId("I1"), 1), CANTEEN, -285, DAY),
        Allocation("P2", LineRef(InvoiceId("I2"), 1), CARE, 1, DAY),
    ),
    "openings": (
        Entry(DAY, F1, "REGIE", EntryKind.OPENING, 1250, "reprise"),
        Entry(DAY, F1, "CENTRE", EntryKind.OPENING, -50, "reprise"),
        Entry(DAY, F2, "REGIE", EntryKind.OPENING, 1, "reprise"),
    ),
    "reminders": (
        Reminder(FactId("m1"), InvoiceId("I1"), 1, DAY, "agent", "courriel"),
        Reminder(FactId("m2"), InvoiceId("I1"), 2, DAY, "agent"),
        Reminder(FactId("m3"), InvoiceId("I2"), 1, DAY, "agent"),
    ),
    "reprises": (
        Reprise(FactId("x1"), "délib. 7", DAY, DAY, AT, "agent", frozenset({CANTEEN})),
        Reprise(FactId("x2"), "délib. 8", DAY, DAY, AT, "agent"),
        Reprise(FactId("x3"), "délib. 9", DAY, DAY, AT, "agent", withdrawn=True),
    ),
    "finished_runs": (
        FinishedRun(
            Run("run1", DAY, DAY, DAY, DAY, author="agent", selection=Selection(frozenset({CANTEEN}), frozenset())),
            AT, FrozenMap({"presences": 12}), FrozenMap({F1: DAY}),
        ),
        FinishedRun(Run("run2", DAY, DAY, DAY), AT),
        FinishedRun(Run("run3", DAY, DAY, DAY), AT),
    ),
    "read_marks": (
        ReadMark("a1", AccountId("u1"), AT),
        ReadMark("a2", AccountId("u1"), AT),
        ReadMark("a1", AccountId("u2"), AT),
    ),
    "audit": (
        AuditEntry(AT, "agent:1", "booking.validate", "household:F1", "en ligne"),
        AuditEntry(AT, "agent:1", "booking.validate", "household:F1", "en ligne", False, "refusé"),
        AuditEntry(AT, "agent:2", "file.read", "household:F2", "mairie"),
    ),
}  # fmt: skip

_ADULT = Adult(AdultId("A1"), "Le Goff", "Zoé", Civility.MADAME, email="zoe@exemple.invalid",
               phones=(Phone(PhoneKind.MOBILE, "06 12 34 56 78"),),
               address=PostalAddress(("12 rue de l'Église",), "35000", "Rennes"))  # fmt: skip

#: The one page of contacts of a store.
ISSUER = Issuer("Mairie du Langon", "Cantine", ("1 place",), "02", capacity="maire", collectors=(
    Collector("REGIE", "Régie cantine", accountant="SGC", accountant_lines=("2 rue",)),
))  # fmt: skip
CONTACTS = ContactPage((Contact("Mairie", "Le Langon", ("1 place",), (OpeningHours(0, 540, 720),)),))

#: Records of each kind: two models with different keys, the first with every owner that it may have.
MODELS: dict[str, tuple[Any, Any]] = {
    "households": (
        Household(F1, "Le Goff", (_ADULT,), (Member(E1, DAY), Member(E2, None, DAY))),
        Household(F2, "Martin"),
    ),
    "children": (
        Child(E1, "Le Goff", "Anaël", dt.date(2018, 2, 28), schoolings=(
            Schooling(DAY, None, SchoolCode("centre"), Grade.CE2, "CE2/CM1"),), external_ids=(("onde", "123"),)),
        Child(E2, "Martin", "Élise", None),
    ),
    "registrations": (
        Registration(FactId("i1"), E1, CANTEEN, F1, "2025-2026", Span(DAY, DAY), patterns=(
            PatternFrom(DAY, Several((OnWeekdays(frozenset({Weekday.MONDAY})),)), AT, "A1"),),
            minus=frozenset({DAY}), version=1),
        Registration(FactId("i2"), E2, CARE, F2, "2025-2026", Span(DAY, DAY), slot="soir", version=1),
    ),
    "booking_receipts": (
        BookingReceipt("R1", F1, AT, "A1", "en ligne", "2025-2026", (
            ReceiptLine(Action.BOOK, key(), LineStatus.FIRM, LATE, True, AT, key(slot="midi"), AT, 285),), (
            ReceiptLine(Action.CANCEL, key(), LineStatus.REFUSED, None, False, None, reasons=(_REASON,)),),
            Estimate(0, 285, 1)),
        BookingReceipt("R2", F2, AT, "A1", None, "2025-2026", (), (), Estimate()),
    ),
    "wishes": (Wish(key(), F1, AT, 2), Wish(key(E2), F2, AT)),
    "invoices": (
        _INVOICE,
        Invoice(InvoiceId("I2"), "REGIE", 2026, 2, InvoiceKind.CREDIT_NOTE, F2, DAY, DAY, DAY, DAY, (), 0,
                original=InvoiceId("I1")),
    ),
    "payments": (
        Payment(PaymentId("P1"), F1, "REGIE", Means.CHEQUE, 570, DAY, AT, "agent", invoices=(InvoiceId("I1"),)),
        Payment(PaymentId("P2"), F2, "REGIE", Means.CESU, 1, DAY, AT, "agent"),
    ),
    "online_payments": (
        OnlinePayment("OP1", F1, "REGIE", (InvoiceId("I1"), InvoiceId("I3")), 570, AT, hold_until=AT),
        OnlinePayment("OP2", F2, "REGIE", (), 1, AT),
    ),
    "quittances": (
        Quittance("REGIE", 1, PaymentId("P1"), F1, DAY, 570, Means.CHEQUE, ((InvoiceId("I1"), 570),)),
        Quittance("REGIE", 2, PaymentId("P2"), F2, DAY, 1, Means.CESU),
    ),
    "payment_plans": (
        PaymentPlan(FactId("e1"), F1, (InvoiceId("I1"),), (Instalment(DAY, 100),), DAY, "agent"),
        PaymentPlan(FactId("e2"), F2, (InvoiceId("I2"),), (Instalment(DAY, 1),), DAY, "agent", DAY),
    ),
    "disputes": (
        Dispute(FactId("l1"), InvoiceId("I1"), DAY, "absent ce jour-là", "A1"),
        Dispute(FactId("l2"), InvoiceId("I2"), DAY, "prix", "A1", DAY),
    ),
    "accounts": (
        Account(AccountId("u1"), "zoe@exemple.invalid", AdultId("A1"), frozenset({F1, F2}), AT, "$argon2id$…",
                frozenset({ExternalSubject("franceconnect", "abc")})),
        Account(AccountId("u2"), "max@exemple.invalid", AdultId("A2"), frozenset({F2}), AT),
    ),
    "invitations": (
        Invitation("v1", F1, AdultId("A1"), "zoe@exemple.invalid", "Le Goff", "ab" * 32, AT, AT, 9),
        Invitation("v2", F2, AdultId("A2"), "max@exemple.invalid", "Martin", "cd" * 32, AT, AT, 10),
    ),
    "tokens": (
        Token("t1", AccountId("u1"), TokenScope.EMAIL, "ab" * 32, AT, subject="z@exemple.invalid"),
        Token("t2", AccountId("u2"), TokenScope.PASSWORD, "cd" * 32, AT, True),
    ),
    "activations": (
        Activation("v1", AT, ActivationStep.CHILDREN, "$argon2id$…", (
            FileChange(AdultId("A1"), FileField.FIRST_NAME, "Zoe", "Zoé"),
            FileChange(AdultId("A1"), FileField.PHONES, (), (Phone(PhoneKind.MOBILE, "06"),)),
            FileChange(E1, FileField.GRADE, Grade.CE2, Grade.CM1),
            FileChange(E1, FileField.PICK_UPS, (PickUp("Mamie"),), (PickUp("Papi", phone="06"),)),)),
        Activation("v2", AT),
    ),
    "news": (
        News("a1", "Grève", "Pas de cantine **jeudi**.", AT, AT + dt.timedelta(days=3),
             OfClasses(frozenset({(SchoolCode("centre"), "CP")}))),
        News("a2", "Rentrée", "", AT, audience=OfProducts(frozenset({CANTEEN})), pinned=True),
    ),
    "requests": (
        FamilyRequest(RequestId("q1"), "Absence", Purpose.ABSENCE, F1, "Malade", AT, DAY,
                      (MessageEntry(AT, "A1", Side.FAMILY, "Bonjour"),), child=E1,
                      claim=AbsenceClaim(E1, DAY, DAY, "maladie", "certificat médical", frozenset({CANTEEN}))),
        FamilyRequest(RequestId("q2"), "Autre", Purpose.OTHER, F2, "Question", AT, None, ()),
    ),
    "try_counters": (TryCounter("k1", 3, AT, AT), TryCounter("k2")),
}  # fmt: skip
