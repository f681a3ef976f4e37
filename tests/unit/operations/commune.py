"""A small commune for tests of billing: two households of a child each, and a clock that goes on."""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence

from periscolaire.access import Role, StaffActor
from periscolaire.attendance import Presence
from periscolaire.billing import EVERYTHING, Invoice, Selection
from periscolaire.booking import Line, SlotKey
from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.households import Child, DatedFact, Household, Member
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.operations import (
    BookingRequest,
    decide_requests,
    publish_reglement,
    record_facts,
    record_presences,
    run_billing,
)
from periscolaire.ports import Store

CLERK = StaffActor("1", frozenset({Role.ADMINISTRATOR}))
BEGINS = dt.datetime(2025, 9, 1, 8, tzinfo=dt.UTC)
SITES = {"A": "Les Tilleuls", "B": "Le Bourg"}


class Commune:
    """Two households of a child each, at two sites, and a clock that goes on."""

    def __init__(self, store: Store, rules: str) -> None:
        self.store, self.count = store, itertools.count(1)
        with store.unit() as uow:
            publish_reglement(rules, uow, actor=CLERK, now=BEGINS)
            for home, site in SITES.items():
                child = ChildId(home + "1")
                uow.children.save(Child(child, home, "Camille", dt.date(2017, 1, 1)))
                uow.households.save(Household(HouseholdId(home), home, members=(Member(child),)))
                fact = DatedFact(child, "site", site, dt.date(2025, 9, 1), None, BEGINS)
                record_facts([fact], uow, actor=CLERK, at=BEGINS, channel="guichet")
            uow.commit()

    def now(self) -> dt.datetime:
        return BEGINS + dt.timedelta(minutes=next(self.count))

    def eat(self, home: str, product: str, *days: dt.date, present: bool = True) -> None:
        with self.store.unit() as uow:
            for day in days:
                at = self.now()
                slot = SlotKey(ChildId(home + "1"), ProductCode(product), day)
                record_presences([Presence(FactId(at.isoformat()), slot, present, at, "agent")], uow, actor=CLERK)
            uow.commit()

    def bill(self, period: Span, asked: Selection = EVERYTHING) -> list[Invoice]:
        known = len(self.invoices())
        issued_on = period.last + dt.timedelta(days=1)
        run_billing(period, self.store, actor=CLERK, issued_on=issued_on, now=self.now(), selection=asked)
        return self.invoices()[known:]

    def invoices(self) -> list[Invoice]:
        with self.store.unit(write=False) as uow:
            found = [stored.model for stored in uow.invoices.stream()]
        return sorted(found, key=lambda one: (one.issued_on, one.series, one.number))

    def book(self, home: str, product: str, days: Sequence[dt.date], action: Action = Action.BOOK) -> None:
        with self.store.unit() as uow:
            at = self.now()
            lines = [Line(action, SlotKey(ChildId(home + "1"), ProductCode(product), day)) for day in days]
            decisions = decide_requests([BookingRequest(line, at) for line in lines], uow, actor=CLERK)
            assert not any(one.verdict.refused for one in decisions), decisions
            uow.commit()
