"""Runs, documents, payments, the books of the régie, late payers: every rule with its edge."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import attrs
import pytest

from periscolaire.attendance import ProofState, Seen
from periscolaire.billing import (
    MEANS,
    ONLINE_TRANSITIONS,
    Account,
    Allocation,
    AllocationPolicy,
    Billed,
    CashKind,
    CashMove,
    DeskAccount,
    Dispute,
    EntryKind,
    Instalment,
    Instance,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    KindEntry,
    KindMove,
    Means,
    OnlineEvent,
    OnlineEventKind,
    OnlinePayment,
    OnlineState,
    Payment,
    PaymentPlan,
    PlanState,
    Refund,
    Rejection,
    Reminder,
    Run,
    Series,
    WriteOff,
    WriteOffKind,
    age_band,
    arrears,
    balance,
    bounce,
    check_payment,
    close_desk,
    compare,
    deposit_slip,
    desk_balances,
    desk_content,
    drafts,
    due_reminders,
    entries,
    exclusion_possible,
    families,
    float_of,
    impute,
    in_kind_left,
    issue,
    journal,
    late_payers,
    online_state,
    outstanding,
    overdue,
    payment_of,
    plan_state,
    quittances,
    receipts,
    refund,
    settle,
    statement,
    to_deposit,
    write_off,
)
from periscolaire.booking import SlotKey
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, FactId, HouseholdId, InvoiceId, PaymentId, ProductCode
from periscolaire.money import XPF
from periscolaire.reglement import Collection, ReminderLevel
from periscolaire.testing.billing import CANTEEN, FIRST, GARDERIE, LAST, MONDAY, bill, eaten, quotients, week

H1 = HouseholdId("H1")
DAY = dt.date(2026, 2, 10)
AT = dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC)
SERIES = Series("PERI", due_days=30)
RUN = Run("2026-01", FIRST, LAST, DAY)
FACTS = quotients(H1=500)
CAMP = ProductCode("camp")


def line(number: int, amount: int, product: ProductCode = CANTEEN, nature: str = "repas") -> InvoiceLine:
    return InvoiceLine(number, product, None, (Instance(MONDAY, str(number)),), 1, amount, amount, nature=nature)


def document(number: int, *amounts: int, kind: InvoiceKind = InvoiceKind.INVOICE, **more: Any) -> Invoice:
    products = (CANTEEN, GARDERIE, CAMP)
    natures = ("repas", "garde", "garde")
    lines = tuple(
        line(index, amount, products[(index - 1) % 3], natures[(index - 1) % 3])
        for index, amount in enumerate(amounts, start=1)
    )
    values: dict[str, Any] = {
        "id": InvoiceId(f"F{number}"),
        "series": "PERI",
        "fiscal_year": 2026,
        "number": number,
        "kind": kind,
        "payer": H1,
        "first_day": FIRST,
        "last_day": LAST,
        "issued_on": DAY,
        "due_on": DAY + dt.timedelta(days=30),
        "lines": lines,
        "total": sum(amounts),
    }
    return Invoice(**{**values, **more})


def payment(name: str, amount: int, means: Means = Means.CHEQUE, **more: Any) -> Payment:
    values: dict[str, Any] = {"household": H1, "series": "PERI", "received_on": DAY, "at": AT, "author": "régisseur"}
    return Payment(id=PaymentId(name), means=means, amount=amount, **{**values, **more})


def account(*invoices: Invoice) -> Account:
    return Account(H1, "PERI", invoices)


class TestRuns:
    def test_under_the_minimum_an_invoice_is_carried_over(self) -> None:
        lines = bill(week("A"), FACTS)[1]
        small = Series("PERI", minimum=421)
        (draft,) = drafts(lines, [small], RUN)
        assert (draft.carried_over, draft.remarks[0].reason.code) == (True, "billing.run.carried_over")
        assert issue([draft], small, RUN, next_number=1) == ()
        exact = Series("PERI", minimum=420)
        assert not drafts(lines, [exact], RUN)[0].carried_over

    def test_the_collection_threshold_is_15_euros_exactly(self) -> None:
        # Articles L1611-5 and D1611-1 du CGCT: "reach a threshold".
        titres = Series("ROLE", Collection.TITRE, minimum=1500)
        for total, held in ((1499, True), (1500, False)):
            (draft,) = drafts({H1: [line(1, total)]}, [titres], RUN)
            assert draft.carried_over is held

    def corrected(self, collection: Collection) -> tuple[Series, Invoice, dict[HouseholdId, Any]]:
        series = Series("PERI", collection)
        days = [*week("A"), eaten("A", MONDAY + dt.timedelta(days=7), seen=Seen.ABSENT)]
        (invoice,) = issue(drafts(bill(days, FACTS)[1], [series], RUN), series, RUN, next_number=1)
        days[-1] = eaten("A", MONDAY + dt.timedelta(days=7), seen=Seen.ABSENT, proof=ProofState.ACCEPTED)
        late = [eaten("A", MONDAY + dt.timedelta(days=8))]
        return series, invoice, bill([*days, *late], FACTS, billed=Billed([invoice]))[1]

    def test_a_regie_nets_what_it_takes_back(self) -> None:
        series, _, lines = self.corrected(Collection.REGIE)
        (draft,) = drafts(lines, [series], RUN)
        assert (draft.kind, draft.total, len(draft.lines)) == (InvoiceKind.INVOICE, 0, 2)

    def test_a_titre_is_reduced_by_a_document_that_names_it(self) -> None:
        series, invoice, lines = self.corrected(Collection.TITRE)
        charged, reduced = drafts(lines, [series], RUN)
        assert (charged.kind, charged.total, charged.original) == (InvoiceKind.INVOICE, 105, None)
        assert (reduced.kind, reduced.total, reduced.original) == (InvoiceKind.CREDIT_NOTE, -105, invoice.id)

    def test_numbers_follow_without_a_gap_in_canonical_order(self) -> None:
        facts = quotients(B=1, A=1, C=1)
        lines = {}
        for name in ("B", "A", "C"):
            lines.update(bill([eaten("X", MONDAY, household=name)], facts)[1])
        made = issue(drafts(lines, [SERIES], RUN), SERIES, RUN, next_number=41)
        assert [(invoice.payer, invoice.number) for invoice in made] == [("A", 41), ("B", 42), ("C", 43)]
        assert made[0].id == "PERI-2026-000041"
        with pytest.raises(MisuseError):
            issue([], SERIES, RUN, next_number=0)

    def test_a_product_has_one_series(self) -> None:
        lines = bill(week("A"), FACTS)[1]
        canteen, rest = Series("C", products=frozenset({CANTEEN})), Series("G", products=frozenset({GARDERIE}))
        assert [draft.series for draft in drafts(lines, [canteen, rest], RUN)] == ["C"]
        for wrong in ([rest], [canteen, Series("X", products=frozenset({CANTEEN, GARDERIE}))]):
            with pytest.raises(MisuseError):
                drafts(lines, wrong, RUN)

    def test_pending_days_are_remarks_of_the_family(self) -> None:
        should, lines = bill([*week("A"), eaten("A", MONDAY + dt.timedelta(7), seen=Seen.UNCHECKED)], FACTS)
        (draft,) = drafts(lines, [SERIES], RUN, pending=should.pending)
        assert [remark.reason.code for remark in draft.remarks] == ["billing.pending.unknown"]

    def test_comparison_with_the_former_run(self) -> None:
        former = [document(1, 1000), attrs.evolve(document(2, 300), payer=HouseholdId("H2"))]
        now = drafts({H1: [line(1, 400)]}, [SERIES], RUN)
        assert [(row.payer, row.difference) for row in compare(now, former)] == [("H1", -600), ("H2", -300)]

    def test_lines_and_documents_hold_their_sums(self) -> None:
        with pytest.raises(MisuseError):
            document(1, 100, total=101)
        with pytest.raises(MisuseError):
            attrs.evolve(line(1, 100), amount=101)


class TestPayments:
    def test_by_share_or_in_order_the_parts_add_up(self) -> None:
        invoice = document(1, 1000, 500, 1)
        shared = settle(account(invoice), payment("P", 100))
        assert [part.amount for part in shared.allocations] == [67, 33]
        ordered = settle(account(invoice), payment("P", 1200), AllocationPolicy.IN_ORDER)
        assert [part.amount for part in ordered.allocations] == [1000, 200]
        for policy in AllocationPolicy:
            done = settle(account(invoice), payment("P", 1501), policy)
            assert [part.amount for part in done.allocations] == [1000, 500, 1]

    def test_lines_taken_back_are_settled_with_the_others(self) -> None:
        for policy in AllocationPolicy:
            done = settle(account(document(1, 1000, -400, 10)), payment("P", 610), policy)
            assert done.remaining() == {"F1": 0}
            assert sum(part.amount for part in done.allocations) == 610

    def test_named_invoices_first_then_the_oldest_and_the_rest_is_credit(self) -> None:
        old, new = document(1, 100), document(2, 100)
        done = settle(account(old, new), payment("P", 250, invoices=(new.id,)))
        assert [part.line.invoice for part in done.allocations] == ["F2", "F1"]
        assert done.credit == 50

    def test_a_bounced_payment_is_owed_again(self) -> None:
        done = settle(account(document(1, 100)), payment("P", 130))
        gone = bounce(done, Rejection(FactId("R"), PaymentId("P"), DAY, AT, "banque"))
        assert (gone.remaining(), gone.credit) == ({"F1": 100}, 0)
        with pytest.raises(ConflictError):
            bounce(gone, Rejection(FactId("R2"), PaymentId("P"), DAY, AT, "banque"))
        with pytest.raises(NotFoundError):
            bounce(gone, Rejection(FactId("R2"), PaymentId("Q"), DAY, AT, "banque"))
        cash = settle(account(document(1, 100)), payment("P", 100, Means.CASH))
        with pytest.raises(ConflictError):
            bounce(cash, Rejection(FactId("R"), PaymentId("P"), DAY, AT, "banque"))

    def test_cesu_never_pay_for_meals(self) -> None:
        held = account(document(1, 1000, 500))
        verdict = check_payment(held, payment("P", 501, Means.CESU))
        assert [reason.code for reason in verdict.reasons] == ["payment.means_excluded"]
        done = settle(held, payment("P", 500, Means.CESU))
        assert [part.product for part in done.allocations] == [GARDERIE]

    @pytest.mark.parametrize("nature", ["absence", "pénalité"])
    def test_cesu_never_pay_for_what_is_no_care(self, nature: str) -> None:
        issued = document(1, 500)
        lines = tuple(attrs.evolve(line, nature=nature) for line in issued.lines)
        verdict = check_payment(account(attrs.evolve(issued, lines=lines)), payment("P", 1, Means.CESU))
        assert [reason.code for reason in verdict.reasons] == ["payment.means_excluded"]

    @pytest.mark.parametrize(
        ("change", "error", "code"),
        [
            ({"household": HouseholdId("H2")}, MisuseError, "payment.wrong_account"),
            ({"series": "X"}, MisuseError, "payment.wrong_account"),
            ({"currency": XPF}, MisuseError, "payment.currency"),
            ({"currency": XPF, "invoices": (InvoiceId("F1"),)}, MisuseError, "payment.currency"),
            ({"invoices": (InvoiceId("F9"),)}, NotFoundError, "payment.invoice_unknown"),
            ({"invoices": (InvoiceId("F2"),)}, ConflictError, "payment.invoice_settled"),
            ({"id": PaymentId("P0")}, ConflictError, "payment.known"),
        ],
    )
    def test_bad_payments(self, change: dict[str, Any], error: type[Exception], code: str) -> None:
        held = settle(account(document(1, 100), document(2, 50)), payment("P0", 50, invoices=(InvoiceId("F2"),)))
        wrong = attrs.evolve(payment("P", 10), **change)
        assert code in [reason.code for reason in check_payment(held, wrong).reasons]
        with pytest.raises(error):
            settle(held, wrong)

    @pytest.mark.parametrize("amount", [0, -1])
    def test_amounts_are_above_zero(self, amount: int) -> None:
        with pytest.raises(MisuseError):
            payment("P", amount)

    def test_money_that_came_late_becomes_a_credit(self) -> None:
        held = settle(account(document(1, 100)), payment("P0", 100))
        late = payment("P", 100, Means.ONLINE, invoices=(InvoiceId("F1"),))
        with pytest.raises(ConflictError):
            settle(held, late)
        assert settle(held, late, received=True).credit == 100

    def test_a_credit_note_settles_what_is_like_it_first(self) -> None:
        note = document(2, 0, -300, kind=InvoiceKind.CREDIT_NOTE)
        done = impute(account(document(1, 1000, 500), note), DAY)
        assert [(part.product, part.amount) for part in done.allocations] == [(GARDERIE, 300)]
        assert (done.remaining(), done.credit) == ({"F1": 1200}, 0)

    def test_an_advance_settles_the_next_invoice(self) -> None:
        early = settle(account(), payment("P", 500))
        assert (early.credit, early.allocations) == (500, ())
        done = impute(attrs.evolve(early, invoices=(document(1, 300),)), DAY)
        assert (done.remaining(), done.credit, impute(done, DAY)) == ({"F1": 0}, 200, done)

    def test_refunds_come_out_of_credit_only(self) -> None:
        held = settle(account(document(1, 100)), payment("P", 150))
        given = Refund(FactId("R"), H1, "PERI", Means.TRANSFER, 51, DAY, AT, "régisseur")
        with pytest.raises(ConflictError):
            refund(held, given)
        assert refund(held, attrs.evolve(given, amount=50)).credit == 0

    def test_what_was_refunded_and_bounced_since_is_owed_though_no_invoice_asks_for_it(self) -> None:
        held = settle(account(document(1, 100)), payment("P", 150))
        held = refund(held, Refund(FactId("R"), H1, "PERI", Means.TRANSFER, 50, DAY, AT, "régisseur"))
        gone = bounce(held, Rejection(FactId("B"), PaymentId("P"), DAY + dt.timedelta(days=9), AT, "banque"))
        assert (gone.remaining(), gone.credit, gone.overdrawn, gone.owed) == ({"F1": 100}, 0, 50, 150)
        assert balance(entries(gone.invoices, gone.payments, gone.rejections, gone.refunds)).remaining == 150
        paid = settle(gone, payment("P2", 120))
        assert (paid.remaining(), paid.credit, paid.overdrawn) == ({"F1": 0}, 0, 30)

    def test_a_mistake_is_taken_back_whatever_the_means(self) -> None:
        held = settle(account(document(1, 100)), payment("P", 100, Means.CASH))
        slip = Rejection(FactId("B"), PaymentId("P"), DAY, AT, "régisseur", "autre foyer", mistake=True)
        gone = bounce(held, slip)
        assert gone.remaining() == {"F1": 100}
        kinds = [entry.kind for entry in entries(gone.invoices, gone.payments, gone.rejections)]
        assert kinds == [EntryKind.INVOICED, EntryKind.PAID, EntryKind.UNDONE]

    def test_the_account_of_a_past_day_knows_nothing_of_what_is_dated_later(self) -> None:
        later = DAY + dt.timedelta(days=10)
        held = settle(account(document(1, 100)), payment("P", 60, received_on=later))
        held = bounce(held, Rejection(FactId("B"), PaymentId("P"), later + dt.timedelta(days=5), AT, "banque"))
        left = [held.at(DAY + dt.timedelta(days=days)).remaining() for days in (-1, 0, 9, 10, 14, 15)]
        assert left == [{}, {"F1": 100}, {"F1": 100}, {"F1": 40}, {"F1": 40}, {"F1": 100}]

    def test_a_payment_received_before_its_invoice_is_a_credit_until_then(self) -> None:
        early = settle(account(document(1, 100)), payment("P", 100, received_on=DAY - dt.timedelta(days=3)))
        assert [one.on for one in early.allocations] == [DAY]
        eve = early.at(DAY - dt.timedelta(days=1))
        assert (eve.remaining(), eve.credit) == ({}, 100)

    def test_write_offs(self) -> None:
        held = account(document(1, 100))
        act = WriteOff(FactId("W"), InvoiceId("F1"), H1, "PERI", WriteOffKind.TRANSFERRED, 100, DAY, AT, "maire")
        done = write_off(held, act)
        assert done.remaining() == {"F1": 0}
        with pytest.raises(ConflictError):
            write_off(held, attrs.evolve(act, on=DAY - dt.timedelta(days=1)))
        kinds = [entry.kind for entry in entries(done.invoices, write_offs=done.write_offs)]
        assert kinds == [EntryKind.INVOICED, EntryKind.TRANSFERRED]
        assert balance(entries(done.invoices, write_offs=done.write_offs)).remaining == 0
        with pytest.raises(ConflictError):
            write_off(done, act)

    def test_the_family_sees_what_waits_and_what_is_settled(self) -> None:
        held = settle(account(document(1, 100), document(2, 50)), payment("P", 50, invoices=(InvoiceId("F2"),)))
        assert [invoice.id for invoice in held.pending()] == ["F1"]
        assert [invoice.id for invoice in held.settled_history()] == ["F2"]


class TestOnline:
    ASKED = OnlinePayment("ref000001", H1, "PERI", (InvoiceId("F1"),), 100, AT)

    def event(self, kind: OnlineEventKind, minute: int, amount: int | None = None) -> OnlineEvent:
        at = AT + dt.timedelta(minutes=minute)
        return OnlineEvent(FactId(f"{minute:03}"), "ref000001", kind, at, amount)

    def test_the_table_is_total_and_nothing_leaves_paid(self) -> None:
        assert set(ONLINE_TRANSITIONS) == set(itertools.product(OnlineState, OnlineEventKind))
        assert {ONLINE_TRANSITIONS[OnlineState.PAID, kind] for kind in OnlineEventKind} == {OnlineState.PAID}

    def test_notifications_twice_late_and_in_disorder(self) -> None:
        kind = OnlineEventKind
        events = [self.event(kind.ABANDONED, 5), self.event(kind.PAID, 12, 100), self.event(kind.SENT, 1)]
        assert online_state(self.ASKED, events) is OnlineState.PAID
        assert online_state(self.ASKED, [*events, *events]) is OnlineState.PAID
        assert online_state(self.ASKED, events[:1]) is OnlineState.ABANDONED
        made = payment_of(self.ASKED, events, DAY, AT)
        assert made == payment_of(self.ASKED, [*events, self.event(kind.EXPIRED, 60)], DAY, AT)
        assert made is not None
        assert (made.id, made.amount, made.means) == ("ref000001", 100, Means.ONLINE)
        assert payment_of(self.ASKED, events[:1], DAY, AT) is None

    def test_another_amount_is_an_error(self) -> None:
        with pytest.raises(ConflictError):
            online_state(self.ASKED, [self.event(OnlineEventKind.PAID, 1, 99)])


class TestDesk:
    def money(self) -> list[Payment]:
        return [
            payment("P1", 1000, Means.CASH),
            payment("P2", 500, Means.CHEQUE, at=AT + dt.timedelta(hours=1)),
            payment("P3", 700, Means.ONLINE, at=AT + dt.timedelta(hours=2)),
        ]

    def test_double_entry(self) -> None:
        rejection = Rejection(FactId("R"), PaymentId("P2"), DAY + dt.timedelta(days=9), AT, "banque")
        slip = deposit_slip(self.money()[:2], "PERI", 1, DAY + dt.timedelta(days=1), "régisseur")
        rows = journal(self.money(), rejections=[rejection], slips=[slip])
        balances = desk_balances(rows)
        assert sum(balances.values()) == 0
        assert balances[DeskAccount.CASH] == balances[DeskAccount.CHEQUES] == 0
        assert balances[DeskAccount.DEPOSITED] == slip.total == 1500
        assert balances[DeskAccount.TO_DEPOSIT] == -(1000 + 700)
        assert journal(self.money(), first=DAY + dt.timedelta(days=1)) == ()

    def test_a_payment_is_handed_over_once(self) -> None:
        waiting = to_deposit(self.money())
        assert [one.id for one in waiting] == ["P1", "P2"]
        slip = deposit_slip(waiting, "PERI", 1, DAY, "régisseur")
        assert slip.totals == ((Means.CASH, 1000), (Means.CHEQUE, 500))
        assert to_deposit(self.money(), [slip]) == ()
        with pytest.raises(ConflictError):
            deposit_slip(waiting, "PERI", 2, DAY, "régisseur", slips=[slip])
        for wrong in ([], self.money()[2:], [payment("P9", 1, Means.CASH, series="X")]):
            with pytest.raises(MisuseError):
                deposit_slip(wrong, "PERI", 2, DAY, "régisseur")

    def test_receipts_are_numbered_without_a_gap(self) -> None:
        money = [*self.money(), payment("P4", 5, receipt=3)]
        held = settle(account(document(1, 400)), money[0])
        made = quittances(money, held.allocations, "PERI", next_number=8)
        assert [(one.number, one.payment) for one in made] == [(8, "P1"), (9, "P2"), (10, "P3")]
        assert made[0].settles == (("F1", 400),)

    def test_closing_tells_every_difference(self) -> None:
        right = close_desk(
            FactId("C"), "PERI", self.money(), [(Means.CASH, 1000), (Means.CHEQUE, 500)], DAY, AT, "régisseur"
        )
        assert (right.difference, right.reasons) == (0, ())
        short = close_desk(FactId("C"), "PERI", self.money(), [(Means.CASH, 990)], DAY, AT, "régisseur")
        assert (short.difference, len(short.reasons)) == (-510, 2)
        with pytest.raises(MisuseError):
            close_desk(FactId("C"), "PERI", self.money(), [(Means.ONLINE, 1)], DAY, AT, "régisseur")

    def test_the_desk_keeps_its_float_and_counts_what_it_gave_back(self) -> None:
        float_in = CashMove(FactId("m"), "PERI", CashKind.FLOAT_IN, 5000, DAY, AT, "régisseur")
        given = Refund(FactId("R"), H1, "PERI", Means.CASH, 300, DAY, AT, "régisseur")
        books: dict[str, Any] = {"refunds": [given], "moves": [float_in]}
        assert desk_content("PERI", DAY, self.money(), **books) == {Means.CASH: 5700, Means.CHEQUE: 500}
        slip = deposit_slip(self.money()[:2], "PERI", 1, DAY, "régisseur", refunds=[given])
        assert (slip.totals, slip.refunds) == (((Means.CASH, 700), (Means.CHEQUE, 500)), ("R",))
        after = desk_content("PERI", DAY, self.money(), slips=[slip], **books)
        assert after == {Means.CASH: 5000}
        balances = desk_balances(journal(self.money(), slips=[slip], **books))
        assert (balances[DeskAccount.CASH], balances[DeskAccount.FLOAT]) == (5000, -5000)
        assert float_of([float_in]) == 5000

    def test_a_means_of_which_nothing_is_left_is_not_handed_over(self) -> None:
        given = Refund(FactId("R"), H1, "PERI", Means.CASH, 1000, DAY, AT, "régisseur")
        slip = deposit_slip(self.money()[:2], "PERI", 1, DAY, "régisseur", refunds=[given])
        assert (slip.payments, slip.refunds, slip.total) == (("P2",), (), 500)
        with pytest.raises(MisuseError):
            deposit_slip(self.money()[:1], "PERI", 2, DAY, "régisseur", refunds=[given])

    def test_a_settled_difference_leaves_the_books_right(self) -> None:
        lost = CashMove(FactId("m"), "PERI", CashKind.SHORTAGE, 10, DAY, AT, "régisseur", "rendu de monnaie")
        right = close_desk(
            FactId("C"), "PERI", self.money(), [(Means.CASH, 990), (Means.CHEQUE, 500)], DAY, AT, "régisseur",
            moves=[lost],
        )  # fmt: skip
        assert right.reasons == ()
        assert desk_balances(journal(self.money(), moves=[lost]))[DeskAccount.DIFFERENCES] == 10
        with pytest.raises(MisuseError):
            attrs.evolve(lost, amount=0)

    def test_the_card_terminal_is_counted_since_the_last_closing(self) -> None:
        card = payment("P5", 800, Means.CARD)
        assert desk_content("PERI", DAY, [card]) == {Means.CARD: 800}
        assert desk_content("PERI", DAY, [card], closed_at=AT) == {}

    def test_every_means_has_its_rule(self) -> None:
        assert set(MEANS) == set(Means)


class TestReports:
    def test_receipts_by_product_and_means_tie_to_what_was_paid(self) -> None:
        invoice = document(1, 1000, 500)
        held = settle(account(invoice), payment("P1", 600, Means.CASH))
        held = settle(held, payment("P2", 1000))
        held = bounce(held, Rejection(FactId("R"), PaymentId("P2"), dt.date(2026, 3, 2), AT, "banque"))
        february = receipts(held.payments, held.allocations, DAY, dt.date(2026, 2, 28), rejections=held.rejections)
        assert [(row.product, row.means, row.amount) for row in february] == [
            (CANTEEN, Means.CASH, 400),
            (CANTEEN, Means.CHEQUE, 600),
            (GARDERIE, Means.CASH, 200),
            (GARDERIE, Means.CHEQUE, 300),
            (None, Means.CHEQUE, 100),
        ]
        march = receipts(
            held.payments, held.allocations, dt.date(2026, 3, 1), dt.date(2026, 3, 31), rejections=held.rejections
        )
        assert sum(row.amount for row in march) == -1000
        ledger = entries(held.invoices, held.payments, held.rejections)
        assert balance(ledger, first=dt.date(2026, 3, 1)).paid == -1000

    def test_outstanding_and_late_payers(self) -> None:
        held = settle(account(document(1, 100), document(2, 50)), payment("P", 120))
        on = DAY + dt.timedelta(days=75)
        sent = [Reminder(FactId("R"), InvoiceId("F2"), 1, on, "agent")]
        (row,) = outstanding([held], on, reminders=sent)
        assert (row.invoice, row.remaining, row.days_late, row.age, row.level) == ("F2", 30, 45, 60, 1)
        late = overdue(held.invoices, held.remaining(), on)
        (payer,) = late_payers(held.invoices, late, on, reminders=sent)
        assert (payer.overdue, payer.invoices, payer.days_late, payer.level) == (30, 1, 45, 1)

    @pytest.mark.parametrize(("days", "band"), [(0, 0), (1, 30), (30, 30), (31, 60), (90, 90), (91, None)])
    def test_ages(self, days: int, band: int | None) -> None:
        assert age_band(days) == band

    def test_a_statement_runs_from_its_opening(self) -> None:
        held = settle(account(document(1, 100)), payment("P", 40, received_on=dt.date(2026, 3, 1)))
        ledger = entries(held.invoices, held.payments)
        said = statement(ledger, H1, dt.date(2026, 3, 1), dt.date(2026, 3, 31))
        assert (said.balance.opening, said.balance.paid, said.balance.remaining) == (100, 40, 60)
        assert [(row.entry.kind, row.balance) for row in said.rows] == [(EntryKind.PAID, 60)]


class TestRecovery:
    INVOICE = document(1, 100)
    LEFT: FrozenMap[InvoiceId, int] = FrozenMap({InvoiceId("F1"): 100})
    DUE = INVOICE.due_on

    def test_late_from_the_day_after_the_due_date(self) -> None:
        assert overdue([self.INVOICE], self.LEFT, self.DUE) == {}
        assert arrears([self.INVOICE], self.LEFT, self.DUE + dt.timedelta(days=1)) == {"H1": 100}

    def test_a_dispute_suspends_until_it_is_closed(self) -> None:
        on = self.DUE + dt.timedelta(days=5)
        dispute = Dispute(FactId("D"), InvoiceId("F1"), self.DUE, "contestée", "famille", closed_on=on)
        assert overdue([self.INVOICE], self.LEFT, on - dt.timedelta(days=1), disputes=[dispute]) == {}
        assert overdue([self.INVOICE], self.LEFT, on, disputes=[dispute]) == self.LEFT

    def test_a_plan_that_is_kept_is_not_late(self) -> None:
        parts = (Instalment(self.DUE, 40), Instalment(self.DUE + dt.timedelta(days=30), 60))
        plan = PaymentPlan(FactId("L"), H1, (InvoiceId("F1"),), parts, DAY, "trésorier")
        on = self.DUE + dt.timedelta(days=3)
        assert overdue([self.INVOICE], {InvoiceId("F1"): 60}, on, plans=[plan]) == {}
        assert overdue([self.INVOICE], self.LEFT, on, plans=[plan]) == {"F1": 40}
        with pytest.raises(MisuseError):
            attrs.evolve(plan, instalments=parts[::-1])

    def test_a_plan_is_kept_late_paid_or_broken(self) -> None:
        parts = (Instalment(self.DUE, 40), Instalment(self.DUE + dt.timedelta(days=30), 60))
        plan = PaymentPlan(FactId("L"), H1, (InvoiceId("F1"),), parts, DAY, "trésorier")
        on = self.DUE + dt.timedelta(days=3)

        def state(left: int, plan: PaymentPlan = plan) -> PlanState:
            return plan_state(plan, {InvoiceId("F1"): left}, on)

        assert [state(left) for left in (100, 61, 60, 0)] == [
            PlanState.LATE, PlanState.LATE, PlanState.KEPT, PlanState.PAID
        ]  # fmt: skip
        assert state(60, attrs.evolve(plan, cancelled_on=on)) is PlanState.CANCELLED

    def test_reminders_by_levels_from_the_due_date(self) -> None:
        levels = [ReminderLevel(1, 10), ReminderLevel(2, 30, after_previous=15)]

        def due(day: int, *sent: Reminder) -> list[int]:
            on = self.DUE + dt.timedelta(days=day)
            return [one.level for one in due_reminders([self.INVOICE], self.LEFT, sent, levels, on)]

        first = Reminder(FactId("R"), InvoiceId("F1"), 1, self.DUE + dt.timedelta(days=20), "agent")
        second = attrs.evolve(first, level=2, on=self.DUE + dt.timedelta(days=40))
        assert (due(9), due(10), due(40)) == ([], [1], [1])
        assert (due(30, first), due(35, first), due(99, first, second)) == ([], [2], [])
        assert due_reminders([self.INVOICE], {}, [], levels, self.DUE + dt.timedelta(days=99)) == ()


def test_allocations_name_their_product() -> None:
    held = settle(account(document(1, 100)), payment("P", 10))
    assert held.allocations == (Allocation("P", held.allocations[0].line, CANTEEN, 10, DAY),)


class TestInKind:
    def entry(self, move: KindMove, units: int, child: ChildId | None = None) -> KindEntry:
        return KindEntry(FactId(f"{move.name}{units}"), H1, child, CANTEEN, move, units, DAY, AT, "agent")

    def test_twelve_meals_are_two_books_and_eight_tickets_left(self) -> None:
        # Ourton: books of 10 meals.
        held = [self.entry(KindMove.BOUGHT, 20), self.entry(KindMove.USED, 12)]
        assert in_kind_left(held, H1, CANTEEN) == {None: 8}
        assert in_kind_left(held, HouseholdId("H2"), CANTEEN) == in_kind_left(held, H1, GARDERIE) == {None: 0}
        with pytest.raises(MisuseError):
            self.entry(KindMove.BOUGHT, 0)

    def test_what_a_child_holds_is_its_own(self) -> None:
        held = [self.entry(KindMove.CARRIED_OVER, 1, ChildId("A")), self.entry(KindMove.BOUGHT, 10)]
        assert in_kind_left(held, H1, CANTEEN) == {None: 10, ChildId("A"): 1}
        used = self.entry(KindMove.USED, 3, ChildId("A"))  # its own first, then those of the household
        assert in_kind_left([*held, used], H1, CANTEEN) == {None: 8, ChildId("A"): 0}
        slot = SlotKey(ChildId("A"), CANTEEN, DAY)
        assert in_kind_left([*held, used], H1, CANTEEN, [slot]) == {None: 9, ChildId("A"): 0}


def test_nobody_is_excluded_before_the_steps() -> None:
    late = {InvoiceId("F1"): 100}
    sent = [Reminder(FactId("R"), InvoiceId("F1"), 1, DAY, "agent")]
    assert not exclusion_possible(late, sent, required=2)
    assert exclusion_possible(late, sent, required=1)
    assert not exclusion_possible(late, sent, required=1, minimum=101)
    assert not exclusion_possible({}, sent, required=0)


def test_households_that_share_a_child_are_billed_together() -> None:
    pairs = [("H3", "C"), ("H1", "A"), ("H2", "B"), ("H4", "A"), ("H5", "B"), ("H5", "A")]
    members = [(HouseholdId(household), ChildId(child)) for household, child in pairs]
    for order in itertools.permutations(members):
        assert families(order) == (("H1", "H2", "H4", "H5"), ("H3",))
