"""Laws of the ground: clock, money, frozen mappings, facts."""

from __future__ import annotations

import datetime as dt
import pickle
from decimal import Decimal
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from periscolaire import clock
from periscolaire.facts import (
    VOCABULARY,
    Condition,
    Expired,
    FactKind,
    Facts,
    FactSpec,
    Op,
    Test,
    Truth,
    parse_test,
    print_test,
)
from periscolaire.frozen import FrozenMap
from periscolaire.money import EUR, XPF, Currency, Rounding, RoundingMode, parse_decimal, split
from periscolaire.testing import calendars as some

MINUTE = dt.timedelta(minutes=1)
MINUTES = st.integers(-2 * 1440, 3 * 1440)
_CHANGE_DAYS = [
    change.astimezone(clock.zone(name)).date()
    for name in ("Europe/Paris", "America/Miquelon")
    for change in some.clock_changes(name)
]
DAYS = some.days() | st.sampled_from(_CHANGE_DAYS)


def wall(day: dt.date, minutes: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time()) + minutes * MINUTE


@given(DAYS, MINUTES, some.timezones())
def test_an_instant_is_when_the_clocks_show_that_time_or_jump_over_it(day: dt.date, minutes: int, tz: ZoneInfo) -> None:
    at = clock.instant(day, minutes, tz)
    shown = at.astimezone(tz).replace(tzinfo=None)
    assert at.tzinfo is dt.UTC
    assert shown >= wall(day, minutes)
    if shown != wall(day, minutes):
        just_before = (at - dt.timedelta(microseconds=1)).astimezone(tz).replace(tzinfo=None)
        assert just_before < wall(day, minutes)  # it never was shown


@given(DAYS, MINUTES, some.timezones())
def test_once_the_instant_is_past_the_clocks_never_show_an_earlier_time(
    day: dt.date, minutes: int, tz: ZoneInfo
) -> None:
    at = clock.instant(day, minutes, tz)
    for later in (1, 15, 59, 61, 119):
        assert (at + later * MINUTE).astimezone(tz).replace(tzinfo=None) > wall(day, minutes)


@given(DAYS, MINUTES, st.integers(0, 600), some.timezones())
def test_instants_keep_the_order_of_wall_times(day: dt.date, minutes: int, more: int, tz: ZoneInfo) -> None:
    assert clock.instant(day, minutes, tz) <= clock.instant(day, minutes + more, tz)


@given(DAYS, some.timezones())
def test_the_end_of_a_day_is_the_beginning_of_the_next(day: dt.date, tz: ZoneInfo) -> None:
    assert clock.instant(day, clock.END_OF_DAY, tz) == clock.instant(day + dt.timedelta(days=1), 0, tz)


@given(some.days(), some.timezones(), some.timezones())
def test_utc_does_not_depend_on_how_an_instant_is_expressed(day: dt.date, tz: ZoneInfo, other: ZoneInfo) -> None:
    at = clock.instant(day, 150, tz)
    assert clock.utc(at.astimezone(other)) == at


# Money

CURRENCIES = st.sampled_from([EUR, XPF])
VALUES = st.decimals(-10_000, 10_000, places=5)


@given(st.integers(-(10**9), 10**9), CURRENCIES)
def test_amounts_and_values_are_the_same_thing(amount: int, currency: Currency) -> None:
    assert currency.amount(currency.value(amount)) == amount


@given(VALUES, st.sampled_from(RoundingMode), st.none() | st.sampled_from(["0.05", "0.1", "1", "5"]), CURRENCIES)
def test_a_rounding_is_a_near_multiple_of_its_step(
    value: Decimal, mode: RoundingMode, step: str | None, currency: Currency
) -> None:
    rounding = Rounding(mode, None if step is None else Decimal(step))
    size = rounding.step or Decimal(1).scaleb(-currency.digits)
    result = rounding.apply(value, currency)
    assert result % size == 0
    assert rounding.apply(result, currency) == result
    match mode:
        case RoundingMode.UP:
            assert 0 <= result - value < size
        case RoundingMode.DOWN:
            assert 0 <= value - result < size
        case _:
            assert abs(result - value) <= size / 2


@given(st.integers(-(10**7), 10**7), st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any))
def test_a_split_conserves_the_sum_and_is_fair(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    whole = sum(weights)
    assert all(abs(Decimal(part) * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))
    assert split(-total, weights) == tuple(-part for part in parts)


@given(st.decimals(-(10**6), 10**6, places=3), st.sampled_from([",", "."]))
def test_a_number_is_read_as_it_is_written(value: Decimal, mark: str) -> None:
    assert parse_decimal(format(value, "f").replace(".", mark)) == value


# Frozen mappings

ITEMS = st.dictionaries(st.text(max_size=3), st.integers(), max_size=5)


@given(ITEMS, ITEMS)
def test_a_frozen_map_is_its_items(items: dict[str, int], changes: dict[str, int]) -> None:
    frozen: FrozenMap[str, int] = FrozenMap(items)
    assert frozen == items
    assert hash(frozen) == hash(FrozenMap(reversed(items.items())))
    assert pickle.loads(pickle.dumps(frozen)) == frozen
    assert frozen.with_(changes) == {**items, **changes}
    assert frozen == items


# Facts

_WORDS = st.sampled_from(["maladie", "grève", "en ligne", "CE2/CM1"])
_BY_KIND: dict[FactKind, st.SearchStrategy[object]] = {
    FactKind.BOOL: st.booleans(),
    FactKind.TEXT: _WORDS,
    FactKind.TEXTS: _WORDS,
    FactKind.INTEGER: st.integers(0, 2000),
    FactKind.MINUTES: st.integers(0, 2000),
    FactKind.DECIMAL: st.decimals(0, 5000, places=2),
    FactKind.MONEY: st.decimals(0, 5000, places=2),
    FactKind.DATE: some.days(),
    FactKind.TIME: st.times().map(lambda time: time.replace(second=0, microsecond=0)),
    FactKind.WEEKDAY: st.sampled_from(["lundi", "mercredi"]),
}
_ORDERED = set(FactKind) - {FactKind.BOOL, FactKind.TEXT, FactKind.TEXTS, FactKind.WEEKDAY}


@st.composite
def fact_tests(draw: st.DrawFn) -> tuple[FactSpec, Test]:
    spec = draw(st.sampled_from(list(VOCABULARY)))
    unordered = [Op.EQ, Op.IN, Op.UNKNOWN, Op.KNOWN, Op.EXPIRED]
    op = draw(st.sampled_from(list(Op) if spec.kind in _ORDERED else unordered))
    counts = {Op.UNKNOWN: 0, Op.KNOWN: 0, Op.EXPIRED: 0, Op.BETWEEN: 2, Op.IN: draw(st.integers(1, 3))}
    values = [draw(_BY_KIND[spec.kind]) for _ in range(counts.get(op, 1))]
    return spec, Test(spec.name, op, tuple(values))  # type: ignore[arg-type]  # each strategy gives fact values


@given(fact_tests())
def test_a_test_reads_as_it_is_printed(pair: tuple[FactSpec, Test]) -> None:
    spec, test = pair
    assert parse_test(spec, print_test(test)) == test


@given(fact_tests(), st.data())
def test_a_known_fact_decides_and_an_unknown_one_never_does(pair: tuple[FactSpec, Test], data: st.DataObject) -> None:
    spec, test = pair
    value = data.draw(_BY_KIND[spec.kind])
    held = frozenset({value}) if spec.kind is FactKind.TEXTS else value
    assert test.evaluate(Facts({spec.name: held})) is not Truth.UNKNOWN
    about_state = test.op in (Op.UNKNOWN, Op.KNOWN, Op.EXPIRED)
    for missing in (Facts(), Facts({spec.name: Expired(held, dt.date(2026, 1, 1))})):  # type: ignore[arg-type]  # as above
        assert (test.evaluate(missing) is Truth.UNKNOWN) != about_state


@given(st.lists(fact_tests(), max_size=3), st.lists(fact_tests(), max_size=3))
def test_the_order_of_tests_does_not_matter(
    first: list[tuple[FactSpec, Test]], second: list[tuple[FactSpec, Test]]
) -> None:
    left, right = (Condition(tuple(test for _, test in pairs)) for pairs in (first, second))
    assert left.and_(right).evaluate(Facts()) is right.and_(left).evaluate(Facts())
    assert left.and_(right).facts_read == left.facts_read | right.facts_read
