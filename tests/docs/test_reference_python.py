"""Every room that may be imported has its page in the Python reference, and every page is in its index."""

from __future__ import annotations

from pathlib import Path

import periscolaire

SOURCE = Path(periscolaire.__file__).parent
PAGES = Path(__file__).parents[2] / "docs" / "reference" / "python"
#: The command is documented by its own help.
COMMAND = "cli"


def _rooms() -> set[str]:
    folders = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    modules = {path.stem for path in SOURCE.glob("*.py") if not path.stem.startswith("_")}
    return (folders | modules) - {COMMAND}


def test_every_room_has_a_page_that_lists_its_names() -> None:
    pages = {page.stem: page.read_text("utf-8") for page in PAGES.glob("*.md") if page.stem != "index"}
    assert pages.keys() == _rooms()
    assert all(f".. automodule:: periscolaire.{room}\n" in text for room, text in pages.items())


def test_the_index_names_every_page_in_the_order_of_the_house() -> None:
    index = (PAGES / "index.md").read_text("utf-8")
    listed = [line.split("](")[1].split(".md)")[0] for line in index.splitlines() if line.startswith("| [")]
    ordered = index.split(":hidden:\n\n")[1].split("\n```")[0].split("\n")
    assert listed == ordered
    assert set(listed) == _rooms()
