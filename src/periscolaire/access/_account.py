"""An account: an e-mail address that signs in, for one adult and the households it is linked to."""

from __future__ import annotations

import datetime as dt
import enum
import hashlib

import attrs

from periscolaire.access._actors import FamilyActor
from periscolaire.clock import utc
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import AccountId, AdultId, HouseholdId

__all__ = ["Account", "AccountState", "ExternalSubject", "identifier", "subject_key"]


def identifier(email: str) -> str:
    """The e-mail address as the identifier of an account: without blanks around, in lower case.

    :raises MisuseError: it cannot be an address.
    """
    text = email.strip()
    local, at, domain = text.rpartition("@")
    wrong = any(letter.isspace() or not letter.isprintable() or letter in '<>,;:"()[]\\' for letter in text)
    if wrong or not at or not local or "." not in domain.strip(".") or len(text) > 254 or "@" in local:
        raise MisuseError(
            "e-mail address: expected something like prenom.nom@exemple.fr", code="account.email_malformed"
        )
    return text.casefold()


class AccountState(enum.Enum):
    """``CLOSED`` accounts keep no secret and never sign in again."""

    ACTIVE = "active"
    CLOSED = "closed"


@attrs.frozen
class ExternalSubject:
    """Somebody as an identity provider names them (FranceConnect's ``sub``): links an adult without a password."""

    provider: str
    subject: str = attrs.field(repr=False)


def subject_key(subject: ExternalSubject) -> str:
    """Under which key an account is found by its external subject: a digest, since the subject names a person."""
    return hashlib.sha256(f"{subject.provider}\x00{subject.subject}".encode()).hexdigest()


@attrs.frozen
class Account:
    """A family's account. The password is only here as the hasher's text, shown nowhere.

    ``password_hash`` ``None``: signs in through an external subject only. ``last_used_on`` is the last day on which
    somebody signed in (in UTC): an account that nobody uses is not kept for ever. A portal ends the sessions that were
    opened before ``password_changed_at``.
    """

    id: AccountId
    email: str
    adult: AdultId
    households: frozenset[HouseholdId]
    created_at: dt.datetime
    password_hash: str | None = attrs.field(default=None, repr=False)
    subjects: frozenset[ExternalSubject] = attrs.field(default=frozenset(), repr=False)
    state: AccountState = AccountState.ACTIVE
    language: str = "fr"
    password_changed_at: dt.datetime | None = None
    last_used_on: dt.date | None = None

    @property
    def actor(self) -> FamilyActor:
        """Who acts once signed in."""
        return FamilyActor(self.id, self.adult, self.households)

    def with_password(self, password_hash: str, at: dt.datetime) -> Account:
        """The account once its password was set or changed.

        :raises ConflictError: the account is closed.
        """
        self._open()
        return attrs.evolve(self, password_hash=password_hash, password_changed_at=at)

    def with_email(self, email: str) -> Account:
        """The account under another identifier.

        :raises ConflictError: the account is closed.
        :raises MisuseError: it cannot be an address.
        """
        self._open()
        return attrs.evolve(self, email=identifier(email))

    def used(self, at: dt.datetime) -> Account:
        """The account once somebody signed in."""
        return attrs.evolve(self, last_used_on=utc(at).date())

    def linked_to(self, subject: ExternalSubject) -> Account:
        """The account that signs in through ``subject`` as well.

        :raises ConflictError: the account is closed.
        """
        self._open()
        return attrs.evolve(self, subjects=self.subjects | {subject})

    def with_household(self, household: HouseholdId) -> Account:
        """The account linked to one more household (a person may be of several)."""
        self._open()
        return attrs.evolve(self, households=self.households | {household})

    def without_household(self, household: HouseholdId) -> Account:
        """The account that no longer reaches ``household``; without any household it is closed."""
        left = self.households - {household}
        return attrs.evolve(self, households=left) if left else self.closed()

    def closed(self) -> Account:
        """The account once closed: no password, no subject, no household."""
        return attrs.evolve(
            self, state=AccountState.CLOSED, password_hash=None, subjects=frozenset(), households=frozenset()
        )

    def _open(self) -> None:
        if self.state is AccountState.CLOSED:
            raise ConflictError(f"account {self.id} is closed", code="account.closed")
