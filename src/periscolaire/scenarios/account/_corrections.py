"""What a family corrects of its file, from the words of a scenario."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeVar

import attrs

from periscolaire.errors import MisuseError
from periscolaire.files import Step
from periscolaire.households import Adult, Child, Civility, FileField

__all__ = ["corrected"]

P = TypeVar("P", Adult, Child)

#: Heading of the screen → the field, and the value from its words.
_FIELDS: dict[str, tuple[str, Callable[[str], Any]]] = {
    FileField.CIVILITY.value: ("civility", Civility),
    FileField.FAMILY_NAME.value: ("family_name", str),
    FileField.FIRST_NAME.value: ("first_name", str),
    FileField.USUAL_NAME.value: ("usual_name", str),
    FileField.BIRTH_DATE.value: ("birth_date", dt.date.fromisoformat),
    FileField.EMAIL.value: ("email", str),
}


def corrected(people: tuple[P, ...], step: Step) -> tuple[P, ...]:
    """``people`` as the step corrects them.

    :raises MisuseError: somebody who is not on the screen, a heading or a value that it does not have.
    """
    names = {name for one in people for name in (one.first_name, one.full_name)}
    strangers = sorted(set(step.typed.corrections) - names)
    if strangers and people:
        shown = ", ".join(one.full_name for one in people)
        raise MisuseError(f"« corrections » : « {strangers[0]} » n'est pas sur cet écran ; on y voit {shown}")
    return tuple(_corrected(one, step) for one in people)


def _corrected(one: P, step: Step) -> P:
    said = step.typed.corrections
    changes = {**said.get(one.full_name, {}), **said.get(one.first_name, {})}
    return attrs.evolve(one, **dict(_field(heading, text) for heading, text in changes.items())) if changes else one


def _field(heading: str, text: str) -> tuple[str, Any]:
    if heading not in _FIELDS:
        raise MisuseError(f"« corrections » : « {heading} » ; attendu une de {', '.join(_FIELDS)}")
    name, read = _FIELDS[heading]
    try:
        return name, read(text)
    except ValueError:
        raise MisuseError(f"« corrections » : « {text} » ne convient pas à « {heading} »") from None
