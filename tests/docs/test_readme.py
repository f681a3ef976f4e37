"""The README tells the truth: its two commands, its tally."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_first_two_blocks_are_the_two_commands() -> None:
    blocks = re.findall(r"```\w*\n(.*?)```", README, flags=re.DOTALL)
    assert [block.strip() for block in blocks[:2]] == ["python3 run demo", "python3 run tests"]
    assert "python3 run tests" in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def test_the_tally_is_the_one_computed() -> None:
    printed = subprocess.run(
        [sys.executable, "tests/reglements/tally.py"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    (written,) = re.findall(r"<!-- tally -->\n(.*?)\n<!-- /tally -->", README, flags=re.DOTALL)
    assert written.strip() == printed.stdout.strip(), "copy the output of tests/reglements/tally.py into the README"
