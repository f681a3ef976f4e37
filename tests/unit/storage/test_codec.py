"""What is stored reads back as it was; what was not stored by us is refused, and nothing is guessed."""

from __future__ import annotations

import datetime as dt
import enum
import json
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from periscolaire.billing import Instance
from periscolaire.calendar import Weekday
from periscolaire.errors import MisuseError, UnknownFormatError
from periscolaire.facts import UNKNOWN, Expired, Facts
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId
from periscolaire.money import Money
from periscolaire.ports import JOURNALS, RECORDS
from periscolaire.reasons import Description, Reason
from periscolaire.storage._codec import dumps, loads
from periscolaire.testing._stored_samples import FACTS, MODELS

DAY = dt.date(2026, 1, 15)


class Colour(enum.Enum):
    RED = "rouge"


@attrs.frozen
class Leaf:
    size: int


@attrs.frozen
class Tree:
    branches: tuple[Leaf | Tree, ...] = ()
    next: Tree | None = None


@attrs.frozen
class Bill:
    instances: tuple[Instance, ...]


@attrs.frozen
class Plain:
    text: str
    count: int
    flag: bool
    rate: Decimal
    colour: Colour
    weekday: Weekday
    day: dt.date
    time: dt.time
    at: dt.datetime
    child: ChildId
    raw: bytes
    pair: tuple[str, int]
    names: frozenset[str]
    table: FrozenMap[int, str]
    maybe: int | None = None
    _hidden: int = 7


PLAIN = Plain(
    "é", 3, True, Decimal("1.10"), Colour.RED, Weekday.MONDAY, DAY, dt.time(7, 30),
    dt.datetime(2026, 1, 15, 8, 0, 0, 5, tzinfo=dt.timezone(dt.timedelta(hours=1))), ChildId("E1"), b"\x01\xff",
    ("a", 1), frozenset({"b", "a"}), FrozenMap({2: "z", 1: "y"}),
)  # fmt: skip
#: The format of stores, letter for letter: a change of it needs a migration.
TEXT = (
    '{"text":"é","count":3,"flag":true,"rate":"1.10","colour":"RED","weekday":"MONDAY","day":"2026-01-15",'
    '"time":"07:30:00","at":"2026-01-15T07:00:00.000005+00:00","child":"E1","raw":"01ff","pair":["a",1],'
    '"names":["a","b"],"table":[[2,"z"],[1,"y"]],"maybe":null,"_hidden":7}'
)


def test_the_format_does_not_change() -> None:
    assert dumps(PLAIN) == TEXT
    assert loads(Plain, TEXT) == PLAIN


@example([])
@example([""])
@example(["", ""])
@example(["a\x7fb", "\x7f"])
@given(st.lists(st.text() | st.text('\x7f\\"n,')))
def test_many_texts_are_written_as_json_writes_them(texts: list[str]) -> None:
    assert dumps(tuple(texts), tuple[str, ...]) == json.dumps(texts, ensure_ascii=False, separators=(",", ":"))


def test_threads_that_write_the_first_model_of_a_class_at_once_write_the_same() -> None:
    """The functions of a class are made when it is first met: a server's first requests may meet it together."""
    nested, text = None, "null"
    kind: Any = type(None)
    for depth in range(60):  # long to make, so that all come while it is made
        kind = attrs.make_class(f"Nested{depth}", {"held": attrs.field(type=kind)}, frozen=True)
        nested, text = kind(nested), f'{{"held":{text}}}'
    together = threading.Barrier(8)

    def write_and_read() -> tuple[str, object]:
        together.wait(60)
        written = dumps(nested)
        return written, loads(kind, written)

    with ThreadPoolExecutor(8) as pool:
        found = [future.result() for future in [pool.submit(write_and_read) for _ in range(8)]]
    assert found == [(text, nested)] * 8


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (
            Reason.of("limit.closed", closed=DAY, price=Money(200), n=2, left=None, of=(Description.of("day"), "x")),
            '{"code":"limit.closed","parameters":[["closed",{"date":"2026-01-15"}],["price",{"Money":{"amount":200,'
            '"currency":{"code":"EUR","digits":2}}}],["n",2],["left",null],["of",{"tuple":[{"Description":{"code":"day",'
            '"parameters":[]}},"x"]}]],"reference":null}',
        ),
        (
            Facts(
                quotient=Decimal("612.5"), resident=UNKNOWN, age=Expired(7, DAY), open=True, papers=frozenset({"pai"})
            ),
            '[["quotient",{"Decimal":"612.5"}],["resident",{"Unknown":{"why":"not_given"}}],["age",{"Expired":'
            '{"value":7,"since":"2026-01-15"}}],["open",true],["papers",{"frozenset":["pai"]}]]',
        ),
        (
            Bill((Instance(DAY), Instance(DAY, "1/2"))),
            '{"instances":["2026-01-15","2026-01-15/1/2"]}',
        ),
        (
            Tree((Leaf(1), Tree()), Tree()),
            '{"branches":[{"Leaf":{"size":1}},{"Tree":{"branches":[],"next":null}}],"next":{"branches":[],"next":null}}',
        ),
    ],
    ids=["reason", "facts", "instances", "recursive"],
)
def test_members_of_a_union_bear_the_name_of_their_class(value: Any, text: str) -> None:
    assert dumps(value) == text
    assert loads(type(value), text) == value


SAMPLES = {name: (JOURNALS[name].model, FACTS[name]) for name in FACTS} | {
    name: (RECORDS[name].model, MODELS[name]) for name in MODELS
}


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_every_kind_reads_back(name: str) -> None:
    model, samples = SAMPLES[name]
    for one in samples:
        assert loads(model, dumps(one, model)) == one


@pytest.mark.parametrize(
    ("found", "instead"),
    [
        ('"count":3', '"count":"3"'),
        ('"count":3', '"count":1.9'),
        ('"count":3', '"count":true'),
        ('"count":3', '"count":null'),
        ('"flag":true', '"flag":1'),
        ('"text":"é"', '"text":5'),
        ('"child":"E1"', '"child":5'),
        ('"rate":"1.10"', '"rate":1.1'),
        ('"colour":"RED"', '"colour":"rouge"'),
        ('"weekday":"MONDAY"', '"weekday":0'),
        ('"day":"2026-01-15"', '"day":"2026-13-15"'),
        ('"day":"2026-01-15"', '"day":20260115'),
        ('"pair":["a",1]', '"pair":["a",1,1]'),
        ('"maybe":null', '"maybe":"null"'),
        ('"names":["a","b"]', '"names":"ab"'),
        ('"text":"é",', ""),
        ('"text":"é"', '"text":"é","colour_of_a_later_release":"blue"'),
    ],
)
def test_what_this_release_did_not_write_is_refused(found: str, instead: str) -> None:
    assert found in TEXT
    with pytest.raises(UnknownFormatError):
        loads(Plain, TEXT.replace(found, instead, 1))


def test_a_field_of_a_later_release_is_named() -> None:
    with pytest.raises(UnknownFormatError, match=r"stored Leaf holds \['age'\], which this release does not know"):
        loads(Leaf, '{"size":1,"age":2}')


def test_a_field_missing_from_an_older_document_takes_its_default() -> None:
    assert loads(Plain, TEXT.replace(',"maybe":null,"_hidden":7', "")) == PLAIN


def test_an_unknown_member_of_a_union_is_refused() -> None:
    with pytest.raises(UnknownFormatError):
        loads(Tree, '{"branches":[{"Root":{}}]}')


def test_a_value_of_another_class_is_not_written() -> None:
    with pytest.raises(MisuseError, match="expected a Tree"):
        dumps(Leaf(1), Tree)
    with pytest.raises(MisuseError, match="not a member"):
        dumps(Tree((PLAIN,)))  # type: ignore[arg-type]  # what is tested


@attrs.frozen
class Loose:
    what: Any


@pytest.mark.parametrize("annotation", [Loose, list[int], dict[str, int], object, float, tuple[Any, ...]])
def test_a_type_that_nobody_decided_how_to_store_is_refused(annotation: Any) -> None:
    with pytest.raises(MisuseError, match="not a type that a stored model may hold"):
        dumps(None, annotation)
