"""Absence rules: first matching row on motive, proof, notice, rank and length of the episode (PRICES.md 1.7)."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from periscolaire.calendar import CommuneCalendar
from periscolaire.catalogue import FIRST_DAY_OF_ABSENCE, Frame, LimitRule, Product, Window, choose_rule, window
from periscolaire.clock import utc
from periscolaire.facts import ALWAYS, Condition, Facts, Truth
from periscolaire.frozen import FrozenMap
from periscolaire.pricing import Node, describe_condition
from periscolaire.reasons import Description, Reason

__all__ = [
    "AbsenceOutcome",
    "AbsencePolicy",
    "AbsenceRow",
    "Consequence",
    "Episode",
    "EpisodeBreak",
    "EpisodeUnit",
    "UnknownAbsence",
    "absence_outcome",
    "proof_limit",
]


class Consequence(enum.Enum):
    """What an absence (or a late cancellation) leads to; the values are the words of the files."""

    DUE = "dû"
    NOT_DUE = "non dû"
    CARRIED_OVER = "reporté"
    UNDECIDED = "à décider"


class EpisodeUnit(enum.Enum):
    """Which days count in the rank and length of an absence episode."""

    BOOKED = "jours réservés"
    OPEN = "jours d'ouverture"
    CALENDAR = "jours calendaires"
    WEEKS = "semaines"  # the week in which it begins is the first, whatever the day


class EpisodeBreak(enum.Enum):
    """What ends an absence episode."""

    PRESENCE = "présence"
    UNBOOKED_DAY = "jour non réservé"


class UnknownAbsence(enum.Enum):
    """What a row that reads an unknown fact (proof not asked yet, motive not given) leads to."""

    PROVISIONALLY_DUE = "dû provisoire"
    WAIT = "attendre"


@attrs.frozen
class Episode:
    """How an absence episode is counted: its ``rank`` and ``length`` facts are computed with this."""

    counts: EpisodeUnit = EpisodeUnit.BOOKED
    broken_by: EpisodeBreak = EpisodeBreak.PRESENCE


@attrs.frozen
class AbsenceRow:
    """One row: when ``condition`` holds, notice was given and proof received in time, the absence has ``effect``.

    ``notified_before`` and ``proof_within`` are limits like any other (``la veille``, ``8 jours après l'absence``).
    ``price`` replaces the price of the absence when due (``None``: the product's own).
    """

    effect: Consequence
    condition: Condition = ALWAYS
    notified_before: tuple[LimitRule, ...] | None = None
    proof_within: tuple[LimitRule, ...] | None = None
    price: Node | None = None
    reference: str | None = None


@attrs.frozen
class AbsencePolicy:
    """The ordered rows of a product; without a matching row an absence is due (the text says nothing milder)."""

    rows: tuple[AbsenceRow, ...] = ()
    episode: Episode = Episode()
    unknown: UnknownAbsence = UnknownAbsence.PROVISIONALLY_DUE

    @property
    def motives(self) -> frozenset[str]:
        """The motives that some row names."""
        tests = (test for row in self.rows for test in row.condition.tests if test.fact == "motive")
        return frozenset(value for test in tests for value in test.values if isinstance(value, str))

    def describe(self) -> Description:
        """The rows in order, to be put in words."""
        return Description.of("absence.policy", rows=tuple(_describe(row) for row in self.rows))


@attrs.frozen
class AbsenceOutcome:
    """What follows from an absence: ``row`` is the 0-based row used (``None``: no row matched).

    ``pending`` names the facts that a row before it reads and nobody knows: the outcome may still change.
    """

    effect: Consequence
    row: int | None
    price: Node | None = None
    pending: frozenset[str] = frozenset()
    reasons: tuple[Reason, ...] = ()

    @property
    def provisional(self) -> bool:
        """May a fact that is still to come change the outcome?"""
        return bool(self.pending)


def absence_outcome(
    policy: AbsencePolicy,
    facts: Facts,
    day: dt.date,
    product: Product,
    calendar: CommuneCalendar,
    *,
    notified_at: dt.datetime | None = None,
    proof_at: dt.datetime | None = None,
    first_day: dt.date | None = None,
) -> AbsenceOutcome:
    """The first row that holds for an absence on ``day``.

    ``notified_at`` is when the family told of it, ``proof_at`` when the proof was received (aware instants,
    ``None``: not, or not yet); ``first_day`` is that of the episode of which this day is part (``None``: this
    day), from which « le premier jour d'absence » counts. A row that reads an unknown fact is passed over, and its
    facts are ``pending``.

    :raises MisuseError: an instant is naive.
    """
    pending: frozenset[str] = frozenset()
    dates: FrozenMap[str, dt.date] = FrozenMap({"l'absence": day, FIRST_DAY_OF_ABSENCE: first_day or day})
    for index, row in enumerate(policy.rows):
        seen = Facts(
            {
                **facts,
                "notified": facts.get("notified", notified_at is not None),
                "notified_in_time": _in_time(row.notified_before, notified_at, facts, day, product, calendar, dates),
                "proof_in_time": _in_time(row.proof_within, proof_at, facts, day, product, calendar, dates),
            }
        )
        truth = row.condition.evaluate(seen)
        if truth is Truth.FALSE:
            continue
        if row.notified_before is not None and seen["notified_in_time"] is not True:
            continue
        if row.proof_within is not None and seen["proof_in_time"] is not True:
            continue
        if truth is Truth.UNKNOWN:
            unread = [fact for fact in row.condition.facts_read if seen.known(fact) is None]
            pending |= frozenset(unread)
            continue
        reason = Reason.of("absence.row", reference=row.reference, row=index + 1, effect=row.effect.value)
        return AbsenceOutcome(row.effect, index, row.price, pending, (reason,))
    reason = Reason.of("absence.no_row", effect=Consequence.DUE.value)
    return AbsenceOutcome(Consequence.DUE, None, None, pending, (reason,))


def proof_limit(
    policy: AbsencePolicy,
    day: dt.date,
    product: Product,
    calendar: CommuneCalendar,
    *,
    motive: str | None = None,
    first_day: dt.date | None = None,
) -> dt.datetime | None:
    """Until when a document must be received to count for an absence on ``day`` (UTC, excluded); ``None``: no limit.

    The most generous of the rows that an accepted proof may reach; ``first_day`` is the first that it covers.
    """
    facts = Facts({"proof": _ACCEPTED} if motive is None else {"proof": _ACCEPTED, "motive": motive})
    dates: FrozenMap[str, dt.date] = FrozenMap({"l'absence": day, FIRST_DAY_OF_ABSENCE: first_day or day})
    ends: list[dt.datetime] = []
    for row in policy.rows:
        asks = row.proof_within is not None or "proof" in row.condition.facts_read
        if not asks or row.condition.evaluate(facts) is Truth.FALSE:
            continue
        closing = [one.closes for one in _windows(row.proof_within or (), facts, day, product, calendar, dates)]
        if not closing or None in closing:
            return None
        ends += [one for one in closing if one is not None]
    return max(ends, default=None)


#: The value of the fact ``preuve`` for a document that was accepted.
_ACCEPTED = "acceptée"


def _in_time(
    rules: tuple[LimitRule, ...] | None,
    at: dt.datetime | None,
    facts: Facts,
    day: dt.date,
    product: Product,
    calendar: CommuneCalendar,
    dates: FrozenMap[str, dt.date],
) -> bool:
    """Was what happened at ``at`` within the limit of the row? Nothing happened: no. No limit: yes."""
    if at is None:
        return False
    if rules is None:
        return True
    now = utc(at)
    return any(one.holds(now) for one in _windows(rules, facts, day, product, calendar, dates))


def _windows(
    rules: tuple[LimitRule, ...],
    facts: Facts,
    day: dt.date,
    product: Product,
    calendar: CommuneCalendar,
    dates: FrozenMap[str, dt.date],
) -> tuple[Window, ...]:
    """The windows of the limit that a row sets; none where its facts do not tell which limit is meant."""
    rule = choose_rule(rules, facts)
    if isinstance(rule, Reason):
        return ()
    frame = Frame(calendar.for_product(product.code), day, rule.unit, product.open_days, product.start, dates)
    return tuple(window(tier.limit, frame) for tier in rule.tiers)


def _describe(row: AbsenceRow) -> Description:
    return Description.of(
        "absence.row_text",
        effect=row.effect.value,
        condition=describe_condition(row.condition),
        reference=row.reference,
    )
