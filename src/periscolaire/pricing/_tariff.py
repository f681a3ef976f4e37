"""Tariffs: a code and its dated versions, each with a node for every way the day may end."""

from __future__ import annotations

import datetime as dt
import enum
from decimal import Decimal

import attrs

from periscolaire.errors import MisuseError
from periscolaire.ids import TariffCode
from periscolaire.money import Rounding
from periscolaire.pricing._nodes import OWN, Node, Reference
from periscolaire.pricing._run import HALF_UP
from periscolaire.pricing._scope import DAILY, RankSpec, Scope, TotalSpec
from periscolaire.pricing._shares import Share, Subsidy

#: The price that the day would have had as booked.
OWN_PRICE = Reference(OWN)


class PriceKind(enum.Enum):
    """Which of a version's nodes prices the day; the values are the keys of the rules file."""

    UNIT = "prix"
    UNPLANNED = "non_prevu"
    ABSENCE = "absence_injustifiee"
    LATE_CANCELLATION = "annulation_tardive"


@attrs.frozen
class TariffVersion:
    """What the council voted for a span of days (``last_day`` ``None``: until further notice).

    ``node`` prices the day as booked. The nodes of the other endings default to what the règlements mean when they
    are silent: an unplanned day and an unjustified absence at the price of the service, a late cancellation as an
    unjustified absence. ``deliberation`` and ``reference`` are cited by every price. ``cost`` is the cost per user
    of the service, where the commune gives it (Code de l'éducation, R531-52 and R531-53: the price paid by the
    family may not exceed it).
    """

    first_day: dt.date
    node: Node
    last_day: dt.date | None = None
    scope: Scope = DAILY
    rounding: Rounding = HALF_UP
    unplanned: Node = OWN_PRICE
    absence: Node = OWN_PRICE
    late_cancellation: Node | None = None
    shares: tuple[Share, ...] = ()
    subsidies: tuple[Subsidy, ...] = ()
    ranks: tuple[RankSpec, ...] = ()
    totals: tuple[TotalSpec, ...] = ()
    deliberation: str | None = None
    reference: str | None = None
    label: str | None = None
    cost: Decimal | None = None

    def __attrs_post_init__(self) -> None:
        if self.last_day is not None and self.last_day < self.first_day:
            raise MisuseError(f"tariff version ends ({self.last_day}) before it begins ({self.first_day})")

    def holds_on(self, day: dt.date) -> bool:
        """Whether the version is the one in force on ``day``."""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def node_of(self, kind: PriceKind) -> Node:
        """The node that prices that ending of the day."""
        match kind:
            case PriceKind.UNIT:
                return self.node
            case PriceKind.UNPLANNED:
                return self.unplanned
            case PriceKind.ABSENCE:
                return self.absence
            case PriceKind.LATE_CANCELLATION:
                return self.absence if self.late_cancellation is None else self.late_cancellation


@attrs.frozen
class Tariff:
    """A tariff: its versions follow one another (the linter reports gaps and overlaps)."""

    code: TariffCode
    versions: tuple[TariffVersion, ...]

    def on(self, day: dt.date) -> TariffVersion | None:
        """The version in force on ``day``; of two that overlap, the one that begins last; ``None`` in a gap."""
        held = [version for version in self.versions if version.holds_on(day)]
        return max(held, key=lambda version: version.first_day, default=None)
