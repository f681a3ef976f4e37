"""What billing looks at of a family's facts, and when it may leave the file aside."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import attrs

from periscolaire.attendance import Suspension
from periscolaire.booking import Registration
from periscolaire.calendar import Span
from periscolaire.households import (
    PAI,
    Adult,
    Child,
    DatedFact,
    DatedFacts,
    Document,
    DocumentStatus,
    Grade,
    Household,
    Member,
    PostalAddress,
    Requirement,
    Schooling,
)
from periscolaire.ids import AdultId, ChildId, FactId, HouseholdId, ProductCode, SchoolCode
from periscolaire.operations._family import FILE_FACTS, Family
from periscolaire.operations.billing._known_facts import KnownFacts

HOME, ANA, DAY = HouseholdId("H"), ChildId("ana"), dt.date(2026, 1, 15)
AT = dt.datetime(2026, 1, 1, 9, tzinfo=dt.UTC)
YEAR = Span(dt.date(2025, 9, 1), dt.date(2026, 7, 3))
SCHOOLING = Schooling(YEAR.first, YEAR.last, SchoolCode("jaures"), Grade.CE1, "CE1 A")
FAMILY = Family(
    household=Household(
        HOME,
        "Famille",
        (Adult(AdultId("a"), "Nom", "Ana"),),
        (Member(ANA),),
        PostalAddress(("1 rue Basse",), "33210", "Le Langon"),
    ),
    children={ANA: Child(ANA, "Nom", "Ana", dt.date(2018, 1, 20), schoolings=(SCHOOLING,))},
    homes={},
    custodies={},
    dated=DatedFacts(
        (
            DatedFact(HOME, "quotient", Decimal(500), YEAR.first, None, AT),
            DatedFact(HOME, "quotient", Decimal(900), DAY, None, AT),
            DatedFact(ANA, "quotient", Decimal(300), dt.date(2026, 2, 1), None, AT),
        )
    ),
    documents=(Document(FactId("p"), ANA, PAI, YEAR.first, None, DocumentStatus.ACCEPTED, AT),),
    registrations={ANA: (Registration(FactId("r"), ANA, ProductCode("cantine"), HOME, "2025-2026", YEAR),)},
    suspensions={ANA: (Suspension(FactId("s"), ANA, DAY, DAY, "retards", AT, "agent"),)},
    closures=(),
    requirements=(Requirement(PAI),),
)
DAYS = [dt.date(2026, 1, 10) + dt.timedelta(days=n) for n in range(30)]


def test_the_facts_of_the_file_are_named() -> None:
    """A fact that would follow from the file without being named there would be missed by bills that read it."""
    found = set(FAMILY.facts(ANA, DAY))
    assert found - {"quotient"} == FILE_FACTS


def test_what_is_recorded_is_read_without_the_file() -> None:
    line = KnownFacts({HOME: FAMILY}).timeline(HOME, ANA, ("quotient", "resident"))
    assert [line.on(day) for day in DAYS] == [{"quotient": FAMILY.facts(ANA, day)["quotient"]} for day in DAYS]
    assert [len(places) for _, places in line.cut(DAYS)] == [5, 17, 8]


def test_what_follows_from_the_file_is_read_with_it() -> None:
    known = KnownFacts({HOME: FAMILY})
    line = known.timeline(HOME, ANA, ("age", "quotient"))
    assert [line.on(day) for day in DAYS] == [FAMILY.facts(ANA, day) for day in DAYS]
    assert all(known.of(HOME, ANA, day) == line.on(day) for day in DAYS)
    assert not known.is_shared(HOME, ANA)
    other = attrs.evolve(FAMILY, children={}, dated=DatedFacts())
    assert KnownFacts({HOME: other}).timeline(HOME, ANA, ("age",)).on(DAY) == {
        "household_children": 1, "commune": "Le Langon"
    }  # fmt: skip
