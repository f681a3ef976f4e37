"""Billing a month of a whole city: from an SQLite file to issued invoices kept in it with their explanations.

    python bench/billing.py [children …]        default: 1000 10000; add 100000 for a big city

A canteen by quotient bands with unplanned meals and absences that a proof excuses, a childcare by effort rate,
Wednesdays at a flat price; one or two children a household, some quotients that change in the month, some children
shared by two households. That is the easy city; the hard one (1 000 children) has the same days under a
règlement that lowers the canteen for the second child present that day, changes in mid-month, and asks every household
for a yearly fee. Beside each, in the same run and on the same file:

- ``read`` is a bare loop over every row that billing reads (consumptions, households, children, dated facts), which
  makes nothing of them;
- ``one`` bills in one process, ``two`` has two processes compute while a third numbers and keeps.

Each runs in a process of its own, over a copy of the file. ``cpu`` adds the processor times of all its processes,
``wall`` is the time that passed, whatever else the machine did; the peak is that of the largest process.
"""

from __future__ import annotations

import datetime as dt
import functools
import multiprocessing
import random
import resource
import shutil
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any

import attrs

from periscolaire.access import Role, StaffActor
from periscolaire.attendance import Booked, Consumption, Outcome, ProofState, Seen
from periscolaire.booking import SlotKey
from periscolaire.calendar import Span
from periscolaire.households import Adult, Child, Custody, DatedFact, EvenOddWeeks, Grade, Household, Member, Schooling
from periscolaire.ids import AdultId, ChildId, FactId, HouseholdId, ProductCode, SchoolCode
from periscolaire.operations import publish_reglement, run_billing
from periscolaire.storage import create_store, open_store

MONTH = Span(dt.date(2026, 1, 5), dt.date(2026, 1, 30))
DAYS = [MONTH.first + dt.timedelta(days=n) for n in range(26)]
CLASS_DAYS = [day for day in DAYS if day.weekday() in (0, 1, 3, 4)]
WEDNESDAYS = [day for day in DAYS if day.weekday() == 2]
CANTEEN, CARE, WEDNESDAY = (ProductCode(code) for code in ("cantine", "garderie", "mercredi"))
CLERK = StaffActor("regie", frozenset({Role.ADMINISTRATOR}))
AT = dt.datetime(2026, 2, 2, 9, tzinfo=dt.UTC)
RULES = """
format = 1
commune = "Grandbourg"
version = "2025-2026"
en_vigueur = "2025-09-01"
zone = "B"

[calendrier]
semaine = ["lundi", "mardi", "jeudi", "vendredi"]

[quotient]
lecture = "entier inférieur"

[[produits]]
code = "cantine"
nom = "Restaurant scolaire"
genre = "restauration"
jours = "jours de classe"
paiement = "C"
reservation = "la veille"
annulation = "la veille"

[produits.prix]
selon = "quotient"
tranches = [
  { jusqu_a = 400, prix = "1,00" },
  { jusqu_a = 640, prix = "1,75" },
  { jusqu_a = 860, prix = "2,35" },
  { jusqu_a = 1150, prix = "3,05" },
  { jusqu_a = 1500, prix = "3,55" },
  { prix = "4,60" },
]
sans = "tranche la plus haute"
non_prevu = "5,50"
absence_injustifiee = "prix de la prestation"
deliberation = "2025-040"

[produits.absence]
lignes = [
  { si = { preuve = "acceptée" }, effet = "non dû", reference = "art. 6" },
  { effet = "dû", reference = "art. 6" },
]

[[produits]]
code = "garderie"
nom = "Garderie"
jours = "jours de classe"
paiement = "C"
reservation = "la veille"
annulation = "la veille"
prix = { taux = "0,0012", de = "quotient", mini = "0,50", maxi = "2,10", sans = "2,10" }

[[produits]]
code = "mercredi"
nom = "Mercredi"
jours = "mercredis"
paiement = "C"
reservation = "la veille"
annulation = "la veille"
prix = "9,50"
"""

RANKED = (
    RULES.replace(
        'selon = "quotient"',
        'selon = "quotient"\nrangs = [{ parmi = "présents" }]\npuis = [{ plus = "-20 %", si = { rang = ">= 2" } }]',
    )
    + """
[[frais]]
code = "adhésion"
prix = "25,00"
assiette = { qui = "foyer", quand = "année scolaire" }
"""
)
CHANGED = (
    RANKED.replace('version = "2025-2026"', 'version = "2026-01"')
    .replace('en_vigueur = "2025-09-01"', 'en_vigueur = "2026-01-19"')
    .replace('prix = "9,50"', 'prix = "9,80"')
)
#: The règlements of each city, and up to how many children it is measured.
CITIES = {"facile": ((RULES,), None), "difficile": ((RANKED, CHANGED), 1_000)}


@attrs.frozen
class Home:
    """A household of the city and its children."""

    number: int
    children: tuple[int, ...]

    @property
    def id(self) -> HouseholdId:
        return HouseholdId(f"F{self.number:06d}")


def homes(children: int) -> Iterator[Home]:
    """One or two children each; one household in twenty shares its children with the one before."""
    made = 0
    for number in range(children):
        size = 1 + number % 2
        yield Home(number, tuple(range(made, made + size)))
        made += size
        if made >= children:
            return


def child_id(number: int) -> ChildId:
    return ChildId(f"E{number:06d}")


def stored(path: str, children: int, rules: tuple[str, ...] = (RULES,)) -> int:
    """Make the city in a new store; how many consumptions it has."""
    store, city = create_store(path), list(homes(children))
    with store.unit() as uow:
        for text in rules:
            publish_reglement(text, uow, actor=CLERK, now=AT)
        uow.households.add(map(household, city))
        uow.children.add(child(number) for home in city for number in home.children)
        uow.dated_facts.append(fact for home in city for fact in quotients(home))
        uow.custodies.append(custody(home, number) for home in city if shares(home) for number in home.children)
        count = uow.consumptions.put(one for home in city for one in consumptions(home))
        uow.commit()
    store.close()
    return count


def shares(home: Home) -> bool:
    return home.number % 20 == 10


def household(home: Home) -> Household:
    mine = home.children
    if home.number % 20 == 11:  # the other home of the children of the household before
        mine = (*mine, mine[0] - 1)
    adult = Adult(AdultId(f"A{home.number:06d}"), f"Nom{home.number}", "Camille", email=f"a{home.number}@example.org")
    return Household(home.id, f"Famille {home.number}", (adult,), tuple(Member(child_id(number)) for number in mine))


def child(number: int) -> Child:
    born = dt.date(2016, 1, 1) + dt.timedelta(days=number * 37 % 2000)
    school = Schooling(dt.date(2025, 9, 1), dt.date(2026, 7, 3), SchoolCode(f"ecole-{number % 40}"), Grade.CE1)
    return Child(child_id(number), f"Nom{number}", "Alix", born, schoolings=(school,))


def quotients(home: Home) -> Iterator[DatedFact]:
    dice = random.Random(home.number)
    year = dt.date(2025, 9, 1)
    yield DatedFact(home.id, "quotient", Decimal(dice.randrange(0, 2600)), year, None, AT)
    if home.number % 50 == 0:
        yield DatedFact(home.id, "quotient", Decimal(dice.randrange(0, 2600)), dt.date(2026, 1, 15), None, AT)


def custody(home: Home, number: int) -> Custody:
    other = HouseholdId(f"F{home.number + 1:06d}")
    return Custody(child_id(number), EvenOddWeeks(home.id, other), dt.date(2025, 9, 1))


def consumptions(home: Home) -> Iterator[Consumption]:
    dice = random.Random(-home.number)
    for number in home.children:
        cared, leisure = dice.random() < 0.7, dice.random() < 0.5
        for day in CLASS_DAYS:
            yield lunch(home, number, day, dice.random())
            if cared:
                yield attended(home, number, CARE, day)
        if leisure:
            for day in WEDNESDAYS:
                yield attended(home, number, WEDNESDAY, day)


def lunch(home: Home, number: int, day: dt.date, luck: float) -> Consumption:
    if luck < 0.92:
        return attended(home, number, CANTEEN, day)
    key = SlotKey(child_id(number), CANTEEN, day)
    mark = (FactId(f"p{number:06d}{day:%j}"),)
    if luck < 0.95:
        return Consumption(key, home.id, Outcome.UNPLANNED, Booked.NONE, Seen.PRESENT, facts=mark)
    if luck < 0.98:
        return Consumption(key, home.id, Outcome.ABSENCE, Booked.CONFIRMED, Seen.ABSENT, facts=mark)
    return Consumption(
        key, home.id, Outcome.ABSENCE_JUSTIFIED, Booked.CONFIRMED, Seen.ABSENT, proof=ProofState.ACCEPTED, facts=mark
    )


def attended(home: Home, number: int, product: ProductCode, day: dt.date) -> Consumption:
    marks = (FactId(f"c{number:06d}{day:%j}"), FactId(f"p{number:06d}{day:%j}"))
    return Consumption(
        SlotKey(child_id(number), product, day), home.id, Outcome.AS_BOOKED, Booked.CONFIRMED, Seen.PRESENT, facts=marks
    )


def read(path: str) -> tuple[int, int]:
    """A loop over every row that billing reads; (rows, 0)."""
    base, count = sqlite3.connect(path), 0
    for table in ("consumption", "households", "children", "dated_facts", "custodies", "registrations", "ownership"):
        for _ in base.execute(f"SELECT * FROM {table}"):
            count += 1
    base.close()
    return count, 0


def bill(path: str, processes: int = 1) -> tuple[int, int]:
    """Bill the month; (invoices, total)."""
    store = open_store(path)
    more: dict[str, Any] = {"actor": CLERK, "issued_on": AT.date(), "now": AT, "make_id": lambda: "run"}
    if processes == 1:
        report = run_billing(MONTH, store, **more)
    else:
        with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
            opener = functools.partial(open_store, path)
            report = run_billing(MONTH, store, executor=pool, opener=opener, **more)
    store.close()
    assert not report.pending, report.pending[:3]
    return report.invoices, report.total


SIDES: dict[str, Callable[[str], tuple[int, int]]] = {
    "read": read,
    "one": bill,
    "two": functools.partial(bill, processes=2),
}


@attrs.frozen
class Measure:
    """What a side took (seconds, MB) and came to."""

    cpu: float
    wall: float
    peak: int
    found: tuple[int, int]
    digest: str


def measured(side: str, path: str) -> Measure:
    wall, cpu = time.perf_counter(), time.process_time()
    found = SIDES[side](path)
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() - cpu + children.ru_utime + children.ru_stime
    wall = time.perf_counter() - wall
    status = Path("/proc/self/status").read_text(encoding="ascii")
    mine = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))
    return Measure(spent, wall, max(mine, children.ru_maxrss) // 1024, found, digest(path))


def digest(path: str) -> str:
    """What the invoices of a file say, in a few letters: every way of billing must issue the very same."""
    import hashlib

    base, total = sqlite3.connect(path), hashlib.sha256()
    for row in base.execute("SELECT id, body FROM invoices ORDER BY id"):
        total.update(repr(row).encode())
    base.close()
    return total.hexdigest()[:12]


def apart(task: Callable[..., Any], *arguments: Any) -> Any:
    """The result of ``task`` in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(task, *arguments).result()


def main(sizes: list[int]) -> None:
    print(f"{'city':9} {'children':>8} {'consumptions':>12} {'side':5} {'cpu s':>7} {'wall s':>7} {'× read':>7} "
          f"{'cons./s':>9} {'invoices':>8} {'inv./s':>7} {'peak MB':>7} {'file MB':>7}")  # fmt: skip
    for size in sizes:
        for city, (rules, most) in CITIES.items():
            if most is None or size <= most:
                measure(city, size, rules)


def measure(city: str, size: int, rules: tuple[str, ...]) -> None:
    """One city under one règlement: a line for each side."""
    with tempfile.TemporaryDirectory() as folder:
        whole = f"{folder}/ville.sqlite"
        number = apart(stored, whole, size, rules)
        found: dict[str, Measure] = {}
        for side in SIDES:
            copy = f"{folder}/{side}.sqlite"
            shutil.copy(whole, copy)
            one = found[side] = apart(measured, side, copy)
            megabytes = Path(copy).stat().st_size // 2**20
            Path(copy).unlink()
            ratio = one.cpu / found["read"].cpu
            rates = (
                f"{number / one.wall:9.0f} {one.found[0]:8} {one.found[0] / one.wall:7.0f}"
                if side != "read"
                else f"{number / one.wall:9.0f} {'':8} {'':7}"
            )
            print(f"{city:9} {size:8} {number:12} {side:5} {one.cpu:7.2f} {one.wall:7.2f} {ratio:7.1f} {rates} "
                  f"{one.peak:7} {megabytes:7}", flush=True)  # fmt: skip
        assert found["one"].found == found["two"].found
        assert found["one"].digest == found["two"].digest, "two processes issued other invoices than one"


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1000, 10000])
