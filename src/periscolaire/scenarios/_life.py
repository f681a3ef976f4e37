"""The whole life of a commune in a scenario: what steps say is recorded through the use cases, billed and collected."""

from __future__ import annotations

import calendar
import datetime as dt
import itertools
from collections.abc import Callable
from decimal import Decimal

import attrs

from periscolaire.access import Role, StaffActor
from periscolaire.billing import Means, Payment, Selection
from periscolaire.booking import Line, SlotKey
from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.errors import AccessDeniedError, ConflictError, MisuseError, NotFoundError
from periscolaire.files import Step, StepKind, write_reglement
from periscolaire.frozen import FrozenMap
from periscolaire.ids import HouseholdId, PaymentId, ProductCode
from periscolaire.money import Amount
from periscolaire.operations import (
    AbsenceTold,
    BookingRequest,
    DoorLine,
    DoorList,
    ProofHandedIn,
    Refunded,
    bill,
    check_door_list,
    decide_proof,
    decide_requests,
    hand_in_proof,
    household_ledger,
    late_payers_report,
    outstanding_report,
    publish_reglement,
    read_account,
    receipts_report,
    record_facts,
    record_payments,
    refund_household,
    refunds_due,
    reject_payment,
    send_reminders,
    series_of,
    tell_absence,
)
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Reason
from periscolaire.scenarios._compare import Answer
from periscolaire.scenarios._people import People, dated
from periscolaire.scenarios._world import World
from periscolaire.scenarios.account._space import Space
from periscolaire.storage import MemoryStore

__all__ = ["Life"]

_CLERK = StaffActor("scénario", frozenset({Role.ADMINISTRATOR}))
_ACTIONS = {StepKind.BOOK: Action.BOOK, StepKind.CANCEL: Action.CANCEL}
_ACCEPTED, _REFUSED = "acceptée", "refusée"
#: How long after the service a door list is checked, where the step does not say when.
_AFTERWARDS = 20 * 60


class Life:
    """A store of its own in which the steps of one scenario happen, one after the other."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.reglement = world.reglement
        (series, *_) = series_of(world.reglement)
        self.series = series.code
        self.store = MemoryStore()
        numbers = itertools.count(1)
        self.make_id: Callable[[], str] = lambda: f"s{next(numbers):06}"
        self.people = People()
        self.space = Space(world, self.people, series.code, self.make_id)
        first = self.reglement.first_day
        begins = self.reglement.calendar.instant(first, 0)
        with self.store.unit() as uow:
            publish_reglement(write_reglement(self.reglement), uow, actor=_CLERK, now=begins)
            self.people.settle(world.scenario.families, uow, first, begins)
            uow.commit()

    # -- playing ----------------------------------------------------------------------------------------------------

    def play(self, step: Step, answer: Answer) -> Answer:
        """Record what ``step`` says; its answer, with what the store has to say of it.

        What is refused in the ledger (an unknown payment, a sum of 0) is an answer if the step expects one:
        ``attendu = { autorise = false }``.
        """
        try:
            with self.store.unit() as uow:
                found = self._play(step, answer, uow)
                uow.commit()
        except (AccessDeniedError, ConflictError, MisuseError, NotFoundError) as error:
            if not step.kind.needs_store or (step.expected.allowed is None and step.expected.refusals is None):
                raise
            reasons = (Reason(error.code, error.parameters),) if error.code else ()  # type: ignore[arg-type]  # those of an error are parameters of its text
            return Answer(allowed=False, reasons=reasons)
        return attrs.evolve(found, allowed=True) if step.kind.needs_store and found.allowed is None else found

    def _play(self, step: Step, answer: Answer, uow: UnitOfWork) -> Answer:
        if step.kind.of_account:
            return self.space.play(step, uow)
        match step.kind:
            case StepKind.BOOK | StepKind.CANCEL:
                return self._request(step, answer, uow)
            case StepKind.PRESENCE | StepKind.ABSENCE:
                return self._attend(step, answer, uow)
            case StepKind.DECLARE:
                return self._declare(step, answer, uow)
            case StepKind.PROOF:
                return self._proof(step, uow)
            case StepKind.BILL:
                return self._bill(step, uow)
            case StepKind.PAY | StepKind.REJECT | StepKind.REFUND:
                return self._money(step, uow)
            case StepKind.REMIND:
                return self._remind(step, uow)
            case StepKind.REPORT:
                return self._report(step, uow)
            case StepKind.PRICE | StepKind.FEE | StepKind.PENALTY:
                return answer  # a question: the bill counts fees and penalties by itself
            case other:
                raise MisuseError(f"« {other.value} » dans un scénario qui facture : l'étape n'y est pas enregistrée")

    def _slots(self, step: Step) -> list[SlotKey]:
        names = step.children or (() if step.child is None else (step.child,))
        if not names:
            raise MisuseError("« enfant » : un scénario qui facture dit de qui il parle")
        product = self.reglement.product(step.target).code
        return [
            SlotKey(self.people.children[name][0], product, day, step.slot or "") for name in names for day in step.days
        ]

    def _now(self, step: Step) -> dt.datetime:
        assert step.at is not None, "the reader asks for the instant"
        return self.world.instant(step.at)

    def _today(self, step: Step) -> dt.date:
        return self.reglement.calendar.today(self._now(step))

    def _request(self, step: Step, answer: Answer, uow: UnitOfWork) -> Answer:
        motive = step.facts.known("motive")
        lines = [
            Line(_ACTIONS[step.kind], slot, motive=motive if isinstance(motive, str) else None)
            for slot in self._slots(step)
        ]
        requests = [BookingRequest(line, self._now(step), step.channel) for line in lines]
        decisions = decide_requests(requests, uow, actor=_CLERK, make_id=self.make_id)
        refused = [one for one in decisions if one.verdict.refused]
        if bool(refused) == bool(answer.allowed):
            raise MisuseError(
                "la demande seule et la demande enregistrée ne donnent pas la même réponse : "
                + ", ".join(reason.code for one in decisions for reason in one.verdict.reasons)
            )
        return answer

    def _attend(self, step: Step, answer: Answer, uow: UnitOfWork) -> Answer:
        if step.booked is not None:
            raise MisuseError("« reserve » : dans un scénario qui facture, une étape « reserver » le dit")
        outcomes = set()
        for slot in self._slots(step):
            if step.notified_at is not None:
                motive = step.facts.known("motive")
                told_at = self.world.instant(step.notified_at)
                told = AbsenceTold(slot.child, slot.day, slot.day, motive if isinstance(motive, str) else None)
                tell_absence(told, uow, actor=_CLERK, now=told_at, make_id=self.make_id)
            arrival, departure = step.facts.known("arrival"), step.facts.known("departure")
            line = DoorLine(
                slot.child,
                step.kind is StepKind.PRESENCE,
                arrival if isinstance(arrival, dt.time) else None,
                departure if isinstance(departure, dt.time) else None,
                slot.slot,
            )
            now = self._now(step) if step.at is not None else self.reglement.calendar.instant(slot.day, _AFTERWARDS)
            check_door_list(DoorList(slot.product, slot.day, (line,)), uow, actor=_CLERK, now=now, make_id=self.make_id)
            found = uow.consumptions.find(slot)
            outcomes.add("aucune" if found is None else found.outcome.value)
        return attrs.evolve(answer, outcome=", ".join(sorted(outcomes)))

    def _declare(self, step: Step, answer: Answer, uow: UnitOfWork) -> Answer:
        family = self.world.family(step)
        if family is None or answer.effective is None:
            raise MisuseError("« famille » : qui déclare")
        facts = dated(HouseholdId(family.name), step.declared, answer.effective, self._now(step))
        record_facts(facts, uow, actor=_CLERK, at=self._now(step), channel=step.channel or "scénario")
        return answer

    def _proof(self, step: Step, uow: UnitOfWork) -> Answer:
        if step.child is None:
            raise MisuseError("« enfant » : pour qui est ce justificatif")
        child, home = self.people.children[step.child]
        first, last = min(step.days), max(step.days)
        motive = step.facts.known("motive")
        handed = ProofHandedIn(child, first, last, step.target, home, motive if isinstance(motive, str) else None)
        now = self._now(step)
        proof = hand_in_proof(handed, uow, actor=_CLERK, now=now, make_id=self.make_id)
        state = step.facts.known("proof")
        if state in (_ACCEPTED, _REFUSED):
            decide_proof(child, proof.id, uow, accepted=state == _ACCEPTED, actor=_CLERK, now=now)
        outcomes = {one.outcome.value for one in uow.consumptions.of_child(child, first, last)}
        return Answer(outcome=", ".join(sorted(outcomes)))

    # -- money ------------------------------------------------------------------------------------------------------

    def _value(self, amount: Amount) -> Decimal:
        return self.reglement.currency.value(amount)

    def _amount(self, step: Step) -> Amount:
        return 0 if step.sum is None else self.reglement.currency.amount(step.sum)

    def _household(self, step: Step) -> HouseholdId:
        family = self.world.family(step)
        if family is None:
            raise MisuseError("« famille » : de qui il s'agit")
        return HouseholdId(family.name)

    def _series(self, step: Step) -> str:
        return self.series if step.series is None else step.series

    def _bill(self, step: Step, uow: UnitOfWork) -> Answer:
        (first,) = step.days
        month = Span(first, first.replace(day=calendar.monthrange(first.year, first.month)[1]))
        asked = Selection(
            products=frozenset(map(ProductCode, step.products)) or None,
            series=None if step.series is None else frozenset({step.series}),
            households=None if step.family is None else frozenset({self._household(step)}),
        )
        invoices, pending = bill(
            month, uow, actor=_CLERK, issued_on=self._today(step), now=self._now(step), selection=asked,
            make_id=self.make_id,
        )  # fmt: skip
        totals: dict[str, Decimal] = {}
        for invoice in invoices:
            totals[invoice.payer] = totals.get(invoice.payer, Decimal(0)) + self._value(invoice.total)
        corrected = sum(bool(line.corrects) for invoice in invoices for line in invoice.lines)
        why = tuple(one.reason for one in pending)
        return Answer(invoices=FrozenMap(totals), corrected=corrected, pending=len(pending), why=why)

    def _money(self, step: Step, uow: UnitOfWork) -> Answer:
        now, on = self._now(step), self._today(step)
        match step.kind:
            case StepKind.PAY:
                payment = Payment(
                    PaymentId(step.number or self.make_id()), self._household(step), self._series(step),
                    Means(step.means or Means.CARD.value), self._amount(step), on, now, _CLERK.label,
                    self.reglement.currency,
                )  # fmt: skip
                (account,) = record_payments([payment], uow, actor=_CLERK, now=now)
            case StepKind.REJECT:
                account = reject_payment(
                    PaymentId(step.target), uow, on=on, actor=_CLERK, now=now, make_id=self.make_id
                )
            case _:
                means = Means(step.means or Means.TRANSFER.value)
                given = Refunded(self._household(step), self._series(step), means, self._amount(step), on)
                account = refund_household(given, uow, actor=_CLERK, now=now, make_id=self.make_id)
        left = sum(max(0, amount) for amount in account.remaining().values())
        return Answer(left=self._value(left), credit=self._value(account.credit))

    def _remind(self, step: Step, uow: UnitOfWork) -> Answer:
        on = self._today(step)
        sent = send_reminders(self._series(step), uow, actor=_CLERK, on=on, now=self._now(step), make_id=self.make_id)
        return Answer(levels=FrozenMap({str(one.household): one.level for one in sent}))

    def _report(self, step: Step, uow: UnitOfWork) -> Answer:
        span, on = Span(min(step.days), max(step.days)), max(step.days)
        match step.target:
            case "encaissements":
                total = sum(row.amount for row in receipts_report(span, uow, actor=_CLERK, series=self._series(step)))
            case "restes à recouvrer":
                rows = outstanding_report(on, uow, actor=_CLERK, series=self._series(step))
                total = sum(row.remaining for row in rows)
            case "remboursements dus":
                due = refunds_due(on, uow, actor=_CLERK)
                total = sum(amount for series, _, amount in due if series == self._series(step))
            case "retards":
                late = late_payers_report(on, uow, actor=_CLERK, series=self._series(step))
                total = sum(row.overdue for row in late)
            case _:
                home = self._household(step)
                entries = household_ledger(home, uow, actor=_CLERK)
                total = sum(entry.amount for entry in entries if entry.day <= on)
                account = read_account(home, self._series(step), uow, actor=_CLERK)
                return Answer(total=self._value(total), credit=self._value(account.credit))
        return Answer(total=self._value(total))
