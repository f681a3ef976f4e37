"""Strategies: the consumptions of a family over three weeks, quotients that change."""

from __future__ import annotations

import datetime as dt

from hypothesis import strategies as st

from periscolaire.attendance import Booked, Consumption, ProofState, Seen
from periscolaire.ids import ProductCode
from periscolaire.testing.billing._commune import CANTEEN, GARDERIE, LATE, MONDAY, eaten

__all__ = ["DAYS", "family", "quotient_steps"]


DAYS = tuple(MONDAY + dt.timedelta(days=7 * week + offset) for week in range(3) for offset in (0, 1, 3, 4))
CHILDREN = ("A", "B", "C")


@st.composite
def _one(draw: st.DrawFn, household: str, child: str, product: ProductCode, day: dt.date) -> Consumption:
    booked = draw(
        st.sampled_from(
            (Booked.CONFIRMED, Booked.CONFIRMED, Booked.NONE, Booked.CONFIRMED_LATE, Booked.CANCELLED, Booked.REFUSED)
        )
    )
    seen = draw(st.sampled_from((Seen.PRESENT, Seen.PRESENT, Seen.ABSENT, Seen.UNCHECKED)))
    proof = draw(st.sampled_from(ProofState)) if seen is Seen.ABSENT else ProofState.NONE
    arrival = dt.time(16, 30) if seen is Seen.PRESENT and product == GARDERIE else None
    leaves = draw(st.integers(1, 119)) if arrival is not None else 0
    return eaten(
        child,
        day,
        household=household,
        product=product,
        booked=booked,
        seen=seen,
        proof=proof,
        effect=LATE if booked is Booked.CONFIRMED_LATE else None,
        arrival=arrival,
        departure=dt.time(16 + (30 + leaves) // 60, (30 + leaves) % 60) if arrival is not None else None,
    )


@st.composite
def family(draw: st.DrawFn, household: str = "H1", max_size: int = 14) -> tuple[Consumption, ...]:
    """The consumptions of one family over three weeks, each key once, in any order."""
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(CHILDREN), st.sampled_from((CANTEEN, GARDERIE)), st.sampled_from(DAYS)),
            unique=True,
            max_size=max_size,
        )
    )
    return tuple(draw(_one(household, f"{household}-{child}", product, day)) for child, product, day in keys)


@st.composite
def quotient_steps(draw: st.DrawFn) -> tuple[tuple[dt.date, int], ...]:
    """A quotient that may change once in the month; none at all is none known."""
    values = draw(st.lists(st.sampled_from((0, 600, 601, 1200, 1201, 5000)), max_size=2))
    days = (dt.date.min, dt.date(2026, 1, 13))
    return tuple(zip(days, values, strict=False))
