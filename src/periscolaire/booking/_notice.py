"""Changing a standing pattern with the notice that the règlement asks, never more and never less."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.booking._basket import Line
from periscolaire.booking._check import check_line
from periscolaire.booking._context import BookingContext
from periscolaire.booking._desk import Desk
from periscolaire.booking._patterns import Pattern
from periscolaire.booking._registrations import Difference, Registration, difference
from periscolaire.booking._verdicts import LineStatus, LineVerdict
from periscolaire.calendar import OPEN
from periscolaire.catalogue import Action
from periscolaire.errors import MisuseError
from periscolaire.reglement import Reglement

__all__ = ["PatternChange", "change_pattern"]

_FOR_NOTHING = frozenset({LineStatus.FIRM, LineStatus.HELD, LineStatus.CANCELLED})


@attrs.frozen
class PatternChange:
    """A change of pattern that was asked for, and what it comes to.

    ``effective`` is the first day on which it holds: the one wished, or the first after it from which every day that
    the change books or cancels can still be, at the usual price and without consequence; ``None`` when there is none
    before the registration ends. ``difference`` is what it books and cancels from then on; ``refused`` the verdicts
    that pushed it back.
    """

    registration: Registration
    effective: dt.date | None
    difference: Difference
    refused: tuple[LineVerdict, ...]


def change_pattern(
    registration: Registration,
    pattern: Pattern,
    wished: dt.date,
    reglement: Reglement,
    context: BookingContext,
    at: dt.datetime,
    *,
    author: str,
) -> PatternChange:
    """What becomes of a registration whose family wants another pattern from ``wished`` on.

    Days that are the same under both patterns need no notice. Places are not looked at here: validating the difference
    does.

    :raises MisuseError: ``at`` is naive, or ``wished`` is outside the registration.
    """
    if not registration.covers(wished):
        raise MisuseError(f"{wished} is outside the registration {registration.id}")
    desk = Desk(reglement, context, at, look_ahead=False)
    product = reglement.product(registration.product)
    running = desk.calendar.days(wished, registration.span.last, OPEN, product.open_days)
    ours = _with_household(desk, registration)
    asked = registration.with_pattern(pattern, wished, at, author)
    reservations = tuple(context.reservations.values())
    moved = difference(asked, reservations, running, ours)
    refused: list[LineVerdict] = []
    effective: dt.date | None = wished
    lines = [Line(Action.BOOK, key) for key in moved.book] + [Line(Action.CANCEL, key) for key in moved.cancel]
    for line in lines:
        verdict = check_line(line, desk)
        plain = verdict.effect is not None and verdict.effect.allows and verdict.effect.price is None
        if verdict.status not in _FOR_NOTHING or not plain:
            refused.append(verdict)
    if refused:
        last = max(verdict.line.key.day for verdict in refused)
        effective = next((day for day in running if day > last), None)
    if effective is None:
        return PatternChange(registration, None, Difference((), ()), tuple(refused))
    changed = registration.with_pattern(pattern, effective, at, author)
    from_then = tuple(day for day in running if day >= effective)
    return PatternChange(changed, effective, difference(changed, reservations, from_then, ours), tuple(refused))


def _with_household(desk: Desk, registration: Registration) -> Callable[[dt.date], bool]:
    return lambda day: desk.context.is_ours(registration.child, day)
