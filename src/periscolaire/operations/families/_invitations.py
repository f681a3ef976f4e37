"""Use cases of invitations: invite, send again, withdraw; activate an account step by step.

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
    Activation,
    Actor,
    CorrectionPolicy,
    Invitation,
    InvitationPolicy,
    Operation,
    PasswordPolicy,
    Secret,
    Step,
    TryCounter,
    TryPolicy,
    audit,
    counter_key,
    identifier,
    register,
    require,
)
from periscolaire.errors import MisuseError
from periscolaire.files import PortalSettings
from periscolaire.households import Adult, Child, FileChange, FileField, Household
from periscolaire.ids import AccountId, AdultId, HouseholdId, RequestId
from periscolaire.messages import Entry, FamilyRequest, Purpose, RequestKind, Side
from periscolaire.operations._once import trail
from periscolaire.operations.families._effects import apply_changes
from periscolaire.operations.families._mails import Portal
from periscolaire.ports import Hasher, Mailer, Stored, UnitOfWork, new_id, new_secret
from periscolaire.reasons import Reason

__all__ = ["ActivationLink", "ActivationScreen", "Invitations", "account_of"]

_REFUSED = Reason.of("activation.refused")


@attrs.frozen
class ActivationLink:
    """What a family presents at every step: the two parts of the link, and the family name it typed."""

    email: str
    code: Secret
    family_name: str


@attrs.frozen
class ActivationScreen:
    """Where the family stands and what the step shows; ``refusals`` say why it did not move on.

    Without a right code there is nothing to show: ``step``, ``household`` and ``children`` are empty.
    """

    step: Step | None
    household: Household | None = None
    children: tuple[Child, ...] = ()
    corrections: tuple[FileChange, ...] = ()
    refusals: tuple[Reason, ...] = ()
    account: Account | None = None


@attrs.frozen
class _Opened:
    invitation: Stored[Invitation]
    activation: Stored[Activation]
    household: Stored[Household]
    children: tuple[Stored[Child], ...]


@attrs.frozen
class Invitations:
    """The accounts of one commune: its ports and policies, then the use cases up to « S'enregistrer ».

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

    # -- activation -------------------------------------------------------------------------------------------------

    def activation(self, uow: UnitOfWork, link: ActivationLink, *, at: dt.datetime) -> ActivationScreen:
        """Begin, or take up again where the family had stopped."""
        opened = self._open(uow, link, at)
        uow.commit()
        return _screen(opened) if opened else ActivationScreen(None, refusals=(_REFUSED,))

    def choose_password(
        self, uow: UnitOfWork, link: ActivationLink, password: Secret, confirmation: Secret, *, at: dt.datetime
    ) -> ActivationScreen:
        """Step « compte famille »: family name and e-mail verified, a password chosen and confirmed.

        :raises ConflictError: the activation is at another step.
        """
        opened = self._open(uow, link, at)
        if opened is None:
            uow.commit()
            return ActivationScreen(None, refusals=(_REFUSED,))
        known = (link.email, *_known(opened.household.model))
        refusals = self._refused_password(password, confirmation, known)
        if refusals:
            uow.commit()
            return attrs.evolve(_screen(opened), refusals=refusals)
        return self._moved(uow, opened, opened.activation.model.check_account(self.hasher.hash(password.reveal())))

    def verify_adults(
        self, uow: UnitOfWork, link: ActivationLink, adults: tuple[Adult, ...], *, at: dt.datetime
    ) -> ActivationScreen:
        """Step « responsables »: the adults as the family verified or corrected them.

        :raises ConflictError: the activation is at another step.
        :raises MisuseError: not the adults of the household.
        """
        opened = self._open(uow, link, at)
        if opened is None:
            uow.commit()
            return ActivationScreen(None, refusals=(_REFUSED,))
        return self._moved(uow, opened, opened.activation.model.check_adults(opened.household.model, adults))

    def verify_children(
        self, uow: UnitOfWork, link: ActivationLink, children: tuple[Child, ...], *, at: dt.datetime
    ) -> ActivationScreen:
        """Step « enfants »: the children as the family verified or corrected them.

        :raises ConflictError: the activation is at another step.
        :raises MisuseError: not the children of the household.
        """
        opened = self._open(uow, link, at)
        if opened is None:
            uow.commit()
            return ActivationScreen(None, refusals=(_REFUSED,))
        known = tuple(stored.model for stored in opened.children)
        return self._moved(uow, opened, opened.activation.model.check_children(known, children))

    def previous_step(self, uow: UnitOfWork, link: ActivationLink, *, at: dt.datetime) -> ActivationScreen:
        """« Précédent ».

        :raises ConflictError: there is no step before.
        """
        opened = self._open(uow, link, at)
        if opened is None:
            uow.commit()
            return ActivationScreen(None, refusals=(_REFUSED,))
        return self._moved(uow, opened, opened.activation.model.previous())

    def cancel_activation(self, uow: UnitOfWork, link: ActivationLink, *, at: dt.datetime) -> None:
        """« Annuler la création de compte »: nothing of the activation is left; the invitation still works."""
        opened = self._open(uow, link, at)
        if opened is not None:
            self._forget(uow, opened.invitation.model.id)
        uow.commit()

    def register(self, uow: UnitOfWork, link: ActivationLink, *, at: dt.datetime, channel: str) -> ActivationScreen:
        """« S'enregistrer »: the account exists, the code is used up, corrections are applied or asked for.

        :raises ConflictError: not all steps were done.
        """
        uow.hold(link.email.strip().casefold())
        opened = self._open(uow, link, at)
        if opened is None:
            uow.commit()
            return ActivationScreen(None, refusals=(_REFUSED,))
        invitation, activation = opened.invitation.model, opened.activation.model
        existing = account_of(uow, invitation.email)
        done = register(
            activation, invitation, AccountId(self.ids()), at, self.corrections, existing.model if existing else None,
            self.at_once,
        )  # fmt: skip
        uow.accounts.save(done.account, existing.version if existing else 0)
        uow.invitations.save(done.invitation, opened.invitation.version)
        self._forget(uow, invitation.id)
        household = opened.household.model.id
        apply_changes(uow, household, done.applied)
        if done.requested:
            uow.requests.save(self._correction_request(household, done.account.actor, done.requested, at))
        target = f"account:{done.account.id}"
        line = audit(done.account.actor, Operation.MANAGE_ACCOUNT, target, at, channel=channel, detail="registered")
        uow.audit.append([line])
        uow.commit()
        return attrs.evolve(_screen(opened), account=done.account)

    # -- inside -----------------------------------------------------------------------------------------------------

    def _open(self, uow: UnitOfWork, link: ActivationLink, at: dt.datetime) -> _Opened | None:
        """The activation that ``link`` opens. A wrong try costs one to every open invitation of the address."""
        try:
            email = identifier(link.email)
        except MisuseError:
            return None
        stored = uow.invitations.of(email)
        tried = [(one, *one.model.tried(link.code, link.family_name, at)) for one in stored if one.model.email == email]
        for one, _, refusal in tried:
            if refusal is None:
                return self._opened(uow, one, at)
        for one, after, _ in tried:
            if after != one.model:
                uow.invitations.save(after, one.version)
        target = f"address:{counter_key(email)}"
        uow.audit.append([
            audit(ANONYMOUS, Operation.MANAGE_ACCOUNT, target, at, allowed=False, detail="activation_refused")
        ])  # fmt: skip
        return None

    def _opened(self, uow: UnitOfWork, invitation: Stored[Invitation], at: dt.datetime) -> _Opened:
        model = invitation.model
        activation = uow.activations.find(model.id)
        if activation is None:
            fresh = Activation(model.id, at)
            activation = Stored(fresh, uow.activations.save(fresh))
        household = uow.households.get(model.household)
        today = at.astimezone(self.portal.tz).date()
        children = tuple(uow.children.get(child) for child in household.model.children_on(today))
        return _Opened(invitation, activation, household, children)

    def _moved(self, uow: UnitOfWork, opened: _Opened, activation: Activation) -> ActivationScreen:
        uow.activations.save(activation, opened.activation.version)
        uow.commit()
        return _screen(attrs.evolve(opened, activation=Stored(activation, opened.activation.version + 1)))

    def _forget(self, uow: UnitOfWork, invitation: str) -> None:
        stored = uow.activations.find(invitation)
        if stored is not None:
            uow.activations.remove(invitation, stored.version)

    def _refused_password(self, password: Secret, confirmation: Secret, known: tuple[str, ...]) -> tuple[Reason, ...]:
        reasons = self.passwords.check(password, known).reasons
        return reasons if password == confirmation else (*reasons, Reason.of("password.not_confirmed"))

    def _correction_request(
        self, household: HouseholdId, actor: Actor, changes: tuple[FileChange, ...], at: dt.datetime
    ) -> FamilyRequest:
        kind = self.correction_kind
        return FamilyRequest(
            id=RequestId(self.ids()),
            kind=kind.code,
            purpose=Purpose.FILE_CHANGE,
            household=household,
            subject=kind.label,
            opened_at=at,
            due_on=kind.due_on(at.astimezone(self.portal.tz).date()),
            entries=(Entry(at, actor.label, Side.FAMILY, ""),),
            changes=changes,
        )


def _screen(opened: _Opened) -> ActivationScreen:
    activation = opened.activation.model
    children = tuple(stored.model for stored in opened.children)
    return ActivationScreen(activation.step, opened.household.model, children, activation.corrections)


def _known(household: Household) -> tuple[str, ...]:
    return tuple(name for adult in household.adults for name in (adult.family_name, adult.first_name) if name)


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
