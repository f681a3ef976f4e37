"""What is shipped: a wheel with its data, a package that imports without any extra."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
EXTRAS = ("sqlalchemy", "alembic", "psycopg", "click", "rich", "typst", "xlsxwriter", "python_calamine", "argon2",
          "hypothesis", "pytest")  # fmt: skip
WITHOUT_EXTRAS = """
import importlib, pkgutil, sys

class Absent:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in EXTRAS:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])

sys.meta_path.insert(0, Absent())
import periscolaire
rooms = [module.name for module in pkgutil.iter_modules(periscolaire.__path__) if module.name != "__main__"]
for room in rooms:
    importlib.import_module(f"periscolaire.{room}")
print(len(rooms), "holidays" in sys.modules)
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", f"EXTRAS = {EXTRAS!r}\n{code}"],
        capture_output=True, text=True, check=False, env={"PYTHONPATH": str(ROOT / "src")},
    )  # fmt: skip


def test_every_room_imports_without_any_extra_and_without_holidays() -> None:
    printed = run(WITHOUT_EXTRAS)
    assert printed.returncode == 0, printed.stderr
    rooms, holidays = printed.stdout.split()
    assert int(rooms) > 20
    assert holidays == "False", "holidays takes 0.1 s to import: only when first asked"


@pytest.mark.parametrize(
    ("code", "extra"),
    [
        ("from periscolaire.storage import create_store; create_store('x.sqlite')", "periscolaire[sql]"),
        ("from periscolaire.cli import main; main()", "periscolaire[cli]"),
        ("from periscolaire.storage import Argon2Hasher; Argon2Hasher()", "periscolaire[accounts]"),
    ],
)
def test_what_needs_an_extra_names_it(code: str, extra: str) -> None:
    blocker = WITHOUT_EXTRAS.partition("import periscolaire\n")[0]
    printed = run(f"{blocker}\n{code}")
    assert printed.returncode != 0
    assert extra in printed.stderr


def test_the_wheel_holds_texts_data_migrations_and_the_example(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    for name in (
        "periscolaire/py.typed",
        "periscolaire/calendar/data/school_holidays.csv",
        "periscolaire/i18n/textes/fr/catalogue.po",
        "periscolaire/storage/sql/migrations/env.py",
        "periscolaire/documents/page.typ",
        "periscolaire/documents/page.css",
        "periscolaire/examples/le-langon/emetteur.toml",
        "periscolaire/examples/le-langon/reglement.toml",
        "periscolaire/examples/le-langon/demandes.csv",
    ):
        assert name in names
    assert not [name for name in names if name.startswith(("tests/", "docs/"))]
