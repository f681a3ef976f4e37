"""The outcome of a day: one total table over (booking, presence, service, notice, proof).

Rows are read from top to bottom and the first that matches decides (see :data:`OUTCOME_ROWS`); ``OUTCOMES`` is the
table with every cell written out, built once. A cell without a row cannot exist: building the table would fail.
"""

from __future__ import annotations

import enum
import itertools
from typing import TypeAlias, TypeVar

import attrs

from periscolaire.attendance._facts import ProofState
from periscolaire.errors import MisuseError
from periscolaire.frozen import FrozenMap

__all__ = ["OUTCOMES", "OUTCOME_ROWS", "Booked", "Notice", "Outcome", "OutcomeRow", "Seen", "Service", "outcome_of"]


class Booked(enum.Enum):
    """What the booking says, as far as the outcome is concerned."""

    NONE = "aucune"
    NOT_NEEDED = "sans réservation"  # this product needs no booking
    REQUESTED = "demandée"
    REFUSED = "refusée"
    WAITING = "liste d'attente"
    LAPSED = "caduque"
    CONFIRMED = "confirmée"
    CONFIRMED_LATE = "confirmée hors délai"  # through a tier after the first
    CANCELLED = "annulée dans les délais"
    CANCELLED_LATE = "annulée hors délai"
    WITHDRAWN = "retirée par la commune"  # a closure: whoever comes all the same had booked
    PACKAGE = "forfait"  # the day is covered by a package


class Seen(enum.Enum):
    """What the door list says."""

    PRESENT = "présent"
    LEFT_EARLY = "parti en cours de service"
    ABSENT = "absent"
    UNCHECKED = "non pointé"


class Service(enum.Enum):
    """Whether the service ran for this child."""

    OPEN = "ouvert"
    CLOSED = "fermé"
    OUTING = "sortie à annuler par la famille"
    SUSPENDED = "suspendu"


class Notice(enum.Enum):
    """Whether an absence was told. Whether in time is for the absence rows, which carry the limit."""

    NONE = "non signalée"
    TOLD = "signalée"


class Outcome(enum.Enum):
    """What happened, derived; the values are those of the fact ``issue`` and of the files."""

    NONE = "aucune"
    AS_BOOKED = "prévu"
    LATE_BOOKING = "réservation tardive"
    LEFT_EARLY = "départ anticipé"
    UNPLANNED = "non prévu"
    ABSENCE = "absence"
    ABSENCE_JUSTIFIED = "absence justifiée"  # a proof was accepted
    ABSENCE_PENDING = "absence, preuve en attente"
    LATE_CANCELLATION = "annulation tardive"
    CANCELLED = "annulé"
    CLOSED = "fermé"
    COVERED = "couvert"
    SUSPENDED = "suspendu"
    UNKNOWN = "inconnu"

    @property
    def attended(self) -> bool:
        """The child came: presences are what ranks and totals over attendance count."""
        return self in _ATTENDED

    @property
    def absent(self) -> bool:
        """A booked child did not come: the absence rows of the règlement decide what is due."""
        return self in _ABSENT


_ATTENDED = frozenset({Outcome.AS_BOOKED, Outcome.LATE_BOOKING, Outcome.LEFT_EARLY, Outcome.UNPLANNED})
_ABSENT = frozenset({Outcome.ABSENCE, Outcome.ABSENCE_JUSTIFIED, Outcome.ABSENCE_PENDING, Outcome.LATE_CANCELLATION})

Cell: TypeAlias = tuple[Booked, Seen, Service, Notice, ProofState]
EnumT = TypeVar("EnumT", bound=enum.Enum)


@attrs.frozen
class OutcomeRow:
    """One row of the table: the cells it covers (``None``: any value), and their outcome."""

    outcome: Outcome
    booked: frozenset[Booked] | None = None
    seen: frozenset[Seen] | None = None
    service: frozenset[Service] | None = None
    notice: frozenset[Notice] | None = None
    proof: frozenset[ProofState] | None = None

    def matches(self, cell: Cell) -> bool:
        """Whether this row covers the cell."""
        columns = (self.booked, self.seen, self.service, self.notice, self.proof)
        return all(allowed is None or value in allowed for allowed, value in zip(columns, cell, strict=True))


def _of(*values: EnumT) -> frozenset[EnumT]:
    return frozenset(values)


_HERE = _of(Seen.PRESENT, Seen.LEFT_EARLY)
_HELD = _of(Booked.CONFIRMED, Booked.CONFIRMED_LATE)
_EXPECTED = _of(Booked.NOT_NEEDED, Booked.CANCELLED_LATE, Booked.WITHDRAWN)

OUTCOME_ROWS: tuple[OutcomeRow, ...] = (
    # A package covers the day whatever happens, and consumes no counter.
    OutcomeRow(Outcome.COVERED, booked=_of(Booked.PACKAGE)),
    # Presence is never overridden, not even by a closure (minimum service) or a suspension. A late cancellation has
    # left the meal ordered and due, and a booking that the commune took off was one: who comes after all comes as
    # booked.
    OutcomeRow(Outcome.LEFT_EARLY, booked=_HELD | _EXPECTED, seen=_of(Seen.LEFT_EARLY)),
    OutcomeRow(Outcome.AS_BOOKED, booked=_of(Booked.CONFIRMED) | _EXPECTED, seen=_HERE),
    OutcomeRow(Outcome.LATE_BOOKING, booked=_of(Booked.CONFIRMED_LATE), seen=_HERE),
    OutcomeRow(Outcome.UNPLANNED, seen=_HERE),
    # Nobody came, or nobody looked. Without a booking there is nothing: never "unknown".
    OutcomeRow(
        Outcome.NONE,
        booked=_of(Booked.NONE, Booked.NOT_NEEDED, Booked.REQUESTED, Booked.REFUSED, Booked.WAITING, Booked.LAPSED),
    ),
    OutcomeRow(Outcome.CANCELLED, booked=_of(Booked.CANCELLED, Booked.WITHDRAWN)),
    OutcomeRow(Outcome.CLOSED, service=_of(Service.CLOSED)),
    OutcomeRow(Outcome.SUSPENDED, service=_of(Service.SUSPENDED)),
    OutcomeRow(Outcome.ABSENCE_JUSTIFIED, proof=_of(ProofState.ACCEPTED)),
    OutcomeRow(Outcome.LATE_CANCELLATION, booked=_of(Booked.CANCELLED_LATE)),
    OutcomeRow(Outcome.ABSENCE_PENDING, seen=_of(Seen.ABSENT), proof=_of(ProofState.PENDING)),
    OutcomeRow(Outcome.ABSENCE_PENDING, notice=_of(Notice.TOLD), proof=_of(ProofState.PENDING)),
    OutcomeRow(Outcome.ABSENCE, seen=_of(Seen.ABSENT)),
    # Not checked, but the family said that the child would not come.
    OutcomeRow(Outcome.ABSENCE, notice=_of(Notice.TOLD)),
    # A door list that nobody filled in, on a day without roll call because of an outing, or with a proof in hand.
    OutcomeRow(Outcome.UNKNOWN, seen=_of(Seen.UNCHECKED)),
)


def _table() -> FrozenMap[Cell, Outcome]:
    cells: dict[Cell, Outcome] = {}
    for cell in itertools.product(Booked, Seen, Service, Notice, ProofState):
        row = next((row for row in OUTCOME_ROWS if row.matches(cell)), None)
        if row is None:
            raise MisuseError(f"no row of the outcome table covers {cell}")
        cells[cell] = row.outcome
    return FrozenMap(cells)


#: Every cell of the table, written out.
OUTCOMES: FrozenMap[Cell, Outcome] = _table()


def outcome_of(
    booked: Booked,
    seen: Seen,
    service: Service = Service.OPEN,
    notice: Notice = Notice.NONE,
    proof: ProofState = ProofState.NONE,
) -> Outcome:
    """The outcome of one slot."""
    return OUTCOMES[booked, seen, service, notice, proof]
