"""Use cases of registrations: register, change the pattern with notice, book what the pattern says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire.access import Actor, FamilyActor, Operation, require
from periscolaire.booking import (
    Basket,
    Line,
    Pattern,
    PatternChange,
    Receipt,
    Registration,
    change_pattern,
    difference,
)
from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.ids import FactId, Key
from periscolaire.operations._family import read_family
from periscolaire.operations._once import trail
from periscolaire.operations._targets import child_target, household_target
from periscolaire.operations.booking._context import booking_context
from periscolaire.operations.booking._validate import record_basket
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reglement import Reglement

__all__ = ["BulkReport", "Registered", "change_registration", "register", "register_many"]

#: The mode of the bookings that a standing pattern makes.
STANDING = "annuel"


@attrs.frozen
class Registered:
    """A registration as it was recorded, and the receipt of the bookings that its pattern made (none: no pattern)."""

    registration: Registration
    receipt: Receipt | None


@attrs.frozen
class BulkReport:
    """What became of many registrations: those recorded, and those that could not be, each with the error's words."""

    registered: tuple[Registered, ...]
    failed: tuple[tuple[Registration, str], ...]


def register(
    registration: Registration,
    uow: UnitOfWork,
    *,
    actor: Actor,
    key: Key,
    at: dt.datetime,
    reglement: Reglement,
    channel: str | None = None,
    derogation: str | None = None,
    make_id: Callable[[], str] = new_id,
) -> Registered:
    """Record a new registration and book the days of its pattern, from the day of ``at`` on: the best part of them.

    Whoever may register may book those days; a derogation needs its own right. Sent again it counts once: the
    registration is known by its identifier, and days booked already are not booked again.

    :raises AccessDeniedError: the actor may not register this child.
    :raises ConflictError: the child already is registered for the product in that span by this household.
    :raises MisuseError: a product that the règlement does not know, or a child of another household.
    """
    if all(product.code != registration.product for product in reglement.products):
        raise MisuseError(
            f"product {registration.product!r}: the règlement of {reglement.commune} has none of that code",
            code="reglement.no_product",
            product=registration.product,
            version=reglement.version,
        )
    uow.hold(registration.household, registration.child)
    _require_registering(actor, registration, registration.span.first, uow)
    if derogation is not None:
        require(actor, Operation.BOOK_BY_DEROGATION, child_target(uow, registration.child, registration.span.first))
    family = read_family(uow, registration.household, registration.span)
    if registration.child not in family.children:
        raise MisuseError(
            f"child {registration.child!r} is not of household {registration.household!r}",
            code="operation.child_of_other_household",
            child=registration.child,
            household=registration.household,
        )
    stored = uow.registrations.find(registration.id)
    if stored is None:
        for other in family.registrations.get(registration.child, ()):
            if _overlap(registration, other):
                raise ConflictError(
                    f"{registration.child} is registered for {registration.product} in that span already",
                    code="operation.registered_already",
                    child=registration.child,
                    product=registration.product,
                )
        uow.registrations.save(registration)
        target = f"registration:{registration.id}"
        trail(uow, actor, Operation.REGISTER_CHILD, target, at, channel=channel, detail="registered")
        uow.commit()
    else:
        registration = stored.model
    receipt = _book_pattern(registration, uow, actor, key, at, reglement, channel, derogation, make_id)
    return Registered(registration, receipt)


def register_many(
    registrations: Iterable[Registration],
    uow: UnitOfWork,
    *,
    actor: Actor,
    key: Key,
    at: dt.datetime,
    reglement: Reglement,
    channel: str | None = None,
    derogation: str | None = None,
    make_id: Callable[[], str] = new_id,
) -> BulkReport:
    """Many registrations, each in a transaction of its own: stopped midway and run again, it takes up where it was.

    :raises AccessDeniedError: the actor may not register one of the children.
    """
    done: list[Registered] = []
    failed: list[tuple[Registration, str]] = []
    for one in registrations:
        try:
            done.append(
                register(
                    one,
                    uow,
                    actor=actor,
                    key=Key(f"{key}/{one.id}"),
                    at=at,
                    reglement=reglement,
                    channel=channel,
                    derogation=derogation,
                    make_id=make_id,
                )
            )
        except (ConflictError, MisuseError) as error:
            uow.rollback()
            failed.append((one, str(error)))
    return BulkReport(tuple(done), tuple(failed))


def change_registration(
    registration_id: FactId,
    pattern: Pattern,
    wished: dt.date,
    uow: UnitOfWork,
    *,
    actor: Actor,
    key: Key,
    at: dt.datetime,
    reglement: Reglement,
    channel: str | None = None,
    dry_run: bool = False,
    make_id: Callable[[], str] = new_id,
) -> PatternChange:
    """Give a registration another pattern from ``wished`` on, or from the first day that the règlement's notice allows.

    A dry run writes nothing and tells that day.

    :raises AccessDeniedError: the actor may not register this child.
    :raises NotFoundError: no such registration.
    """
    before = uow.registrations.find(registration_id)
    if before is None:
        require(actor, Operation.REGISTER_CHILD)  # a family is refused as for somebody else's
        raise NotFoundError(
            f"registration {registration_id}", code="operation.no_registration", registration=registration_id
        )
    registration = before.model
    uow.hold(registration.household, registration.child)
    _require_registering(actor, registration, wished, uow)
    context = booking_context(
        uow,
        registration.household,
        reglement=reglement,
        span=Span(wished, registration.span.last),
        children=[registration.child],
        channel=channel,
        author=actor.author,
    )
    changed = change_pattern(registration, pattern, wished, reglement, context, at, author=actor.label)
    if dry_run or changed.effective is None:
        return changed
    uow.registrations.save(changed.registration, before.version)
    target = f"registration:{registration.id}"
    trail(uow, actor, Operation.REGISTER_CHILD, target, at, channel=channel, detail="changed")
    lines = [Line(Action.BOOK, booked, mode=STANDING) for booked in changed.difference.book]
    lines += [Line(Action.CANCEL, cancelled) for cancelled in changed.difference.cancel]
    record_basket(
        Basket.of(registration.household).add(*lines),
        uow,
        actor=actor,
        key=key,
        at=at,
        reglement=reglement,
        channel=channel,
        make_id=make_id,
    )
    return changed


def _book_pattern(
    registration: Registration,
    uow: UnitOfWork,
    actor: Actor,
    key: Key,
    at: dt.datetime,
    reglement: Reglement,
    channel: str | None,
    derogation: str | None,
    make_id: Callable[[], str],
) -> Receipt | None:
    product = reglement.product(registration.product)
    first = max(registration.span.first, reglement.calendar.today(at))
    if first > registration.span.last or not product.needs_booking:
        return None
    span = Span(first, registration.span.last)
    context = booking_context(
        uow, registration.household, reglement=reglement, span=span, children=[registration.child], author=actor.author
    )
    running = reglement.calendar.days(span.first, span.last, open_days=product.open_days)
    wanted = difference(
        registration,
        context.reservations.values(),
        running,
        lambda day: context.is_ours(registration.child, day),
    )
    basket = Basket.of(registration.household).add(*(Line(Action.BOOK, one, mode=STANDING) for one in wanted.book))
    if not basket.lines:
        return None
    return record_basket(
        basket,
        uow,
        actor=actor,
        key=Key(f"{key}/{len(context.reservations)}"),
        at=at,
        reglement=reglement,
        channel=channel,
        derogation=derogation,
        make_id=make_id,
    )


def _require_registering(actor: Actor, registration: Registration, day: dt.date, uow: UnitOfWork) -> None:
    """The child is the actor's to register, and so is the household that would pay."""
    require(actor, Operation.REGISTER_CHILD, child_target(uow, registration.child, day))
    if isinstance(actor, FamilyActor):
        require(actor, Operation.VIEW_HOUSEHOLD, household_target(uow, registration.household, day))


def _overlap(one: Registration, other: Registration) -> bool:
    return (
        (one.product, one.household, one.slot) == (other.product, other.household, other.slot)
        and one.span.first <= other.span.last
        and other.span.first <= one.span.last
    )
