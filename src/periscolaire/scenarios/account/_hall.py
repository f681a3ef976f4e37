"""What every screen of the account shares: who is who, who has signed in, the letter box, when it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from decimal import Decimal

import attrs

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.errors import AccessDeniedError
from periscolaire.files import Step
from periscolaire.ids import AdultId, HouseholdId
from periscolaire.money import Amount
from periscolaire.operations import Portal
from periscolaire.scenarios._people import People
from periscolaire.scenarios._world import World
from periscolaire.scenarios.account._post import LetterBox

__all__ = ["CHANNEL", "CLERK", "Hall"]

CLERK = StaffActor("scénario", frozenset({Role.ADMINISTRATOR}))
#: By which a family asks, unless the step says otherwise.
CHANNEL = "en ligne"


@attrs.frozen
class Hall:
    """``series`` is where the commune's invoices are, ``sessions`` who has signed in, by adult."""

    world: World
    people: People
    series: str
    make_id: Callable[[], str]
    box: LetterBox = attrs.field(factory=LetterBox)
    sessions: dict[AdultId, FamilyActor] = attrs.field(factory=dict)

    @property
    def portal(self) -> Portal:
        """How the commune presents itself; nobody goes there."""
        reglement = self.world.reglement
        return Portal(reglement.commune, "https://famille.exemple", "01 00 00 00 00", reglement.calendar.tz)

    def now(self, step: Step) -> dt.datetime:
        """When the step happens."""
        assert step.at is not None, "the reader asks for the instant"
        return self.world.instant(step.at)

    def adult(self, step: Step) -> tuple[AdultId, HouseholdId]:
        """Who acts: the adult that the step names."""
        name = step.typed.adult
        assert name is not None, "the reader asks who"
        return self.people.adults[name]

    def actor(self, step: Step) -> FamilyActor:
        """That adult, signed in.

        :raises AccessDeniedError: not yet.
        """
        adult, _ = self.adult(step)
        if adult not in self.sessions:
            raise AccessDeniedError(
                f"{adult} is not signed in: « se_connecter » first", code="access.denied", who=str(adult)
            )
        return self.sessions[adult]

    def value(self, amount: Amount) -> Decimal:
        """An amount as files write it."""
        return self.world.reglement.currency.value(amount)
