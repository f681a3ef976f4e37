"""Pricing a month of a whole city, beside a naive Decimal loop per day and DuckDB's totals, in the same run.

    python bench/prices.py [children …]        default: 1000 10000; add 100000 for a big city

Easy mix: daily bands, an effort rate, residence, a few unplanned days. Hard mix: rank among siblings present, a
counter of unplanned days, one charge a day for combined slots, one charge a month, quotients that change in the month.
Ours and the loop read the same SQLite table, reading included. Ours streams households, groups by the facts that each
tariff reads, prices each group once with its steps and makes a line of invoice that holds them. The loop makes one
line a day, DuckDB (its own table, loading not counted, one thread) only totals; neither explains anything. Times are
those of this process, whatever else the machine does.
"""

from __future__ import annotations

import csv
import datetime as dt
import functools
import gc
import random
import resource
import sqlite3
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal
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
PRODUCT, UNPLANNED = COLUMNS.index("product"), COLUMNS.index("unplanned")


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
CHUNK = 5000


def stored(rows: Iterable[Row_]) -> sqlite3.Connection:
    """The consumptions in SQLite, in the order of households: what both sides read."""
    base = sqlite3.connect("")  # a temporary file
    base.execute(
        f"CREATE TABLE consumption ({', '.join(COLUMNS)}, PRIMARY KEY (household, child, product, day)) WITHOUT ROWID"
    )
    plain = ((*row[:3], row[3].isoformat(), row[4], int(row[5]), *row[6:]) for row in rows)
    base.executemany(f"INSERT INTO consumption VALUES ({', '.join('?' * len(COLUMNS))})", plain)
    base.commit()
    return base


def ours(base: sqlite3.Connection, hard: bool) -> tuple[int, int]:
    """Groups by (child, product, ending, facts read), one remembered price a group, a line with its steps."""
    pricer = Pricer(tariffs(hard))
    queries = []
    for product in pricer.tariffs:
        for late in (False, True):
            plan = pricer.plan(product, MONTH[0], PriceKind.UNPLANNED if late else PriceKind.UNIT)
            assert plan is not None
            columns = ", ".join(_FACTS[name] for name in plan.reads)
            queries.append((product, late, plan, f"SELECT household, child, {columns} {WHERE}"))
    total = count = 0
    (last,) = base.execute("SELECT max(household) FROM consumption").fetchone()
    for first in range(0, last + 1, CHUNK):
        for product, late, plan, query in queries:
            lines = []
            for group, days in Counter(base.execute(query, (first, first + CHUNK, product, late))).items():
                price = plan(group[2:])
                assert isinstance(price, Price)
                lines.append(InvoiceLine(group[0], group[1], product, days, price.amount * days, price))
            total += sum(line.amount for line in lines)
            count += len(lines)
    return total, count


WHERE = "FROM consumption WHERE household >= ? AND household < ? AND product = ? AND unplanned = ?"


def naive(base: sqlite3.Connection, hard: bool) -> tuple[int, int]:
    """What one writes first: one line and one Decimal for each day, hard-coded rules, no steps; a sum a household."""
    bands = [(None if end is None else Decimal(end), Decimal(price)) for end, price in BANDS]

    def effort(quotient: Decimal) -> Decimal:
        return min(max(Decimal("0.0012") * quotient, Decimal("0.50")), Decimal("2.10"))

    invoices: dict[int, list[NaiveLine]] = defaultdict(list)
    for household, child, product, day, unplanned, number, resident, rank, nth, slots, days in base.execute(
        "SELECT * FROM consumption"
    ):
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
        invoices[household].append(NaiveLine(household, child, product, day, amount))
    totals = [sum((line.amount for line in lines), Decimal(0)) for lines in invoices.values()]
    return int(sum(totals) * 100), sum(map(len, invoices.values()))


def duckdb_totals(rows: Iterable[Row_], hard: bool) -> Callable[[], tuple[int, int]] | None:
    """The same totals by SQL; loading the table is not counted."""
    try:
        import duckdb
    except ImportError:
        return None
    base = duckdb.connect(config={"threads": 1})
    with tempfile.NamedTemporaryFile("w", suffix=".csv", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        writer.writerows(rows)
        file.flush()
        base.execute(f"CREATE TABLE consumption AS SELECT * FROM read_csv('{file.name}', header = true)")
    grid = " ".join(f"WHEN quotient < {end} THEN {price}" for end, price in BANDS if end)
    meal = f"CASE WHEN NOT resident THEN 6.50 ELSE CASE {grid} ELSE 4.90 END END"
    effort = "least(greatest(0.0012 * quotient, 0.50), 2.10)"
    if hard:
        meal = f"round(({meal}) * CASE WHEN rank >= 2 THEN 0.8 ELSE 1 END, 2)"
        meal = f"({meal}) * CASE WHEN unplanned AND unplanned_rank > 2 THEN 2 ELSE 1 END"
        care = f"{effort} * CASE WHEN slots >= 2 THEN 1.6 ELSE 1 END + CASE WHEN rank = 1 THEN 0.25 ELSE 0 END"
    else:
        meal, care = f"({meal}) + CASE WHEN unplanned THEN 2.50 ELSE 0 END", effort
    month = f"CASE WHEN days >= 8 THEN 24.00 ELSE {effort} * 4 END"
    price = f"CASE product WHEN 'canteen' THEN {meal} WHEN 'care' THEN {care} ELSE {month} END"
    query = (
        f"SELECT household, child, product, sum(CAST(round(({price})::DECIMAL(18, 6) * 100) AS BIGINT)), count(*) "
        "FROM consumption GROUP BY ALL"
    )

    def run() -> tuple[int, int]:
        lines = base.execute(query).fetchall()
        return sum(int(line[3]) for line in lines), len(lines)

    return run


def timed(run: Callable[[], tuple[int, int]]) -> tuple[float, int, int]:
    gc.collect()
    begin = time.process_time()
    total, lines = run()
    return time.process_time() - begin, total, lines


def main(sizes: list[int]) -> None:
    print(f"{'children':>8} {'mix':5} {'consumptions':>12} {'lines':>8} {'ours s':>7} {'cons./s':>9} {'naive s':>8} "
          f"{'× naive':>7} {'duckdb s':>8} {'/ duckdb':>8} {'peak MB':>7}")  # fmt: skip
    for size in sizes:
        for hard in (False, True):
            base, query = stored(city(size, hard)), duckdb_totals(city(size, hard), hard)
            (number,) = base.execute("SELECT count(*) FROM consumption").fetchone()
            spent, total, lines = timed(functools.partial(ours, base, hard))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            slow, check, _ = timed(functools.partial(naive, base, hard))
            assert total == check, (total, check)
            fast, other, _ = timed(query) if query else (None, total, 0)
            assert other == total, (other, total)
            beside = f"{fast:8.2f} {spent / fast:8.1f}" if fast else f"{'—':>8} {'—':>8}"
            speed = f"{spent:7.2f} {number / spent:9.0f} {slow:8.2f} {slow / spent:7.1f}"
            print(f"{size:8} {'hard' if hard else 'easy':5} {number:12} {lines:8} {speed} {beside} {peak:7}")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or [1000, 10000])
