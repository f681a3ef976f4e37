"""The outcome table: total, and every cell is what ``outcomes.txt`` says (a file that a clerk can check)."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

from periscolaire.attendance import (
    OUTCOME_ROWS,
    OUTCOMES,
    Booked,
    Notice,
    Outcome,
    ProofState,
    Seen,
    Service,
    outcome_of,
)

LETTERS = dict(zip("-PTDNAJEL0FCS?", Outcome, strict=True))


def written() -> dict[tuple[Booked, Seen, Service, Notice, ProofState], Outcome]:
    cells = {}
    booked = Booked.NONE
    for line in (Path(__file__).parent / "outcomes.txt").read_text("utf-8").splitlines():
        if line.startswith("["):
            booked = Booked(line.strip("[]"))
        elif line and not line.startswith("#"):
            seen, service, letters = (part.strip() for part in line.split("|"))
            for notice, four in zip(Notice, letters.split(), strict=True):
                for proof, letter in zip(ProofState, four, strict=True):
                    cells[booked, Seen(seen), Service(service), notice, proof] = LETTERS[letter]
    return cells


WRITTEN = written()


def test_the_table_is_total() -> None:
    every = set(itertools.product(Booked, Seen, Service, Notice, ProofState))
    assert set(OUTCOMES) == every == set(WRITTEN)


@pytest.mark.parametrize("booked", Booked, ids=lambda booked: booked.name)
@pytest.mark.parametrize("seen", Seen, ids=lambda seen: seen.name)
def test_every_cell(booked: Booked, seen: Seen) -> None:
    for service, notice, proof in itertools.product(Service, Notice, ProofState):
        cell = (booked, seen, service, notice, proof)
        assert outcome_of(*cell) is WRITTEN[cell], cell


def test_every_row_decides_some_cell() -> None:
    deciding = {next(row for row in OUTCOME_ROWS if row.matches(cell)) for cell in OUTCOMES}
    assert deciding == set(OUTCOME_ROWS)


@pytest.mark.parametrize(
    ("cell", "outcome"),
    [
        # The main cells of DESIGN.md, section 5, and the ones that PRICES.md, section 4, adds.
        ((Booked.CONFIRMED, Seen.PRESENT), Outcome.AS_BOOKED),
        ((Booked.CONFIRMED_LATE, Seen.PRESENT), Outcome.LATE_BOOKING),
        ((Booked.CONFIRMED_LATE, Seen.ABSENT), Outcome.ABSENCE),
        ((Booked.REQUESTED, Seen.PRESENT), Outcome.UNPLANNED),
        ((Booked.WAITING, Seen.PRESENT), Outcome.UNPLANNED),
        ((Booked.CANCELLED, Seen.PRESENT), Outcome.UNPLANNED),
        ((Booked.NOT_NEEDED, Seen.PRESENT), Outcome.AS_BOOKED),
        ((Booked.CANCELLED_LATE, Seen.ABSENT), Outcome.LATE_CANCELLATION),
        ((Booked.CANCELLED, Seen.UNCHECKED), Outcome.CANCELLED),
        ((Booked.CONFIRMED, Seen.ABSENT, Service.CLOSED), Outcome.CLOSED),
        ((Booked.CONFIRMED, Seen.PRESENT, Service.CLOSED), Outcome.AS_BOOKED),
        ((Booked.NONE, Seen.PRESENT, Service.CLOSED), Outcome.UNPLANNED),
        ((Booked.CONFIRMED, Seen.ABSENT, Service.OUTING), Outcome.ABSENCE),
        ((Booked.CONFIRMED, Seen.ABSENT, Service.SUSPENDED), Outcome.SUSPENDED),
        ((Booked.CONFIRMED, Seen.UNCHECKED), Outcome.UNKNOWN),
        (
            (Booked.CONFIRMED, Seen.ABSENT, Service.OPEN, Notice.NONE, ProofState.PENDING),
            Outcome.ABSENCE_PENDING,
        ),
        ((Booked.PACKAGE, Seen.ABSENT), Outcome.COVERED),
        ((Booked.NONE, Seen.UNCHECKED), Outcome.NONE),
    ],
)
def test_the_cells_that_the_design_names(cell: tuple[Booked, Seen], outcome: Outcome) -> None:
    assert outcome_of(*cell) is outcome
