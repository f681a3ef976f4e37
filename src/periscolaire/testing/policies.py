"""Strategies of what a règlement says of money: deposits, instalments, packages, tickets, invoices, late payers."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from hypothesis import strategies as st

from periscolaire.facts import ALWAYS, Condition, Op, Test
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ProductCode, RegieCode
from periscolaire.pricing import (
    DAILY,
    Deposit,
    Fee,
    Flat,
    Instalments,
    Penalty,
    PenaltyEffect,
    Scope,
    TicketBook,
    Trigger,
    When,
    Who,
)
from periscolaire.reglement import (
    BillingPolicy,
    Collection,
    CustodyPrice,
    Cycle,
    DayValue,
    PackageRule,
    Prorata,
    RecoveryPolicy,
    Refund,
    ReminderLevel,
    SeriesPolicy,
    UncheckedDays,
)

__all__ = [
    "billing_policies",
    "deposits",
    "fees",
    "instalments",
    "package_rules",
    "penalties",
    "recovery_policies",
    "some",
    "ticket_books",
]

V = TypeVar("V")

_AMOUNTS = st.integers(1, 20_000).map(lambda cents: Decimal(cents).scaleb(-2))
_SHARES = st.integers(1, 100).map(lambda percent: Decimal(percent).scaleb(-2))
_REFERENCES = st.sampled_from([None, "art. 12"])


@functools.cache
def deposits() -> st.SearchStrategy[Deposit]:
    """A part of the price or a fixed sum at booking, the balance some days before."""
    asked = st.tuples(_SHARES, st.none()) | st.tuples(st.none(), _AMOUNTS)
    return st.builds(
        lambda asked, days, back: Deposit(asked[0], asked[1], days, back),
        asked, st.integers(0, 60), st.booleans(),
    )  # fmt: skip


@st.composite
def instalments(draw: st.DrawFn) -> Instalments:
    """One to ten parts, equal or weighed, every month or on days of the school year."""
    count = draw(st.integers(1, 10))
    days = st.tuples(st.integers(1, 12), st.integers(1, 28))
    return Instalments(
        count,
        tuple(draw(st.just([]) | st.lists(st.integers(1, 9).map(Decimal), min_size=count, max_size=count))),
        tuple(draw(st.just([]) | st.lists(days, min_size=count, max_size=count))),
    )


@functools.cache
def package_rules() -> st.SearchStrategy[PackageRule]:
    """What a package costs in part, and what an excused day gives back."""
    return st.builds(
        PackageRule,
        prorata=st.sampled_from(Prorata),
        leaving=st.none() | st.sampled_from(Prorata),
        day_value=st.none() | st.sampled_from(DayValue) | _AMOUNTS,
    )


@st.composite
def ticket_books(draw: st.DrawFn, codes: Sequence[str]) -> tuple[TicketBook, ...]:
    """No book, or one that pays a product of ``codes``."""
    if draw(st.booleans()):
        return ()
    product = ProductCode(draw(st.sampled_from(codes)))
    book = TicketBook(
        "carnet", draw(st.integers(1, 20)), Flat(draw(_AMOUNTS)), product=product, reference=draw(_REFERENCES)
    )
    return (book,)


@functools.cache
def penalties() -> st.SearchStrategy[tuple[Penalty, ...]]:
    """None, or one of each trigger at most; those of an unpaid invoice are for reminders."""
    times = {Trigger.LATE_PICKUP: (dt.time(18, 30), 5)}

    def of(trigger: Trigger) -> st.SearchStrategy[Penalty]:
        limit, grace = times.get(trigger, (None, 0))
        return st.builds(
            Penalty, code=st.just(trigger.name.lower()), trigger=st.just(trigger), price=_AMOUNTS.map(Flat),
            limit=st.just(limit), grace=st.just(grace), effect=st.sampled_from(PenaltyEffect), reference=_REFERENCES,
            scope=st.sampled_from([DAILY, Scope(Who.HOUSEHOLD, When.DAY)]), label=st.sampled_from([None, "Retard"]),
        )  # fmt: skip

    chosen = st.lists(st.sampled_from(Trigger), max_size=2, unique=True)
    return chosen.flatmap(lambda triggers: st.tuples(*map(of, triggers)))


@functools.cache
def fees() -> st.SearchStrategy[tuple[Fee, ...]]:
    """None, or a membership by the year."""
    resident = Condition((Test("resident", Op.EQ, (False,)),))
    fee = st.builds(
        Fee, code=st.just("adhésion"), price=_AMOUNTS.map(Flat),
        scope=st.sampled_from([Scope(Who.HOUSEHOLD, When.SCHOOL_YEAR), Scope(Who.CHILD, When.MONTH)]),
        condition=st.sampled_from([ALWAYS, resident]), reference=_REFERENCES, label=st.sampled_from([None, "Adhésion"]),
    )  # fmt: skip
    return st.just(()) | fee.map(lambda one: (one,))


@st.composite
def billing_policies(draw: st.DrawFn, codes: Sequence[str]) -> BillingPolicy:
    """How it invoices, all in one series or product by product."""
    days, least = st.none() | st.integers(0, 60), st.none() | _AMOUNTS
    collection, refund = st.none() | st.sampled_from(Collection), st.none() | st.sampled_from(Refund)
    series = tuple(
        SeriesPolicy(
            code.upper(), (ProductCode(code),), draw(st.sampled_from([None, ("nord", "sud")])),
            draw(st.sampled_from([None, RegieCode("R12")])), draw(collection), draw(days), draw(least), draw(refund),
            draw(_REFERENCES),
        )
        for code in (codes if draw(st.booleans()) else ())
    )  # fmt: skip
    return BillingPolicy(
        draw(st.sampled_from(Cycle)), draw(days), draw(least), draw(st.sampled_from(Collection)),
        draw(st.sampled_from(Refund)), draw(st.sampled_from([(), ("chèque", "carte")])),
        draw(st.sampled_from(UncheckedDays)), draw(st.sampled_from(CustodyPrice)), series, draw(_REFERENCES),
    )  # fmt: skip


@st.composite
def recovery_policies(draw: st.DrawFn, penalty: str | None = None) -> RecoveryPolicy:
    """What happens when an invoice is not paid; ``penalty`` is the code that a reminder may bring."""
    after = sorted(draw(st.lists(st.integers(0, 120), min_size=1, max_size=4, unique=True)))
    reminders = tuple(
        ReminderLevel(
            level, days, draw(st.integers(0, 30)), draw(st.sampled_from(["", "rappel"])),
            draw(st.sampled_from([None, penalty])),
        )
        for level, days in enumerate(after, start=1)
    )  # fmt: skip
    count = st.none() | st.integers(1, 400)
    return RecoveryPolicy(
        reminders, draw(st.integers(0, len(reminders))), draw(st.just(Decimal(0)) | _AMOUNTS), draw(st.integers(0, 30)),
        draw(count), draw(count), draw(st.none() | _AMOUNTS), draw(_REFERENCES),
    )  # fmt: skip


def some(codes: Sequence[str], values: st.SearchStrategy[V]) -> st.SearchStrategy[FrozenMap[ProductCode, V]]:
    """A value for some of the products."""
    return st.dictionaries(st.sampled_from([ProductCode(code) for code in codes]), values).map(FrozenMap)
