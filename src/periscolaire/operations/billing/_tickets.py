"""Use case of tickets bought by the book: the units at once, their price on the next bill."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from periscolaire.access import COMMUNE, Actor, Operation, require
from periscolaire.billing import KindEntry, KindMove
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.ids import ChildId, FactId, HouseholdId, Key
from periscolaire.operations._once import done_before, record_act
from periscolaire.operations._reglements import published_reglements
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["sell_tickets"]


def sell_tickets(
    household: HouseholdId,
    child: ChildId | None,
    book: str,
    count: int,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> tuple[FactId, ...]:
    """Sell ``count`` books of tickets, for one child or (``None``) any of the household. Does not commit.

    Days from today on take the tickets as they are billed, the oldest first; the next run charges each book once, at
    the price of the day of the sale. The facts recorded, one for each book.

    :raises AccessDeniedError: the actor may not collect.
    :raises MisuseError: no book at all.
    :raises NotFoundError: no such household, no such book, or the child is not of the household.
    :raises ConflictError: the règlement does not say what the tickets of that book pay.
    """
    require(actor, Operation.RECORD_PAYMENT, COMMUNE)
    if count < 1:
        raise MisuseError(f"{count} books of {book!r}, expected at least one", code="kind.no_book_asked", n=count)
    command = ("sell_tickets", household, child, book, count)
    if (known := done_before(uow, key, command)) is not None:
        return tuple(map(FactId, known.split()))
    reglements = published_reglements(uow)
    today = reglements.versions[-1].calendar.today(now)
    tickets = next((one for one in reglements.on(today).ticket_books if one.code == book), None)
    if tickets is None:
        raise NotFoundError(f"book {book!r} in the règlement of {today}", code="kind.no_book", book=book, day=today)
    if tickets.product is None:
        raise ConflictError(
            f"book {book!r}: its tickets pay no product", code="kind.book_without_product", book=book, day=today
        )
    home = uow.households.get(household).model
    if child is not None:
        home.check_child(child, today)
    facts = tuple(FactId(make_id()) for _ in range(count))
    record_act(
        uow, actor, Operation.RECORD_PAYMENT, f"household:{household}", now, detail=f"{count} {book}", key=key,
        command=command, result=" ".join(facts),
    )  # fmt: skip
    uow.kind_entries.append(
        KindEntry(
            fact, household, child, tickets.product, KindMove.BOUGHT, tickets.size, today, utc(now), actor.label,
            book=book,
        )
        for fact in facts
    )  # fmt: skip
    return facts
