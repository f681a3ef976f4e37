"""What use cases about some days of a child share: whose the days are, which services there are, how it is written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import TypeVar

from periscolaire.access import Actor, Operation
from periscolaire.attendance import AbsenceNotice, Proof, Suspension
from periscolaire.calendar import Span
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, Key, ProductCode
from periscolaire.operations._once import record_act
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import require_days
from periscolaire.operations.attendance._presences import fold_slots, slots_of
from periscolaire.ports import Journal, UnitOfWork

__all__ = ["append_to", "as_set", "check_products", "check_span", "require_span"]

_LONGEST = dt.timedelta(days=366)

SpanFactT = TypeVar("SpanFactT", AbsenceNotice, Proof, Suspension)


def check_span(child: ChildId, first: dt.date, last: dt.date) -> None:
    if not dt.timedelta(0) <= last - first <= _LONGEST:
        raise MisuseError(
            f"{child}: from {first} to {last}, expected a span of at most a year",
            code="absence.span_too_long",
            child=child,
            first=first,
            last=last,
        )


def as_set(products: tuple[ProductCode, ...] | None) -> frozenset[ProductCode] | None:
    """Commands hold tuples, which read the same in every process: what a key was used for is compared as text."""
    return None if products is None else frozenset(products)


def check_products(uow: UnitOfWork, day: dt.date, products: Collection[ProductCode] | None) -> None:
    reglement = published_reglements(uow).on(day)
    for product in sorted(products or ()):
        reglement.product(product)


def require_span(uow: UnitOfWork, actor: Actor, operation: Operation, child: ChildId, span: Span) -> None:
    """Each day of the span must be the actor's to speak for: a child is of one parent on Monday, of the other after."""
    require_days(actor, operation, ((child, day) for day in span), uow)
    uow.children.get(child)


def append_to(
    journal: Journal[ChildId, SpanFactT],
    fact: SpanFactT,
    uow: UnitOfWork,
    *,
    actor: Actor,
    operation: Operation,
    now: dt.datetime,
    detail: str,
    key: Key | None,
    command: object,
) -> None:
    """Append ``fact`` with its line of the audit trail, and fold the days of the child that it speaks of."""
    uow.hold(fact.child)
    record_act(
        uow, actor, operation, f"child:{fact.child}", now, detail=detail, key=key, command=command, result=fact.id
    )  # fmt: skip
    journal.append([fact])
    fold_slots(uow, slots_of(uow, fact.child, Span(fact.first, fact.last)))
