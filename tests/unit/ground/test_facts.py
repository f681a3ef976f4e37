"""Facts, tests on facts and their French notation by example."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from periscolaire.errors import MisuseError
from periscolaire.facts import (
    ALWAYS,
    UNKNOWN,
    VOCABULARY,
    Condition,
    Expired,
    FactKind,
    Facts,
    FactSpec,
    Op,
    Subject,
    Test,
    Truth,
    Unknown,
    Vocabulary,
    parse_test,
    print_test,
)

TODAY = dt.date(2026, 10, 12)
FACTS = Facts(
    quotient=Decimal(600),
    resident=True,
    motive="maladie",
    documents=frozenset({"assurance", "vaccins"}),
    age=7,
    arrival=dt.time(8, 15),
    school=Unknown("refused"),
    resources=Expired(Decimal(1500), TODAY),
)


def spec(key: str) -> FactSpec:
    found = VOCABULARY.by_key(key)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("key", "raw", "expected"),
    [
        ("quotient", "< 600", Truth.FALSE),
        ("quotient", "<= 600", Truth.TRUE),
        ("quotient", "≥ 600", Truth.TRUE),
        ("quotient", "> 599,99", Truth.TRUE),
        ("quotient", "de 600 à 900", Truth.TRUE),
        ("quotient", 600, Truth.TRUE),
        ("age", "de 3 à 6", Truth.FALSE),
        ("resident", True, Truth.TRUE),
        ("resident", False, Truth.FALSE),
        ("motif", ["maladie", "grève"], Truth.TRUE),
        ("motif", "grève", Truth.FALSE),
        ("pieces", "assurance", Truth.TRUE),
        ("pieces", ["licence", "vaccins"], Truth.TRUE),
        ("pieces", ["licence"], Truth.FALSE),
        ("arrivée", "avant 08:15", Truth.FALSE),
        ("arrivée", "après 8h", Truth.TRUE),
        ("ecole", "Jules-Ferry", Truth.UNKNOWN),
        ("ecole", "inconnu", Truth.TRUE),
        ("ecole", "connu", Truth.FALSE),
        ("ressources", "< 2000", Truth.UNKNOWN),
        ("ressources", "expiré", Truth.TRUE),
        ("ressources", "inconnu", Truth.TRUE),
        ("quotient", "connu", Truth.TRUE),
        ("quotient", "expiré", Truth.FALSE),
        ("canal", "en ligne", Truth.UNKNOWN),
    ],
)
def test_a_test_is_three_valued(key: str, raw: object, expected: Truth) -> None:
    assert parse_test(spec(key), raw).evaluate(FACTS) is expected


@pytest.mark.parametrize(
    ("key", "raw"),
    [
        ("quotient", "cher"), ("quotient", True), ("quotient", 4.5), ("quotient", "< cher"), ("age", "sept"),
        ("resident", "oui"), ("motif", ""), ("motif", 3), ("motif", []), ("jour", "lundy"), ("date", "12/10"),
        ("arrivée", "25:00"), ("arrivée", 8), ("durée", "1 h"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_suit_the_fact_is_refused(key: str, raw: object) -> None:
    with pytest.raises(MisuseError, match="attendu"):
        parse_test(spec(key), raw)


@pytest.mark.parametrize(
    ("key", "raw", "printed"),
    [
        ("quotient", "≤ 600,50", "<= 600,50"), ("arrivée", "avant 8h15", "< 08:15"), ("durée", "30 min", 30),
        ("date", dt.date(2026, 9, 1), "2026-09-01"), ("motif", ["a", "b"], ["a", "b"]), ("age", "de 3 à 5", "de 3 à 5"),
    ],
)  # fmt: skip
def test_the_canonical_form(key: str, raw: object, printed: object) -> None:
    test = parse_test(spec(key), raw)
    assert print_test(test) == printed
    assert parse_test(spec(key), printed) == test


def test_a_condition_is_false_before_it_is_unknown() -> None:
    true, false = Test("age", Op.EQ, (7,)), Test("age", Op.EQ, (8,))
    unknown = Test("school", Op.EQ, ("x",))
    assert ALWAYS.evaluate(Facts()) is Truth.TRUE
    assert Condition((true, unknown)).evaluate(FACTS) is Truth.UNKNOWN
    assert Condition((unknown, false)).evaluate(FACTS) is Truth.FALSE
    assert Condition((true,)).and_(Condition((unknown,))).facts_read == {"age", "school"}


@pytest.mark.parametrize("fact", ["motive", "resident", "documents"])
def test_what_has_no_order_is_not_compared(fact: str) -> None:
    with pytest.raises(MisuseError, match="order"):
        Test(fact, Op.LT, (Decimal(1),)).evaluate(FACTS)


def test_two_kinds_are_not_compared() -> None:
    with pytest.raises(MisuseError, match="cannot be compared"):
        Test("arrival", Op.LT, (Decimal(1),)).evaluate(FACTS)


def test_states() -> None:
    assert FACTS.state("nothing") == UNKNOWN
    assert FACTS.known("age") == 7
    assert FACTS.known("school") is None
    assert FACTS.known("resources") is None
    assert FACTS.and_({"age": 8}).known("age") == 8
    assert FACTS.known("age") == 7


class TestVocabulary:
    def test_a_commune_declares_its_own(self) -> None:
        own = FactSpec("own_bus", "car communal", FactKind.BOOL, Subject.CHILD, "prend le car", "takes the bus")
        declared = VOCABULARY.with_declared([own])
        assert declared.by_key("car communal") == declared.by_name("own_bus") == own
        assert VOCABULARY.by_key("car communal") is None
        assert [*declared][:-1] == [*VOCABULARY]

    def test_a_name_is_taken_once(self) -> None:
        with pytest.raises(MisuseError):
            VOCABULARY.with_declared([next(iter(VOCABULARY))])

    def test_every_fact_is_explained_in_both_languages(self) -> None:
        assert isinstance(VOCABULARY, Vocabulary)
        assert all(fact.meaning_fr and fact.meaning_en for fact in VOCABULARY)
