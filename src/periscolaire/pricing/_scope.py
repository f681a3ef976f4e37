"""What one charge is for: who × when × what; and the ranks and totals that are facts computed before pricing."""

from __future__ import annotations

import datetime as dt
import enum
from typing import TypeVar

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS, Condition
from periscolaire.ids import ProductCode

T = TypeVar("T")


class Who(enum.Enum):
    """Whose charge it is."""

    CHILD = "enfant"
    HOUSEHOLD = "foyer"


class When(enum.Enum):
    """Over which time one charge runs."""

    SERVICE = "prestation"
    DAY = "jour"
    WEEK = "semaine"
    MONTH = "mois"
    TERM = "période"  # one of the tariff's own named terms
    SCHOOL_YEAR = "année scolaire"
    ROLLING_YEAR = "année glissante"
    ORDER = "commande"
    STAY = "séjour"
    PURCHASE = "achat"


@attrs.frozen
class Term:
    """A named term that comes back every school year (Noyers-sur-Cher: September to December …).

    ``first`` and ``last`` are (month, day), both included; ``last`` 02-29 means the end of February.
    """

    name: str
    first: tuple[int, int]
    last: tuple[int, int]

    def span(self, day: dt.date) -> tuple[dt.date, dt.date] | None:
        """The term that holds ``day``, as closed dates; ``None`` when it holds none."""
        for year in (day.year, day.year - 1):
            first = _date(year, self.first)
            last = _date(year if self.last >= self.first else year + 1, self.last)
            if first <= day <= last:
                return first, last
        return None


@attrs.frozen
class ScopeInstance:
    """One instance of a scope: a ``key`` that names it, and its closed span of days."""

    key: str
    first: dt.date
    last: dt.date


@attrs.frozen
class Scope:
    """``assiette``: one charge per instance of ``who`` × ``when`` × ``what`` (no product: the tariff's own)."""

    who: Who = Who.CHILD
    when: When = When.SERVICE
    what: tuple[ProductCode, ...] = ()
    terms: tuple[Term, ...] = ()

    def instance(
        self,
        day: dt.date,
        *,
        product: str = "",
        slot: str = "",
        school_year: tuple[dt.date, dt.date] | None = None,
        since: dt.date | None = None,
        order: str | None = None,
    ) -> ScopeInstance:
        """The instance that a service of ``day`` belongs to.

        ``school_year`` is needed by a school year, ``since`` (the first registration) by a rolling year, ``order``
        by an order, a stay or a purchase.

        :raises MisuseError: what the scope needs was not given, or no term holds the day.
        """
        match self.when:
            case When.SERVICE:
                return ScopeInstance(":".join(part for part in (day.isoformat(), product, slot) if part), day, day)
            case When.DAY:
                return ScopeInstance(day.isoformat(), day, day)
            case When.WEEK:
                first = day - dt.timedelta(days=day.weekday())
                year, week, _ = day.isocalendar()
                return ScopeInstance(f"{year}-S{week:02}", first, first + dt.timedelta(days=6))
            case When.MONTH:
                return ScopeInstance(f"{day:%Y-%m}", day.replace(day=1), _month_end(day))
            case When.TERM:
                return self._term(day)
            case When.SCHOOL_YEAR:
                first, last = _given(school_year, "school_year")
                return ScopeInstance(f"{first.year}-{last.year}", first, last)
            case When.ROLLING_YEAR:
                first = _anniversary(_given(since, "since"), day)
                return ScopeInstance(first.isoformat(), first, _next_year(first) - dt.timedelta(days=1))
            case When.ORDER | When.STAY | When.PURCHASE:
                return ScopeInstance(_given(order, "order"), day, day)

    def _term(self, day: dt.date) -> ScopeInstance:
        for term in self.terms:
            span = term.span(day)
            if span is not None:
                return ScopeInstance(f"{span[0].isoformat()}:{term.name}", *span)
        raise MisuseError(f"no term of the tariff holds {day.isoformat()}")


DAILY = Scope()


class Among(enum.Enum):
    """``parmi``: the children among whom a rank or a total is counted."""

    PRESENT = "présents"
    BOOKED = "réservés"
    REGISTERED = "inscrits"


class RankOrder(enum.Enum):
    """``ordre`` of a rank; never by price, which would be circular."""

    ELDEST_FIRST = "aîné d'abord"
    YOUNGEST_FIRST = "cadet d'abord"
    FIRST_REGISTERED = "premier inscrit d'abord"
    CHRONOLOGICAL = "chronologique"  # a rank in time: the k-th unplanned meal of the year


@attrs.frozen
class RankSpec:
    """``rang``: the position of the child (or of the day) in an ordered set, computed before pricing into ``fact``.

    ``among`` must be stated (the linter asks): present, booked and registered differ as soon as one is ill.
    ``scope`` says whose rank and when it starts again; ``condition`` filters what is counted. Ties are cut by the
    child's code, so that the order in which facts arrive changes nothing.
    """

    fact: str = "rank"
    among: Among | None = None
    scope: Scope = Scope(Who.HOUSEHOLD, When.DAY)
    order: RankOrder = RankOrder.ELDEST_FIRST
    condition: Condition = ALWAYS


class Measure(enum.Enum):
    """``total``: what is counted over a scope."""

    COUNT = "nombre"  # of services: a morning and an evening are two
    CHILDREN = "enfants"  # however many services each takes
    DAYS = "jours"
    MINUTES = "minutes"
    RATIO_OF_OFFERED = "part des jours proposés"


def _usual_measure(spec: TotalSpec) -> Measure:
    """What is measured when nothing is said."""
    return Measure.CHILDREN if spec.fact == "siblings" else Measure.COUNT


@attrs.frozen
class TotalSpec:
    """``total``: a count or a ratio over a scope, computed before pricing into ``fact``.

    Unless ``measure`` says otherwise, ``siblings`` counts children and any other fact services.
    """

    fact: str
    among: Among | None
    scope: Scope
    measure: Measure = attrs.field(default=attrs.Factory(_usual_measure, takes_self=True))
    condition: Condition = ALWAYS


def _given(value: T | None, name: str) -> T:
    if value is None:
        raise MisuseError(f"this scope needs {name}=")
    return value


def _date(year: int, month_day: tuple[int, int]) -> dt.date:
    month, day = month_day
    if (month, day) == (2, 29):
        return dt.date(year, 3, 1) - dt.timedelta(days=1)
    return dt.date(year, month, day)


def _month_end(day: dt.date) -> dt.date:
    return (day.replace(day=28) + dt.timedelta(days=4)).replace(day=1) - dt.timedelta(days=1)


def _next_year(day: dt.date) -> dt.date:
    return _date(day.year + 1, (day.month, day.day))


def _anniversary(since: dt.date, day: dt.date) -> dt.date:
    if day < since:
        raise MisuseError(f"{day.isoformat()} is before the first registration ({since.isoformat()})")
    this_year = _date(day.year, (since.month, since.day))
    return this_year if this_year <= day else _date(day.year - 1, (since.month, since.day))
