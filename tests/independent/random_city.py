"""A city drawn at random, and what its families owe, computed by another hand: imports nothing of the package.

Its règlement is :data:`RULES` for the package, and these sentences for the other hand:

- canteen (Monday, Tuesday, Thursday, Friday when there is school; paid as consumed): booked until the day before at
  10:00, then until 9:00 of the day for 1.50 more; cancelled free until the day before at 10:00, later due. By quotient:
  up to 600: 1.00; up to 1200: 2.85; above, or without quotient: 4.10. A meal not booked costs twice as much;
- evening care (same days; paid as consumed): booked and cancelled until the day before at 18:00, later neither. 1.60
  for residents, 2.40 otherwise; 5.00 when it was not booked;
- Wednesdays (paid at booking): booked until the end of the seventh day before, cancelled until the end of the third,
  later due. 1.23 % of the quotient, at least 5.00 and at most 14.00 (without quotient too); 16.00 when not booked;
- an absence is due as if the child had come, unless a proof was accepted, which speaks of all that the child misses
  that day; who comes after cancelling too late pays as
  booked;
- a quotient counts from the first of the month after it was declared, cut to the whole number below.

Everything is done the slow way, a day and a child at a time, in cents.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

RULES = """
format = 1
commune = "Ville au hasard"
version = "2025-2026"
en_vigueur = "2025-09-01"
zone = "B"

[quotient]
lecture = "entier inférieur"
effet = "mois suivant"

[[produits]]
code = "cantine"
jours = "lundi, mardi, jeudi, vendredi"
paiement = "C"
reservation = "la veille 10:00 ; puis le jour même 9:00 : +1,50"
annulation = "la veille 10:00 ; puis sans limite : dû"

[produits.prix]
selon = "quotient"
tranches = [{ jusqu_a = 600, prix = "1,00" }, { jusqu_a = 1200, prix = "2,85" }, { prix = "4,10" }]
sans = "tranche la plus haute"
non_prevu = "×2"
absence_injustifiee = "prix de la prestation"

[produits.absence]
lignes = [{ si = { preuve = "acceptée" }, effet = "non dû" }, { effet = "dû" }]

[[produits]]
code = "garderie"
jours = "lundi, mardi, jeudi, vendredi"
paiement = "C"
reservation = "la veille 18:00"
annulation = "la veille 18:00"

[produits.prix]
lignes = [{ si = { resident = true }, prix = "1,60" }, { prix = "2,40" }]
non_prevu = "5,00"
absence_injustifiee = "prix de la prestation"

[produits.absence]
lignes = [{ si = { preuve = "acceptée" }, effet = "non dû" }, { effet = "dû" }]

[[produits]]
code = "mercredi"
jours = "mercredis"
paiement = "R facture"
reservation = "7 jours avant"
annulation = "3 jours avant ; puis sans limite : dû"

[produits.prix]
taux = "0,0123"
de = "quotient"
mini = "5,00"
maxi = "14,00"
sans = "14,00"
non_prevu = "16,00"
absence_injustifiee = "prix de la prestation"

[produits.absence]
lignes = [{ si = { preuve = "acceptée" }, effet = "non dû" }, { effet = "dû" }]
"""

PARIS = ZoneInfo("Europe/Paris")
FIRST, LAST = dt.date(2025, 11, 3), dt.date(2025, 12, 12)
#: The only day without school between them.
ARMISTICE = dt.date(2025, 11, 11)
DAY = dt.timedelta(days=1)


@dataclass
class Stay:
    """All that happens to one child, one product and one day."""

    child: str
    product: str
    day: dt.date
    booked_at: dt.datetime | None = None
    cancelled_at: dt.datetime | None = None
    present: bool = False
    proof: str | None = None
    proof_received: dt.datetime | None = None


@dataclass
class Home:
    """A household: its quotient (and the one it declares on a day), where it lives, its children."""

    code: str
    resident: bool
    quotient: Decimal | None
    declared_on: dt.date | None
    declared: Decimal | None
    children: list[str] = field(default_factory=list)


@dataclass
class City:
    """What was drawn."""

    homes: list[Home]
    stays: list[Stay]


def opens(product: str, day: dt.date) -> bool:
    weekdays = {2} if product == "mercredi" else {0, 1, 3, 4}
    return day.weekday() in weekdays and day != ARMISTICE


def draw(seed: int, households: int) -> City:
    """A city; its instants fall around every limit, on both sides and at the very minute."""
    dice = random.Random(seed)
    homes, stays = [], []
    for number in range(1, households + 1):
        home = Home(
            f"F{number:03}",
            dice.random() < 0.7,
            Decimal(dice.choice((0, 600, 601, 1200, 1201, dice.randrange(2000)))) + Decimal(dice.randrange(100)) / 100
            if dice.random() < 0.9
            else None,
            None,
            None,
        )
        if dice.random() < 0.3:
            home.declared_on = dt.date(2025, 11, dice.randrange(3, 29))
            home.declared = Decimal(dice.randrange(2000))
        home.children = [f"{home.code}-{rank}" for rank in range(1, dice.choice((2, 2, 3, 4)))]
        homes.append(home)
        for child in home.children:
            for product in ("cantine", "garderie", "mercredi"):
                stays += [
                    stay
                    for offset in range((LAST - FIRST).days + 1)
                    if opens(product, day := FIRST + offset * DAY)
                    and dice.random() < 0.5
                    and (stay := _stay(dice, child, product, day)) is not None
                ]
    return City(homes, stays)


def _stay(dice: random.Random, child: str, product: str, day: dt.date) -> Stay | None:
    stay = Stay(child, product, day)
    limits = {"cantine": ((1, 10), (0, 9)), "garderie": ((1, 18),), "mercredi": ((6, 0), (2, 0))}[product]
    if dice.random() < 0.93:
        stay.booked_at = _around(dice, day, limits)
        if dice.random() < 0.15:
            stay.cancelled_at = max(stay.booked_at + dt.timedelta(minutes=5), _around(dice, day, limits))
    stay.present = dice.random() < (0.85 if stay.booked_at is not None else 0.5)
    if not stay.present and dice.random() < 0.3:
        stay.proof = dice.choice(("acceptée", "acceptée", "refusée"))
        stay.proof_received = dt.datetime.combine(day + dice.randrange(1, 5) * DAY, dt.time(18), tzinfo=PARIS)
    return stay if stay.booked_at is not None or stay.present else None


def _around(dice: random.Random, day: dt.date, limits: tuple[tuple[int, int], ...]) -> dt.datetime:
    """Long before, or within minutes of one of the limits, or exactly on it."""
    if dice.random() < 0.6:
        return dt.datetime.combine(day - dice.randrange(9, 20) * DAY, dt.time(dice.randrange(7, 22), 30), tzinfo=PARIS)
    before, hour = dice.choice(limits)
    at = dt.datetime.combine(day - before * DAY, dt.time(hour), tzinfo=PARIS)
    return at + dt.timedelta(minutes=dice.choice((-90, -1, 0, 0, 1, 90)))


# -- what is owed -----------------------------------------------------------------------------------------------------


def at(day: dt.date, hour: int = 0) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour), tzinfo=PARIS)


def owed(city: City) -> tuple[dict[tuple[str, str, dt.date], int], set[tuple[str, str, dt.date]]]:
    """What each (child, product, day) costs in cents, once all is known; and the bookings that were refused."""
    home_of = {child: home for home in city.homes for child in home.children}
    proved = {(stay.child, stay.day) for stay in city.stays if stay.proof == "acceptée"}
    cents: dict[tuple[str, str, dt.date], int] = {}
    refused: set[tuple[str, str, dt.date]] = set()
    for stay in city.stays:
        key = (stay.child, stay.product, stay.day)
        booked, late = _booked(stay)
        if stay.booked_at is not None and not booked:
            refused.add(key)
        cancelled = _cancelled(stay) if booked else False
        amount = _price(stay, home_of[stay.child], booked and not cancelled, late, (stay.child, stay.day) in proved)
        if amount:
            cents[key] = amount
    return cents, refused


def _booked(stay: Stay) -> tuple[bool, bool]:
    """Whether the booking was accepted, and whether late."""
    if stay.booked_at is None:
        return False, False
    if stay.product == "cantine":
        if stay.booked_at < at(stay.day - DAY, 10):
            return True, False
        return stay.booked_at < at(stay.day, 9), True
    if stay.product == "garderie":
        return stay.booked_at < at(stay.day - DAY, 18), False
    return stay.booked_at < at(stay.day - 6 * DAY), False


def _cancelled(stay: Stay) -> bool:
    """Whether the day was taken off for nothing; a refused or a late cancellation leaves it due."""
    if stay.cancelled_at is None:
        return False
    limit = {"cantine": at(stay.day - DAY, 10), "garderie": at(stay.day - DAY, 18), "mercredi": at(stay.day - 2 * DAY)}
    return stay.cancelled_at < limit[stay.product]


def _price(stay: Stay, home: Home, booked: bool, late: bool, proved: bool) -> int:
    if not booked:
        return _unplanned(stay, home) if stay.present else 0
    if not stay.present and proved:
        return 0
    return _unit(stay, home) + (150 if late else 0)


def _unplanned(stay: Stay, home: Home) -> int:
    return {"cantine": 2 * _unit(stay, home), "garderie": 500, "mercredi": 1600}[stay.product]


def _unit(stay: Stay, home: Home) -> int:
    if stay.product == "garderie":
        return 160 if home.resident else 240
    quotient = _quotient(home, stay.day)
    if stay.product == "cantine":
        if quotient is None:
            return 410
        return 100 if quotient <= 600 else 285 if quotient <= 1200 else 410
    if quotient is None:
        return 1400
    exact = Decimal("0.0123") * quotient
    return int((min(max(exact, Decimal(5)), Decimal(14)) * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _quotient(home: Home, day: dt.date) -> int | None:
    """The whole quotient that counts on a day: what was declared in November counts from December on."""
    value = home.declared if home.declared is not None and day >= dt.date(2025, 12, 1) else home.quotient
    return None if value is None else int(value)
