"""Several processes on one SQLite file: last places are never sold twice, numbers have no gap, kills included."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from periscolaire.storage import SqlStore

#: Each process starts afresh: a store is not carried across a fork.
SPAWN = multiprocessing.get_context("spawn")


@pytest.fixture
def address(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'store.sqlite'}"
    SqlStore.create(url).close()
    return url


def claim(url: str, attempts: int, won: int) -> int:
    """How many places this process took."""
    store = SqlStore(url)
    for attempt in range(attempts):
        with store.unit() as uow:
            # One in four fails after its claim: the place must come back.
            if uow.places.claim("cantine/2026-01-15") and attempt % 4:
                uow.commit()
                won += 1
    store.close()
    return won


def test_processes_never_overbook(address: str) -> None:
    store = SqlStore(address)
    with store.unit() as uow:
        uow.places.set_maximum("cantine/2026-01-15", 100)
        uow.commit()
    with SPAWN.Pool(3) as pool:
        won = pool.starmap(claim, [(address, 60, 0)] * 3)
    with store.unit(write=False) as uow:
        assert uow.places.taken(["cantine/2026-01-15"]) == {"cantine/2026-01-15": 100}
        assert uow.places.overages() == ()
    store.close()
    assert sum(won) == 100


def number(url: str, tag: str, count: int) -> None:
    """Take numbers, each with a trace of who took it, in one transaction."""
    store = SqlStore(url)
    for attempt in range(count):
        with store.unit() as uow:
            taken = uow.numbers.take("REGIE", 2026)
            uow.places.set_maximum(f"{taken:06d}", 1)  # stands for the invoice of that number
            if attempt % 5:
                uow.commit()
    store.close()


def number_for_ever(url: str, ready: Event) -> None:
    store = SqlStore(url)
    ready.set()
    while True:
        with store.unit() as uow:
            taken = uow.numbers.take("REGIE", 2026)
            uow.places.set_maximum(f"{taken:06d}", 1)
            uow.commit()


def contiguous(url: str) -> int:
    store = SqlStore(url)
    with store.unit(write=False) as uow:
        last = uow.numbers.last("REGIE", 2026)
        names = [f"{value:06d}" for value in range(1, last + 2)]
        assert set(uow.places.taken(names)) == set(names[:-1])
    store.close()
    return last


def test_numbers_have_no_gap_with_concurrent_runs(address: str) -> None:
    with SPAWN.Pool(3) as pool:
        pool.starmap(number, [(address, str(tag), 30) for tag in range(3)])
    assert contiguous(address) == 3 * 24


def test_numbers_have_no_gap_after_kills(address: str) -> None:
    for pause in (0.05, 0.2):
        ready = SPAWN.Event()
        process = SPAWN.Process(target=number_for_ever, args=(address, ready))
        process.start()
        assert ready.wait(60)
        time.sleep(pause)
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        before = contiguous(address)
    number(address, "after", 2)
    assert contiguous(address) == before + 1
