"""« Mes actualités »: what the commune wants families to know, for whom, from when until when."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TypeAlias

import attrs

from periscolaire.clock import require_aware, utc
from periscolaire.errors import MisuseError
from periscolaire.ids import AccountId, HouseholdId, ProductCode, SchoolCode
from periscolaire.messages._rich import RichText, parse_rich

__all__ = [
    "EVERYONE",
    "Audience",
    "Everyone",
    "News",
    "NewsItem",
    "OfClasses",
    "OfHouseholds",
    "OfProducts",
    "OfSchools",
    "ReadMark",
    "Reader",
    "board",
]


@attrs.frozen
class Reader:
    """What of a household decides which news it sees: schools, classes and products of its children today."""

    household: HouseholdId
    schools: frozenset[SchoolCode] = frozenset()
    classes: frozenset[tuple[SchoolCode, str]] = frozenset()
    products: frozenset[ProductCode] = frozenset()


@attrs.frozen
class Everyone:
    """All families."""

    def includes(self, reader: Reader) -> bool:
        """Whether ``reader`` is of this audience."""
        return True


@attrs.frozen
class OfSchools:
    """Families with a child in one of these schools."""

    schools: frozenset[SchoolCode]

    def includes(self, reader: Reader) -> bool:
        """Whether ``reader`` is of this audience."""
        return not self.schools.isdisjoint(reader.schools)


@attrs.frozen
class OfClasses:
    """Families with a child in one of these classes (school and name of the class)."""

    classes: frozenset[tuple[SchoolCode, str]]

    def includes(self, reader: Reader) -> bool:
        """Whether ``reader`` is of this audience."""
        return not self.classes.isdisjoint(reader.classes)


@attrs.frozen
class OfProducts:
    """Families with a child registered for one of these products."""

    products: frozenset[ProductCode]

    def includes(self, reader: Reader) -> bool:
        """Whether ``reader`` is of this audience."""
        return not self.products.isdisjoint(reader.products)


@attrs.frozen
class OfHouseholds:
    """Named households."""

    households: frozenset[HouseholdId]

    def includes(self, reader: Reader) -> bool:
        """Whether ``reader`` is of this audience."""
        return reader.household in self.households


Audience: TypeAlias = Everyone | OfSchools | OfClasses | OfProducts | OfHouseholds
EVERYONE = Everyone()


@attrs.frozen
class News:
    """One news, shown from ``published_from`` and (half-open) until ``published_until``; ``None``: until withdrawn.

    ``kind`` is the label of the screen (« Information »), ``body`` the source of the rich text.

    :raises MisuseError: no title, a naive instant, or an end that is not after the beginning.
    """

    id: str
    title: str
    body: str
    published_from: dt.datetime
    published_until: dt.datetime | None = None
    audience: Audience = EVERYONE
    kind: str = "Information"
    pinned: bool = False
    author: str = ""

    def __attrs_post_init__(self) -> None:
        require_aware(self.published_from, "published_from")
        if not self.title.strip():
            raise MisuseError("news: expected a title", code="news.title_missing")
        if self.published_until is not None and utc(self.published_until) <= utc(self.published_from):
            raise MisuseError(
                "news: published_until must be after published_from",
                code="news.ends_before",
                first=self.published_from,
                last=self.published_until,
            )

    @property
    def text(self) -> RichText:
        """The body as safe rich text."""
        return parse_rich(self.body)

    def shown_to(self, reader: Reader, at: dt.datetime) -> bool:
        """Whether ``reader`` sees it at that instant."""
        now = utc(at)
        ended = self.published_until is not None and utc(self.published_until) <= now
        return utc(self.published_from) <= now and not ended and self.audience.includes(reader)


@attrs.frozen
class ReadMark:
    """An account has read a news."""

    news: str
    account: AccountId
    at: dt.datetime


@attrs.frozen
class NewsItem:
    """A line of the screen."""

    news: News
    read: bool


def board(
    news: Iterable[News], reader: Reader, marks: Iterable[ReadMark], account: AccountId, at: dt.datetime
) -> tuple[NewsItem, ...]:
    """What ``account`` sees: pinned first, then the latest first."""
    read = {mark.news for mark in marks if mark.account == account}
    shown = [item for item in news if item.shown_to(reader, at)]
    shown.sort(key=lambda item: item.id)
    shown.sort(key=lambda item: utc(item.published_from), reverse=True)
    shown.sort(key=lambda item: not item.pinned)
    return tuple(NewsItem(item, item.id in read) for item in shown)
