"""The password policy, on the CNIL's own examples and on what people type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periscolaire.access import PasswordPolicy, Secret

KNOWN = ("alice.martin@exemple.fr", "MARTIN", "Alice")


def codes(password: str, policy: PasswordPolicy = PasswordPolicy()) -> list[str]:  # noqa: B008  # immutable default
    return [reason.code for reason in policy.check(Secret(password), KNOWN).reasons]


@pytest.mark.parametrize(
    "password",
    [
        "Tz4!kQ9?wB2;",  # 12 characters of four kinds: the CNIL's first example
        "Tz4kQ9wB2xL7vN",  # 14 of three kinds: the second
        "sept mots sans aucun rapport entre eux",  # seven words: the third
        "çà et là, mille étés passés",
    ],
)
def test_the_examples_of_the_cnil_will_do(password: str) -> None:
    assert codes(password) == []


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("Tz4!kQ9?wB2", "password.too_weak"),  # 11 characters
        ("Tz4kQ9wB2xL7v", "password.too_weak"),  # 13 of three kinds
        ("", "password.too_weak"),
        ("12345678901234567890", "password.too_weak"),
        ("MotDePasse-2026!", "password.guessable"),
        ("Alice.Martin-2019!", "password.guessable"),
        ("ÂlicéMärtin-2019!", "password.guessable"),
        ("aaaaaaaaaaaaaaaaaaaaaaaa", "password.repeated"),
        ("x" * 257, "password.too_long"),
    ],
)
def test_what_will_not_do_and_why(password: str, code: str) -> None:
    assert code in codes(password)


def test_with_fifty_bits_eight_characters_of_four_kinds_are_enough() -> None:
    assert codes("Tz4!kQ9?", PasswordPolicy(bits=50)) == []
    assert codes("Tz4!kQ9", PasswordPolicy(bits=50)) == ["password.too_weak"]


@given(st.text(max_size=40))
def test_no_reason_repeats_what_was_typed(password: str) -> None:
    for reason in PasswordPolicy().check(Secret(password), KNOWN).reasons:
        values = [value for value in reason.parameters.values() if isinstance(value, str)]
        assert values == []


@given(st.text(min_size=1, max_size=30), st.sampled_from("aZ7;"))
def test_a_longer_password_is_never_weaker(password: str, letter: str) -> None:
    if "password.too_weak" not in codes(password):
        assert "password.too_weak" not in codes(password + letter)
