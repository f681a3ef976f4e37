"""The period view of one child, read from the store of a commune of 2 000 children, as a portal asks for it.

    python bench/portal.py [children] [views]        default: 2000 200

Every child is booked for its canteen days of the month shown (about five weeks of a canteen with places, two
childcares and Wednesdays); reading the règlement is not counted, everything else is: opening the unit, the family, its
facts, reservations, places left, what may be done on each box, and prices estimated.
"""

from __future__ import annotations

import datetime as dt
import statistics
import sys
import tempfile
import time
from pathlib import Path

from booking_month import (  # type: ignore[import-not-found]  # the bench beside this one, found when run
    CANTEEN,
    EVENING,
    MONTH,
    PARIS,
    child,
    home,
    parent,
    rules,
)

from periscolaire.booking import Basket, period_view
from periscolaire.calendar import ClassDays
from periscolaire.households import Child, Grade, Household, Member, Schooling
from periscolaire.ids import Key, SchoolCode
from periscolaire.operations import booking_context, validate
from periscolaire.storage import create_store

AT = dt.datetime(2026, 10, 26, 9, tzinfo=PARIS)


def main(children: int = 2000, views: int = 200) -> None:
    reglement = rules(children // 20)
    days = reglement.calendar.days(MONTH.first, MONTH.last, open_days=ClassDays())
    with tempfile.TemporaryDirectory() as folder:
        store = create_store(Path(folder) / "commune.db")
        with store.unit() as uow:
            for number in range(children):
                school = Schooling(dt.date(2026, 9, 1), dt.date(2027, 8, 31), SchoolCode(f"e{number % 8}"), Grade.CE1)
                born = dt.date(2018, 5, 1)
                uow.children.save(Child(child(number), f"Nom{number}", "Enfant", born, schoolings=(school,)))
                uow.households.save(Household(home(number), f"Nom{number}", members=(Member(child(number)),)))
            uow.commit()
        for number in range(children):
            basket = Basket.of(home(number))
            for day in days:
                basket = basket.book(child(number), CANTEEN, day)
                if number % 3 == 0:
                    basket = basket.book(child(number), EVENING, day)
            with store.unit() as uow:
                validate(basket, uow, actor=parent(number), key=Key(f"m{number}"), at=AT, reglement=reglement)
        later = AT + dt.timedelta(days=8)
        read, painted = [], []
        for turn in range(views):
            number = turn * 7919 % children
            begun = time.process_time()
            with store.unit(write=False) as uow:
                context = booking_context(
                    uow, home(number), reglement=reglement, span=MONTH, children=[child(number)]
                )  # fmt: skip
            known = time.process_time()
            view = period_view(reglement, child(number), MONTH.first, MONTH.last, context, later)
            read.append(known - begun)
            painted.append(time.process_time() - known)
        boxes = sum(len(day.cells) for week in view.weeks for day in week.days)
        whole = [one + other for one, other in zip(read, painted, strict=True)]
        print(f"{children} children, {views} period views of {boxes} boxes, one store, processor time in ms")
        for label, times in (("read from the store", read), ("checked and painted", painted), ("whole view", whole)):
            ordered = sorted(times)
            print(f"{label:20} median {statistics.median(times) * 1e3:5.2f}   95 % under "
                  f"{ordered[int(len(ordered) * 0.95)] * 1e3:5.2f}")  # fmt: skip
        store.close()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
