"""Places given at the close of the requests: priorities, arrival, draw; one transaction; the maximum holds."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.booking import (
    Attribution,
    Basket,
    Claim,
    Order,
    SlotKey,
    State,
    Wish,
    allocate,
    fold_all,
    lot,
    ranked,
    serve,
)
from periscolaire.calendar import Span
from periscolaire.catalogue import Allocation, PaymentMode, PlacesRule
from periscolaire.errors import AccessDeniedError, MisuseError
from periscolaire.facts import Condition, Op, Test
from periscolaire.households import DatedFact
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId, Key
from periscolaire.operations import allocate_places, validate
from periscolaire.ports import Store
from periscolaire.reglement import Reglement
from tests.unit.booking.commune import CENTER, CENTRE, CLARA, GUILHEM, HOME, OTHER_HOME, at, day, reglement

WEDNESDAY = day("2026-10-14")
SPAN = Span(day("2026-10-12"), day("2026-10-18"))
EARLY, CLOSE = at("2026-10-05 09:00"), at("2026-10-09 18:00")
AGENT = StaffActor("lucie", frozenset({Role.BOOK}))
ZOE = ChildId("zoe")


def by_request(maximum: int | None, mode: PaymentMode = PaymentMode.CONSUMPTION) -> Reglement:
    first = Condition((Test("school", Op.EQ, ("nowhere",)),))
    resident = Condition((Test("resident", Op.EQ, (True,)),))
    rule = PlacesRule(maximum, allocation=Allocation.PRIORITIES, priorities=(first, resident))
    return reglement(attrs.evolve(CENTER, places=(rule,), payment=mode))


def wish_all(store: Store, rules: Reglement) -> None:
    for number, (home, child) in enumerate(((HOME, CLARA), (HOME, GUILHEM), (OTHER_HOME, ZOE))):
        actor = FamilyActor(AccountId("a"), AdultId("a"), frozenset({home}))
        with store.unit() as uow:
            receipt = validate(
                Basket.of(home).book(child, CENTRE, WEDNESDAY), uow, actor=actor, key=Key(f"w{number}"),
                at=EARLY + dt.timedelta(minutes=number), reglement=rules,
            )  # fmt: skip
        assert receipt.lines[0].status.value == "demande"


def states(store: Store) -> list[State]:
    with store.unit(write=False) as uow:
        stored = {one.key: one for one in uow.reservations.stream(SPAN.first, SPAN.last)}
        assert stored == fold_all(uow.booking_changes.stream(SPAN.first, SPAN.last))
    return [stored[SlotKey(child, CENTRE, WEDNESDAY)].state for child in (CLARA, GUILHEM, ZOE)]


def give(store: Store, rules: Reglement, attribution: Attribution, **more: object) -> list[str]:
    with store.unit() as uow:
        (found,) = allocate_places(
            CENTRE,
            SPAN,
            uow,
            actor=AGENT,
            at=CLOSE,
            reglement=rules,
            attribution=attribution,
            **more,  # type: ignore[arg-type]  # keywords of the call
        )
    return [wish.key.child for wish in found.result.served]


def test_who_lives_in_the_commune_first_then_by_arrival(store: Store) -> None:
    rules = by_request(2)
    with store.unit() as uow:
        uow.dated_facts.append([DatedFact(OTHER_HOME, "resident", True, day("2026-09-01"), None, EARLY)])
        uow.commit()
    wish_all(store, rules)
    assert give(store, rules, Attribution(), dry_run=True) == ["zoe", "clara"]
    assert states(store) == [State.REQUESTED] * 3
    assert give(store, rules, Attribution()) == ["zoe", "clara"]
    assert states(store) == [State.CONFIRMED, State.WAITING, State.CONFIRMED]
    with store.unit(write=False) as uow:
        assert uow.places.taken([f"centre/{WEDNESDAY}"]) == {f"centre/{WEDNESDAY}": 2}
    assert give(store, rules, Attribution()) == []  # nothing is left: run again, it serves nobody
    assert states(store) == [State.CONFIRMED, State.WAITING, State.CONFIRMED]


def test_a_draw_that_anybody_can_draw_again(store: Store) -> None:
    rules = by_request(1)
    wish_all(store, rules)
    seed = "Trifouillis, 9 octobre 2026"
    served = give(store, rules, Attribution(Order.DRAW, seed))
    first = min((HOME, OTHER_HOME), key=lambda home: lot(seed, home))
    assert served == (["clara"] if first == HOME else ["zoe"])


def test_a_number_that_the_commune_says_for_the_day(store: Store) -> None:
    rules = by_request(None)
    wish_all(store, rules)
    assert give(store, rules, Attribution(), places=1) == ["clara"]
    assert states(store) == [State.CONFIRMED, State.WAITING, State.WAITING]


def test_what_is_paid_to_be_confirmed_is_offered(store: Store) -> None:
    rules = by_request(1, PaymentMode.TO_CONFIRM)
    wish_all(store, rules)
    give(store, rules, Attribution(), hold=dt.timedelta(hours=24))
    with store.unit(write=False) as uow:
        found = uow.reservations.find(SlotKey(CLARA, CENTRE, WEDNESDAY))
    assert found is not None
    assert (found.model.state, found.model.hold_until) == (State.REQUESTED, CLOSE + dt.timedelta(hours=24))


def test_families_may_not(store: Store) -> None:
    parent = FamilyActor(AccountId("a"), AdultId("a"), frozenset({HOME}))
    with store.unit() as uow, pytest.raises(AccessDeniedError):
        allocate_places(CENTRE, SPAN, uow, actor=parent, at=CLOSE, reglement=by_request(1), attribution=Attribution())


WISHES = st.lists(
    st.builds(
        Wish,
        st.builds(SlotKey, st.sampled_from([ChildId(f"c{n}") for n in range(8)]), st.just(CENTRE), st.just(WEDNESDAY)),
        st.sampled_from([HouseholdId(f"h{n}") for n in range(5)]),
        st.integers(0, 5).map(lambda minutes: EARLY + dt.timedelta(minutes=minutes)),
        st.integers(0, 2),
    ),
    max_size=8,
    unique_by=lambda wish: wish.key,
)
ATTRIBUTIONS = st.sampled_from([Attribution(), Attribution(Order.DRAW, "s")])


@given(WISHES, st.integers(0, 6), st.integers(0, 6), ATTRIBUTIONS)
@settings(max_examples=80, deadline=None)
def test_one_pool_is_what_allocate_says(wishes: list[Wish], maximum: int, taken: int, attribution: Attribution) -> None:
    claim = Claim("pool", maximum)
    found = serve(wishes, lambda wish: (claim,), {"pool": taken}, attribution)
    assert found == allocate(wishes, max(0, maximum - taken), attribution)


@given(WISHES, st.integers(0, 3), st.integers(0, 3), ATTRIBUTIONS, st.randoms(use_true_random=False))
@settings(max_examples=80, deadline=None)
def test_pools_never_hold_more_and_nobody_is_passed_over(
    wishes: list[Wish], odd: int, even: int, attribution: Attribution, shuffle: object
) -> None:
    def claim(wish: Wish) -> Claim:
        return Claim("odd", odd) if int(wish.key.child[1]) % 2 else Claim("even", even)

    found = serve(wishes, lambda wish: (claim(wish),), {}, attribution)
    assert sorted([*found.served, *found.waiting], key=repr) == sorted(wishes, key=repr)
    order = ranked(wishes, attribution)
    for pool, maximum in (("odd", odd), ("even", even)):
        mine = [wish for wish in order if claim(wish).pool == pool]
        served = [wish for wish in mine if wish in found.served]
        assert served == mine[:maximum]
    shuffle.shuffle(wishes)  # type: ignore[attr-defined]  # a Random
    assert serve(wishes, lambda wish: (claim(wish),), {}, attribution) == found


def test_a_negative_number_is_misuse() -> None:
    with pytest.raises(MisuseError, match="negative"):
        serve((), lambda wish: (), {}, Attribution(), places=-1)
