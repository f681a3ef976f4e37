"""Counts what the règlements here say of the real worked examples: ``python tests/reglements/tally.py [--json]``.

``EXAMPLES.tsv`` lists the examples collected from the public règlements of 68 communes (id, kind, product, action,
service date, instant, expected), and is the only list of ids. An example is **agreeing** when a step that names it
agrees, **contested** or **not expressible** when ``<slug>/ecarts.toml`` says so (quoting the doubt of the source, or
saying why), **missing** when nobody has written it yet. Nothing is counted by hand.
"""

from __future__ import annotations

import argparse
import csv
import json
import sys
import tomllib
from collections import Counter
from pathlib import Path

import attrs

from periscolaire.files import load_reglement, load_scenario
from periscolaire.scenarios import Report, run_scenario

HERE = Path(__file__).parent
KINDS = ("limit", "gate", "price", "other")


@attrs.frozen
class Example:
    """One worked example of a real règlement."""

    id: str
    kind: str

    @property
    def slug(self) -> str:
        """The commune's folder."""
        return self.id.partition("#")[0]


@attrs.frozen
class Gap:
    """An example that does not agree, on purpose: a doubt of the source, or a reason."""

    example: str
    contested: bool
    why: str


def examples() -> tuple[Example, ...]:
    """Every example of EXAMPLES.tsv."""
    with (HERE / "EXAMPLES.tsv").open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(Example(row["id"], row["kind"]) for row in rows)


def slugs() -> tuple[str, ...]:
    """The communes written so far."""
    return tuple(sorted(folder.parent.name for folder in HERE.glob("*/reglement.toml")))


def play(slug: str) -> Report | None:
    """The scenario of a commune, played; ``None`` when it has none."""
    folder = HERE / slug
    reglement = load_reglement(folder / "reglement.toml")
    if not (folder / "scenarios.toml").exists():
        return None
    return run_scenario(load_scenario(folder / "scenarios.toml", reglement), reglement)


def gaps(slug: str) -> tuple[Gap, ...]:
    """What ``ecarts.toml`` of a commune admits."""
    path = HERE / slug / "ecarts.toml"
    if not path.exists():
        return ()
    held = tomllib.loads(path.read_text(encoding="utf-8"))
    unknown = held.keys() - {"contestes", "inexprimables"}
    if unknown:
        raise ValueError(f"{path}: unknown keys {sorted(unknown)}")
    contested = [Gap(row["exemple"], True, row["doute"]) for row in held.get("contestes", ())]
    return (*contested, *(Gap(row["exemple"], False, row["raison"]) for row in held.get("inexprimables", ())))


def states() -> dict[str, str]:
    """Example id -> agreeing, disagreeing, contested, not expressible or missing."""
    found = {example.id: "missing" for example in examples()}
    for slug in slugs():
        report = play(slug)
        for step in report.steps if report is not None else ():
            for example in step.step.examples:
                if example not in found:
                    raise ValueError(f"{slug}: no example {example}")
                if found[example] != "disagreeing":  # every step that names it must agree
                    found[example] = "agreeing" if step.agrees else "disagreeing"
        for gap in gaps(slug):
            if gap.example not in found:
                raise ValueError(f"{slug}: no example {gap.example}")
            found[gap.example] = "contested" if gap.contested else "not expressible"
    return found


def tally() -> dict[str, dict[str, int]]:
    """Counts by kind, and in all: given, expressed, agreeing, contested, not expressible, missing."""
    found = states()
    table: dict[str, dict[str, int]] = {}
    for kind in (*KINDS, "total"):
        ids = [example.id for example in examples() if kind in (example.kind, "total")]
        count = Counter(found[one] for one in ids)
        table[kind] = {
            "given": len(ids),
            "expressed": count["agreeing"] + count["disagreeing"] + count["contested"],
            "agreeing": count["agreeing"],
            "disagreeing": count["disagreeing"],
            "contested": count["contested"],
            "not expressible": count["not expressible"],
            "missing": count["missing"],
        }
    return table


def main() -> int:
    """Prints the tally; 1 when an example disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--missing", action="store_true", help="also the ids that nobody has written")
    options = parser.parse_args()
    table = tally()
    if options.json:
        print(json.dumps(table, ensure_ascii=False, indent=2))
    else:
        columns = list(table["total"])
        print("| kind | " + " | ".join(columns) + " |")
        print("|---|" + "---:|" * len(columns))
        for kind, row in table.items():
            print(f"| {kind} | " + " | ".join(str(row[column]) for column in columns) + " |")
        for slug in slugs():
            for gap in gaps(slug):
                print(f"- {gap.example} {'contested' if gap.contested else 'not expressible'}: {gap.why}")
    if options.missing:
        print("\n".join(one for one, state in states().items() if state == "missing"))
    return 1 if table["total"]["disagreeing"] else 0


if __name__ == "__main__":
    sys.exit(main())
