"""For tests of billing: a small commune, Hypothesis strategies, a naive recomputation, and a state machine.

The commune sells a canteen (by quotient, half price from the second child present, the third unplanned meal of the
year and the next ones dearer) and a garderie by started half hours. :func:`naive_amounts` computes every cent of it
again without tariffs, tables or groups; :class:`BillingMachine` lets facts, runs and payments come in any order.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from periscolaire.attendance import Booked, Consumption, Notice, ProofState, Seen, Service, outcome_of
from periscolaire.billing import (
    MEANS,
    Account,
    AllocationPolicy,
    Billed,
    Books,
    FactsOf,
    Invoice,
    Means,
    Options,
    Payment,
    Refund,
    Rejection,
    Run,
    Series,
    Should,
    WriteOff,
    WriteOffKind,
    balance,
    bounce,
    delta,
    desk_balances,
    drafts,
    entries,
    impute,
    invoiced,
    issue,
    journal,
    outstanding,
    receipts,
    refund,
    settle,
    should_bill,
    write_off,
)
from periscolaire.booking import SlotKey
from periscolaire.calendar import ClassDays
from periscolaire.catalogue import Effect, PaymentMode, Product, Surcharge
from periscolaire.facts import Condition, Facts, Op, Test
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, FactId, HouseholdId, PaymentId, ProductCode, TariffCode
from periscolaire.pricing import (
    Band,
    Bands,
    Flat,
    Modified,
    Node,
    Outermost,
    PerUnit,
    Row,
    Rows,
    Tariff,
    TariffVersion,
    Times,
)
from periscolaire.reglement import (
    AbsencePolicy,
    AbsenceRow,
    CalendarSettings,
    CheckingPolicy,
    Consequence,
    Reglement,
    Reglements,
)

__all__ = [
    "ABSENCES",
    "BANDS",
    "CANTEEN",
    "CANTEEN_PRICE",
    "DAYS",
    "FIRST",
    "GARDERIE",
    "GARDERIE_PRICE",
    "LAST",
    "LATE",
    "MONDAY",
    "BillingMachine",
    "bill",
    "books",
    "eaten",
    "facts_of_days",
    "family",
    "flat",
    "is_",
    "naive_amounts",
    "quotient_steps",
    "quotients",
    "reglement",
    "week",
]

CANTEEN, GARDERIE = ProductCode("cantine"), ProductCode("garderie")
#: A late booking costs 2,00 more.
LATE = Effect(price=Surcharge(Decimal("2.00")))
MONDAY = dt.date(2026, 1, 5)
FIRST, LAST = dt.date(2026, 1, 1), dt.date(2026, 1, 31)


def flat(text: str) -> Flat:
    """A price in units of currency."""
    return Flat(Decimal(text))


def is_(fact: str, *values: Any) -> Condition:
    """The fact is one of the values."""
    return Condition((Test(fact, Op.IN, tuple(values)),))


def _at_least(fact: str, value: int) -> Condition:
    return Condition((Test(fact, Op.GE, (value,)),))


BANDS: Node = Bands(
    "quotient",
    (Band(Decimal(600), flat("1.05")), Band(Decimal(1200), flat("2.85")), Band(None, flat("4.10"))),
    missing=Outermost.LAST,
)
CANTEEN_PRICE = TariffVersion(
    first_day=dt.date(2025, 9, 1),
    node=Modified(BANDS, (Times(flat("0.5"), _at_least("rank", 2)),)),
    unplanned=Rows((Row(_at_least("unplanned_rank", 3), flat("11.00")), Row(Condition(), flat("5.50")))),
    reference="art. 5",
)
GARDERIE_PRICE = TariffVersion(first_day=dt.date(2025, 9, 1), node=PerUnit(Decimal(30), flat("1.10")))
ABSENCES = AbsencePolicy((AbsenceRow(Consequence.NOT_DUE, is_("proof", "acceptée"), reference="art. 7"),))


def reglement(
    *,
    version: str = "2025",
    first_day: dt.date = dt.date(2025, 9, 1),
    last_day: dt.date | None = None,
    canteen: TariffVersion = CANTEEN_PRICE,
    garderie: TariffVersion = GARDERIE_PRICE,
    payment: PaymentMode = PaymentMode.CONSUMPTION,
    absence: AbsencePolicy = ABSENCES,
    checking: CheckingPolicy | None = None,
    **more: Any,
) -> Reglement:
    """The règlement of the small commune, with other parts where they are given."""
    return Reglement(
        commune="Essai",
        version=version,
        first_day=first_day,
        last_day=last_day,
        settings=CalendarSettings(zone="B"),
        products=(
            Product(CANTEEN, "Cantine", ClassDays(), kind="restauration", payment=payment),
            Product(GARDERIE, "Garderie", ClassDays(), kind="accueil", payment=payment),
        ),
        tariffs=(Tariff(TariffCode(CANTEEN), (canteen,)), Tariff(TariffCode(GARDERIE), (garderie,))),
        absences=FrozenMap({CANTEEN: absence, GARDERIE: absence}),
        checking=FrozenMap({} if checking is None else {CANTEEN: checking, GARDERIE: checking}),
        **more,
    )


def books(*versions: Reglement) -> Books:
    """The books of these versions, or of the small commune's only one."""
    return Books(Reglements(versions or (reglement(),)))


def eaten(
    child: str,
    day: dt.date,
    *,
    product: ProductCode = CANTEEN,
    household: str = "H1",
    booked: Booked = Booked.CONFIRMED,
    seen: Seen = Seen.PRESENT,
    service: Service = Service.OPEN,
    notice: Notice = Notice.NONE,
    proof: ProofState = ProofState.NONE,
    slot: str = "",
    effect: Effect | None = None,
    **more: Any,
) -> Consumption:
    """A consumption; its outcome is what the table says."""
    return Consumption(
        key=SlotKey(ChildId(child), product, day, slot),
        household=HouseholdId(household),
        outcome=outcome_of(booked, seen, service, notice, proof),
        booked=booked,
        seen=seen,
        service=service,
        notice=notice,
        proof=proof,
        effect=effect,
        facts=(FactId(f"{child}/{product}/{day}/{seen.name}/{proof.name}"),),
        **more,
    )


def week(child: str, first: dt.date = MONDAY, offsets: Iterable[int] = (0, 1, 3, 4)) -> tuple[Consumption, ...]:
    """The canteen on the class days of a week."""
    return tuple(eaten(child, first + dt.timedelta(days=offset)) for offset in offsets)


def quotients(**by_household: int) -> FactsOf:
    """Dated facts that only tell one quotient for each household."""
    return facts_of_days({HouseholdId(name): ((dt.date.min, value),) for name, value in by_household.items()})


def facts_of_days(steps: dict[HouseholdId, tuple[tuple[dt.date, int], ...]]) -> FactsOf:
    """Dated facts that only tell quotients: of each household (first day, value) steps, in order."""

    def facts_of(household: HouseholdId, child: ChildId | None, day: dt.date) -> Facts:
        known = [value for first, value in steps.get(household, ()) if first <= day]
        return Facts(quotient=Decimal(known[-1])) if known else Facts()

    return facts_of


def bill(
    consumptions: Iterable[Consumption],
    facts_of: FactsOf,
    *,
    rules: Books | None = None,
    billed: Billed | None = None,
    first: dt.date = FIRST,
    last: dt.date = LAST,
    on: dt.date = dt.date(2026, 2, 10),
    options: Options | None = None,
) -> tuple[Should, dict[HouseholdId, Any]]:
    """What should be billed, and the lines that bring ``billed`` to it."""
    done = billed if billed is not None else Billed()
    should = should_bill(
        consumptions,
        rules if rules is not None else books(),
        facts_of,
        first=first,
        last=last,
        on=on,
        billed=done,
        options=options if options is not None else Options(),
    )
    return should, delta(should.charges, done, first, last, held=should.held)


# Strategies.

DAYS = tuple(MONDAY + dt.timedelta(days=7 * week + offset) for week in range(3) for offset in (0, 1, 3, 4))
CHILDREN = ("A", "B", "C")


@st.composite
def _one(draw: st.DrawFn, household: str, child: str, product: ProductCode, day: dt.date) -> Consumption:
    booked = draw(
        st.sampled_from(
            (Booked.CONFIRMED, Booked.CONFIRMED, Booked.NONE, Booked.CONFIRMED_LATE, Booked.CANCELLED, Booked.REFUSED)
        )
    )
    seen = draw(st.sampled_from((Seen.PRESENT, Seen.PRESENT, Seen.ABSENT, Seen.UNCHECKED)))
    proof = draw(st.sampled_from(ProofState)) if seen is Seen.ABSENT else ProofState.NONE
    arrival = dt.time(16, 30) if seen is Seen.PRESENT and product == GARDERIE else None
    leaves = draw(st.integers(1, 119)) if arrival is not None else 0
    return eaten(
        child,
        day,
        household=household,
        product=product,
        booked=booked,
        seen=seen,
        proof=proof,
        effect=LATE if booked is Booked.CONFIRMED_LATE else None,
        arrival=arrival,
        departure=dt.time(16 + (30 + leaves) // 60, (30 + leaves) % 60) if arrival is not None else None,
    )


@st.composite
def family(draw: st.DrawFn, household: str = "H1", max_size: int = 14) -> tuple[Consumption, ...]:
    """The consumptions of one family over three weeks, each key once, in any order."""
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(CHILDREN), st.sampled_from((CANTEEN, GARDERIE)), st.sampled_from(DAYS)),
            unique=True,
            max_size=max_size,
        )
    )
    return tuple(draw(_one(household, f"{household}-{child}", product, day)) for child, product, day in keys)


@st.composite
def quotient_steps(draw: st.DrawFn) -> tuple[tuple[dt.date, int], ...]:
    """A quotient that may change once in the month; none at all is none known."""
    values = draw(st.lists(st.sampled_from((0, 600, 601, 1200, 1201, 5000)), max_size=2))
    days = (dt.date.min, dt.date(2026, 1, 13))
    return tuple(zip(days, values, strict=False))


# The naive recomputation.


def naive_amounts(
    consumptions: Iterable[Consumption], steps: tuple[tuple[dt.date, int], ...]
) -> dict[tuple[ChildId, ProductCode, dt.date], int]:
    """What each day of one family of the small commune costs, in cents, computed with nothing but ``if``.

    Days that nobody checked are left out (they are pending); what costs nothing is left out too.
    """
    everything = sorted(consumptions, key=lambda one: (one.key.day, one.key.product != CANTEEN, one.key.child))
    found = {}
    unplanned: dict[tuple[ChildId, ProductCode], int] = {}
    for one in everything:
        came = one.seen is Seen.PRESENT
        booked = one.booked in (Booked.CONFIRMED, Booked.CONFIRMED_LATE)
        if not came and (not booked or one.seen is Seen.UNCHECKED or one.proof is ProofState.ACCEPTED):
            continue
        if one.key.product == GARDERIE:
            cents = _naive_garderie(one)
        elif came and not booked:
            place = (one.key.child, one.key.product)
            unplanned[place] = unplanned.get(place, 0) + 1
            cents = 550 if unplanned[place] <= 2 else 1100
        else:
            cents = _naive_meal(one, everything, steps)
        if booked and one.booked is Booked.CONFIRMED_LATE:
            cents += 200
        found[one.key.child, one.key.product, one.key.day] = cents
    return found


def _naive_garderie(one: Consumption) -> int:
    if one.arrival is None or one.departure is None:
        return 0
    minutes = (one.departure.hour - one.arrival.hour) * 60 + one.departure.minute - one.arrival.minute
    return -(-minutes // 30) * 110


def _naive_meal(one: Consumption, everything: Sequence[Consumption], steps: tuple[tuple[dt.date, int], ...]) -> int:
    known = [value for first, value in steps if first <= one.key.day]
    price = Decimal("4.10")
    if known and known[-1] <= 600:
        price = Decimal("1.05")
    elif known and known[-1] <= 1200:
        price = Decimal("2.85")
    elder = {
        other.key.child
        for other in everything
        if other.key.day == one.key.day and other.seen is Seen.PRESENT and other.key.child < one.key.child
    }
    if elder:
        price /= 2
    return int((price * 100).quantize(Decimal(1), ROUND_HALF_UP))


# The state machine.

_SERIES = Series("PERI")
_HOUSEHOLDS = ("H1", "H2")


class BillingMachine(RuleBasedStateMachine):
    """Facts, runs, payments, rejections, refunds and write-offs in any order; the books are right at every moment.

    Subclass it or run its ``TestCase`` to hold another implementation of the same steps to the same laws.
    """

    def __init__(self) -> None:
        super().__init__()
        self.day = dt.date(2026, 2, 10)
        self.known: dict[SlotKey, Consumption] = {}
        self.steps: dict[HouseholdId, tuple[tuple[dt.date, int], ...]] = {}
        self.accounts = {HouseholdId(name): Account(HouseholdId(name), "PERI") for name in _HOUSEHOLDS}
        self.books = books()
        self.serial = 0

    def _next(self) -> str:
        self.serial += 1
        return f"{self.serial:04}"

    def _at(self) -> dt.datetime:
        return dt.datetime.combine(self.day, dt.time(10), tzinfo=dt.UTC)

    @property
    def invoices(self) -> tuple[Invoice, ...]:
        """Every document issued so far, in order of number."""
        held = [invoice for account in self.accounts.values() for invoice in account.invoices]
        return tuple(sorted(held, key=lambda invoice: invoice.number))

    def _mine(self, household: HouseholdId) -> list[Consumption]:
        return [one for one in self.known.values() if one.household == household]

    @initialize(first=quotient_steps(), second=quotient_steps())
    def set_quotients(self, first: tuple[tuple[dt.date, int], ...], second: tuple[tuple[dt.date, int], ...]) -> None:
        self.steps = dict(zip(self.accounts, (first, second), strict=True))

    @rule(facts=st.sampled_from(_HOUSEHOLDS).flatmap(lambda name: family(name, max_size=6)))
    def learn(self, facts: tuple[Consumption, ...]) -> None:
        """Facts come late, and correct former ones."""
        self.known.update((one.key, one) for one in facts)

    @rule(household=st.sampled_from(_HOUSEHOLDS))
    def forget_a_presence(self, household: str) -> None:
        """A check is taken back: the day is unknown, and what was billed for it stands."""
        for one in self._mine(HouseholdId(household))[:1]:
            self.known[one.key] = eaten(
                one.key.child, one.key.day, household=household, product=one.key.product, seen=Seen.UNCHECKED
            )

    @rule()
    def run(self) -> None:
        """Bill everything that was learnt; a second run finds nothing to do."""
        lines = {}
        for household in self.accounts:
            _, mine = self._bill(household)
            lines.update(mine)
        run = Run(f"run-{self._next()}", FIRST, LAST, self.day)
        documents = drafts(lines, [_SERIES], run)
        for invoice in issue(documents, _SERIES, run, next_number=len(self.invoices) + 1):
            account = self.accounts[invoice.payer]
            self.accounts[invoice.payer] = attrs.evolve(account, invoices=(*account.invoices, invoice))
        for household, account in self.accounts.items():
            assert self._bill(household)[1] == {}
            self.accounts[household] = impute(account, self.day)

    def _bill(self, household: HouseholdId) -> tuple[Should, dict[HouseholdId, Any]]:
        return bill(
            self._mine(household),
            facts_of_days(self.steps),
            rules=self.books,
            billed=Billed(self.accounts[household].invoices),
            on=self.day,
        )

    @rule(
        household=st.sampled_from(_HOUSEHOLDS),
        means=st.sampled_from((Means.CASH, Means.CHEQUE, Means.ONLINE)),
        amount=st.integers(1, 4000),
        policy=st.sampled_from(AllocationPolicy),
        days=st.integers(0, 20),
    )
    def pay(self, household: str, means: Means, amount: int, policy: AllocationPolicy, days: int) -> None:
        """Partial, exact or too much; received some days ago, perhaps before the invoice was issued."""
        mine = HouseholdId(household)
        on = self.day - dt.timedelta(days=days)
        payment = Payment(PaymentId(self._next()), mine, "PERI", means, amount, on, self._at(), "régisseur")
        self.accounts[mine] = settle(self.accounts[mine], payment, policy)

    @precondition(lambda self: any(account.payments for account in self.accounts.values()))
    @rule(household=st.sampled_from(_HOUSEHOLDS))
    def reject(self, household: str) -> None:
        """A cheque comes back."""
        account = self.accounts[HouseholdId(household)]
        gone = {rejection.payment for rejection in account.rejections}
        for payment in account.payments:
            if MEANS[payment.means].may_bounce and payment.id not in gone:
                rejection = Rejection(FactId(self._next()), payment.id, self.day, self._at(), "banque")
                self.accounts[account.household] = bounce(account, rejection)
                return

    @rule(household=st.sampled_from(_HOUSEHOLDS), days=st.integers(0, 20))
    def undo(self, household: str, days: int) -> None:
        """The last payment was recorded by mistake, whatever its means; this is dated back, as far as it may be."""
        account = self.accounts[HouseholdId(household)]
        gone = {rejection.payment for rejection in account.rejections}
        for payment in [one for one in account.payments if one.id not in gone][-1:]:
            on = max(payment.received_on, self.day - dt.timedelta(days=days))
            rejection = Rejection(FactId(self._next()), payment.id, on, self._at(), "régisseur", "erreur", mistake=True)
            self.accounts[account.household] = bounce(account, rejection)

    @rule(household=st.sampled_from(_HOUSEHOLDS))
    def give_back(self, household: str) -> None:
        """Half of a credit is refunded."""
        account = self.accounts[HouseholdId(household)]
        amount = (account.credit + 1) // 2
        if amount > 0:
            given = Refund(
                FactId(self._next()), account.household, "PERI", Means.TRANSFER, amount, self.day, self._at(), "x"
            )
            self.accounts[account.household] = refund(account, given)

    @rule(household=st.sampled_from(_HOUSEHOLDS), kind=st.sampled_from(WriteOffKind))
    def give_up(self, household: str, kind: WriteOffKind) -> None:
        """The oldest debt is written off, remitted or handed over."""
        account = self.accounts[HouseholdId(household)]
        for invoice in account.pending()[:1]:
            left = account.remaining()[invoice.id]
            act = WriteOff(
                FactId(self._next()), invoice.id, account.household, "PERI", kind, left, self.day, self._at(), "x"
            )
            self.accounts[account.household] = write_off(account, act)

    @rule(days=st.integers(1, 20))
    def wait(self, days: int) -> None:
        """Time passes."""
        self.day += dt.timedelta(days=days)

    @invariant()
    def invoices_are_their_lines(self) -> None:
        for invoice in self.invoices:
            assert invoice.total == sum(line.amount for line in invoice.lines)
        assert [invoice.number for invoice in self.invoices] == list(range(1, len(self.invoices) + 1))

    @invariant()
    def every_charge_has_facts(self) -> None:
        assert all(line.evidence and line.steps for invoice in self.invoices for line in invoice.lines)

    @invariant()
    def billed_once_and_no_more(self) -> None:
        """What stands billed is, key by key, at most what the naive recomputation says of some moment of the past."""
        for account in self.accounts.values():
            billed = Billed(account.invoices)
            for key in billed.keys():  # noqa: SIM118 - Billed is not a mapping
                assert billed.net(key) == sum(billed.line(ref).unit for ref in billed.standing(key))

    @invariant()
    def books_balance(self) -> None:
        """opening + invoiced − credited − paid = remaining, per household and in total, today and before."""
        ledger = self._ledger()
        remaining = 0
        for household, account in self.accounts.items():
            left = sum(account.remaining().values()) - account.credit + account.overdrawn
            assert balance(ledger, household=household).remaining == left
            assert all(amount >= 0 for amount in account.remaining().values())
            assert account.credit >= 0
            assert not account.credit or not account.overdrawn
            remaining += left
        assert balance(ledger).remaining == remaining
        middle = FIRST + (self.day - FIRST) / 2
        before, after = balance(ledger, last=middle), balance(ledger, first=middle + dt.timedelta(days=1))
        assert after.opening == before.remaining
        assert after.remaining == remaining

    def _ledger(self) -> Any:
        accounts = self.accounts.values()
        return entries(
            self.invoices,
            [payment for account in accounts for payment in account.payments],
            [rejection for account in accounts for rejection in account.rejections],
            [given for account in accounts for given in account.refunds],
            [act for account in accounts for act in account.write_offs],
        )

    @invariant()
    def every_past_day_ties(self) -> None:
        """The account of a past day owes what the ledger said that day."""
        ledger = self._ledger()
        for household, account in self.accounts.items():
            for day in {one.day for one in ledger if one.household == household}:
                held = account.at(day)
                left = sum(held.remaining().values()) - held.credit + held.overdrawn
                assert balance(ledger, household=household, last=day).remaining == left
                assert all(amount >= 0 for amount in held.remaining().values())

    @invariant()
    def reports_tie(self) -> None:
        accounts = tuple(self.accounts.values())
        payments = [payment for account in accounts for payment in account.payments]
        rejections = [rejection for account in accounts for rejection in account.rejections]
        refunds = [given for account in accounts for given in account.refunds]
        total = balance(self._ledger())
        rows = receipts(
            payments,
            [allocation for account in accounts for allocation in account.allocations],
            FIRST,
            self.day,
            rejections=rejections,
            refunds=refunds,
        )
        assert sum(row.amount for row in rows) == total.paid
        assert sum(row.amount for row in invoiced(self.invoices, FIRST, self.day)) == sum(
            invoice.total for invoice in self.invoices
        )
        due = sum(row.remaining for row in outstanding(accounts, self.day))
        assert due - sum(account.credit - account.overdrawn for account in accounts) == total.remaining
        books_of_desk = desk_balances(journal(payments, rejections=rejections, refunds=refunds))
        assert sum(books_of_desk.values()) == 0
