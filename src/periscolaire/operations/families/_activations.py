"""Use cases of activation: « compte famille », « responsables », « enfants », « s'enregistrer », step by step."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access import (
    ANONYMOUS,
    Account,
    Activation,
    Actor,
    Invitation,
    Operation,
    Secret,
    Step,
    audit,
    counter_key,
    identifier,
    register,
)
from periscolaire.errors import MisuseError
from periscolaire.households import Adult, Child, FileChange, Household
from periscolaire.ids import AccountId, HouseholdId, RequestId
from periscolaire.messages import Entry, FamilyRequest, Purpose, Side
from periscolaire.operations.families._effects import apply_changes
from periscolaire.operations.families._invitations import Invitations, account_of
from periscolaire.ports import Stored, UnitOfWork
from periscolaire.reasons import Reason

__all__ = ["ActivationLink", "ActivationScreen", "Activations"]

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
class Activations(Invitations):
    """Everything of :class:`Invitations`, then the steps of the guide up to « S'enregistrer »."""

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
        apply_changes(uow, household, done.applied, at)
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
