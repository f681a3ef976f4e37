"""Use cases of the family's account: invite, activate step by step, sign in, forget a password.

Each opens on a unit of work, decides, writes, and commits; failed tries are committed too, or they would not count.
Mail leaves before the commit: a link that then does not work is safe, an account without its link is not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import (
    ANONYMOUS,
    Account,
    AccountState,
    Activation,
    Actor,
    CorrectionPolicy,
    ExternalSubject,
    FamilyActor,
    Invitation,
    InvitationPolicy,
    Operation,
    PasswordPolicy,
    Secret,
    SignIn,
    Step,
    Target,
    Token,
    TokenScope,
    TryCounter,
    TryPolicy,
    audit,
    conclude_sign_in,
    counter_key,
    identifier,
    register,
    require,
    subject_key,
)
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.households import Adult, Child, FileChange, Household, apply_to_child, apply_to_household
from periscolaire.ids import AccountId, AdultId, HouseholdId, RequestId
from periscolaire.messages import Entry, FamilyRequest, Purpose, RequestKind, Side
from periscolaire.operations._mails import Portal
from periscolaire.ports import Hasher, Mailer, Stored, UnitOfWork, new_id, new_secret
from periscolaire.reasons import Reason, Verdict

__all__ = ["Accounts", "ActivationLink", "ActivationScreen"]

_REFUSED = Reason.of("activation.refused")
_TOKEN_REFUSED = Verdict(False, (Reason.of("token.refused"),))


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
class Accounts:
    """The accounts of one commune: its ports and policies, then one method for each use case.

    ``correction_kind`` is the kind of request under which corrections of a family are put to the commune when
    ``corrections`` is to ask; ``resets`` bounds how many reset links an address may be sent in a while.
    """

    hasher: Hasher
    mailer: Mailer
    portal: Portal
    passwords: PasswordPolicy = PasswordPolicy()  # noqa: RUF009  # immutable policies: shared defaults are meant
    invitations: InvitationPolicy = InvitationPolicy()  # noqa: RUF009
    tries: TryPolicy = TryPolicy()  # noqa: RUF009
    resets: TryPolicy = TryPolicy(tries=3)  # noqa: RUF009
    reset_minutes: int = 30
    corrections: CorrectionPolicy = CorrectionPolicy.REQUEST
    correction_kind: RequestKind = RequestKind(  # noqa: RUF009
        "modification", "Modification du dossier", Purpose.FILE_CHANGE
    )
    ids: Callable[[], str] = new_id
    secrets: Callable[[], Secret] = new_secret
    #: Verified when there is nothing to verify, so that an unknown address costs the same work as a known one.
    _decoy: str = attrs.field(init=False, repr=False, eq=False)

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
        language: str = "fr",
    ) -> Invitation:
        """Invite an adult of a household, at the e-mail of the file unless another is given.

        :raises AccessDeniedError: the actor may not.
        :raises MisuseError: no e-mail address.
        :raises NotFoundError: no such household or adult.
        """
        require(actor, Operation.INVITE)
        person = uow.households.get(household).model.adult(adult)
        address = identifier(email or person.email or "")
        code = self.secrets()
        invitation = Invitation.send(
            self.ids(), household, adult, address, person.family_name, code, at, self.invitations
        )
        uow.invitations.save(invitation)
        uow.audit.append([audit(actor, Operation.INVITE, f"household:{household}", at, channel=channel)])
        self.mailer.send(self.portal.invitation(invitation, code, language))
        uow.commit()
        return invitation

    def invite_again(
        self, uow: UnitOfWork, actor: Actor, invitation: str, *, at: dt.datetime, channel: str, language: str = "fr"
    ) -> Invitation:
        """Send another code; the former one no longer works.

        :raises ConflictError: it was used or withdrawn.
        """
        require(actor, Operation.INVITE)
        stored = uow.invitations.get(invitation)
        code = self.secrets()
        again = stored.model.sent_again(code, at, self.invitations)
        uow.invitations.save(again, stored.version)
        self._forget(uow, invitation)
        target = f"household:{again.household}"
        uow.audit.append([audit(actor, Operation.INVITE, target, at, channel=channel, detail="again")])
        self.mailer.send(self.portal.invitation(again, code, language))
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
        existing = _account_of(uow, invitation.email)
        done = register(
            activation, invitation, AccountId(self.ids()), at, self.corrections, existing.model if existing else None
        )
        uow.accounts.save(done.account, existing.version if existing else 0)
        uow.invitations.save(done.invitation, opened.invitation.version)
        self._forget(uow, invitation.id)
        _apply(uow, opened, done.applied)
        if done.requested:
            uow.requests.save(self._correction_request(opened, done.account, done.requested, at))
        target = f"account:{done.account.id}"
        line = audit(done.account.actor, Operation.MANAGE_ACCOUNT, target, at, channel=channel, detail="registered")
        uow.audit.append([line])
        uow.commit()
        return attrs.evolve(_screen(opened), account=done.account)

    # -- signing in -------------------------------------------------------------------------------------------------

    def sign_in(self, uow: UnitOfWork, email: str, password: Secret, *, at: dt.datetime, channel: str) -> SignIn:
        """Sign in with an e-mail address and a password.

        One hash is verified whatever happens, and a failure is counted for any address, known or not: neither the
        answer nor the work tells whether an account exists.
        """
        key = counter_key(email)
        uow.hold(key)
        counter = uow.try_counters.find(key) or Stored(TryCounter(key), 0)
        account = _account_of(uow, email)
        hashed = account.model.password_hash if account is not None else None
        matches = self.hasher.verify(password.reveal(), hashed or self._decoy) and hashed is not None
        answer, after = conclude_sign_in(account.model if account else None, matches, counter.model, at, self.tries)
        if after != counter.model:
            uow.try_counters.save(after, counter.version)
        if account is not None:
            outcome = "signed_in" if answer.account else "sign_in_refused"
            uow.audit.append([
                audit(answer.account.actor if answer.account else ANONYMOUS, Operation.MANAGE_ACCOUNT,
                      f"account:{account.model.id}", at, channel=channel, allowed=answer.account is not None,
                      detail=outcome)
            ])  # fmt: skip
        if answer.account is not None and account is not None and hashed and self.hasher.is_outdated(hashed):
            stronger = attrs.evolve(account.model, password_hash=self.hasher.hash(password.reveal()))
            uow.accounts.save(stronger, account.version)
        uow.commit()
        return answer

    def sign_in_with(self, uow: UnitOfWork, subject: ExternalSubject, *, at: dt.datetime, channel: str) -> SignIn:
        """Sign in somebody whom an identity provider vouched for: the portal has checked its answer."""
        for stored in uow.accounts.of(subject_key(subject)):
            account = stored.model
            if account.state is AccountState.ACTIVE and subject in account.subjects:
                target = f"account:{account.id}"
                line = audit(account.actor, Operation.MANAGE_ACCOUNT, target, at, channel=channel, detail="signed_in")
                uow.audit.append([line])
                uow.commit()
                return SignIn(account, None)
        return SignIn(None, Reason.of("sign_in.refused"))

    def link_subject(
        self, uow: UnitOfWork, actor: FamilyActor, subject: ExternalSubject, *, at: dt.datetime, channel: str
    ) -> Verdict:
        """Let the signed-in adult sign in through ``subject`` as well; a subject is linked to one account only."""
        require(actor, Operation.MANAGE_ACCOUNT, Target.of_account(actor.account))
        key = subject_key(subject)
        uow.hold(key)
        if any(stored.model.id != actor.account for stored in uow.accounts.of(key)):
            return Verdict(False, (Reason.of("access.subject_taken"),))
        stored = uow.accounts.get(actor.account)
        uow.accounts.save(stored.model.linked_to(subject), stored.version)
        self._trail(uow, actor, at, channel, "subject_linked")
        uow.commit()
        return Verdict(True)

    # -- passwords --------------------------------------------------------------------------------------------------

    def forgot_password(self, uow: UnitOfWork, email: str, *, at: dt.datetime) -> None:
        """« J'ai oublié mon mot de passe »: a link leaves if there is an account; nothing tells whether one did.

        A few links at most are sent to one address in a while. What the portal shows is one sentence for all cases;
        a mailer that only queues keeps the time the same as well.
        """
        key = counter_key(f"forgot:{email}")
        uow.hold(key)
        counter = uow.try_counters.find(key) or Stored(TryCounter(key), 0)
        secret, token_id = self.secrets(), self.ids()
        account = _account_of(uow, email)
        if not counter.model.blocked_at(at):
            uow.try_counters.save(counter.model.failed(at, self.resets), counter.version)
            if account is not None and account.model.state is AccountState.ACTIVE:
                lifetime = dt.timedelta(minutes=self.reset_minutes)
                token = Token.issue(token_id, account.model.id, TokenScope.PASSWORD, secret, at, lifetime)
                uow.tokens.save(token)
                self.mailer.send(
                    self.portal.forgotten_password(
                        account.model.email, token, secret, self.reset_minutes, account.model.language
                    )
                )
        uow.commit()

    def reset_password(
        self,
        uow: UnitOfWork,
        token: str,
        code: Secret,
        password: Secret,
        confirmation: Secret,
        *,
        at: dt.datetime,
        channel: str,
    ) -> Verdict:
        """Choose another password with the link of :meth:`forgot_password`; all links of the account are then spent.

        Codes: ``token.refused`` (unknown, expired, used, or for something else: one answer), those of the policy.
        """
        stored = uow.tokens.find(token)
        if stored is None or not stored.model.opens(code, TokenScope.PASSWORD, at):
            return _TOKEN_REFUSED
        account = uow.accounts.get(stored.model.account)
        if account.model.state is not AccountState.ACTIVE:
            return _TOKEN_REFUSED
        refusals = self._refused_password(password, confirmation, (account.model.email,))
        if refusals:
            return Verdict(False, refusals)
        self._set_password(uow, account, password, at, channel, "password_reset")
        uow.commit()
        return Verdict(True)

    def change_password(
        self,
        uow: UnitOfWork,
        actor: FamilyActor,
        current: Secret,
        password: Secret,
        confirmation: Secret,
        *,
        at: dt.datetime,
        channel: str,
    ) -> Verdict:
        """Change one's own password; a wrong current one counts as a failed sign-in."""
        require(actor, Operation.MANAGE_ACCOUNT, Target.of_account(actor.account))
        account = uow.accounts.get(actor.account)
        answer = self.sign_in(uow, account.model.email, current, at=at, channel=channel)
        if answer.refusal is not None:
            return Verdict(False, (answer.refusal,))
        account = uow.accounts.get(actor.account)
        refusals = self._refused_password(password, confirmation, (account.model.email,))
        if refusals:
            return Verdict(False, refusals)
        self._set_password(uow, account, password, at, channel, "password_changed")
        uow.commit()
        return Verdict(True)

    def close_account(self, uow: UnitOfWork, actor: FamilyActor, *, at: dt.datetime, channel: str) -> None:
        """The adult closes the account: no password, link or subject works any more; the household's file stays."""
        require(actor, Operation.MANAGE_ACCOUNT, Target.of_account(actor.account))
        account = uow.accounts.get(actor.account)
        uow.accounts.save(account.model.closed(), account.version)
        self._trail(uow, actor, at, channel, "closed")
        uow.commit()

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

    def _set_password(
        self, uow: UnitOfWork, account: Stored[Account], password: Secret, at: dt.datetime, channel: str, detail: str
    ) -> None:
        changed = account.model.with_password(self.hasher.hash(password.reveal()), at)
        uow.accounts.save(changed, account.version)
        for token in uow.tokens.of(changed.id):
            if not token.model.used:
                uow.tokens.save(token.model.spent(), token.version)
        self._trail(uow, changed.actor, at, channel, detail)
        self.mailer.send(self.portal.password_changed(changed.email, changed.language))

    def _trail(self, uow: UnitOfWork, actor: FamilyActor, at: dt.datetime, channel: str, detail: str) -> None:
        target = f"account:{actor.account}"
        uow.audit.append([audit(actor, Operation.MANAGE_ACCOUNT, target, at, channel=channel, detail=detail)])

    def _correction_request(
        self, opened: _Opened, account: Account, changes: tuple[FileChange, ...], at: dt.datetime
    ) -> FamilyRequest:
        kind = self.correction_kind
        return FamilyRequest(
            id=RequestId(self.ids()),
            kind=kind.code,
            purpose=Purpose.FILE_CHANGE,
            household=opened.household.model.id,
            subject=kind.label,
            opened_at=at,
            due_on=kind.due_on(at.astimezone(self.portal.tz).date()),
            entries=(Entry(at, account.actor.label, Side.FAMILY, ""),),
            changes=changes,
        )


def _screen(opened: _Opened) -> ActivationScreen:
    activation = opened.activation.model
    children = tuple(stored.model for stored in opened.children)
    return ActivationScreen(activation.step, opened.household.model, children, activation.corrections)


def _known(household: Household) -> tuple[str, ...]:
    return tuple(name for adult in household.adults for name in (adult.family_name, adult.first_name) if name)


def _account_of(uow: UnitOfWork, email: str) -> Stored[Account] | None:
    try:
        address = identifier(email)
    except MisuseError:
        return None
    found = [stored for stored in uow.accounts.of(address) if stored.model.email == address]
    alive = [stored for stored in found if stored.model.state is AccountState.ACTIVE]
    return alive[0] if alive else None


def _apply(uow: UnitOfWork, opened: _Opened, changes: tuple[FileChange, ...]) -> None:
    household = opened.household.model
    adults = {adult.id for adult in household.adults}
    children = {stored.model.id: stored for stored in opened.children}
    corrected: dict[str, Child] = {}
    for change in changes:
        if change.subject in adults:
            household = apply_to_household(household, change)
        elif change.subject in children:
            child = corrected.get(change.subject, children[change.subject].model)  # type: ignore[index]  # an id of either kind
            corrected[change.subject] = apply_to_child(child, change)
        else:
            raise NotFoundError(f"{change.subject} in household {household.id}")
    if household != opened.household.model:
        uow.households.save(household, opened.household.version)
    for child in corrected.values():
        uow.children.save(child, children[child.id].version)
