"""Pricing a month of a whole city, beside a naive Decimal loop per day and DuckDB's totals, in the same run.

    python bench/prices.py [children …]        default: 1000 10000; add 100000 for a big city

Easy mix: daily bands, an effort rate, residence, a few unplanned days. Hard mix: rank among siblings present, a
counter of unplanned days, one charge a day for combined slots, one charge a month, quotients that change in the month.

- ``ours`` lets SQLite count the days by the facts that each tariff reads, a few households at a time, prices each
  count and makes a line of invoice that holds its price, which explains itself when asked;
- ``explained`` is the same with the steps of every line made at once;
- ``naive`` reads the same SQLite table and makes one line a day, without steps, in the invoices of the month;
- ``streamed`` is the same, which forgets each household before the next;
- ``duckdb`` totals its own table (loading not counted, one thread), without steps;
- ``over duckdb`` is ours, counted by DuckDB in that table instead of SQLite.

Each side runs in a process of its own: times are processor times, reading included, and the peak is that of the
process, of which an empty Python with the package and its database driver takes what ``empty`` says.
"""

from __future__ import annotations

import csv
import datetime as dt
import gc
import itertools
import multiprocessing
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, TypeAlias

import attrs

from periscolaire.facts import ALWAYS, Condition, Op, Test
from periscolaire.ids import TariffCode
from periscolaire.pricing import (
    Band,
    Bands,
    Flat,
    Formula,
    Modified,
    Outermost,
    Plus,
    Price,
    PriceKind,
    Pricer,
    Reference,
    Row,
    Rows,
    Scope,
    Tariff,
    TariffVersion,
    Times,
    When,
    Who,
)

MONTH = [dt.date(2026, 1, day) for day in range(5, 31) if dt.date(2026, 1, day).weekday() in (0, 1, 3, 4)]
CENT = Decimal("0.01")
BANDS = [(400, "1.00"), (640, "1.75"), (860, "2.35"), (1150, "3.05"), (1500, "3.55"), (1900, "4.60"), (None, "4.90")]


def flat(text: str) -> Flat:
    return Flat(Decimal(text))


def when(fact: str, op: Op, value: Any) -> Condition:
    return Condition((Test(fact, op, (value,)),))


#: One consumption, as a cursor over the store gives it.
Row_: TypeAlias = tuple[Any, ...]
COLUMNS = ("household", "child", "product", "day", "unplanned", "quotient", "resident", "rank", "unplanned_rank",
           "slots", "days")  # fmt: skip


@attrs.frozen
class InvoiceLine:
    """A line of an invoice with the price that explains it."""

    household: int
    child: int
    product: str
    days: int
    amount: int
    price: Price


@attrs.frozen
class NaiveLine:
    """What a naive loop makes each day."""

    household: int
    child: int
    product: str
    day: dt.date
    amount: Decimal


def city(children: int, hard: bool) -> Iterator[Row_]:
    """One or two children for each household, in the order of households, always the same."""
    dice = random.Random(20260105)
    for household in range(children * 2 // 3):
        here = 1 + household % 2
        resident = dice.random() < 0.92
        quotients = [Decimal(dice.randrange(0, 2600))] * 2
        if hard and dice.random() < 0.1:
            quotients[1] = Decimal(dice.randrange(0, 2600))
        changes = dice.randrange(len(MONTH))
        unplanned = Counter[int]()
        attended = [[dice.random() < 0.85 for _ in MONTH] for _ in range(here)]
        for index, day in enumerate(MONTH):
            rank = 0
            for child in range(here):
                if not attended[child][index]:
                    continue
                rank += 1
                late = dice.random() < 0.03
                unplanned[child] += late
                quotient = quotients[index >= changes]
                common = (household, household * 2 + child, quotient, resident)
                yield _day(common, "canteen", day, late, rank, unplanned[child], 1, 1)
                if hard or dice.random() < 0.5:
                    slots = 1 + (dice.random() < 0.4) if hard else 1
                    yield _day(common, "care", day, False, rank, 0, slots, 1)
        if hard:
            for child in range(here):
                total = sum(attended[child])
                yield _day(
                    (household, household * 2 + child, quotients[1], resident),
                    "wednesdays",
                    MONTH[0],
                    False,
                    1,
                    0,
                    1,
                    total,
                )


def _day(common: Any, product: str, day: dt.date, late: bool, rank: int, nth: int, slots: int, days: int) -> Row_:
    household, child, quotient, resident = common
    return household, child, product, day, late, quotient, resident, rank, nth, slots, days


def tariffs(hard: bool) -> list[Tariff]:
    grid = Bands(
        "quotient",
        tuple(Band(None if end is None else Decimal(end), flat(price), inclusive=False) for end, price in BANDS),
        Outermost.LAST,
    )
    outside = Rows((Row(when("resident", Op.EQ, False), flat("6.50")), Row(ALWAYS, grid)))
    effort = Formula(flat("0.0012"), "quotient", low=flat("0.50"), high=flat("2.10"))
    dearer = Modified(Reference("prestation"), (Plus(flat("2.50")),))
    if not hard:
        return [tariff("canteen", outside, unplanned=dearer), tariff("care", effort)]
    siblings = Modified(outside, (Times(flat("0.8"), when("rank", Op.GE, 2)),))
    from_third = Modified(Reference("prestation"), (Times(flat("2"), when("unplanned_rank", Op.GT, 2)),))
    combined = Modified(
        effort, (Times(flat("1.6"), when("quantity", Op.GE, 2)), Plus(flat("0.25"), when("rank", Op.EQ, 1)))
    )
    monthly = Rows((Row(when("days", Op.GE, 8), flat("24.00")), Row(ALWAYS, Modified(effort, (Times(flat("4")),)))))
    return [
        tariff("canteen", siblings, unplanned=from_third),
        tariff("care", combined, scope=Scope(Who.CHILD, When.DAY)),
        tariff("wednesdays", monthly, scope=Scope(Who.CHILD, When.MONTH)),
    ]


def tariff(code: str, node: Any, **more: Any) -> Tariff:
    return Tariff(TariffCode(code), (TariffVersion(dt.date(2025, 9, 1), node, deliberation="2025-040", **more),))


_FACTS = {"quotient": "quotient", "resident": "resident", "rank": "rank", "unplanned_rank": "unplanned_rank",
          "quantity": "slots", "days": "days"}  # fmt: skip


#: Households read at a time: memory stays flat whatever the size of the city.
CHUNK = 1000


def plain(rows: Iterable[Row_]) -> Iterator[Row_]:
    """Rows as a table holds them."""
    return ((*row[:3], row[3].isoformat(), int(row[4]), int(row[5]), int(row[6]), *row[7:]) for row in rows)


def store(file: str, size: int, hard: bool) -> int:
    """The consumptions in SQLite, in the order of households: what the sides read; how many."""
    base = sqlite3.connect(file)
    base.execute(
        f"CREATE TABLE consumption ({', '.join(COLUMNS)}, PRIMARY KEY (household, child, product, day)) WITHOUT ROWID"
    )
    base.executemany(f"INSERT INTO consumption VALUES ({', '.join('?' * len(COLUMNS))})", plain(city(size, hard)))
    base.commit()
    (number,) = base.execute("SELECT count(*) FROM consumption").fetchone()
    return int(number)


def ours(base: Any, hard: bool, chunk: int = CHUNK, explained: bool = False) -> tuple[int, int]:
    """Count by (child, product, ending, facts read), one remembered price a cell, a line that explains itself."""
    pricer = Pricer(tariffs(hard))
    queries = []
    for product in pricer.tariffs:
        for late in (0, 1):
            plan = pricer.plan(product, MONTH[0], PriceKind.UNPLANNED if late else PriceKind.UNIT)
            assert plan is not None
            columns = ", ".join(["household", "child", *(_FACTS[name] for name in plan.reads)])
            rows = f"product = '{product}' AND unplanned = {late} AND household >= ? AND household < ?"
            query = f"SELECT {columns}, count(*) FROM consumption WHERE {rows} GROUP BY {columns}"
            queries.append((product, plan, query))
    total = count = 0
    (last,) = base.execute("SELECT max(household) FROM consumption").fetchone()
    for first in range(0, last + 1, chunk):
        for product, plan, query in queries:
            price_of = plan.price_of
            lines = []
            for group in base.execute(query, (first, first + chunk)).fetchall():
                price: Any = price_of(group[2:-1])  # one without a price would have no amount, and stop here
                lines.append(InvoiceLine(group[0], group[1], product, group[-1], price.amount * group[-1], price))
            if explained:
                count += sum(not line.price.steps for line in lines)
            total += sum([line.amount for line in lines])
            count += len(lines)
    return total, count


def naive(base: Any, hard: bool, streamed: bool = False) -> tuple[int, int]:
    """What one writes first: one line and one Decimal for each day, hard-coded rules, no steps; a sum a household."""
    bands = [(None if end is None else Decimal(end), Decimal(price)) for end, price in BANDS]

    def effort(quotient: Decimal) -> Decimal:
        return min(max(Decimal("0.0012") * quotient, Decimal("0.50")), Decimal("2.10"))

    cursor = base.execute("SELECT * FROM consumption ORDER BY household")
    households = itertools.groupby(cursor, lambda row: row[0])
    invoices = ([_naive_line(row, bands, effort, hard) for row in rows] for _, rows in households)
    held = invoices if streamed else list(invoices)
    total, count = Decimal(0), 0
    for lines in held:
        total += sum((line.amount for line in lines), Decimal(0))
        count += len(lines)
    return int(total * 100), count


def _naive_line(row: Row_, bands: Any, effort: Callable[[Decimal], Decimal], hard: bool) -> NaiveLine:
    household, child, product, day, unplanned, number, resident, rank, nth, slots, days = row
    quotient = Decimal(number)
    if product == "canteen":
        if not resident:
            price = Decimal("6.50")
        else:
            price = next(price for end, price in bands if end is None or quotient < end)
        if hard and rank >= 2:
            price *= Decimal("0.8")
        price = price.quantize(CENT, ROUND_HALF_UP)
        if unplanned:
            if not hard:
                price += Decimal("2.50")
            elif nth > 2:
                price *= 2
    elif product == "care":
        price = effort(quotient)
        if hard and slots >= 2:
            price *= Decimal("1.6")
        if hard and rank == 1:
            price += Decimal("0.25")
    else:
        price = Decimal("24.00") if days >= 8 else effort(quotient) * 4
    amount = price.quantize(CENT, ROUND_HALF_UP)
    return NaiveLine(household, child, product, day, amount)


def in_duckdb(file: str) -> Any:
    """The same table in DuckDB, on one thread; ``None`` where it is not installed."""
    try:
        import duckdb
    except ImportError:
        return None
    base = duckdb.connect(config={"threads": 1})
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as text:
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows(sqlite3.connect(file).execute("SELECT * FROM consumption"))
        text.flush()
        base.execute(f"CREATE TABLE consumption AS SELECT * FROM read_csv('{text.name}', header = true)")
    return base


def duckdb_totals(base: Any, hard: bool) -> tuple[int, int]:
    """The same totals for each child and product, by SQL."""
    grid = " ".join(f"WHEN quotient < {end} THEN {price}" for end, price in BANDS if end)
    meal = f"CASE WHEN resident = 0 THEN 6.50 ELSE CASE {grid} ELSE 4.90 END END"
    effort = "least(greatest(0.0012 * quotient, 0.50), 2.10)"
    if hard:
        meal = f"round(({meal}) * CASE WHEN rank >= 2 THEN 0.8 ELSE 1 END, 2)"
        meal = f"({meal}) * CASE WHEN unplanned = 1 AND unplanned_rank > 2 THEN 2 ELSE 1 END"
        care = f"{effort} * CASE WHEN slots >= 2 THEN 1.6 ELSE 1 END + CASE WHEN rank = 1 THEN 0.25 ELSE 0 END"
    else:
        meal, care = f"({meal}) + CASE WHEN unplanned = 1 THEN 2.50 ELSE 0 END", effort
    month = f"CASE WHEN days >= 8 THEN 24.00 ELSE {effort} * 4 END"
    price = f"CASE product WHEN 'canteen' THEN {meal} WHEN 'care' THEN {care} ELSE {month} END"
    query = (
        f"SELECT household, child, product, sum(CAST(round(({price})::DECIMAL(18, 6) * 100) AS BIGINT)), count(*) "
        "FROM consumption GROUP BY ALL"
    )

    lines = base.execute(query).fetchall()
    return sum(int(line[3]) for line in lines), len(lines)


#: Each side: what opens the table, and what is timed.
SIDES: dict[str, tuple[Callable[[str], Any], Callable[[Any, bool], tuple[int, int]]]] = {
    "empty": (sqlite3.connect, lambda base, hard: (0, 0)),
    "ours": (sqlite3.connect, ours),
    "explained": (sqlite3.connect, lambda base, hard: ours(base, hard, explained=True)),
    "naive": (sqlite3.connect, naive),
    "streamed": (sqlite3.connect, lambda base, hard: naive(base, hard, streamed=True)),
    "duckdb": (in_duckdb, duckdb_totals),
    # DuckDB scans its whole table for each chunk: fewer, larger ones.
    "over duckdb": (in_duckdb, lambda base, hard: ours(base, hard, chunk=20 * CHUNK)),
}


@attrs.frozen
class Measure:
    """What one side took: processor seconds, megabytes at the peak; and what it found."""

    seconds: float
    peak: int
    total: int
    lines: int


def measured(side: str, file: str, hard: bool) -> Measure | None:
    """Run one side, in this very process."""
    opened, run = SIDES[side]
    base = opened(file)
    if base is None:
        return None
    gc.collect()
    gc.freeze()
    begin = time.process_time()
    total, lines = run(base, hard)
    seconds = time.process_time() - begin
    base.close()
    return Measure(seconds, peak(), total, lines)


def peak() -> int:
    """The most memory that this process ever held, in MB (Linux: since it was started, not since its parent was)."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM")) // 1024


def apart(task: Callable[..., Any], *arguments: Any) -> Any:
    """The result of ``task`` in a new process."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(task, *arguments).result()


def main(sizes: list[int]) -> None:
    print(f"{'children':>8} {'mix':4} {'side':11} {'consumptions':>12} {'lines':>8} {'seconds':>7} {'cons./s':>9} "
          f"{'× naive':>7} {'/ duckdb':>8} {'peak MB':>7}")  # fmt: skip
    for size in sizes:
        for hard in (False, True):
            with tempfile.TemporaryDirectory() as folder:
                file = f"{folder}/city.sqlite"
                number = apart(store, file, size, hard)
                found = {side: apart(measured, side, file, hard) for side in SIDES}
            report(size, hard, number, found)


def report(size: int, hard: bool, number: int, found: dict[str, Measure | None]) -> None:
    """One line a side; every side must have come to the same total."""
    naive_, duckdb_ = found["naive"], found["duckdb"]
    assert naive_ is not None
    for side, one in found.items():
        if one is None:
            continue
        row = f"{size:8} {'hard' if hard else 'easy':4} {side:11} "
        if side == "empty":
            print(f"{row}{'':55} {one.peak:7}")
            continue
        assert one.total == naive_.total, (side, one.total, naive_.total)
        beside = "—" if duckdb_ is None else f"{one.seconds / duckdb_.seconds:.1f}"
        print(f"{row}{number:12} {one.lines:8} {one.seconds:7.2f} {number / one.seconds:9.0f} "
              f"{naive_.seconds / one.seconds:7.1f} {beside:>8} {one.peak:7}")  # fmt: skip


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1000, 10000])
