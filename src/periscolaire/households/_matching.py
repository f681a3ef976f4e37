"""Who is who: people of a file (ONDE's extraction, a CSV) against those already known; a report, nothing written."""

from __future__ import annotations

import datetime as dt
import enum
import unicodedata
from collections.abc import Iterable

import attrs

from periscolaire.households._household import Household
from periscolaire.households._people import Adult, Child, Civility, Grade, Phone, PostalAddress, Sex
from periscolaire.ids import AdultId, ChildId, HouseholdId
from periscolaire.reasons import Reason

__all__ = [
    "INE",
    "ChildMatch",
    "GuardianMatch",
    "GuardianRecord",
    "ImportPlan",
    "MatchKind",
    "PupilName",
    "PupilRecord",
    "match_people",
    "normal_name",
]

#: The name under which the national pupil number stands among a child's external identifiers.
INE = "INE"


@attrs.frozen
class PupilName:
    """How a guardian's line names a pupil."""

    family_name: str
    first_name: str
    usual_name: str = ""
    class_name: str = ""


@attrs.frozen
class PupilRecord:
    """A pupil as a line of a file says; ``faults`` are what cannot be right on that line."""

    line: int
    family_name: str
    first_name: str
    birth_date: dt.date | None
    usual_name: str = ""
    sex: Sex | None = None
    ine: str = ""
    address: PostalAddress | None = None
    second_address: PostalAddress | None = None
    grade: Grade | None = None
    class_name: str = ""
    faults: tuple[Reason, ...] = ()

    def is_named(self, name: PupilName) -> bool:
        """Whether a guardian's line speaks of this pupil (name in use or family name; class when both know it)."""
        known = {normal_name(self.family_name), normal_name(self.usual_name)} - {""}
        given = {normal_name(name.family_name), normal_name(name.usual_name)} - {""}
        same_class = not name.class_name or not self.class_name or name.class_name == self.class_name
        return bool(known & given) and normal_name(self.first_name) == normal_name(name.first_name) and same_class


@attrs.frozen
class GuardianRecord:
    """A responsible adult as a line of a file says, with the pupils it names."""

    line: int
    family_name: str
    first_name: str
    civility: Civility | None = None
    usual_name: str = ""
    email: str | None = None
    phones: tuple[Phone, ...] = ()
    address: PostalAddress | None = None
    children: tuple[PupilName, ...] = ()


class MatchKind(enum.Enum):
    """What is to become of a line; the values are shown in the report."""

    NEW = "à créer"
    SAME = "reconnu"
    DOUBTFUL = "douteux"
    REFUSED = "refusé"


@attrs.frozen
class ChildMatch:
    """A pupil of the file: a known child, a new one, or a doubt that a person must settle before writing."""

    record: PupilRecord
    kind: MatchKind
    child: ChildId | None = None
    candidates: tuple[ChildId, ...] = ()
    reasons: tuple[Reason, ...] = ()


@attrs.frozen
class GuardianMatch:
    """A guardian of the file: a known adult of a household, or a new one; ``pupils`` are lines of the pupils' file."""

    record: GuardianRecord
    kind: MatchKind
    adult: AdultId | None = None
    household: HouseholdId | None = None
    pupils: tuple[int, ...] = ()
    reasons: tuple[Reason, ...] = ()


@attrs.frozen
class ImportPlan:
    """The report: what would be created, recognised, asked and refused. Applying it is an operation of its own."""

    children: tuple[ChildMatch, ...]
    guardians: tuple[GuardianMatch, ...]

    def count(self, kind: MatchKind) -> int:
        """How many pupils are of that kind."""
        return sum(match.kind is kind for match in self.children)

    def settled(self, line: int, child: ChildId | None) -> ImportPlan:
        """The plan once a person settled a doubtful line: the known ``child``, or ``None`` for a new one."""
        kind = MatchKind.NEW if child is None else MatchKind.SAME
        return attrs.evolve(
            self,
            children=tuple(
                attrs.evolve(match, kind=kind, child=child)
                if match.record.line == line and match.kind is MatchKind.DOUBTFUL
                else match
                for match in self.children
            ),
        )


def normal_name(name: str) -> str:
    """A name without accents, case, hyphens, apostrophes and blanks: what two spellings of one name share."""
    decomposed = unicodedata.normalize("NFKD", name.replace("œ", "oe").replace("Œ", "OE"))
    return "".join(letter for letter in decomposed.casefold() if letter.isalpha())


def match_people(
    pupils: Iterable[PupilRecord],
    guardians: Iterable[GuardianRecord],
    children: Iterable[Child],
    households: Iterable[Household],
) -> ImportPlan:
    """Recognise the people of a file.

    A pupil is **recognised** by the national number, or by name and birth date together when only one child fits. Any
    lesser likeness (same name and another birth date, same birth date and a name one letter away or names the other
    way round, a number that belongs to another name) is **doubtful**; a line with a fault is **refused**. A guardian
    is recognised by name and e-mail, or by name when an adult of a household of one of the pupils bears it.
    """
    known = tuple(children)
    records = tuple(pupils)
    found = tuple(_child(record, records, known) for record in records)
    homes = tuple(households)
    return ImportPlan(found, tuple(_guardian(record, found, homes) for record in guardians))


def _names(person: PupilRecord | Child) -> set[str]:
    return {normal_name(person.family_name), normal_name(person.usual_name)} - {""}


def _child(record: PupilRecord, records: tuple[PupilRecord, ...], children: tuple[Child, ...]) -> ChildMatch:
    if record.faults:
        return ChildMatch(record, MatchKind.REFUSED, reasons=record.faults)
    twins = [other.line for other in records if other is not record and _is_repeated(record, other)]
    if twins:
        return ChildMatch(record, MatchKind.DOUBTFUL, reasons=(Reason.of("import.repeated", lines=tuple(twins)),))
    by_number = [child for child in children if record.ine and (INE, record.ine) in child.external_ids]
    if len(by_number) == 1:
        child = by_number[0]
        if child.birth_date in (None, record.birth_date) or _names(child) & _names(record):
            return ChildMatch(record, MatchKind.SAME, child.id)
        reason = Reason.of("import.number_of_another", child=child.full_name)
        return ChildMatch(record, MatchKind.DOUBTFUL, candidates=(child.id,), reasons=(reason,))
    exact = [child for child in children if _same_name(record, child) and child.birth_date == record.birth_date]
    if len(exact) == 1:
        return ChildMatch(record, MatchKind.SAME, exact[0].id)
    alike = exact or [child for child in children if _alike(record, child)]
    if alike:
        reason = Reason.of("import.alike", names=tuple(child.full_name for child in alike))
        candidates = tuple(child.id for child in alike)
        return ChildMatch(record, MatchKind.DOUBTFUL, candidates=candidates, reasons=(reason,))
    return ChildMatch(record, MatchKind.NEW)


def _is_repeated(left: PupilRecord, right: PupilRecord) -> bool:
    if left.ine and left.ine == right.ine:
        return True
    same = _names(left) & _names(right) and normal_name(left.first_name) == normal_name(right.first_name)
    return bool(same) and left.birth_date == right.birth_date


def _same_name(record: PupilRecord, child: Child) -> bool:
    return bool(_names(record) & _names(child)) and normal_name(record.first_name) == normal_name(child.first_name)


def _alike(record: PupilRecord, child: Child) -> bool:
    if _same_name(record, child):
        return True
    if record.birth_date is None or record.birth_date != child.birth_date:
        return False
    first, other = normal_name(record.first_name), normal_name(child.first_name)
    if first in _names(child) and other in _names(record):
        return True
    close_first = _one_letter_away(first, other)
    close_family = any(_one_letter_away(left, right) for left in _names(record) for right in _names(child))
    return close_first and close_family


def _one_letter_away(left: str, right: str) -> bool:
    """Equal, or one letter added, left out or changed."""
    if abs(len(left) - len(right)) > 1:
        return False
    start = 0
    while start < min(len(left), len(right)) and left[start] == right[start]:
        start += 1
    rest_left, rest_right = left[start:], right[start:]
    return rest_left[1:] == rest_right[1:] or rest_left[1:] == rest_right or rest_left == rest_right[1:]


def _guardian(
    record: GuardianRecord, pupils: tuple[ChildMatch, ...], households: tuple[Household, ...]
) -> GuardianMatch:
    named = [match for match in pupils if any(match.record.is_named(name) for name in record.children)]
    lines = tuple(match.record.line for match in named)
    if not named:
        return GuardianMatch(record, MatchKind.REFUSED, reasons=(Reason.of("import.guardian_of_nobody"),))
    theirs = {match.child for match in named if match.child is not None}
    fits = [
        (household, adult)
        for household in households
        for adult in household.adults
        if _is_adult(record, adult, bool(theirs & {member.child for member in household.members}))
    ]
    if len(fits) == 1:
        household, adult = fits[0]
        return GuardianMatch(record, MatchKind.SAME, adult.id, household.id, lines)
    if fits:
        reason = Reason.of("import.alike", names=tuple(adult.full_name for _, adult in fits))
        return GuardianMatch(record, MatchKind.DOUBTFUL, pupils=lines, reasons=(reason,))
    return GuardianMatch(record, MatchKind.NEW, pupils=lines)


def _is_adult(record: GuardianRecord, adult: Adult, of_the_family: bool) -> bool:
    names = {normal_name(record.family_name), normal_name(record.usual_name)} - {""}
    known = {normal_name(adult.family_name), normal_name(adult.birth_name)} - {""}
    if not names & known or normal_name(record.first_name) != normal_name(adult.first_name):
        return False
    same_mail = record.email is not None and adult.email is not None and record.email.lower() == adult.email.lower()
    return of_the_family or same_mail
