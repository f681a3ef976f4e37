"""A city drawn at random, and what its families owe, computed by another hand: imports nothing of the package.

Its règlement is :data:`RULES` for the package, and these sentences for the other hand:

- canteen (Monday, Tuesday, Thursday, Friday when there is school; paid as consumed): booked until the day before at
  10:00, then until 9:00 of the day for 1.50 more; cancelled free until the day before at 10:00, later due. By quotient:
  up to 600: 1.00; up to 1200: 2.85; above, or without quotient: 4.10. A meal not booked costs twice as much;
- evening care (same days; paid as consumed): booked and cancelled until the day before at 18:00, later neither. 1.60
  for residents, 2.40 otherwise; 5.00 when it was not booked;
- Wednesdays (paid at booking): booked until the end of the seventh day before, cancelled until the end of the third,
  later due. 1.23 % of the quotient, at least 5.00 and at most 14.00 (without quotient too); 16.00 when not booked;
- homework club (same days; paid as consumed): 30.00 a month as soon as one day of it is due, booked or not; booked and
  cancelled until the day before at 18:00, later due;
- from the second child of the payer's household that comes that day, whatever it comes for, a meal costs half (and a
  meal that was not booked twice that half); the eldest, by code, pays the whole;
- a child of two households is of the first in even weeks, of the other in odd ones; each pays its own days, by its own
  quotient and residence, and a whole month of homework club when one of its days is due;
- from 1 December the council's second version: see :data:`PRICES`;
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

TEMPLATE = """
format = 1
commune = "Ville au hasard"
version = "VERSION"
en_vigueur = "FROM"
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
tranches = [{ jusqu_a = 600, prix = "LOW" }, { jusqu_a = 1200, prix = "MIDDLE" }, { prix = "HIGH" }]
sans = "tranche la plus haute"
puis = [{ fois = "0,5", si = { rang = ">= 2" } }]
rangs = [{ parmi = "présents" }]
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
lignes = [{ si = { resident = true }, prix = "HERE" }, { prix = "ELSEWHERE" }]
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
maxi = "CEILING"
sans = "CEILING"
non_prevu = "16,00"
absence_injustifiee = "prix de la prestation"

[produits.absence]
lignes = [{ si = { preuve = "acceptée" }, effet = "non dû" }, { effet = "dû" }]

[[produits]]
code = "étude"
jours = "lundi, mardi, jeudi, vendredi"
paiement = "C"
reservation = "la veille 18:00"
annulation = "la veille 18:00"

[produits.prix]
prix = "MONTH"
assiette = { quand = "mois" }

[produits.absence]
lignes = [{ si = { preuve = "acceptée" }, effet = "non dû" }, { effet = "dû" }]
"""

#: Cents, before 1 December and since.
PRICES = (
    {"LOW": 100, "MIDDLE": 285, "HIGH": 410, "HERE": 160, "ELSEWHERE": 240, "CEILING": 1400, "MONTH": 3000},
    {"LOW": 115, "MIDDLE": 305, "HIGH": 425, "HERE": 175, "ELSEWHERE": 250, "CEILING": 1500, "MONTH": 3250},
)
CHANGE = dt.date(2025, 12, 1)


def rules(version: int) -> str:
    """The rules file of the first or the second version."""
    text = TEMPLATE.replace("VERSION", f"v{version + 1}").replace("FROM", "2025-12-01" if version else "2025-09-01")
    for name, cents in PRICES[version].items():
        text = text.replace(f'"{name}"', f'"{cents // 100},{cents % 100:02}"')
    return text


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
    misread: bool = False  # the first check said the contrary, and was corrected after the first invoices
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
    shared: dict[str, str] = field(default_factory=dict)  # children who spend odd weeks in another household


@dataclass
class City:
    """What was drawn."""

    homes: list[Home]
    stays: list[Stay]
    paid: dict[str, int]  # what each household pays after the first invoices, in cents


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
            for product in ("cantine", "garderie", "mercredi", "étude"):
                stays += [
                    stay
                    for offset in range((LAST - FIRST).days + 1)
                    if opens(product, day := FIRST + offset * DAY)
                    and dice.random() < 0.5
                    and (stay := _stay(dice, child, product, day)) is not None
                ]
    for home, other in zip(homes[::3], homes[1::3], strict=False):
        home.shared[home.children[-1]] = other.code
    return City(homes, stays, {home.code: dice.randrange(0, 9000) for home in homes if dice.random() < 0.7})


def _stay(dice: random.Random, child: str, product: str, day: dt.date) -> Stay | None:
    stay = Stay(child, product, day)
    limits = {"cantine": ((1, 10), (0, 9)), "garderie": ((1, 18),), "étude": ((1, 18),), "mercredi": ((6, 0), (2, 0))}[
        product
    ]
    if dice.random() < 0.93:
        stay.booked_at = _around(dice, day, limits)
        if dice.random() < 0.15:
            stay.cancelled_at = max(stay.booked_at + dt.timedelta(minutes=5), _around(dice, day, limits))
    stay.misread = dice.random() < 0.04
    stay.present = dice.random() < (0.85 if stay.booked_at is not None else 0.5)
    if not stay.present and dice.random() < 0.3:
        stay.proof = dice.choice(("acceptée", "acceptée", "refusée"))
        stay.proof_received = dt.datetime.combine(day + dice.randrange(1, 5) * DAY, dt.time(18), tzinfo=PARIS)
    return stay if stay.booked_at is not None or stay.present or stay.misread else None


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


Owed = dict[tuple[str, str, str, dt.date], int]


def owed(city: City) -> tuple[Owed, set[tuple[str, str, dt.date]]]:
    """What each (payer, child, product, day) costs in cents, once all is known; and the bookings that were refused."""
    home_of = {child: home for home in city.homes for child in home.children}
    homes = {home.code: home for home in city.homes}
    proved = {(stay.child, stay.day) for stay in city.stays if stay.proof == "acceptée"}
    came = {(stay.child, stay.day) for stay in city.stays if stay.present}
    cents: Owed = {}
    refused: set[tuple[str, str, dt.date]] = set()
    for stay in city.stays:
        booked, late = _booked(stay)
        if stay.booked_at is not None and not booked:
            refused.add((stay.child, stay.product, stay.day))
        booked = booked and not _cancelled(stay)
        payer = homes[payer_of(home_of[stay.child], stay.child, stay.day)]
        if not (stay.present or (booked and (stay.child, stay.day) not in proved)):
            continue
        if stay.product == "étude":
            first = stay.day.replace(day=1)
            cents[payer.code, stay.child, stay.product, first] = _prices(first)["MONTH"]
            continue
        elders = {
            child
            for child, day in came
            if day == stay.day and child < stay.child and payer_of(home_of[child], child, day) == payer.code
        }
        amount = _price(stay, payer, booked, late, halved=bool(elders))
        if amount:
            cents[payer.code, stay.child, stay.product, stay.day] = amount
    return cents, refused


def payer_of(home: Home, child: str, day: dt.date) -> str:
    """The household that has the child that week."""
    return home.shared[child] if child in home.shared and day.isocalendar().week % 2 else home.code


def _prices(day: dt.date) -> dict[str, int]:
    return PRICES[day >= CHANGE]


def _booked(stay: Stay) -> tuple[bool, bool]:
    """Whether the booking was accepted, and whether late."""
    if stay.booked_at is None:
        return False, False
    if stay.product == "cantine":
        if stay.booked_at < at(stay.day - DAY, 10):
            return True, False
        return stay.booked_at < at(stay.day, 9), True
    if stay.product in ("garderie", "étude"):
        return stay.booked_at < at(stay.day - DAY, 18), False
    return stay.booked_at < at(stay.day - 6 * DAY), False


def _cancelled(stay: Stay) -> bool:
    """Whether the day was taken off for nothing; a refused or a late cancellation leaves it due."""
    if stay.cancelled_at is None:
        return False
    eve = stay.day - DAY
    limit = {"cantine": at(eve, 10), "garderie": at(eve, 18), "étude": at(eve, 18), "mercredi": at(eve - DAY)}
    return stay.cancelled_at < limit[stay.product]


def _price(stay: Stay, home: Home, booked: bool, late: bool, *, halved: bool) -> int:
    unit = _unit(stay, home, halved=halved)
    if booked:
        return unit + (150 if late else 0)
    return {"cantine": 2 * unit, "garderie": 500, "mercredi": 1600}[stay.product]


def _unit(stay: Stay, home: Home, *, halved: bool) -> int:
    prices, quotient = _prices(stay.day), _quotient(home, stay.day)
    if stay.product == "garderie":
        return prices["HERE"] if home.resident else prices["ELSEWHERE"]
    if stay.product == "cantine":
        high = quotient is None or quotient > 1200
        whole = (
            prices["HIGH"] if high else prices["LOW"] if quotient is not None and quotient <= 600 else prices["MIDDLE"]
        )
        return (whole + 1) // 2 if halved else whole
    ceiling = Decimal(prices["CEILING"]) / 100
    exact = ceiling if quotient is None else min(max(Decimal("0.0123") * quotient, Decimal(5)), ceiling)
    return int((exact * 100).quantize(Decimal(1), ROUND_HALF_UP))


def _quotient(home: Home, day: dt.date) -> int | None:
    """The whole quotient that counts on a day: what was declared in November counts from December on."""
    value = home.declared if home.declared is not None and day >= dt.date(2025, 12, 1) else home.quotient
    return None if value is None else int(value)
