"""Use case of keeping no longer than allowed: what the retention table says is over goes, and is counted first."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable
from typing import Any

import attrs
from dateutil.relativedelta import relativedelta

from periscolaire.access import RETENTION, Actor, Operation, Retention, Since, audit, require
from periscolaire.clock import require_aware, utc
from periscolaire.ids import HouseholdId
from periscolaire.operations.families._erasure import erase_within, files_in_use
from periscolaire.operations.families._personal import is_erased
from periscolaire.ports import JOURNALS, RECORDS, BlobStore, Records, Stored, UnitOfWork

__all__ = ["Purge", "PurgeLine", "Purged", "purge"]


class Purged(enum.Enum):
    """What became of records whose time is over; the values are the words of the report."""

    GONE = "effacé"
    ANONYMISED = "anonymisé"
    HELD = "retenu : non soldé ou encore inscrit"
    VISA = "à éliminer sous visa des archives"


@attrs.frozen
class PurgeLine:
    """How many records of one line of the table are past their time, counted up to ``over`` (included)."""

    record: str
    label: str
    count: int
    over: dt.date
    fate: Purged


@attrs.frozen
class Purge:
    """The report of a purge, done or only tried."""

    on: dt.date
    lines: tuple[PurgeLine, ...]
    done: bool


def purge(
    uow: UnitOfWork,
    *,
    actor: Actor,
    at: dt.datetime,
    channel: str,
    blobs: BlobStore,
    retention: Iterable[Retention] = RETENTION,
    dry_run: bool = True,
) -> Purge:
    """Erase or anonymise every record whose time is over by ``retention``. A dry run (the default) writes nothing.

    What the books rest on (ten years and more) is only counted: public archives are eliminated with the visa of the
    departmental archives, never by a program. A household goes as a whole, with its children, custody and accounts
    (:func:`~periscolaire.operations.erase_family`), when its last child's last service is over for long enough; one
    that owes, is owed or is registered is held back and counted apart. A record without any day stays.

    :raises AccessDeniedError: the actor is not the commune's administrator.
    """
    require(actor, Operation.ERASE_FAMILY_DATA)
    work = _Purge(uow, actor, require_aware(at), channel, dry_run)
    # Accounts last: their links go with them, and are counted among the links, so that a dry run tells the same.
    rules = sorted(retention, key=lambda one: one.record == "accounts")
    lines = [line for one in rules for line in work.line(one) if line.count]
    report = Purge(work.today, tuple(lines), done=not dry_run)
    if not dry_run:
        if lines:
            detail = ",".join(f"{line.record}:{line.count}" for line in lines)
            uow.audit.append([audit(actor, Operation.ERASE_FAMILY_DATA, "commune", at, channel=channel, detail=detail)])
        left = files_in_use(uow, work.files)
        uow.commit()
        for digest in sorted(work.files - left):
            blobs.remove(digest)
    return report


class _Purge:
    def __init__(self, uow: UnitOfWork, actor: Actor, at: dt.datetime, channel: str, dry_run: bool) -> None:
        self._uow, self._actor, self._at, self._channel, self._dry = uow, actor, at, channel, dry_run
        self.today = utc(at).date()
        self.files: set[str] = set()

    def line(self, rule: Retention) -> Iterable[PurgeLine]:
        over = self.today - relativedelta(months=rule.months)
        if rule.since is Since.FISCAL_YEAR:
            # Counted from the end of the year: only years that were over by then.
            over = dt.date(over.year - 1, 12, 31) if (over.month, over.day) != (12, 31) else over
            yield PurgeLine(rule.record, rule.label, self._of_books(rule.record, over), over, Purged.VISA)
        elif rule.record == "households":
            gone, held = self._households(over)
            yield PurgeLine(rule.record, rule.label, gone, over, Purged.ANONYMISED)
            yield PurgeLine(rule.record, rule.label, held, over, Purged.HELD)
        elif rule.record != "children":  # they go with their household
            past = self._journal if rule.record in JOURNALS else self._records
            yield PurgeLine(rule.record, rule.label, past(rule.record, over), over, Purged.GONE)

    def _of_books(self, record: str, over: dt.date) -> int:
        day_of = _day_function(record)
        return sum(_day_of(day_of(_model(one)), over) for one in getattr(self._uow, record).stream())

    def _records(self, record: str, over: dt.date) -> int:
        records: Records[Any, Any, Any] = getattr(self._uow, record)
        day_of, key_of = _day_function(record), RECORDS[record].key
        past = [one for one in records.stream() if _day_of(day_of(one.model), over)]
        if not self._dry:
            for one in past:
                if record == "accounts":
                    self._forget_account(one.model.id)
                if record == "requests":
                    self.files |= {paper.blob for entry in one.model.entries for paper in entry.attachments}
                records.remove(key_of(one.model), one.version)
        return len(past)

    def _forget_account(self, account: Any) -> None:
        for token in self._uow.tokens.of(account):
            self._uow.tokens.remove(token.model.id, token.version)
        self._uow.read_marks.forget(account)

    def _journal(self, record: str, over: dt.date) -> int:
        journal, kind, day_of = getattr(self._uow, record), JOURNALS[record], _day_function(record)
        by_owner: dict[str, list[Any]] = {}
        for fact in journal.stream():
            by_owner.setdefault(kind.owner(fact), []).append(fact)
        count = 0
        for owner, facts in by_owner.items():
            kept = [fact for fact in facts if not _day_of(day_of(fact), over)]
            count += len(facts) - len(kept)
            if len(kept) < len(facts) and not self._dry:
                self.files |= {fact.blob for fact in facts if record == "documents" and fact.blob is not None}
                journal.forget(owner)
                journal.append(kept)
        return count

    def _households(self, over: dt.date) -> tuple[int, int]:
        last = self._last_services()
        gone = held = 0
        for home in [stored.model for stored in self._uow.households.stream()]:
            if is_erased(home) or not _day_of(last.get(home.id), over):
                continue
            report, files = erase_within(
                home.id, self._uow, actor=self._actor, at=self._at, channel=self._channel, dry_run=self._dry
            )
            self.files.update(files)
            gone += report.verdict.allowed
            held += not report.verdict.allowed
        return gone, held

    def _last_services(self) -> dict[HouseholdId, dt.date]:
        """The last day on which anything was booked, attended or registered for a household."""
        last: dict[HouseholdId, dt.date] = {}
        for home, consumptions in self._uow.consumptions.by_household(dt.date.min, dt.date.max):
            last[home] = max(one.key.day for one in consumptions)
        for stored in self._uow.registrations.stream():
            home, day = stored.model.household, stored.model.span.last
            last[home] = max(last.get(home, day), day)
        return last


def _day_of(day: dt.date | dt.datetime | None, over: dt.date) -> bool:
    """Whether a record of that day is past its time; one without a day never is."""
    if day is None:
        return False
    return (utc(day).date() if isinstance(day, dt.datetime) else day) <= over


def _model(found: Any) -> Any:
    return found.model if isinstance(found, Stored) else found


def _school_year_end(at: dt.date) -> dt.date:
    """31 August: the end of every school year of mainland France; elsewhere it only keeps a little longer."""
    day = utc(at).date() if isinstance(at, dt.datetime) else at
    return dt.date(day.year + (day.month > 8), 8, 31)


def _day_function(record: str) -> Callable[[Any], dt.date | dt.datetime | None]:
    """From which day the time of a record counts (``None``: it stays); the last day that a fact is about, if not said.

    :raises KeyError: a set of records that :data:`_DAYS` does not know.
    """
    if record in _DAYS:
        return _DAYS[record]
    span = JOURNALS[record].span
    return lambda fact: span(fact)[1]


_DAYS: dict[str, Callable[[Any], dt.date | dt.datetime | None]] = {
    "requests": lambda one: None if one.pending else (one.entries[-1].at if one.entries else one.opened_at),
    "accounts": lambda one: one.last_used_on or one.created_at,
    "invitations": lambda one: one.expires_at,
    "activations": lambda one: one.started_at,
    "tokens": lambda one: one.expires_at,
    # A counter at rest counts nothing: it goes at once.
    "try_counters": lambda one: one.blocked_until or one.first_at or dt.date.min,
    "documents": lambda one: one.last_day,
    "consents": lambda one: _school_year_end(one.at),
    "wishes": lambda one: _school_year_end(one.key.day),
    "read_marks": lambda one: one.at,
    "audit": lambda one: one.at,
    # The day that tells the fiscal year of what the books rest on, where it is not a fact with a span.
    "amendments": lambda one: one.first_day,
    "registrations": lambda one: one.span.last,
    "booking_receipts": lambda one: one.at,
    "invoices": lambda one: dt.date(one.fiscal_year, 12, 31),
    "payments": lambda one: one.received_on,
    "quittances": lambda one: one.on,
    "rejections": lambda one: one.on,
    "refunds": lambda one: one.on,
    "write_offs": lambda one: one.on,
    "reminders": lambda one: one.on,
    "allocations": lambda one: one.on,
    "payment_plans": lambda one: max((part.due_on for part in one.instalments), default=one.on),
    "disputes": lambda one: one.closed_on,
    "online_payments": lambda one: one.started_at,
    "online_events": lambda one: one.at,
}
