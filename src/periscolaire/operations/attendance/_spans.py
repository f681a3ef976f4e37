"""What use cases about some days of a child share: the days are the actor's, the services are the règlement's."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

from periscolaire.access import Actor, Operation
from periscolaire.calendar import Span
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, ProductCode
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import require_days
from periscolaire.ports import UnitOfWork

__all__ = ["as_set", "check_products", "check_span", "require_span"]

_LONGEST = dt.timedelta(days=366)


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
    days = (span.first + dt.timedelta(days=offset) for offset in range((span.last - span.first).days + 1))
    require_days(actor, operation, ((child, day) for day in days), uow)
    uow.children.get(child)
