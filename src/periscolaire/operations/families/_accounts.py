"""Use cases of the family's account once it exists: passwords, the address, the file, closing it."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access import (
    ANONYMOUS,
    Account,
    AccountState,
    Actor,
    CorrectionPolicy,
    FamilyActor,
    Operation,
    Secret,
    Target,
    Token,
    TokenScope,
    TryCounter,
    counter_key,
    identifier,
    require,
)
from periscolaire.households import Adult, Child, FileChange, changes_of_adult, changes_of_child
from periscolaire.ids import AccountId, HouseholdId
from periscolaire.messages import FamilyRequest
from periscolaire.operations._once import trail
from periscolaire.operations._targets import child_target, household_target
from periscolaire.operations.families._effects import apply_changes
from periscolaire.operations.families._invitations import account_of
from periscolaire.operations.families._sign_ins import SignIns
from periscolaire.ports import Stored, UnitOfWork
from periscolaire.reasons import Reason, Verdict

__all__ = ["Accounts", "Corrected"]

_TOKEN_REFUSED = Verdict(False, (Reason.of("token.refused"),))


@attrs.frozen
class Corrected:
    """What was written in the file, and the request that the rest became, if anything did."""

    applied: tuple[FileChange, ...]
    request: FamilyRequest | None


@attrs.frozen
class Accounts(SignIns):
    """The accounts of one commune: everything of :class:`SignIns`, then the life of an account."""

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
        account = account_of(uow, email)
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
        target = f"account:{account.model.id}" if account is not None else f"address:{counter_key(email)}"
        trail(uow, ANONYMOUS, Operation.MANAGE_ACCOUNT, target, at, detail="password_forgotten")
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

        Whoever reads the address of the account has the right to try again: the wait is lifted.

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
        counter = uow.try_counters.find(counter_key(account.model.email))
        if counter is not None:
            uow.try_counters.save(counter.model.succeeded(), counter.version)
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

    # -- the address ------------------------------------------------------------------------------------------------

    def ask_email_change(
        self, uow: UnitOfWork, actor: FamilyActor, password: Secret, email: str, *, at: dt.datetime, channel: str
    ) -> Verdict:
        """Ask for another identifier: a link leaves for the new address, a warning for the present one.

        Nothing changes before the link is followed (:meth:`confirm_email`). The answer does not tell whether another
        account bears that address: then no link leaves. A wrong password counts as a failed sign-in.

        :raises AccessDeniedError: not the actor's account.
        :raises MisuseError: it cannot be an address.
        """
        require(actor, Operation.MANAGE_ACCOUNT, Target.of_account(actor.account))
        wanted = identifier(email)
        account = uow.accounts.get(actor.account)
        answer = self.sign_in(uow, account.model.email, password, at=at, channel=channel)
        if answer.refusal is not None:
            return Verdict(False, (answer.refusal,))
        self._revoke(uow, actor.account, TokenScope.EMAIL)
        secret, language = self.secrets(), account.model.language
        if account_of(uow, wanted) is None:
            lifetime = dt.timedelta(minutes=self.reset_minutes)
            token = Token.issue(self.ids(), actor.account, TokenScope.EMAIL, secret, at, lifetime, wanted)
            uow.tokens.save(token)
            self.mailer.send(self.portal.email_change(wanted, token, secret, self.reset_minutes, language))
        self.mailer.send(self.portal.email_change_asked(account.model.email, language))
        self._trail(uow, actor, at, channel, "email_change_asked")
        uow.commit()
        return Verdict(True)

    def confirm_email(self, uow: UnitOfWork, token: str, code: Secret, *, at: dt.datetime, channel: str) -> Verdict:
        """Follow the link of :meth:`ask_email_change`: the account has its new identifier, every other link is spent.

        Code: ``token.refused``, whatever the cause (another account took the address meanwhile, for one).
        """
        stored = uow.tokens.find(token)
        if stored is None or not stored.model.opens(code, TokenScope.EMAIL, at):
            return _TOKEN_REFUSED
        wanted = stored.model.subject
        uow.hold(wanted)
        account = uow.accounts.get(stored.model.account)
        if account.model.state is not AccountState.ACTIVE or account_of(uow, wanted) is not None:
            return _TOKEN_REFUSED
        changed = account.model.with_email(wanted)
        uow.accounts.save(changed, account.version)
        self._revoke(uow, changed.id)
        self._trail(uow, changed.actor, at, channel, "email_changed")
        self.mailer.send(self.portal.email_changed(account.model.email, changed.language))
        uow.commit()
        return Verdict(True)

    def revoke_links(self, uow: UnitOfWork, actor: FamilyActor, *, at: dt.datetime, channel: str) -> int:
        """Spend every link of the account that still works; how many. For « se déconnecter partout »."""
        require(actor, Operation.MANAGE_ACCOUNT, Target.of_account(actor.account))
        spent = self._revoke(uow, actor.account)
        self._trail(uow, actor, at, channel, "links_revoked")
        uow.commit()
        return spent

    def close_account(self, uow: UnitOfWork, actor: FamilyActor, *, at: dt.datetime, channel: str) -> None:
        """The adult closes the account: no password, link or subject works any more; the household's file stays."""
        require(actor, Operation.MANAGE_ACCOUNT, Target.of_account(actor.account))
        account = uow.accounts.get(actor.account)
        uow.accounts.save(account.model.closed(), account.version)
        self._revoke(uow, actor.account)
        self._trail(uow, actor, at, channel, "closed")
        uow.commit()

    # -- the file ---------------------------------------------------------------------------------------------------

    def correct_file(
        self,
        uow: UnitOfWork,
        actor: Actor,
        household: HouseholdId,
        *,
        adults: tuple[Adult, ...] = (),
        children: tuple[Child, ...] = (),
        at: dt.datetime,
        channel: str,
    ) -> Corrected:
        """Correct adults or children of a file: what staff say is applied, what a family says as at activation.

        :raises AccessDeniedError: not an adult of the household nor staff who keep files.
        :raises NotFoundError: somebody of another household.
        :raises MisuseError: a past schooling, or a pick-up that a judge forbade.
        """
        day = at.astimezone(self.portal.tz).date()
        require(actor, Operation.CHANGE_HOUSEHOLD, household_target(uow, household, day))
        home = uow.households.get(household).model
        changes = [change for adult in adults for change in changes_of_adult(home.adult(adult.id), adult)]
        for child in children:
            require(actor, Operation.CHANGE_CHILD, child_target(uow, child.id, day))
            changes += changes_of_child(uow.children.get(child.id).model, child)
        policy = self.corrections if isinstance(actor, FamilyActor) else CorrectionPolicy.APPLY
        applied, requested = policy.shared_out(tuple(changes), self.at_once)
        apply_changes(uow, household, applied, at)
        request = self._correction_request(household, actor, requested, at) if requested else None
        if request is not None:
            uow.requests.save(request)
        if changes:
            detail = f"{len(applied)} applied, {len(requested)} asked"
            trail(
                uow, actor, Operation.CHANGE_HOUSEHOLD, f"household:{household}", at, channel=channel, detail=detail
            )  # fmt: skip
        uow.commit()
        return Corrected(applied, request)

    # -- inside -----------------------------------------------------------------------------------------------------

    def _set_password(
        self, uow: UnitOfWork, account: Stored[Account], password: Secret, at: dt.datetime, channel: str, detail: str
    ) -> None:
        changed = account.model.with_password(self.hasher.hash(password.reveal()), at)
        uow.accounts.save(changed, account.version)
        self._revoke(uow, changed.id)
        self._trail(uow, changed.actor, at, channel, detail)
        self.mailer.send(self.portal.password_changed(changed.email, changed.language))

    def _revoke(self, uow: UnitOfWork, account: AccountId, *scopes: TokenScope) -> int:
        """Spend the tokens of an account that were not used, of ``scopes`` if some are named."""
        left = [one for one in uow.tokens.of(account) if not one.model.used]
        spent = [one for one in left if not scopes or one.model.scope in scopes]
        for token in spent:
            uow.tokens.save(token.model.spent(), token.version)
        return len(spent)
