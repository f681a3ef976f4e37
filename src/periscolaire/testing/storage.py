"""The conformance suite of stores: what every adapter must do, to be run against one's own.

Derive from :class:`StoreConformance` in a test module and give it a fixture ``store`` that yields a new, empty store::

    class TestMine(StoreConformance):
        @pytest.fixture
        def store(self) -> Iterator[Store]:
            store = MyStore(...)
            yield store
            store.close()
"""

from __future__ import annotations

import concurrent.futures
import datetime as dt
import hashlib
from collections.abc import Iterator

import attrs
import pytest

from periscolaire.attendance import Consumption
from periscolaire.billing import Issuer, group_consumptions
from periscolaire.booking import SlotKey
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.ids import ChildId, FactId, HouseholdId, Key, ProductCode
from periscolaire.messages import ContactPage
from periscolaire.ports import JOURNALS, RECORDS, PublishedReglement, Store, Stored, UnitOfWork, stamped
from periscolaire.testing._stored_samples import AT, CONTACTS, DAY, FACTS, ISSUER, MODELS, consumption, key, reservation

__all__ = ["StoreConformance"]

_NEXT_DAY = DAY + dt.timedelta(days=1)
_CANTEEN = ProductCode("cantine")


def _reglement(version: str, first: dt.date, last: dt.date | None, text: str = "format = 1\n") -> PublishedReglement:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return PublishedReglement(version, "Le Langon", text, digest, first, last, AT, "agent")


class StoreConformance:
    """Promises of a store, one test each; a subclass supplies the fixture ``store``."""

    @pytest.fixture
    def store(self) -> Iterator[Store]:
        """A new, empty store."""
        raise NotImplementedError("give your own `store` fixture")

    # A unit of work

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

    # Journals

    @pytest.mark.parametrize("name", JOURNALS)
    def test_facts_come_back_as_they_were_recorded(self, store: Store, name: str) -> None:
        first, second, other = FACTS[name]
        kind = JOURNALS[name]
        with store.unit() as uow:
            journal = getattr(uow, name)
            journal.append([first])
            journal.append(iter((other, second)))
            uow.commit()
        with store.unit(write=False) as uow:
            journal = getattr(uow, name)
            owned = [fact for fact in (first, other, second) if kind.owner(fact) == kind.owner(first)]
            assert journal.of(kind.owner(first)) == tuple(owned)
            assert list(journal.stream()) == sorted((first, other, second), key=kind.owner)
            assert journal.of("somebody else") == ()
            assert len(journal) == 3

    @pytest.mark.parametrize("name", [name for name, kind in JOURNALS.items() if kind.id is not None])
    def test_a_fact_with_a_known_identifier_is_a_conflict(self, store: Store, name: str) -> None:
        with store.unit() as uow:
            getattr(uow, name).append(FACTS[name])
            uow.commit()
        with pytest.raises(ConflictError), store.unit() as uow:
            getattr(uow, name).append(FACTS[name][1:2])
        with store.unit(write=False) as uow:
            assert len(getattr(uow, name)) == 3

    def test_facts_are_found_by_the_days_that_they_touch(self, store: Store) -> None:
        spans = {"d1": (DAY, DAY), "d2": (DAY, None), "d3": (_NEXT_DAY, _NEXT_DAY)}
        facts = [
            attrs.evolve(FACTS["dated_facts"][0], id=FactId(name), first_day=first, last_day=last)
            for name, (first, last) in spans.items()
        ]
        owner = facts[0].subject
        with store.unit() as uow:
            uow.dated_facts.append(facts)

            def found(first: dt.date | None, last: dt.date | None) -> list[str | None]:
                assert list(uow.dated_facts.stream(first, last)) == list(uow.dated_facts.of(owner, first, last))
                return [fact.id for fact in uow.dated_facts.of(owner, first, last)]

            assert found(DAY, DAY) == ["d1", "d2"]
            assert found(_NEXT_DAY, None) == ["d2", "d3"]
            assert found(None, DAY - dt.timedelta(days=1)) == []
            assert found(None, None) == ["d1", "d2", "d3"]

    def test_facts_without_a_day_are_read_without_bounds_only(self, store: Store) -> None:
        with store.unit() as uow:
            uow.consents.append(FACTS["consents"])
            assert list(uow.consents.stream(DAY, None)) == []
            assert len(list(uow.consents.stream())) == 3

    def test_a_journal_tells_what_was_recorded_since_a_mark(self, store: Store) -> None:
        eve, one, two, home = DAY - dt.timedelta(days=1), ChildId("E1"), ChildId("E2"), HouseholdId("F1")
        first, *later = (
            attrs.evolve(FACTS["dated_facts"][0], id=FactId(f"d{number}"), subject=subject, first_day=day)
            for number, (subject, day) in enumerate(
                ((one, eve), (two, eve), (one, _NEXT_DAY), (one, DAY), (home, _NEXT_DAY))
            )
        )
        with store.unit() as uow:
            journal = uow.dated_facts
            assert journal.mark() == 0
            journal.append([first])
            mark = journal.mark()
            assert journal.recorded_since(mark, dt.date.max) == {}
            journal.append(later)
            assert journal.mark() > mark
            assert journal.recorded_since(mark, _NEXT_DAY) == {two: eve, one: DAY}
            assert journal.recorded_since(0, dt.date.max) == {one: eve, two: eve, home: _NEXT_DAY}
            journal.forget(one)
            assert journal.recorded_since(mark, dt.date.max) == {two: eve, home: _NEXT_DAY}

    @pytest.mark.parametrize("name", ["consents", "presences"])
    def test_forgotten_facts_are_gone(self, store: Store, name: str) -> None:
        owner = JOURNALS[name].owner(FACTS[name][0])
        with store.unit() as uow:
            journal = getattr(uow, name)
            journal.append(FACTS[name])
            uow.commit()
            assert journal.forget(owner) == 2
            assert journal.of(owner) == ()
            uow.rollback()
            assert len(journal) == 3
            assert journal.forget(owner) == 2
            journal.append(FACTS[name][:1])
            assert journal.forget("nobody") == 0
            assert len(journal) == 2

    def test_many_facts_go_in_at_once(self, store: Store) -> None:
        facts = [attrs.evolve(FACTS["presences"][0], id=FactId(f"p{n:05}")) for n in range(6000)]
        with store.unit() as uow:
            uow.presences.append(facts)
            uow.commit()
        with store.unit(write=False) as uow:
            assert list(uow.presences.stream()) == facts

    # Records

    @pytest.mark.parametrize("name", MODELS)
    def test_models_come_back_as_they_were_saved(self, store: Store, name: str) -> None:
        first, second = MODELS[name]
        kind = RECORDS[name]
        with store.unit() as uow:
            records = getattr(uow, name)
            assert (records.save(second), records.save(first)) == (1, 1)
            uow.commit()
        with store.unit(write=False) as uow:
            records = getattr(uow, name)
            assert records.get(kind.key(first)) == Stored(stamped(first, 1), 1)
            assert records.find(kind.key(second)) == Stored(stamped(second, 1), 1)
            assert records.find("nobody") is None
            assert [stored.model for stored in records.stream()] == sorted((first, second), key=kind.key)
            for owner in kind.owners(first):
                assert first in [stored.model for stored in records.of(owner)]
            assert records.of("nobody") == ()
            assert len(records) == 2
            with pytest.raises(NotFoundError):
                records.get("nobody")

    @pytest.mark.parametrize("name", MODELS)
    def test_many_models_go_in_and_come_back_at_once(self, store: Store, name: str) -> None:
        kind, models = RECORDS[name], MODELS[name]
        with store.unit() as uow:
            assert getattr(uow, name).add(models) == 2
            uow.commit()
        with pytest.raises(ConflictError), store.unit() as uow:
            getattr(uow, name).add(models[1:])
        with store.unit(write=False) as uow:
            records = getattr(uow, name)
            keys = [kind.key(one) for one in models]
            assert records.find_many([*keys, "nobody"]) == {each: records.get(each) for each in keys}
            ties = sorted({(owner, kind.key(one)) for one in models for owner in kind.owners(one)})
            assert list(records.ties()) == ties
            owners = sorted({owner for owner, _ in ties})
            assert records.of_many([*owners, "nobody"]) == {owner: records.of(owner) for owner in owners}
            of_each = {owner: tuple(each for one, each in ties if one == owner) for owner in owners}
            assert records.keys_of([*owners, "nobody"]) == of_each

    @pytest.mark.parametrize("name", FACTS)
    def test_the_facts_of_many_owners_come_at_once(self, store: Store, name: str) -> None:
        with store.unit() as uow:
            getattr(uow, name).append(FACTS[name])
            uow.commit()
        with store.unit(write=False) as uow:
            journal = getattr(uow, name)
            owners = sorted({JOURNALS[name].owner(fact) for fact in FACTS[name]})
            assert journal.of_many([*owners, "nobody"]) == {owner: journal.of(owner) for owner in owners}
            within = {owner: found for owner in owners if (found := journal.of(owner, DAY, DAY))}
            assert journal.of_many(owners, DAY, DAY) == within

    def test_invoices_are_numbered_when_they_are_kept(self, store: Store) -> None:
        first, second = MODELS["invoices"]
        second = attrs.evolve(second, series=first.series, fiscal_year=first.fiscal_year)
        with store.unit() as uow:
            written = [uow.invoices.write(one) for one in (first, second)]
            assert [one.payer for one in written] == [first.payer, second.payer]
            keys = uow.invoices.issue(written, 41)
            uow.commit()
        with pytest.raises(ConflictError), store.unit() as uow:
            uow.invoices.issue(written[:1], 42)
        with store.unit(write=False) as uow:
            assert [uow.invoices.get(each).model for each in keys] == [
                attrs.evolve(one, id=each, number=number)
                for one, each, number in zip((first, second), keys, (41, 42), strict=True)
            ]
            assert keys[0] in uow.invoices.keys_of([first.payer])[first.payer]

    def test_records_are_saved_only_over_the_version_that_was_read(self, store: Store) -> None:
        child = MODELS["children"][0]
        with store.unit() as uow:
            assert uow.children.save(child) == 1
            assert uow.children.save(attrs.evolve(child, usual_name="Ana"), 1) == 2
            uow.commit()
        for version in (0, 1, 3):
            with pytest.raises(ConflictError), store.unit() as uow:
                uow.children.save(child, version)
        with pytest.raises(ConflictError), store.unit() as uow:
            uow.children.save(MODELS["children"][1], 1)
        with store.unit(write=False) as uow:
            assert uow.children.get(child.id).version == 2
            assert uow.children.get(child.id).model.usual_name == "Ana"

    def test_records_follow_their_owners(self, store: Store) -> None:
        household = MODELS["households"][0]
        gone, stays = household.members
        with store.unit() as uow:
            uow.households.save(household)
            uow.households.save(attrs.evolve(household, members=(stays,)), 1)
            assert uow.households.of(gone.child) == ()
            assert len(uow.households.of(stays.child)) == 1

    def test_removed_records_are_gone(self, store: Store) -> None:
        wish = MODELS["wishes"][0]
        name = RECORDS["wishes"].key(wish)
        with store.unit() as uow:
            uow.wishes.save(wish)
            uow.wishes.remove(name, 1)
            assert uow.wishes.find(name) is None
            assert uow.wishes.of(wish.household) == ()
            assert uow.wishes.save(wish) == 1
            uow.commit()
        with pytest.raises(ConflictError), store.unit() as uow:
            uow.wishes.remove(name, 2)

    def test_forgotten_facts_are_gone_and_those_of_others_stay(self, store: Store) -> None:
        first, *others = FACTS["dated_facts"]
        with store.unit() as uow:
            uow.dated_facts.append(FACTS["dated_facts"])
            count = len(uow.dated_facts.of(first.subject))
            uow.commit()
        with store.unit() as uow:
            assert uow.dated_facts.forget(first.subject) == count
        with store.unit() as uow:
            assert len(uow.dated_facts.of(first.subject)) == count  # it was not committed
            uow.dated_facts.forget(first.subject)
            assert uow.dated_facts.forget(first.subject) == 0
            uow.commit()
        with store.unit(write=False) as uow:
            assert uow.dated_facts.of(first.subject) == ()
            assert len(uow.dated_facts) == 1 + len(others) - count

    def test_there_is_one_page_of_contacts(self, store: Store) -> None:
        with store.unit() as uow:
            uow.contact_pages.save(ContactPage())
            uow.contact_pages.save(CONTACTS, 1)
            assert uow.contact_pages.get("") == Stored(CONTACTS, 2)

    def test_there_is_one_issuer(self, store: Store) -> None:
        with store.unit() as uow:
            uow.issuers.save(Issuer("Mairie"))
            uow.issuers.save(ISSUER, 1)
            assert uow.issuers.get("") == Stored(ISSUER, 2)

    def test_every_kind_is_tried(self) -> None:
        assert set(FACTS) == set(JOURNALS)
        assert {*MODELS, "contact_pages", "issuers"} == set(RECORDS)

    def test_keys_sort_by_code_point(self, store: Store) -> None:
        names = ["E 1", "E1", "e1", "É1", "Z1", "f1", "œ1"]
        with store.unit() as uow:
            for name in reversed(names):
                uow.children.save(attrs.evolve(MODELS["children"][0], id=ChildId(name)))
            assert [stored.model.id for stored in uow.children.stream()] == sorted(names)

    # Reservations and consumptions

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

    # Places

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

    # Numbers, keys, versions of the règlement

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

    # Helpers

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
