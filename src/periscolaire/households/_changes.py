"""Corrections of a file: one field of one person, what it was and what it becomes."""

from __future__ import annotations

import datetime as dt
import enum
from typing import Any, TypeAlias

import attrs

from periscolaire.errors import ConflictError, MisuseError
from periscolaire.households._household import Household
from periscolaire.households._people import (
    Adult,
    Child,
    Civility,
    Grade,
    Phone,
    PickUp,
    PostalAddress,
    Schooling,
)
from periscolaire.ids import AdultId, ChildId

__all__ = [
    "FieldValue",
    "FileChange",
    "FileField",
    "apply_to_child",
    "apply_to_household",
    "changes_of_adult",
    "changes_of_child",
]


class FileField(enum.Enum):
    """A field that a family may correct; the values are its labels in the family account."""

    CIVILITY = "Civilité"
    FAMILY_NAME = "Nom"
    FIRST_NAME = "Prénom"
    USUAL_NAME = "Nom d'usage"
    BIRTH_DATE = "Date de naissance"
    EMAIL = "Courriel"
    PHONES = "Téléphones"
    ADDRESS = "Adresse"
    SCHOOL = "École"
    GRADE = "Niveau"
    CLASS = "Classe"
    PICK_UPS = "Personnes autorisées"


_ADULT: dict[FileField, str] = {
    FileField.CIVILITY: "civility",
    FileField.FAMILY_NAME: "family_name",
    FileField.FIRST_NAME: "first_name",
    FileField.EMAIL: "email",
    FileField.PHONES: "phones",
    FileField.ADDRESS: "address",
}
_CHILD: dict[FileField, str] = {
    FileField.FAMILY_NAME: "family_name",
    FileField.FIRST_NAME: "first_name",
    FileField.USUAL_NAME: "usual_name",
    FileField.BIRTH_DATE: "birth_date",
    FileField.ADDRESS: "address",
    FileField.PICK_UPS: "pick_ups",
}
#: Fields of the last schooling: what was before it is past, and prices rest on it.
_SCHOOLING: dict[FileField, str] = {
    FileField.SCHOOL: "school",
    FileField.GRADE: "grade",
    FileField.CLASS: "class_name",
}

#: What such a field holds.
FieldValue: TypeAlias = Civility | Grade | str | dt.date | PostalAddress | tuple[Phone | PickUp, ...] | None


@attrs.frozen
class FileChange:
    """``field`` of ``subject`` was ``before`` and should be ``after``.

    :raises MisuseError: the two are one.
    """

    subject: AdultId | ChildId
    field: FileField
    before: FieldValue
    after: FieldValue

    def __attrs_post_init__(self) -> None:
        if self.before == self.after:
            raise MisuseError(
                f"{self.field.value}: nothing changes", code="file.nothing_changes", field=self.field.value
            )


def changes_of_adult(before: Adult, after: Adult) -> tuple[FileChange, ...]:
    """What a family corrected of an adult."""
    return tuple(
        FileChange(before.id, field, getattr(before, name), getattr(after, name))
        for field, name in _ADULT.items()
        if getattr(before, name) != getattr(after, name)
    )


def changes_of_child(before: Child, after: Child) -> tuple[FileChange, ...]:
    """What a family corrected of a child, its present school and class included.

    :raises MisuseError: a past schooling was changed, or somebody whom a judge keeps away was taken off the list.
    """
    if before.schoolings[:-1] != after.schoolings[:-1] or _spans(before) != _spans(after):
        raise MisuseError(
            f"schoolings of {before.id}: expected the last one only to be corrected, over the same days",
            code="file.past_schooling",
            person=before.id,
        )
    if _forbidden(before) != _forbidden(after):
        raise MisuseError(
            f"pick-ups of {before.id}: who may not collect the child is the commune's to write",
            code="file.forbidden_pick_up",
            person=before.id,
        )
    found = [
        FileChange(before.id, field, getattr(before, name), getattr(after, name))
        for field, name in _CHILD.items()
        if getattr(before, name) != getattr(after, name)
    ]
    for old, new in zip(before.schoolings[-1:], after.schoolings[-1:], strict=True):
        found += [
            FileChange(before.id, field, getattr(old, name), getattr(new, name))
            for field, name in _SCHOOLING.items()
            if getattr(old, name) != getattr(new, name)
        ]
    return tuple(found)


def _spans(child: Child) -> list[tuple[dt.date, dt.date | None]]:
    return [(one.first_day, one.last_day) for one in child.schoolings]


def _forbidden(child: Child) -> tuple[PickUp, ...]:
    return tuple(line for line in child.pick_ups if line.forbidden)


def apply_to_household(household: Household, change: FileChange) -> Household:
    """The household once ``change``, about one of its adults, was applied.

    :raises NotFoundError: not an adult of the household.
    :raises ConflictError: the field is no longer what the family saw.
    """
    adult = household.adult(AdultId(change.subject))
    corrected = attrs.evolve(adult, **_checked(adult, _ADULT, change))
    return attrs.evolve(
        household, adults=tuple(corrected if other.id == adult.id else other for other in household.adults)
    )


def apply_to_child(child: Child, change: FileChange) -> Child:
    """The child once ``change`` was applied.

    :raises MisuseError: the change is about somebody else.
    :raises ConflictError: the field is no longer what the family saw.
    """
    if change.subject != child.id:
        raise MisuseError(f"change of {change.subject} applied to child {child.id}")
    if change.field in _SCHOOLING and child.schoolings:
        last = child.schoolings[-1]
        fields = _checked(last, _SCHOOLING, change)
        if change.field is FileField.GRADE:
            fields["level"] = None  # follows from the grade
        corrected = attrs.evolve(last, **fields)
        return attrs.evolve(child, schoolings=(*child.schoolings[:-1], corrected))
    return attrs.evolve(child, **_checked(child, _CHILD, change))


def _checked(person: Adult | Child | Schooling, fields: dict[FileField, str], change: FileChange) -> dict[str, Any]:
    name = fields.get(change.field)
    if name is None:
        raise MisuseError(f"{change.field.value} is not a field of {type(person).__name__.lower()}")
    if getattr(person, name) != change.before:
        raise ConflictError(
            f"{change.field.value} of {change.subject} changed since the family saw it",
            code="file.changed_meanwhile",
            field=change.field.value,
            person=change.subject,
        )
    return {name: change.after}
