"""Who is served first when places are fewer than wishes: arrival, priority groups, or a seeded draw.

The draw uses no random number: each household's lot is the SHA-256 of the seed and its identifier, so that anybody
who knows the published seed can draw again and find the same order. Children of one household are drawn together,
whatever the number of their wishes; a household's own wishes keep their order of arrival.
"""

from __future__ import annotations

import datetime as dt
import enum
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import attrs

from periscolaire.booking._places import Claim, Taken
from periscolaire.booking._reservations import SlotKey
from periscolaire.clock import require_aware, utc
from periscolaire.errors import MisuseError
from periscolaire.ids import HouseholdId

__all__ = [
    "Allocated",
    "Attribution",
    "Offer",
    "Order",
    "Wish",
    "allocate",
    "lot",
    "offers",
    "position",
    "ranked",
    "serve",
]


class Order(enum.Enum):
    """What decides between two wishes of one priority group; the values are the words of files."""

    ARRIVAL = "arrivée"
    DRAW = "tirage"


@attrs.frozen
class Attribution:
    """How a commune serves wishes: priority groups first (``0`` before ``1``), then ``order`` inside a group.

    Without groups every wish has priority 0. ``seed`` is the published text of a draw.
    """

    order: Order = Order.ARRIVAL
    seed: str = ""

    def __attrs_post_init__(self) -> None:
        if self.order is Order.DRAW and not self.seed:
            raise MisuseError("a draw needs a seed, published before the wishes close")


@attrs.frozen
class Wish:
    """One reservation that is waiting for a place, since ``since``, in the priority group ``priority``."""

    key: SlotKey
    household: HouseholdId
    since: dt.datetime
    priority: int = 0

    def __attrs_post_init__(self) -> None:
        require_aware(self.since, "since")


@attrs.frozen
class Allocated:
    """The wishes that are served and those that wait, each in the order of the list."""

    served: tuple[Wish, ...]
    waiting: tuple[Wish, ...]


@attrs.frozen
class Offer:
    """A place that came free, held for a wish until ``until`` (exclusive)."""

    wish: Wish
    until: dt.datetime


def lot(seed: str, household: HouseholdId) -> str:
    """The household's lot in the draw of ``seed``: the smallest comes first."""
    return hashlib.sha256(f"{seed}\n{household}".encode()).hexdigest()


def ranked(wishes: Iterable[Wish], allocation: Attribution) -> tuple[Wish, ...]:
    """The wishes in the order in which they are served; does not depend on the order in which they are given."""

    def rank(wish: Wish) -> tuple[int, str, dt.datetime, SlotKey]:
        drawn = lot(allocation.seed, wish.household) if allocation.order is Order.DRAW else ""
        return wish.priority, drawn, utc(wish.since), wish.key

    return tuple(sorted(wishes, key=rank))


def allocate(wishes: Iterable[Wish], places: int, allocation: Attribution) -> Allocated:
    """Serves the first ``places`` wishes of the list; a wish keeps its place in the list of those that wait.

    :raises MisuseError: a negative number of places.
    """
    if places < 0:
        raise MisuseError(f"{places} places: expected no negative number")
    order = ranked(wishes, allocation)
    return Allocated(order[:places], order[places:])


def serve(
    wishes: Iterable[Wish],
    claims_of: Callable[[Wish], Iterable[Claim]],
    taken: Taken,
    allocation: Attribution,
    places: int | None = None,
) -> Allocated:
    """As :func:`allocate`, where wishes draw from pools of their own (a site, an age group): in the order of the list,
    each is served if every pool that it draws from has a place left. Who waits for one pool stands in nobody's way in
    another. ``places`` bounds all of them together, where the commune says a number for the day.

    :raises MisuseError: a negative number of places.
    """
    if places is not None and places < 0:
        raise MisuseError(f"{places} places: expected no negative number")
    used: Counter[str] = Counter()
    served: list[Wish] = []
    waiting: list[Wish] = []
    for wish in ranked(wishes, allocation):
        wanted = tuple(claims_of(wish))
        fits = all(taken.get(claim.pool, 0) + used[claim.pool] < claim.maximum for claim in wanted)
        if fits and (places is None or len(served) < places):
            served.append(wish)
            used.update(claim.pool for claim in wanted)
        else:
            waiting.append(wish)
    return Allocated(tuple(served), tuple(waiting))


def position(key: SlotKey, wishes: Iterable[Wish], allocation: Attribution) -> int | None:
    """The place of ``key`` in the list, from 1 on; ``None`` when it does not wait."""
    for rank, wish in enumerate(ranked(wishes, allocation), start=1):
        if wish.key == key:
            return rank
    return None


def offers(
    wishes: Sequence[Wish], free: int, allocation: Attribution, at: dt.datetime, hold: dt.timedelta, last: dt.datetime
) -> tuple[Offer, ...]:
    """The offers to make at ``at`` for ``free`` places, each held for ``hold`` but never past ``last``.

    ``last`` is the instant after which the place is of no use to anybody: the close of the booking, or the start of
    the service. At or after it no offer is made.
    """
    until = min(utc(at) + hold, utc(last))
    if until <= utc(at):
        return ()
    return tuple(Offer(wish, until) for wish in allocate(wishes, max(free, 0), allocation).served)
