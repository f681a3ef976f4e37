"""What tells of a family, kind by kind: how it is found, and what an erasure does with it. One table, and no other.

Every kind that the store keeps is either in :data:`HOLDINGS` or in :data:`OF_NOBODY`, which says why it tells of no
family; a kind that is in neither fails the tests, so that nothing new escapes the export and the erasure.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import attrs

from periscolaire.access import Account
from periscolaire.frozen import FrozenMap
from periscolaire.households import Child, Household, SubjectId, payers
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.ports import Repositories, Stored

__all__ = [
    "HOLDINGS",
    "NOBODY",
    "OF_NOBODY",
    "Erased",
    "FamilyScope",
    "Holding",
    "family_accounts",
    "is_erased",
    "sole_children",
    "without_other_home",
]

Facts: TypeAlias = tuple[Any, ...]
#: The name of whoever was erased.
NOBODY = "effacé"


class Erased(enum.Enum):
    """What becomes of a kind of record; the values are the words of the report."""

    ERASED = "effacé"
    ANONYMISED = "anonymisé"
    KEPT = "conservé"


class FamilyScope:
    """One household and children of its, over a store: what is theirs, and nothing of another parent's."""

    def __init__(self, uow: Repositories, household: Household, children: Iterable[Child]) -> None:
        self.uow, self.home, self.children = uow, household, tuple(children)
        self.accounts = family_accounts(uow, household.id)
        self.subjects: tuple[SubjectId, ...] = (household.id, *(child.id for child in self.children))
        self._shared = {child.id for child in self.children} - set(sole_children(uow, household))
        self._custodies: dict[ChildId, tuple[tuple[Household, ...], Facts]] = {}

    def seen_children(self) -> Facts:
        """The children, without what tells where another parent lives."""
        sole = frozenset(child.id for child in self.children) - self._shared
        return tuple(without_other_home(child, self.home, sole) for child in self.children)

    def has_day(self, child: ChildId, day: dt.date) -> bool:
        """Whether that day of a child is this household's, by custody."""
        if child not in self._shared:
            return True
        if child not in self._custodies:
            homes = tuple(stored.model for stored in self.uow.households.of(child))
            self._custodies[child] = homes, self.uow.custodies.of(child)
        homes, custodies = self._custodies[child]
        return any(payer.household == self.home.id for payer in payers(child, day, custodies, homes))

    def has_some_day(self, child: ChildId, first: dt.date, last: dt.date) -> bool:
        """Whether one day of a closed span is this household's."""
        days = range((last - first).days + 1)
        return any(self.has_day(child, first + dt.timedelta(days=offset)) for offset in days)

    def of_children(self, name: str, own: Callable[[Any], bool] = lambda fact: True) -> Facts:
        """The facts of a journal about the children, those of them that are this household's own."""
        journal = getattr(self.uow, name)
        return tuple(fact for child in self.children for fact in journal.of(child.id) if own(fact))

    def of_home(self, name: str) -> Facts:
        """The facts or models of the household itself."""
        return _models(getattr(self.uow, name).of(self.home.id))

    def of_subjects(self, name: str) -> Facts:
        """The facts about the household and about each child."""
        return tuple(fact for one in self.subjects for fact in getattr(self.uow, name).of(one))

    def of_invoices(self, name: str) -> Facts:
        """The facts or models about the household's invoices."""
        repository = getattr(self.uow, name)
        return tuple(one for invoice in self.of_home("invoices") for one in _models(repository.of(invoice.id)))

    def of_accounts(self, name: str) -> Facts:
        """The facts or models about the accounts."""
        repository = getattr(self.uow, name)
        return tuple(one for stored in self.accounts for one in _models(repository.of(stored.model.id)))

    def is_mine(self, fact: Any) -> bool:
        """Whether a fact that names its household names this one."""
        return bool(fact.household == self.home.id)

    def is_of_my_day(self, fact: Any) -> bool:
        """Whether a fact about one slot is about a day of this household's."""
        return self.has_day(fact.key.child, fact.key.day)

    def is_of_my_days(self, fact: Any) -> bool:
        """Whether a fact about a span of a child touches a day of this household's."""
        return self.has_some_day(fact.child, fact.first, fact.last)


@attrs.frozen
class Holding:
    """How what one kind holds of a family is found, what an erasure makes of it, and which texts it blanks then."""

    read: Callable[[FamilyScope], Facts]
    fate: Erased
    blanks: tuple[str, ...] = ()


def _models(found: Iterable[Any]) -> Facts:
    return tuple(one.model if isinstance(one, Stored) else one for one in found)


def _slots(name: str) -> Callable[[FamilyScope], Facts]:
    def read(scope: FamilyScope) -> Facts:
        repository = getattr(scope.uow, name)
        ever = dt.date.min, dt.date.max
        found = (one for child in scope.children for one in _models(repository.of_child(child.id, *ever)))
        return tuple(one for one in found if one.household == scope.home.id)

    return read


def _online_events(scope: FamilyScope) -> Facts:
    return tuple(one for paid in scope.of_home("online_payments") for one in scope.uow.online_events.of(paid.reference))


def _audit(scope: FamilyScope) -> Facts:
    """What was done to the household and its accounts, requests and registrations; not what another parent did."""
    targets = [f"household:{scope.home.id}"]
    targets += [f"account:{stored.model.id}" for stored in scope.accounts]
    targets += [f"request:{one.id}" for one in scope.of_home("requests")]
    targets += [f"registration:{one.id}" for one in _registrations(scope)]
    return tuple(line for target in targets for line in scope.uow.audit.of(target))


def _registrations(scope: FamilyScope) -> Facts:
    return tuple(one for one in scope.of_home("registrations") if scope.is_mine(one))


def _closures(scope: FamilyScope) -> Facts:
    """Closures for named children: those that name one of these."""
    mine = {child.id for child in scope.children}
    return tuple(one for one in scope.uow.closures.of("") if one.children is not None and one.children & mine)


def _activations(scope: FamilyScope) -> Facts:
    found = (scope.uow.activations.find(one.id) for one in scope.of_home("invitations"))
    return tuple(stored.model for stored in found if stored is not None)


def _rejections(scope: FamilyScope) -> Facts:
    return tuple(fact for payment in scope.of_home("payments") for fact in scope.uow.rejections.of(payment.id))


def _home(name: str) -> Callable[[FamilyScope], Facts]:
    return lambda scope: scope.of_home(name)


_GONE, _ANONYMOUS, _KEPT = Erased.ERASED, Erased.ANONYMISED, Erased.KEPT
#: Kind by kind, in the order of the export. What is kept is what the books rest on, under identifiers of nobody.
HOLDINGS: FrozenMap[str, Holding] = FrozenMap(
    {
        "households": Holding(lambda s: (s.home,), _ANONYMOUS),
        "children": Holding(lambda s: s.seen_children(), _ANONYMOUS),
        "custodies": Holding(lambda s: s.of_children("custodies"), _ANONYMOUS, ("reference",)),
        "dated_facts": Holding(lambda s: s.of_subjects("dated_facts"), _KEPT),
        "amendments": Holding(lambda s: s.of_subjects("amendments"), _KEPT),
        "documents": Holding(lambda s: s.of_subjects("documents"), _GONE),
        "consents": Holding(lambda s: s.of_subjects("consents"), _GONE),
        "registrations": Holding(_registrations, _KEPT),
        "wishes": Holding(_home("wishes"), _GONE),
        "decisions": Holding(lambda s: s.of_children("decisions", s.is_mine), _KEPT),
        "booking_changes": Holding(lambda s: s.of_children("booking_changes", s.is_mine), _KEPT, ("note",)),
        "booking_receipts": Holding(_home("booking_receipts"), _KEPT),
        "reservations": Holding(_slots("reservations"), _KEPT),
        "consumptions": Holding(_slots("consumptions"), _KEPT),
        "presences": Holding(lambda s: s.of_children("presences", s.is_of_my_day), _KEPT, ("note",)),
        "absence_notices": Holding(lambda s: s.of_children("absence_notices", s.is_of_my_days), _KEPT),
        "proofs": Holding(lambda s: s.of_children("proofs", s.is_of_my_days), _KEPT),
        "suspensions": Holding(lambda s: s.of_children("suspensions", s.is_of_my_days), _KEPT, ("motive",)),
        "closures": Holding(_closures, _KEPT),
        "anomalies": Holding(_home("anomalies"), _KEPT),
        "appeals": Holding(lambda s: s.of_children("appeals", s.is_of_my_day), _KEPT, ("motive",)),
        "incidents": Holding(_home("incidents"), _KEPT),
        "penalty_decisions": Holding(_home("penalty_decisions"), _KEPT, ("motive",)),
        "kind_entries": Holding(_home("kind_entries"), _KEPT),
        "invoices": Holding(_home("invoices"), _KEPT),
        "openings": Holding(_home("openings"), _KEPT),
        "payments": Holding(_home("payments"), _KEPT, ("drawer", "note")),
        "allocations": Holding(lambda s: s.of_invoices("allocations"), _KEPT),
        "quittances": Holding(_home("quittances"), _KEPT),
        "online_payments": Holding(_home("online_payments"), _KEPT),
        "online_events": Holding(_online_events, _KEPT),
        "rejections": Holding(_rejections, _KEPT, ("motive",)),
        "refunds": Holding(_home("refunds"), _KEPT, ("motive",)),
        "write_offs": Holding(_home("write_offs"), _KEPT),
        "reminders": Holding(lambda s: s.of_invoices("reminders"), _KEPT),
        "payment_plans": Holding(_home("payment_plans"), _KEPT),
        "disputes": Holding(lambda s: s.of_invoices("disputes"), _KEPT, ("motive",)),
        "requests": Holding(lambda s: tuple(one.seen_by_family() for one in s.of_home("requests")), _GONE),
        "accounts": Holding(lambda s: _models(s.accounts), _GONE),
        "tokens": Holding(lambda s: s.of_accounts("tokens"), _GONE),
        "read_marks": Holding(lambda s: s.of_accounts("read_marks"), _GONE),
        "invitations": Holding(_home("invitations"), _GONE),
        "activations": Holding(_activations, _GONE),
        "audit": Holding(_audit, _KEPT),
    }
)

#: The kinds that tell of no family, and why.
OF_NOBODY: FrozenMap[str, str] = FrozenMap(
    {
        "kitchen_orders": "counts of meals",
        "deposit_slips": "the régie's own, by numbers of payments",
        "desk_closings": "the régie's own, by means of payment",
        "cash_moves": "the régie's own, what the desk is trusted with",
        "reprises": "acts of the commune about its tariffs",
        "finished_runs": "how far the billing has read",
        "try_counters": "digests of addresses, an hour's memory",
        "issuers": "the commune, as its documents name it",
        "news": "public",
        "contact_pages": "public",
    }
)


def sole_children(uow: Repositories, household: Household) -> tuple[ChildId, ...]:
    """The children that no other household still has: one whose family was erased has nobody."""
    return tuple(
        child
        for child in dict.fromkeys(member.child for member in household.members)
        if all(stored.model.id == household.id or is_erased(stored.model) for stored in uow.households.of(child))
    )


def without_other_home(child: Child, home: Household, sole: frozenset[ChildId]) -> Child:
    """A child as one parent sees it: of a child with two households, no address but this household's own."""
    if child.id in sole or child.address is None or child.address == home.address:
        return child
    return attrs.evolve(child, address=None)


def is_erased(household: Household) -> bool:
    """Whether a household names nobody any more."""
    return household.name == NOBODY


def family_accounts(uow: Repositories, household: HouseholdId) -> tuple[Stored[Account], ...]:
    """The accounts that reach a household."""
    return tuple(stored for stored in uow.accounts.of(household) if household in stored.model.households)
