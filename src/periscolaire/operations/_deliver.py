"""One letter, one transaction: nothing is recorded of a letter that did not leave, and the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Generic, TypeVar

import attrs

from periscolaire.errors import PeriscolaireError
from periscolaire.ids import HouseholdId
from periscolaire.ports import Store, UnitOfWork

__all__ = ["Delivered", "deliver"]

LetterT = TypeVar("LetterT")


@attrs.frozen
class Delivered(Generic[LetterT]):
    """What became of some letters: those that left, and the households whose letter did not, each with why."""

    sent: tuple[LetterT, ...]
    failed: tuple[tuple[HouseholdId, Exception], ...] = ()


def deliver(
    letters: Iterable[tuple[HouseholdId, LetterT]], store: Store, act: Callable[[LetterT, UnitOfWork], None]
) -> Delivered[LetterT]:
    """Record and send each letter in a unit of work of its own, which is committed once ``act`` has done both.

    ``act`` records first, so that nothing leaves that cannot be recorded; what it raises (a server that does not
    answer, no address) rolls that letter back. A letter leaves before its record is committed: should that fail, it
    leaves again next time rather than never.
    """
    sent: list[LetterT] = []
    failed: list[tuple[HouseholdId, Exception]] = []
    for household, letter in letters:
        try:
            with store.unit() as uow:
                act(letter, uow)
                uow.commit()
        except (OSError, PeriscolaireError) as error:  # SMTP's errors are of OSError
            failed.append((household, error))
        else:
            sent.append(letter)
    return Delivered(tuple(sent), tuple(failed))
