"""What is charged: keys, charges (keys that share one price) and what the pin of a charge holds."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterator

import attrs

from periscolaire.attendance import Outcome
from periscolaire.errors import MisuseError
from periscolaire.facts import Facts
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.money import Amount
from periscolaire.pricing import Step
from periscolaire.reasons import Reason

__all__ = ["Charge", "ChargeKey", "ChargeKind", "Instance", "Pending", "Presumed", "TariffRef"]

NO_FACTS = Facts()


class ChargeKind(enum.Enum):
    """What is charged for; the values are the words of exports."""

    SERVICE = "prestation"
    PENALTY = "pénalité"
    FEE = "frais"
    PURCHASE = "achat"  # a book of tickets
    TOP_UP = "recharge"  # of a prepaid account
    OTHER = "divers"  # a dated act of the commune, with its own text


@attrs.frozen
class TariffRef:
    """The pin of a charge: which version of which tariff, of which version of the règlement, priced it."""

    code: str
    first_day: dt.date
    reglement: str


@attrs.frozen(order=True)
class Instance:
    """One instance of a tariff's scope: the first ``day`` it stands for, and a ``label`` that tells it apart.

    A child's day has an empty label, or the slot; a month ``2026-10``; a week ``2026-S42``; an order or a purchase
    its identifier; a term its name.
    """

    day: dt.date
    label: str = ""

    def __str__(self) -> str:
        return f"{self.day.isoformat()}/{self.label}" if self.label else self.day.isoformat()


@attrs.frozen
class ChargeKey:
    """What may be charged once. ``payer`` is the paying household, or the code of a third party."""

    payer: HouseholdId
    child: ChildId | None
    product: ProductCode
    instance: Instance
    component: str = ""


@attrs.frozen
class Charge:
    """What some keys should each bear: ``unit`` minor units for every instance, for the same reasons.

    The instances share the child, product, outcome, tariff version and every fact that the tariff reads; so
    ``facts`` and ``steps`` explain each of them. ``nature`` (``repas``, ``garde``) tells what may pay for it and what a
    tax certificate counts. ``evidence`` are the facts (bookings, presences, proofs …) of all
    instances. ``full`` is the price of an instance when only a part of it is due yet (deposit, instalments);
    ``provisional`` marks a scope still open that is billed on what is booked.

    :raises MisuseError: no instance.
    """

    payer: HouseholdId
    child: ChildId | None
    product: ProductCode
    instances: tuple[Instance, ...]
    unit: Amount
    kind: ChargeKind = ChargeKind.SERVICE
    component: str = ""
    nature: str | None = None
    outcome: Outcome | None = None
    tariff: TariffRef | None = None
    facts: Facts = NO_FACTS
    steps: tuple[Step, ...] = ()
    evidence: tuple[FactId, ...] = ()
    full: Amount | None = None
    provisional: bool = False
    reference: str | None = None
    site: str | None = None

    def __attrs_post_init__(self) -> None:
        if not self.instances:
            raise MisuseError(f"charge of {self.product}: expected an instance")

    @property
    def amount(self) -> Amount:
        """What all the instances bear."""
        return self.unit * len(self.instances)

    def keys(self) -> Iterator[ChargeKey]:
        """The key of each instance, in order."""
        for instance in self.instances:
            yield ChargeKey(self.payer, self.child, self.product, instance, self.component)


@attrs.frozen
class Pending:
    """Something that should be billed but cannot be yet, with why: never left out of a run's report in silence.

    Codes: ``billing.pending.unknown`` (attendance not checked), ``billing.pending.proof``,
    ``billing.pending.scope_open``, ``billing.pending.undecided``, ``billing.pending.nobody_pays``,
    ``billing.pending.no_price``.
    """

    household: HouseholdId
    child: ChildId | None
    product: ProductCode
    day: dt.date
    reason: Reason


@attrs.frozen
class Presumed:
    """A day that nobody checked in time: the checking policy decided the ``outcome`` that is billed.

    Every run lists it until somebody checks; then what was billed is corrected.
    """

    household: HouseholdId
    child: ChildId
    product: ProductCode
    day: dt.date
    outcome: Outcome
