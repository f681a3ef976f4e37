"""The door list as a page: whole, escaped, one sheet a service and site."""

from __future__ import annotations

import datetime as dt
from html.parser import HTMLParser

import pytest

from periscolaire.booking import Diner, DoorRow, SlotKey, State
from periscolaire.documents import door_list_page
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, ProductCode
from tests.unit.booking.commune import at, day

AT = at("2026-10-12 07:30")


def row(name: str, *, state: State = State.CONFIRMED, **diner: object) -> DoorRow:
    child = ChildId(name)
    key = SlotKey(child, ProductCode("cantine"), day("2026-10-12"))
    return DoorRow(key, Diner(child, name, "Zoé", **{"site": "Centre", **diner}), state)  # type: ignore[arg-type]  # free fields


def page(*rows: DoorRow, language: str = "fr") -> str:
    return door_list_page(rows, commune="Trifouillis", product_name=str.title, at=AT, language=language)


class Tags(HTMLParser):
    """Every tag is closed in its order, and nothing runs."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        assert not any(name.startswith("on") for name, _ in attrs)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def tags(text: str) -> list[str]:
    parser = Tags()
    parser.feed(text)
    assert parser.open == []
    return parser.seen


def test_one_line_a_child_with_what_the_door_needs() -> None:
    text = page(
        row("Martin", class_name="CP", diet="sans porc", pai=True),
        row("Aubert", class_name="CP", own_meal=True),
        row("Petit", class_name="CE1", state=State.WAITING),
    )
    assert tags(text).count("section") == 1
    assert text.index("Aubert") < text.index("Martin") < text.index("Petit")
    assert "2 enfants attendus" in text
    assert "dont 1 avec un panier repas" in text
    assert "sans porc" in text
    assert "Petit</b> Zoé (en attente, CE1)" in text
    assert "lundi 12 octobre 2026" in text


def test_what_a_family_wrote_is_text_never_html() -> None:
    evil = '<script>alert("x")</script>'
    text = page(row(evil, class_name=evil, diet=evil, site=evil))
    assert "script" not in tags(text)
    assert "&lt;script&gt;" in text


def test_a_sheet_for_each_site_in_both_languages() -> None:
    text = page(row("A", site="Nord"), row("B", site="Sud"), language="en")
    assert tags(text).count("section") == 2
    assert '<html lang="en">' in text
    assert "1 child expected" in text


def test_nobody_and_misuse() -> None:
    assert "Aucun enfant" in page()
    with pytest.raises(MisuseError, match="naive"):
        door_list_page((), commune="x", product_name=str, at=dt.datetime(2026, 1, 1))  # noqa: DTZ001  # the point
