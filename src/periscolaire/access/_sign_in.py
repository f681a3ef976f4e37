"""Signing in with a bounded number of tries, and one-time tokens (forgotten password, change of address)."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib

import attrs

from periscolaire.access._account import Account, AccountState
from periscolaire.access._secret import Secret, digest, matches
from periscolaire.clock import utc
from periscolaire.ids import AccountId
from periscolaire.reasons import Reason

__all__ = ["SignIn", "Token", "TokenScope", "TryCounter", "TryPolicy", "conclude_sign_in", "counter_key"]


@attrs.frozen
class TryPolicy:
    """After ``tries`` failures within ``window`` an identifier waits ``block`` before it may try again.

    CNIL, délibération 2022-100, case 2 (restriction of access): the account is slowed down or blocked after at most
    ten failures in a row, and a blocked one has a way out that fits the risk of a denial of service. There are two: a
    device that signed in before has tries of its own (:attr:`TokenScope.DEVICE`), and the link of a forgotten password
    lifts the wait.
    """

    tries: int = 10
    window: dt.timedelta = dt.timedelta(hours=1)
    block: dt.timedelta = dt.timedelta(minutes=15)


def counter_key(email: str, device: str = "") -> str:
    """Under which key failures of an address are counted, whether an account bears it or not.

    A digest, so that addresses typed by mistake are not collected. ``device`` is the token of a known device: what
    strangers try elsewhere does not count against it.
    """
    return hashlib.sha256(f"tries\x00{email.strip().casefold()}\x00{device}".encode()).hexdigest()


@attrs.frozen
class TryCounter:
    """Failures of one address. Exists for unknown addresses as well: blocking tells nothing about accounts."""

    key: str
    failures: int = 0
    first_at: dt.datetime | None = None
    blocked_until: dt.datetime | None = None

    def blocked_at(self, at: dt.datetime) -> bool:
        """Whether the address has to wait."""
        return self.blocked_until is not None and utc(at) < self.blocked_until

    def failed(self, at: dt.datetime, policy: TryPolicy) -> TryCounter:
        """The counter after one more failure."""
        now = utc(at)
        fresh = self.first_at is None or now - self.first_at >= policy.window
        failures = 1 if fresh else self.failures + 1
        first = now if fresh else self.first_at
        if failures >= policy.tries:
            return attrs.evolve(self, failures=0, first_at=None, blocked_until=now + policy.block)
        return attrs.evolve(self, failures=failures, first_at=first, blocked_until=None)

    def succeeded(self) -> TryCounter:
        """The counter after somebody signed in."""
        return attrs.evolve(self, failures=0, first_at=None, blocked_until=None)


@attrs.frozen
class SignIn:
    """The answer: an account, or one refusal that does not tell whether the address is known."""

    account: Account | None
    refusal: Reason | None


def conclude_sign_in(
    account: Account | None, password_matches: bool, counter: TryCounter, at: dt.datetime, policy: TryPolicy
) -> tuple[SignIn, TryCounter]:
    """The answer to a try, and the counter to store. ``password_matches`` must have cost the same work in every case.

    Codes: ``sign_in.wait`` (too many failures for this address, known or not), ``sign_in.refused``.
    While blocked even the right password is refused, and the counter does not move.
    """
    if counter.blocked_until is not None and counter.blocked_at(at):
        minutes = -((utc(at) - counter.blocked_until) // dt.timedelta(minutes=1))
        return SignIn(None, Reason.of("sign_in.wait", minutes=minutes)), counter
    usable = account is not None and account.state is AccountState.ACTIVE and account.password_hash is not None
    if usable and password_matches:
        return SignIn(account, None), counter.succeeded()
    return SignIn(None, Reason.of("sign_in.refused")), counter.failed(at, policy)


class TokenScope(enum.Enum):
    """The only thing a token is good for.

    ``DEVICE`` opens nothing: it tells a device that signed in before, whose tries are counted apart.
    """

    PASSWORD = "password"
    EMAIL = "email"
    DEVICE = "device"


@attrs.frozen
class Token:
    """A one-time right, kept as a digest bound to its scope; ``subject`` is the new address for ``EMAIL``."""

    id: str
    account: AccountId
    scope: TokenScope
    token_digest: str = attrs.field(repr=False)
    expires_at: dt.datetime
    used: bool = False
    subject: str = ""

    @classmethod
    def issue(
        cls,
        id: str,
        account: AccountId,
        scope: TokenScope,
        secret: Secret,
        at: dt.datetime,
        lifetime: dt.timedelta,
        subject: str = "",
    ) -> Token:
        """A token that works from ``at`` for ``lifetime``."""
        return cls(id, account, scope, digest(secret, scope.value), utc(at) + lifetime, subject=subject)

    def opens(self, secret: Secret, scope: TokenScope, at: dt.datetime) -> bool:
        """Whether ``secret`` is this token, for that scope, unused and unexpired."""
        right = matches(secret, self.token_digest, self.scope.value)
        return right and self.scope is scope and not self.used and utc(at) < self.expires_at

    def spent(self) -> Token:
        """The token once used: it never opens again."""
        return attrs.evolve(self, used=True)
