"""Use cases of absences: told, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import Actor, Operation
from periscolaire.attendance import AbsenceNotice, newest
from periscolaire.calendar import Span
from periscolaire.clock import require_aware, utc
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.ids import ChildId, FactId, Key, ProductCode
from periscolaire.operations._once import after, done_before
from periscolaire.operations._reglements import commune_today
from periscolaire.operations.attendance._spans import append_to, as_set, check_products, check_span, require_span
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["AbsenceTold", "tell_absence", "withdraw_absence"]


@attrs.frozen
class AbsenceTold:
    """A family says that a child will not come, or did not, from ``first`` to ``last``, for ``products`` (all: None).

    ``told_at`` is when it was told, if not now: a message left on the answering machine is told when it is left.
    """

    child: ChildId
    first: dt.date
    last: dt.date
    motive: str | None = None
    products: tuple[ProductCode, ...] | None = None
    refund_requested: bool = False
    told_at: dt.datetime | None = None

    def __attrs_post_init__(self) -> None:
        check_span(self.child, self.first, self.last)
        if self.told_at is not None:
            require_aware(self.told_at, "told_at")


def tell_absence(
    absence: AbsenceTold,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> FactId:
    """Record that an absence was told; the identifier of the notice. Does not commit.

    :raises AccessDeniedError: a day is not this family's, or staff may not.
    :raises NotFoundError: no such child or product.
    :raises MisuseError: told in the future.
    """
    require_span(uow, actor, Operation.DECLARE_ABSENCE, absence.child, Span(absence.first, absence.last))
    if (known := done_before(uow, key, absence)) is not None:
        return FactId(known)
    told_at = absence.told_at or now
    if utc(told_at) > utc(now):
        raise MisuseError(
            f"absence of {absence.child}: told at {told_at}, after now",
            code="absence.told_in_the_future",
            child=absence.child,
            told=told_at,
        )
    check_products(uow, absence.first, absence.products)
    notice = AbsenceNotice(
        FactId(make_id()), absence.child, absence.first, absence.last, utc(told_at), actor.label, utc(now),
        absence.motive, as_set(absence.products), absence.refund_requested,
    )  # fmt: skip
    append_to(
        uow.absence_notices, notice, uow, actor=actor, operation=Operation.DECLARE_ABSENCE, now=now,
        detail="told", key=key, command=absence,
    )  # fmt: skip
    return notice.id


def withdraw_absence(
    child: ChildId, notice: FactId, uow: UnitOfWork, *, actor: Actor, now: dt.datetime, key: Key | None = None
) -> None:
    """Take back a notice of absence. Does not commit.

    :raises NotFoundError: no such notice about this child.
    """
    held = newest(uow.absence_notices.of(child), notice)
    told = Span(held.first, held.last) if held is not None else Span.one(commune_today(uow, now))
    require_span(uow, actor, Operation.DECLARE_ABSENCE, child, told)
    if held is None:
        raise NotFoundError(
            f"absence notice {notice} about child {child}", code="absence.no_notice", notice=notice, child=child
        )
    command = ("withdraw_absence", child, notice)
    if done_before(uow, key, command) is not None:
        return
    taken_back = attrs.evolve(held, withdrawn=True, at=after(now, held.at), author=actor.label)
    append_to(
        uow.absence_notices, taken_back, uow, actor=actor, operation=Operation.DECLARE_ABSENCE, now=now,
        detail="withdrawn", key=key, command=command,
    )  # fmt: skip
