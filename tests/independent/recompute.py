"""Le Langon, one month, computed again by another hand: imports nothing of the package.

Reads the CSV files of ``examples/le-langon`` and knows the règlement only as prose facts (the commune's page, read for
the school year 2023-2024, https://www.lelangon85.fr/vie-scolaire-enfance/le-restaurant-scolaire/):

- the canteen runs on Monday, Tuesday, Thursday and Friday when there is school;
- booking: until the Monday (included) of the week before; later, the meal costs 3.90 whatever the quotient;
- absence: told 72 hours before, counted back from midnight as the day of the meal begins; otherwise the meal is due,
  unless a medical or administrative proof is accepted;
- prices by quotient (whole number below): up to 1500: 0.95; up to 3000: 1.00; above, or without quotient: 3.00;
- a presence that was not booked: 3.90; a meal cancelled too late is due, and may as well be eaten;
- a quotient declared during a month applies from the first of the next; a foster child has its own.

Everything is done the slow way, a day and a child at a time, in cents.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
FIRST, LAST = dt.date(2025, 11, 1), dt.date(2025, 11, 30)
#: Zone B, 2025-2026: All Saints' holidays begin after class on Saturday 18 October, school again on 3 November.
NO_SCHOOL = {dt.date(2025, 10, 18) + dt.timedelta(days=n) for n in range(16)}
PUBLIC_HOLIDAYS = {dt.date(2025, 11, 1), dt.date(2025, 11, 11)}
CANTEEN_WEEKDAYS = {0, 1, 3, 4}
REPLACEMENT = 390


def rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def is_open(day: dt.date) -> bool:
    return day.weekday() in CANTEEN_WEEKDAYS and day not in NO_SCHOOL and day not in PUBLIC_HOLIDAYS


def midnight(day: dt.date) -> float:
    """The instant at which ``day`` begins in Paris, as seconds since the epoch."""
    return dt.datetime.combine(day, dt.time(0), tzinfo=PARIS).timestamp()


def booking_limit(day: dt.date) -> float:
    monday_before = day - dt.timedelta(days=day.weekday() + 7)
    return midnight(monday_before + dt.timedelta(days=1))


def absence_limit(day: dt.date) -> float:
    return midnight(day - dt.timedelta(days=3))


def band(quotient: int | None) -> int:
    if quotient is None or quotient > 3000:
        return 300
    return 95 if quotient <= 1500 else 100


@dataclass
class Meal:
    booked_late: bool | None = None  # None: not booked
    cancelled_late: bool = False


@dataclass
class Month:
    """What must come out: refusals by line of ``demandes.csv``, cents by household, child and day."""

    refused: dict[int, str] = field(default_factory=dict)
    already: set[int] = field(default_factory=set)
    late: dict[int, str] = field(default_factory=dict)
    cents: dict[tuple[str, dt.date], int] = field(default_factory=dict)
    outcome: dict[tuple[str, dt.date], str] = field(default_factory=dict)
    by_household: dict[str, int] = field(default_factory=lambda: defaultdict(int))


def recompute(folder: Path) -> Month:
    month = Month()
    children = {row["enfant"]: row for row in rows(folder, "enfants.csv")}
    meals: dict[tuple[str, dt.date], Meal] = defaultdict(Meal)

    requests = list(enumerate(rows(folder, "demandes.csv"), start=2))
    for line, row in sorted(requests, key=lambda item: (dt.datetime.fromisoformat(item[1]["instant"]), item[0])):
        at = dt.datetime.fromisoformat(row["instant"])
        day = dt.date.fromisoformat(row["jour"])
        meal = meals[row["enfant"], day]
        if row["action"] == "réserver" and meal.booked_late is not None and not meal.cancelled_late:
            month.already.add(line)
        elif not is_open(day):
            month.refused[line] = "closed"
        elif at.timestamp() >= midnight(day + dt.timedelta(days=1)):
            month.refused[line] = "past"
        elif row["action"] == "réserver":
            meal.booked_late = at.timestamp() >= booking_limit(day)
            meal.cancelled_late = False
            if meal.booked_late:
                month.late[line] = "booked late"
        elif meal.booked_late is None or meal.cancelled_late:
            month.refused[line] = "nothing to cancel"
        elif at.timestamp() < absence_limit(day):
            meal.booked_late = None
        else:
            meal.cancelled_late = True
            month.late[line] = "cancelled late"

    present = {
        (row["enfant"], dt.date.fromisoformat(row["jour"])): row["present"] == "oui"
        for row in rows(folder, "pointages.csv")
    }
    proven: set[tuple[str, dt.date]] = set()
    for row in rows(folder, "justificatifs.csv"):
        if row["etat"] != "acceptée":
            continue
        day = dt.date.fromisoformat(row["du"])
        while day <= dt.date.fromisoformat(row["au"]):
            proven.add((row["enfant"], day))
            day += dt.timedelta(days=1)

    quotients: dict[str, list[tuple[dt.date, str]]] = defaultdict(list)
    for row in rows(folder, "foyers.csv"):
        quotients[row["foyer"]].append((dt.date.fromisoformat(row["depuis"]), row["quotient"]))
    for row in rows(folder, "faits.csv"):
        recorded = dt.date.fromisoformat(row["enregistre_le"][:10])
        next_month = (recorded.replace(day=28) + dt.timedelta(days=4)).replace(day=1)
        quotients[row["sujet"]].append((next_month, row["valeur"]))

    def quotient(child: str, day: dt.date) -> int | None:
        known = quotients.get(child) or quotients.get(children[child]["foyer"], [])
        applying = [value for applies, value in sorted(known) if applies <= day]
        return int(applying[-1].split(",")[0].split(".")[0]) if applying and applying[-1] else None

    for child, day in sorted(set(meals) | set(present)):
        if not (FIRST <= day <= LAST and is_open(day)):
            continue
        meal, came = meals[child, day], present.get((child, day), False)
        tariff = band(quotient(child, day))
        if meal.booked_late is None:
            outcome, cents = ("unplanned", REPLACEMENT) if came else ("none", 0)
        elif came or (child, day) not in proven:
            cents = REPLACEMENT if meal.booked_late else tariff
            outcome = "booked" if came else "late cancellation" if meal.cancelled_late else "absence"
        else:
            outcome, cents = "proven absence", 0
        if outcome != "none":
            month.outcome[child, day] = outcome
            month.cents[child, day] = cents
            month.by_household[children[child]["foyer"]] += cents
    return month
