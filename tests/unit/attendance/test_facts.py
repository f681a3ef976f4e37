"""Appended facts, the fold into consumptions, anomalies and appeals."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest

from periscolaire.attendance import (
    AbsenceNotice,
    AnomalyKind,
    Appeal,
    AppealState,
    Booked,
    CancelledBy,
    Closure,
    Consumption,
    Notice,
    Outcome,
    Place,
    Presence,
    Proof,
    ProofState,
    Seen,
    Service,
    Suspension,
    anomalies,
    booked_state,
    consumption,
    consumptions,
    contested,
    describe_outcome,
    latest,
)
from periscolaire.booking import BookingChange, ChangeKind, Reservation, SlotKey, State, fold
from periscolaire.catalogue import Effect, Verb
from periscolaire.errors import MisuseError
from periscolaire.i18n import text
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.testing.billing import MONDAY, eaten

A, H1, CANTEEN = ChildId("A"), HouseholdId("H1"), ProductCode("cantine")
KEY = SlotKey(A, CANTEEN, MONDAY)
AT = dt.datetime(2026, 1, 5, 12, tzinfo=dt.UTC)


def later(minutes: int) -> dt.datetime:
    return AT + dt.timedelta(minutes=minutes)


def presence(name: str, present: bool | None, minutes: int = 0, **more: Any) -> Presence:
    return Presence(FactId(name), KEY, present, later(minutes), "agent", **more)


def notice(name: str = "N", **more: Any) -> AbsenceNotice:
    values: dict[str, Any] = {"last": MONDAY, "told_at": AT, "author": "famille", "at": AT, "motive": "maladie"}
    return AbsenceNotice(FactId(name), A, MONDAY, **{**values, **more})


def proof(name: str, state: ProofState, minutes: int = 0) -> Proof:
    return Proof(FactId(name), A, MONDAY, MONDAY, "certificat", state, AT, "agent", later(minutes))


def reservation(*kinds: tuple[ChangeKind, Effect | None], tier: int = 0) -> Reservation:
    changes = [
        BookingChange(FactId(f"B{index}"), KEY, H1, kind, later(index), "famille", tier=tier, effect=effect)
        for index, (kind, effect) in enumerate(kinds)
    ]
    made = fold(changes)
    assert made is not None
    return made


BOOKED = reservation((ChangeKind.BOOK, None))


class TestFacts:
    def test_impossible_presences_are_refused(self) -> None:
        with pytest.raises(MisuseError):
            presence("P", True, arrival=dt.time(9), departure=dt.time(8))
        with pytest.raises(MisuseError):
            presence("P", False, arrival=dt.time(9))
        with pytest.raises(MisuseError):
            Presence(FactId("P"), KEY, True, dt.datetime(2026, 1, 5), "agent")  # noqa: DTZ001 - what is refused

    def test_a_span_does_not_end_before_it_begins(self) -> None:
        with pytest.raises(MisuseError):
            notice(last=MONDAY - dt.timedelta(days=1))

    def test_the_newest_state_of_a_fact_counts_in_any_order(self) -> None:
        states = [proof("X", ProofState.PENDING), proof("X", ProofState.ACCEPTED, 5), proof("Y", ProofState.REFUSED, 1)]
        for order in itertools.permutations(states):
            assert [(one.id, one.state) for one in latest(order)] == [
                ("Y", ProofState.REFUSED),
                ("X", ProofState.ACCEPTED),
            ]


class TestFold:
    def test_corrections_are_newer_facts(self) -> None:
        facts = [presence("P1", True), presence("P2", False, 5), presence("P3", None, 9)]
        for count, seen in ((1, Seen.PRESENT), (2, Seen.ABSENT), (3, Seen.UNCHECKED)):
            for order in itertools.permutations(facts[:count]):
                assert consumption(KEY, H1, reservation=BOOKED, presences=order).seen is seen

    def test_everything_that_a_price_may_read_is_there(self) -> None:
        one = consumption(
            KEY,
            H1,
            reservation=BOOKED,
            presences=[presence("P", True, arrival=dt.time(12), departure=dt.time(13), served="panier")],
            facts=[FactId("B0")],
        )
        assert (one.outcome, one.arrival, one.departure, one.served) == (
            Outcome.AS_BOOKED,
            dt.time(12),
            dt.time(13),
            "panier",
        )
        assert one.facts == ("B0", "P")

    def test_told_unchecked_is_an_absence_and_withdrawn_is_not(self) -> None:
        told = consumption(KEY, H1, reservation=BOOKED, notices=[notice()])
        assert (told.outcome, told.notice, told.motive, told.told_at) == (Outcome.ABSENCE, Notice.TOLD, "maladie", AT)
        taken_back = notice(at=later(5), withdrawn=True)
        assert consumption(KEY, H1, reservation=BOOKED, notices=[notice(), taken_back]).outcome is Outcome.UNKNOWN

    def test_the_best_proof_counts(self) -> None:
        proofs = [proof("X", ProofState.REFUSED), proof("Y", ProofState.ACCEPTED)]
        one = consumption(KEY, H1, reservation=BOOKED, presences=[presence("P", False)], proofs=proofs)
        assert (one.outcome, one.proof_kind) == (Outcome.ABSENCE_JUSTIFIED, "certificat")

    @pytest.mark.parametrize(
        ("closure", "place", "service"),
        [
            ({}, Place(), Service.CLOSED),
            ({"by": CancelledBy.FAMILY}, Place(), Service.OUTING),
            ({"classes": frozenset({"CP"})}, Place(class_name="CP"), Service.CLOSED),
            ({"classes": frozenset({"CP"})}, Place(class_name="CE1"), Service.OPEN),
            ({"children": frozenset({ChildId("B")})}, Place(), Service.OPEN),
            ({"products": frozenset({ProductCode("x")})}, Place(), Service.OPEN),
            ({"lifted": True}, Place(), Service.OPEN),
        ],
    )
    def test_closures_hold_for_a_set_of_children(self, closure: dict[str, Any], place: Place, service: Service) -> None:
        fact = Closure(FactId("C"), MONDAY, MONDAY, "sortie", AT, "agent", **closure)
        one = consumption(KEY, H1, reservation=BOOKED, closures=[fact], place=place)
        assert one.service is service

    def test_presence_is_never_overridden(self) -> None:
        closed = Closure(FactId("C"), MONDAY, MONDAY, "grève", AT, "agent")
        out = Suspension(FactId("S"), A, MONDAY, MONDAY, "exclusion", AT, "maire")
        for facts in ({"closures": [closed]}, {"suspensions": [out]}):
            came: Any = {"presences": [presence("P", True)], **facts}
            assert consumption(KEY, H1, reservation=BOOKED, **came).outcome is Outcome.AS_BOOKED
            assert consumption(KEY, H1, **came).outcome is Outcome.UNPLANNED
        assert consumption(KEY, H1, reservation=BOOKED, suspensions=[out]).outcome is Outcome.SUSPENDED

    @pytest.mark.parametrize(
        ("kinds", "tier", "booked"),
        [
            ([(ChangeKind.BOOK, None)], 0, Booked.CONFIRMED),
            ([(ChangeKind.BOOK, None)], 1, Booked.CONFIRMED_LATE),
            ([(ChangeKind.REQUEST, None)], 0, Booked.REQUESTED),
            ([(ChangeKind.QUEUE, None)], 0, Booked.WAITING),
            ([(ChangeKind.REQUEST, None), (ChangeKind.REFUSE, None)], 0, Booked.REFUSED),
            ([(ChangeKind.REQUEST, None), (ChangeKind.LAPSE, None)], 0, Booked.LAPSED),
            ([(ChangeKind.BOOK, None), (ChangeKind.CANCEL, Effect(Verb.NOTHING))], 0, Booked.CANCELLED),
            ([(ChangeKind.BOOK, None), (ChangeKind.CANCEL, Effect(Verb.DUE))], 0, Booked.CANCELLED_LATE),
            ([(ChangeKind.BOOK, None), (ChangeKind.WITHDRAW, None)], 0, Booked.WITHDRAWN),
            ([(ChangeKind.REQUEST, None), (ChangeKind.WITHDRAW, None)], 0, Booked.CANCELLED),
        ],
    )
    def test_what_the_table_reads_of_a_reservation(self, kinds: Any, tier: int, booked: Booked) -> None:
        assert booked_state(reservation(*kinds, tier=tier)) is booked

    def test_every_state_of_a_reservation_is_read(self) -> None:
        for state in State:
            made = Reservation(KEY, H1, state, AT, AT)
            assert isinstance(booked_state(made), Booked)
        assert booked_state(None) is Booked.NONE
        assert booked_state(None, needs_booking=False) is Booked.NOT_NEEDED
        assert booked_state(BOOKED, package=True) is Booked.PACKAGE

    def test_a_late_cancellation_is_told_when_it_was_made(self) -> None:
        late = reservation((ChangeKind.BOOK, None), (ChangeKind.CANCEL, Effect(Verb.DUE)))
        one = consumption(KEY, H1, reservation=late)
        assert (one.outcome, one.told_at, one.effect) == (Outcome.LATE_CANCELLATION, later(1), Effect(Verb.DUE))
        came = consumption(KEY, H1, reservation=late, presences=[presence("P", True)])
        assert (came.outcome, came.effect) == (Outcome.AS_BOOKED, None)

    def test_the_whole_fold_is_the_fold_of_each_key(self) -> None:
        here = presence("P", True)
        made = consumptions([BOOKED], [here], lambda child, day: H1, change_ids=lambda key: [FactId("B0")])
        assert made == (
            consumption(KEY, H1, reservation=BOOKED, presences=[presence("P", True)], facts=[FactId("B0")]),
        )
        nothing = consumptions([], [presence("P", False)], lambda child, day: H1)
        assert nothing == ()


class TestAnomalies:
    def test_families_hear_of_surprises_only(self) -> None:
        days: list[Consumption] = [
            eaten("A", MONDAY, booked=Booked.NONE),
            eaten("B", MONDAY, seen=Seen.ABSENT),
            eaten("C", MONDAY, seen=Seen.ABSENT, notice=Notice.TOLD),
            eaten("D", MONDAY, seen=Seen.UNCHECKED),
            eaten("E", MONDAY),
            eaten("F", MONDAY + dt.timedelta(days=1), seen=Seen.UNCHECKED),
        ]
        found = anomalies(days, MONDAY, appeal_days=7)
        assert [(one.key.child, one.kind) for one in found] == [
            ("A", AnomalyKind.PRESENT_UNBOOKED),
            ("B", AnomalyKind.BOOKED_ABSENT),
            ("D", AnomalyKind.UNCHECKED),
        ]
        assert {one.appeal_until for one in found} == {MONDAY + dt.timedelta(days=7)}
        assert "12 janvier 2026" in text(found[0].reason)
        with pytest.raises(MisuseError):
            anomalies(days, MONDAY, appeal_days=-1)

    def test_an_appeal_holds_until_it_is_decided(self) -> None:
        opened = Appeal(FactId("X"), KEY, "il était malade", AT, "famille")
        closed = Appeal(FactId("X"), KEY, "il était malade", later(9), "agent", AppealState.REFUSED)
        assert contested([opened]) == {KEY}
        assert contested([closed, opened]) == frozenset()


@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_has_its_words(outcome: Outcome) -> None:
    assert text(describe_outcome(outcome))
    assert text(describe_outcome(outcome), "en")
