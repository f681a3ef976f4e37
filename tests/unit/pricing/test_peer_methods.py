"""The pricing methods of the leading peer: the page that says each of them here is executed, example by example."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from periscolaire.pricing import price

from . import saying

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "methodes-des-concurrents.md"
FENCED = re.compile(r"```toml\n(.*?)```", re.DOTALL)
BLOCKS = [tomllib.loads(block) for block in FENCED.findall(PAGE.read_text(encoding="utf-8"))]


def test_the_page_says_every_method() -> None:
    assert {block["methode"] for block in BLOCKS} >= set(range(1, 25))


@pytest.mark.parametrize("block", BLOCKS, ids=[f"method-{block['methode']}" for block in BLOCKS])
def test_the_example_of_the_page(block: dict[str, Any]) -> None:
    version = saying.version(block["prix"])
    assert block["exemples"]
    for example in block["exemples"]:
        assert price(version, saying.french(example["faits"])).amount == saying.euros(example["prix"]), example
