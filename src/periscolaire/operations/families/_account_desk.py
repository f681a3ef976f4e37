"""Use cases of the commune's administrator about families' accounts: see, send a link, unblock, close."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access import Account, Actor, Operation, Target, TokenScope, audit, counter_key, require
from periscolaire.clock import utc
from periscolaire.errors import NotFoundError
from periscolaire.operations.families._accounts import Accounts
from periscolaire.operations.families._invitations import account_of
from periscolaire.ports import Stored, UnitOfWork

__all__ = ["AccountStanding", "account_standings", "close_family_account", "send_reset_link", "unblock_account"]


@attrs.frozen
class AccountStanding:
    """An account as the commune sees it. ``blocked_until`` if too many sign-ins failed, ``None`` if it is not blocked.

    ``links`` counts the links sent that still work.
    """

    account: Account
    blocked_until: dt.datetime | None
    links: int


def account_standings(uow: UnitOfWork, *, actor: Actor, at: dt.datetime) -> tuple[AccountStanding, ...]:
    """Every account, by e-mail address.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    """
    require(actor, Operation.MANAGE_ACCOUNT)
    found = sorted((stored.model for stored in uow.accounts.stream()), key=lambda one: (one.email, one.id))
    return tuple(_standing(account, uow, at) for account in found)


def _standing(account: Account, uow: UnitOfWork, at: dt.datetime) -> AccountStanding:
    counter = uow.try_counters.find(counter_key(account.email))
    blocked = counter.model.blocked_until if counter is not None and counter.model.blocked_at(at) else None
    sent = [stored.model for stored in uow.tokens.of(account.id) if stored.model.scope is not TokenScope.DEVICE]
    links = sum(not one.used and utc(at) < one.expires_at for one in sent)
    return AccountStanding(account, blocked, links)


def send_reset_link(
    email: str, accounts: Accounts, uow: UnitOfWork, *, actor: Actor, at: dt.datetime, channel: str
) -> None:
    """Send to an account the link that « J'ai oublié mon mot de passe » sends, as often as that does; and commit.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    :raises NotFoundError: no open account of that address.
    """
    account = _account(email, uow, actor).model
    uow.audit.append([audit(actor, Operation.MANAGE_ACCOUNT, _target(account), at, channel=channel, detail="reset")])
    accounts.forgot_password(uow, account.email, at=at)


def unblock_account(email: str, uow: UnitOfWork, *, actor: Actor, at: dt.datetime, channel: str) -> bool:
    """Forget the failed sign-ins of an account; whether there were any. Does not commit.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    :raises NotFoundError: no open account of that address.
    """
    account = _account(email, uow, actor).model
    counter = uow.try_counters.find(counter_key(account.email))
    if counter is None:
        return False
    uow.try_counters.remove(counter.model.key, counter.version)
    line = audit(actor, Operation.MANAGE_ACCOUNT, _target(account), at, channel=channel, detail="unblocked")
    uow.audit.append([line])
    return True


def close_family_account(email: str, uow: UnitOfWork, *, actor: Actor, at: dt.datetime, channel: str) -> Account:
    """Close an account: no password, link or subject works any more; the household's file stays. Does not commit.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    :raises NotFoundError: no open account of that address.
    """
    stored = _account(email, uow, actor)
    closed = stored.model.closed()
    uow.accounts.save(closed, stored.version)
    for token in uow.tokens.of(closed.id):
        if not token.model.used:
            uow.tokens.save(token.model.spent(), token.version)
    uow.audit.append([audit(actor, Operation.MANAGE_ACCOUNT, _target(closed), at, channel=channel, detail="closed")])
    return closed


def _account(email: str, uow: UnitOfWork, actor: Actor) -> Stored[Account]:
    require(actor, Operation.MANAGE_ACCOUNT)
    found = account_of(uow, email)
    if found is None:
        raise NotFoundError(f"account of {email!r}", code="account.missing", email=email)
    require(actor, Operation.MANAGE_ACCOUNT, Target.of_account(found.model.id))
    return found


def _target(account: Account) -> str:
    return f"account:{account.id}"
