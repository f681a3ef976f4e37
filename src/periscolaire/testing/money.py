"""For tests of accounts and desks: movements in any order, against books kept by hand.

:class:`AccountMachine` knows nothing of prices: documents are drawn, so that many more orders of payments, mistakes,
rejections, refunds and acts are tried than where each invoice has to be billed first. :class:`DeskMachine` is the
drawer of a régie: what is in it, banknote by banknote, is what its books and its journal say. :class:`OnlineMachine` is
an online payment whose news come twice, late, in disorder and among news of others.
"""

from __future__ import annotations

import datetime as dt

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from periscolaire.billing import (
    MEANS,
    Account,
    AllocationPolicy,
    CashKind,
    CashMove,
    DepositSlip,
    DeskAccount,
    Instance,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Means,
    OnlineEvent,
    OnlineEventKind,
    OnlinePayment,
    OnlineState,
    Payment,
    Refund,
    Rejection,
    WriteOff,
    WriteOffKind,
    balance,
    bounce,
    close_desk,
    deposit_slip,
    desk_balances,
    entries,
    float_of,
    impute,
    journal,
    online_state,
    outstanding,
    payment_of,
    receipts,
    refund,
    settle,
    to_deposit,
    write_off,
)
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import FactId, HouseholdId, InvoiceId, PaymentId, ProductCode

__all__ = ["AccountMachine", "DeskMachine", "OnlineMachine", "invoice_of"]

_HOUSEHOLD, _SERIES = HouseholdId("H1"), "PERI"
_FIRST = dt.date(2026, 1, 5)
_PRODUCTS = (("cantine", "repas"), ("garderie", "garde"), ("camp", ""))
_BACK = st.integers(0, 15)
_MEANS = st.sampled_from((Means.CASH, Means.CHEQUE, Means.CARD, Means.CESU, Means.DEBIT))


def invoice_of(number: int, amounts: tuple[int, ...], issued_on: dt.date, *, due_days: int = 30) -> Invoice:
    """A document with one line an amount (a meal, care, a camp, and again); below 0 in all it is a credit note."""
    lines = tuple(
        InvoiceLine(
            rank, ProductCode(product), None, (Instance(issued_on, str(rank)),), 1, amount, amount, nature=nature
        )
        for rank, (amount, (product, nature)) in enumerate(
            ((amount, _PRODUCTS[index % 3]) for index, amount in enumerate(amounts)), start=1
        )
    )
    return Invoice(
        id=InvoiceId(f"F{number}"),
        series=_SERIES,
        fiscal_year=issued_on.year,
        number=number,
        kind=InvoiceKind.INVOICE if sum(amounts) >= 0 else InvoiceKind.CREDIT_NOTE,
        payer=_HOUSEHOLD,
        first_day=issued_on,
        last_day=issued_on,
        issued_on=issued_on,
        due_on=issued_on + dt.timedelta(days=due_days),
        lines=lines,
        total=sum(amounts),
    )


class AccountMachine(RuleBasedStateMachine):
    """One account: whatever comes, in whatever order and however late it is recorded, every past day ties.

    ``said`` is the ledger kept by hand: (day, signed amount). Whatever is refused leaves the account as it was.
    """

    def __init__(self) -> None:
        super().__init__()
        self.account = Account(_HOUSEHOLD, _SERIES)
        self.day = _FIRST
        self.said: list[tuple[dt.date, int]] = []
        self.serial = 0

    def _next(self) -> str:
        self.serial += 1
        return f"{self.serial:04}"

    def _at(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(10), tzinfo=dt.UTC)

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        """Time passes."""
        self.day += dt.timedelta(days=days)

    @rule(amounts=st.lists(st.integers(-300, 600).filter(bool), min_size=1, max_size=3), at_once=st.booleans())
    def issue(self, amounts: list[int], at_once: bool) -> None:
        """An invoice, or a credit note; credits settle it at once, or later."""
        document = invoice_of(int(self._next()), tuple(amounts), self.day)
        self.account = attrs.evolve(self.account, invoices=(*self.account.invoices, document))
        self.said.append((self.day, document.total))
        if at_once:
            self.impute()

    @rule()
    def impute(self) -> None:
        """Credits settle what is open; once more changes nothing."""
        self.account = impute(self.account, self.day)
        assert impute(self.account, self.day) == self.account

    @rule(
        means=_MEANS,
        amount=st.integers(1, 2000),
        policy=st.sampled_from(AllocationPolicy),
        back=_BACK,
        named=st.booleans(),
    )
    def pay(self, means: Means, amount: int, policy: AllocationPolicy, back: int, named: bool) -> None:
        """Partial, exact or too much, received some days ago; perhaps for the newest open invoice."""
        before, on = self.account, self.day - dt.timedelta(days=back)
        chosen = tuple(one.id for one in before.pending()[-1:]) if named else ()
        payment = Payment(
            PaymentId(self._next()), _HOUSEHOLD, _SERIES, means, amount, on, self._at(), "régisseur", invoices=chosen
        )
        try:
            self.account = settle(before, payment, policy)
        except MisuseError:
            assert means is Means.CESU  # more than what it may pay
            return
        self.said.append((on, -amount))
        bought = self.account.allocations[len(before.allocations) :]
        assert sum(one.amount for one in bought) + self.account.free()[payment.id] <= amount
        if means is Means.CESU:
            assert all(one.product != "cantine" for one in bought)

    @precondition(lambda self: self.account.payments)
    @rule(pick=st.integers(0, 99), mistake=st.booleans(), back=_BACK)
    def bounce(self, pick: int, mistake: bool, back: int) -> None:
        """A cheque comes back, or a payment was a mistake; whatever was refunded of it, or settled with it."""
        payment = self.account.payments[pick % len(self.account.payments)]
        on = max(payment.received_on, self.day - dt.timedelta(days=back))
        rejection = Rejection(FactId(self._next()), payment.id, on, self._at(), "banque", mistake=mistake)
        gone = payment.id in {one.payment for one in self.account.rejections}
        if gone or not (mistake or MEANS[payment.means].may_bounce):
            self._refused(lambda: bounce(self.account, rejection))
            return
        self.account = bounce(self.account, rejection)
        self.said.append((on, payment.amount))

    @precondition(lambda self: self.account.credit)
    @rule(quarters=st.integers(1, 5), back=st.sampled_from((0, 0, 0, 3, 15)))
    def give_back(self, quarters: int, back: int) -> None:
        """A refund; refused beyond the credit, of today and of the day it is dated."""
        on, amount = self.day - dt.timedelta(days=back), -(-self.account.credit * quarters // 4)
        given = Refund(FactId(self._next()), _HOUSEHOLD, _SERIES, Means.TRANSFER, amount, on, self._at(), "x")
        if amount > min(self.account.credit, self.account.at(on).credit):
            self._refused(lambda: refund(self.account, given))
            return
        self.account = refund(self.account, given)
        self.said.append((on, amount))

    @precondition(lambda self: self.account.pending())
    @rule(kind=st.sampled_from(WriteOffKind), part=st.integers(1, 1200), back=_BACK)
    def give_up(self, kind: WriteOffKind, part: int, back: int) -> None:
        """The oldest debt is written off, remitted or handed over, in part or whole; never more, nor before it was."""
        invoice = self.account.pending()[0]
        on = self.day - dt.timedelta(days=back)
        act = WriteOff(FactId(self._next()), invoice.id, _HOUSEHOLD, _SERIES, kind, part, on, self._at(), "maire")
        if part > self.account.remaining()[invoice.id] or on < self.account.open_since(invoice):
            self._refused(lambda: write_off(self.account, act))
            return
        self.account = write_off(self.account, act)
        self.said.append((on, -part))

    def _refused(self, act: object) -> None:
        assert callable(act)
        try:
            act()
        except ConflictError:
            return
        raise AssertionError("it had to be refused")

    @invariant()
    def every_day_ties(self) -> None:
        """At the end of each day: open invoices − credit + overdrawn = the ledger, kept by hand and by the account."""
        mine = self.account
        ledger = entries(mine.invoices, mine.payments, mine.rejections, mine.refunds, mine.write_offs)
        for day in {self.day, *(day for day, _ in self.said)}:
            held = mine.at(day)
            left = held.remaining()
            owed = sum(left.values()) - held.credit + held.overdrawn
            assert owed == sum(amount for on, amount in self.said if on <= day)
            assert owed == balance(ledger, last=day).remaining
            assert all(amount >= 0 for amount in left.values())
            rows = outstanding([mine], day)
            assert sum(row.remaining for row in rows) == owed + held.credit - held.overdrawn

    @invariant()
    def nothing_is_settled_twice(self) -> None:
        """No invoice is paid beyond what it asks for, and no source gives more than it has."""
        assert all(amount >= 0 for amount in self.account.remaining().values())
        assert all(amount >= 0 for amount in self.account.free().values())
        assert not (self.account.credit and self.account.overdrawn)

    @invariant()
    def receipts_are_what_was_paid(self) -> None:
        """By product and means, what came in is what the ledger calls paid."""
        mine = self.account
        rows = receipts(
            mine.payments, mine.allocations, dt.date.min, dt.date.max, rejections=mine.rejections, refunds=mine.refunds
        )
        ledger = entries(mine.invoices, mine.payments, mine.rejections, mine.refunds, mine.write_offs)
        assert sum(row.amount for row in rows) == balance(ledger).paid


_DRAWER = (Means.CASH, Means.CHEQUE, Means.CESU, Means.VOUCHER)
_IN_BOOKS = {
    Means.CASH: DeskAccount.CASH,
    Means.CHEQUE: DeskAccount.CHEQUES,
    Means.CESU: DeskAccount.VALUES,
    Means.VOUCHER: DeskAccount.VALUES,
}


class DeskMachine(RuleBasedStateMachine):
    """One desk, day after day: ``drawer`` holds what is really in it, by means, ``terminal`` the total of the cards."""

    def __init__(self) -> None:
        super().__init__()
        self.day, self.minute = _FIRST, 0
        self.payments: list[Payment] = []
        self.rejections: list[Rejection] = []
        self.refunds: list[Refund] = []
        self.moves: list[CashMove] = []
        self.slips: list[DepositSlip] = []
        self.drawer: dict[Means, int] = dict.fromkeys(_DRAWER, 0)
        self.terminal = 0
        self.closed_at: dt.datetime | None = None
        self.serial = 0

    def _next(self) -> str:
        self.serial += 1
        return f"{self.serial:04}"

    def _at(self) -> dt.datetime:
        self.minute += 1
        return dt.datetime.combine(self.day, dt.time(0), tzinfo=dt.UTC) + dt.timedelta(minutes=self.minute)

    @rule()
    def next_day(self) -> None:
        """Time passes."""
        self.day, self.minute = self.day + dt.timedelta(days=1), 0

    @rule(means=st.sampled_from((*_DRAWER, Means.CARD, Means.ONLINE)), amount=st.integers(1, 900))
    def receive(self, means: Means, amount: int) -> None:
        """A family pays."""
        self.payments.append(
            Payment(PaymentId(self._next()), _HOUSEHOLD, _SERIES, means, amount, self.day, self._at(), "régisseur")
        )
        if means in self.drawer:
            self.drawer[means] += amount
        elif means is Means.CARD:
            self.terminal += amount

    @precondition(lambda self: self.payments)
    @rule(pick=st.integers(0, 99), mistake=st.booleans())
    def undo(self, pick: int, mistake: bool) -> None:
        """A payment bounces, or never was; what is on a slip is no mistake, and no longer in the drawer."""
        payment = self.payments[pick % len(self.payments)]
        deposited = any(payment.id in slip.payments for slip in self.slips)
        gone = payment.id in {one.payment for one in self.rejections}
        if gone or (deposited and mistake) or not (mistake or MEANS[payment.means].may_bounce):
            return
        self.rejections.append(Rejection(FactId(self._next()), payment.id, self.day, self._at(), "x", mistake=mistake))
        if payment.means in self.drawer and not deposited:
            self.drawer[payment.means] -= payment.amount
        elif payment.means is Means.CARD and (self.closed_at is None or payment.at > self.closed_at):
            self.terminal -= payment.amount

    @rule(means=st.sampled_from((Means.CASH, Means.TRANSFER)), amount=st.integers(1, 300))
    def give_back(self, means: Means, amount: int) -> None:
        """A refund out of the drawer, as far as it goes, or by the bank."""
        if means is Means.CASH and amount > self.drawer[Means.CASH]:
            return
        self.refunds.append(Refund(FactId(self._next()), _HOUSEHOLD, _SERIES, means, amount, self.day, self._at(), "x"))
        if means is Means.CASH:
            self.drawer[Means.CASH] -= amount

    @rule(kind=st.sampled_from(CashKind), amount=st.integers(1, 500))
    def move(self, kind: CashKind, amount: int) -> None:
        """Change comes and goes; a difference is settled (the books then say what is in the drawer)."""
        if kind is CashKind.FLOAT_OUT and amount > float_of(self.moves):
            return
        move = CashMove(FactId(self._next()), _SERIES, kind, amount, self.day, self._at(), "x", "compté deux fois")
        self.moves.append(move)
        self.drawer[Means.CASH] += move.signed

    @rule()
    def hand_over(self) -> None:
        """All that may be handed over goes on a slip; once more there is nothing left to hand over."""
        waiting = to_deposit(self.payments, self.slips, self.rejections)
        try:
            slip = deposit_slip(
                waiting, _SERIES, len(self.slips) + 1, self.day, "x", refunds=self.refunds, slips=self.slips
            )
        except MisuseError:
            return
        self.slips.append(slip)
        for means, amount in slip.totals:
            self.drawer[means] -= amount
        assert slip.total > 0

    @rule(wrong=st.integers(-5, 5))
    def close(self, wrong: int) -> None:
        """What is in the drawer is counted: no difference, or exactly the one that was made."""
        cash = self.drawer[Means.CASH] + wrong
        if min(cash, *self.drawer.values(), self.terminal) < 0:
            return  # money lost for good cannot be counted
        counted = [*self.drawer.items(), (Means.CARD, self.terminal)]
        at = self._at()
        closing = close_desk(
            FactId(self._next()), _SERIES, self.payments,
            [(means, cash if means is Means.CASH else amount) for means, amount in counted],
            self.day, at, "x", rejections=self.rejections, refunds=self.refunds, slips=self.slips, moves=self.moves,
            closed_at=self.closed_at,
        )  # fmt: skip
        assert (closing.difference, len(closing.reasons)) == (wrong, bool(wrong))
        self.closed_at, self.terminal = at, 0

    @invariant()
    def the_journal_says_what_is_in_the_drawer(self) -> None:
        """Double entry adds up to nothing, and each account of the drawer is what is in it."""
        rows = journal(
            self.payments, rejections=self.rejections, refunds=self.refunds, slips=self.slips, moves=self.moves
        )
        balances = desk_balances(rows)
        assert sum(balances.values()) == 0
        for account in set(_IN_BOOKS.values()):
            held = sum(amount for means, amount in self.drawer.items() if _IN_BOOKS[means] is account)
            assert balances[account] == held
        assert balances[DeskAccount.FLOAT] == -float_of(self.moves)
        assert balances[DeskAccount.DEPOSITED] == sum(slip.total for slip in self.slips)

    @invariant()
    def nothing_is_handed_over_twice(self) -> None:
        """Each payment and each refund is on one slip at most."""
        for names in ("payments", "refunds"):
            listed = [one for slip in self.slips for one in getattr(slip, names)]
            assert len(listed) == len(set(listed))


_ENDS = {
    OnlineEventKind.SENT: OnlineState.PENDING,
    OnlineEventKind.PAID: OnlineState.PAID,
    OnlineEventKind.REFUSED: OnlineState.REFUSED,
    OnlineEventKind.ABANDONED: OnlineState.ABANDONED,
    OnlineEventKind.EXPIRED: OnlineState.EXPIRED,
}


class OnlineMachine(RuleBasedStateMachine):
    """One online payment: wherever its news come from, it is paid once or not at all, and nothing undoes money."""

    def __init__(self) -> None:
        super().__init__()
        at = dt.datetime.combine(_FIRST, dt.time(9), tzinfo=dt.UTC)
        self.payment = OnlinePayment("ref000001", _HOUSEHOLD, _SERIES, (InvoiceId("F1"),), 1250, at)
        self.account = settle(
            Account(_HOUSEHOLD, _SERIES, (invoice_of(1, (1250,), _FIRST),)),
            Payment(PaymentId("P0"), _HOUSEHOLD, _SERIES, Means.CASH, 250, _FIRST, at, "régisseur"),
        )
        self.events: list[OnlineEvent] = []
        self.recorded: Payment | None = None

    @rule(kind=st.sampled_from(OnlineEventKind), minute=st.integers(0, 240), place=st.integers(0, 9))
    def hear(self, kind: OnlineEventKind, minute: int, place: int) -> None:
        """News, wherever it comes in; money that came in is recorded the first time, whatever came before."""
        at = self.payment.started_at + dt.timedelta(minutes=minute)
        amount = self.payment.amount if kind is OnlineEventKind.PAID else None
        event = OnlineEvent(FactId(f"{len(self.events):03}"), self.payment.reference, kind, at, amount)
        before = online_state(self.payment, self.events)
        self.events.insert(place % (len(self.events) + 1), event)
        if online_state(self.payment, self.events) is OnlineState.PAID and before is not OnlineState.PAID:
            assert self.recorded is None
            self.recorded = payment_of(self.payment, self.events, _FIRST, at)
            assert self.recorded is not None
            self.account = settle(self.account, self.recorded, received=True)

    @precondition(lambda self: self.events)
    @rule(pick=st.integers(0, 99))
    def hear_again(self, pick: int) -> None:
        """The same news once more changes nothing."""
        again = self.events[pick % len(self.events)]
        before = online_state(self.payment, self.events)
        assert online_state(self.payment, [*self.events, again]) is before

    @rule(minute=st.integers(0, 240))
    def hear_of_another(self, minute: int) -> None:
        """News of another payment is none of this one's."""
        at = self.payment.started_at + dt.timedelta(minutes=minute)
        other = OnlineEvent(FactId("other"), "ref000002", OnlineEventKind.PAID, at, 1)
        assert online_state(self.payment, [*self.events, other]) is online_state(self.payment, self.events)

    @invariant()
    def the_order_of_arrival_does_not_count(self) -> None:
        """Paid if money ever came in, else what the latest news says: whichever came first."""
        found = online_state(self.payment, self.events)
        assert found is online_state(self.payment, self.events[::-1])
        if any(event.kind is OnlineEventKind.PAID for event in self.events):
            assert found is OnlineState.PAID
        elif self.events:
            assert found is _ENDS[max(self.events, key=lambda event: (event.at, event.id)).kind]
        else:
            assert found is OnlineState.STARTED

    @invariant()
    def money_comes_in_once(self) -> None:
        """What was asked is paid once; what another payment had settled meanwhile is a credit."""
        paid = 0 if self.recorded is None else self.payment.amount
        assert sum(one.amount for one in self.account.payments) == 250 + paid
        assert (self.account.owed, self.account.credit) == ((0, 250) if paid else (1000, 0))
