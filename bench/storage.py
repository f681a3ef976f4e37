"""How fast consumptions go into an SQLite file and come out, beside a loop that only reads the same rows.

``python bench/storage.py [rows]`` (1 000 000 by default): about 16 000 children, 3 products, 21 days. Every figure is
of the same run and the same file; the ratios are what to watch, the seconds depend on the machine.
"""

from __future__ import annotations

import datetime as dt
import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

from periscolaire.attendance import Booked, Consumption, Outcome, Seen
from periscolaire.booking import SlotKey
from periscolaire.catalogue import Effect, Surcharge, Verb
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.storage import SqlStore
from periscolaire.storage.sql._rows import COLUMNS, to_row

FIRST = dt.date(2026, 1, 5)
DAYS = [FIRST + dt.timedelta(days=n) for n in range(29) if n % 7 < 5][:21]
LAST = DAYS[-1]
PRODUCTS = [ProductCode(name) for name in ("cantine", "garderie-matin", "garderie-soir")]
LATE = Effect(Verb.ACCEPT, Surcharge(Decimal("2.00")))


def consumptions(rows: int) -> Iterator[Consumption]:
    children = rows // (len(DAYS) * len(PRODUCTS)) + 1
    made = 0
    for child in range(children):
        # Siblings do not follow one another: households are spread over the children.
        household = HouseholdId(f"F{child * 7919 % (children * 2 // 3 + 1):06d}")
        name = ChildId(f"E{child:06d}")
        for product in PRODUCTS:
            for day in DAYS:
                if made == rows:
                    return
                late = made % 29 == 0
                yield Consumption(
                    SlotKey(name, product, day),
                    household,
                    Outcome.LATE_BOOKING if late else Outcome.AS_BOOKED,
                    Booked.CONFIRMED_LATE if late else Booked.CONFIRMED,
                    Seen.PRESENT,
                    tier=1 if late else 0,
                    effect=LATE if late else None,
                    facts=(FactId(f"c{made:09d}"), FactId(f"p{made:09d}")),
                )
                made += 1


def timed(label: str, work: Callable[[], int], rows: int, base: float | None = None) -> float:
    begun = time.perf_counter()
    count = work()
    seconds = time.perf_counter() - begun
    assert count == rows, (label, count)
    ratio = "" if base is None else f"   × {seconds / base:5.2f} the bare loop"
    print(f"{label:<58}{seconds:8.2f} s {rows / seconds:>12,.0f} rows/s{ratio}")
    return seconds


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    models = list(consumptions(rows))
    with tempfile.TemporaryDirectory() as folder:
        tuples = [to_row(one) for one in models]
        bare_in = timed("write, bare: executemany of ready tuples, no index", lambda: write_bare(folder, tuples), rows)
        path = Path(folder) / "store.sqlite"
        store = SqlStore.create(f"sqlite:///{path}")

        def write() -> int:
            with store.unit() as uow:
                count = uow.consumptions.put(models)
                uow.commit()
            return count

        timed("write, store: models to rows, both indexes", write, rows, bare_in)
        print(f"{'file':<58}{path.stat().st_size / 2**20:8.0f} MB")
        del models[:]
        bare = timed("read, bare: SELECT of the same columns, a loop", lambda: read_bare(path), rows)
        timed("read, bare, in order of households", lambda: read_bare(path, "household, child, day"), rows, bare)
        timed("read, store: by_household, models", lambda: read(store), rows, bare)

        def by_child() -> int:
            with store.unit(write=False) as uow:
                children = rows // (len(DAYS) * len(PRODUCTS)) + 1
                return sum(
                    len(uow.consumptions.of_child(ChildId(f"E{child:06d}"), FIRST, LAST)) for child in range(children)
                )

        timed("read, store: of_child, child after child", by_child, rows, bare)
        store.close()
    print(f"{'peak memory':<58}{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:8.0f} MB")


def write_bare(folder: str, tuples: list[tuple[object, ...]]) -> int:
    connection = sqlite3.connect(Path(folder) / "bare.sqlite")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(f"CREATE TABLE consumption ({', '.join(COLUMNS)})")
    with connection:
        count = connection.executemany(
            f"INSERT INTO consumption VALUES ({', '.join('?' * len(COLUMNS))})", tuples
        ).rowcount
    connection.close()
    return count


def read_bare(path: Path, order: str = "") -> int:
    connection = sqlite3.connect(path)
    statement = f"SELECT {', '.join(COLUMNS)} FROM consumption" + (f" ORDER BY {order}" if order else "")
    count = 0
    for _ in connection.execute(statement):
        count += 1
    connection.close()
    return count


def read(store: SqlStore) -> int:
    with store.unit(write=False) as uow:
        return sum(len(group) for _, group in uow.consumptions.by_household(FIRST, LAST))


if __name__ == "__main__":
    main()
