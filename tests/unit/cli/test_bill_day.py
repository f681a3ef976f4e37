"""The day of issue is that of the commune, far from Greenwich too."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.cli.billing._bill import today
from periscolaire.operations import publish_reglement
from periscolaire.storage import MemoryStore

NEW_YEAR_S_EVE = dt.datetime(2026, 12, 31, 22, 30, tzinfo=dt.UTC)

PRODUCT = (
    '[[produits]]\ncode = "cantine"\njours = "lundi"\nreservation = "la veille"\nannulation = "la veille"\nprix = "4"\n'
)


@pytest.mark.parametrize(
    ("place", "day"),
    [('territoire = "Nouvelle-Calédonie"', dt.date(2027, 1, 1)), ('zone = "B"', dt.date(2026, 12, 31))],
)
def test_invoices_bear_the_day_that_it_is_in_the_commune(place: str, day: dt.date) -> None:
    text = f'format = 1\ncommune = "Essai"\nversion = "v1"\nen_vigueur = "2026-01-01"\n{place}\n' + PRODUCT
    store = MemoryStore()
    with store.unit() as uow:
        clerk = StaffActor("régie", frozenset({Role.ADMINISTRATOR}))
        publish_reglement(text, uow, actor=clerk, now=NEW_YEAR_S_EVE)
        uow.commit()
    assert today(store, NEW_YEAR_S_EVE) == day
