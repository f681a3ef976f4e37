"""Use cases of acts that let new rules reach days already billed: the only way in which a change of rules does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import newest
from periscolaire.billing import Reprise
from periscolaire.calendar import Span
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, NotFoundError
from periscolaire.ids import FactId, Key, ProductCode
from periscolaire.operations._once import after, done_before, record_act
from periscolaire.operations._reglements import published_reglements
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["record_reprise", "withdraw_reprise"]


def record_reprise(
    reference: str,
    span: Span,
    products: Collection[ProductCode] | None,
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    key: Key | None = None,
    make_id: Callable[[], str] = new_id,
) -> Reprise:
    """Let the rules in force on the days of ``span`` price them again, though other rules billed them. Does not commit.

    ``reference`` is the act that decided it; ``products`` those it is about (``None``: all). The next run takes back
    what was billed by former rules, line by line, and bills the days by the new ones.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    :raises MisuseError: no reference.
    :raises NotFoundError: no règlement is in force on the first or the last day, or none on these days has a product.
    """
    require(actor, Operation.CHANGE_RULES)
    chosen = None if products is None else frozenset(products)
    command = ("record_reprise", reference, span, sorted(chosen or ()))
    if (known := done_before(uow, key, command)) is not None:
        held = newest(uow.reprises.of(""), FactId(known))
        assert held is not None  # its key was recorded with it
        return held
    act = Reprise(FactId(make_id()), reference, span.first, span.last, utc(now), actor.label, chosen)
    reglements = published_reglements(uow)
    ends = [reglements.on(day) for day in (span.first, span.last)]
    inside = [one for one in reglements.versions if ends[0].first_day <= one.first_day <= ends[1].first_day]
    known_then = {product.code for version in inside for product in version.products}
    for unknown in sorted((chosen or frozenset()) - known_then):
        inside[-1].product(unknown)  # says which version has no such product
    record_act(
        uow, actor, Operation.CHANGE_RULES, f"reprise:{act.id}", now, detail="recorded", key=key, command=command,
        result=act.id,
    )  # fmt: skip
    uow.reprises.append([act])
    return act


def withdraw_reprise(reprise: FactId, uow: UnitOfWork, *, actor: Actor, now: dt.datetime) -> Reprise:
    """Take an act back before it is billed: days that were not billed again keep their former rules. Does not commit.

    What a run has already billed by the new rules stands.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    :raises NotFoundError: no such act.
    :raises ConflictError: it was withdrawn before.
    """
    require(actor, Operation.CHANGE_RULES)
    held = newest(uow.reprises.of(""), reprise)
    if held is None:
        raise NotFoundError(f"reprise {reprise}", code="billing.no_reprise", reprise=reprise)
    if held.withdrawn:
        raise ConflictError(
            f"reprise {reprise} was withdrawn before", code="billing.reprise_withdrawn", reprise=reprise
        )
    record_act(uow, actor, Operation.CHANGE_RULES, f"reprise:{reprise}", now, detail="withdrawn")
    withdrawn = attrs.evolve(held, withdrawn=True, at=after(now, held.at), author=actor.label)
    uow.reprises.append([withdrawn])
    return withdrawn
