"""Use cases of the family's account once it exists: sign in, link a subject, forget and change a password, close.

A failed try is committed too, or it would not count.
"""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access import (
    ANONYMOUS,
    Account,
    AccountState,
    ExternalSubject,
    FamilyActor,
    Operation,
    Secret,
    SignIn,
    Target,
    Token,
    TokenScope,
    TryCounter,
    audit,
    conclude_sign_in,
    counter_key,
    require,
    subject_key,
)
from periscolaire.operations._invitations import Invitations, account_of
from periscolaire.ports import Stored, UnitOfWork
from periscolaire.reasons import Reason, Verdict

__all__ = ["Accounts"]

_TOKEN_REFUSED = Verdict(False, (Reason.of("token.refused"),))


@attrs.frozen
class Accounts(Invitations):
    """The accounts of one commune: everything of :class:`Invitations`, then the life of an account."""

    # -- signing in -------------------------------------------------------------------------------------------------

    def sign_in(self, uow: UnitOfWork, email: str, password: Secret, *, at: dt.datetime, channel: str) -> SignIn:
        """Sign in with an e-mail address and a password.

        One hash is verified whatever happens, and a failure is counted for any address, known or not: neither the
        answer nor the work tells whether an account exists.
        """
        key = counter_key(email)
        uow.hold(key)
        counter = uow.try_counters.find(key) or Stored(TryCounter(key), 0)
        account = account_of(uow, email)
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
