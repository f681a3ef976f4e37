"""Who acts: an adult with an account, staff with roles, a trusted person, or nobody known."""

from __future__ import annotations

import enum
from typing import TypeAlias

import attrs

from periscolaire.ids import AccountId, AdultId, HouseholdId, SchoolCode

__all__ = ["ANONYMOUS", "Actor", "Anonymous", "FamilyActor", "Role", "StaffActor", "TrustedPerson"]


class Role(enum.Enum):
    """What a member of staff was given; several may be held. The values are the words of files."""

    READ = "consulter"
    BOOK = "réserver"
    ATTEND = "pointer"
    BILL = "facturer"
    COLLECT = "encaisser"
    ADMINISTER = "gérer les dossiers"
    ADMINISTRATOR = "administrateur"


@attrs.frozen
class FamilyActor:
    """An adult signed in; ``households`` are those the account is linked to, never those of the other parent.

    ``channel`` is by which way they ask: the audit trail tells it.
    """

    account: AccountId
    adult: AdultId
    households: frozenset[HouseholdId]
    channel: str = attrs.field(default="en ligne", eq=False)

    @property
    def label(self) -> str:
        """How facts and the audit trail name the author."""
        return f"famille:{self.adult}"

    @property
    def author(self) -> str:
        """The value of the ``author`` fact."""
        return "famille"


@attrs.frozen
class StaffActor:
    """A member of staff (or a scheduled task of the commune); ``schools`` ``None`` means all of them.

    ``channel`` is by which way they ask (« mairie », « téléphone », « tâche de nuit »): the audit trail tells it.
    """

    id: str
    roles: frozenset[Role]
    schools: frozenset[SchoolCode] | None = None
    channel: str = attrs.field(default="mairie", eq=False)

    @property
    def label(self) -> str:
        """How facts and the audit trail name the author."""
        return f"agent:{self.id}"

    @property
    def author(self) -> str:
        """The value of the ``author`` fact."""
        return "agent"


@attrs.frozen
class TrustedPerson:
    """Somebody authorised to collect a child: has no account, hence may do nothing here."""

    name: str
    channel: str = attrs.field(default="", eq=False)

    @property
    def label(self) -> str:
        """How the audit trail names a refused attempt."""
        return f"personne autorisée:{self.name}"

    @property
    def author(self) -> str:
        """The value of the ``author`` fact."""
        return "famille"


@attrs.frozen
class Anonymous:
    """Nobody has signed in."""

    channel: str = attrs.field(default="en ligne", eq=False)

    @property
    def label(self) -> str:
        """How the audit trail names a refused attempt."""
        return "anonyme"

    @property
    def author(self) -> str:
        """The value of the ``author`` fact."""
        return "famille"


ANONYMOUS = Anonymous()

Actor: TypeAlias = FamilyActor | StaffActor | TrustedPerson | Anonymous
