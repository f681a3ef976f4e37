"""« Mes demandes »: what a family asks, the thread with the commune, and the states a request goes through."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from periscolaire.booking import SlotKey
from periscolaire.clock import require_aware
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.frozen import FrozenMap
from periscolaire.households import FileChange
from periscolaire.ids import ChildId, HouseholdId, InvoiceId, ProductCode, RequestId
from periscolaire.messages._attachments import Attachment, AttachmentPolicy

__all__ = [
    "MOVES",
    "AbsenceClaim",
    "Entry",
    "FamilyRequest",
    "Move",
    "Purpose",
    "RequestKind",
    "RequestState",
    "Side",
]


class Purpose(enum.Enum):
    """What a kind of request is for, whatever the commune calls it; the values are the words of files."""

    RESERVATION = "réservation"
    INVOICE = "facture"
    ABSENCE = "absence"
    DOCUMENT = "document"
    FILE_CHANGE = "modification du dossier"
    OTHER = "autre"


@attrs.frozen
class RequestKind:
    """A kind that the commune defines: its label, its purpose, and within how many days it answers.

    ``reply_within`` counts calendar days from the day of the request; ``None`` sets no due date. A request of a kind
    that ``contests`` the invoice it names keeps that invoice out of reminders and arrears until it comes to an end.

    :raises MisuseError: a kind that contests and is not about invoices.
    """

    code: str
    label: str
    purpose: Purpose
    reply_within: int | None = None
    attachments: AttachmentPolicy = AttachmentPolicy()  # noqa: RUF009  # immutable: one shared default is meant
    contests: bool = False

    def __attrs_post_init__(self) -> None:
        if self.contests and self.purpose is not Purpose.INVOICE:
            raise MisuseError(
                f"request kind {self.code!r}: only a kind about invoices contests one",
                code="request.contests_nothing",
                kind=self.code,
            )

    def due_on(self, opened_on: dt.date) -> dt.date | None:
        """The last day on which an answer is in time."""
        return None if self.reply_within is None else opened_on + dt.timedelta(days=self.reply_within)


class Side(enum.Enum):
    """Who speaks."""

    FAMILY = "famille"
    STAFF = "agent"


class RequestState(enum.Enum):
    """Where a request stands; the values are shown to the family."""

    RECEIVED = "reçue"
    IN_PROGRESS = "en cours"
    WAITING_FAMILY = "en attente de la famille"
    ANSWERED = "répondue"
    ACCEPTED = "acceptée"
    REFUSED = "refusée"
    WITHDRAWN = "retirée"
    CLOSED = "close"


class Move(enum.Enum):
    """What may happen to a request."""

    TAKE = "take"
    ASK_FAMILY = "ask_family"
    ADD = "add"
    ANSWER = "answer"
    ACCEPT = "accept"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"
    CLOSE = "close"


def _moves() -> dict[tuple[RequestState, Side, Move], RequestState]:
    state, side, move = RequestState, Side, Move
    pending = (state.RECEIVED, state.IN_PROGRESS, state.WAITING_FAMILY, state.ANSWERED)
    table: dict[tuple[RequestState, Side, Move], RequestState] = {
        (state.RECEIVED, side.STAFF, move.TAKE): state.IN_PROGRESS,
        (state.RECEIVED, side.FAMILY, move.ADD): state.RECEIVED,
        (state.IN_PROGRESS, side.FAMILY, move.ADD): state.IN_PROGRESS,
        (state.WAITING_FAMILY, side.FAMILY, move.ADD): state.IN_PROGRESS,
        # A family that goes on after an answer opens the matter again.
        (state.ANSWERED, side.FAMILY, move.ADD): state.IN_PROGRESS,
        (state.ANSWERED, side.STAFF, move.CLOSE): state.CLOSED,
        (state.ANSWERED, side.FAMILY, move.CLOSE): state.CLOSED,
    }
    for now in pending:
        table[now, side.STAFF, move.ASK_FAMILY] = state.WAITING_FAMILY
        table[now, side.STAFF, move.ANSWER] = state.ANSWERED
        table[now, side.STAFF, move.ACCEPT] = state.ACCEPTED
        table[now, side.STAFF, move.REFUSE] = state.REFUSED
        table[now, side.FAMILY, move.WITHDRAW] = state.WITHDRAWN
    return table


#: (state, who, move) -> next state: what is not in it cannot happen.
MOVES: FrozenMap[tuple[RequestState, Side, Move], RequestState] = FrozenMap(_moves())


@attrs.frozen
class Entry:
    """A message of the thread. ``internal`` notes are staff's alone."""

    at: dt.datetime
    author: str
    side: Side
    text: str
    attachments: tuple[Attachment, ...] = ()
    internal: bool = False

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)
        if self.internal and self.side is Side.FAMILY:
            raise MisuseError("internal note: only staff write them")


@attrs.frozen
class AbsenceClaim:
    """The absence that a proof is sent for: a child, closed span, motive, products (``None``: all)."""

    child: ChildId
    first: dt.date
    last: dt.date
    motive: str
    proof_kind: str
    products: frozenset[ProductCode] | None = None

    def __attrs_post_init__(self) -> None:
        if self.last < self.first:
            raise MisuseError(
                f"absence ends on {self.last} before it begins on {self.first}",
                code="absence.span_too_long",
                child=self.child,
                first=self.first,
                last=self.last,
            )


@attrs.frozen
class FamilyRequest:
    """A request and its thread; what it is about is data, so that accepting it has an effect.

    ``claim`` becomes the proof that billing uses, ``changes`` are applied to the file; ``contested`` is a slot about
    which the family was told something that it denies: while the request is open it is not billed.

    :raises MisuseError: an absence without claim, or a change of the file without changes.
    """

    id: RequestId
    kind: str
    purpose: Purpose
    household: HouseholdId
    subject: str
    opened_at: dt.datetime
    due_on: dt.date | None
    entries: tuple[Entry, ...]
    state: RequestState = RequestState.RECEIVED
    child: ChildId | None = None
    claim: AbsenceClaim | None = None
    changes: tuple[FileChange, ...] = ()
    invoice: InvoiceId | None = None
    contested: SlotKey | None = None

    def __attrs_post_init__(self) -> None:
        require_aware(self.opened_at, "opened_at")
        if (self.purpose is Purpose.ABSENCE) != (self.claim is not None):
            raise MisuseError("request about an absence: expected a claim, and only then")
        if (self.purpose is Purpose.FILE_CHANGE) != bool(self.changes):
            raise MisuseError("request to change the file: expected changes, and only then")

    def can(self, side: Side, move: Move) -> bool:
        """Whether ``side`` may do ``move`` now."""
        return (self.state, side, move) in MOVES

    def moved(self, side: Side, move: Move, entry: Entry | None = None) -> FamilyRequest:
        """The request after ``move``, with the message that goes with it.

        :raises ConflictError: the table does not know this move in this state.
        """
        if not self.can(side, move):
            raise ConflictError(
                f"request {self.id}: no {move.value} by {side.value} when {self.state.value}",
                code="request.move_refused",
                state=self.state.value,
            )
        entries = self.entries if entry is None else (*self.entries, entry)
        return attrs.evolve(self, state=MOVES[self.state, side, move], entries=entries)

    def noted(self, entry: Entry) -> FamilyRequest:
        """The request with an internal note: no change of state.

        :raises MisuseError: the entry is not internal.
        """
        if not entry.internal:
            raise MisuseError("noted: expected an internal entry")
        return attrs.evolve(self, entries=(*self.entries, entry))

    def seen_by_family(self) -> FamilyRequest:
        """The request without internal notes."""
        return attrs.evolve(self, entries=tuple(entry for entry in self.entries if not entry.internal))

    @property
    def pending(self) -> bool:
        """Whether the commune still owes something."""
        return self.state in (RequestState.RECEIVED, RequestState.IN_PROGRESS)

    def overdue(self, today: dt.date) -> bool:
        """Whether the answer is late."""
        return self.pending and self.due_on is not None and self.due_on < today
