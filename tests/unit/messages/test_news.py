"""Which news a family sees, when, in which order."""

import datetime as dt

import attrs
import pytest

from periscolaire.errors import MisuseError
from periscolaire.ids import AccountId, HouseholdId, ProductCode, SchoolCode
from periscolaire.messages import (
    EVERYONE,
    Audience,
    Contact,
    ContactPage,
    News,
    OfClasses,
    OfHouseholds,
    OfProducts,
    OfSchools,
    OpeningHours,
    Reader,
    ReadMark,
    board,
)

AT = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
ME = AccountId("me")
READER = Reader(
    HouseholdId("h"),
    frozenset({SchoolCode("ferry")}),
    frozenset({(SchoolCode("ferry"), "CP A")}),
    frozenset({ProductCode("cantine")}),
)


def news(id: str, day: int = 1, **more: object) -> News:
    return News(id, f"Nouvelle {id}", "texte", AT.replace(day=day), **more)  # type: ignore[arg-type]  # a helper for many fields


@pytest.mark.parametrize(
    ("audience", "seen"),
    [
        (EVERYONE, True),
        (OfSchools(frozenset({SchoolCode("ferry")})), True),
        (OfSchools(frozenset({SchoolCode("curie")})), False),
        (OfClasses(frozenset({(SchoolCode("ferry"), "CP A")})), True),
        (OfClasses(frozenset({(SchoolCode("curie"), "CP A")})), False),
        (OfProducts(frozenset({ProductCode("cantine")})), True),
        (OfProducts(frozenset({ProductCode("garderie")})), False),
        (OfHouseholds(frozenset({HouseholdId("h")})), True),
        (OfHouseholds(frozenset({HouseholdId("x")})), False),
    ],
)
def test_each_audience(audience: Audience, seen: bool) -> None:
    assert news("a", audience=audience).shown_to(READER, AT) is seen


def test_published_from_is_included_and_until_is_not() -> None:
    item = news("a", published_until=AT + dt.timedelta(days=2))
    instants = [AT - dt.timedelta(seconds=1), AT, AT + dt.timedelta(days=2, seconds=-1), AT + dt.timedelta(days=2)]
    assert [item.shown_to(READER, at) for at in instants] == [False, True, True, False]


def test_the_board_puts_pinned_first_then_the_latest_and_knows_what_was_read() -> None:
    items = [news("old"), news("new", 3), news("pin", 2, pinned=True), news("later", 20)]
    marks = [ReadMark("new", ME, AT), ReadMark("old", AccountId("another"), AT)]
    shown = board(items, READER, marks, ME, AT.replace(day=10))
    assert [(item.news.id, item.read) for item in shown] == [("pin", False), ("new", True), ("old", False)]


def test_a_news_has_a_title_and_ends_after_it_begins() -> None:
    with pytest.raises(MisuseError, match="title"):
        attrs.evolve(news("a"), title=" ")
    with pytest.raises(MisuseError, match="after"):
        news("a", published_until=AT)


def test_the_contact_page_answers_per_service() -> None:
    town = Contact("Mairie", "Val Fictif", ("1 place de la Mairie",), (OpeningHours(0, 540, 720),), "0199000000")
    kitchen = Contact("Cuisine", "Val Fictif", products=frozenset({ProductCode("cantine")}))
    page = ContactPage((town, kitchen))
    assert page.for_product(ProductCode("cantine")) == (kitchen,)
    assert page.for_product(ProductCode("garderie")) == (town,)
    with pytest.raises(MisuseError, match="opening hours"):
        OpeningHours(0, 720, 540)
