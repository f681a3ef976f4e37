"""What the writer writes, ``tomllib`` reads back."""

from __future__ import annotations

import tomllib
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from periscolaire.files.toml._writing import write_toml

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)
scalars = st.one_of(st.booleans(), st.integers(-(10**9), 10**9), texts, st.dates())
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(texts, values, max_size=5))
def test_round_trip(data: dict[str, Any]) -> None:
    assert tomllib.loads(write_toml(data)) == data


def test_layout_is_the_one_a_clerk_would_write() -> None:
    data = {
        "format": 1,
        "produits": [
            {"code": "cantine", "prix": {"selon": "quotient", "tranches": [{"prix": "1,00", "x": "y" * 120}]}}
        ],
        "calendrier": {"semaine": ["lundi"]},
    }
    assert write_toml(data, heading="Un titre").splitlines() == [
        "# Un titre",
        "format = 1",
        "",
        "[[produits]]",
        'code = "cantine"',
        "",
        "[produits.prix]",
        'selon = "quotient"',
        "",
        "[[produits.prix.tranches]]",
        'prix = "1,00"',
        f'x = "{"y" * 120}"',
        "",
        "[calendrier]",
        'semaine = ["lundi"]',
    ]
