"""Reading a scenario file: every fault of it at once, each with its line."""

from __future__ import annotations

from pathlib import Path as FilePath

import attrs

from periscolaire.files.rules._rules import check_format
from periscolaire.files.scenarios._keys import SCENARIO_FORMAT, SCENARIO_ROOT
from periscolaire.files.scenarios._model import Scenario, ScenarioFamily, Step, StepKind
from periscolaire.files.toml._forms import INVALID, Reading
from periscolaire.files.toml._locate import Path, locate
from periscolaire.files.toml._text import read_text, read_toml
from periscolaire.reglement import Reglement

__all__ = ["load_scenario", "read_scenario"]

#: The steps whose action names an adult.
_OF_ADULT = frozenset({StepKind.INVITE, StepKind.INVITE_AGAIN, StepKind.UNINVITE, StepKind.SIGN_IN, StepKind.FORGET})


def load_scenario(path: FilePath | str, reglement: Reglement | None = None) -> Scenario:
    """The scenario of a file; the facts declared by ``reglement`` may be named in it.

    :raises BadFileError: the file says what it may not, a step expects nothing, or names no such child.
    :raises UnknownFormatError: the file is of a format that this release does not read.
    """
    path = FilePath(path)
    text = read_text(path)
    return read_scenario(text, reglement, file=str(path))


def read_scenario(text: str, reglement: Reglement | None = None, *, file: str = "(texte)") -> Scenario:
    """The scenario that ``text`` says. Raises as :func:`load_scenario` does."""
    raw = read_toml(text, file)
    check_format(raw, file, SCENARIO_FORMAT, "scénarios")
    lines = locate(text)
    reading = Reading(file, lines)
    if reglement is not None:
        reading.vocabulary = reglement.vocabulary
    values = SCENARIO_ROOT.read(raw, (), reading)
    reading.done()
    assert values is not INVALID, "no fault was noted"
    families: tuple[ScenarioFamily, ...] = values.get("families", ())
    steps = tuple(attrs.evolve(step, line=lines.get(("etapes", index))) for index, step in enumerate(values["steps"]))
    _check_families(families, reading)
    for index, step in enumerate(steps):
        _check_step(step, ("etapes", index), families, reading)
    reading.done()
    return Scenario(families, steps, values.get("title"), file)


def _check_step(step: Step, path: Path, families: tuple[ScenarioFamily, ...], reading: Reading) -> None:
    if step.expected.empty and not step.preparation:
        reading.problem(path, "une étape qui n'attend rien", "« attendu = { … } », ou « preparation = true »")
    if step.preparation and not step.expected.empty:
        reading.problem(path, "une étape de préparation qui attend quelque chose", "l'un ou l'autre")
    children = [(child.name, family.name) for family in families for child in family.children]
    adults = [(adult.name, adult.family_name or family.name) for family in families for adult in family.adults]
    for key, name in (("enfant", step.child), *(("enfants", child) for child in step.children)):
        _check_name(name, children, (*path, key), reading)
    _check_name(step.typed.adult, adults, (*path, "adulte"), reading)
    if step.kind in _OF_ADULT:
        _check_name(step.target, adults, (*path, step.kind.value), reading)
    if step.family is not None and step.family not in [family.name for family in families]:
        reading.problem((*path, "famille"), f"« {step.family} »", "un nom de [[familles]]")


def _check_name(name: str | None, people: list[tuple[str, str]], path: Path, reading: Reading) -> None:
    """A first name, or first and family name, that tells one of ``people``."""
    known = [called for first, family in people for called in (first, f"{first} {family}")]
    if name is not None and known.count(name) != 1:
        several = "un prénom et un nom : il y en a deux"
        reading.problem(path, f"« {name} »", several if name in known else "un prénom de [[familles]]")


def _check_families(families: tuple[ScenarioFamily, ...], reading: Reading) -> None:
    members = {family.name: {child.name for child in family.children} for family in families}
    for index, family in enumerate(families):
        for rank, custody in enumerate(family.custodies):
            path = ("familles", index, "gardes", rank)
            if custody.of not in members or custody.of == family.name:
                reading.problem((*path, "famille"), f"« {custody.of} »", "le nom d'une autre des [[familles]]")
            elif custody.child not in members[custody.of]:
                reading.problem((*path, "enfant"), f"« {custody.child} »", f"un prénom de la famille {custody.of}")
