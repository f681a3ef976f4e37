"""Activating an account: the steps of the guide as one value that can be put away and taken up again.

::

    COMPTE ── check_account ──▶ RESPONSABLES ── check_adults ──▶ ENFANTS ── check_children ──▶ READY ── register ──▶
      ▲                              │  ▲                          │
      └────────── previous ──────────┘  └──────── previous ────────┘        cancel, anywhere: nothing is left

An activation is only ever reached through :meth:`Invitation.tried`, and :func:`register` asks the invitation again:
there is no path to an account without a code that is right, unexpired and unused, and the family's name.
"""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from periscolaire.access._account import Account
from periscolaire.access._invitation import Invitation
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.households import Adult, Child, FileChange, FileField, Household, changes_of_adult, changes_of_child
from periscolaire.ids import AccountId

__all__ = ["Activation", "CorrectionPolicy", "Registered", "Step", "register"]


class Step(enum.Enum):
    """Where the family stands; the values are the steps of the guide."""

    ACCOUNT = "compte famille"
    ADULTS = "responsables"
    CHILDREN = "enfants"
    READY = "enregistrer"


class CorrectionPolicy(enum.Enum):
    """What becomes of a correction: applied at registration, or a request that the commune decides."""

    APPLY = "appliquer"
    REQUEST = "demander"

    def shared_out(
        self, changes: tuple[FileChange, ...], at_once: frozenset[FileField]
    ) -> tuple[tuple[FileChange, ...], tuple[FileChange, ...]]:
        """Which changes are applied, and which are asked of the commune; those of ``at_once`` are always applied."""
        applied = tuple(one for one in changes if self is CorrectionPolicy.APPLY or one.field in at_once)
        return applied, tuple(one for one in changes if one not in applied)


@attrs.frozen
class Activation:
    """A family on its way through the steps; holds the hash of the password it chose, shown nowhere.

    Each method checks the step and gives the next value; a screen that was sent twice or out of turn is a
    :class:`~periscolaire.errors.ConflictError`.
    """

    invitation: str
    started_at: dt.datetime
    step: Step = Step.ACCOUNT
    password_hash: str | None = attrs.field(default=None, repr=False)
    corrections: tuple[FileChange, ...] = ()

    def check_account(self, password_hash: str) -> Activation:
        """Family name and e-mail were verified, and a password chosen: on to the adults."""
        self._at(Step.ACCOUNT)
        return attrs.evolve(self, step=Step.ADULTS, password_hash=password_hash)

    def check_adults(self, household: Household, verified: tuple[Adult, ...]) -> Activation:
        """The adults as the family verified them (same persons, fields corrected or not): on to the children.

        :raises MisuseError: not the adults of the household.
        """
        self._at(Step.ADULTS)
        if [adult.id for adult in verified] != [adult.id for adult in household.adults]:
            raise MisuseError(
                "responsables: expected the adults of the household, in their order", code="activation.adults"
            )
        changes = [changes_of_adult(old, new) for old, new in zip(household.adults, verified, strict=True)]
        return self._corrected({adult.id for adult in verified}, changes, Step.CHILDREN)

    def check_children(self, children: tuple[Child, ...], verified: tuple[Child, ...]) -> Activation:
        """The children as the family verified them: ready to register.

        :raises MisuseError: not the children of the household.
        """
        self._at(Step.CHILDREN)
        if [child.id for child in verified] != [child.id for child in children]:
            raise MisuseError(
                "enfants: expected the children of the household, in their order", code="activation.children"
            )
        changes = [changes_of_child(old, new) for old, new in zip(children, verified, strict=True)]
        return self._corrected({child.id for child in verified}, changes, Step.READY)

    def previous(self) -> Activation:
        """« Précédent »: one step back; what was typed is kept, to be shown and changed.

        :raises ConflictError: the first step is open.
        """
        steps = list(Step)
        rank = steps.index(self.step)
        if rank == 0:
            raise ConflictError("activation: there is no step before the first", code="activation.first_step")
        return attrs.evolve(self, step=steps[rank - 1])

    def _at(self, step: Step) -> None:
        if self.step is not step:
            raise ConflictError(
                f"activation is at step « {self.step.value} », not « {step.value} »",
                code="activation.step",
                step=self.step.value,
                asked=step.value,
            )

    def _corrected(self, subjects: set[str], changes: list[tuple[FileChange, ...]], step: Step) -> Activation:
        others = tuple(change for change in self.corrections if change.subject not in subjects)
        return attrs.evolve(self, corrections=others + tuple(c for row in changes for c in row), step=step)


@attrs.frozen
class Registered:
    """What registering yields: all of it is stored in one transaction, or nothing."""

    account: Account
    invitation: Invitation
    applied: tuple[FileChange, ...]
    requested: tuple[FileChange, ...]


def register(
    activation: Activation,
    invitation: Invitation,
    account_id: AccountId,
    at: dt.datetime,
    policy: CorrectionPolicy,
    existing: Account | None = None,
    at_once: frozenset[FileField] = frozenset(),
) -> Registered:
    """« S'enregistrer »: the account, the invitation used up, and what becomes of the corrections.

    ``at_once`` are the fields whose corrections are applied whatever ``policy`` says of the others.

    ``existing`` is the account that already bears this e-mail (a parent of two households): it is linked to the
    household and keeps its own password.

    :raises ConflictError: not all steps were done, or the invitation is not this one, or no longer open.
    """
    if activation.step is not Step.READY or activation.password_hash is None:
        raise ConflictError(
            f"activation is at step « {activation.step.value} »: not ready to register",
            code="activation.not_ready",
            step=activation.step.value,
        )
    if activation.invitation != invitation.id:
        raise ConflictError("activation of another invitation", code="activation.other")
    used = invitation.used(at)
    if existing is None:
        account = Account(
            account_id,
            invitation.email,
            invitation.adult,
            frozenset({invitation.household}),
            at,
            activation.password_hash,
            language=invitation.language,
            password_changed_at=at,
        )
    else:
        account = existing.with_household(invitation.household)
    applied, requested = policy.shared_out(activation.corrections, at_once)
    return Registered(account, used, applied, requested)
