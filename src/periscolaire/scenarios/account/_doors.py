"""Invitation, activation screen by screen, sign-in, forgotten password."""

from __future__ import annotations

import itertools
from collections.abc import Callable

from periscolaire.access import Secret
from periscolaire.access import Step as Screen
from periscolaire.errors import MisuseError
from periscolaire.files import Step, StepKind
from periscolaire.ids import AdultId
from periscolaire.operations import Accounts, ActivationLink, ActivationScreen
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Reason
from periscolaire.scenarios._compare import Answer
from periscolaire.scenarios.account._corrections import corrected
from periscolaire.scenarios.account._hall import CHANNEL, CLERK, Hall
from periscolaire.scenarios.account._post import PassingHasher

__all__ = ["Doors"]

_SCREENS = {
    Screen.ACCOUNT: "compte famille",
    Screen.ADULTS: "responsables",
    Screen.CHILDREN: "enfants",
    Screen.READY: "s'enregistrer",
}
_WELCOME = "bonjour"
#: Which code of those received is presented: the last, the one before it, or one that nobody sent.
_CODES: dict[str, Callable[[list[Secret]], Secret]] = {
    "reçu": lambda received: received[-1],
    "ancien": lambda received: received[-2] if len(received) > 1 else Secret("ancien"),
    "faux": lambda received: Secret("faux"),
}


class Doors:
    """How families come in; a scenario's secrets are numbered, so that it always plays alike."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        numbers = itertools.count(1)
        self.accounts = Accounts(
            PassingHasher(), hall.box, hall.portal, ids=hall.make_id,
            secrets=lambda: Secret(f"code-{next(numbers):04}"),
        )  # fmt: skip
        self.invitations: dict[AdultId, str] = {}
        self.names: dict[AdultId, str] = {}
        self.steps: dict[StepKind, Callable[[Step, UnitOfWork], Answer]] = {
            StepKind.INVITE: self.invite,
            StepKind.INVITE_AGAIN: self.invite_again,
            StepKind.UNINVITE: self.withdraw,
            StepKind.ACTIVATE: self.activate,
            StepKind.SIGN_IN: self.sign_in,
            StepKind.FORGET: self.forget,
            StepKind.RESET: self.reset,
        }

    # -- invitations ------------------------------------------------------------------------------------------------

    def invite(self, step: Step, uow: UnitOfWork) -> Answer:
        adult, home = self.hall.people.adults[step.target]
        now = self.hall.now(step)
        invitation = self.accounts.invite(uow, CLERK, home, adult, at=now, channel="mairie")
        self.invitations[adult] = invitation.id
        return Answer(allowed=True)

    def invite_again(self, step: Step, uow: UnitOfWork) -> Answer:
        self.accounts.invite_again(uow, CLERK, self._invitation(step), at=self.hall.now(step), channel="mairie")
        return Answer(allowed=True)

    def withdraw(self, step: Step, uow: UnitOfWork) -> Answer:
        self.accounts.withdraw_invitation(uow, CLERK, self._invitation(step), at=self.hall.now(step), channel="mairie")
        return Answer(allowed=True)

    def _invitation(self, step: Step) -> str:
        adult, _ = self.hall.people.adults[step.target]
        if adult not in self.invitations:
            raise MisuseError(f"« {step.target} » n'a pas été invité : une étape « inviter » d'abord")
        return self.invitations[adult]

    # -- activation -------------------------------------------------------------------------------------------------

    def activate(self, step: Step, uow: UnitOfWork) -> Answer:
        """One screen, or one of the other two buttons."""
        link, now, accounts = self._link(step, uow), self.hall.now(step), self.accounts
        match step.target:
            case "compte famille":
                password = _password(step)
                confirmation = Secret(step.typed.confirmation or password.reveal())
                opened = accounts.activation(uow, link, at=now)
                if opened.refusals:
                    return _shown(opened)
                return _shown(accounts.choose_password(uow, link, password, confirmation, at=now))
            case "responsables":
                opened = accounts.activation(uow, link, at=now)
                adults = opened.household.adults if opened.household is not None else ()
                return _shown(accounts.verify_adults(uow, link, corrected(adults, step), at=now))
            case "enfants":
                opened = accounts.activation(uow, link, at=now)
                return _shown(accounts.verify_children(uow, link, corrected(opened.children, step), at=now))
            case "s'enregistrer":
                done = accounts.register(uow, link, at=now, channel=CHANNEL)
                return _shown(done) if done.account is None else Answer(allowed=True, screen=_WELCOME)
            case "précédent":
                return _shown(accounts.previous_step(uow, link, at=now))
            case _:
                accounts.cancel_activation(uow, link, at=now)
                return Answer(allowed=True)

    def _link(self, step: Step, uow: UnitOfWork) -> ActivationLink:
        """What the family presents: the name is typed on the first screen, and stands on the others."""
        adult, home = self.hall.adult(step)
        if step.typed.family_name is not None:
            self.names[adult] = step.typed.family_name
        household = uow.households.get(home).model
        email = household.adult(adult).email or ""
        received = self.hall.box.codes.get(email, [])
        if not received:
            raise MisuseError(f"« {step.typed.adult} » n'a pas reçu d'invitation")
        return ActivationLink(email, _CODES[step.typed.code](received), self.names.get(adult, household.name))

    # -- sign-in ----------------------------------------------------------------------------------------------------

    def sign_in(self, step: Step, uow: UnitOfWork) -> Answer:
        adult, home = self.hall.people.adults[step.target]
        email = uow.households.get(home).model.adult(adult).email or ""
        said = self.accounts.sign_in(uow, email, _password(step), at=self.hall.now(step), channel=CHANNEL)
        if said.account is None:
            return _refused(said.refusal)
        self.hall.sessions[adult] = said.account.actor
        return Answer(allowed=True)

    def forget(self, step: Step, uow: UnitOfWork) -> Answer:
        adult, home = self.hall.people.adults[step.target]
        email = uow.households.get(home).model.adult(adult).email or ""
        self.accounts.forgot_password(uow, email, at=self.hall.now(step))
        return Answer(allowed=True)

    def reset(self, step: Step, uow: UnitOfWork) -> Answer:
        adult, home = self.hall.adult(step)
        email = uow.households.get(home).model.adult(adult).email or ""
        token, code = self.hall.box.links.get(email, ("", Secret("faux")))
        verdict = self.accounts.reset_password(
            uow, token, code, Secret(step.target), Secret(step.typed.confirmation or step.target),
            at=self.hall.now(step), channel=CHANNEL,
        )  # fmt: skip
        return Answer(allowed=verdict.allowed, reasons=verdict.reasons, why=verdict.reasons)


def _password(step: Step) -> Secret:
    if step.typed.password is None:
        raise MisuseError("« mot_de_passe » : celui qui est tapé")
    return Secret(step.typed.password)


def _shown(screen: ActivationScreen) -> Answer:
    name = _SCREENS[screen.step] if screen.step is not None else None
    return Answer(allowed=not screen.refusals, screen=name, reasons=screen.refusals, why=screen.refusals)


def _refused(reason: Reason | None) -> Answer:
    reasons = (reason,) if reason is not None else ()
    return Answer(allowed=False, reasons=reasons, why=reasons)
