"""Use cases of the régie's desk: numbered receipts, deposit slips, closing, journal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import (
    CashKind,
    CashMove,
    DepositSlip,
    DeskClosing,
    JournalRow,
    Means,
    Payment,
    Quittance,
    close_desk,
    deposit_slip,
    desk_content,
    float_of,
    journal,
    quittances,
    to_deposit,
)
from periscolaire.calendar import Span
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import FactId, Key
from periscolaire.money import Amount
from periscolaire.operations._accounts import read_account
from periscolaire.operations._once import done_before, record_act
from periscolaire.ports import UnitOfWork, new_id

__all__ = [
    "CashMoved",
    "DeskCount",
    "close_cash_desk",
    "desk_holds",
    "make_deposit_slip",
    "move_cash",
    "number_quittances",
    "regie_journal",
    "undeposited",
]

#: Receipts and slips are numbered without regard to fiscal years.
_FOR_EVER = 0


def number_quittances(series: str, uow: UnitOfWork, *, actor: Actor, now: dt.datetime) -> tuple[Quittance, ...]:
    """Number the receipts of all payments of a series that have none yet, in order of recording. Does not commit.

    The numbers of a series go on for ever, without a gap; doing it again numbers nothing.
    """
    require(actor, Operation.RECORD_PAYMENT)
    waiting = {
        stored.model.id: stored
        for stored in uow.payments.stream()
        if stored.model.series == series and stored.model.receipt is None
    }
    if not waiting:
        return ()
    record_act(uow, actor, Operation.RECORD_PAYMENT, f"series:{series}", now, detail=f"quittances:{len(waiting)}")
    households = sorted({stored.model.household for stored in waiting.values()})
    allocations = [one for household in households for one in read_account(household, series, uow).allocations]
    first = uow.numbers.take(f"quittances {series}", _FOR_EVER, len(waiting))
    made = quittances((stored.model for stored in waiting.values()), allocations, series, next_number=first)
    for quittance in made:
        stored = waiting[quittance.payment]
        uow.payments.save(attrs.evolve(stored.model, receipt=quittance.number), stored.version)
        uow.quittances.save(quittance)
    return made


def undeposited(series: str, uow: UnitOfWork, *, actor: Actor, on: dt.date = dt.date.max) -> tuple[Payment, ...]:
    """What the desk holds at the end of ``on`` and has handed over on no slip yet, oldest first.

    :raises AccessDeniedError: the actor may not see reports.
    """
    require(actor, Operation.VIEW_REPORTS)
    payments = (stored.model for stored in uow.payments.stream())
    mine = [payment for payment in payments if payment.series == series and payment.received_on <= on]
    return to_deposit(mine, uow.deposit_slips.of(series), uow.rejections.stream())


def make_deposit_slip(
    series: str, uow: UnitOfWork, *, on: dt.date, actor: Actor, now: dt.datetime, key: Key | None = None
) -> DepositSlip:
    """Hand over on a numbered slip all that the desk holds at the end of ``on``. Does not commit.

    :raises MisuseError: the desk holds nothing to hand over.
    :raises ConflictError: a later slip was made.
    """
    require(actor, Operation.RECORD_PAYMENT)
    slips = uow.deposit_slips.of(series)
    command = ("make_deposit_slip", series, on)
    if (known := done_before(uow, key, command)) is not None:
        return next(slip for slip in slips if str(slip.number) == known)
    if slips and on < slips[-1].on:
        raise ConflictError(
            f"deposit slip of {series} on {on}: the last one was made on {slips[-1].on}",
            code="desk.slip_after",
            series=series,
            day=on,
            last=slips[-1].on,
        )
    payments = (stored.model for stored in uow.payments.stream())
    mine = [payment for payment in payments if payment.series == series and payment.received_on <= on]
    held = to_deposit(mine, slips, uow.rejections.stream())
    given = [refund for refund in uow.refunds.stream() if refund.series == series and refund.on <= on]
    draft = deposit_slip(held, series, 1, on, actor.label, refunds=given, slips=slips)
    number = uow.numbers.take(f"bordereaux {series}", _FOR_EVER)
    slip = attrs.evolve(draft, number=number)
    record_act(
        uow, actor, Operation.RECORD_PAYMENT, f"series:{series}", now, detail=f"slip:{number}", key=key,
        command=command, result=str(number),
    )  # fmt: skip
    uow.deposit_slips.append([slip])
    return slip


@attrs.frozen
class DeskCount:
    """What was counted at the desk of a series on a day, by means, in minor units; and why it is not what was due."""

    series: str
    on: dt.date
    counted: tuple[tuple[Means, Amount], ...]
    explanation: str = ""


def close_cash_desk(
    count: DeskCount,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> DeskClosing:
    """Close the desk: what was counted against what the books say it holds, with every difference. Does not commit.

    :raises MisuseError: a negative count, or a means that does not pass through the desk.
    :raises ConflictError: it was closed on a later day.
    """
    require(actor, Operation.RECORD_PAYMENT)
    closings = uow.desk_closings.of(count.series)
    if (known := done_before(uow, key, count)) is not None:
        return next(closing for closing in closings if closing.id == known)
    if closings and count.on < closings[-1].on:
        raise ConflictError(
            f"desk of {count.series}: closed on {closings[-1].on}, cannot be closed on {count.on}",
            code="desk.closed_after",
            series=count.series,
            day=count.on,
            last=closings[-1].on,
        )
    closing = close_desk(
        FactId(make_id()),
        count.series,
        [stored.model for stored in uow.payments.stream()],
        count.counted,
        count.on,
        utc(now),
        actor.label,
        rejections=uow.rejections.stream(),
        refunds=uow.refunds.stream(),
        slips=uow.deposit_slips.of(count.series),
        moves=uow.cash_moves.of(count.series),
        closed_at=closings[-1].at if closings else None,
        explanation=count.explanation,
    )
    record_act(
        uow, actor, Operation.RECORD_PAYMENT, f"series:{count.series}", now, detail="closed", key=key, command=count,
        result=closing.id,
    )  # fmt: skip
    uow.desk_closings.append([closing])
    return closing


def desk_holds(series: str, uow: UnitOfWork, *, actor: Actor, on: dt.date) -> dict[Means, Amount]:
    """What the books say that the desk holds at the end of ``on``, by means, its *fonds de caisse* included.

    :raises AccessDeniedError: the actor may not see reports.
    """
    require(actor, Operation.VIEW_REPORTS)
    closings = uow.desk_closings.of(series)
    return desk_content(
        series,
        on,
        [stored.model for stored in uow.payments.stream()],
        rejections=uow.rejections.stream(),
        refunds=uow.refunds.stream(),
        slips=uow.deposit_slips.of(series),
        moves=uow.cash_moves.of(series),
        closed_at=closings[-1].at if closings else None,
    )


@attrs.frozen
class CashMoved:
    """Cash for change given to the desk or taken back from it, or a difference that was settled, on ``on``."""

    series: str
    kind: CashKind
    amount: Amount
    on: dt.date
    motive: str = ""


def move_cash(
    moved: CashMoved,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> CashMove:
    """Record a *fonds de caisse* received or given back, a shortage or a surplus that was settled. Does not commit.

    :raises MisuseError: an amount that is not above 0, or a difference without its motive.
    :raises ConflictError: more is given back than the desk was trusted with.
    """
    require(actor, Operation.RECORD_PAYMENT)
    known = uow.cash_moves.of(moved.series)
    if (done := done_before(uow, key, moved)) is not None:
        return next(one for one in known if one.id == done)
    move = CashMove(
        FactId(make_id()), moved.series, moved.kind, moved.amount, moved.on, utc(now), actor.label, moved.motive
    )
    if move.kind in (CashKind.SHORTAGE, CashKind.SURPLUS) and not move.motive.strip():
        raise MisuseError(f"{move.kind.value}: expected its motive", code="desk.difference_without_motive")
    if move.kind is CashKind.FLOAT_OUT and move.amount > (held := float_of(known, move.on)):
        raise ConflictError(
            f"float of {moved.series}: {move.amount} given back, {held} held", code="desk.float_too_small",
            series=moved.series,
        )  # fmt: skip
    record_act(
        uow, actor, Operation.RECORD_PAYMENT, f"series:{moved.series}", now, detail=move.kind.name.lower(), key=key,
        command=moved, result=move.id,
    )  # fmt: skip
    uow.cash_moves.append([move])
    return move


def regie_journal(span: Span, uow: UnitOfWork, *, actor: Actor, series: str) -> tuple[JournalRow, ...]:
    """The journal of the régie of a series over a closed span of days, in double entry."""
    require(actor, Operation.VIEW_REPORTS)
    payments = {stored.model.id: stored.model for stored in uow.payments.stream() if stored.model.series == series}
    return journal(
        payments.values(),
        rejections=(one for one in uow.rejections.stream() if one.payment in payments),
        refunds=(one for one in uow.refunds.stream() if one.series == series),
        slips=uow.deposit_slips.of(series),
        moves=uow.cash_moves.of(series),
        first=span.first,
        last=span.last,
    )
