"""What happens in a small city, and its runs: after each, every key bears what the naive recomputation says."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from periscolaire.access import Role, StaffActor
from periscolaire.billing import Invoice, InvoiceLine
from periscolaire.booking import Line, SlotKey
from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.households import (
    Child,
    Custody,
    DatedFact,
    EvenOddWeeks,
    Household,
    Member,
    Payer,
    Shares,
)
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.operations import (
    AbsenceTold,
    BookingRequest,
    DoorLine,
    DoorList,
    ProofHandedIn,
    bill,
    check_door_list,
    decide_proof,
    decide_requests,
    hand_in_proof,
    prepare_run,
    publish_reglement,
    record_facts,
    record_people,
    run_billing,
    tell_absence,
)
from periscolaire.ports import JOURNALS, Store, UnitOfWork
from periscolaire.storage import MemoryStore
from periscolaire.testing.city._naive import CHILDREN, HALF, MOVES, Known, Slot, Stay, nets, owed
from periscolaire.testing.city._sheet import FIRST_DAY, Sheet, sheets
from periscolaire.testing.city._stores import SideBySide

__all__ = ["CLERK", "HOMES", "LifeMachine"]

PARIS = ZoneInfo("Europe/Paris")
CLERK = StaffActor("régie", frozenset({Role.ADMINISTRATOR}))
PRODUCTS = ("cantine", "garderie", "étude")
HOMES = ("H1", "H2", "H3")
#: Few, so that facts meet: two months, odd and even weeks, before and after a move and a vote.
DAYS = tuple(dt.date(2025, 11, day) for day in (20, 24, 25, 27)) + tuple(dt.date(2025, 12, day) for day in (1, 4))
PERIODS = {
    "novembre": Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30)),
    "décembre": Span(dt.date(2025, 12, 1), dt.date(2025, 12, 31)),
    "un jour": Span(dt.date(2025, 11, 24), dt.date(2025, 11, 24)),
    "à cheval": Span(dt.date(2025, 11, 20), dt.date(2025, 12, 5)),
}
#: When a wish may arrive: days before the service, then hour and minute.
MOMENTS = ((9, 12, 0), (1, 9, 59), (1, 10, 0), (1, 17, 59), (1, 18, 0), (0, 8, 59), (0, 9, 0), (0, 15, 0))
#: How many families are billed at once; ``None``: all, in one transaction.
_CUTS = st.none() | st.integers(1, 3)
_PEOPLE = {"H1": ("A", "B", "S"), "H2": ("C", "D", "S"), "H3": ("D",)}


class LifeMachine(RuleBasedStateMachine):
    """See the module. :meth:`make_stores` says on which stores; they live side by side and must answer alike."""

    def make_stores(self) -> Sequence[Store]:
        """The stores to attack, empty."""
        return (MemoryStore(),)

    def __init__(self) -> None:
        super().__init__()
        self.stores = SideBySide(self.make_stores())
        self.now = dt.datetime(2025, 12, 20, 8, tzinfo=dt.UTC)
        self.versions: list[tuple[dt.date, Sheet]] = []
        self.known = Known()
        self.billed: dict[tuple[str, str, str, dt.date], int] = {}
        self.serial = 0

    def teardown(self) -> None:
        """Close the stores."""
        self.stores.close()

    # -- who, and by which rules -----------------------------------------------------------------------------------

    @initialize(sheet=sheets(), custody=st.sampled_from(("H1", "weeks", "halves")))
    def settle(self, sheet: Sheet, custody: str) -> None:
        """Three households, five children, a règlement."""
        self.versions = [(FIRST_DAY, sheet)]
        self.known.custody = custody
        self.stores.act(self._settled)

    def _settled(self, uow: UnitOfWork, make_id: Callable[[], str]) -> None:
        publish_reglement(self.versions[0][1].text("v1"), uow, actor=CLERK, now=self.now)
        children = [
            Child(ChildId(code), "Éprouvé", code, dt.date(2014 + number, 2, 28)) for number, code in enumerate(CHILDREN)
        ]
        homes = [
            Household(HouseholdId(home), home, members=tuple(map(self._member(home), _PEOPLE[home]))) for home in HOMES
        ]
        record_people(homes, children, uow, actor=CLERK, at=self.now, channel="mairie")
        h1, h2 = HouseholdId("H1"), HouseholdId("H2")
        if self.known.custody == "weeks":
            uow.custodies.append([Custody(ChildId("S"), EvenOddWeeks(h1, h2), FIRST_DAY)])
        if self.known.custody == "halves":
            uow.custodies.append([Custody(ChildId("S"), Shares((Payer(h1, HALF), Payer(h2, HALF))), FIRST_DAY)])

    def _member(self, home: str) -> Callable[[str], Member]:
        def member(child: str) -> Member:
            if child == "D":
                eve = MOVES - dt.timedelta(days=1)
                return Member(ChildId(child), None, eve) if home == "H2" else Member(ChildId(child), MOVES)
            if child == "S" and home == "H2" and self.known.custody == "H1":
                return Member(ChildId(child), None, dt.date(2025, 8, 31))
            return Member(ChildId(child))

        return member

    @precondition(lambda self: len(self.versions) == 1)
    @rule(data=st.data(), first_day=st.sampled_from((dt.date(2025, 11, 25), dt.date(2025, 12, 1))))
    def vote(self, data: st.DataObject, first_day: dt.date) -> None:
        """The council votes a new version, from a day that may have been billed already."""
        sheet = data.draw(sheets(like=self.versions[0][1]))
        self.stores.act(
            lambda uow, make_id: publish_reglement(sheet.text("v2", first_day), uow, actor=CLERK, now=self.now)
        )
        self.versions.append((first_day, sheet))

    def _tick(self, minutes: int = 1) -> dt.datetime:
        self.now += dt.timedelta(minutes=minutes)
        return self.now

    def _sheet_on(self, day: dt.date) -> Sheet:
        return [sheet for first, sheet in self.versions if first <= day][-1]

    def _next(self) -> str:
        self.serial += 1
        return f"x{self.serial:05}"

    # -- what happens ----------------------------------------------------------------------------------------------

    @rule(
        children=st.sets(st.sampled_from(CHILDREN), min_size=1),
        product=st.sampled_from(PRODUCTS),
        days=st.sets(st.sampled_from(DAYS), min_size=1, max_size=4),
        moments=st.tuples(st.sampled_from(MOMENTS), st.none() | st.sampled_from(MOMENTS)),
    )
    def ask(
        self,
        children: set[str],
        product: str,
        days: set[dt.date],
        moments: tuple[tuple[int, int, int], tuple[int, int, int] | None],
    ) -> None:
        """Wishes to book, and sometimes to cancel later, around the limits and at the very minute."""
        requests, expected = [], {}
        for child, day in itertools.product(sorted(children), sorted(days)):
            stay = self.known.stays.get((child, product, day), Stay())
            if stay.held:
                continue
            asked = [(Action.BOOK, _instant(day, moments[0]))]
            if moments[1] is not None and _instant(day, moments[1]) > asked[0][1]:
                asked.append((Action.CANCEL, _instant(day, moments[1])))
            key = SlotKey(ChildId(child), ProductCode(product), day)
            requests += [BookingRequest(Line(action, key), at) for action, at in asked]
            self.known.stays[child, product, day], refused = _decided(stay, asked, product, day, self._sheet_on(day))
            expected.update({(action, key): no for (action, _), no in zip(asked, refused, strict=True)})
        decided = self.stores.act(lambda uow, make_id: decide_requests(requests, uow, actor=CLERK, make_id=make_id))
        assert {(one.verdict.line.action, one.key): one.verdict.refused for one in decided} == expected

    @rule(
        product=st.sampled_from(PRODUCTS),
        day=st.sampled_from(DAYS),
        marks=st.dictionaries(
            st.sampled_from(CHILDREN), st.sampled_from((True, True, False, None)), min_size=1, max_size=4
        ),
        leaves=st.integers(1, 150),
        complete=st.booleans(),
    )
    def check(self, product: str, day: dt.date, marks: dict[str, bool | None], leaves: int, complete: bool) -> None:
        """A door list is checked, corrected, or taken back."""
        evening = product == "garderie"
        start, end = dt.time(16, 30), (dt.datetime.combine(day, dt.time(16, 30)) + dt.timedelta(minutes=leaves)).time()
        lines = tuple(
            DoorLine(ChildId(child), here, start if here and evening else None, end if here and evening else None)
            for child, here in sorted(marks.items())
        )
        door = DoorList(ProductCode(product), day, lines, complete=complete)
        now = self._tick()
        self.stores.act(lambda uow, make_id: check_door_list(door, uow, actor=CLERK, now=now, make_id=make_id))
        for child, here in marks.items():
            stay = self.known.stays.setdefault((child, product, day), Stay())
            stay.present, stay.leaves = here, leaves
        if complete:
            for (child, what, on), stay in self.known.stays.items():
                if (what, on) == (product, day) and stay.booked and child not in marks:
                    stay.present = False

    @rule(child=st.sampled_from(CHILDREN), first=st.sampled_from(DAYS), days=st.integers(0, 3), accepted=st.booleans())
    def prove(self, child: str, first: dt.date, days: int, accepted: bool) -> None:
        """A proof arrives, late, and is decided."""
        last = first + dt.timedelta(days=days)

        def act(uow: UnitOfWork, make_id: Callable[[], str]) -> None:
            handed = ProofHandedIn(ChildId(child), first, last, "certificat")
            proof = hand_in_proof(handed, uow, actor=CLERK, now=self._tick(0), make_id=make_id)
            decide_proof(ChildId(child), proof.id, uow, accepted=accepted, actor=CLERK, now=self.now)

        self._tick()
        self.stores.act(act)
        if accepted:
            self.known.proved.update((child, first + dt.timedelta(days=offset)) for offset in range(days + 1))

    @rule(child=st.sampled_from(CHILDREN), day=st.sampled_from(DAYS))
    def tell(self, child: str, day: dt.date) -> None:
        """A family says that a child was not there."""
        now, told = self._tick(), AbsenceTold(ChildId(child), day, day)
        self.stores.act(lambda uow, make_id: tell_absence(told, uow, actor=CLERK, now=now, make_id=make_id))
        self.known.told.add((child, day))

    @rule(
        home=st.sampled_from(HOMES),
        value=st.sampled_from((0, 600, 601, 1200, 1201, 5000)),
        first=st.sampled_from((FIRST_DAY, dt.date(2025, 11, 26), dt.date(2025, 12, 1))),
    )
    def declare(self, home: str, value: int, first: dt.date) -> None:
        """A quotient is known late, from any day on."""
        now = self._tick()
        fact = DatedFact(HouseholdId(home), "quotient", Decimal(value), first, None, now, id=FactId(self._next()))
        self.stores.act(lambda uow, make_id: record_facts([fact], uow, actor=CLERK, at=now, channel="mairie"))
        self.known.quotients.setdefault(home, []).append((first, value))

    @rule(days=st.integers(1, 40))
    def wait(self, days: int) -> None:
        """Time passes, a year ends."""
        self.now += dt.timedelta(days=days)

    # -- runs ------------------------------------------------------------------------------------------------------

    @rule(period=st.sampled_from(sorted(PERIODS)), at_once=_CUTS, beside=_CUTS)
    def run(self, period: str, at_once: int | None, beside: int | None = None) -> None:
        """Bill, in one transaction or in parts: every key then bears what it should, and a second run says nothing.

        Stores that stand beside the first are cut in another way; their documents must be the same.
        """
        span, now = PERIODS[period], self._tick()
        before, pins = self.billed, self._pins()
        cuts = itertools.chain((at_once,), itertools.repeat(beside))

        def billed(store: Store, make_id: Callable[[], str]) -> object:
            cut = next(cuts)
            if cut is not None:
                report = run_billing(
                    span, store, actor=CLERK, issued_on=now.date(), now=now, at_once=cut, make_id=make_id
                )
                return report.invoices, report.total
            with store.unit() as uow:
                invoices, _ = bill(span, uow, actor=CLERK, issued_on=now.date(), now=now, make_id=make_id)
                uow.commit()
            return len(invoices), sum(one.total for one in invoices)

        self.stores.each(billed)
        self.billed = self._billed()
        self._every_key_bears_what_it_should(span, before, pins)
        self._every_line_has_its_facts()

    def _every_key_bears_what_it_should(
        self, span: Span, before: dict[tuple[str, str, str, dt.date], int], pins: dict[Slot, Sheet]
    ) -> None:
        run = self.stores.read(lambda uow: prepare_run(span, uow, actor=CLERK, issued_on=self.now.date()).drafts)
        assert all(draft.carried_over for draft in run), "a second run would issue something"
        found = nets((*_keyed(self.billed), *(row for draft in run for row in _rows(draft.payer, draft.lines))))
        expected = owed(self.known, lambda *slot: pins.get(slot) or self._sheet_on(slot[2]), span.last, pins.keys())
        keys = found.keys() | expected.cents.keys()
        for key in keys:
            if key[1:] in expected.waiting and key not in expected.cents:
                assert found.get(key, 0) == before.get(key, 0), f"{key} waits, and stands as it was"
            elif key[3] <= span.last or (key[1:] in pins and self._sheet_on(key[3]).is_prepaid(key[2])):
                assert found.get(key, 0) == expected.cents.get(key, 0), key
            else:
                assert found.get(key, 0) == before.get(key, 0), f"{key} is after the period"

    def _every_line_has_its_facts(self) -> None:
        """What a line rests on is in a journal: nothing is billed out of nothing."""
        known = self.stores.read(
            lambda uow: {getattr(fact, "id", "") for name in JOURNALS for fact in getattr(uow, name).stream()}
        )
        for invoice in self.invoices():
            for line in invoice.lines:
                assert line.evidence, line
                assert known.issuperset(line.evidence), line

    def _pins(self) -> dict[Slot, Sheet]:
        """Which version each key was billed by last."""
        pins = {}
        for invoice in self.invoices():
            for line in invoice.lines:
                if line.quantity > 0 and line.tariff is not None:
                    for day in line.days:
                        sheet = self.versions[int(line.tariff.reglement[1:]) - 1][1]
                        pins[str(line.child or ""), str(line.product), day] = sheet
        return pins

    def _billed(self) -> dict[tuple[str, str, str, dt.date], int]:
        return nets(row for invoice in self.invoices() for row in _rows(invoice.payer, invoice.lines))

    def invoices(self) -> tuple[Invoice, ...]:
        """Every document, in order of issue."""
        return self.stores.read(
            lambda uow: tuple(
                sorted(
                    (stored.model for stored in uow.invoices.stream()),
                    key=lambda one: (one.fiscal_year, one.series, one.number),
                )
            )
        )


def _rows(payer: str, lines: Iterable[InvoiceLine]) -> Iterable[tuple[str, str, str, dt.date, int]]:
    for line in lines:
        for day in line.days:
            yield payer, str(line.child or ""), str(line.product), day, line.unit if line.quantity > 0 else -line.unit


def _keyed(
    amounts: dict[tuple[str, str, str, dt.date], int],
) -> Iterable[tuple[str, str, str, dt.date, int]]:
    return ((*key, cents) for key, cents in amounts.items())


def _instant(day: dt.date, moment: tuple[int, int, int]) -> dt.datetime:
    before, hour, minute = moment
    return dt.datetime.combine(day - dt.timedelta(days=before), dt.time(hour, minute), tzinfo=PARIS)


def _decided(
    before: Stay, asked: list[tuple[Action, dt.datetime]], product: str, day: dt.date, sheet: Sheet
) -> tuple[Stay, list[bool]]:
    """What the wishes make of a slot that nobody holds, and which of them are refused, by the wall clock."""
    stay, refused = attrs.evolve(before, late=0), []
    eve = day - dt.timedelta(days=1)
    for action, at in asked:
        wall = (at.date(), at.time())
        if action is Action.BOOK:
            limit = (eve, dt.time(10 if product == "cantine" else 18))
            in_time, again = wall < limit, product == "cantine" and wall < (day, dt.time(9))
            refused.append(not in_time and not again)
            stay.booked, stay.late = in_time or again, 0 if in_time else sheet.late * again
            stay.withdrawn = stay.withdrawn and not stay.booked
        else:
            in_time = wall < (eve, dt.time(10 if product == "cantine" else 18))
            refused.append(not (stay.booked or stay.withdrawn))  # done already: said again, not refused
            if stay.booked:  # too late, it is recorded with its consequence: due
                stay.booked, stay.cancelled_late, stay.withdrawn = False, not in_time, True
                stay.late = 0 if in_time else stay.late
    return stay, refused
