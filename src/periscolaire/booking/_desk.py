"""The desk: one check or view at work. Gathers what a decision needs, asks :func:`decide`, and remembers answers.

Private and short-lived (one call of :func:`check` or of a view), which is why it may remember.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from periscolaire.booking._basket import Line
from periscolaire.booking._context import STAFF, BookingContext
from periscolaire.booking._counters import Use, counters_of, uses, uses_in
from periscolaire.booking._places import Claim, claims, places_left, places_rules
from periscolaire.booking._reservations import Reservation, SlotKey
from periscolaire.calendar import Focus
from periscolaire.catalogue import Action, Counter, PlacesRule, Product, Verb
from periscolaire.clock import require_aware
from periscolaire.facts import Facts, FactValue
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import Amount
from periscolaire.reglement import Context, Decision, Reglement, Request, booking_reads, decide

__all__ = ["ALONE", "Desk", "Surroundings"]

Surroundings = tuple[frozenset[str], int]  # other products of the child that day, days of the product in that week


class Desk:
    """Answers questions about single actions, under one règlement, for one household, at one instant.

    With ``look_ahead``, a refusal also says which day is open instead; ``brief`` leaves out until when a booking could
    then be undone. Neither changes a verdict.
    """

    def __init__(
        self,
        reglement: Reglement,
        context: BookingContext,
        at: dt.datetime,
        *,
        look_ahead: bool = True,
        brief: bool = False,
    ) -> None:
        self.look_ahead = look_ahead
        self.brief = brief
        self.reglement = reglement
        self.context = context
        self.at = require_aware(at)
        self.calendar = reglement.calendar
        self.products = {product.code: product for product in reglement.products}
        reads = booking_reads(reglement)
        #: Whether any rule looks at the other products of the day, or at the other days of the week.
        self.looks_around = not reads.isdisjoint({"same_day_products", "days_in_week"}) or any(
            product.requires or product.excludes for product in reglement.products
        )
        self.known_uses = tuple(uses_in(context.reservations.values()))
        self._dimensions = frozenset(
            name
            for name in ("products", "sites", "schools", "classes")
            if any(getattr(event, name) is not None for event in self.calendar.events)
        ) | ({"schools"} if self.calendar.weeks else frozenset())
        self._days: dict[tuple[ChildId, dt.date], list[SlotKey]] = {}
        self._weeks: dict[tuple[ChildId, ProductCode, tuple[int, int]], list[SlotKey]] = {}
        for key, reservation in context.reservations.items():
            if reservation.state.is_live:
                self._days.setdefault((key.child, key.day), []).append(key)
                self._weeks.setdefault((key.child, key.product, key.day.isocalendar()[:2]), []).append(key)
        self._now = context.facts_at(self.at) if context.facts_at is not None else Facts()
        self._facts: dict[tuple[ChildId, dt.date], Facts] = {}
        self._claims: dict[SlotKey, tuple[Claim, ...]] = {}
        self._counters: dict[ProductCode, tuple[Counter, ...]] = {}
        self._decisions: dict[object, Decision] = {}

    def facts(self, child: ChildId, day: dt.date) -> Facts:
        """The facts of the child that day, those of the calendar included."""
        found = self._facts.get((child, day))
        if found is None:
            found = self.context.facts_of(child, day)
            if self._now:
                found = found.and_(self._now)
            self._facts[child, day] = found
        return found

    def reservation(self, key: SlotKey) -> Reservation | None:
        """The reservation of ``key`` as it stands."""
        return self.context.reservations.get(key)

    def live_on(self, child: ChildId, day: dt.date) -> list[SlotKey]:
        """What is booked, asked for or waiting for the child on that day."""
        return self._days.get((child, day), [])

    def live_in(self, child: ChildId, product: ProductCode, week: tuple[int, int]) -> list[SlotKey]:
        """What is booked, asked for or waiting of the product in that ISO week."""
        return self._weeks.get((child, product, week), [])

    def claims(self, key: SlotKey) -> tuple[Claim, ...]:
        """The places that booking ``key`` takes."""
        found = self._claims.get(key)
        if found is None:
            found = claims(self.products[key.product], key, self.facts(key.child, key.day))
            self._claims[key] = found
        return found

    def counters(self, product: Product) -> tuple[Counter, ...]:
        """The counters of ``product``."""
        found = self._counters.get(product.code)
        if found is None:
            found = self._counters[product.code] = counters_of(product)
        return found

    def used(self, key: SlotKey, pending: Iterable[Use]) -> FrozenMap[str, int]:
        """The state of the product's counters before an action on ``key``, earlier lines of the basket included."""
        counters = self.counters(self.products[key.product])
        if not counters:
            return _NO_COUNTERS
        household = self.context.household
        new = Use("", household, key.child, key.product, key.day)
        earlier = tuple(pending)
        return FrozenMap(
            {counter.name: uses(counter, new, self.known_uses, self.calendar, earlier) for counter in counters}
        )

    def decide(
        self,
        action: Action,
        key: SlotKey,
        line: Line,
        around: Surroundings,
        used: FrozenMap[str, int],
        places_left: int | None,
        spent: Amount = 0,
    ) -> Decision:
        """What the règlement says of ``action`` on ``key``, once ``spent`` was taken from the prepaid account."""
        remembered = (action, key, line.motive, line.mode, around, used, places_left, spent)
        found = self._decisions.get(remembered)
        if found is None:
            found = self._decisions[remembered] = self._decide(action, key, line, around, used, places_left, spent)
        return found

    def _decide(
        self,
        action: Action,
        key: SlotKey,
        line: Line,
        around: Surroundings,
        used: FrozenMap[str, int],
        places_left: int | None,
        spent: Amount,
    ) -> Decision:
        facts = self.facts(key.child, key.day)
        derogations = facts.known("derogations")
        request: dict[str, FactValue] = {
            "author": self.context.author,
            "slot": key.slot,
        }
        if self.looks_around:
            request["same_day_products"], request["days_in_week"] = around
        if self.context.channel is not None:
            request["channel"] = self.context.channel
        if line.motive is not None:
            request["motive"] = line.motive
        if self.context.registration_of is not None:
            registration = self.context.registration_of(key)
            request["registered"] = registration is not None
            if registration is not None:
                request["formula"] = registration.formula.value
        if places_left is not None:
            request["places_left"] = places_left
        balance = facts.known("account_balance")
        if spent and isinstance(balance, Decimal):
            request["account_balance"] = balance - self.reglement.currency.value(spent)
        reservation = self.reservation(key)
        live = reservation is not None and reservation.state.is_live
        request["booked"] = live
        mode = line.mode
        if reservation is not None and live:
            mode = reservation.mode if mode is None else mode
            request["late"] = reservation.late
            if reservation.tier is not None:
                request["tier"] = str(reservation.tier + 1)
        if mode is not None:
            request["mode"] = mode
        return decide(
            Request(
                action=action,
                child=key.child,
                product=key.product,
                day=key.day,
                at=self.at,
                channel=self.context.channel,
                author=self.context.author,
                slot=key.slot or None,
            ),
            Context(
                reglement=self.reglement,
                facts=facts.and_(request),
                counters=used,
                places_left=places_left,
                derogations=derogations if isinstance(derogations, frozenset) else frozenset(),
                events=self.context.events,
            ),
            look_ahead=self.look_ahead and action is not Action.CANCEL,
        )

    def past_limits(self, decision: Decision) -> bool:
        """Staff goes past the règlement's refusal, with a reason."""
        return (
            self.context.derogation is not None
            and self.context.author == STAFF
            and decision.effect.verb in (Verb.REFUSE, Verb.REQUEST, Verb.POSSIBLE)
        )

    # Days and places

    def is_open(self, product: Product, key: SlotKey) -> bool:
        """Whether the product runs on that day for that child: its school, class and site, closures included.

        :raises UnknownYearError: the day is outside the calendar.
        """
        calendar = self.calendar.focused(self._focus(key)) if self._dimensions else self.calendar
        return calendar.is_open(product.open_days, key.day)

    def is_usual(self, product: Product, day: dt.date) -> bool:
        """Whether the product runs on such days, closures put aside."""
        return product.open_days.holds(self.calendar.view(day))

    def _focus(self, key: SlotKey) -> Focus:
        # Only what some event (or some school's own week) tells apart: calendars are built once for each focus.
        facts = self.facts(key.child, key.day)

        def text(name: str, dimension: str) -> str | None:
            value = facts.known(name) if dimension in self._dimensions else None
            return value if isinstance(value, str) else None

        return Focus(
            product=key.product if "products" in self._dimensions else None,
            site=text("site", "sites"),
            school=text("school", "schools"),
            class_name=text("class_name", "classes"),
        )

    def is_live(self, key: SlotKey) -> bool:
        """Whether something is booked, asked for or waiting."""
        reservation = self.reservation(key)
        return reservation is not None and reservation.state.is_live

    def holds_place(self, key: SlotKey) -> bool:
        """Whether a place is taken for ``key``."""
        reservation = self.reservation(key)
        return reservation is not None and reservation.holds_place

    def places_rules(self, key: SlotKey) -> tuple[PlacesRule, ...]:
        """The rules of places that bound ``key``."""
        return places_rules(self.products[key.product], key, self.facts(key.child, key.day))

    def places_left(self, key: SlotKey) -> int | None:
        """Places left for ``key`` as things stand; ``None`` without a maximum."""
        return places_left(self.claims(key), self.context.taken)

    def undo(self, key: SlotKey, line: Line) -> Decision:
        """What cancelling ``key`` would be at this very instant: its close is until when it can be undone."""
        return self.decide(Action.CANCEL, key, line, ALONE, self.used(key, ()), None)


#: Nothing else on that day, nor in that week.
ALONE: Surroundings = (frozenset(), 1)
_NO_COUNTERS: FrozenMap[str, int] = FrozenMap()
