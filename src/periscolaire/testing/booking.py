"""A state machine that drives a portal's reservations against a naive model.

A portal developer writes the few methods of :class:`Portal` over their own code, and lets Hypothesis look for the day
on which both disagree::

    TestMyPortal = booking_machine(lambda commune: MyPortal(commune)).TestCase

The model shares no code with the engine: a few products with a limit of the form "n days before, at an hour", a
maximum of places a day, and a dictionary of what is booked. It is small enough to be believed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from periscolaire.access import FamilyActor
from periscolaire.booking import (
    Basket,
    CheckPolicy,
    CheckResult,
    Line,
    LineStatus,
    PeriodView,
    Receipt,
    SlotKey,
    State,
    fold_all,
    period_view,
)
from periscolaire.calendar import ClassDays, Span
from periscolaire.catalogue import Action, LimitRule, PlacesRule, Product, parse_limit
from periscolaire.households import Child, Household, Member
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId, Key, ProductCode
from periscolaire.operations import booking_context, check_basket, validate
from periscolaire.ports import Store, UnitOfWork
from periscolaire.reglement import CalendarSettings, Reglement
from periscolaire.storage import MemoryStore

__all__ = ["Commune", "LibraryPortal", "Portal", "SimpleProduct", "booking_machine", "communes"]

_PARIS = ZoneInfo("Europe/Paris")
#: Two weeks of class without a public holiday or a change of clocks, so that the model may stay naive.
_DAYS = tuple(dt.date(2026, 9, 28) + dt.timedelta(days=n) for n in range(12))
_CLASS_WEEKDAYS = (0, 1, 3, 4)
_START = dt.datetime(2026, 9, 25, 8, tzinfo=_PARIS)


@attrs.frozen
class SimpleProduct:
    """A product on class days, booked and cancelled until ``hour`` o'clock (excluded), some days before."""

    code: ProductCode
    book_days: int
    cancel_days: int
    hour: int
    maximum: int

    def product(self) -> Product:
        """The product as the règlement says it."""

        def limit(days: int) -> tuple[LimitRule, ...]:
            written = f"{days} jours avant {self.hour}:00" if days else f"le jour même {self.hour}:00"
            return (LimitRule(parse_limit(written)),)

        return Product(
            code=self.code,
            name=self.code.title(),
            open_days=ClassDays(),
            booking=limit(self.book_days),
            cancellation=limit(self.cancel_days),
            places=(PlacesRule(self.maximum),),
        )


@attrs.frozen
class Commune:
    """A small commune: products, and households with their children."""

    products: tuple[SimpleProduct, ...]
    households: tuple[tuple[HouseholdId, tuple[ChildId, ...]], ...]

    def reglement(self) -> Reglement:
        """Its rules, for the school year 2026-2027 in zone B."""
        return Reglement(
            commune="Trifouillis",
            version="2026-2027",
            first_day=dt.date(2026, 9, 1),
            settings=CalendarSettings(zone="B"),
            products=tuple(product.product() for product in self.products),
        )


@st.composite
def communes(draw: st.DrawFn) -> Commune:
    """Communes of one to three products and one to three households."""
    count = draw(st.integers(1, 3))
    products = tuple(
        SimpleProduct(
            ProductCode(code),
            book_days=draw(st.integers(0, 4)),
            cancel_days=draw(st.integers(0, 4)),
            hour=draw(st.integers(7, 18)),
            maximum=draw(st.integers(0, 3)),
        )
        for code in ("cantine", "garderie", "étude")[:count]
    )
    sizes = draw(st.lists(st.integers(1, 2), min_size=1, max_size=3))
    households = tuple(
        (HouseholdId(f"H{rank}"), tuple(ChildId(f"H{rank}C{child}") for child in range(size)))
        for rank, size in enumerate(sizes)
    )
    return Commune(products, households)


class Portal(Protocol):
    """What the machine asks of a portal. Every instant is aware; every answer is that of the portal's own store."""

    def validate(self, basket: Basket, *, key: Key, at: dt.datetime, whole: bool) -> Receipt:
        """Validate a basket, by its household."""
        ...

    def dry_run(self, basket: Basket, *, at: dt.datetime, whole: bool) -> CheckResult:
        """What validating would do."""
        ...

    def may_book(self, household: HouseholdId, key: SlotKey, *, at: dt.datetime) -> bool:
        """What the period view says of one box."""
        ...

    def states(self) -> Mapping[SlotKey, State]:
        """The state of every reservation there ever was."""
        ...

    def rebuilt(self) -> Mapping[SlotKey, State]:
        """The same, folded again from the recorded changes."""
        ...

    def taken(self, product: ProductCode, day: dt.date) -> int:
        """Places taken."""
        ...


class LibraryPortal:
    """The portal made of this library's own operations over a store."""

    def __init__(self, commune: Commune, store: Store | None = None) -> None:
        self.reglement = commune.reglement()
        self.store = store if store is not None else MemoryStore()
        with self.store.unit() as uow:
            for household, children in commune.households:
                uow.households.save(
                    Household(household, str(household), members=tuple(Member(child) for child in children))
                )
                for child in children:
                    uow.children.save(Child(child, str(household), str(child), dt.date(2018, 1, 1)))
            uow.commit()

    @contextmanager
    def _reading(self) -> Iterator[UnitOfWork]:
        with self.store.unit(write=False) as uow:
            yield uow

    def validate(self, basket: Basket, *, key: Key, at: dt.datetime, whole: bool) -> Receipt:
        with self.store.unit() as uow:
            return validate(
                basket,
                uow,
                actor=_parent(basket.household),
                key=key,
                at=at,
                reglement=self.reglement,
                policy=CheckPolicy(whole=whole),
            )

    def dry_run(self, basket: Basket, *, at: dt.datetime, whole: bool) -> CheckResult:
        with self._reading() as uow:
            return check_basket(
                basket,
                uow,
                actor=_parent(basket.household),
                at=at,
                reglement=self.reglement,
                policy=CheckPolicy(whole=whole),
            )

    def view(
        self, household: HouseholdId, child: ChildId, first: dt.date, last: dt.date, at: dt.datetime
    ) -> PeriodView:
        """The period view of a child."""
        with self._reading() as uow:
            context = booking_context(
                uow, household, reglement=self.reglement, span=Span(first, last), children=[child]
            )
            return period_view(self.reglement, child, first, last, context, at)

    def may_book(self, household: HouseholdId, key: SlotKey, *, at: dt.datetime) -> bool:
        cell = self.view(household, key.child, key.day, key.day, at).cell(key)
        return cell is not None and cell.may_book

    def states(self) -> Mapping[SlotKey, State]:
        with self._reading() as uow:
            return {one.key: one.state for one in uow.reservations.stream(_DAYS[0], _DAYS[-1])}

    def rebuilt(self) -> Mapping[SlotKey, State]:
        with self._reading() as uow:
            return {key: one.state for key, one in fold_all(uow.booking_changes.stream(_DAYS[0], _DAYS[-1])).items()}

    def taken(self, product: ProductCode, day: dt.date) -> int:
        pool = f"{product}/{day.isoformat()}"
        with self._reading() as uow:
            return uow.places.taken([pool]).get(pool, 0)


def _parent(household: HouseholdId) -> FamilyActor:
    return FamilyActor(AccountId(f"a{household}"), AdultId(f"p{household}"), frozenset({household}))


class _Model:
    """What a clerk would note on paper."""

    def __init__(self, commune: Commune) -> None:
        self.products = {product.code: product for product in commune.products}
        self.states: dict[SlotKey, State] = {}

    def taken(self, product: ProductCode, day: dt.date) -> int:
        return sum(
            state is State.CONFIRMED and (key.product, key.day) == (product, day) for key, state in self.states.items()
        )

    def in_time(self, days: int, hour: int, day: dt.date, now: dt.datetime) -> bool:
        return now.replace(tzinfo=None) < dt.datetime.combine(day - dt.timedelta(days=days), dt.time(hour))

    def may_book(self, key: SlotKey, now: dt.datetime) -> bool:
        product = self.products[key.product]
        return (
            key.day.weekday() in _CLASS_WEEKDAYS
            and self.states.get(key) is not State.CONFIRMED
            and self.taken(key.product, key.day) < product.maximum
            and self.in_time(product.book_days, product.hour, key.day, now)
        )

    def may_cancel(self, key: SlotKey, now: dt.datetime) -> bool:
        # Late, it is recorded with its consequence; after the day there is nothing left to cancel.
        return self.states.get(key) is State.CONFIRMED and now.date() <= key.day

    def undoable(self, key: SlotKey, now: dt.datetime) -> bool:
        product = self.products[key.product]
        return self.in_time(product.cancel_days, product.hour, key.day, now)


def booking_machine(make_portal: Callable[[Commune], Portal] = LibraryPortal) -> type[RuleBasedStateMachine]:
    """A state machine class over portals made by ``make_portal``; run its ``TestCase`` with pytest or unittest.

    Laws it attacks: no place above the maximum; what is stored is what its facts fold to; booking then cancelling in
    time restores everything; whole-or-nothing does not depend on the order of lines; a validated basket sent again
    does nothing; the view says "may book" exactly when validating that line alone accepts.
    """

    class BookingMachine(RuleBasedStateMachine):
        @initialize(commune=communes())
        def begin(self, commune: Commune) -> None:
            self.commune = commune
            self.portal = make_portal(commune)
            self.model = _Model(commune)
            self.now = _START
            self.sent: list[tuple[Basket, Key, bool, Receipt]] = []

        # Choices, by rank: what they choose among depends on the commune.

        def pick(self, rank: int, day: int, product: int) -> tuple[HouseholdId, SlotKey]:
            people = [(home, child) for home, children in self.commune.households for child in children]
            home, child = people[rank % len(people)]
            code = self.commune.products[product % len(self.commune.products)].code
            return home, SlotKey(child, code, _DAYS[day])

        def send(self, basket: Basket, whole: bool) -> Receipt:
            key = Key(f"k{len(self.sent)}")
            receipt = self.portal.validate(basket, key=key, at=self.now, whole=whole)
            self.sent.append((basket, key, whole, receipt))
            return receipt

        def note(self, receipt: Receipt) -> None:
            for line in receipt.lines:
                cancelled = line.status is LineStatus.CANCELLED
                self.model.states[line.key] = State.CANCELLED_BY_FAMILY if cancelled else State.CONFIRMED

        @rule(hours=st.integers(1, 60))
        def wait(self, hours: int) -> None:
            self.now += dt.timedelta(hours=hours)

        @rule(rank=st.integers(0, 5), day=st.integers(0, 11), product=st.integers(0, 2))
        def book(self, rank: int, day: int, product: int) -> None:
            home, key = self.pick(rank, day, product)
            expected = self.model.may_book(key, self.now)
            assert self.portal.may_book(home, key, at=self.now) is expected
            receipt = self.send(Basket.of(home).add(Line(Action.BOOK, key)), whole=False)
            assert bool(receipt.lines) is expected
            if receipt.lines:
                assert receipt.lines[0].undoable is self.model.undoable(key, self.now)
            elif self.model.states.get(key) is not State.CONFIRMED:
                assert receipt.refused[0].reasons
            self.note(receipt)

        @rule(rank=st.integers(0, 5), day=st.integers(0, 11), product=st.integers(0, 2))
        def cancel(self, rank: int, day: int, product: int) -> None:
            home, key = self.pick(rank, day, product)
            expected = self.model.may_cancel(key, self.now)
            receipt = self.send(Basket.of(home).add(Line(Action.CANCEL, key)), whole=False)
            assert bool(receipt.lines) is expected
            if receipt.lines and receipt.lines[0].effect is not None:
                assert receipt.lines[0].effect.allows is self.model.undoable(key, self.now)
            self.note(receipt)

        @rule(rank=st.integers(0, 5), day=st.integers(0, 11), product=st.integers(0, 2))
        def book_then_cancel_in_time(self, rank: int, day: int, product: int) -> None:
            home, key = self.pick(rank, day, product)
            if not (self.model.may_book(key, self.now) and self.model.undoable(key, self.now)):
                return
            before = self.portal.taken(key.product, key.day)
            self.note(self.send(Basket.of(home).add(Line(Action.BOOK, key)), whole=False))
            receipt = self.send(Basket.of(home).add(Line(Action.CANCEL, key)), whole=False)
            self.note(receipt)
            assert receipt.lines[0].effect is not None
            assert receipt.lines[0].effect.allows
            assert self.portal.taken(key.product, key.day) == before

        @rule(
            rank=st.integers(0, 5),
            wishes=st.lists(
                st.tuples(st.integers(0, 1), st.integers(0, 11), st.integers(0, 2)), min_size=2, max_size=6, unique=True
            ),
            whole=st.booleans(),
            data=st.data(),
        )
        def send_many(
            self, rank: int, wishes: Sequence[tuple[int, int, int]], whole: bool, data: st.DataObject
        ) -> None:
            homes = self.commune.households
            home, children = homes[rank % len(homes)]
            lines: dict[SlotKey, Line] = {}
            for child, day, product in wishes:
                code = self.commune.products[product % len(self.commune.products)].code
                key = SlotKey(children[child % len(children)], code, _DAYS[day])
                booked = self.model.states.get(key) is State.CONFIRMED
                lines[key] = Line(Action.CANCEL if booked else Action.BOOK, key)
            basket = Basket.of(home).add(*lines.values())
            other = Basket.of(home).add(*data.draw(st.permutations(tuple(lines.values()))))
            dry = self.portal.dry_run(basket, at=self.now, whole=whole)
            assert self.portal.dry_run(other, at=self.now, whole=whole) == dry
            receipt = self.send(other, whole)
            assert {line.key for line in receipt.lines} == {verdict.line.key for verdict in dry.recorded}
            assert {line.key for line in receipt.refused} == {verdict.line.key for verdict in dry.refusals}
            if whole and receipt.refused:
                assert receipt.lines == ()
            self.note(receipt)

        @rule(rank=st.integers(0, 30))
        def send_again(self, rank: int) -> None:
            if not self.sent:
                return
            basket, key, whole, receipt = self.sent[rank % len(self.sent)]
            assert self.portal.validate(basket, key=key, at=self.now, whole=whole) == receipt

        @invariant()
        def nothing_above_the_maximum(self) -> None:
            if not hasattr(self, "model"):
                return
            for product in self.commune.products:
                for day in _DAYS:
                    taken = self.portal.taken(product.code, day)
                    assert taken == self.model.taken(product.code, day)
                    assert taken <= product.maximum

        @invariant()
        def what_is_stored_is_what_the_facts_say(self) -> None:
            if hasattr(self, "model"):
                states = self.portal.states()
                assert states == self.model.states
                assert self.portal.rebuilt() == states

    made: Any = BookingMachine
    return made  # type: ignore[no-any-return]  # a class made here, of the declared base
