"""A secret shows itself nowhere."""

import copy
import json
import logging
import pickle

import pytest

from periscolaire.access import Secret, digest, matches

TEXT = "tr0ub4dor-et-3-lapins"


def test_no_way_of_printing_shows_it(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(TEXT)
    logging.getLogger("test").warning("signing in with %s %r", secret, [secret])
    shown = [repr(secret), str(secret), f"{secret}", f"{secret:>30}", "%s" % secret, repr({"a": secret}), caplog.text]  # noqa: UP031  # the old way is a way
    assert all(TEXT not in text for text in shown)


def test_it_cannot_be_pickled_copied_or_written_as_json() -> None:
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy, json.dumps):
        with pytest.raises(TypeError) as error:
            attempt(Secret(TEXT))
        assert TEXT not in str(error.value)


def test_digests_are_bound_to_their_purpose() -> None:
    stored = digest(Secret(TEXT), "invitation")
    assert TEXT not in stored
    assert matches(Secret(TEXT), stored, "invitation")
    assert not matches(Secret(TEXT), stored, "password")
    assert not matches(Secret(TEXT + "x"), stored, "invitation")


def test_equality_is_by_content_and_only_with_secrets() -> None:
    assert Secret(TEXT) == Secret(TEXT)
    assert hash(Secret(TEXT)) == hash(Secret(TEXT))
    assert Secret(TEXT) != Secret("other")
    assert Secret(TEXT) != TEXT
