"""Laws of prices: the engine against an oracle in fractions, and what must hold whatever the grid."""

from __future__ import annotations

import decimal
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from periscolaire import i18n
from periscolaire.catalogue import Multiple, PriceForm, Surcharge
from periscolaire.facts import ALWAYS, Condition, Facts, Op, Test
from periscolaire.files.rules._prices import Fault, read_node, write_node
from periscolaire.ids import TariffCode
from periscolaire.money import EUR, XPF
from periscolaire.pricing import (
    Band,
    Bands,
    Clamp,
    Flat,
    Formula,
    Modified,
    Node,
    Price,
    PriceKind,
    Pricer,
    Row,
    Rows,
    Share,
    Tariff,
    TariffVersion,
    check_node,
    compare,
    explain,
    price_or_reason,
    version_reads,
)
from periscolaire.reasons import Description, Reason
from periscolaire.testing import prices as drawn

KINDS = st.sampled_from([PriceKind.UNIT, PriceKind.UNPLANNED])


@given(st.data(), drawn.tariff_versions(), KINDS)
@settings(max_examples=150)
def test_the_engine_agrees_with_the_oracle(data: st.DataObject, version: TariffVersion, kind: PriceKind) -> None:
    facts = data.draw(drawn.facts_for(version.node))
    found = price_or_reason(version, facts, kind=kind)
    assert (found.amount if isinstance(found, Price) else None) == drawn.oracle(version, facts, kind)


@given(st.data(), drawn.prices())
@settings(max_examples=60)
def test_in_a_currency_without_decimals_too(data: st.DataObject, node: Node) -> None:
    version = TariffVersion(drawn.FIRST_DAY, node)
    facts = data.draw(drawn.facts_for(node))
    found = price_or_reason(version, facts, XPF)
    expected = drawn.oracle(version, facts, currency=XPF)
    assert (found.amount if isinstance(found, Price) else None) == expected


@given(st.data(), drawn.tariff_versions(), KINDS)
@settings(max_examples=50)
def test_components_add_up_and_nothing_is_a_float(data: st.DataObject, version: TariffVersion, kind: PriceKind) -> None:
    found = price_or_reason(version, data.draw(drawn.facts_for(version.node)), kind=kind)
    assert not [value for value in leaves(found) if isinstance(value, float)]
    assume(isinstance(found, Price))
    assert isinstance(found, Price)
    assert type(found.amount) is int
    assert sum(component.amount for component in found.components) == found.amount
    assert found.steps


@given(st.data(), drawn.tariff_versions(), KINDS)
@settings(max_examples=50)
def test_a_price_depends_on_nothing_but_the_facts_it_reads(
    data: st.DataObject, version: TariffVersion, kind: PriceKind
) -> None:
    facts = data.draw(drawn.facts_for(version.node))
    reads = version_reads(version, kind)
    kept = Facts({name: value for name, value in facts.items() if name in reads})
    other = data.draw(drawn.facts())
    noise = Facts({name: value for name, value in other.items() if name not in reads})
    assert price_or_reason(version, kept.and_(noise), kind=kind) == price_or_reason(version, facts, kind=kind)


@given(st.data(), st.lists(drawn.tariff_versions(), min_size=2, max_size=2))
@settings(max_examples=60)
def test_remembered_or_grouped_is_day_by_day_steps_included(data: st.DataObject, versions: list[TariffVersion]) -> None:
    tariff, unrelated = (Tariff(TariffCode(code), (one,)) for code, one in zip("ab", versions, strict=True))
    rows = data.draw(st.lists(drawn.facts_for(versions[0].node), min_size=1, max_size=12))
    # With room for two it forgets and learns again; with room for all, rows that look alike share their sums.
    pricer = Pricer([tariff, unrelated], remembered=data.draw(st.sampled_from([2, 1000])))
    for facts in [*rows, *reversed(rows)]:
        alone = price_or_reason(versions[0], facts, code="a")
        assert pricer.price("a", facts, drawn.FIRST_DAY) == alone  # an unrelated tariff changes nothing


@given(st.data(), drawn.prices(), drawn.amounts(300), drawn.amounts(300))
@settings(max_examples=50)
def test_a_price_keeps_within_its_floor_and_ceiling(
    data: st.DataObject, node: Node, low: Decimal, more: Decimal
) -> None:
    assume(not isinstance(node, Modified))
    bounded = Modified(node, (Clamp(Flat(low), Flat(low + more)),))
    found = price_or_reason(TariffVersion(drawn.FIRST_DAY, bounded), data.draw(drawn.facts_for(node)))
    assume(isinstance(found, Price))
    assert isinstance(found, Price)
    assert EUR.amount(low) <= found.amount <= EUR.amount(low + more)


@given(
    st.sets(st.integers(1, 3000), min_size=1, max_size=5),
    st.lists(st.integers(0, 1000), min_size=6, max_size=6).map(sorted),
    st.integers(0, 100).map(lambda value: Decimal(value) / 10_000),
    st.tuples(st.integers(0, 400_000), st.integers(0, 400_000)).map(sorted),
)
def test_a_grid_that_rises_never_falls(bounds: set[int], steps: list[int], rate: Decimal, two: list[int]) -> None:
    flats = [Flat(Decimal(step) / 100) for step in steps]
    ends = [*map(Decimal, sorted(bounds)), None]
    grid = Bands("quotient", tuple(Band(end, flat) for end, flat in zip(ends, flats, strict=False)))
    effort = Formula(Flat(rate), "quotient", low=flats[0], high=flats[-1])
    for node in (grid, effort):
        poor, rich = (
            price_or_reason(TariffVersion(drawn.FIRST_DAY, node), Facts(quotient=Decimal(value) / 100)) for value in two
        )
        assert isinstance(poor, Price)
        assert isinstance(rich, Price)
        assert poor.amount <= rich.amount


@given(
    st.integers(0, 20_000),
    st.lists(st.one_of(st.integers(0, 300), st.just(None)), min_size=1, max_size=3),
    st.booleans(),
    st.sampled_from([None, Surcharge(Decimal(2)), Multiple(Decimal("1.5"))]),
)
def test_shares_conserve_the_sum(cents: int, parts: list[int | None], rest: bool, form: PriceForm | None) -> None:
    shares = [
        Share(f"p{index}", rate=Decimal("0.3"))
        if part is None
        else Share(f"p{index}", amount=Flat(Decimal(part) / 100))
        for index, part in enumerate(parts)
    ]
    if rest:
        shares.append(Share("reste", rest=True))
    version = TariffVersion(drawn.FIRST_DAY, Flat(Decimal(cents) / 100), shares=tuple(shares))
    found = price_or_reason(version, Facts(), form=form)
    assert isinstance(found, Price)
    assert sum(share.amount for share in found.shares) == found.amount
    assert min(share.amount for share in found.shares) >= 0
    if form is not None and not rest:
        assert found.family_amount >= found.amount - cents  # nobody else bears the surcharge


@given(drawn.prices())
@settings(max_examples=60)
def test_what_is_written_reads_as_the_same_price(node: Node) -> None:
    problems: list[Fault] = []
    assert read_node(write_node(node), (), problems) == node
    assert problems == []


@given(st.data(), st.lists(drawn.facts(), min_size=2, max_size=2), drawn.tariff_versions())
@settings(max_examples=60)
def test_every_price_can_be_told_and_compared_in_both_languages(
    data: st.DataObject, two: list[Facts], version: TariffVersion
) -> None:
    found = [price_or_reason(version, facts, code="cantine") for facts in two]
    lines = [line for one in found if isinstance(one, Price) for line in explain(one)]
    reasons = [one.reason for one in found if not isinstance(one, Price)]
    if len(lines) and not reasons:
        first, second = (one for one in found if isinstance(one, Price))
        lines += compare(first, second)
        assert len(compare(first, first)) == 1
    findings = [finding.description for finding in check_node(version.node)]
    told: list[Description | Reason] = [*lines, *reasons, *findings]
    for item in told:
        for language in i18n.LANGUAGES:
            assert i18n.text(item, language).strip()


@given(
    st.data(),
    st.sets(st.integers(1, 3000), max_size=4),
    st.lists(st.tuples(drawn.prices(2), st.booleans()), min_size=5, max_size=5),
)
@settings(max_examples=60)
def test_bands_are_sugar_for_rows(data: st.DataObject, bounds: set[int], held: list[tuple[Node, bool]]) -> None:
    ends = [*map(Decimal, sorted(bounds)), None]
    node = Bands("quotient", tuple(Band(end, *one) for end, one in zip(ends, held, strict=False)))
    rows: list[dict[str, Any]] = []
    for band in node.bands:
        op = Op.LE if band.inclusive else Op.LT
        condition = ALWAYS if band.bound is None else Condition((Test(node.fact, op, (band.bound,)),))
        rows.append({"condition": condition, "price": band.price})
    same = Rows(tuple(Row(**row) for row in rows))
    facts = data.draw(drawn.facts_for(node))
    assume(facts.known(node.fact) is not None)
    versions = [TariffVersion(drawn.FIRST_DAY, one) for one in (node, same)]
    amounts = [
        found.amount if isinstance(found, Price) else None for found in (price_or_reason(v, facts) for v in versions)
    ]
    assert amounts[0] == amounts[1]


def test_the_caller_s_decimal_context_changes_nothing() -> None:
    version = TariffVersion(drawn.FIRST_DAY, Formula(Flat(Decimal("0.0036")), "quotient"))
    facts = Facts(quotient=Decimal("1234.56"))
    expected = price_or_reason(version, facts)
    with decimal.localcontext() as context:
        context.prec = 3
        context.rounding = decimal.ROUND_DOWN
        assert price_or_reason(version, facts) == expected


def leaves(value: Any) -> Iterator[Any]:
    """Every plain value inside."""
    if attrs.has(type(value)):
        for field in attrs.fields(type(value)):
            yield from leaves(getattr(value, field.name))
    elif isinstance(value, tuple | list | frozenset):
        for item in value:
            yield from leaves(item)
    elif isinstance(value, dict) or hasattr(value, "items"):
        for item in value.values():
            yield from leaves(item)
    else:
        yield value
