"""A clerk reads French: every error that a command can meet has words, and all the parameters they need."""

from __future__ import annotations

import ast
import pickle
import string
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import periscolaire
from periscolaire import i18n
from periscolaire.cli._app import app
from periscolaire.errors import BadFileError, ConflictError, MisuseError, NotFoundError, Problem
from periscolaire.ports import JOURNALS, RECORDS
from periscolaire.storage._errors import missing

SOURCE = Path(periscolaire.__file__).parent
#: What the world can do to a clerk, whatever they typed.
OF_THE_WORLD = {"AccessDeniedError", "ConflictError", "NotFoundError", "UnknownFormatError", "UnknownYearError"}


#: Every use case may be a command, today's or an adopter's.
OPERATIONS = set((SOURCE / "operations").rglob("*.py"))
STORES = {SOURCE / "storage" / name for name in ("_errors.py", "_memory.py")}
STORES |= set((SOURCE / "storage" / "sql").glob("*.py"))
BELOW = {
    *(SOURCE / "billing").rglob("*.py"),
    *(SOURCE / "access").glob("*.py"),
    *(SOURCE / "messages").glob("*.py"),
    *(SOURCE / "households").glob("*.py"),
    SOURCE / "reglement" / "_reglement.py",
}


def _errors(files: set[Path], kinds: set[str]) -> Iterator[tuple[str, ast.Call]]:
    """Where an error of these kinds is made."""
    for file in sorted(files):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in kinds:
                yield f"{file.relative_to(SOURCE)}:{node.lineno}", node


MET = [
    *_errors(OPERATIONS, OF_THE_WORLD | {"MisuseError"}),
    *_errors(STORES | BELOW, OF_THE_WORLD),
]


def test_there_are_errors_to_look_at() -> None:
    assert len(MET) > 60


def test_every_error_that_a_command_meets_has_a_code() -> None:
    assert [where for where, call in MET if all(keyword.arg != "code" for keyword in call.keywords)] == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
def test_every_code_of_an_error_has_words_and_what_they_need(language: str) -> None:
    everywhere = set(SOURCE.rglob("*.py"))
    templates, wrong = i18n.catalogue(language), []
    for where, call in _errors(everywhere, OF_THE_WORLD | {"MisuseError", "UndecidedError"}):
        given = {keyword.arg: keyword.value for keyword in call.keywords}
        code = given.get("code")
        if not isinstance(code, ast.Constant) or not isinstance(code.value, str) or None in given:
            continue
        template = templates.get(code.value)
        needed = {name for _, name, _, _ in string.Formatter().parse(template or "") if name}
        if template is None or needed - given.keys():
            wrong.append((where, code.value, sorted(needed - given.keys())))
    assert wrong == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("kind", [*JOURNALS, *RECORDS, "reservations", "places"])
def test_every_kind_of_record_has_a_name(kind: str, language: str) -> None:
    assert "X1" in i18n.text(missing(kind, "X1"), language)


def test_an_error_speaks_english_to_developers_and_the_language_of_the_reader_to_people() -> None:
    error = missing("households", "F9")
    assert str(error) == "households 'F9'"
    assert i18n.text(error) == "Introuvable dans la base : foyer « F9 »."
    assert i18n.text(error, "en") == "Not in the store: household “F9”."
    assert i18n.text(MisuseError("naive datetime")) == "naive datetime"


def test_errors_travel_between_processes() -> None:
    for error in (missing("households", "F9"), ConflictError("x", code="store.busy", seconds=3), MisuseError("y")):
        again = pickle.loads(pickle.dumps(error))
        assert (type(again), str(again), again.code, again.parameters) == (
            type(error), str(error), error.code, error.parameters,
        )  # fmt: skip
    problem = Problem("f", "w", "a", "b")
    assert pickle.loads(pickle.dumps(BadFileError([problem]))).problems == (problem,)


def test_a_command_prints_the_words_and_not_the_message() -> None:
    @click.command("fail")
    def fail() -> None:
        raise NotFoundError("no règlement in force on 2026-01-05", code="operation.no_reglement")

    class One(type(app)):  # type: ignore[misc]  # the class of the root, with another command
        def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
            return fail

    result = CliRunner().invoke(One(name="periscolaire"), ["fail"])
    assert result.exit_code == 2
    assert result.output == "erreur : Aucun règlement n'est publié dans cette base : publiez-en un d'abord.\n"
