"""Journals: facts are appended, found again, never rewritten."""

from __future__ import annotations

import datetime as dt

import attrs
import pytest

from periscolaire.errors import ConflictError
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.ports import JOURNALS, Store
from periscolaire.testing._stored_samples import DAY, FACTS

__all__ = ["JournalPromises"]

_NEXT_DAY = DAY + dt.timedelta(days=1)
_CANTEEN = ProductCode("cantine")


class JournalPromises:
    """Journals: facts are appended, found again, never rewritten."""

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
