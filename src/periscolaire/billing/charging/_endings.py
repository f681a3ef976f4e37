"""How a day ends as far as money goes: the outcome that is billed, then the node, the form and the rule that price it.

Nothing here knows an amount: an ending says *how* to price, or that nothing is due, or what is waited for.
"""

from __future__ import annotations

import datetime as dt
from typing import TypeAlias

import attrs

from periscolaire.attendance import Booked, Consumption, Outcome, ProofState
from periscolaire.billing.charging._books import Book, ProductRules
from periscolaire.billing.charging._rows import FactsOf, FactState, row_of
from periscolaire.catalogue import Effect, Multiple, PaymentMode, PriceForm, Scope, Surcharge, Verb
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.pricing import OWN_PRICE, PriceKind, TariffVersion
from periscolaire.reasons import Reason
from periscolaire.reglement import AbsenceOutcome, Basis, Consequence, Unchecked, UnknownAbsence, absence_outcome

__all__ = ["CarriedOver", "Ending", "Endings", "EpisodePlace", "Resolved", "resolve"]

_HELD = frozenset({Booked.CONFIRMED, Booked.CONFIRMED_LATE})
_UNIT = frozenset({Outcome.AS_BOOKED, Outcome.LATE_BOOKING, Outcome.LEFT_EARLY})


@attrs.frozen
class EpisodePlace:
    """Where a day stands in its absence: its rank, the length of the whole, and its first day; zero outside of one."""

    rank: int = 0
    length: int = 0
    first_day: dt.date | None = None


@attrs.frozen
class Resolved:
    """A consumption with its outcome once the policy of the unknown has spoken; ``presumed``: it decided, for want of
    a check in time."""

    one: Consumption
    outcome: Outcome
    provisional: bool = False
    presumed: bool = False


@attrs.frozen
class CarriedOver:
    """An absence of a day that was paid: it is kept for another, in kind (Peipin: meals or hours).

    ``in_kind``: it was paid so, by a unit of ``payer``, which goes back.
    """

    payer: HouseholdId
    child: ChildId
    product: ProductCode
    day: dt.date
    facts: tuple[FactId, ...] = ()
    in_kind: bool = False


@attrs.frozen
class Ending:
    """How a consumption is priced: the version (with the absence row's price), the node, the form of its tier.

    ``row`` is the absence row used, ``only_form``: the surcharge alone is due; ``deposit_only``: the deposit alone.
    """

    version: TariffVersion
    kind: PriceKind
    form: PriceForm | None
    provisional: bool = False
    row: int | None = None
    reference: str | None = None
    only_form: bool = False
    deposit_only: bool = False


#: An ending; a credit in kind; why it waits; or nothing due.
Ended: TypeAlias = Ending | CarriedOver | Reason | None


def resolve(one: Consumption, rules: ProductRules, on: dt.date) -> Resolved | Reason:
    """The outcome that is billed: the checking policy of the product decides what nobody checked.

    A reason when it cannot be told yet. ``on`` is the day of the run: a day is waited for until ``delay_days`` after
    it. A product that is paid when booked is billed as booked, provisionally, until somebody checks; so is a place
    that is held until it is paid (pay to confirm).
    """
    outcome = one.outcome
    checking = rules.checking
    if one.held and one.booked is Booked.REQUESTED and rules.product.payment is PaymentMode.TO_CONFIRM:
        return Resolved(one, Outcome.LATE_BOOKING if one.tier else Outcome.AS_BOOKED, provisional=True)
    if checking.basis is Basis.PRESENCE and outcome.absent:
        return Resolved(one, Outcome.NONE)
    if checking.basis is Basis.PRESENCE and outcome is Outcome.UNPLANNED:
        return Resolved(one, Outcome.AS_BOOKED)
    if outcome is not Outcome.UNKNOWN:
        return Resolved(one, outcome)
    booked = Outcome.LATE_BOOKING if one.booked is Booked.CONFIRMED_LATE else Outcome.AS_BOOKED
    if checking.basis is Basis.BOOKING and one.booked in _HELD:
        return Resolved(one, booked)
    if rules.prepaid:
        return Resolved(one, booked, provisional=True)
    deadline = one.key.day + dt.timedelta(days=checking.delay_days)
    if on <= deadline or checking.unchecked is Unchecked.WAIT:
        return Reason.of("billing.pending.unknown", day=one.key.day, until=deadline)
    if checking.unchecked is Unchecked.PRESENT:
        return Resolved(one, booked, presumed=True)
    absent = Outcome.ABSENCE_PENDING if one.proof is ProofState.PENDING else Outcome.ABSENCE
    return Resolved(one, absent, presumed=True)


class Endings:
    """The endings of one family, in canonical order (a surcharge for a whole order falls on its first day)."""

    def __init__(self, facts_of: FactsOf, on: dt.date) -> None:
        self._facts_of = facts_of
        self._on = on
        self._charged_once: set[tuple[str, str]] = set()

    def of(
        self,
        who: Resolved,
        version: TariffVersion,
        book: Book,
        rules: ProductRules,
        payer: HouseholdId,
        episode: EpisodePlace = EpisodePlace(),
    ) -> Ended:
        """How ``who`` is priced by ``version``. ``episode`` is where it stands in its absence."""
        one, outcome = who.one, who.outcome
        if outcome in _UNIT:
            return Ending(version, PriceKind.UNIT, self._form(one, payer), provisional=who.provisional)
        if outcome is Outcome.UNPLANNED:
            return Ending(version, PriceKind.UNPLANNED, None)
        if outcome is Outcome.CANCELLED:
            return self._kept(one, version, rules)
        return self._absence(who, version, book, rules, payer, episode)

    def _form(self, one: Consumption, payer: HouseholdId) -> PriceForm | None:
        effect = one.effect
        if effect is None or effect.price is None or effect.scope is Scope.DAY:
            return None if effect is None else effect.price
        # Once for the order, or once for the household: on the first day that bears it, in canonical order.
        order = one.order if one.order is not None else one.key.day.isoformat()
        once = (order, one.key.child if effect.scope is Scope.ORDER else payer)
        if once in self._charged_once:
            return None
        self._charged_once.add(once)
        return effect.price

    def _kept(self, one: Consumption, version: TariffVersion, rules: ProductRules) -> Ending | None:
        """What stays due although the booking was cancelled in time: a deposit that is not given back, or a surcharge
        that is « acquise » (LIMITS A14)."""
        deposit = None if rules.schedule is None else rules.schedule.deposit
        if deposit is not None and not deposit.refundable:
            return Ending(version, PriceKind.UNIT, None, deposit_only=True)
        effect = one.effect
        if effect is None or not effect.kept or not isinstance(effect.price, Surcharge):
            return None
        return Ending(version, PriceKind.UNIT, effect.price, only_form=True)

    def _absence(
        self,
        who: Resolved,
        version: TariffVersion,
        book: Book,
        rules: ProductRules,
        payer: HouseholdId,
        episode: EpisodePlace,
    ) -> Ended:
        one = who.one
        found = self._row(who, book, rules, payer, episode)
        if self._waits(who, found, rules):
            return Reason.of("billing.pending.proof", day=one.key.day)
        late = who.outcome is Outcome.LATE_CANCELLATION
        effect = one.effect
        match _consequence(who, found):
            case Consequence.NOT_DUE:
                return None
            case Consequence.CARRIED_OVER:
                return CarriedOver(payer, one.key.child, one.key.product, one.key.day, one.facts)
            case Consequence.UNDECIDED:
                return Reason.of("billing.pending.undecided", day=one.key.day, product=one.key.product)
            case Consequence.DUE:
                kind = PriceKind.LATE_CANCELLATION if late else PriceKind.ABSENCE
        if found.price is not None:
            version = book.with_absence(version, found.price)
        # "The price of the service" is the one it would have had, tier included (PRICES 3.12).
        own = version.node_of(kind) == OWN_PRICE
        form = _late_form(effect) if late else (self._form(one, payer) if own else None)
        reference = found.reasons[0].reference if found.reasons else None
        provisional = _is_proof_awaited(who)
        return Ending(version, kind, form, provisional=provisional, row=found.row, reference=reference)

    def gives_back(
        self, who: Resolved, book: Book, rules: ProductRules, payer: HouseholdId, episode: EpisodePlace
    ) -> bool:
        """Whether the unit that paid ``who`` in kind goes back: no money would be due for it, or it is carried over."""
        if who.outcome in _UNIT or who.outcome is Outcome.UNPLANNED:
            return False
        if not who.outcome.absent:
            return True
        found = self._row(who, book, rules, payer, episode)
        given_back = (Consequence.NOT_DUE, Consequence.CARRIED_OVER)
        return not self._waits(who, found, rules) and _consequence(who, found) in given_back

    def _waits(self, who: Resolved, found: AbsenceOutcome, rules: ProductRules) -> bool:
        """What the absence leads to is told only once a fact that is still to come is known."""
        told_by = who.one.key.day + dt.timedelta(days=rules.checking.delay_days)
        learning = found.provisional and self._on <= told_by
        return rules.absence.unknown is UnknownAbsence.WAIT and (_is_proof_awaited(who) or learning)

    def _row(
        self, who: Resolved, book: Book, rules: ProductRules, payer: HouseholdId, episode: EpisodePlace
    ) -> AbsenceOutcome:
        one = who.one
        names = rules.absence_reads
        facts = Facts()
        if names:
            counts: dict[str, FactState] = {"absence_rank": episode.rank, "absence_length": episode.length}
            dated = self._facts_of(payer, one.key.child, one.key.day)
            facts = Facts(zip(names, row_of(names, one, who.outcome, book, dated, counts), strict=True))
        return absence_outcome(
            rules.absence,
            facts,
            one.key.day,
            rules.product,
            book.calendar,
            notified_at=one.told_at,
            proof_at=one.proof_received_at,
            first_day=episode.first_day,
        )


def _is_proof_awaited(who: Resolved) -> bool:
    return who.outcome is Outcome.ABSENCE_PENDING or who.one.proof is ProofState.PENDING


def _consequence(who: Resolved, found: AbsenceOutcome) -> Consequence:
    """What the absence leads to: its row, else what the tier of a late cancellation carries over."""
    effect = who.one.effect
    late = who.outcome is Outcome.LATE_CANCELLATION and found.row is None
    if late and effect is not None and effect.verb is Verb.CARRIED_OVER:
        return Consequence.CARRIED_OVER
    return found.effect


def _late_form(effect: Effect | None) -> PriceForm | None:
    """``dû 50 %`` leaves a share; another price form stands as it is."""
    if effect is None:
        return None
    return Multiple(effect.share) if effect.share is not None else effect.price
