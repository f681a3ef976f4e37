"""Use cases of the issuer: how the commune presents itself on what it prints and sends."""

from __future__ import annotations

import datetime as dt

from periscolaire.access import Actor, Operation, require
from periscolaire.billing import Issuer
from periscolaire.operations._once import record_act
from periscolaire.operations._reglements import published_reglements
from periscolaire.ports import UnitOfWork

__all__ = ["issuer_of", "set_issuer"]


def set_issuer(issuer: Issuer, uow: UnitOfWork, *, actor: Actor, now: dt.datetime) -> None:
    """Say who issues from now on; documents printed again bear the new head. Does not commit.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    """
    require(actor, Operation.CHANGE_RULES)
    held = uow.issuers.find("")
    if held is not None and held.model == issuer:
        return
    record_act(uow, actor, Operation.CHANGE_RULES, "issuer", now)
    uow.issuers.save(issuer, held.version if held is not None else 0)


def issuer_of(uow: UnitOfWork) -> Issuer:
    """Who issues; the commune's name alone, where nobody has said more.

    :raises NotFoundError: nobody has, and no règlement is published.
    """
    held = uow.issuers.find("")
    return held.model if held is not None else Issuer(published_reglements(uow).versions[-1].commune)
