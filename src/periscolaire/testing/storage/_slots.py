"""Reservations and consumptions, slot by slot and counted together."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from periscolaire.attendance import Booked, Consumption, Outcome, Seen
from periscolaire.billing import group_consumptions
from periscolaire.booking import SlotKey
from periscolaire.errors import ConflictError
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.ports import Store, Stored
from periscolaire.testing._stored_samples import DAY, consumption, key, reservation

__all__ = ["SlotPromises"]

_NEXT_DAY = DAY + dt.timedelta(days=1)
_CANTEEN = ProductCode("cantine")


class SlotPromises:
    """Reservations and consumptions, slot by slot and counted together."""

    def test_reservations_are_found_by_slot_child_and_day(self, store: Store) -> None:
        slots = [key(day=_NEXT_DAY), key(), key(slot="midi"), key(product=ProductCode("a")), key(ChildId("É2"))]
        with store.unit() as uow:
            for slot in slots:
                assert uow.reservations.save(reservation(slot)) == 1
            uow.commit()
        with store.unit(write=False) as uow:
            assert uow.reservations.find(key()) == Stored(reservation(key()), 1)
            assert uow.reservations.find(key(slot="soir")) is None
            found = [one.model.key for one in uow.reservations.of_child(ChildId("E1"), DAY, DAY)]
            assert found == [slots[3], slots[1], slots[2]]
            assert [one.key for one in uow.reservations.of_day(DAY, _CANTEEN)] == [slots[1], slots[2], slots[4]]
            streamed = [one.key for one in uow.reservations.stream(DAY, _NEXT_DAY)]
            assert streamed == [slots[3], slots[1], slots[2], slots[0], slots[4]]

    def test_reservations_are_saved_only_over_the_version_that_was_read(self, store: Store) -> None:
        with store.unit() as uow:
            assert uow.reservations.save(reservation(key())) == 1
            assert uow.reservations.save(reservation(key()), 1) == 2
            uow.commit()
        for version in (0, 1):
            with pytest.raises(ConflictError), store.unit() as uow:
                uow.reservations.save(reservation(key()), version)

    def test_consumptions_keep_every_field_and_are_written_over(self, store: Store) -> None:
        full = consumption(key())
        bare = Consumption(key(slot="midi"), full.household, full.outcome)
        with store.unit() as uow:
            assert uow.consumptions.put(iter((full, bare))) == 2
            uow.consumptions.put([attrs.evolve(bare, motive="x")])
            uow.commit()
        with store.unit(write=False) as uow:
            assert uow.consumptions.find(full.key) == full
            assert uow.consumptions.find(bare.key) == attrs.evolve(bare, motive="x")
            assert uow.consumptions.of_child(ChildId("E1"), DAY, DAY) == (full, attrs.evolve(bare, motive="x"))
            assert uow.consumptions.of_child(ChildId("E1"), _NEXT_DAY, _NEXT_DAY) == ()

    def test_removed_consumptions_are_gone(self, store: Store) -> None:
        with store.unit() as uow:
            uow.consumptions.put([consumption(key())])
            uow.consumptions.remove([key(), key(slot="midi"), key(ChildId("nobody"))])
            assert uow.consumptions.find(key()) is None

    def test_consumptions_stream_by_household(self, store: Store) -> None:
        households = [HouseholdId(name) for name in ("F1", "f2", "É3", "F10")]
        # Enough rows for the bulk way of an adapter, written in an order of no use.
        rows = [
            consumption(key(ChildId(f"E{n:03}"), DAY + dt.timedelta(days=day)), households[n % 4])
            for day in range(20)
            for n in range(200)
        ]
        with store.unit() as uow:
            assert uow.consumptions.put(rows[::-1]) == 4000
            uow.commit()

        def slot(one: Consumption) -> tuple[str, SlotKey]:
            return one.household, one.key

        last = DAY + dt.timedelta(days=9)
        expected = sorted((one for one in rows if one.key.day <= last), key=slot)
        with store.unit(write=False) as uow:
            streamed = list(uow.consumptions.by_household(DAY, last))
            assert [household for household, _ in streamed] == sorted(households)
            assert [one for _, group in streamed for one in sorted(group, key=slot)] == expected
            for _, group in streamed:
                order = [(one.key.child, one.key.day, one.key.product, one.key.slot) for one in group]
                assert order == sorted(order)
            resumed = list(uow.consumptions.by_household(DAY, last, after=HouseholdId("F10")))
            assert resumed == streamed[2:]

    def test_days_that_are_alike_are_counted_together(self, store: Store) -> None:
        homes = [HouseholdId(name) for name in ("F1", "É3")]
        days = [DAY + dt.timedelta(days=day) for day in range(6)]
        rows = [
            attrs.evolve(
                consumption(key(ChildId(f"E{n}"), day), homes[n % 2]),
                facts=tuple(FactId(f"f{day:%d}{fact}") for fact in range(n)),
                mode="annuel" if day.day % 3 else None,
            )
            for n in range(3)
            for day in days
        ]
        # Most days of a commune are like these: booked, attended, and nothing else to say but once.
        rows += [
            Consumption(
                key(ChildId("E0"), day, slot="midi"), homes[0], Outcome.AS_BOOKED, Booked.CONFIRMED, Seen.PRESENT,
                served="sans porc" if day.day % 2 else None,
            )
            for day in days
        ]  # fmt: skip
        rows.sort(key=lambda one: one.key)
        with store.unit() as uow:
            uow.consumptions.put(rows[::-1])
            uow.commit()
        with store.unit(write=False) as uow:
            assert uow.consumptions.households(DAY, DAY) == tuple(sorted(homes))
            assert uow.consumptions.households(days[-1] + dt.timedelta(days=1), dt.date.max) == ()
            last = days[-2]
            found = uow.consumptions.groups([*homes, HouseholdId("nobody")], DAY, last)
            kept = {home: [one for one in rows if one.household == home and one.key.day <= last] for home in homes}
            assert found == {home: group_consumptions(kept[home]) for home in sorted(homes)}
            for home, groups in found.items():
                each = [one for group in groups for one in group.each()]
                assert sorted(each, key=lambda one: one.key) == kept[home]
                assert len(groups) < len(each)
