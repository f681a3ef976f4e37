"""What the commune decides about single days: closures, strikes, make-up days, openings, outings."""

from __future__ import annotations

import enum
from collections.abc import Iterable

import attrs

from periscolaire.calendar._spans import Span

__all__ = ["DayEffect", "DayEvent", "Focus"]


class DayEffect(enum.Enum):
    """What an event does; the values are the words of rules files."""

    CLOSED = "fermé"  # the products concerned do not run
    OPENED = "ouvert"  # they run although they would not
    NO_CLASS = "pas de classe"  # strike, day of training: no class, hence no product of class days
    CLASS_HELD = "classe"  # make-up day: class is held although it would not be
    OUTING = "sortie"  # the class is away: the product does not run for it
    ALL_CLOSED = "tout fermé"  # cyclone, snow: neither class, nor product, nor counter
    OFFICE_CLOSED = "guichet fermé"
    OFFICE_OPEN = "guichet ouvert"


def _set(names: Iterable[str] | None) -> frozenset[str] | None:
    return None if names is None else frozenset(names)


@attrs.frozen
class Focus:
    """What a calendar is looked at for: a product, a site, a school, a class; ``None`` is the commune at large."""

    product: str | None = None
    site: str | None = None
    school: str | None = None
    class_name: str | None = None


@attrs.frozen
class DayEvent:
    """An effect on every day of ``span``; ``label`` is shown to families (« alerte cyclonique »).

    ``products``, ``sites``, ``schools``, ``classes`` restrict it; ``None`` is all of them. A restricted event bears
    only on who is known to be concerned: the calendar of the commune at large ignores it. ``charged`` says that
    families still owe what they booked (``None``: the règlement's general rule). Where two events contradict each
    other, the later in the calendar's list wins.
    """

    span: Span
    effect: DayEffect
    label: str = ""
    products: frozenset[str] | None = attrs.field(default=None, converter=_set)
    sites: frozenset[str] | None = attrs.field(default=None, converter=_set)
    schools: frozenset[str] | None = attrs.field(default=None, converter=_set)
    classes: frozenset[str] | None = attrs.field(default=None, converter=_set)
    charged: bool | None = None
    reference: str | None = None

    def concerns(self, focus: Focus) -> bool:
        """Whether every restriction of the event names what is looked at."""
        return (
            (self.products is None or focus.product in self.products)
            and (self.sites is None or focus.site in self.sites)
            and (self.schools is None or focus.school in self.schools)
            and (self.classes is None or focus.class_name in self.classes)
        )
