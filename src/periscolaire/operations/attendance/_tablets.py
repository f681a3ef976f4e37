"""Use case of tablets at the door: their logs, late, in pieces and more than once, become presences that count once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import attrs

from periscolaire.access import Actor, Operation, require
from periscolaire.attendance import Presence
from periscolaire.booking import SlotKey
from periscolaire.files import TouchRow
from periscolaire.ids import FactId
from periscolaire.operations._once import record_act
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations.attendance._presences import keep_presences
from periscolaire.operations.attendance._rows import check_touches
from periscolaire.ports import UnitOfWork

__all__ = ["import_tablet_log"]

#: Presences that come from tablets say by which touch they were last changed: what tells them apart.
_PREFIX = "tablette:"
_CANCEL = "annulé"
_PASSAGES = frozenset({"arrivée", "départ"})


def import_tablet_log(
    rows: Iterable[TouchRow], uow: UnitOfWork, *, actor: Actor, now: dt.datetime, file: str = "tablette.csv"
) -> tuple[Presence, ...]:
    """Fold the touches of a log into presences, one a slot; those that are new or changed. Does not commit.

    The earliest arrival and the latest departure count, whatever the order of lines; « annulé » takes back what was
    touched before it. A touch that was imported before changes nothing, and a correction made at the town hall after
    the last touch stays.

    :raises BadFileError: a child who is elsewhere, a service that is not known, a touch after ``now``, a clock that
        went back: every fault with its line, and nothing is recorded.
    """
    require(actor, Operation.RECORD_ATTENDANCE)
    reglements = published_reglements(uow)
    touches = tuple(rows)
    check_touches(touches, uow, reglements, now=now, file=file)
    calendar = reglements.versions[-1].calendar
    slots: dict[SlotKey, list[_Touch]] = {}
    for row in touches:
        at = row.at.at(calendar.tz)
        wall = calendar.local(at)
        key = SlotKey(row.child, row.product, wall.date(), row.slot)
        slots.setdefault(key, []).append(_Touch(at, row.touch, row.event, wall.time().replace(second=0, microsecond=0)))
    made = []
    for key in sorted(slots):
        known = {one.id: one for one in uow.presences.of(key.child, key.day, key.day) if one.key == key}
        before = [one for one in known.values() if one.id.startswith(_PREFIX)]
        presence = _fold(key, slots[key], max(before, key=lambda one: (one.at, one.id), default=None), actor)
        if presence is not None and presence.id not in known:
            made.append(presence)
    if made:
        record_act(uow, actor, Operation.RECORD_ATTENDANCE, "tablets", now, detail=str(len(made)))
    return keep_presences(made, uow, actor=actor)


@attrs.frozen(order=True)
class _Touch:
    at: dt.datetime
    id: str
    event: str
    wall: dt.time


def _fold(key: SlotKey, touches: list[_Touch], before: Presence | None, actor: Actor) -> Presence | None:
    present: bool | None = before.present if before is not None else None
    arrival = before.arrival if before is not None else None
    departure = before.departure if before is not None else None
    newest: _Touch | None = None
    ordered = sorted(touches)
    cancelled = max((rank for rank, touch in enumerate(ordered) if touch.event == _CANCEL), default=0)
    for touch in ordered[cancelled:]:
        late = before is not None and touch.at <= before.at
        if late and (present is not True or touch.event not in _PASSAGES):
            continue  # it was folded before, or what was folded since overrides it
        match touch.event:
            case "arrivée":
                present, arrival = True, touch.wall if arrival is None else min(arrival, touch.wall)
            case "départ":
                present, departure = True, touch.wall if departure is None else max(departure, touch.wall)
            case "absent":
                present, arrival, departure = False, None, None
            case _:
                present, arrival, departure = None, None, None
        newest = touch
    if newest is None:
        return None
    if before is not None and (present, arrival, departure) == (before.present, before.arrival, before.departure):
        return None
    at = newest.at if before is None else max(newest.at, before.at)
    return Presence(FactId(f"{_PREFIX}{newest.id}"), key, present, at, actor.label, arrival, departure)
