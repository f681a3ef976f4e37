"""The one place that decides who may do what."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from periscolaire.access._actors import Actor, FamilyActor, StaffActor
from periscolaire.access._operations import OPERATIONS, Operation, Reach
from periscolaire.errors import AccessDeniedError
from periscolaire.households import Custody, Household, payers
from periscolaire.ids import AccountId, ChildId, HouseholdId, SchoolCode
from periscolaire.reasons import Reason, Verdict

__all__ = ["COMMUNE", "Target", "authorise", "require"]


@attrs.frozen
class Target:
    """What an operation is about. Build it with one of the class methods, from the store, never from a request.

    Staff limited to some schools reach only targets that bear one of their ``schools``.

    ``child_households`` are the households of which the child is a member on the day; ``day_households`` those whose
    day it is by custody (both parents where they share the price).
    """

    household: HouseholdId | None = None
    child: ChildId | None = None
    child_households: frozenset[HouseholdId] = frozenset()
    day_households: frozenset[HouseholdId] = frozenset()
    account: AccountId | None = None
    schools: frozenset[SchoolCode] = frozenset()

    @classmethod
    def of_household(cls, household: HouseholdId, schools: Iterable[SchoolCode] = ()) -> Target:
        """A household's file, invoices or requests; ``schools`` are those of its children."""
        return cls(household=household, schools=frozenset(schools))

    @classmethod
    def of_account(cls, account: AccountId) -> Target:
        """An account."""
        return cls(account=account)

    @classmethod
    def of_child(
        cls,
        child: ChildId,
        day: dt.date,
        households: Iterable[Household],
        custodies: Iterable[Custody] = (),
        school: SchoolCode | None = None,
    ) -> Target:
        """A child's file, or a child's day: ``households`` and ``custodies`` are all that know the child."""
        homes = tuple(households)
        members = frozenset(household.id for household in homes if household.has_child(child, day))
        paying = frozenset(payer.household for payer in payers(child, day, custodies, homes))
        return cls(
            child=child,
            child_households=members,
            day_households=members & paying,
            schools=frozenset({school} if school else ()),
        )


#: An operation on the whole commune (a billing run, the news, the rules).
COMMUNE = Target()


def authorise(actor: Actor, operation: Operation, target: Target = COMMUNE) -> Verdict:
    """Whether ``actor`` may ask for ``operation`` on ``target``; a refusal never tells whether the target exists."""
    right = OPERATIONS[operation]
    match actor:
        case FamilyActor():
            allowed = _family_reaches(actor, right.family, target)
        case StaffActor():
            within = actor.schools is None or not actor.schools.isdisjoint(target.schools)
            allowed = within and not actor.roles.isdisjoint(right.roles)
        case _:
            return Verdict(False, (Reason.of("access.not_signed_in", operation=operation.value),))
    return Verdict(True) if allowed else Verdict(False, (Reason.of("access.refused", operation=operation.value),))


def require(actor: Actor, operation: Operation, target: Target = COMMUNE) -> None:
    """Do nothing if ``actor`` may; what an operation calls before anything else.

    :raises AccessDeniedError: the actor may not.
    """
    if not authorise(actor, operation, target).allowed:
        raise AccessDeniedError(f"{actor.label} may not {operation.value}", code="access.denied", who=actor.label)


def _family_reaches(actor: FamilyActor, reach: Reach, target: Target) -> bool:
    match reach:
        case Reach.NOBODY:
            return False
        case Reach.ACCOUNT:
            return target.account == actor.account
        case Reach.HOUSEHOLD:
            return target.household in actor.households
        case Reach.CHILD:
            return not actor.households.isdisjoint(target.child_households)
        case Reach.DAY:
            return not actor.households.isdisjoint(target.day_households)
