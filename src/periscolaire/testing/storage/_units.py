"""A unit of work: all of it or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib

import attrs
import pytest

from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, HouseholdId, Key
from periscolaire.ports import JOURNALS, RECORDS, PublishedReglement, Store, Stored, UnitOfWork
from periscolaire.testing._stored_samples import AT, DAY, FACTS, MODELS, consumption, key, reservation

__all__ = ["UnitPromises"]


def _reglement(version: str, first: dt.date, last: dt.date | None, text: str = "format = 1\n") -> PublishedReglement:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return PublishedReglement(version, "Le Langon", text, digest, first, last, AT, "agent")


class UnitPromises:
    """A unit of work: all of it or nothing."""

    def test_what_is_committed_is_there(self, store: Store) -> None:
        with store.unit() as uow:
            uow.children.save(MODELS["children"][0])
            uow.commit()
        with store.unit(write=False) as uow:
            assert len(uow.children) == 1

    def test_what_is_not_committed_is_undone(self, store: Store) -> None:
        with store.unit() as uow:
            self._write_everything(uow)
        with store.unit(write=False) as uow:
            self._assert_empty(uow)

    def test_an_error_undoes_all_since_the_last_commit(self, store: Store) -> None:
        def fail() -> None:
            with store.unit() as uow:
                uow.numbers.take("REGIE", 2026)
                uow.commit()
                self._write_everything(uow)
                raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            fail()
        with store.unit(write=False) as uow:
            assert uow.numbers.last("REGIE", 2026) == 1
            assert len(uow.children) == 0

    def test_a_rollback_undoes_and_the_unit_goes_on(self, store: Store) -> None:
        with store.unit() as uow:
            self._write_everything(uow)
            uow.rollback()
            self._assert_empty(uow)
            uow.places.set_maximum("p", 3)
            uow.commit()
        with store.unit(write=False) as uow:
            assert uow.places.left("p") == 3

    def test_changes_over_committed_things_are_undone(self, store: Store) -> None:
        slot = key()
        with store.unit() as uow:
            self._write_everything(uow)
            uow.commit()
        changed = attrs.evolve(consumption(slot), motive="autre")
        with store.unit() as uow:
            household = uow.households.get(HouseholdId("F1"))
            uow.households.save(attrs.evolve(household.model, name="Autre", members=()), household.version)
            uow.payments.remove(MODELS["payments"][0].id, 1)
            uow.reservations.save(reservation(slot, HouseholdId("autre")), 1)
            uow.consumptions.put([changed])
            uow.consumptions.remove([key(ChildId("É2"))])
            uow.places.release("p")
            uow.numbers.take("REGIE", 2026, 5)
            uow.hold("E1", "F1")
        with store.unit(write=False) as uow:
            assert uow.households.get(HouseholdId("F1")) == Stored(MODELS["households"][0], 1)
            assert [one.model for one in uow.households.of(ChildId("E1"))] == [MODELS["households"][0]]
            assert len(uow.payments) == 2
            assert uow.reservations.find(slot) == Stored(reservation(slot), 1)
            assert uow.consumptions.find(slot) == consumption(slot)
            assert uow.consumptions.find(key(ChildId("É2"))) is not None
            assert (uow.places.left("p"), uow.numbers.last("REGIE", 2026)) == (2, 1)

    def test_a_unit_that_reads_does_not_write(self, store: Store) -> None:
        with store.unit(write=False) as uow:
            writes = (
                lambda: uow.children.save(MODELS["children"][0]),
                lambda: uow.presences.append(FACTS["presences"]),
                lambda: uow.places.set_maximum("p", 1),
                lambda: uow.numbers.take("REGIE", 2026),
                lambda: uow.consumptions.put([consumption(key())]),
                lambda: uow.reservations.save(reservation(key())),
                lambda: uow.keys.record(Key("k"), "c", "r", AT),
                lambda: uow.reglements.publish(_reglement("1", DAY, None)),
            )
            for write in writes:
                with pytest.raises(MisuseError):
                    write()

    def _write_everything(self, uow: UnitOfWork) -> None:
        """Something in every repository."""
        for name, facts in FACTS.items():
            getattr(uow, name).append(facts)
        for name, models in MODELS.items():
            for model in models:
                getattr(uow, name).save(model)
        for slot in (key(), key(ChildId("É2"))):
            uow.reservations.save(reservation(slot))
            uow.consumptions.put([consumption(slot)])
        uow.places.set_maximum("p", 3)
        uow.places.claim("p")
        uow.numbers.take("REGIE", 2026)
        uow.keys.record(Key("k"), "content", "result", AT)
        uow.reglements.publish(_reglement("2025", DAY, None))

    def _assert_empty(self, uow: UnitOfWork) -> None:
        for name in (*JOURNALS, *RECORDS):
            assert len(getattr(uow, name)) == 0, name
        assert list(uow.reservations.stream(DAY, DAY)) == []
        assert list(uow.consumptions.by_household(DAY, DAY)) == []
        assert uow.places.left("p") is None
        assert uow.keys.find(Key("k"), "content") is None
        assert uow.reglements.all() == ()
