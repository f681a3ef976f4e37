"""Places, numbers, keys and published versions: what races must not break."""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import hashlib

import pytest

from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.ids import Key, ProductCode
from periscolaire.ports import PublishedReglement, Store
from periscolaire.testing._stored_samples import AT, DAY

__all__ = ["CounterPromises"]

_NEXT_DAY = DAY + dt.timedelta(days=1)
_CANTEEN = ProductCode("cantine")


def _reglement(version: str, first: dt.date, last: dt.date | None, text: str = "format = 1\n") -> PublishedReglement:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return PublishedReglement(version, "Le Langon", text, digest, first, last, AT, "agent")


class CounterPromises:
    """Places, numbers, keys and published versions: what races must not break."""

    def test_places_are_claimed_up_to_the_maximum_only(self, store: Store) -> None:
        with store.unit() as uow:
            assert uow.places.left("p") is None
            assert uow.places.set_maximum("p", 3) is None
            assert uow.places.claim("p", 2)
            assert not uow.places.claim("p", 2)
            assert uow.places.claim("p")
            assert not uow.places.claim("p")
            uow.places.release("p", 2)
            assert uow.places.left("p") == 2
            assert uow.places.taken(["p", "p", "q"]) == {"p": 1}

    def test_a_maximum_that_falls_leaves_an_overage_that_is_reported(self, store: Store) -> None:
        with store.unit() as uow:
            uow.places.set_maximum("q", 1)
            uow.places.set_maximum("p", 3)
            uow.places.claim("p", 3)
            overage = uow.places.set_maximum("p", 2)
            assert overage is not None
            assert (overage.pool, overage.maximum, overage.taken) == ("p", 2, 3)
            assert uow.places.overages() == (overage,)
            assert uow.places.left("p") == 0
            uow.places.release("p")
            assert uow.places.overages() == ()
            assert not uow.places.claim("p")

    def test_places_are_not_misused(self, store: Store) -> None:
        with store.unit() as uow:
            uow.places.set_maximum("p", 2)
            uow.places.claim("p")
            with pytest.raises(NotFoundError):
                uow.places.claim("q")
            with pytest.raises(NotFoundError):
                uow.places.release("q")
            with pytest.raises(ConflictError):
                uow.places.release("p", 2)
            with pytest.raises(MisuseError):
                uow.places.claim("p", 0)
            with pytest.raises(MisuseError):
                uow.places.set_maximum("p", -1)
            assert uow.places.left("p") == 1

    def test_threads_never_overbook(self, store: Store) -> None:
        with store.unit() as uow:
            uow.places.set_maximum("p", 25)
            uow.commit()

        def race(_: int) -> int:
            won = 0
            for attempt in range(10):
                with store.unit() as uow:
                    claimed = uow.places.claim("p")
                    if claimed and attempt % 3:  # one in three changes its mind
                        uow.commit()
                        won += 1
            return won

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            won = sum(pool.map(race, range(6)))
        with store.unit(write=False) as uow:
            assert (won, uow.places.left("p")) == (25, 0)

    def test_numbers_have_no_gap(self, store: Store) -> None:
        with store.unit() as uow:
            assert uow.numbers.take("REGIE", 2026, 3) == 1
            assert uow.numbers.take("REGIE", 2026) == 4
            uow.commit()
            assert uow.numbers.take("REGIE", 2026, 9) == 5  # not committed: not spent
        with store.unit() as uow:
            assert uow.numbers.last("REGIE", 2026) == 4
            assert uow.numbers.take("REGIE", 2026) == 5
            assert uow.numbers.take("REGIE", 2027) == 1
            assert uow.numbers.take("CENTRE", 2026) == 1
            assert uow.numbers.last("TITRES", 2026) == 0
            with pytest.raises(MisuseError):
                uow.numbers.take("REGIE", 2026, 0)

    def test_threads_take_numbers_without_a_gap(self, store: Store) -> None:
        def take(thread: int) -> list[int]:
            taken = []
            for attempt in range(8):
                with store.unit() as uow:
                    number = uow.numbers.take("REGIE", 2026)
                    if (attempt + thread) % 3:
                        uow.commit()
                        taken.append(number)
            return taken

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            taken = [number for numbers in pool.map(take, range(4)) for number in numbers]
        assert sorted(taken) == list(range(1, len(taken) + 1))

    def test_a_key_with_the_same_content_gives_the_same_result(self, store: Store) -> None:
        with store.unit() as uow:
            assert uow.keys.find(Key("k"), "content") is None
            uow.keys.record(Key("k"), "content", "résultat", AT)
            uow.commit()
        with store.unit() as uow:
            assert uow.keys.find(Key("k"), "content") == "résultat"
            with pytest.raises(ConflictError):
                uow.keys.find(Key("k"), "other content")
        with pytest.raises(ConflictError), store.unit() as uow:
            uow.keys.record(Key("k"), "content", "other", AT)

    def test_a_published_version_is_never_edited(self, store: Store) -> None:
        version = _reglement("2025", DAY, None)
        with store.unit() as uow:
            assert uow.reglements.publish(version)
            assert not uow.reglements.publish(version)
            uow.commit()
        with pytest.raises(ConflictError), store.unit() as uow:
            uow.reglements.publish(_reglement("2025", DAY, None, "format = 1\n# autre\n"))
        with store.unit(write=False) as uow:
            assert uow.reglements.get("2025") == version
            with pytest.raises(NotFoundError):
                uow.reglements.get("2024")

    def test_the_version_in_force_is_the_last_to_begin(self, store: Store) -> None:
        old, new = _reglement("2025", DAY, None), _reglement("2026", _NEXT_DAY, _NEXT_DAY)
        with store.unit() as uow:
            uow.reglements.publish(new)
            uow.reglements.publish(old)
            after = _NEXT_DAY + dt.timedelta(days=1)
            assert [uow.reglements.on(day).version for day in (DAY, _NEXT_DAY, after)] == ["2025", "2026", "2025"]
            assert uow.reglements.all() == (old, new)
            with pytest.raises(NotFoundError):
                uow.reglements.on(DAY - dt.timedelta(days=1))
