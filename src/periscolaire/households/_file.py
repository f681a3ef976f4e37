"""The household's file: documents with expiry, consents, diets; completeness; and all of it as facts of a day."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Iterable

import attrs

from periscolaire.clock import require_aware
from periscolaire.facts import Expired, Facts, FactValue, Unknown
from periscolaire.households._dated import DatedFacts, SubjectId
from periscolaire.households._household import Household
from periscolaire.households._people import Child, Level, covers
from periscolaire.ids import FactId
from periscolaire.reasons import Reason, Verdict

__all__ = [
    "PAI",
    "Consent",
    "Document",
    "DocumentStatus",
    "Requirement",
    "RequirementOf",
    "completeness",
    "facts_of_day",
    "latest_documents",
]

#: The kind of document that makes the ``pai`` fact true (circulaire du 10-2-2021, MENE2104832C).
PAI = "pai"


class DocumentStatus(enum.Enum):
    """What the commune made of a document; the values are the words of files."""

    RECEIVED = "reçue"
    ACCEPTED = "acceptée"
    REFUSED = "refusée"


@attrs.frozen
class Document:
    """A document on file about a child or a household: ``kind`` is the commune's word (« assurance », « pai »).

    It counts from ``first_day`` to ``last_day``, both included, once accepted. ``blob`` is where the file is kept.
    """

    id: FactId
    subject: SubjectId
    kind: str
    first_day: dt.date
    last_day: dt.date | None
    status: DocumentStatus
    received_at: dt.datetime
    label: str = ""
    blob: str | None = None

    def __attrs_post_init__(self) -> None:
        require_aware(self.received_at, "received_at")

    def valid_on(self, day: dt.date) -> bool:
        """Accepted, and not expired on ``day``."""
        return self.status is DocumentStatus.ACCEPTED and covers(self.first_day, self.last_day, day)


def latest_documents(documents: Iterable[Document]) -> tuple[Document, ...]:
    """Of several states of one document (same ``id``), the last recorded."""
    newest: dict[FactId, Document] = {document.id: document for document in documents}
    return tuple(newest.values())


@attrs.frozen
class Consent:
    """Somebody agreed or refused (photographs, outings, the QF consulted at the CAF); the latest answer counts."""

    subject: SubjectId
    kind: str
    given: bool
    at: dt.datetime
    author: str = ""


class RequirementOf(enum.Enum):
    """For whom something is required; the values are the words of files."""

    CHILD = "enfant"
    HOUSEHOLD = "foyer"


@attrs.frozen
class Requirement:
    """A document (or, with ``consent``, an answer) without which a file is not complete.

    ``levels`` narrows it to some levels; a child whose level is not known is asked for it too.
    """

    kind: str
    of: RequirementOf = RequirementOf.CHILD
    levels: frozenset[Level] = frozenset()
    consent: bool = False
    reference: str | None = None


def completeness(
    household: Household,
    children: Iterable[Child],
    documents: Iterable[Document],
    consents: Iterable[Consent],
    requirements: Iterable[Requirement],
    day: dt.date,
) -> Verdict:
    """Whether the file of ``household`` is complete on ``day``: every missing thing is a reason.

    Codes: ``file.document_missing``, ``file.document_expired``, ``file.document_pending`` (received, not yet
    accepted), ``file.consent_missing``, ``file.contact_missing`` (no adult can be reached by telephone).
    """
    papers, answers = latest_documents(documents), tuple(consents)
    present = household.children_on(day)
    reasons: list[Reason] = []
    if not any(adult.phones for adult in household.adults):
        reasons.append(Reason.of("file.contact_missing", household=household.name))
    members = [child for child in children if child.id in present]
    for requirement in requirements:
        if requirement.of is RequirementOf.HOUSEHOLD:
            reasons += _missing(requirement, household.id, household.name, papers, answers, day)
            continue
        for child in members:
            schooling = child.schooling(day)
            level = schooling.level if schooling else None
            if not requirement.levels or level is None or level in requirement.levels:
                reasons += _missing(requirement, child.id, child.full_name, papers, answers, day)
    return Verdict(not reasons, tuple(reasons))


def _missing(
    requirement: Requirement,
    subject: SubjectId,
    name: str,
    documents: tuple[Document, ...],
    consents: tuple[Consent, ...],
    day: dt.date,
) -> list[Reason]:
    about = {"subject": name, "kind": requirement.kind}
    if requirement.consent:
        answered = any(consent.subject == subject and consent.kind == requirement.kind for consent in consents)
        return [] if answered else [Reason.of("file.consent_missing", reference=requirement.reference, **about)]
    held = [paper for paper in documents if paper.subject == subject and paper.kind == requirement.kind]
    if any(paper.valid_on(day) for paper in held):
        return []
    if any(paper.status is DocumentStatus.RECEIVED and covers(paper.first_day, paper.last_day, day) for paper in held):
        return [Reason.of("file.document_pending", reference=requirement.reference, **about)]
    ended = [
        paper.last_day
        for paper in held
        if paper.status is DocumentStatus.ACCEPTED and paper.last_day is not None and paper.last_day < day
    ]
    if ended:
        return [Reason.of("file.document_expired", reference=requirement.reference, last_day=max(ended), **about)]
    return [Reason.of("file.document_missing", reference=requirement.reference, **about)]


def facts_of_day(
    day: dt.date,
    household: Household,
    child: Child | None = None,
    dated: DatedFacts = DatedFacts(),  # noqa: B008  # immutable: one shared empty value is what is meant
    documents: Iterable[Document] = (),
    complete: bool | None = None,
) -> Facts:
    """What rules may read of a household, and of one of its children, on ``day``.

    What was recorded as a dated fact wins over what follows from the file (so a clerk may say ``level`` or ``pai``
    outright). ``complete`` is the answer of :func:`completeness`; ``None`` leaves ``file_complete`` unknown.
    """
    found: dict[str, FactValue | Unknown | Expired] = {"household_children": len(household.children_on(day))}
    if household.address is not None:
        found["commune"] = household.address.city
    if complete is not None:
        found["file_complete"] = complete
    subjects: list[SubjectId] = [household.id]
    if child is not None:
        subjects.append(child.id)
        found |= _school_facts(child, day)
        found |= _document_facts(
            child, [paper for paper in latest_documents(documents) if paper.subject in subjects], day
        )
    for subject in subjects:  # the household's, then the child's own over them (the quotient of a foster child)
        found |= dated.about(subject).on(day)
    return Facts(found)


def _school_facts(child: Child, day: dt.date) -> dict[str, FactValue]:
    found: dict[str, FactValue] = {}
    age, schooling = child.age(day), child.schooling(day)
    if age is not None:
        found["age"] = age
    if schooling is None:
        return found
    found["school"] = schooling.school
    found["inclusive_class"] = schooling.inclusive_class
    if schooling.class_name:
        found["class_name"] = schooling.class_name
    if schooling.grade is not None:
        found["grade"] = schooling.grade.value
    if schooling.level is not None:
        found["level"] = schooling.level.value
    return found


def _document_facts(child: Child, documents: list[Document], day: dt.date) -> dict[str, FactValue | Expired]:
    found: dict[str, FactValue | Expired] = {
        "documents": frozenset(paper.kind for paper in documents if paper.valid_on(day))
    }
    plans = [paper for paper in documents if paper.kind == PAI and paper.subject == child.id]
    accepted = [paper for paper in plans if paper.status is DocumentStatus.ACCEPTED and paper.first_day <= day]
    if any(paper.valid_on(day) for paper in plans):
        found["pai"] = True
    elif accepted:
        last = max(paper.last_day for paper in accepted if paper.last_day is not None)
        found["pai"] = Expired(True, last + dt.timedelta(days=1))
    return found
