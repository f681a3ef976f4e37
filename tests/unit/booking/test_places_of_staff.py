"""Places that follow the staff present: so many children for each adult, each age group by its own ratio."""

from __future__ import annotations

import pytest

from periscolaire.booking import (
    RATIOS,
    Basket,
    BookingContext,
    Claim,
    LineStatus,
    Setting,
    SlotKey,
    check,
    claims,
    staff_for,
)
from periscolaire.catalogue import PlacesRule
from periscolaire.errors import BadFileError, MisuseError
from periscolaire.facts import Facts
from periscolaire.files import read_reglement, write_reglement
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from tests.unit.booking.commune import CLARA, GUILHEM, at, day

CENTRE = ProductCode("centre")
WEDNESDAY, NEXT = day("2026-10-14"), day("2026-11-04")
TEXT = """
format = 1
commune = "Trifouillis"
version = "2026-2027"
en_vigueur = "2026-09-01"
zone = "B"

[[produits]]
code = "centre"
jours = "mercredis"
reservation = "la veille"
annulation = "la veille"

[[produits.places]]
si = { date = "2026-11-04", age = "< 6" }
encadrants = 1
par_encadrant = 8
reference = "une absence dans l'équipe"

[[produits.places]]
si = { age = "< 6" }
encadrants = 2
par_encadrant = 8

[[produits.places]]
encadrants = 3
par_encadrant = 12
"""
RULES = read_reglement(TEXT)
PRODUCT = RULES.product("centre")


def claimed(age: int | None, on: str = "2026-10-14") -> Claim:
    facts = Facts({} if age is None else {"age": age})
    (claim,) = claims(PRODUCT, SlotKey(CLARA, CENTRE, day(on)), facts)
    return claim


def test_each_age_group_has_the_places_of_its_team() -> None:
    assert claimed(4) == Claim("centre/2026-10-14/par_encadrant=8", 16)
    assert claimed(6) == Claim("centre/2026-10-14/par_encadrant=12", 36)
    assert claimed(4, "2026-11-04") == Claim("centre/2026-11-04/par_encadrant=8", 8)  # same pool, another team
    assert claimed(None) == claimed(4)  # an age that is not known takes the scarcer place


def test_a_full_team_is_what_the_code_asks_for() -> None:
    ratio = RATIOS[Setting.HOLIDAYS]
    young, old = claimed(4).maximum, claimed(8).maximum
    assert staff_for(young, old, ratio).required == 5
    assert staff_for(young + 1, old, ratio).required == staff_for(young, old + 1, ratio).required == 6


def test_one_group_is_full_while_the_other_is_not() -> None:
    ages = {CLARA: 4, GUILHEM: 8}
    context = BookingContext(
        HouseholdId("h"),
        frozenset(ages),
        lambda child, on: Facts({"age": ages[child]}),
        taken={"centre/2026-10-14/par_encadrant=8": 16},
    )
    basket = Basket.of(HouseholdId("h")).book(CLARA, CENTRE, WEDNESDAY).book(GUILHEM, CENTRE, WEDNESDAY)
    found = {one.line.key.child: one.status for one in check(basket, RULES, context, at("2026-10-05 09:00")).verdicts}
    assert found == {ChildId("clara"): LineStatus.REFUSED, ChildId("guilhem"): LineStatus.FIRM}


def test_it_is_written_as_it_was_read() -> None:
    written = write_reglement(RULES)
    assert "par_encadrant" in written
    assert "maximum" not in written
    assert read_reglement(written) == RULES


@pytest.mark.parametrize(
    "spoiled", [TEXT.replace("par_encadrant = 12", ""), TEXT.replace("encadrants = 3", "maximum = 5")]
)
def test_half_of_it_is_a_bad_file(spoiled: str) -> None:
    with pytest.raises(BadFileError, match="places"):
        read_reglement(spoiled)


def test_misuse() -> None:
    with pytest.raises(MisuseError, match="adults"):
        PlacesRule(20, adults=2, per_adult=8)
