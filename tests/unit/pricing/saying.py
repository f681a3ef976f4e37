"""Shared by the tests of prices: a price said as in a rules file, priced for facts said by their French keys."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from periscolaire.facts import UNKNOWN, VOCABULARY, Facts, Op, parse_test
from periscolaire.files.rules._prices import Fault, read_node, write_node
from periscolaire.money import Rounding
from periscolaire.pricing import Node, Price, Share, Tariff, TariffVersion, Unpriced, price, price_or_reason

DAY = dt.date(2025, 9, 1)


def node(raw: Any) -> Node:
    """The node that ``raw`` says; it must read without fault and survive being written."""
    problems: list[Fault] = []
    found = read_node(raw, ("prix",), problems)
    assert found is not None, problems
    assert problems == []
    assert read_node(write_node(found), (), problems) == found
    return found


def facts(**said: Any) -> Facts:
    """Facts by French key (an underscore stands for a space), as a rules file writes values."""
    return french(said)


def french(said: Mapping[str, Any]) -> Facts:
    """As :func:`facts`, from a mapping."""
    held: dict[str, Any] = {}
    for key, raw in said.items():
        spec = VOCABULARY.by_key(key) or VOCABULARY.by_key(key.replace("_", " "))
        assert spec is not None, key
        if isinstance(raw, list):
            held[spec.name] = frozenset(raw)
            continue
        test = parse_test(spec, raw)
        held[spec.name] = UNKNOWN if test.op is Op.UNKNOWN else test.values[0]
    return Facts(held)


def version(raw: Any, **more: Any) -> TariffVersion:
    """A version of one node."""
    return TariffVersion(DAY, node(raw), **more)


def cents(raw: Any, rounding: Rounding | None = None, tariffs: Mapping[str, Tariff] | None = None, **said: Any) -> int:
    """The price in cents."""
    return priced(raw, rounding, tariffs, **said).amount


def priced(
    raw: Any,
    rounding: Rounding | None = None,
    tariffs: Mapping[str, Tariff] | None = None,
    shares: tuple[Share, ...] = (),
    **said: Any,
) -> Price:
    """The price, with its steps."""
    return price(version(raw, rounding=rounding or Rounding(), shares=shares), facts(**said), tariffs=tariffs)


def reason(raw: Any, **said: Any) -> str:
    """The code of the reason why there is no price."""
    found = price_or_reason(version(raw), facts(**said))
    assert isinstance(found, Unpriced), found
    return found.reason.code


def euros(text: str) -> int:
    """``"4.40"`` in cents."""
    return int(Decimal(text.replace(",", ".")) * 100)
