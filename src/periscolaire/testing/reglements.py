"""Hypothesis strategies of whole règlements, so that laws may be tried on any."""

from __future__ import annotations

import datetime as dt
import functools
from typing import Any

import attrs
from hypothesis import strategies as st

from periscolaire.calendar import DayEffect, DayEvent, SchoolWeek, Span, parse_open_days
from periscolaire.catalogue import Gate, LimitTable, PaymentMode, PlacesRule, Product
from periscolaire.facts import ALWAYS, Condition, Op, Test
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ProductCode, TariffCode
from periscolaire.pricing import Tariff, Trigger
from periscolaire.reglement import (
    AbsencePolicy,
    AbsenceRow,
    CalendarSettings,
    CheckingPolicy,
    Consequence,
    Reglement,
    Unchecked,
)
from periscolaire.testing import policies
from periscolaire.testing.limits import rules
from periscolaire.testing.prices import tariff_versions

__all__ = ["limit_tables", "products", "reglements"]

_DAYS = ("jours de classe", "lundi, mardi, jeudi, vendredi", "mercredis", "petites vacances", "été", "vacances")
_FIRST = dt.date(2024, 9, 1)
_LAST = dt.date(2026, 8, 31)
#: A few, because a calendar takes a while to build and is then remembered.
_SETTINGS = (
    CalendarSettings(zone="B"),
    CalendarSettings(
        academie="Strasbourg",
        week=SchoolWeek.parse(["lundi", "mardi", "mercredi matin", "jeudi", "vendredi"]),
        local_holidays=("vendredi saint", dt.date(2025, 5, 30)),
        own_kinds=FrozenMap({"livraison": parse_open_days("mardi, vendredi", term=False)}),
    ),
    CalendarSettings(
        territory="La Réunion",
        events=(
            DayEvent(Span.one(dt.date(2025, 2, 10)), DayEffect.ALL_CLOSED, "cyclone", charged=False),
            DayEvent(Span(dt.date(2025, 3, 3), dt.date(2025, 3, 4)), DayEffect.CLOSED, products=["cantine"]),
        ),
    ),
)


@functools.cache
def _conditions() -> st.SearchStrategy[Condition]:
    tests = st.sampled_from(
        [
            Test("channel", Op.EQ, ("en ligne",)),
            Test("motive", Op.IN, ("maladie", "grève")),
            Test("resident", Op.EQ, (False,)),
            Test("weekday", Op.EQ, ("lundi",)),
            Test("age", Op.BETWEEN, (3, 5)),
            Test("quotient", Op.UNKNOWN),
        ]
    )
    return st.one_of(st.just(ALWAYS), tests.map(lambda test: Condition((test,))))


@st.composite
def limit_tables(draw: st.DrawFn) -> LimitTable:
    """One to three rules under conditions, the last for all other cases."""
    held = [
        attrs.evolve(draw(rules()), condition=draw(_conditions()), reference=draw(st.sampled_from([None, "art. 4"])))
        for _ in range(draw(st.integers(0, 2)))
    ]
    return (*held, draw(rules()))


@st.composite
def products(draw: st.DrawFn, code: str) -> Product:
    """A product that a rules file can say."""
    gates = (
        Gate("dossier complet", requires=Condition((Test("file_complete", Op.EQ, (True,)),))),
        Gate("impayés", forbids=Condition((Test("suspended", Op.EQ, (True,)),)), message="Voyez la mairie."),
    )
    return Product(
        code=ProductCode(code),
        name=draw(st.sampled_from([code, "Restaurant scolaire"])),
        open_days=parse_open_days(draw(st.sampled_from(_DAYS))),
        booking=draw(limit_tables()),
        cancellation=draw(limit_tables()),
        change=draw(st.none() | limit_tables()),
        payment=draw(st.sampled_from(PaymentMode)),
        places=draw(st.sampled_from([(), (PlacesRule(60),), (PlacesRule(8, Condition((Test("age", Op.LT, (6,)),))),)])),
        gates=draw(st.sampled_from([(), gates[:1], gates])),
        needs_booking=draw(st.booleans()),
    )


@st.composite
def reglements(draw: st.DrawFn) -> Reglement:
    """A règlement of one or two products: tariffs, absence rules, a calendar of its own, and all it says of money."""
    codes = draw(st.lists(st.sampled_from(["cantine", "garderie", "mercredi"]), min_size=1, max_size=2, unique=True))
    tariffs = []
    named: dict[Any, Any] = {}
    for code in codes:
        version = attrs.evolve(draw(tariff_versions()), first_day=_FIRST, last_day=_LAST)
        shared = draw(st.booleans())
        tariffs.append(Tariff(TariffCode(f"tarif {code}" if shared else code), (version,)))
        if shared:
            named[ProductCode(code)] = TariffCode(f"tarif {code}")
    # A file holds the prices inside products first, then the tariffs that stand alone.
    tariffs.sort(key=lambda tariff: tariff.code.startswith("tarif "))
    penalties = draw(policies.penalties())
    unpaid = next((one.code for one in penalties if one.trigger is Trigger.UNPAID_INVOICE), None)
    rows = st.builds(AbsenceRow, effect=st.sampled_from(Consequence), condition=_conditions())
    return Reglement(
        commune="Exemple",
        version=draw(st.sampled_from(["2024-2026", "été"])),
        first_day=_FIRST,
        last_day=_LAST,
        settings=draw(st.sampled_from(_SETTINGS)),
        products=tuple(draw(products(code)) for code in codes),
        tariffs=tuple(tariffs),
        product_tariffs=FrozenMap(named),
        absences=FrozenMap({ProductCode(codes[0]): AbsencePolicy(tuple(draw(st.lists(rows, min_size=1, max_size=3))))}),
        checking=FrozenMap({ProductCode(codes[0]): CheckingPolicy(draw(st.sampled_from(Unchecked)))}),
        deposits=draw(policies.some(codes, policies.deposits())),
        instalments=draw(policies.some(codes, policies.instalments())),
        packages=draw(policies.some(codes, policies.package_rules())),
        ticket_books=draw(policies.ticket_books(codes)),
        penalties=penalties,
        fees=draw(policies.fees()),
        billing=draw(policies.billing_policies(codes)),
        recovery=draw(policies.recovery_policies(unpaid)),
        reference=draw(st.sampled_from([None, "délibération « 2026-1 »"])),
    )
