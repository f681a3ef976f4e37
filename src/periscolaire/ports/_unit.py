"""The unit of work: every repository of the house in one transaction."""

from __future__ import annotations

import abc
import operator
from types import TracebackType
from typing import Any, Protocol, Self

from periscolaire.access import Account, Activation, AuditEntry, Invitation, Token, TryCounter, subject_key
from periscolaire.attendance import AbsenceNotice, Anomaly, Appeal, Closure, Presence, Proof, Suspension
from periscolaire.billing import (
    Allocation,
    CashMove,
    DepositSlip,
    DeskClosing,
    Dispute,
    Entry,
    FinishedRun,
    Incident,
    Invoice,
    Issuer,
    KindEntry,
    OnlineEvent,
    OnlinePayment,
    Payment,
    PaymentPlan,
    PenaltyDecision,
    Quittance,
    Refund,
    Rejection,
    Reminder,
    Reprise,
    WriteOff,
)
from periscolaire.booking import BookingChange, KitchenOrder, Registration, Wish
from periscolaire.booking import Receipt as BookingReceipt
from periscolaire.households import Amendment, Child, Consent, Custody, DatedFact, Document, Household
from periscolaire.ids import AccountId, ChildId, FactId, HouseholdId, InvoiceId, PaymentId, RequestId
from periscolaire.messages import ContactPage, FamilyRequest, News, ReadMark
from periscolaire.ports._decisions import RecordedDecision
from periscolaire.ports._kinds import JournalKind, RecordKind
from periscolaire.ports._repositories import (
    Consumptions,
    Invoices,
    Journal,
    Keys,
    Numbers,
    Places,
    Records,
    Reglements,
    Reservations,
)

__all__ = ["JOURNALS", "RECORDS", "Backend", "Repositories", "Store", "UnitOfWork"]


_id, _child, _household, _subject = map(operator.attrgetter, ("id", "child", "household", "subject"))
_series = operator.attrgetter("series")
_child_of_key = operator.attrgetter("key.child")
_on_day = operator.attrgetter("day", "day")
_on_day_of_key = operator.attrgetter("key.day", "key.day")
_from_first_to_last = operator.attrgetter("first", "last")
_from_first_to_last_day = operator.attrgetter("first_day", "last_day")


def _wish_key(wish: Wish) -> str:
    key = wish.key
    return "/".join((key.product, key.day.isoformat(), key.slot, key.child))


def _wish_owners(wish: Wish) -> tuple[str, ...]:
    return f"{wish.key.product}/{wish.key.day.isoformat()}", wish.household


def _quittance_key(quittance: Quittance) -> str:
    return f"{quittance.series}/{quittance.number:08}"


def _online_owners(payment: OnlinePayment) -> tuple[str, ...]:
    return payment.household, *payment.invoices


def _account_owners(account: Account) -> tuple[str, ...]:
    return account.email, account.adult, *sorted(account.households), *sorted(map(subject_key, account.subjects))


#: Every journal of the house. The order is that of the schema.
JOURNALS: dict[str, JournalKind[Any]] = {
    kind.name: kind
    for kind in (
        JournalKind[DatedFact]("dated_facts", DatedFact, _subject, _from_first_to_last_day),
        JournalKind[Amendment]("amendments", Amendment, _subject, lambda fact: (fact.first_day, None)),
        JournalKind[Custody]("custodies", Custody, _child, _from_first_to_last_day),
        JournalKind[Document]("documents", Document, _subject, _from_first_to_last_day),
        JournalKind[Consent]("consents", Consent, _subject),
        JournalKind[RecordedDecision]("decisions", RecordedDecision, _child_of_key, _on_day_of_key, _id),
        JournalKind[BookingChange]("booking_changes", BookingChange, _child_of_key, _on_day_of_key, _id),
        JournalKind[KitchenOrder]("kitchen_orders", KitchenOrder, operator.attrgetter("product"), _on_day),
        JournalKind[Presence]("presences", Presence, _child_of_key, _on_day_of_key, _id),
        JournalKind[AbsenceNotice]("absence_notices", AbsenceNotice, _child, _from_first_to_last),
        JournalKind[Proof]("proofs", Proof, _child, _from_first_to_last),
        JournalKind[Suspension]("suspensions", Suspension, _child, _from_first_to_last),
        JournalKind[Closure]("closures", Closure, lambda fact: "", _from_first_to_last),
        JournalKind[Anomaly]("anomalies", Anomaly, _household, _on_day_of_key),
        JournalKind[Appeal]("appeals", Appeal, _child_of_key, _on_day_of_key),
        JournalKind[Incident]("incidents", Incident, _household, _on_day),
        JournalKind[PenaltyDecision]("penalty_decisions", PenaltyDecision, _household, _on_day, _id),
        JournalKind[KindEntry]("kind_entries", KindEntry, _household, operator.attrgetter("on", "on"), _id),
        JournalKind[OnlineEvent]("online_events", OnlineEvent, operator.attrgetter("reference"), id=_id),
        JournalKind[DepositSlip]("deposit_slips", DepositSlip, _series, operator.attrgetter("on", "on")),
        JournalKind[CashMove]("cash_moves", CashMove, _series, operator.attrgetter("on", "on"), _id),
        JournalKind[DeskClosing]("desk_closings", DeskClosing, _series, operator.attrgetter("on", "on"), _id),
        JournalKind[Rejection]("rejections", Rejection, operator.attrgetter("payment"), id=_id),
        JournalKind[Refund]("refunds", Refund, _household, id=_id),
        JournalKind[WriteOff]("write_offs", WriteOff, _household, id=_id),
        JournalKind[Allocation]("allocations", Allocation, operator.attrgetter("line.invoice")),
        JournalKind[Entry]("openings", Entry, _household, _on_day),
        JournalKind[Reminder]("reminders", Reminder, operator.attrgetter("invoice"), id=_id),
        JournalKind[Reprise]("reprises", Reprise, lambda fact: "", _from_first_to_last),
        JournalKind[FinishedRun](
            "finished_runs", FinishedRun, lambda fact: "", operator.attrgetter("run.first", "run.last")
        ),
        JournalKind[ReadMark]("read_marks", ReadMark, operator.attrgetter("account")),
        JournalKind[AuditEntry]("audit", AuditEntry, operator.attrgetter("target")),
    )
}

#: Every set of records of the house. The order is that of the schema.
RECORDS: dict[str, RecordKind[Any]] = {
    kind.name: kind
    for kind in (
        RecordKind[Household](
            "households", Household, _id, lambda one: tuple(dict.fromkeys(member.child for member in one.members))
        ),
        RecordKind[Child]("children", Child, _id),
        RecordKind[Registration]("registrations", Registration, _id, lambda one: (one.child, one.household)),
        RecordKind[BookingReceipt](
            "booking_receipts", BookingReceipt, lambda one: one.number, lambda one: (one.household,)
        ),
        RecordKind[Wish]("wishes", Wish, _wish_key, _wish_owners),
        RecordKind[Invoice]("invoices", Invoice, _id, lambda one: (one.payer,)),
        RecordKind[Payment]("payments", Payment, _id, lambda one: (one.household,)),
        RecordKind[OnlinePayment]("online_payments", OnlinePayment, lambda one: one.reference, _online_owners),
        RecordKind[Quittance]("quittances", Quittance, _quittance_key, lambda one: (one.payment, one.household)),
        RecordKind[PaymentPlan]("payment_plans", PaymentPlan, _id, lambda one: (one.household,)),
        RecordKind[Dispute]("disputes", Dispute, _id, lambda one: (one.invoice,)),
        RecordKind[Account]("accounts", Account, _id, _account_owners),
        RecordKind[Invitation]("invitations", Invitation, _id, lambda one: (one.email, one.household)),
        RecordKind[Activation]("activations", Activation, operator.attrgetter("invitation")),
        RecordKind[Token]("tokens", Token, _id, lambda one: (one.account,)),
        RecordKind[TryCounter]("try_counters", TryCounter, lambda one: one.key),
        RecordKind[News]("news", News, _id),
        RecordKind[FamilyRequest]("requests", FamilyRequest, _id, lambda one: (one.household,)),
        RecordKind[ContactPage]("contact_pages", ContactPage, lambda one: ""),
        RecordKind[Issuer]("issuers", Issuer, lambda one: ""),
    )
}


class Backend(Protocol):
    """What an adapter supplies: the shapes of repositories over one open transaction."""

    @property
    def reglements(self) -> Reglements: ...
    @property
    def reservations(self) -> Reservations: ...
    @property
    def consumptions(self) -> Consumptions: ...
    @property
    def places(self) -> Places: ...
    @property
    def invoices(self) -> Invoices: ...
    @property
    def numbers(self) -> Numbers: ...
    @property
    def keys(self) -> Keys: ...

    def journal(self, kind: JournalKind[Any]) -> Any:
        """The :class:`Journal` of that kind."""
        ...

    def records(self, kind: RecordKind[Any]) -> Any:
        """The :class:`Records` of that kind."""
        ...


class Repositories:
    """Every repository, by name, over one backend: what an adapter's unit of work derives from."""

    def __init__(self, backend: Backend) -> None:
        journal, records = backend.journal, backend.records
        self.reglements = backend.reglements
        self.households: Records[HouseholdId, ChildId, Household] = records(RECORDS["households"])
        self.children: Records[ChildId, str, Child] = records(RECORDS["children"])
        self.dated_facts: Journal[HouseholdId | ChildId, DatedFact] = journal(JOURNALS["dated_facts"])
        self.amendments: Journal[HouseholdId | ChildId, Amendment] = journal(JOURNALS["amendments"])
        self.custodies: Journal[ChildId, Custody] = journal(JOURNALS["custodies"])
        self.documents: Journal[HouseholdId | ChildId, Document] = journal(JOURNALS["documents"])
        self.consents: Journal[HouseholdId | ChildId, Consent] = journal(JOURNALS["consents"])
        self.registrations: Records[FactId, ChildId | HouseholdId, Registration] = records(RECORDS["registrations"])
        self.decisions: Journal[ChildId, RecordedDecision] = journal(JOURNALS["decisions"])
        self.booking_changes: Journal[ChildId, BookingChange] = journal(JOURNALS["booking_changes"])
        self.reservations = backend.reservations
        self.booking_receipts: Records[str, HouseholdId, BookingReceipt] = records(RECORDS["booking_receipts"])
        self.wishes: Records[str, str, Wish] = records(RECORDS["wishes"])
        self.kitchen_orders: Journal[str, KitchenOrder] = journal(JOURNALS["kitchen_orders"])
        self.places = backend.places
        self.presences: Journal[ChildId, Presence] = journal(JOURNALS["presences"])
        self.absence_notices: Journal[ChildId, AbsenceNotice] = journal(JOURNALS["absence_notices"])
        self.proofs: Journal[ChildId, Proof] = journal(JOURNALS["proofs"])
        self.suspensions: Journal[ChildId, Suspension] = journal(JOURNALS["suspensions"])
        self.closures: Journal[str, Closure] = journal(JOURNALS["closures"])
        self.anomalies: Journal[HouseholdId, Anomaly] = journal(JOURNALS["anomalies"])
        self.appeals: Journal[ChildId, Appeal] = journal(JOURNALS["appeals"])
        self.incidents: Journal[HouseholdId, Incident] = journal(JOURNALS["incidents"])
        self.penalty_decisions: Journal[HouseholdId, PenaltyDecision] = journal(JOURNALS["penalty_decisions"])
        self.consumptions = backend.consumptions
        self.invoices = backend.invoices
        self.numbers = backend.numbers
        self.payments: Records[PaymentId, HouseholdId, Payment] = records(RECORDS["payments"])
        self.kind_entries: Journal[HouseholdId, KindEntry] = journal(JOURNALS["kind_entries"])
        self.online_payments: Records[str, str, OnlinePayment] = records(RECORDS["online_payments"])
        self.online_events: Journal[str, OnlineEvent] = journal(JOURNALS["online_events"])
        self.quittances: Records[str, str, Quittance] = records(RECORDS["quittances"])
        self.deposit_slips: Journal[str, DepositSlip] = journal(JOURNALS["deposit_slips"])
        self.cash_moves: Journal[str, CashMove] = journal(JOURNALS["cash_moves"])
        self.desk_closings: Journal[str, DeskClosing] = journal(JOURNALS["desk_closings"])
        self.rejections: Journal[PaymentId, Rejection] = journal(JOURNALS["rejections"])
        self.refunds: Journal[HouseholdId, Refund] = journal(JOURNALS["refunds"])
        self.write_offs: Journal[HouseholdId, WriteOff] = journal(JOURNALS["write_offs"])
        self.openings: Journal[HouseholdId, Entry] = journal(JOURNALS["openings"])
        self.reminders: Journal[InvoiceId, Reminder] = journal(JOURNALS["reminders"])
        self.payment_plans: Records[FactId, HouseholdId, PaymentPlan] = records(RECORDS["payment_plans"])
        self.disputes: Records[FactId, InvoiceId, Dispute] = records(RECORDS["disputes"])
        self.reprises: Journal[str, Reprise] = journal(JOURNALS["reprises"])
        self.finished_runs: Journal[str, FinishedRun] = journal(JOURNALS["finished_runs"])
        self.allocations: Journal[InvoiceId, Allocation] = journal(JOURNALS["allocations"])
        self.accounts: Records[AccountId, str, Account] = records(RECORDS["accounts"])
        self.invitations: Records[str, str, Invitation] = records(RECORDS["invitations"])
        self.activations: Records[str, str, Activation] = records(RECORDS["activations"])
        self.tokens: Records[str, AccountId, Token] = records(RECORDS["tokens"])
        self.try_counters: Records[str, str, TryCounter] = records(RECORDS["try_counters"])
        self.news: Records[str, str, News] = records(RECORDS["news"])
        self.read_marks: Journal[AccountId, ReadMark] = journal(JOURNALS["read_marks"])
        self.requests: Records[RequestId, HouseholdId, FamilyRequest] = records(RECORDS["requests"])
        self.contact_pages: Records[str, str, ContactPage] = records(RECORDS["contact_pages"])
        self.issuers: Records[str, str, Issuer] = records(RECORDS["issuers"])
        self.keys = backend.keys
        self.audit: Journal[str, AuditEntry] = journal(JOURNALS["audit"])


class UnitOfWork(Repositories, abc.ABC):
    """One transaction. Leaving its ``with`` block undoes all that was not committed.

    After a :class:`~periscolaire.errors.ConflictError` the unit is to be left: part of a bulk write may have been
    done in it. :meth:`commit` may be called several times: each makes what came before it permanent.
    """

    @abc.abstractmethod
    def __enter__(self) -> Self: ...

    @abc.abstractmethod
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

    @abc.abstractmethod
    def commit(self) -> None:
        """Make permanent what was done since the last commit."""

    @abc.abstractmethod
    def rollback(self) -> None:
        """Undo what was done since the last commit."""

    @abc.abstractmethod
    def hold(self, *owners: str) -> None:
        """Keep other units that hold one of ``owners`` waiting until this one ends: children, households, or any other
        name that those agree on who must not do one thing side by side (issuing documents).

        Call it before reading what a write will rest on, once, with everything: two units that fold the facts of one
        child must not do so side by side.
        """


class Store(Protocol):
    """Where everything is kept: gives units of work."""

    def unit(self, *, write: bool = True) -> UnitOfWork:
        """A unit of work, to be entered with ``with``. One that only reads sees one state from its first read on.

        A thread has one unit open at a time.
        """
        ...

    def close(self) -> None:
        """Give back what the store holds (connections, files)."""
        ...
