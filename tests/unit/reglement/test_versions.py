"""Successive versions of a règlement: overlaps, gaps, and a published version that nobody edits in place."""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
import pytest

from periscolaire.calendar import Span
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.money import Currency
from periscolaire.reglement import CalendarSettings, Reglement, Reglements


def version(name: str, first: dt.date, last: dt.date | None = None, **more: Any) -> Reglement:
    return Reglement("X", name, first, last, settings=CalendarSettings(zone="B"), **more)


A = version("a", dt.date(2024, 9, 1), dt.date(2025, 8, 31))
B = version("b", dt.date(2025, 10, 1))


def test_the_version_of_a_day_and_the_gap_between_two() -> None:
    both = Reglements((B, A))
    assert both.versions == (A, B)
    assert both.on(dt.date(2025, 8, 31)) is A
    assert both.on(dt.date(2030, 1, 1)) is B
    assert both.gaps == (Span(dt.date(2025, 9, 1), dt.date(2025, 9, 30)),)
    with pytest.raises(NotFoundError):
        both.on(dt.date(2025, 9, 15))


@pytest.mark.parametrize("first", [dt.date(2025, 8, 31), dt.date(2024, 9, 1)])
def test_versions_may_not_overlap(first: dt.date) -> None:
    with pytest.raises(MisuseError, match="overlap"):
        Reglements((A, version("c", first)))


def test_a_new_version_ends_the_one_that_ran_on() -> None:
    later = Reglements((A, B)).publish("b").with_version(version("c", dt.date(2026, 9, 1)))
    assert later.named("b").last_day == dt.date(2026, 8, 31)
    assert later.gaps == Reglements((A, B)).gaps


def test_a_published_version_is_not_edited_in_place() -> None:
    published = Reglements((A, B)).publish("a")
    with pytest.raises(ConflictError, match="'a'"):
        Reglements((attrs.evolve(A, reference="art. 2"), B), published.published)


def test_equal_versions_have_one_digest_and_others_another() -> None:
    assert A.content_hash == version("a", dt.date(2024, 9, 1)).content_hash
    assert A.content_hash != attrs.evolve(A, currency=Currency("XPF", 0)).content_hash
