"""The quotient familial: records, when each begins to count, how it is read, how it is computed."""

from __future__ import annotations

import calendar
import datetime as dt
import decimal
import enum
from collections.abc import Iterable
from decimal import Decimal

import attrs

from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.facts import Expired, Unknown
from periscolaire.households._dated import DatedFact
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.money import Rounding

__all__ = [
    "EffectPolicy",
    "QuotientReading",
    "QuotientRecord",
    "QuotientSource",
    "caf_parts",
    "effective_day",
    "quotient_from_tax",
    "quotient_on",
]


class QuotientSource(enum.Enum):
    """Who says the quotient."""

    CAF = "CAF"
    MSA = "MSA"
    COMPUTED = "calculé"  # by the commune, from the tax notice
    DECLARED = "déclaré"  # by the family, without a document
    OTHER = "autre"


class QuotientReading(enum.Enum):
    """``quotient.lecture``: how the number is read before any band is looked up.

    A grid printed in whole numbers (0–600, 601–…) has no hole when the quotient is read to the whole number below.
    """

    AS_IS = "tel quel"
    WHOLE_BELOW = "entier inférieur"

    def read(self, value: Decimal) -> Decimal:
        """The quotient as the grid sees it."""
        if self is QuotientReading.WHOLE_BELOW:
            return value.to_integral_value(decimal.ROUND_FLOOR)
        return value


class EffectPolicy(enum.Enum):
    """``quotient.effet``: the first day on which a quotient declared today counts."""

    RECEPTION = "réception"  # the day it is received
    NEXT_MONTH = "mois suivant"  # the first of the month after
    UNBILLED_PERIOD = "période non facturée"  # the first day not yet invoiced to the household
    REFERENCE_DATE = "date de référence"  # a snapshot a year, which counts from a stated day
    CAF_DATE = "date CAF"  # the day the CAF or MSA says


def effective_day(
    policy: EffectPolicy,
    declared_on: dt.date,
    *,
    valid_from: dt.date | None = None,
    last_invoiced: dt.date | None = None,
    reference: tuple[int, int] = (9, 1),
) -> dt.date:
    """The ONE day from which the record counts, decided when it is recorded and stored with it.

    ``last_invoiced`` is the last service day already invoiced to the household *now*: billing never asks again, so
    that a later run gives the same prices. ``reference`` (month, day) is the day from which the yearly snapshot
    counts. A household never invoiced is served from ``valid_from``, or from the day of the declaration.

    :raises MisuseError: the policy needs the CAF's date and there is none.
    """
    match policy:
        case EffectPolicy.RECEPTION:
            return declared_on
        case EffectPolicy.NEXT_MONTH:
            return _next_month(declared_on)
        case EffectPolicy.UNBILLED_PERIOD:
            if last_invoiced is not None:
                return last_invoiced + dt.timedelta(days=1)
            return declared_on if valid_from is None else min(declared_on, valid_from)
        case EffectPolicy.REFERENCE_DATE:
            this_year = dt.date(declared_on.year, *reference)
            return this_year if declared_on <= this_year else dt.date(declared_on.year + 1, *reference)
        case EffectPolicy.CAF_DATE:
            if valid_from is None:
                raise MisuseError("policy « date CAF »: the record says no date of validity")
            return valid_from


@attrs.frozen
class QuotientRecord:
    """One quotient as recorded: a fact that is never rewritten; a correction is another record.

    ``value`` is ``None`` when the family gave none, ``why`` then says it (``not_given``, ``refused``, ``unread``).
    ``month`` is the (year, month) that the CAF or MSA computed it for. It counts from ``effective`` (see
    :func:`effective_day`) until ``expires``, the first day on which it no longer does. A record with a ``child`` is
    that child's own (a foster child), and wins over the household's.
    """

    household: HouseholdId
    value: Decimal | None
    source: QuotientSource
    declared_on: dt.date
    effective: dt.date
    recorded_at: dt.datetime
    child: ChildId | None = None
    valid_from: dt.date | None = None
    month: tuple[int, int] | None = None
    expires: dt.date | None = None
    why: str = "not_given"
    author: str | None = None

    def __attrs_post_init__(self) -> None:
        require_aware(self.recorded_at, "recorded_at")
        if self.value is not None and self.value < 0:
            raise MisuseError(f"quotient {self.value!r}: expected a Decimal that is not negative")

    def dated_fact(self, reading: QuotientReading = QuotientReading.AS_IS) -> DatedFact:
        """The fact ``quotient`` that rules read, of the child or of the household, from the effective day on."""
        value = Unknown(self.why) if self.value is None else reading.read(self.value)
        last_day = None if self.expires is None else self.expires - dt.timedelta(days=1)
        subject = self.household if self.child is None else self.child
        return DatedFact(
            subject, "quotient", value, self.effective, last_day, self.recorded_at, self.source.value, self.author or ""
        )


def quotient_on(
    records: Iterable[QuotientRecord],
    day: dt.date,
    child: ChildId | None = None,
    reading: QuotientReading = QuotientReading.AS_IS,
) -> Decimal | Unknown | Expired:
    """The quotient that counts on ``day``: known (0 is a quotient), expired, or unknown with its reason.

    Among the records in effect, the child's own first; then the last effective, then the last recorded.
    """
    held = [record for record in records if record.effective <= day and record.child in (None, child)]
    best = max(held, key=lambda r: (r.child is not None, r.effective, r.recorded_at), default=None)
    if best is None:
        return Unknown()
    if best.value is None:
        return Unknown(best.why)
    value = reading.read(best.value)
    if best.expires is not None and best.expires <= day:
        return Expired(value, best.expires)
    return value


def quotient_from_tax(income: Decimal, parts: Decimal, rounding: Rounding | None = None) -> Decimal:
    """The quotient that a commune computes for a family without one: yearly reference income / 12 / tax parts.

    ``income`` is the *revenu fiscal de référence* (units of currency); a negative one counts as 0. Rounded once,
    half-up to 0,01 unless ``rounding`` says otherwise.

    :raises MisuseError: parts that are not above zero.
    """
    if parts <= 0:
        raise MisuseError(f"{parts} tax parts: expected more than zero")
    with decimal.localcontext(decimal.Context(prec=60)):
        exact = max(income, Decimal(0)) / (12 * parts)
        return (rounding or Rounding(step=Decimal("0.01"))).apply(exact)


def caf_parts(parents: int, children: int, disabled: int = 0) -> Decimal:
    """The parts of the CAF's quotient: parents 2, 1st and 2nd child ½ each, 3rd 1, then ½; ½ more if disabled.

    A lone parent counts 2 as well (caf.fr); some communes count otherwise for their own quotient.

    :raises MisuseError: a negative count, or more disabled children than children.
    """
    if parents not in (1, 2) or children < 0 or not 0 <= disabled <= children:
        raise MisuseError(f"{parents} parents, {children} children, {disabled} disabled: expected 1 or 2, and counts")
    halves = 4 + children + (1 if children >= 3 else 0) + disabled
    return Decimal(halves) / 2


def _next_month(day: dt.date) -> dt.date:
    return day.replace(day=calendar.monthrange(day.year, day.month)[1]) + dt.timedelta(days=1)
