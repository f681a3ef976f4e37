"""Tiers and rules: the first open tier wins; the first rule whose condition holds is used."""

from __future__ import annotations

from typing import TypeAlias

import attrs

from periscolaire.catalogue._effects import ACCEPT, Counter, Effect
from periscolaire.catalogue._limits import Hours, Limit
from periscolaire.catalogue._units import EachDay, Unit
from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS, Condition

__all__ = ["LimitRule", "LimitTable", "Tier"]


@attrs.frozen
class Tier:
    """A window and what happens inside it.

    A tier whose ``condition`` does not hold is passed over. ``subject_to_places``: this tier (only) waits for a free
    place. ``hours``: the opening hours of the channel, cut out of the window. With a ``counter`` the effect is the
    counter's.
    """

    limit: Limit
    effect: Effect = ACCEPT
    subject_to_places: bool = False
    hours: Hours | None = None
    counter: Counter | None = None
    condition: Condition = ALWAYS
    name: str | None = None


@attrs.frozen(cache_hash=True)
class LimitRule:
    """The tiers of one action, in order, for the cases in which ``condition`` holds.

    ``unit`` is what a decision covers; ``reference`` the article of the règlement. After the last tier: refused, or
    due for a cancellation.
    """

    tiers: tuple[Tier, ...]
    unit: Unit = attrs.field(factory=EachDay)
    condition: Condition = ALWAYS
    reference: str | None = None

    def __attrs_post_init__(self) -> None:
        if not self.tiers:
            raise MisuseError("a rule has at least one tier; an absent limit is the value Silent")


#: Differs by product, season, weekday, channel, family, mode: the first rule whose condition holds.
LimitTable: TypeAlias = tuple[LimitRule, ...]
