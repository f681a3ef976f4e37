"""Records: models saved over the version that was read, found by key and by owner."""

from __future__ import annotations

import attrs
import pytest

from periscolaire.billing import Issuer
from periscolaire.errors import ConflictError, NotFoundError
from periscolaire.ids import ChildId
from periscolaire.messages import ContactPage
from periscolaire.ports import JOURNALS, RECORDS, Store, Stored, stamped
from periscolaire.testing._stored_samples import CONTACTS, FACTS, ISSUER, MODELS

__all__ = ["RecordPromises"]


class RecordPromises:
    """Records: models saved over the version that was read, found by key and by owner."""

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
