"""The facts behind a cent, told one by one: who, when, by which channel, and what each rested on.

Pure: whoever has a store finds the facts (:mod:`periscolaire.operations`) and hands them over with what they do not
hold themselves: the answer that was given to a request, the rule as the règlement says it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from functools import singledispatch
from zoneinfo import ZoneInfo

import attrs

from periscolaire.attendance import AbsenceNotice, Anomaly, Appeal, Closure, Presence, Proof, Suspension
from periscolaire.billing.accounts._payments import Payment, Refund, Rejection
from periscolaire.billing.accounts._recovery import Reminder, WriteOff
from periscolaire.billing.charging._in_kind import KindEntry
from periscolaire.billing.charging._options import Incident, Reprise
from periscolaire.booking import BookingChange, LineVerdict
from periscolaire.catalogue import describe_effect
from periscolaire.households import DatedFact
from periscolaire.money import EUR, Currency, Money
from periscolaire.pricing import describe_fact, describe_value
from periscolaire.reasons import Description, Parameter

__all__ = ["Story", "Told", "local_times", "tell", "tell_change"]


@attrs.frozen
class Told:
    """One fact: its ``id``, the instant it was recorded at (aware), who and by which channel, what it says, and what
    it rested on."""

    id: str
    at: dt.datetime | None
    author: str
    channel: str
    what: Description
    rests_on: tuple[Description, ...] = ()

    def line(self, tz: ZoneInfo) -> Description:
        """The fact as one sentence, its instant by the commune's clock."""
        at = self.at.astimezone(tz).replace(second=0, microsecond=0) if self.at is not None else ""
        fact = Description.of("story.fact", what=self.what, at=at, author=self.author, channel=self.channel)
        return local_times(fact, tz)


@attrs.frozen
class Story:
    """What something rests on: sentences, then facts, then the stories of its parts (the days of a line)."""

    about: Description
    says: tuple[Description, ...] = ()
    facts: tuple[Told, ...] = ()
    parts: tuple[Story, ...] = ()

    def walk(self) -> Iterator[Told]:
        """Every fact told, parts included."""
        yield from self.facts
        for part in self.parts:
            yield from part.walk()


def local_times(description: Description, tz: ZoneInfo) -> Description:
    """The same, its instants by the clock of ``tz``."""
    return Description(description.code, {key: _local(value, tz) for key, value in description.parameters.items()})


def _local(value: Parameter, tz: ZoneInfo) -> Parameter:
    match value:
        case dt.datetime():
            return value.astimezone(tz)
        case Description():
            return local_times(value, tz)
        case tuple():
            return tuple(_local(one, tz) for one in value)
        case _:
            return value


def _say(code: str, **parameters: Parameter) -> Description:
    return Description.of(f"story.{code}", **parameters)


def tell_change(
    change: BookingChange,
    verdict: LineVerdict | None = None,
    rule: Description | None = None,
    *,
    currency: Currency = EUR,
    source: str = "",
) -> Told:
    """A change of a reservation with the decision it rested on: version of the rules, tier, limit, effect, counter.

    ``verdict`` is the answer that was recorded, ``rule`` what the règlement says, ``source`` where the request was
    written.
    """
    rests = [_say("rests.reglement", reglement=change.reglement, reference=(verdict and verdict.reference) or "")]
    if rule is not None:
        rests.append(_say("rests.rule", rule=rule))
    if verdict is not None and verdict.closes is not None:
        rests.append(_say("rests.limit", closes=verdict.closes))
    if change.tier is not None and change.effect is not None:
        effect = describe_effect(change.effect, currency)
        rests.append(_say("rests.tier", tier=change.tier + 1, effect=effect))
    if change.counter is not None:
        rests.append(_say("rests.counter", counter=change.counter, rank=change.rank or 0))
    if change.derogation:
        rests.append(_say("rests.derogation", why=change.derogation))
    if change.motive:
        rests.append(_say("rests.motive", motive=change.motive))
    if verdict is not None:
        rests += [Description(reason.code, reason.parameters) for reason in verdict.reasons]
    what = _say(f"change.{change.kind.name.lower()}", day=change.key.day, order=source or change.order or "")
    return Told(change.id, change.at, change.author, change.channel or "", what, tuple(rests))


@singledispatch
def tell(fact: object) -> Told:
    """Any other fact, told.

    :raises TypeError: no fact.
    """
    raise TypeError(f"{fact!r} is no fact that can be told")


@tell.register
def _(fact: Presence) -> Told:
    code = "unchecked" if fact.present is None else "present" if fact.present else "absent"
    rests = [
        _say(f"check.{name}", value=value)
        for name, value in (
            ("arrival", fact.arrival),
            ("departure", fact.departure),
            ("slot", fact.slot_used),
            ("served", fact.served),
            ("note", fact.note),
        )
        if value
    ]
    if fact.left_early:
        rests.append(_say("check.left_early"))
    return Told(fact.id, fact.at, fact.author, "", _say(f"check.{code}", day=fact.key.day), tuple(rests))


@tell.register
def _(fact: AbsenceNotice) -> Told:
    code = "notice.withdrawn" if fact.withdrawn else "notice.told"
    what = _say(code, first=fact.first, last=fact.last, told_at=fact.told_at, motive=fact.motive or "")
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: Proof) -> Told:
    what = _say(
        f"proof.{fact.state.name.lower()}", kind=fact.kind, first=fact.first, last=fact.last, received=fact.received_at
    )
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: Closure) -> Told:
    what = _say("closure", cause=fact.cause, first=fact.first, last=fact.last)
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: Suspension) -> Told:
    what = _say("suspension", motive=fact.motive, first=fact.first, last=fact.last)
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: Incident) -> Told:
    return Told(fact.id, fact.at, fact.author, "", _say("incident", penalty=fact.penalty, day=fact.day))


@tell.register
def _(fact: Reprise) -> Told:
    what = _say("reprise", reference=fact.reference, first=fact.first, last=fact.last)
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: KindEntry) -> Told:
    what = _say("tickets", book=fact.book or fact.product, units=fact.units, day=fact.on)
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: Appeal) -> Told:
    what = _say(f"appeal.{fact.state.name.lower()}", motive=fact.motive)
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: Anomaly) -> Told:
    return Told("", None, "", "", _say("anomaly", until=fact.appeal_until))


@tell.register
def _(fact: DatedFact) -> Told:
    what = _say(
        "dated",
        fact=describe_fact(fact.name),
        value=describe_value(fact.value),
        first=fact.first_day,
        source=fact.source,
    )
    return Told(fact.id or "", fact.recorded_at, fact.author, "", what)


@tell.register
def _(fact: Payment) -> Told:
    what = _say(
        "payment", payment=fact.id, amount=Money(fact.amount, fact.currency), on=fact.received_on,
        means=Description.of(f"report.means.{fact.means.name.lower()}"),
        receipt=str(fact.receipt) if fact.receipt is not None else "",
    )  # fmt: skip
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: Rejection) -> Told:
    return Told(
        fact.id,
        fact.at,
        fact.author,
        "",
        _say("mistake" if fact.mistake else "rejection", on=fact.on, motive=fact.motive),
    )


@tell.register
def _(fact: Refund) -> Told:
    what = _say("refund", on=fact.on, amount=Money(fact.amount, EUR), motive=fact.motive)
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: WriteOff) -> Told:
    what = _say(f"write_off.{fact.kind.name.lower()}", on=fact.on, reference=fact.reference)
    return Told(fact.id, fact.at, fact.author, "", what)


@tell.register
def _(fact: Reminder) -> Told:
    return Told(fact.id, None, fact.author, fact.channel, _say("reminder", level=fact.level, on=fact.on))
