"""The policies of a règlement that are neither limits nor prices nor invoices: checking, quotients."""

from __future__ import annotations

import enum

import attrs

from periscolaire.errors import MisuseError
from periscolaire.households import EffectPolicy, QuotientReading

__all__ = [
    "Basis",
    "CheckingPolicy",
    "QuotientPolicy",
    "Unchecked",
]


class Unchecked(enum.Enum):
    """What a booked day that nobody checked counts as, once the delay is over."""

    WAIT = "attendre"
    PRESENT = "présent"
    ABSENT = "absent"


class Basis(enum.Enum):
    """What a product is charged on."""

    BOTH = "réservation et présence"
    BOOKING = "réservation"
    PRESENCE = "présence"
    LONGER = "la plus longue des deux"


@attrs.frozen
class CheckingPolicy:
    """Attendance checks of a product: days allowed for checking, then how an unchecked day counts."""

    unchecked: Unchecked = Unchecked.WAIT
    delay_days: int = 5
    basis: Basis = Basis.BOTH

    def __attrs_post_init__(self) -> None:
        if self.delay_days < 0:
            raise MisuseError("un délai de pointage négatif ; attendu un nombre de jours à partir de 0")


@attrs.frozen
class QuotientPolicy:
    """How quotients are read and from when they apply; ``reference_day`` is (month, day) of a snapshot."""

    reading: QuotientReading = QuotientReading.WHOLE_BELOW
    effect: EffectPolicy = EffectPolicy.NEXT_MONTH
    reference_day: tuple[int, int] | None = None
    reference: str | None = None

    def __attrs_post_init__(self) -> None:
        if (self.effect is EffectPolicy.REFERENCE_DATE) != (self.reference_day is not None):
            raise MisuseError("« jour_de_reference » avec « effet = date de référence », et seulement alors")
