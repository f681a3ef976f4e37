"""Which facts a price reads, and which tariffs it refers to: computed from the tree, never declared."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from periscolaire.errors import MisuseError
from periscolaire.facts import Condition
from periscolaire.pricing._nodes import (
    OWN,
    Bands,
    Component,
    FactAmount,
    Flat,
    Formula,
    Modified,
    Node,
    Outermost,
    PerUnit,
    Reference,
    Row,
    Rows,
    Sum,
    Undecided,
)
from periscolaire.pricing._tariff import PriceKind, Tariff, TariffVersion

_NONE: frozenset[str] = frozenset()


def children(node: Node) -> tuple[Node, ...]:
    """The nodes directly inside ``node``, in the order of the file."""
    match node:
        case Flat() | Reference() | Undecided():
            return ()
        case FactAmount(missing=missing):
            return _some(missing)
        case Rows(rows=rows):
            return tuple(row.price for row in rows)
        case Bands(bands=bands, missing=missing):
            return (*(band.price for band in bands), *_some(None if isinstance(missing, Outermost) else missing))
        case Formula():
            bounds = (node.plus, node.low, node.high, node.base_low, node.base_high, node.missing)
            return (node.rate, *(bound for bound in bounds if bound is not None))
        case PerUnit(price=price):
            return (price,)
        case Sum(components=components):
            return tuple(component.price for component in components)
        case Modified(node=inner, modifiers=modifiers):
            return (inner, *(held for modifier in modifiers for held in modifier.nodes))


def walk(node: Node) -> Iterator[Node]:
    """``node`` and every node inside it, in the order of the file."""
    yield node
    for child in children(node):
        yield from walk(child)


def conditions(node: Node) -> tuple[Condition, ...]:
    """The conditions that stand directly on ``node``."""
    match node:
        case Rows(rows=rows):
            return tuple(row.condition for row in rows)
        case Modified(modifiers=modifiers):
            return tuple(modifier.condition for modifier in modifiers)
        case Bands(shifts=shifts):
            return tuple(shift.condition for shift in shifts)
        case _:
            return ()


def references(node: Node) -> frozenset[str]:
    """The codes of the tariffs that ``node`` refers to, itself included as :data:`OWN`."""
    return frozenset(inner.tariff for inner in walk(node) if isinstance(inner, Reference))


def facts_read(
    node: Node,
    tariffs: Mapping[str, Tariff] | None = None,
    own: Node | None = None,
) -> frozenset[str]:
    """The facts that ``node`` reads, through its references too (``own`` is what :data:`OWN` refers to).

    What a reference substitutes is not read behind it.

    :raises MisuseError: a reference to a tariff that is not among ``tariffs``, when these are given.
    """
    return _reads(node, tariffs, own, _NONE)


def version_reads(
    version: TariffVersion, kind: PriceKind = PriceKind.UNIT, tariffs: Mapping[str, Tariff] | None = None
) -> frozenset[str]:
    """The facts that this version reads to price that ending of the day, its shares and subsidies included."""
    reads = _reads(version.node_of(kind), tariffs, version.node, _NONE)
    for share in version.shares:
        reads |= share.condition.facts_read
        if share.amount is not None:
            reads |= _reads(share.amount, tariffs, version.node, _NONE)
    for subsidy in version.subsidies:
        reads |= subsidy.condition.facts_read | _reads(subsidy.amount, tariffs, version.node, _NONE)
    return reads


def _reads(
    node: Node, tariffs: Mapping[str, Tariff] | None, own: Node | None, pending: frozenset[str]
) -> frozenset[str]:
    reads: set[str] = set()
    for inner in walk(node):
        for condition in conditions(inner):
            reads |= condition.facts_read
        match inner:
            case FactAmount(fact=fact) | Bands(fact=fact) | Formula(fact=fact):
                reads.add(fact)
            case PerUnit():
                reads |= {inner.fact} if inner.anchor is None and inner.window is None else {"arrival", "departure"}
            case Reference():
                reads |= _behind(inner, tariffs, own, pending)
            case _:
                pass
    return frozenset(reads)


def _behind(
    reference: Reference, tariffs: Mapping[str, Tariff] | None, own: Node | None, pending: frozenset[str]
) -> frozenset[str]:
    if reference.tariff in pending:
        return _NONE
    if reference.tariff == OWN:
        targets: tuple[Node, ...] = () if own is None else (own,)
    elif tariffs is None:
        return _NONE
    elif reference.tariff not in tariffs:
        raise MisuseError(f"tariff {reference.tariff!r}: none of that code")
    else:
        targets = tuple(version.node for version in tariffs[reference.tariff].versions)
    pending |= {reference.tariff}
    reads = frozenset[str]().union(*(_reads(target, tariffs, target, pending) for target in targets))
    return reads - frozenset(reference.facts)


def _some(node: Node | None) -> tuple[Node, ...]:
    return () if node is None else (node,)


__all__ = ["Component", "Row", "children", "conditions", "facts_read", "references", "version_reads", "walk"]
