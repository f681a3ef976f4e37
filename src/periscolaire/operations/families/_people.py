"""Use cases of personal data: facts and documents of a file, one family's data handed over, a family erased."""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.access import Account, AccountState, Actor, AuditEntry, Invitation, Operation, audit, require
from periscolaire.frozen import FrozenMap
from periscolaire.households import Adult, Child, Consent, Document, Household, SubjectId
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.operations._accounts import read_account
from periscolaire.operations._targets import household_target
from periscolaire.ports import BlobStore, Stored, UnitOfWork
from periscolaire.reasons import Reason, Verdict

__all__ = [
    "Erased",
    "Erasure",
    "ErasureLine",
    "FamilyData",
    "erase_family",
    "export_family",
    "record_consents",
    "record_documents",
]


def record_documents(
    documents: tuple[Document, ...], uow: UnitOfWork, *, actor: Actor, at: dt.datetime, channel: str
) -> None:
    """Append documents, or a decision about one (same ``id``, another status). Does not commit."""
    _record(uow, actor, documents, uow.documents.append, at, channel)


def record_consents(
    consents: tuple[Consent, ...], uow: UnitOfWork, *, actor: Actor, at: dt.datetime, channel: str
) -> None:
    """Append answers of a family about consents. Does not commit."""
    _record(uow, actor, consents, uow.consents.append, at, channel)


def _record(
    uow: UnitOfWork, actor: Actor, facts: tuple[Any, ...], append: Callable[[Any], None], at: dt.datetime, channel: str
) -> None:
    require(actor, Operation.RECORD_FACT)
    append(facts)
    subjects = dict.fromkeys(fact.subject for fact in facts)
    uow.audit.append([audit(actor, Operation.RECORD_FACT, f"file:{one}", at, channel=channel) for one in subjects])


# -- one family's data ------------------------------------------------------------------------------------------------


@attrs.frozen
class FamilyData:
    """All that is kept about one household, by the name of where it is kept (GDPR, articles 15 and 20)."""

    household: HouseholdId
    sections: FrozenMap[str, tuple[Any, ...]]

    def to_json(self) -> str:
        """One JSON document. A field that no repr shows (a hash, a digest, a subject) is in no export either."""
        return json.dumps(
            {name: [_plain(one) for one in models] for name, models in self.sections.items()},
            ensure_ascii=False,
            indent=2,
        )


def export_family(household: HouseholdId, uow: UnitOfWork, *, actor: Actor, at: dt.datetime) -> FamilyData:
    """What the commune keeps about ``household``: of a child of two households, only this household's own days.

    :raises AccessDeniedError: not an adult of the household, nor the commune's administrator.
    """
    require(actor, Operation.EXPORT_FAMILY_DATA, household_target(uow, household, at.date()))
    home = uow.households.get(household).model
    children = [uow.children.get(child).model for child in _children(home)]
    subjects: list[SubjectId] = [household, *(child.id for child in children)]
    accounts = _accounts(uow, household)

    def own(facts: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(fact for fact in facts if getattr(fact, "household", household) == household)

    def of_children(read: Callable[[ChildId], tuple[Any, ...]]) -> tuple[Any, ...]:
        return tuple(fact for child in children for fact in own(read(child.id)))

    slots = _slots(uow, home, children)
    keys = {one.key for one in slots}
    told = {one.key for one in uow.anomalies.of(household)}  # a slot that was turned round may be empty since
    payments = tuple(stored.model for stored in uow.payments.of(household))
    invoices = tuple(stored.model for stored in uow.invoices.of(household))
    online = tuple(stored.model for stored in uow.online_payments.of(household))
    sections: dict[str, tuple[Any, ...]] = {
        "households": (home,),
        "children": tuple(children),
        "dated_facts": tuple(fact for one in subjects for fact in uow.dated_facts.of(one)),
        "documents": tuple(fact for one in subjects for fact in uow.documents.of(one)),
        "consents": tuple(fact for one in subjects for fact in uow.consents.of(one)),
        "registrations": own(tuple(stored.model for stored in uow.registrations.of(household))),
        "booking_changes": of_children(uow.booking_changes.of),
        "consumptions": slots,
        "presences": tuple(fact for child in children for fact in uow.presences.of(child.id) if fact.key in keys),
        "anomalies": uow.anomalies.of(household),
        "appeals": tuple(fact for child in children for fact in uow.appeals.of(child.id) if fact.key in told),
        "absence_notices": of_children(uow.absence_notices.of),
        "proofs": of_children(uow.proofs.of),
        "incidents": uow.incidents.of(household),
        "kind_entries": uow.kind_entries.of(household),
        "invoices": invoices,
        "payments": payments,
        "quittances": tuple(stored.model for stored in uow.quittances.of(household)),
        "rejections": tuple(fact for payment in payments for fact in uow.rejections.of(payment.id)),
        "refunds": uow.refunds.of(household),
        "write_offs": uow.write_offs.of(household),
        "reminders": tuple(fact for invoice in invoices for fact in uow.reminders.of(invoice.id)),
        "payment_plans": tuple(stored.model for stored in uow.payment_plans.of(household)),
        "disputes": tuple(stored.model for invoice in invoices for stored in uow.disputes.of(invoice.id)),
        "online_payments": online,
        "online_events": tuple(fact for payment in online for fact in uow.online_events.of(payment.reference)),
        "requests": tuple(stored.model.seen_by_family() for stored in uow.requests.of(household)),
        "accounts": tuple(stored.model for stored in accounts),
        "read_marks": tuple(mark for stored in accounts for mark in uow.read_marks.of(stored.model.id)),
        "audit": tuple(
            line
            for target in (f"household:{household}", *(f"account:{stored.model.id}" for stored in accounts))
            for line in uow.audit.of(target)
        ),
    }
    return FamilyData(household, FrozenMap(sections))


def _plain(value: Any) -> Any:
    """``value`` as JSON; what attrs hides from a repr is left out."""
    if attrs.has(type(value)):
        return {field.name: _plain(getattr(value, field.name)) for field in attrs.fields(type(value)) if field.repr}
    if isinstance(value, enum.Enum):
        return value.value
    if isinstance(value, dict | FrozenMap):
        return {str(_plain(key)): _plain(one) for key, one in value.items()}
    if isinstance(value, frozenset | set):
        return sorted((_plain(one) for one in value), key=repr)
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__}: not a value that an export may hold")


# -- erasure ----------------------------------------------------------------------------------------------------------


class Erased(enum.Enum):
    """What becomes of a kind of record; the values are the words of the report."""

    ERASED = "effacé"
    ANONYMISED = "anonymisé"
    KEPT = "conservé"


@attrs.frozen
class ErasureLine:
    """How many records of one kind, and what becomes of them."""

    record: str
    count: int
    fate: Erased


@attrs.frozen
class Erasure:
    """The report of an erasure, done or only tried: ``verdict`` refuses while the household still owes or books."""

    household: HouseholdId
    verdict: Verdict
    lines: tuple[ErasureLine, ...]
    done: bool


#: Facts about health, family or help received: nothing in the books needs them once a day is billed.
_SENSITIVE = frozenset(
    {"pai", "own_meal", "allergy", "disability", "diet", "inclusive_class", "foster_child", "social_aid"}
)
_NOBODY = "effacé"


def erase_family(
    household: HouseholdId,
    uow: UnitOfWork,
    *,
    actor: Actor,
    at: dt.datetime,
    channel: str,
    blobs: BlobStore,
    dry_run: bool = True,
) -> Erasure:
    """Erase or anonymise what tells who a family was; the books stay whole, under identifiers that name nobody.

    Names, addresses, contacts, pick-ups, numbers, accounts, requests, consents, documents and sensitive facts go.
    Invoices, payments, bookings, attendance and the facts that prices read stay until the term of their line in
    :data:`~periscolaire.access.RETENTION`: they are what the commune must be able to justify. A birth date is kept to
    the month, because an age entered prices. A child of another household that stays is not touched.

    Refused while an invoice of the household is not settled, or money of its is still held, in any series; days that
    no run has billed yet are for the registrations to hold back. ``dry_run`` gives the same report and writes nothing.
    Codes: ``erasure.owes``, ``erasure.credit``, ``erasure.still_registered``.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    :raises NotFoundError: no such household.
    """
    require(actor, Operation.ERASE_FAMILY_DATA)
    report, orphaned = erase_within(household, uow, actor=actor, at=at, channel=channel, dry_run=dry_run)
    if report.done:
        uow.commit()
        # Files go last: bytes cannot be rolled back.
        for digest in orphaned:
            blobs.remove(digest)
    return report


def erase_within(
    household: HouseholdId, uow: UnitOfWork, *, actor: Actor, at: dt.datetime, channel: str, dry_run: bool
) -> tuple[Erasure, tuple[str, ...]]:
    """An erasure inside another operation that has asked who may and will commit, and the files it leaves to remove."""
    work = _Erasure(uow, household)
    reasons, lines = _held_back(uow, household, at.date()), work.lines()
    if reasons or dry_run:
        return Erasure(household, Verdict(not reasons, tuple(reasons)), lines, done=False), ()
    orphaned = work.erase()
    uow.audit.append([_erased_line(actor, household, at, channel)])
    return Erasure(household, Verdict(True), lines, done=True), orphaned


def _held_back(uow: UnitOfWork, household: HouseholdId, day: dt.date) -> list[Reason]:
    """Why a household may not be erased yet."""
    series = {stored.model.series for stored in uow.invoices.of(household)}
    series |= {stored.model.series for stored in uow.payments.of(household)}
    accounts = [read_account(household, one, uow) for one in sorted(series)]
    owes = any(account.owed for account in accounts)
    credit = any(account.credit for account in accounts)
    registered = any(stored.model.span.last >= day for stored in uow.registrations.of(household))
    found = {"erasure.owes": owes, "erasure.credit": credit, "erasure.still_registered": registered}
    return [Reason.of(code) for code, holds in found.items() if holds]


def _erased_line(actor: Actor, household: HouseholdId, at: dt.datetime, channel: str) -> AuditEntry:
    return audit(actor, Operation.ERASE_FAMILY_DATA, f"household:{household}", at, channel=channel)


class _Erasure:
    def __init__(self, uow: UnitOfWork, household: HouseholdId) -> None:
        self._uow, self._household = uow, household
        self._home = uow.households.get(household)
        # A child whom another household still has stays as it is.
        self._children = [
            uow.children.get(child)
            for child in _children(self._home.model)
            if all(stored.model.id == household or stored.model.name == _NOBODY for stored in uow.households.of(child))
        ]
        self._subjects: list[SubjectId] = [household, *(child.model.id for child in self._children)]
        self._accounts = _accounts(uow, household)
        self._requests = uow.requests.of(household)
        self._documents = [fact for one in self._subjects for fact in uow.documents.of(one)]

    def lines(self) -> tuple[ErasureLine, ...]:
        uow, subjects = self._uow, self._subjects
        facts = [fact for one in subjects for fact in uow.dated_facts.of(one)]
        sensitive = sum(fact.name in _SENSITIVE for fact in facts)
        children = [child.model.id for child in self._children]
        counts = (
            ("households", 1, Erased.ANONYMISED),
            ("children", len(children), Erased.ANONYMISED),
            ("accounts", len(self._accounts), Erased.ERASED),
            ("invitations", len(self._invitations()), Erased.ERASED),
            ("requests", len(self._requests), Erased.ERASED),
            ("documents", len(self._documents), Erased.ERASED),
            ("consents", sum(len(uow.consents.of(one)) for one in subjects), Erased.ERASED),
            ("custodies", sum(len(uow.custodies.of(child)) for child in children), Erased.ERASED),
            ("sensitive_facts", sensitive, Erased.ERASED),
            ("dated_facts", len(facts) - sensitive, Erased.KEPT),
            ("booking_changes", sum(len(uow.booking_changes.of(child)) for child in children), Erased.KEPT),
            ("presences", sum(len(uow.presences.of(child)) for child in children), Erased.KEPT),
            ("proofs", sum(len(uow.proofs.of(child)) for child in children), Erased.KEPT),
            ("invoices", len(uow.invoices.of(self._household)), Erased.KEPT),
            ("payments", len(uow.payments.of(self._household)), Erased.KEPT),
        )
        return tuple(ErasureLine(*line) for line in counts if line[1])

    def erase(self) -> tuple[str, ...]:
        """Write it; the names of files that nothing refers to any more."""
        uow = self._uow
        files = {document.blob for document in self._documents if document.blob is not None}
        files |= {
            attachment.blob
            for stored in self._requests
            for entry in stored.model.entries
            for attachment in entry.attachments
        }
        for request in self._requests:
            uow.requests.remove(request.model.id, request.version)
        for subject in self._subjects:
            uow.documents.forget(subject)
            uow.consents.forget(subject)
            kept = [fact for fact in uow.dated_facts.of(subject) if fact.name not in _SENSITIVE]
            uow.dated_facts.forget(subject)
            uow.dated_facts.append(kept)
        for child in self._children:
            uow.custodies.forget(child.model.id)
            uow.children.save(_nobody_child(child.model), child.version)
        for account in self._accounts:
            self._account(account)
        for invitation in self._invitations():
            activation = uow.activations.find(invitation.model.id)
            if activation is not None:
                uow.activations.remove(invitation.model.id, activation.version)
            uow.invitations.remove(invitation.model.id, invitation.version)
        uow.households.save(_nobody_household(self._home.model), self._home.version)
        return tuple(sorted(files - files_in_use(uow, files)))

    def _account(self, account: Stored[Account]) -> None:
        uow = self._uow
        left = account.model.without_household(self._household)
        if left.state is AccountState.ACTIVE:
            uow.accounts.save(left, account.version)
            return
        for token in uow.tokens.of(account.model.id):
            uow.tokens.remove(token.model.id, token.version)
        uow.read_marks.forget(account.model.id)
        uow.accounts.remove(account.model.id, account.version)

    def _invitations(self) -> tuple[Stored[Invitation], ...]:
        return self._uow.invitations.of(self._household)


def files_in_use(uow: UnitOfWork, files: set[str]) -> set[str]:
    """Which of ``files`` something still refers to: they are kept by digest, two families may have sent the same."""
    if not files:
        return set()
    used = {fact.blob for fact in uow.documents.stream() if fact.blob is not None}
    for stored in uow.requests.stream():
        used |= {attachment.blob for entry in stored.model.entries for attachment in entry.attachments}
    return files & used


def _children(household: Household) -> tuple[ChildId, ...]:
    return tuple(dict.fromkeys(member.child for member in household.members))


def _accounts(uow: UnitOfWork, household: HouseholdId) -> list[Stored[Account]]:
    return [stored for stored in uow.accounts.of(household) if household in stored.model.households]


def _slots(uow: UnitOfWork, household: Household, children: list[Child]) -> tuple[Any, ...]:
    found = (one for child in children for one in uow.consumptions.of_child(child.id, dt.date.min, dt.date.max))
    return tuple(one for one in found if one.household == household.id)


def is_erased(household: Household) -> bool:
    """Whether a household names nobody any more."""
    return household.name == _NOBODY


def _nobody_household(household: Household) -> Household:
    adults = tuple(Adult(adult.id, _NOBODY, "") for adult in household.adults)
    return attrs.evolve(household, name=_NOBODY, adults=adults, address=None)


def _nobody_child(child: Child) -> Child:
    month = child.birth_date.replace(day=1) if child.birth_date is not None else None
    schoolings = tuple(attrs.evolve(one, class_name="") for one in child.schoolings)
    return Child(child.id, _NOBODY, "", month, schoolings=schoolings)
