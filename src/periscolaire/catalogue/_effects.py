"""What a tier does: a verb, an optional price form and its scope; and counters, which change it by rank."""

from __future__ import annotations

import enum
import itertools
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.errors import MisuseError

__all__ = [
    "ACCEPT",
    "REFUSE",
    "REQUEST",
    "Band",
    "Counter",
    "Effect",
    "Multiple",
    "OtherTariff",
    "Per",
    "PriceForm",
    "Replacement",
    "Reset",
    "Scope",
    "Surcharge",
    "Verb",
]


class Verb(enum.Enum):
    """What happens; the values are the words of files. The last four are consequences of a cancellation."""

    ACCEPT = "accepté"
    REQUEST = "demande"  # an agent answers
    POSSIBLE = "possible"  # at the discretion of the commune
    REFUSE = "refus"
    NOTHING = "non dû"
    DUE = "dû"
    CARRIED_OVER = "report"
    LOST = "perdu"


@attrs.frozen
class Surcharge:
    """The price, plus ``amount`` units of currency (``+2,00``)."""

    amount: Decimal


@attrs.frozen
class Multiple:
    """The price times ``factor`` (``x2``; ``+50 %`` is ``x1,5``)."""

    factor: Decimal


@attrs.frozen
class OtherTariff:
    """Another tariff of the règlement, by its code (``tarif "tardif"``)."""

    code: str


@attrs.frozen
class Replacement:
    """Another price, whoever asks (``tarif 3,90``)."""

    amount: Decimal


PriceForm: TypeAlias = Surcharge | Multiple | OtherTariff | Replacement


class Scope(enum.Enum):
    """What an effect applies to."""

    DAY = "par jour"
    ORDER = "par commande"
    HOUSEHOLD = "par famille"


@attrs.frozen
class Effect:
    """A verb, with the price form it brings, for each day, once for the order or once for the household.

    ``share`` is the part of the price that stays due (``dû 50 %`` is 0.5). ``kept``: a surcharge stays due even when
    the booking is then cancelled in time (``acquise``, LIMITS A14).
    """

    verb: Verb = Verb.ACCEPT
    price: PriceForm | None = None
    scope: Scope = Scope.DAY
    share: Decimal | None = None
    kept: bool = False

    def __attrs_post_init__(self) -> None:
        if self.share is not None and (self.verb is not Verb.DUE or not 0 < self.share < 1):
            raise MisuseError("a share between 0 and 1 goes with DUE only; the whole price is DUE without a share")
        if self.kept and self.price is None:
            raise MisuseError("only a surcharge or another price can be kept")

    @property
    def allows(self) -> bool:
        """Whether it lets the action through, at a surcharge maybe (LIMITS A13)."""
        return self.verb in (Verb.ACCEPT, Verb.NOTHING, Verb.CARRIED_OVER)


ACCEPT = Effect()
REQUEST = Effect(Verb.REQUEST)
REFUSE = Effect(Verb.REFUSE)


class Per(enum.Enum):
    """For whom a counter counts."""

    CHILD = "par enfant"
    HOUSEHOLD = "par famille"
    CHILD_PRODUCT = "par enfant et produit"


class Reset(enum.Enum):
    """When a counter starts again. A bare ``an`` is not accepted: say which year (LIMITS A17)."""

    WEEK = "par semaine"
    MONTH = "par mois"
    PERIOD = "par période"
    SCHOOL_YEAR = "par année scolaire"
    CIVIL_YEAR = "par année civile"
    ABSENCE = "par suite d'absence"
    REQUEST = "par demande"
    NEVER = "en tout"


@attrs.frozen
class Band:
    """From this rank on (1 is the first use), this effect."""

    from_rank: int
    effect: Effect


@attrs.frozen
class Counter:
    """Effects by rank: ``name`` is the key under which its state (uses so far) is handed in.

    The rank of a decision is the uses so far plus one, at the instant of the decision (LIMITS A17).
    """

    name: str
    bands: tuple[Band, ...]
    per: Per = Per.CHILD
    reset: Reset = Reset.SCHOOL_YEAR

    def __attrs_post_init__(self) -> None:
        ranks = [band.from_rank for band in self.bands]
        if not ranks or ranks[0] != 1 or any(a >= b for a, b in itertools.pairwise(ranks)):
            raise MisuseError(f"counter {self.name!r}: bands start at rank 1 and go up, found {ranks}")

    def effect(self, used: int) -> Effect:
        """The effect of the use that follows ``used`` uses."""
        return next(band.effect for band in reversed(self.bands) if band.from_rank <= used + 1)
