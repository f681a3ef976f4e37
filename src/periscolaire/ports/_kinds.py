"""What the house keeps, as data: one line for each journal and for each set of records.

A line says how to find a model's owner, span and key; every adapter serves all lines the same way, and a new kind
of fact is one more line here (and one more table in a migration).
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable
from typing import Any, Generic, TypeAlias, TypeVar

import attrs

__all__ = ["JournalKind", "RecordKind", "Span", "always", "stamped"]

M = TypeVar("M")
#: First and last day that a fact is about; ``None`` leaves an end open, both ``None`` is a fact without a day.
Span: TypeAlias = tuple[dt.date | None, dt.date | None]


def always(_: object) -> Span:
    """The span of facts that are about no day."""
    return (None, None)


@attrs.frozen
class JournalKind(Generic[M]):
    """How facts of one sort are found: by owner, over a span; ``id`` where their identifiers are unique."""

    name: str
    model: Any  # the class, or the union of classes, of the facts
    owner: Callable[[M], str]
    span: Callable[[M], Span] = always
    id: Callable[[M], str] | None = None


@attrs.frozen
class RecordKind(Generic[M]):
    """How models of one sort are found: by key, and by whom they belong to."""

    name: str
    model: Any
    key: Callable[[M], str]
    owners: Callable[[M], tuple[str, ...]] = lambda model: ()


def stamped(model: M, version: int) -> M:
    """``model`` with its own ``version`` field, where it has one, saying the version at which it is stored."""
    if _says_its_version(type(model)):  # type: ignore[arg-type]  # a class is hashable
        return attrs.evolve(model, version=version)  # type: ignore[misc]  # mypy cannot tell that it is an attrs class
    return model


@functools.cache
def _says_its_version(cls: type) -> bool:
    return attrs.has(cls) and "version" in attrs.fields_dict(cls)
