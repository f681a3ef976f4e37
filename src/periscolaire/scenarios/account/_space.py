"""All the screens together: a step of the family's account, played."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from periscolaire.files import Step
from periscolaire.frozen import FrozenMap
from periscolaire.ports import UnitOfWork
from periscolaire.scenarios._compare import Answer
from periscolaire.scenarios._people import People
from periscolaire.scenarios._world import World
from periscolaire.scenarios.account._doors import Doors
from periscolaire.scenarios.account._hall import Hall
from periscolaire.scenarios.account._letters import Letters
from periscolaire.scenarios.account._screens import Screens

__all__ = ["Space"]


class Space:
    """The account of every family of a scenario."""

    def __init__(self, world: World, people: People, series: str, make_id: Callable[[], str]) -> None:
        self.hall = Hall(world, people, series, make_id)
        letters = Letters(self.hall)
        self.steps = Doors(self.hall).steps | letters.steps | Screens(self.hall, letters).steps

    def play(self, step: Step, uow: UnitOfWork) -> Answer:
        """The answer to a step, with the mails that left because of it, by whom they were for."""
        before = len(self.hall.box.mails)
        answer = self.steps[step.kind](step, uow)
        sent = {self._called(mail.to): mail.subject for mail in self.hall.box.mails[before:]}
        return attrs.evolve(answer, mails=FrozenMap(sent))

    def _called(self, address: str) -> str:
        """The adult of that address, as the file calls people; the address itself when nobody has it."""
        for family in self.hall.world.scenario.families:
            for adult in family.adults:
                if adult.email is not None and adult.email.casefold() == address.casefold():
                    return adult.name
        return address
