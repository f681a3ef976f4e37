"""The map of the code is true: every folder of a room, and every folder of tests, is on it, and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
#: Folders that hold no code.
DATA = {"data", "textes", "migrations"}


def table(heading: str) -> dict[str, set[str]]:
    """The names in the first cell of each row, with those in the second."""
    rows = PAGE.partition(heading)[2].partition("\n\n")[0].splitlines()[1:]
    cells = [row.strip("| ").split(" | ", 1) for row in rows]
    return {
        name: set(re.findall(r"`([^`]+)`", second))
        for first, second in cells
        for name in re.findall(r"`([^`]+)`", first)
    }


def folders(where: Path) -> set[str]:
    return {one.name for one in where.iterdir() if one.is_dir() and not one.name.startswith(("_", "."))} - DATA


def test_every_folder_of_a_room_is_on_the_map() -> None:
    source = ROOT / "src" / "periscolaire"
    said = table("| room | folders |\n")
    held = {room: folders(source / room) for room in folders(source)}
    assert said.keys() == {room for room, inside in held.items() if inside}
    for room, names in said.items():
        assert held[room] <= names, room
        there = {path.stem for path in (source / room).iterdir()}
        assert names <= there, room


def test_every_folder_of_tests_is_on_the_map() -> None:
    said = {name for name in table("| folder | holds |\n") if name.startswith("tests/")}
    assert said == {f"tests/{name}/" for name in folders(ROOT / "tests")}
