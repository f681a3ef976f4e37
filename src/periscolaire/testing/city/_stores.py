"""The same acts on several stores, side by side: they must answer alike, refusals included."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import TypeVar

from periscolaire.errors import PeriscolaireError
from periscolaire.ports import Store, UnitOfWork

__all__ = ["SideBySide"]

ResultT = TypeVar("ResultT")
MakeId = Callable[[], str]


class SideBySide:
    """Several stores that live the same life; identifiers are drawn alike for each."""

    def __init__(self, stores: Sequence[Store]) -> None:
        self.stores = tuple(stores)
        self._ids: tuple[MakeId, ...] = tuple(_counter() for _ in self.stores)

    def act(self, act: Callable[[UnitOfWork, MakeId], ResultT]) -> ResultT:
        """Do it in a unit of work of each store, and commit; what it gives, or raises, must be the same."""

        def committed(store: Store, make_id: MakeId) -> ResultT:
            with store.unit() as uow:
                result = act(uow, make_id)
                uow.commit()
            return result

        return self.each(committed)

    def read(self, read: Callable[[UnitOfWork], ResultT]) -> ResultT:
        """What each store tells, in a unit of work that only reads."""

        def told(store: Store, make_id: MakeId) -> ResultT:
            with store.unit(write=False) as uow:
                return read(uow)

        return self.each(told)

    def each(self, do: Callable[[Store, MakeId], ResultT]) -> ResultT:
        """What ``do`` gives for each store."""
        answers: list[ResultT | PeriscolaireError] = []
        for store, make_id in zip(self.stores, self._ids, strict=True):
            try:
                answers.append(do(store, make_id))
            except PeriscolaireError as error:
                answers.append(error)
        first = answers[0]
        for store, other in zip(self.stores[1:], answers[1:], strict=True):
            assert _said(other) == _said(first), f"{type(store).__name__}: {other!r}, but {first!r} before"
        if isinstance(first, PeriscolaireError):
            raise first
        return first

    def close(self) -> None:
        """Close them all."""
        for store in self.stores:
            store.close()


def _said(answer: object) -> object:
    return (type(answer), str(answer)) if isinstance(answer, PeriscolaireError) else answer


def _counter() -> MakeId:
    numbers = itertools.count(1)
    return lambda: f"n{next(numbers):06}"
