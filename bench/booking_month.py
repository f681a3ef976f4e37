"""A month of reservations in a commune of 2 000 children on one SQLite file, with its figures.

    python bench/booking_month.py [children] [processes]

Families book the whole month, some at the very instants of the limits; several processes race for the last places of
a holiday centre; the commune closes a day; a waiting list moves; the school year turns. The laws are checked on the
file at the end. Times are of the clock on the wall, and of the processor where the machine may be shared.
"""

from __future__ import annotations

import datetime as dt
import itertools
import multiprocessing
import statistics
import sys
import tempfile
import time
from pathlib import Path
from zoneinfo import ZoneInfo

from periscolaire.access import FamilyActor, Role, StaffActor
from periscolaire.attendance import Closure
from periscolaire.booking import (
    Attribution,
    Basket,
    CheckPolicy,
    SlotKey,
    State,
    fold_all,
    period_view,
)
from periscolaire.calendar import ClassDays, Span, TermDays, Weekday
from periscolaire.catalogue import LimitRule, PlacesRule, Product, parse_limit
from periscolaire.households import Child, Grade, Household, Member, Schooling
from periscolaire.ids import AccountId, AdultId, ChildId, FactId, HouseholdId, Key, ProductCode, SchoolCode
from periscolaire.operations import booking_context, close_service, make_offers, turn_school_year, validate
from periscolaire.ports import Store
from periscolaire.reglement import CalendarSettings, Reglement
from periscolaire.storage import create_store, open_store

PARIS = ZoneInfo("Europe/Paris")
MONTH = Span(dt.date(2026, 11, 2), dt.date(2026, 11, 27))
RACE_DAY = dt.date(2026, 11, 18)
CANTEEN, MORNING, EVENING, CENTER = (ProductCode(code) for code in ("cantine", "matin", "soir", "centre"))
STAFF = StaffActor("mairie", frozenset({Role.BOOK, Role.ADMINISTRATOR}))


def rule(text: str) -> tuple[LimitRule, ...]:
    return (LimitRule(parse_limit(text)),)


def rules(places: int) -> Reglement:
    week = "jeudi de la semaine précédente 12:00 ; puis la veille 10:00 : +2,00"
    eve = "la veille"
    wednesdays = TermDays(frozenset({Weekday.WEDNESDAY}))
    return Reglement(
        commune="Grandbourg",
        version="2026-2027",
        first_day=dt.date(2026, 9, 1),
        settings=CalendarSettings(zone="B"),
        products=(
            Product(CANTEEN, "Cantine", ClassDays(), rule(week), rule("2 jours ouvrés avant 10:00"),
                    places=(PlacesRule(10_000),)),
            Product(MORNING, "Garderie du matin", ClassDays(), rule(eve), rule(eve)),
            Product(EVENING, "Garderie du soir", ClassDays(), rule(eve), rule(eve)),
            Product(CENTER, "Centre", wednesdays, rule("3 jours avant"), rule("3 jours avant"),
                    places=(PlacesRule(places),)),
        ),
    )  # fmt: skip


def parent(number: int) -> FamilyActor:
    return FamilyActor(AccountId(f"a{number}"), AdultId(f"p{number}"), frozenset({home(number)}))


def home(number: int) -> HouseholdId:
    return HouseholdId(f"h{number:05d}")


def child(number: int) -> ChildId:
    return ChildId(f"c{number:05d}")


def at(month: int, day: int, hour: int = 9) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, tzinfo=PARIS)


def race(task: tuple[str, int, int, int, int]) -> int:
    """One process of the race: books the centre for its share of the children; how many got a place."""
    path, first, step, children, places = task
    won, reglement = 0, rules(places)
    store = open_store(path)
    for number in range(first, children, step):
        basket = Basket.of(home(number)).book(child(number), CENTER, RACE_DAY)
        with store.unit() as uow:
            receipt = validate(
                basket, uow, actor=parent(number), key=Key(f"race{number}"), at=at(11, 2), reglement=reglement,
                policy=CheckPolicy(waiting=True),
            )  # fmt: skip
        won += any(line.status.name == "FIRM" for line in receipt.lines)
    store.close()
    return won


def around_the_limits(store: Store, children: int, reglement: Reglement) -> None:
    """The evening garderie and the canteen of one day, asked for a minute before and at each limit."""
    day = dt.date(2026, 11, 12)  # a Thursday: the canteen closes on Thursday 5 at 12:00, then on the eve at 10:00
    minute = dt.timedelta(minutes=1)
    limits = (at(11, 5, 12) - minute, at(11, 5, 12), at(11, 11, 10) - minute, at(11, 11, 10))
    said: dict[str, int] = {}
    for number in range(0, children, 10):
        instant = limits[number // 10 % len(limits)]
        cancel = Basket.of(home(number)).cancel(child(number), CANTEEN, day)
        again = Basket.of(home(number)).book(child(number), CANTEEN, day)
        for turn, (basket, when) in enumerate(((cancel, at(10, 27)), (again, instant))):
            with store.unit() as uow:
                receipt = validate(
                    basket, uow, actor=parent(number), key=Key(f"limit{number}/{turn}"), at=when, reglement=reglement
                )
        line = (*receipt.lines, *receipt.refused)[0]
        late = line.effect is not None and line.effect.price is not None
        word = "refused" if receipt.refused else "with a surcharge" if late else "in time"
        assert (word == "in time") == (instant < limits[1]), "the first limit is half-open"
        assert (word == "refused") == (instant >= limits[3]), "the second limit is half-open"
        said[word] = said.get(word, 0) + 1
    print("around the limits: " + ", ".join(f"{count} {word}" for word, count in sorted(said.items())))


def main(children: int = 2000, processes: int = 2) -> None:
    places = max(1, children // 20)
    reglement = rules(places)
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "commune.db")
        store = create_store(path)
        with store.unit() as uow:
            for number in range(children):
                school = Schooling(dt.date(2026, 9, 1), dt.date(2027, 8, 31), SchoolCode(f"e{number % 8}"), Grade.CE1)
                uow.children.save(Child(child(number), f"Nom{number}", "Enfant", dt.date(2018, 5, 1),
                                        schoolings=(school,)))  # fmt: skip
                uow.households.save(Household(home(number), f"Nom{number}", members=(Member(child(number)),)))
            uow.commit()

        start, booked = time.perf_counter(), 0
        quarters, worked = [], time.process_time()
        days = reglement.calendar.days(MONTH.first, MONTH.last, open_days=ClassDays())
        for number in range(children):
            basket = Basket.of(home(number))
            for day in days:
                basket = basket.book(child(number), CANTEEN, day)
                if number % 3 == 0:
                    basket = basket.book(child(number), EVENING, day)
            with store.unit() as uow:
                receipt = validate(
                    basket, uow, actor=parent(number), key=Key(f"month{number}"), at=at(10, 26), reglement=reglement
                )
            booked += len(receipt.lines)
            if number % (children // 4 or 1) == 0:
                quarters.append((booked, time.process_time()))
        quarters.append((booked, time.process_time()))
        spent, worked = time.perf_counter() - start, time.process_time() - worked
        print(f"{children} baskets, {booked} bookings in {spent:.1f} s: {booked / spent:.0f} bookings/s", end="")
        print(f" ({booked / worked:.0f}/s of processor; by quarter:", end=" ")
        rates = [(b - a) / (u - t) for (a, t), (b, u) in itertools.pairwise(quarters) if b > a]
        print(", ".join(f"{rate:.0f}" for rate in rates) + ")")
        around_the_limits(store, children, reglement)

        start = time.perf_counter()
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            won = sum(pool.map(race, [(path, n, processes, children, places) for n in range(processes)]))
        spent = time.perf_counter() - start
        print(f"race of {processes} processes, {children} families for {places} places: {won} got one, {spent:.1f} s")

        times, worked_times = [], []
        with store.unit(write=False) as uow:
            for number in range(0, children, max(1, children // 50)):
                begun, worked = time.perf_counter(), time.process_time()
                context = booking_context(uow, home(number), reglement=reglement, span=MONTH)
                view = period_view(reglement, child(number), MONTH.first, MONTH.last, context, at(11, 3))
                times.append(time.perf_counter() - begun)
                worked_times.append(time.process_time() - worked)
        boxes = sum(len(day.cells) for week in view.weeks for day in week.days)
        print(
            f"period view of one child from the store, {boxes} boxes: median {statistics.median(times) * 1e3:.1f} ms",
            end="",
        )
        print(f", {statistics.median(worked_times) * 1e3:.1f} ms of processor, best {min(times) * 1e3:.1f} ms")

        closure = Closure(FactId("neige"), dt.date(2026, 11, 10), dt.date(2026, 11, 10), "neige", at(11, 9), "mairie")
        begun = time.perf_counter()
        with store.unit() as uow:
            closed = close_service(closure, uow, actor=STAFF, at=at(11, 9), reglement=reglement)
        print(f"closure of a day: {len(closed.touched)} bookings withdrawn in {time.perf_counter() - begun:.1f} s")

        winners = [n for n in range(children) if _state(store, n) is State.CONFIRMED][:5]
        with store.unit() as uow:
            for number in winners:
                cancel = Basket.of(home(number)).cancel(child(number), CENTER, RACE_DAY)
                validate(cancel, uow, actor=parent(number), key=Key(f"off{number}"), at=at(11, 3), reglement=reglement)
            offered = make_offers(
                CENTER, RACE_DAY, uow, actor=STAFF, at=at(11, 3), reglement=reglement, attribution=Attribution(),
                hold=dt.timedelta(hours=48), last=at(11, 14),
            )  # fmt: skip
        print(f"waiting list: {len(winners)} places freed, {len(offered)} offered")

        with store.unit() as uow:
            this = reglement.calendar.school_year(dt.date(2026, 11, 2))
            following = reglement.calendar.school_year(this.last_day + dt.timedelta(days=1))
            begun = time.perf_counter()
            turn = turn_school_year(
                uow, actor=STAFF, at=at(11, 3), old=this, new=following, reglement=reglement, dry_run=False
            )
        print(f"turn of the year: {len(turn.promotions)} children go up in {time.perf_counter() - begun:.1f} s")

        with store.unit(write=False) as uow:
            stored = {one.key: one for one in uow.reservations.stream(MONTH.first, MONTH.last)}
            rebuilt = fold_all(uow.booking_changes.stream(MONTH.first, MONTH.last))
            held = sum(one.holds_place and one.key.product == CENTER for one in stored.values())
            taken = uow.places.taken([f"{CENTER}/{RACE_DAY.isoformat()}"])[f"{CENTER}/{RACE_DAY.isoformat()}"]
        assert stored == rebuilt, "what is stored is not what the facts fold to"
        assert won == min(places, children), "the race sold more or fewer places than there are"
        assert held == taken <= places, "places do not agree with reservations"
        print("laws hold: stored = rebuilt, no place above the maximum, places = reservations")


def _state(store: object, number: int) -> State | None:
    with store.unit(write=False) as uow:  # type: ignore[attr-defined]  # any store
        found = uow.reservations.find(SlotKey(child(number), CENTER, RACE_DAY))
        return found.model.state if found is not None else None


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:]))
