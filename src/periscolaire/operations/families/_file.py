"""Use cases of the household's file: what its screen shows to whom, and the papers behind it."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access import Actor, FamilyActor, Operation, require
from periscolaire.errors import NotFoundError
from periscolaire.households import (
    Child,
    Consent,
    Document,
    Household,
    Requirement,
    SubjectId,
    completeness,
    latest_documents,
)
from periscolaire.ids import ChildId, FactId, HouseholdId
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations._targets import child_target, household_target
from periscolaire.operations.families._personal import sole_children, without_other_home
from periscolaire.ports import BlobStore, UnitOfWork
from periscolaire.reasons import Verdict

__all__ = ["HouseholdFile", "household_file", "read_document"]


@attrs.frozen
class HouseholdFile:
    """The file of one household on a day: its people, its papers in their last state, and what is still missing."""

    household: Household
    children: tuple[Child, ...]
    documents: tuple[Document, ...]
    consents: tuple[Consent, ...]
    complete: Verdict


def household_file(
    household: HouseholdId,
    uow: UnitOfWork,
    *,
    actor: Actor,
    day: dt.date,
    requirements: tuple[Requirement, ...] | None = None,
) -> HouseholdFile:
    """The file as ``actor`` may see it on ``day``. Writes nothing.

    A child of separated parents is in the file of both, with its papers; the other parent, their address and their
    own papers are in none but theirs. ``requirements`` are those of the règlement in force unless they are given.

    :raises AccessDeniedError: not an adult of the household, nor staff who see families.
    :raises NotFoundError: no such household.
    """
    require(actor, Operation.VIEW_HOUSEHOLD, household_target(uow, household, day))
    home = uow.households.get(household).model
    children = tuple(uow.children.get(child).model for child in home.children_on(day))
    if isinstance(actor, FamilyActor):
        sole = frozenset(sole_children(uow, home))
        children = tuple(without_other_home(child, home, sole) for child in children)
    subjects: tuple[SubjectId, ...] = (household, *(child.id for child in children))
    documents = latest_documents(paper for one in subjects for paper in uow.documents.of(one))
    consents = tuple(answer for one in subjects for answer in uow.consents.of(one))
    asked = _required(uow, day) if requirements is None else requirements
    return HouseholdFile(
        home, children, documents, consents, completeness(home, children, documents, consents, asked, day)
    )


def read_document(
    document: FactId, subject: SubjectId, uow: UnitOfWork, *, actor: Actor, day: dt.date, blobs: BlobStore
) -> bytes:
    """The bytes of a document about ``subject``, a household or a child.

    :raises AccessDeniedError: not the actor's file.
    :raises NotFoundError: no such document, or it was kept without its file.
    """
    if uow.children.find(ChildId(subject)) is not None:
        require(actor, Operation.VIEW_CHILD, child_target(uow, ChildId(subject), day))
    else:
        require(actor, Operation.VIEW_HOUSEHOLD, household_target(uow, HouseholdId(subject), day))
    for paper in latest_documents(uow.documents.of(subject)):
        if paper.id == document and paper.blob is not None:
            return blobs.get(paper.blob)
    raise NotFoundError(f"document {document} about {subject}", code="file.no_document", document=document)


def _required(uow: UnitOfWork, day: dt.date) -> tuple[Requirement, ...]:
    """What the règlement of that day asks for; nothing where there is none."""
    try:
        return published_reglements(uow).on(day).requirements
    except NotFoundError:
        return ()
