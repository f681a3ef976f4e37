"""From a check to what is recorded: the changes to append, the places to move, and the receipt for the family."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire.booking._context import BookingContext
from periscolaire.booking._places import Claim
from periscolaire.booking._reservations import BookingChange, ChangeKind, SlotKey
from periscolaire.booking._verdicts import CheckResult, Estimate, LineStatus, LineVerdict
from periscolaire.catalogue import Action, Effect
from periscolaire.clock import require_aware
from periscolaire.ids import FactId, HouseholdId, IdFactory
from periscolaire.reasons import Reason

__all__ = ["Receipt", "ReceiptLine", "Recording", "receipt", "recording"]


@attrs.frozen
class Recording:
    """What validating writes: ``changes`` in order, then the places that they take and give back, line by line.

    Places are given back before any is taken, so that a change inside one pool never stands in its own way.
    """

    changes: tuple[BookingChange, ...]
    released: tuple[Claim, ...]
    claimed: tuple[Claim, ...]


@attrs.frozen
class ReceiptLine:
    """One thing recorded: what became of the wish, with which effect, until when it can be undone for nothing.

    ``undo_until`` is exclusive; with ``undoable`` and without ``undo_until``, there is no limit. ``price`` is the
    estimate at that instant, in minor units.
    """

    action: Action
    key: SlotKey
    status: LineStatus
    effect: Effect | None
    undoable: bool
    undo_until: dt.datetime | None
    to: SlotKey | None = None
    hold_until: dt.datetime | None = None
    price: int | None = None
    reasons: tuple[Reason, ...] = ()


@attrs.frozen
class Receipt:
    """The numbered proof that a family keeps: what was recorded, by whom, when, under which version of the rules."""

    number: str
    household: HouseholdId
    at: dt.datetime
    author: str
    channel: str | None
    reglement: str
    lines: tuple[ReceiptLine, ...]
    refused: tuple[ReceiptLine, ...]
    estimate: Estimate

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


_KINDS = {
    LineStatus.FIRM: ChangeKind.BOOK,
    LineStatus.CHANGED: ChangeKind.BOOK,
    LineStatus.HELD: ChangeKind.REQUEST,
    LineStatus.REQUEST: ChangeKind.REQUEST,
    LineStatus.WAITING: ChangeKind.QUEUE,
    LineStatus.CANCELLED: ChangeKind.CANCEL,
}
_BOOKS = frozenset({ChangeKind.BOOK, ChangeKind.REQUEST, ChangeKind.QUEUE})


def recording(
    result: CheckResult,
    context: BookingContext,
    at: dt.datetime,
    *,
    author: str,
    reglement: str,
    order: str,
    new_id: IdFactory,
) -> Recording:
    """The facts that validating ``result`` appends. ``author`` names the actor; ``order`` numbers the receipt.

    :raises MisuseError: ``at`` is naive.
    """
    changes: list[BookingChange] = []
    rank = 0  # lines come in canonical order (day, product, child): so do their ranks
    for verdict in result.recorded:
        made = list(_changes(verdict, context, at, author, reglement, order, new_id))
        if made[-1].kind in _BOOKS:
            rank += 1
            made[-1] = attrs.evolve(made[-1], order_rank=rank)
        changes += made
    return Recording(
        tuple(changes),
        tuple(claim for verdict in result.recorded for claim in verdict.released),
        tuple(claim for verdict in result.recorded for claim in verdict.claims),
    )


def _changes(
    verdict: LineVerdict,
    context: BookingContext,
    at: dt.datetime,
    author: str,
    reglement: str,
    order: str,
    new_id: Callable[[], str],
) -> Iterable[BookingChange]:
    line = verdict.line
    base = BookingChange(
        id=FactId(new_id()),
        key=line.key,
        household=context.household,
        kind=_KINDS[verdict.status],
        at=at,
        author=author,
        channel=context.channel,
        reglement=reglement,
        tier=verdict.tier,
        effect=verdict.effect,
        counter=verdict.counter,
        rank=verdict.rank,
        mode=line.mode,
        motive=line.motive,
        reason=verdict.reasons[0] if verdict.reasons else None,
        order=order,
        hold_until=verdict.hold_until,
        derogation=context.derogation,
    )
    if line.to is None:
        yield base
        return
    yield attrs.evolve(
        base,
        kind=ChangeKind.REPLACE,
        replaced_by=line.to,
        tier=None,
        effect=None,
        counter=None,
        rank=None,
        hold_until=None,
    )
    yield attrs.evolve(base, id=FactId(new_id()), key=line.to)


def receipt(
    result: CheckResult,
    context: BookingContext,
    at: dt.datetime,
    *,
    author: str,
    reglement: str,
    number: str,
) -> Receipt:
    """The receipt of what validating ``result`` recorded, with what was refused and why."""
    return Receipt(
        number=number,
        household=context.household,
        at=at,
        author=author,
        channel=context.channel,
        reglement=reglement,
        lines=tuple(_line(verdict) for verdict in result.recorded),
        refused=tuple(_line(verdict) for verdict in result.refusals),
        estimate=result.estimate,
    )


def _line(verdict: LineVerdict) -> ReceiptLine:
    return ReceiptLine(
        action=verdict.line.action,
        key=verdict.line.key,
        status=verdict.status,
        effect=verdict.effect,
        undoable=verdict.undoable,
        undo_until=verdict.until,
        to=verdict.line.to,
        hold_until=verdict.hold_until,
        price=verdict.price,
        reasons=verdict.reasons,
    )
