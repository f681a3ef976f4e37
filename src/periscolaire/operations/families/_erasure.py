"""Use case of personal data: a family erased, while the books and every total stay as they were."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs

from periscolaire.access import Account, AccountState, Actor, Operation, audit, require
from periscolaire.errors import NotFoundError
from periscolaire.facts import VOCABULARY, Subject
from periscolaire.households import Adult, Child, DatedFact, Household, PostalAddress
from periscolaire.ids import HouseholdId
from periscolaire.operations._accounts import read_account
from periscolaire.operations._reglements import commune_today, published_reglements
from periscolaire.operations.families._personal import (
    HOLDINGS,
    NOBODY,
    Erased,
    FamilyScope,
    Holding,
    sole_children,
)
from periscolaire.ports import JOURNALS, RECORDS, BlobStore, Stored, UnitOfWork
from periscolaire.reasons import Reason, Verdict
from periscolaire.reglement import billing_reads

__all__ = ["Erasure", "ErasureLine", "erase_family", "erase_within", "files_in_use"]


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
#: The facts that make a price depend on the very day of birth: an age, and the rank of a child among others.
_OF_BIRTH = frozenset({"age", *(spec.name for spec in VOCABULARY if spec.subject is Subject.COUNT)})
#: The facts that come of documents.
_OF_PAPERS = frozenset({"pai", "documents", "file_complete"})


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

    Names, addresses, contacts, pick-ups, numbers, accounts, requests, consents, documents, free texts and sensitive
    facts go. Invoices, payments, bookings, attendance stay until the term of their line in
    :data:`~periscolaire.access.RETENTION`: they are what the commune must be able to justify. So do the facts that a
    published price reads, without which a bill computed again would come to something else: a city, a class, an age,
    an individual meal, and no more than that. A child of another household that stays is not touched.

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
    reasons, lines = _held_back(uow, household, commune_today(uow, at)), work.lines()
    if reasons or dry_run:
        return Erasure(household, Verdict(not reasons, tuple(reasons)), lines, done=False), ()
    orphaned = work.erase()
    uow.audit.append([audit(actor, Operation.ERASE_FAMILY_DATA, f"household:{household}", at, channel=channel)])
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


class _Erasure:
    """Reads once what a family's erasure is about, counts it, and writes it."""

    def __init__(self, uow: UnitOfWork, household: HouseholdId) -> None:
        self._uow, self._reads = uow, _priced(uow)
        self._home = uow.households.get(household)
        # A child whom another household still has stays as it is.
        self._children = [uow.children.get(child) for child in sole_children(uow, self._home.model)]
        self._scope = FamilyScope(uow, self._home.model, (stored.model for stored in self._children))
        self._found = {name: holding.read(self._scope) for name, holding in HOLDINGS.items()}

    def lines(self) -> tuple[ErasureLine, ...]:
        """What becomes of each kind, in the order of the table; facts that go are counted apart."""
        gone = [fact for fact in self._found["dated_facts"] if not self._stays(fact)]
        papers = self._found["documents"] if self._keeps_papers() else ()
        counts = [
            (name, len(found) - (len(gone) if name == "dated_facts" else 0), _fate(HOLDINGS[name], name, bool(papers)))
            for name, found in self._found.items()
        ]
        counts.append(("sensitive_facts", len(gone), Erased.ERASED))
        return tuple(ErasureLine(*line) for line in counts if line[1])

    def erase(self) -> tuple[str, ...]:
        """Write it; the names of files that nothing refers to any more."""
        files = {paper.blob for paper in self._found["documents"] if paper.blob is not None}
        for stored in self._uow.requests.of(self._home.model.id):
            # Internal notes bear files as well: the thread is read as staff see it.
            files |= {paper.blob for entry in stored.model.entries for paper in entry.attachments}
        for name, holding in HOLDINGS.items():
            if holding.blanks:
                self._blank(name, holding)
        self._blank_cancellations()
        self._forget()
        self._papers()
        for account in self._scope.accounts:
            self._account(account)
        for child in self._children:
            self._uow.children.save(self._nobody_child(child.model), child.version)
        self._uow.households.save(self._nobody_household(self._home.model), self._home.version)
        return tuple(sorted(files - files_in_use(self._uow, files)))

    # -- inside -----------------------------------------------------------------------------------------------------

    def _blank(self, name: str, holding: Holding) -> None:
        """Empty the free texts of facts and models that stay; what has none is not touched."""
        mine = [one for one in self._found[name] if any(getattr(one, field) for field in holding.blanks)]
        if name in RECORDS:
            for model in mine:
                stored = getattr(self._uow, name).get(RECORDS[name].key(model))
                getattr(self._uow, name).save(_blanked(stored.model, holding.blanks), stored.version)
            return
        journal, kind = getattr(self._uow, name), JOURNALS[name]
        for owner in dict.fromkeys(kind.owner(fact) for fact in mine):
            facts = journal.of(owner)
            journal.forget(owner)
            journal.append([_blanked(fact, holding.blanks) if fact in mine else fact for fact in facts])

    def _blank_cancellations(self) -> None:
        """A reservation holds the change that ended it: it says no more than the change itself."""
        for child in self._children:
            for stored in self._uow.reservations.of_child(child.model.id, dt.date.min, dt.date.max):
                ended = stored.model.cancellation
                if ended is not None and ended.note and stored.model.household == self._home.model.id:
                    blanked = attrs.evolve(stored.model, cancellation=attrs.evolve(ended, note=""))
                    self._uow.reservations.save(blanked, stored.version)

    def _forget(self) -> None:
        uow, home = self._uow, self._home.model.id
        for request in uow.requests.of(home):
            uow.requests.remove(request.model.id, request.version)
        for wish in uow.wishes.of(home):
            uow.wishes.remove(RECORDS["wishes"].key(wish.model), wish.version)
        for subject in self._scope.subjects:
            uow.consents.forget(subject)
            facts = uow.dated_facts.of(subject)
            kept = [fact for fact in facts if self._stays(fact)]
            if len(kept) < len(facts):
                uow.dated_facts.forget(subject)
                uow.dated_facts.append(kept)
        for invitation in uow.invitations.of(home):
            activation = uow.activations.find(invitation.model.id)
            if activation is not None:
                uow.activations.remove(invitation.model.id, activation.version)
            uow.invitations.remove(invitation.model.id, invitation.version)

    def _papers(self) -> None:
        """Documents go; where a price reads what they say, that they were there stays, without the file."""
        for subject in self._scope.subjects:
            papers = self._uow.documents.of(subject)
            self._uow.documents.forget(subject)
            if self._keeps_papers():
                self._uow.documents.append([attrs.evolve(paper, label="", blob=None) for paper in papers])

    def _account(self, account: Stored[Account]) -> None:
        uow = self._uow
        left = account.model.without_household(self._home.model.id)
        if left.state is AccountState.ACTIVE:
            uow.accounts.save(left, account.version)
            return
        for token in uow.tokens.of(account.model.id):
            uow.tokens.remove(token.model.id, token.version)
        uow.read_marks.forget(account.model.id)
        uow.accounts.remove(account.model.id, account.version)

    def _stays(self, fact: DatedFact) -> bool:
        return fact.name in self._reads or fact.name not in _SENSITIVE

    def _keeps_papers(self) -> bool:
        return not self._reads.isdisjoint(_OF_PAPERS)

    def _nobody_household(self, household: Household) -> Household:
        adults = tuple(Adult(adult.id, NOBODY, "") for adult in household.adults)
        address = household.address if "commune" in self._reads else None
        city = None if address is None else PostalAddress((), "", address.city, address.country)
        return attrs.evolve(household, name=NOBODY, adults=adults, address=city)

    def _nobody_child(self, child: Child) -> Child:
        born = child.birth_date if not self._reads.isdisjoint(_OF_BIRTH) else None
        schoolings = child.schoolings
        if "class_name" not in self._reads:
            schoolings = tuple(attrs.evolve(one, class_name="") for one in schoolings)
        return Child(child.id, NOBODY, "", born, schoolings=schoolings)


def _fate(holding: Holding, name: str, papers: bool) -> Erased:
    return Erased.ANONYMISED if name == "documents" and papers else holding.fate


def _priced(uow: UnitOfWork) -> frozenset[str]:
    """The facts that a bill computed again would read, under any version that was published."""
    try:
        versions = published_reglements(uow).versions
    except NotFoundError:
        return frozenset()
    return frozenset[str]().union(*map(billing_reads, versions))


def _blanked(model: Any, fields: tuple[str, ...]) -> Any:
    """``model`` without what people wrote; a text that may be missing is."""
    return attrs.evolve(model, **{name: None if getattr(model, name) is None else "" for name in fields})


def files_in_use(uow: UnitOfWork, files: set[str]) -> set[str]:
    """Which of ``files`` something still refers to: they are kept by digest, two families may have sent the same."""
    if not files:
        return set()
    used = {fact.blob for fact in uow.documents.stream() if fact.blob is not None}
    for stored in uow.requests.stream():
        used |= {attachment.blob for entry in stored.model.entries for attachment in entry.attachments}
    return files & used
