"""Adults, children and what a school year says of a child."""

from __future__ import annotations

import datetime as dt
import enum

import attrs

from periscolaire.errors import MisuseError
from periscolaire.ids import AdultId, ChildId, SchoolCode

__all__ = [
    "Adult",
    "Child",
    "Civility",
    "Grade",
    "Level",
    "Phone",
    "PhoneKind",
    "PickUp",
    "PostalAddress",
    "Schooling",
    "Sex",
    "covers",
]


def covers(first_day: dt.date | None, last_day: dt.date | None, day: dt.date) -> bool:
    """Whether ``day`` is in the closed span; an end that is ``None`` is open."""
    return (first_day is None or first_day <= day) and (last_day is None or day <= last_day)


class Civility(enum.Enum):
    """« Civilité » of the family account; the values are its labels."""

    MADAME = "Madame"
    MONSIEUR = "Monsieur"


class Sex(enum.Enum):
    """As the school's files say it."""

    FEMALE = "F"
    MALE = "M"


class PhoneKind(enum.Enum):
    """Which telephone; the values are the words of files."""

    MOBILE = "portable"
    HOME = "domicile"
    WORK = "travail"


class Level(enum.Enum):
    """Level of schooling, the value of the ``level`` fact."""

    MATERNELLE = "maternelle"
    ELEMENTAIRE = "élémentaire"


class Grade(enum.Enum):
    """Year of the primary school, the value of the ``grade`` fact (Code de l'éducation, D311-10)."""

    TPS = "TPS"
    PS = "PS"
    MS = "MS"
    GS = "GS"
    CP = "CP"
    CE1 = "CE1"
    CE2 = "CE2"
    CM1 = "CM1"
    CM2 = "CM2"

    @property
    def level(self) -> Level:
        """Maternelle up to GS, élémentaire from CP."""
        return Level.MATERNELLE if self in _MATERNELLE else Level.ELEMENTAIRE


_MATERNELLE = frozenset({Grade.TPS, Grade.PS, Grade.MS, Grade.GS})


@attrs.frozen
class PostalAddress:
    """Where somebody lives or is written to; ``lines`` come before the postcode."""

    lines: tuple[str, ...]
    postcode: str
    city: str
    country: str = "France"


@attrs.frozen
class Phone:
    """A number as it was given."""

    kind: PhoneKind
    number: str


@attrs.frozen
class Adult:
    """A person responsible for the children of a household (« responsable 1 », « responsable 2 »).

    ``email`` is where the commune writes, not necessarily the identifier of an account.
    """

    id: AdultId
    family_name: str
    first_name: str
    civility: Civility | None = None
    birth_name: str = ""
    email: str | None = None
    phones: tuple[Phone, ...] = ()
    address: PostalAddress | None = None

    @property
    def full_name(self) -> str:
        """First name, then family name."""
        return f"{self.first_name} {self.family_name}".strip()


@attrs.frozen
class PickUp:
    """Somebody who may (or, by decision of a judge, may not) collect a child; never a user of the service.

    ``weekdays`` are days of the week, 0 for Monday; empty means any.
    """

    name: str
    relation: str = ""
    phone: str = ""
    first_day: dt.date | None = None
    last_day: dt.date | None = None
    weekdays: frozenset[int] = frozenset()
    forbidden: bool = False

    def holds_on(self, day: dt.date) -> bool:
        """Whether this line is about ``day``."""
        return covers(self.first_day, self.last_day, day) and (not self.weekdays or day.weekday() in self.weekdays)


@attrs.frozen
class Schooling:
    """What a child's school is over a closed span of days (``last_day`` ``None``: until further notice).

    ``class_name`` is what the school calls the class (« CE2/CM1 »); a class of two levels does not tell the child's
    ``grade``, hence the two fields. ``level`` follows from the grade unless the school only gave the level.

    :raises MisuseError: the span ends before it begins, or level and grade contradict each other.
    """

    first_day: dt.date
    last_day: dt.date | None
    school: SchoolCode
    grade: Grade | None = None
    class_name: str = ""
    level: Level | None = attrs.field(default=None)
    inclusive_class: bool = False

    def __attrs_post_init__(self) -> None:
        if self.last_day is not None and self.last_day < self.first_day:
            raise MisuseError(f"schooling ends on {self.last_day} before it begins on {self.first_day}")
        if self.grade is None:
            return
        if self.level is None:
            object.__setattr__(self, "level", self.grade.level)
        elif self.level is not self.grade.level:
            raise MisuseError(f"grade {self.grade.value} is not of level {self.level.value}")


@attrs.frozen
class Child:
    """A child and the facts of a school file; what depends on time is dated.

    A child belongs to households through their members (:class:`~periscolaire.households.Household`): one at a time,
    or two when the parents are separated.
    """

    id: ChildId
    family_name: str
    first_name: str
    birth_date: dt.date | None
    usual_name: str = ""
    sex: Sex | None = None
    schoolings: tuple[Schooling, ...] = ()
    pick_ups: tuple[PickUp, ...] = ()
    address: PostalAddress | None = None
    external_ids: tuple[tuple[str, str], ...] = ()

    @property
    def full_name(self) -> str:
        """First name, then the name in use."""
        return f"{self.first_name} {self.usual_name or self.family_name}".strip()

    def schooling(self, day: dt.date) -> Schooling | None:
        """The schooling of that day; of two that overlap, the one that began last."""
        current = [schooling for schooling in self.schoolings if covers(schooling.first_day, schooling.last_day, day)]
        return max(current, key=lambda schooling: schooling.first_day, default=None)

    def schooled(self, new: Schooling) -> Child:
        """The child as a school says it from ``new.first_day`` on; the past stays, and so does a year already known.

        The same school, grade and class as before changes nothing.
        """
        now = self.schooling(new.first_day)
        if now is not None and (now.school, now.grade, now.class_name) == (new.school, new.grade, new.class_name):
            return self
        day_before = new.first_day - dt.timedelta(days=1)
        before = (
            attrs.evolve(one, last_day=day_before) if one.last_day is None or one.last_day > day_before else one
            for one in self.schoolings
            if one.first_day < new.first_day
        )
        after = (one for one in self.schoolings if one.first_day > new.first_day)
        return attrs.evolve(self, schoolings=(*before, new, *after))

    def age(self, day: dt.date) -> int | None:
        """Completed years on ``day``; a child of 29 February turns a year older on 1 March of a common year.

        ``None`` when the birth date is not known or lies after ``day``.
        """
        born = self.birth_date
        if born is None or day < born:
            return None
        return day.year - born.year - ((day.month, day.day) < (born.month, born.day))

    def authorised_pick_ups(self, day: dt.date) -> tuple[PickUp, ...]:
        """Who may collect the child on ``day``: somebody who is also forbidden that day may not."""
        lines = [line for line in self.pick_ups if line.holds_on(day)]
        forbidden = {line.name.casefold() for line in lines if line.forbidden}
        return tuple(line for line in lines if not line.forbidden and line.name.casefold() not in forbidden)
