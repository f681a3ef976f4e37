"""Use cases of a file's papers: documents and consents, appended as they come."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.households import Consent, Document
from periscolaire.ports import UnitOfWork

__all__ = ["record_consents", "record_documents"]


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
