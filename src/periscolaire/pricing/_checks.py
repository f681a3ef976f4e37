"""What is wrong, or worth knowing, in a tariff before it goes live: used by the linter of the règlement."""

from __future__ import annotations

import enum
import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.facts import VOCABULARY, Condition, Facts, Op, Subject, Truth
from periscolaire.money import EUR, Currency, Money
from periscolaire.pricing._modifiers import ADJUSTMENT, BASE, SUPPLEMENT, Clamp
from periscolaire.pricing._nodes import (
    OWN,
    Bands,
    FactAmount,
    Flat,
    Formula,
    Modified,
    Node,
    Outermost,
    PerUnit,
    Reference,
    Rows,
    Sum,
    Undecided,
)
from periscolaire.pricing._price import Price, Pricer
from periscolaire.pricing._reads import references, version_reads, walk
from periscolaire.pricing._samples import cases, combinations
from periscolaire.pricing._steps import describe_fact, describe_value
from periscolaire.pricing._tariff import PriceKind, Tariff, TariffVersion
from periscolaire.reasons import Description, Parameter

Path: TypeAlias = tuple[str | int, ...]
_SAID_ONCE = frozenset({"pricing.check.open_end", "pricing.check.residence_unsaid"})
_RESIDENCE = frozenset({"resident", "commune"})
#: Who arrives later stays less: a price that falls with these is no slip.
_NO_SLIP = frozenset({"arrival", "date"})


class Severity(enum.Enum):
    """How bad: an error must be mended before the file goes live, a warning answered, an information read."""

    ERROR = "erreur"
    WARNING = "avertissement"
    INFORMATION = "information"


@attrs.frozen
class PriceFinding:
    """One finding: where (keys of the rules file, positions from 0) and what, for :func:`periscolaire.i18n.text`."""

    severity: Severity
    path: Path
    description: Description


_Found: TypeAlias = Iterator[PriceFinding]


def check_tariffs(
    tariffs: Iterable[Tariff], currency: Currency = EUR, *, live: bool = False
) -> tuple[PriceFinding, ...]:
    """Every finding about ``tariffs``, in their order. ``live``: a price left ``à décider`` is an error."""
    held: dict[str, Tariff] = {tariff.code: tariff for tariff in tariffs}
    found: list[PriceFinding] = []
    for code, tariff in held.items():
        path: Path = ("tarifs", code)
        found.extend(_versions(tariff, path))
        cyclic = [*_references(code, tariff, held, path)]
        found.extend(cyclic)
        for position, version in enumerate(tariff.versions):
            at = (*path, "versions", position)
            found.extend(check_version(version, at, live=live))
            if not cyclic:
                found.extend(_amounts(code, version, held, currency, at))
    return tuple(found)


def check_version(version: TariffVersion, path: Path = (), *, live: bool = False) -> _Found:
    """The findings that need no other tariff: nodes, and ranks that do not say among whom."""
    for kind in PriceKind:
        if kind is PriceKind.LATE_CANCELLATION and version.late_cancellation is None:
            continue
        yield from check_node(version.node_of(kind), (*path, kind.value), live=live)
    stated = {spec.fact for spec in version.ranks if spec.among is not None}
    if "rank" in version_reads(version) and "rank" not in stated:
        yield _finding(Severity.ERROR, (*path, "rang"), "rank_without_among")


def check_node(node: Node, path: Path = (), *, live: bool = False, answered: frozenset[str] = frozenset()) -> _Found:
    """The findings about one node and what it holds; ``answered`` are facts whose absence is dealt with above it."""
    match node:
        case Undecided(why):
            yield _finding(Severity.ERROR if live else Severity.WARNING, path, "undecided", why=why)
        case Bands():
            yield from _bands(node, path, live, answered)
        case Rows():
            yield from _rows(node, path, live, answered)
            yield from _residence(node, [row.condition for row in node.rows], path)
        case FactAmount(fact, missing) | Formula(fact=fact, missing=missing):
            if missing is None and _declared(fact) and fact not in answered:
                yield _finding(Severity.ERROR, path, "no_price_without", fact=describe_fact(fact))
            if isinstance(node, Formula):
                yield from _bounds(node.low, node.high, path)
        case PerUnit(price=price):
            yield from check_node(price, (*path, "a"), live=live, answered=answered)
        case Sum(components):
            for position, component in enumerate(components):
                at = (*path, "somme", position, "prix")
                yield from check_node(component.price, at, live=live, answered=answered)
        case Modified(inner, modifiers):
            yield from check_node(inner, path, live=live, answered=answered)
            names = {component.name for held in walk(inner) if isinstance(held, Sum) for component in held.components}
            yield from _residence(node, [modifier.condition for modifier in modifiers], path)
            for position, modifier in enumerate(modifiers):
                at = (*path, "puis", position)
                if modifier.on not in (None, BASE, SUPPLEMENT, ADJUSTMENT, *names):
                    yield _finding(Severity.ERROR, at, "unknown_component", name=modifier.on)
                if isinstance(modifier, Clamp):
                    yield from _bounds(modifier.low, modifier.high, at)
        case Flat() | Reference():
            pass


def _bands(node: Bands, path: Path, live: bool, answered: frozenset[str]) -> _Found:
    fact = describe_fact(node.fact)
    if node.missing is None and _declared(node.fact) and node.fact not in answered:
        yield _finding(Severity.ERROR, path, "no_price_without", fact=fact)
    last = node.bands[-1].bound
    if last is not None:
        yield _finding(Severity.ERROR, (*path, "tranches"), "hole", fact=fact, above=describe_value(last))
    yield from _steps(node, path)
    told: set[tuple[str, Path]] = set()
    for position, band in enumerate(node.bands):
        at = (*path, "tranches", position, "prix")
        for finding in check_node(band.price, at, live=live, answered=answered | {node.fact}):
            # The columns of a grid are the same in every band: what they lack is said of the first.
            said = (finding.description.code, finding.path[len(at) :])
            if finding.description.code not in _SAID_ONCE or said not in told:
                yield finding
            told.add(said)
    if node.missing is not None and not isinstance(node.missing, Outermost):
        yield from check_node(node.missing, (*path, "sans"), live=live, answered=answered | {node.fact})


def _steps(node: Bands, path: Path) -> _Found:
    """Each price that falls from one band to the next; of those that rise, the highest step and how many there are."""
    fact = describe_fact(node.fact)
    rising: list[tuple[Decimal, int, dict[str, Parameter]]] = []
    for position, (before, after) in enumerate(itertools.pairwise(node.bands), start=1):
        if not isinstance(before.price, Flat) or not isinstance(after.price, Flat) or before.bound is None:
            continue
        low, high = before.price.amount, after.price.amount
        told: dict[str, Parameter] = {"fact": fact, "at": describe_value(before.bound), "before": low, "after": high}
        if high > low:
            rising.append((high - low, position, told))
        elif high < low and not _counted(node.fact) and node.fact not in _NO_SLIP:
            yield _finding(Severity.WARNING, (*path, "tranches", position), "falling", **told)
    if rising and _means(node.fact):
        _, position, told = max(rising, key=lambda step: step[0])
        at = (*path, "tranches", position)
        steps = len(rising) if len(rising) > 1 else None
        yield _finding(Severity.INFORMATION, at, "threshold", steps=steps, **told)


def _rows(node: Rows, path: Path, live: bool, answered: frozenset[str]) -> _Found:
    conditions = [row.condition for row in node.rows]
    matched: list[set[int]] = [set() for _ in node.rows]
    first: set[int] = set()
    hole: Facts | None = None
    for number, facts in enumerate(combinations(cases((), conditions))):
        held = [index for index, condition in enumerate(conditions) if condition.evaluate(facts) is Truth.TRUE]
        for index in held:
            matched[index].add(number)
        if held:
            first.add(held[0])
        elif hole is None:
            hole = facts
    if hole is not None:
        # A closed list of words (packages, levels) refuses any other: no wrong price can come of it.
        severity = Severity.WARNING if all(map(_words, conditions)) else Severity.ERROR
        yield _finding(severity, (*path, "lignes", len(node.rows) - 1), "open_end")
    above: frozenset[str] = frozenset()
    for index, row in enumerate(node.rows):
        at = (*path, "lignes", index)
        if index not in first:
            before = next((other for other in range(index) if matched[index] <= matched[other]), index - 1)
            yield _finding(Severity.WARNING, at, "unreachable", position=index + 1, by=before + 1)
        yield from _overlaps(node, index, matched, path)
        known = {test.fact for test in row.condition.tests if test.op not in (Op.UNKNOWN, Op.EXPIRED)}
        yield from check_node(row.price, (*at, "prix"), live=live, answered=answered | above | known)
        if len(row.condition.tests) == 1 and row.condition.tests[0].op is Op.UNKNOWN:
            above |= {row.condition.tests[0].fact}


def _residence(node: Node, held: list[Condition], path: Path) -> _Found:
    """A household that nobody asked where it lives, and that pays one of two prices without anyone having said so."""
    tests = [test for condition in held for test in condition.tests if test.fact in _RESIDENCE]
    for fact in sorted({test.fact for test in tests}):
        if not any(test.fact == fact and test.op is Op.UNKNOWN for test in tests) and not _open_end(node):
            yield _finding(Severity.INFORMATION, path, "residence_unsaid", fact=describe_fact(fact))


def _words(condition: Condition) -> bool:
    """Whether the condition only says which word a fact is, or that nobody said it."""
    return all(
        test.op is Op.UNKNOWN or all(isinstance(value, str) for value in test.values) for test in condition.tests
    )


def _open_end(node: Node) -> bool:
    """Whether the unknown falls on a price to be decided, or on none."""
    if not isinstance(node, Rows):
        return False
    last = node.rows[-1]
    return bool(last.condition.tests) or isinstance(last.price, Undecided)


def _overlaps(node: Rows, index: int, matched: list[set[int]], path: Path) -> _Found:
    """Rows about the same facts that share some cases while neither holds all of the other's."""
    row = node.rows[index]
    for other in range(index):
        earlier = node.rows[other]
        if earlier.condition.facts_read != row.condition.facts_read or earlier.price == row.price:
            continue
        both = matched[index] & matched[other]
        if both and both not in (matched[index], matched[other]):
            facts = next(
                facts
                for number, facts in enumerate(combinations(cases((), [held.condition for held in node.rows])))
                if number in both
            )
            name = min(row.condition.facts_read)
            yield _finding(
                Severity.WARNING,
                (*path, "lignes", index),
                "overlap",
                first=other + 1,
                second=index + 1,
                fact=describe_fact(name),
                at=describe_value(facts.state(name)),
            )


def _bounds(low: Node | None, high: Node | None, path: Path) -> _Found:
    if isinstance(low, Flat) and isinstance(high, Flat) and low.amount > high.amount:
        yield _finding(Severity.ERROR, path, "floor_over_ceiling", low=low.amount, high=high.amount)


def _versions(tariff: Tariff, path: Path) -> _Found:
    ordered = sorted(tariff.versions, key=lambda version: version.first_day)
    for before, after in itertools.pairwise(ordered):
        if before.last_day is None or before.last_day >= after.first_day:
            yield _finding(Severity.ERROR, path, "versions_overlap", day=after.first_day)
        elif before.last_day + timedelta(days=1) < after.first_day:
            yield _finding(Severity.WARNING, path, "versions_gap", day=before.last_day + timedelta(days=1))


def _references(code: str, tariff: Tariff, tariffs: Mapping[str, Tariff], path: Path) -> _Found:
    for version in tariff.versions:
        for kind in PriceKind:
            for other in sorted(references(version.node_of(kind)) - {OWN} - set(tariffs)):
                yield _finding(Severity.ERROR, (*path, kind.value), "unknown_tariff", tariff=other)
        for inner in walk(version.node):
            if isinstance(inner, Reference) and inner.tariff in (OWN, code) and not inner.facts:
                yield _finding(Severity.ERROR, path, "cycle", loop=f"{code} → {code}")
    loop = _loop(code, code, tariffs, ())
    if loop is not None:
        yield _finding(Severity.ERROR, path, "cycle", loop=" → ".join(loop))


def _loop(start: str, code: str, tariffs: Mapping[str, Tariff], seen: tuple[str, ...]) -> tuple[str, ...] | None:
    for version in tariffs[code].versions if code in tariffs else ():
        for other in sorted(references(version.node) - {OWN, code}):
            if other == start:
                return (*seen, code, other)
            if other not in seen and (found := _loop(start, other, tariffs, (*seen, code))) is not None:
                return found
    return None


def _amounts(
    code: str, version: TariffVersion, tariffs: Mapping[str, Tariff], currency: Currency, path: Path
) -> _Found:
    """The dearest and the lowest prices among the cases that the version distinguishes."""
    pricer = Pricer(tariffs, currency)
    behind = [
        other.node
        for name in references(version.node) | references(version.unplanned) | references(version.absence)
        if name in tariffs
        for other in tariffs[name].versions
    ]
    for kind in PriceKind:
        held = cases([version.node, version.node_of(kind), *behind])
        worst: Price | None = None
        lowest: Price | None = None
        for facts in combinations(held):
            found = pricer.price(code, facts, version.first_day, kind, version=version)
            if isinstance(found, Price):
                worst = found if worst is None or found.amount > worst.amount else worst
                lowest = found if lowest is None or found.amount < lowest.amount else lowest
        if lowest is not None and lowest.amount < 0:
            price = Money(lowest.amount, currency)
            yield _finding(Severity.WARNING, (*path, kind.value), "negative", price=price)
        if version.cost is not None and worst is not None and currency.value(worst.amount) > version.cost:
            price = Money(worst.amount, currency)
            yield _finding(Severity.ERROR, (*path, kind.value), "above_cost", price=price, cost=version.cost)


def _declared(fact: str) -> bool:
    """Whether families say it (so that it may be missing), rather than a count or the clock."""
    spec = VOCABULARY.by_name(fact)
    return spec is None or spec.subject in (Subject.HOUSEHOLD, Subject.CHILD)


def _counted(fact: str) -> bool:
    """Whether it is a rank, a number of children or of days: a price that falls with it is a reduction, not a slip."""
    spec = VOCABULARY.by_name(fact)
    return fact == "household_children" or (spec is not None and spec.subject is Subject.COUNT)


def _means(fact: str) -> bool:
    """Whether it measures what a household lives on: there only does a euro more earned cost more than a euro."""
    spec = VOCABULARY.by_name(fact)
    return fact != "household_children" and (spec is None or spec.subject is Subject.HOUSEHOLD)


def _finding(severity: Severity, path: Path, code: str, **parameters: Parameter) -> PriceFinding:
    return PriceFinding(severity, path, Description(f"pricing.check.{code}", parameters))
