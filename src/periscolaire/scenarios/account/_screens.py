"""« Mes réservations », the basket, « Mes factures »: what a family sees, ticks, validates and pays."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import attrs

from periscolaire import i18n
from periscolaire.access import Operation, require
from periscolaire.billing import OnlineEvent, OnlineEventKind
from periscolaire.booking import (
    AgendaWish,
    Basket,
    Estimate,
    PeriodView,
    Receipt,
    SlotKey,
    basket_words,
    fill,
    period_view,
)
from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.errors import MisuseError
from periscolaire.files import Step, StepKind
from periscolaire.frozen import FrozenMap
from periscolaire.ids import AdultId, FactId, InvoiceId, Key
from periscolaire.operations import (
    PayOnline,
    booking_context,
    check_basket,
    family_invoices,
    household_target,
    invoice_booking,
    notify_online_payment,
    start_online_payment,
    validate,
)
from periscolaire.ports import UnitOfWork
from periscolaire.scenarios._compare import Answer
from periscolaire.scenarios._world import Held
from periscolaire.scenarios.account._hall import CHANNEL, CLERK, Hall
from periscolaire.scenarios.account._letters import Letters

__all__ = ["Screens"]

_ALL = "toutes"


class Screens:
    """One basket for each adult, kept between two steps as a portal keeps it between two pages."""

    def __init__(self, hall: Hall, letters: Letters) -> None:
        self.hall, self.reglement = hall, hall.world.reglement
        self.baskets: dict[AdultId, Basket] = {}
        self.looks: dict[str, Callable[[Step, UnitOfWork], Answer]] = {
            "mes réservations": self.reservations,
            "mon panier": self.basket,
            "mes factures": self.invoices,
            "mes actualités": letters.news,
            "mes demandes": letters.requests,
        }
        self.steps: dict[StepKind, Callable[[Step, UnitOfWork], Answer]] = {
            StepKind.LOOK: lambda step, uow: self.looks[step.target](step, uow),
            StepKind.TICK: self.tick,
            StepKind.AGENDA: self.agenda,
            StepKind.VALIDATE: self.validate,
            StepKind.EMPTY: self.empty,
            StepKind.PAY_ONLINE: self.pay,
        }

    # -- reserving --------------------------------------------------------------------------------------------------

    def reservations(self, step: Step, uow: UnitOfWork) -> Answer:
        """« Vue période »: the weeks of the child, its boxes, and the basket beside them."""
        if step.child is None or not step.days:
            raise MisuseError("« enfant » et « pour » : de qui et quels jours montrer")
        actor, (_, home), now = self.hall.actor(step), self.hall.adult(step), self.hall.now(step)
        child, _ = self.hall.people.children[step.child]
        span = Span(min(step.days), max(step.days))
        require(actor, Operation.VIEW_HOUSEHOLD, household_target(uow, home, span.first))
        context = booking_context(
            uow, home, reglement=self.reglement, span=span, children=[child], channel=step.channel or CHANNEL
        )
        basket = self._basket(step)
        view = period_view(self.reglement, child, span.first, span.last, context, now, basket=basket)
        weeks = tuple(week.label for week in view.weeks)
        return Answer(allowed=True, weeks=weeks, boxes=_boxes(view, span), basket=self._words(basket))

    def basket(self, step: Step, uow: UnitOfWork) -> Answer:
        """What is in the basket, as validating it now would go."""
        basket = self._basket(step)
        if not len(basket):
            return Answer(allowed=True, basket=self._words(basket), price=Decimal(0))
        checked = check_basket(
            basket, uow, actor=self.hall.actor(step), at=self.hall.now(step), reglement=self.reglement,
            channel=step.channel or CHANNEL,
        )  # fmt: skip
        reasons = tuple(reason for verdict in checked.verdicts for reason in verdict.reasons)
        return Answer(
            allowed=checked.accepted, reasons=reasons, why=reasons, basket=self._words(basket),
            price=self._price(checked.estimate),
        )  # fmt: skip

    def tick(self, step: Step, uow: UnitOfWork) -> Answer:
        """Click the boxes: what is free goes into the basket, what is there comes out, what is booked is to cancel."""
        assert step.child is not None, "the reader asks for the child"
        self.hall.actor(step)
        (adult, _), basket = self.hall.adult(step), self._basket(step)
        child, _ = self.hall.people.children[step.child]
        product = self.reglement.product(step.target).code
        for day in step.days:
            key = SlotKey(child, product, day, step.slot or "")
            stored = uow.reservations.find(key)
            basket = basket.toggle(key, stored.model if stored is not None else None)
        self.baskets[adult] = basket
        return self.basket(step, uow)

    def agenda(self, step: Step, uow: UnitOfWork) -> Answer:
        """« Vue Agenda »: a span of days at once; what the règlement does not let through stays out, and is told."""
        assert step.child is not None, "the reader asks for the child"
        self.hall.actor(step)
        adult, home = self.hall.adult(step)
        child, _ = self.hall.people.children[step.child]
        product = self.reglement.product(step.target).code
        wish = AgendaWish((child,), (product,), min(step.days), max(step.days), slot=step.slot or "")
        span, channel = Span(wish.first, wish.last), step.channel or CHANNEL
        context = booking_context(uow, home, reglement=self.reglement, span=span, channel=channel)
        filled = fill(wish, self._basket(step), self.reglement, context, self.hall.now(step))
        self.baskets[adult] = filled.basket
        left_out = tuple(reason for verdict in filled.left_out for reason in verdict.reasons)
        answer = self.basket(step, uow)
        return attrs.evolve(
            answer, allowed=answer.allowed and not left_out, reasons=(*answer.reasons, *left_out),
            why=(*answer.why, *left_out),
        )  # fmt: skip

    def validate(self, step: Step, uow: UnitOfWork) -> Answer:
        """« Valider »: the receipt, with what was refused and why; the invoice of what is paid as it is booked."""
        actor, now = self.hall.actor(step), self.hall.now(step)
        (adult, home), basket = self.hall.adult(step), self._basket(step)
        receipt = validate(
            basket, uow, actor=actor, key=Key(self.hall.make_id()), at=now, reglement=self.reglement,
            channel=step.channel or CHANNEL, make_id=self.hall.make_id,
        )  # fmt: skip
        issued = invoice_booking(receipt, uow, actor=actor, now=now, make_id=self.hall.make_id)
        self._remember(step, receipt)
        self.baskets[adult] = basket.empty()
        reasons = tuple(reason for line in receipt.refused for reason in line.reasons)
        return Answer(
            allowed=not receipt.refused, reasons=reasons, why=reasons, price=self._price(receipt.estimate),
            basket=self._words(self.baskets[adult]),
            invoices=FrozenMap({str(home): self.hall.value(sum(one.total for one in issued))} if issued else {}),
        )  # fmt: skip

    def empty(self, step: Step, uow: UnitOfWork) -> Answer:
        """« Vider »."""
        adult, _ = self.hall.adult(step)
        self.baskets[adult] = self._basket(step).empty()
        return Answer(allowed=True, basket=self._words(self.baskets[adult]))

    def _basket(self, step: Step) -> Basket:
        adult, home = self.hall.adult(step)
        return self.baskets.get(adult) or Basket.of(home)

    def _words(self, basket: Basket) -> tuple[str, ...]:
        return tuple(i18n.text(words) for words in basket_words(basket, self.reglement))

    def _price(self, estimate: Estimate) -> Decimal | None:
        if estimate.unpriced:
            return None
        return self.hall.value(estimate.at_reservation + estimate.at_consumption)

    def _remember(self, step: Step, receipt: Receipt) -> None:
        """Steps decided without the store (prices, presences) go by these bookings too."""
        world = self.hall.world
        for line in receipt.lines:
            slot = world.slot(attrs.evolve(step, target=line.key.product, slot=line.key.slot or None), line.key.day)
            if line.action is Action.CANCEL:
                world.bookings.pop(slot, None)
            else:
                world.bookings[slot] = Held(None, None, line.effect.price if line.effect is not None else None)

    # -- paying -----------------------------------------------------------------------------------------------------

    def invoices(self, step: Step, uow: UnitOfWork) -> Answer:
        """« Mes factures »: those that wait for payment, and the history of those that are settled."""
        _, home = self.hall.adult(step)
        seen = family_invoices(home, uow, actor=self.hall.actor(step), at=self.hall.now(step))
        return Answer(
            allowed=True,
            to_pay=FrozenMap({str(one.invoice.id): self.hall.value(one.left) for one in seen.waiting}),
            settled=tuple(str(one.invoice.id) for one in seen.settled),
            left=self.hall.value(seen.due),
            credit=self.hall.value(seen.credit),
            why=tuple(one.words for one in (*seen.waiting, *seen.settled)),
        )

    def pay(self, step: Step, uow: UnitOfWork) -> Answer:
        """Online: the payment is opened, the payment service is asked, what it says is recorded."""
        actor, now, (_, home) = self.hall.actor(step), self.hall.now(step), self.hall.adult(step)
        waiting = family_invoices(home, uow, actor=actor, at=now).waiting
        chosen = tuple(one.invoice.id for one in waiting) if step.target == _ALL else (InvoiceId(step.target),)
        wanted = PayOnline(home, self.hall.series, chosen)
        started = start_online_payment(wanted, uow, actor=actor, now=now, make_id=self.hall.make_id)
        event = OnlineEvent(
            FactId(self.hall.make_id()), started.reference, OnlineEventKind(step.typed.bank), now,
            started.amount if step.typed.bank == OnlineEventKind.PAID.value else None,
        )  # fmt: skip
        notify_online_payment(event, uow, actor=CLERK, now=now)
        return attrs.evolve(self.invoices(step, uow), allowed=step.typed.bank == OnlineEventKind.PAID.value)


def _boxes(view: PeriodView, span: Span) -> FrozenMap[str, str]:
    """What the boxes of each day show; where a day has several, each after the name of its service."""
    shown: dict[str, str] = {}
    for day in (day for week in view.weeks for day in week.days if span.first <= day.day <= span.last):
        words = [cell.state.value for cell in day.cells]
        if len(words) > 1:
            words = [f"{cell.product_name} : {cell.state.value}" for cell in day.cells]
        shown[day.day.isoformat()] = " ; ".join(words)
    return FrozenMap(shown)
