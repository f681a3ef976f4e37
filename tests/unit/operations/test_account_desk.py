"""The administrator and the families' accounts: seen without a secret, unblocked, sent a link, closed."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.access import Role, Secret, StaffActor
from periscolaire.errors import AccessDeniedError, NotFoundError
from periscolaire.operations import (
    AccountStanding,
    account_standings,
    close_family_account,
    send_reset_link,
    unblock_account,
)

from .test_accounts import AT, PASSWORD, STAFF, World

MAYOR = StaffActor("maire", frozenset({Role.ADMINISTRATOR}))
EMAIL = "alice@exemple.fr"


def standing(world: World, at: dt.datetime = AT) -> AccountStanding:
    with world.store.unit(write=False) as uow:
        (found,) = account_standings(uow, actor=MAYOR, at=at)
    return found


def test_failed_tries_block_and_are_forgotten_on_demand() -> None:
    world = World()
    world.registered()
    for _ in range(world.accounts.tries.tries):
        assert not world.signs_in(Secret("faux"))
    blocked = standing(world)
    assert blocked.blocked_until == AT + world.accounts.tries.block
    assert standing(world, blocked.blocked_until).blocked_until is None
    assert not world.signs_in(PASSWORD)
    with world.store.unit() as uow:
        assert unblock_account(EMAIL, uow, actor=MAYOR, at=AT, channel="mairie")
        assert not unblock_account(EMAIL, uow, actor=MAYOR, at=AT, channel="mairie"), "there is nothing left to forget"
        uow.commit()
    assert world.signs_in(PASSWORD)


def test_a_link_is_sent_in_the_family_s_name_and_told_in_the_trail() -> None:
    world = World()
    actor = world.registered()
    with world.store.unit() as uow:
        send_reset_link(EMAIL, world.accounts, uow, actor=MAYOR, at=AT, channel="mairie")
    assert world.outbox.mails[-1].to == EMAIL
    assert standing(world).links == 1
    assert standing(world, AT + dt.timedelta(hours=1)).links == 0
    with world.store.unit(write=False) as uow:
        lines = [line for line in uow.audit.of(f"account:{actor.account}") if line.actor == MAYOR.label]
    assert [(line.detail, line.channel) for line in lines] == [("reset", "mairie")]


def test_nothing_opens_a_closed_account() -> None:
    world = World()
    world.registered()
    with world.store.unit() as uow:
        send_reset_link(EMAIL, world.accounts, uow, actor=MAYOR, at=AT, channel="mairie")
    with world.store.unit() as uow:
        close_family_account(EMAIL, uow, actor=MAYOR, at=AT, channel="mairie")
        uow.commit()
    assert not world.signs_in(PASSWORD)
    assert standing(world).links == 0
    with world.store.unit() as uow:
        for act in (unblock_account, close_family_account):
            with pytest.raises(NotFoundError):
                act(EMAIL, uow, actor=MAYOR, at=AT, channel="mairie")
    assert world.registered().households, "the household may be invited again"


def test_only_the_administrator_reaches_accounts() -> None:
    world = World()
    family = world.registered()
    for actor in (STAFF, family):
        with world.store.unit() as uow:
            with pytest.raises(AccessDeniedError):
                account_standings(uow, actor=actor, at=AT)
            # An address that is not known is refused alike: the answer tells nothing.
            for email in (EMAIL, "personne@exemple.fr"):
                with pytest.raises(AccessDeniedError):
                    close_family_account(email, uow, actor=actor, at=AT, channel="x")
