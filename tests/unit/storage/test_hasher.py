"""Passwords through argon2."""

import pytest

from periscolaire.storage import Argon2Hasher

QUICK = Argon2Hasher(passes=1, memory=8, lanes=1)


def test_a_hash_is_salted_verified_and_says_nothing() -> None:
    first, second = QUICK.hash("mot de passe"), QUICK.hash("mot de passe")
    assert first != second
    assert "mot de passe" not in first
    assert first.startswith("$argon2id$")
    assert QUICK.verify("mot de passe", first)
    assert not QUICK.verify("mot de passE", first)


@pytest.mark.parametrize("text", ["", "mot de passe", "$argon2id$v=19$broken", "quick$abc"])
def test_what_is_no_hash_verifies_nothing(text: str) -> None:
    assert not QUICK.verify("mot de passe", text)


def test_a_hash_of_other_parameters_is_outdated() -> None:
    hashed = QUICK.hash("x")
    assert not QUICK.is_outdated(hashed)
    assert Argon2Hasher(passes=2, memory=8, lanes=1).is_outdated(hashed)
