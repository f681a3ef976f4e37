"""Who is asked for how much beside the price: packages in part, and parents who share a child."""

from __future__ import annotations

import enum
from decimal import Decimal

import attrs

__all__ = ["CustodyPrice", "DayValue", "PackageRule", "Prorata"]


class CustodyPrice(enum.Enum):
    """``garde``: with whose facts a day shared by several households is priced."""

    EACH = "quotient de chaque parent"  # each one's own price, times its part, rounded: nothing is conserved
    DESIGNATED = "quotient d'un foyer désigné"  # the first payer's price, split; odd cents to the first


class Prorata(enum.Enum):
    """What a package costs when a child enters or leaves in mid-period; the values are the words of files."""

    NONE = "aucun"  # the whole package
    OPEN_DAYS = "jours d'ouverture"  # open days registered, out of those of the period
    STARTED_MONTH = "mois commencé"  # months begun, out of those of the period


class DayValue(enum.Enum):
    """What an excused day of a package gives back, when it is no fixed amount."""

    PER_PLANNED_DAY = "prix / jours prévus"


@attrs.frozen
class PackageRule:
    """``forfait``: how a package is charged on entry and exit in mid-period, and what an excused absence gives back.

    ``leaving`` is the rule of the exit where it is not that of the entry. ``day_value`` (units) is credited for each
    day of an absence with an accepted proof (``valeur_du_jour``).
    """

    prorata: Prorata = Prorata.NONE
    leaving: Prorata | None = None
    day_value: Decimal | DayValue | None = None

    @property
    def on_leaving(self) -> Prorata:
        """The rule of the exit."""
        return self.prorata if self.leaving is None else self.leaving

    @property
    def parts(self) -> bool:
        """Whether a package may be charged in part."""
        return (self.prorata, self.on_leaving) != (Prorata.NONE, Prorata.NONE)
