"""Use cases of signing in: with a password, through an identity provider, from a device that is known.

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
from periscolaire.operations.families._activations import Activations
from periscolaire.operations.families._invitations import account_of
from periscolaire.ports import Stored, UnitOfWork
from periscolaire.reasons import Reason, Verdict

__all__ = ["SignIns"]


@attrs.frozen
class SignIns(Activations):
    """Everything of :class:`Activations`, then the ways into an account."""

    def sign_in(
        self,
        uow: UnitOfWork,
        email: str,
        password: Secret,
        *,
        at: dt.datetime,
        channel: str,
        device: Secret | None = None,
    ) -> SignIn:
        """Sign in with an e-mail address and a password.

        One hash is verified, one line is written in the trail and a failure is counted for any address, known or not:
        neither the answer nor the work tells whether an account exists. ``device`` is what :meth:`remember_device`
        gave: its tries are counted apart, so that nobody keeps a family out by failing in its name.
        """
        account = account_of(uow, email)
        key = counter_key(email, self._known_device(uow, device, account, at))
        uow.hold(key)
        counter = uow.try_counters.find(key) or Stored(TryCounter(key), 0)
        hashed = account.model.password_hash if account is not None else None
        matches = self.hasher.verify(password.reveal(), hashed or self._decoy) and hashed is not None
        answer, after = conclude_sign_in(account.model if account else None, matches, counter.model, at, self.tries)
        if after != counter.model:
            uow.try_counters.save(after, counter.version)
        outcome = "signed_in" if answer.account else "sign_in_refused"
        target = f"account:{account.model.id}" if account is not None else f"address:{counter_key(email)}"
        uow.audit.append([
            audit(answer.account.actor if answer.account else ANONYMOUS, Operation.MANAGE_ACCOUNT, target, at,
                  channel=channel, allowed=answer.account is not None, detail=outcome)
        ])  # fmt: skip
        if answer.account is not None and account is not None and hashed:
            used = account.model.used(at)
            if self.hasher.is_outdated(hashed):
                used = attrs.evolve(used, password_hash=self.hasher.hash(password.reveal()))
            if used != account.model:
                uow.accounts.save(used, account.version)
            answer = attrs.evolve(answer, account=used)
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
                used = account.used(at)
                if used != account:
                    uow.accounts.save(used, stored.version)
                uow.commit()
                return SignIn(used, None)
        return SignIn(None, Reason.of("sign_in.refused"))

    def remember_device(self, uow: UnitOfWork, actor: FamilyActor, *, at: dt.datetime, channel: str) -> Secret:
        """What the browser of whoever has just signed in keeps, for :meth:`sign_in`: it opens nothing by itself.

        Forgotten after :attr:`device_days`, and whenever links are revoked or the password changes.
        """
        require(actor, Operation.MANAGE_ACCOUNT, Target.of_account(actor.account))
        code, id = self.secrets(), self.ids()
        lifetime = dt.timedelta(days=self.device_days)
        uow.tokens.save(Token.issue(id, actor.account, TokenScope.DEVICE, code, at, lifetime))
        self._trail(uow, actor, at, channel, "device_remembered")
        uow.commit()
        return Secret(f"{id}.{code.reveal()}")

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

    # -- inside -----------------------------------------------------------------------------------------------------

    def _known_device(
        self, uow: UnitOfWork, device: Secret | None, account: Stored[Account] | None, at: dt.datetime
    ) -> str:
        """The identifier of the token that ``device`` is, for this account; empty for any other."""
        id, _, code = (device.reveal() if device is not None else "").partition(".")
        stored = uow.tokens.find(id)
        if stored is None or account is None or stored.model.account != account.model.id:
            return ""
        return id if stored.model.opens(Secret(code), TokenScope.DEVICE, at) else ""

    def _trail(self, uow: UnitOfWork, actor: FamilyActor, at: dt.datetime, channel: str, detail: str) -> None:
        target = f"account:{actor.account}"
        uow.audit.append([audit(actor, Operation.MANAGE_ACCOUNT, target, at, channel=channel, detail=detail)])
