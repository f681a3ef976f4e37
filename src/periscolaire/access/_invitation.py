"""An invitation: a random code sent by e-mail, kept as a digest; expires, works once, in a limited number of tries."""

from __future__ import annotations

import datetime as dt
import enum
import unicodedata

import attrs

from periscolaire.access._secret import Secret, digest, matches
from periscolaire.clock import require_aware, utc
from periscolaire.errors import ConflictError
from periscolaire.ids import AdultId, HouseholdId
from periscolaire.reasons import Reason

__all__ = ["Invitation", "InvitationPolicy", "InvitationState", "same_name"]

_PURPOSE = "invitation"


class InvitationState(enum.Enum):
    """``OPEN`` is the only state in which a code can work."""

    OPEN = "open"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXHAUSTED = "exhausted"


@attrs.frozen
class InvitationPolicy:
    """How long a code works and how many wrong tries it bears."""

    lifetime: dt.timedelta = dt.timedelta(days=30)
    tries: int = 10


@attrs.frozen
class Invitation:
    """The commune invites ``adult`` of ``household`` at ``email``. Every method gives the next value.

    ``expires_at`` is the first instant at which the code no longer works.
    """

    id: str
    household: HouseholdId
    adult: AdultId
    email: str
    family_name: str
    code_digest: str = attrs.field(repr=False)
    sent_at: dt.datetime
    expires_at: dt.datetime
    tries_left: int
    state: InvitationState = InvitationState.OPEN
    language: str = "fr"

    @classmethod
    def send(
        cls,
        id: str,
        household: HouseholdId,
        adult: AdultId,
        email: str,
        family_name: str,
        code: Secret,
        at: dt.datetime,
        policy: InvitationPolicy,
        language: str = "fr",
    ) -> Invitation:
        """A fresh invitation that keeps the digest of ``code``; ``language`` is the family's."""
        require_aware(at)
        return cls(
            id,
            household,
            adult,
            email,
            family_name,
            digest(code, _PURPOSE),
            utc(at),
            utc(at) + policy.lifetime,
            policy.tries,
            language=language,
        )

    def sent_again(self, code: Secret, at: dt.datetime, policy: InvitationPolicy) -> Invitation:
        """The invitation with another code: the former one no longer works.

        :raises ConflictError: it was used or withdrawn.
        """
        if self.state in (InvitationState.USED, InvitationState.WITHDRAWN):
            raise ConflictError(
                f"invitation {self.id} is {self.state.value}", code="invitation.over", state=self.state.value
            )
        return attrs.evolve(
            self,
            code_digest=digest(code, _PURPOSE),
            sent_at=utc(at),
            expires_at=utc(at) + policy.lifetime,
            tries_left=policy.tries,
            state=InvitationState.OPEN,
        )

    def asked_again(self, code: Secret, policy: InvitationPolicy) -> Invitation:
        """The invitation with another code that the family asked for itself, no longer valid than before.

        So nobody shuts a family out by using up its tries: whoever reads the address gets a fresh code.
        """
        return attrs.evolve(
            self, code_digest=digest(code, _PURPOSE), tries_left=policy.tries, state=InvitationState.OPEN
        )

    def renewable_at(self, at: dt.datetime) -> bool:
        """Whether the family may ask for another code: neither used nor withdrawn nor expired."""
        return self.state in (InvitationState.OPEN, InvitationState.EXHAUSTED) and utc(at) < self.expires_at

    def withdrawn(self) -> Invitation:
        """The invitation once withdrawn by the commune.

        :raises ConflictError: it was already used: close the account instead.
        """
        if self.state is InvitationState.USED:
            raise ConflictError(f"invitation {self.id} is used", code="invitation.used")
        return attrs.evolve(self, state=InvitationState.WITHDRAWN)

    def open_at(self, at: dt.datetime) -> bool:
        """Whether a code may still work at that instant."""
        return self.state is InvitationState.OPEN and utc(at) < self.expires_at

    def tried(self, code: Secret, family_name: str, at: dt.datetime) -> tuple[Invitation, Reason | None]:
        """One try with a code and a family name: the next invitation, and why it was refused if it was.

        Whatever is wrong (code, name, expired, used, withdrawn, tries used up) the reason is the same
        ``activation.refused``: it must not tell an attacker what to try next. A wrong try costs one.
        """
        right_code = matches(code, self.code_digest, _PURPOSE)
        right_name = same_name(family_name, self.family_name)
        if self.open_at(at) and right_code and right_name:
            return self, None
        refused = Reason.of("activation.refused")
        if not self.open_at(at):
            return self, refused
        left = self.tries_left - 1
        state = InvitationState.OPEN if left > 0 else InvitationState.EXHAUSTED
        return attrs.evolve(self, tries_left=left, state=state), refused

    def used(self, at: dt.datetime) -> Invitation:
        """The invitation once an account came of it: the code never works again.

        :raises ConflictError: it was no longer open.
        """
        if not self.open_at(at):
            raise ConflictError(
                f"invitation {self.id} is no longer open", code="invitation.over", state=self.state.value
            )
        return attrs.evolve(self, state=InvitationState.USED)


def same_name(left: str, right: str) -> bool:
    """Whether two family names are one but for accents, case, hyphens, apostrophes and blanks."""
    return bool(_letters(left)) and _letters(left) == _letters(right)


def _letters(name: str) -> str:
    decomposed = unicodedata.normalize("NFKD", name)
    return "".join(letter for letter in decomposed.casefold() if letter.isalpha())
