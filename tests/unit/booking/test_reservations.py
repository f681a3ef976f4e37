"""The life of a reservation: every cell of the table, and the fold."""

import datetime as dt

import pytest

from periscolaire.booking import (
    TRANSITIONS,
    BookingChange,
    ChangeKind,
    Reservation,
    SlotKey,
    State,
    fold,
    fold_all,
    next_state,
)
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode

KEY = SlotKey(ChildId("clara"), ProductCode("cantine"), dt.date(2026, 10, 12))
AT = dt.datetime(2026, 10, 1, 8, tzinfo=dt.UTC)

_BEGIN = {"REQUEST": "REQUESTED", "BOOK": "CONFIRMED", "QUEUE": "WAITING"}
_END = {"CANCEL": "CANCELLED_BY_FAMILY", "WITHDRAW": "CANCELLED_BY_COMMUNE", "REPLACE": "REPLACED"}
#: The same table as the code's, said once more row by row.
EXPECTED: dict[str | None, dict[str, str]] = {
    None: _BEGIN,
    "LAPSED": _BEGIN,
    "CANCELLED_BY_FAMILY": _BEGIN,
    "CANCELLED_BY_COMMUNE": _BEGIN,
    "REPLACED": _BEGIN,
    "REFUSED": _BEGIN,
    "REQUESTED": {"CONFIRM": "CONFIRMED", "QUEUE": "WAITING", "LAPSE": "LAPSED", "REFUSE": "REFUSED", **_END},
    "WAITING": {"OFFER": "REQUESTED", "CONFIRM": "CONFIRMED", "LAPSE": "LAPSED", "REFUSE": "REFUSED", **_END},
    "CONFIRMED": _END,
}


def change(kind: ChangeKind, minutes: int = 0, key: SlotKey = KEY) -> BookingChange:
    hold = AT + dt.timedelta(hours=1) if kind is ChangeKind.OFFER else None
    return BookingChange(
        id=FactId(f"f{minutes}"),
        key=key,
        household=HouseholdId("h"),
        kind=kind,
        at=AT + dt.timedelta(minutes=minutes),
        author="parent",
        hold_until=hold,
    )


@pytest.mark.parametrize("state", [None, *State])
@pytest.mark.parametrize("kind", ChangeKind)
def test_every_cell_of_the_table(state: State | None, kind: ChangeKind) -> None:
    expected = EXPECTED[state.name if state else None].get(kind.name)
    if expected is None:
        assert (state, kind) not in TRANSITIONS
        with pytest.raises(ConflictError):
            next_state(state, kind)
    else:
        assert next_state(state, kind).name == expected


def test_no_change_is_no_reservation() -> None:
    assert fold([]) is None


def test_booking_again_begins_a_new_life() -> None:
    reservation = fold(
        [change(ChangeKind.BOOK), change(ChangeKind.CANCEL, 1), change(ChangeKind.REQUEST, 2)],
    )
    assert reservation == Reservation(
        KEY,
        HouseholdId("h"),
        State.REQUESTED,
        booked_at=AT + dt.timedelta(minutes=2),
        changed_at=AT + dt.timedelta(minutes=2),
    )


def test_an_offer_holds_the_place_until_accepted_or_lapsed() -> None:
    offered = fold([change(ChangeKind.QUEUE), change(ChangeKind.OFFER, 1)])
    assert offered is not None
    assert offered.holds_place
    accepted = fold([change(ChangeKind.QUEUE), change(ChangeKind.OFFER, 1), change(ChangeKind.CONFIRM, 2)])
    assert accepted is not None
    assert (accepted.state, accepted.hold_until, accepted.holds_place) == (State.CONFIRMED, None, True)
    lapsed = fold([change(ChangeKind.QUEUE), change(ChangeKind.OFFER, 1), change(ChangeKind.LAPSE, 2)])
    assert lapsed is not None
    assert (lapsed.state, lapsed.holds_place) == (State.LAPSED, False)


def test_a_request_without_hold_takes_no_place() -> None:
    requested = fold([change(ChangeKind.REQUEST)])
    assert requested is not None
    assert not requested.holds_place


def test_changes_of_two_keys_do_not_fold_together() -> None:
    other = SlotKey(KEY.child, KEY.product, dt.date(2026, 10, 13))
    changes = [change(ChangeKind.BOOK), change(ChangeKind.CANCEL, 1, other)]
    with pytest.raises(MisuseError):
        fold(changes)
    with pytest.raises(ConflictError):
        fold_all(changes)


def test_a_naive_instant_is_misuse() -> None:
    with pytest.raises(MisuseError, match="naive"):
        BookingChange(
            id=FactId("f"),
            key=KEY,
            household=HouseholdId("h"),
            kind=ChangeKind.BOOK,
            at=dt.datetime(2026, 10, 1, 8),  # noqa: DTZ001 - a naive instant is the point
            author="parent",
        )
