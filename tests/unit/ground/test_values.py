"""Frozen mappings, reasons, errors: values that are compared, hashed, stored and sent."""

from __future__ import annotations

import pickle

import attrs
import pytest

from periscolaire import errors
from periscolaire.frozen import FrozenMap
from periscolaire.reasons import Description, Reason, Verdict


class TestFrozenMap:
    def test_it_is_a_value(self) -> None:
        one: FrozenMap[str, int] = FrozenMap(a=1, b=2)
        other: FrozenMap[str, int] = FrozenMap([("b", 2), ("a", 1)])
        assert one == other == {"a": 1, "b": 2}
        assert hash(one) == hash(other)
        assert list(one) == ["a", "b"]
        assert one != FrozenMap(a=1)
        assert one != [("a", 1)]
        assert pickle.loads(pickle.dumps(one)) == one

    def test_it_never_changes(self) -> None:
        one: FrozenMap[str, int] = FrozenMap(a=1)
        assert one.with_({"b": 2}) == {"a": 1, "b": 2}
        assert one == {"a": 1}
        with pytest.raises(TypeError):
            one["a"] = 2  # type: ignore[index]  # the point: there is no item assignment

    def test_a_value_that_cannot_be_hashed_is_said_at_the_time(self) -> None:
        with pytest.raises(TypeError):
            hash(FrozenMap(a=[]))


class TestReasons:
    def test_parameters_are_frozen(self) -> None:
        reason = Reason.of("limit.closed", reference="art. 4", day="lundi")
        assert reason == Reason("limit.closed", {"day": "lundi"}, "art. 4")
        assert hash(reason) == hash(Reason("limit.closed", {"day": "lundi"}, "art. 4"))
        assert isinstance(reason.parameters, FrozenMap)
        assert Reason("x") == Reason.of("x")

    def test_descriptions_nest(self) -> None:
        inner = Description.of("day.eve")
        assert Description.of("limit", point=inner).parameters["point"] == inner

    def test_a_verdict_is_frozen(self) -> None:
        with pytest.raises(attrs.exceptions.FrozenInstanceError):
            Verdict(True).allowed = False  # type: ignore[misc]  # the point: it cannot be set


class TestErrors:
    PROBLEM = errors.Problem("reglement.toml", "produits[2].reservation", "« hier »", "une limite")

    @pytest.mark.parametrize(
        "error",
        [
            errors.MisuseError("x"),
            errors.BadFileError([PROBLEM, PROBLEM]),
            errors.NotationError("2 jours ouvrer", "ouvrer", 8, ["ouvrés", "ouvrables"]),
            errors.UnknownYearError("x"),
        ],
    )
    def test_they_cross_processes(self, error: errors.PeriscolaireError) -> None:
        copy = pickle.loads(pickle.dumps(error))
        assert type(copy) is type(error)
        assert str(copy) == str(error)
        assert vars(copy) == vars(error)

    def test_a_bad_file_shows_every_problem(self) -> None:
        shown = str(errors.BadFileError([self.PROBLEM, self.PROBLEM]))
        assert shown.count("reglement.toml : produits[2].reservation : trouvé « hier » ; attendu une limite") == 2

    def test_a_word_is_shown_with_its_neighbours(self) -> None:
        error = errors.NotationError("2 jours ouvrer", "ouvrer", 8, ["ouvrés"])
        assert str(error) == "« 2 jours ouvrer » : « ouvrer » n'est pas compris ; formes proches : « ouvrés »"
        assert str(errors.NotationError("x", "x", 0)) == "« x » : « x » n'est pas compris"

    def test_one_tree(self) -> None:
        for name in errors.__all__:
            kind = getattr(errors, name)
            if isinstance(kind, type) and issubclass(kind, Exception):
                assert issubclass(kind, errors.PeriscolaireError)
                assert name in (errors.__doc__ or "")
