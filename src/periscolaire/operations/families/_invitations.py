"""Use cases of invitations: invite, send again, withdraw, ask for the link again; what accounts are set to.

Each opens on a unit of work, decides, writes, and commits; failed tries are committed too, or they would not count.
Mail leaves before the commit: a link that then does not work is safe, an account without its link is not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Self
from zoneinfo import ZoneInfo

import attrs

from periscolaire.access import (
    ANONYMOUS,
    Account,
    AccountState,
    Actor,
    CorrectionPolicy,
    Invitation,
    InvitationPolicy,
    Operation,
    PasswordPolicy,
    Secret,
    TryCounter,
    TryPolicy,
    audit,
    counter_key,
    identifier,
    require,
)
from periscolaire.errors import MisuseError
from periscolaire.files import PortalSettings
from periscolaire.households import FileField
from periscolaire.ids import AdultId, HouseholdId
from periscolaire.messages import Purpose, RequestKind
from periscolaire.operations._once import trail
from periscolaire.operations.families._mails import Portal
from periscolaire.ports import Hasher, Mailer, Stored, UnitOfWork, new_id, new_secret

__all__ = ["Invitations", "account_of"]


@attrs.frozen
class Invitations:
    """The accounts of one commune: its ports, its policies, and who is invited to have one.

    ``correction_kind`` is the kind of request under which corrections of a family are put to the commune when
    ``corrections`` is to ask; those of the fields ``at_once`` (a telephone number) are applied all the same.
    ``resets`` bounds how many links an address may be sent in a while; ``device_days`` is how long a device that
    signed in is known again.
    """

    hasher: Hasher
    mailer: Mailer
    portal: Portal
    passwords: PasswordPolicy = PasswordPolicy()  # noqa: RUF009  # immutable policies: shared defaults are meant
    invitations: InvitationPolicy = InvitationPolicy()  # noqa: RUF009
    tries: TryPolicy = TryPolicy()  # noqa: RUF009
    resets: TryPolicy = TryPolicy(tries=3)  # noqa: RUF009
    reset_minutes: int = 30
    device_days: int = 180
    corrections: CorrectionPolicy = CorrectionPolicy.REQUEST
    at_once: frozenset[FileField] = frozenset()
    correction_kind: RequestKind = RequestKind(  # noqa: RUF009
        "modification", "Modification du dossier", Purpose.FILE_CHANGE
    )
    ids: Callable[[], str] = new_id
    secrets: Callable[[], Secret] = new_secret
    #: Verified when there is nothing to verify, so that an unknown address costs the same work as a known one.
    _decoy: str = attrs.field(init=False, repr=False, eq=False)

    @classmethod
    def of(cls, settings: PortalSettings, tz: ZoneInfo, hasher: Hasher, mailer: Mailer) -> Self:
        """The accounts of the commune as its file says."""
        said = settings.accounts
        return cls(
            hasher, mailer, Portal.of(settings, tz), passwords=said.passwords, invitations=said.invitations,
            tries=said.tries, reset_minutes=said.reset_minutes, device_days=said.device_days,
            corrections=settings.corrections, at_once=settings.at_once, correction_kind=settings.correction_kind,
        )  # fmt: skip

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_decoy", self.hasher.hash(self.secrets().reveal()))

    # -- invitations ------------------------------------------------------------------------------------------------

    def invite(
        self,
        uow: UnitOfWork,
        actor: Actor,
        household: HouseholdId,
        adult: AdultId,
        *,
        at: dt.datetime,
        channel: str,
        email: str | None = None,
        language: str | None = None,
    ) -> Invitation:
        """Invite an adult of a household, at the e-mail of the file and in the household's language unless said.

        :raises AccessDeniedError: the actor may not.
        :raises MisuseError: no e-mail address.
        :raises NotFoundError: no such household or adult.
        """
        require(actor, Operation.INVITE)
        home = uow.households.get(household).model
        person = home.adult(adult)
        address = identifier(email or person.email or "")
        code = self.secrets()
        invitation = Invitation.send(
            self.ids(), household, adult, address, person.family_name, code, at, self.invitations,
            language or home.language,
        )  # fmt: skip
        uow.invitations.save(invitation)
        uow.audit.append([audit(actor, Operation.INVITE, f"household:{household}", at, channel=channel)])
        self.mailer.send(self.portal.invitation(invitation, code, invitation.language))
        uow.commit()
        return invitation

    def invite_again(
        self,
        uow: UnitOfWork,
        actor: Actor,
        invitation: str,
        *,
        at: dt.datetime,
        channel: str,
        language: str | None = None,
    ) -> Invitation:
        """Send another code; the former one no longer works.

        :raises ConflictError: it was used or withdrawn.
        """
        require(actor, Operation.INVITE)
        stored = uow.invitations.get(invitation)
        code = self.secrets()
        again = stored.model.sent_again(code, at, self.invitations)
        again = attrs.evolve(again, language=language or again.language)
        uow.invitations.save(again, stored.version)
        self._forget(uow, invitation)
        target = f"household:{again.household}"
        uow.audit.append([audit(actor, Operation.INVITE, target, at, channel=channel, detail="again")])
        self.mailer.send(self.portal.invitation(again, code, again.language))
        uow.commit()
        return again

    def withdraw_invitation(
        self, uow: UnitOfWork, actor: Actor, invitation: str, *, at: dt.datetime, channel: str
    ) -> Invitation:
        """Withdraw an invitation that was not used; an activation under way is forgotten.

        :raises ConflictError: it was used.
        """
        require(actor, Operation.INVITE)
        stored = uow.invitations.get(invitation)
        withdrawn = stored.model.withdrawn()
        uow.invitations.save(withdrawn, stored.version)
        self._forget(uow, invitation)
        target = f"household:{withdrawn.household}"
        uow.audit.append([audit(actor, Operation.INVITE, target, at, channel=channel, detail="withdrawn")])
        uow.commit()
        return withdrawn

    def ask_link_again(self, uow: UnitOfWork, email: str, *, at: dt.datetime) -> None:
        """« Je n'ai pas reçu le lien »: a fresh code leaves for each invitation of the address that may still be used.

        Nothing tells whether one did; a few at most in a while. The former code no longer works, the last day stays.
        """
        key = counter_key(f"invitation:{email}")
        uow.hold(key)
        counter = uow.try_counters.find(key) or Stored(TryCounter(key), 0)
        if not counter.model.blocked_at(at):
            uow.try_counters.save(counter.model.failed(at, self.resets), counter.version)
            for stored in uow.invitations.of(_address(email)):
                if stored.model.email == _address(email) and stored.model.renewable_at(at):
                    code = self.secrets()
                    again = stored.model.asked_again(code, self.invitations)
                    uow.invitations.save(again, stored.version)
                    self.mailer.send(self.portal.invitation(again, code, again.language))
        trail(uow, ANONYMOUS, Operation.MANAGE_ACCOUNT, f"address:{key}", at, detail="link_asked_again")
        uow.commit()

    # -- inside -----------------------------------------------------------------------------------------------------

    def _forget(self, uow: UnitOfWork, invitation: str) -> None:
        stored = uow.activations.find(invitation)
        if stored is not None:
            uow.activations.remove(invitation, stored.version)


def _address(email: str) -> str:
    """The address as invitations bear it; one that cannot be an address is nobody's."""
    try:
        return identifier(email)
    except MisuseError:
        return ""


def account_of(uow: UnitOfWork, email: str) -> Stored[Account] | None:
    """The open account that bears this address, if there is one."""
    address = _address(email)
    found = [stored for stored in uow.accounts.of(address) if stored.model.email == address]
    alive = [stored for stored in found if stored.model.state is AccountState.ACTIVE]
    return alive[0] if alive else None
