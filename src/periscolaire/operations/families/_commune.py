"""Use cases of what the commune says of itself and of what was done: the contact page, the audit trail."""

from __future__ import annotations

import datetime as dt

from periscolaire.access import Actor, AuditEntry, Operation, require
from periscolaire.clock import utc
from periscolaire.messages import ContactPage
from periscolaire.operations._once import trail
from periscolaire.ports import UnitOfWork

__all__ = ["contact_page", "publish_contacts", "read_audit"]

_KEY = ""


def publish_contacts(page: ContactPage, uow: UnitOfWork, *, actor: Actor, at: dt.datetime, channel: str = "") -> None:
    """Put ``page`` in the place of the contact page; the same page again changes nothing. Does not commit.

    :raises AccessDeniedError: not staff who publish.
    """
    require(actor, Operation.PUBLISH_NEWS)
    stored = uow.contact_pages.find(_KEY)
    if stored is None or stored.model != page:
        uow.contact_pages.save(page, stored.version if stored is not None else 0)
        trail(uow, actor, Operation.PUBLISH_NEWS, "contacts", at, channel=channel)


def contact_page(uow: UnitOfWork) -> ContactPage:
    """« Contacts », which everybody may read; empty until it is published."""
    stored = uow.contact_pages.find(_KEY)
    return stored.model if stored is not None else ContactPage()


def read_audit(
    uow: UnitOfWork,
    *,
    actor: Actor,
    about: str | None = None,
    by: str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> tuple[AuditEntry, ...]:
    """Who did what, when, by which channel; in order. ``about`` is a target (« household:F1 »), ``by`` an author.

    ``first`` and ``last`` are days in UTC, both included.

    :raises AccessDeniedError: not the commune's administrator.
    """
    require(actor, Operation.READ_AUDIT)
    lines = uow.audit.stream() if about is None else iter(uow.audit.of(about))
    found = [
        line
        for line in lines
        if (by is None or line.actor == by)
        and (first is None or first <= utc(line.at).date())
        and (last is None or utc(line.at).date() <= last)
    ]
    return tuple(sorted(found, key=lambda line: line.at))
