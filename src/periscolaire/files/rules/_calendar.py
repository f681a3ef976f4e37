"""The calendar of a rules file: school weeks, counter, local holidays, own kinds of day, events, periods."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import attrs

from periscolaire.calendar import (
    MONDAY_TO_FRIDAY,
    AllYear,
    DayEffect,
    DayEvent,
    HolidayPeriod,
    PeriodKind,
    SchoolWeek,
    Span,
    parse_open_days,
    print_open_days,
)
from periscolaire.errors import MisuseError, NotationError
from periscolaire.facts import Vocabulary
from periscolaire.files.rules._values import WEEKDAYS
from periscolaire.files.toml._forms import (
    BoolForm,
    ChoiceForm,
    DateForm,
    Key,
    ListForm,
    MapForm,
    Reading,
    Schema,
    Section,
    SectionForm,
    TextForm,
    found,
    or_list,
)
from periscolaire.files.toml._locate import Path
from periscolaire.frozen import FrozenMap

__all__ = ["CALENDAR_SECTIONS", "OPEN_DAYS", "CalendarForm"]


@attrs.frozen
class OpenDaysForm:
    """Days on which something runs: words, or a list of words that add up."""

    term: bool = True
    words: str = 'des jours, comme « jours de classe », « mercredis », « petites vacances » ou ["lundi", "jeudi"]'

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, str | list) or not raw or not all(isinstance(word, str) for word in raw):
            return reading.problem(path, found(raw), self.words)
        try:
            return parse_open_days(raw, term=self.term)
        except NotationError as error:
            near = f" ; formes proches : {or_list(error.suggestions)}" if error.suggestions else ""
            return reading.problem(path, f"{found(raw)}, où {error.complaint}", self.words + near)
        except MisuseError as error:
            return reading.problem(path, f"{found(raw)} ({error})", self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return print_open_days(value, term=self.term)

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/open_days"}


OPEN_DAYS = OpenDaysForm()
YEAR_DAYS = OpenDaysForm(term=False)


@attrs.frozen
class SchoolWeekForm:
    """``["lundi", "mardi", "mercredi matin", "jeudi", "vendredi"]``."""

    words: str = 'une liste de jours de classe, comme ["lundi", "mardi", "mercredi matin"]'

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, list) or not raw or not all(isinstance(word, str) for word in raw):
            return reading.problem(path, found(raw), self.words)
        try:
            return SchoolWeek.parse(raw)
        except NotationError as error:
            return reading.problem(path, f"« {error.word} »", self.words)
        except MisuseError:
            return reading.problem(path, "un jour écrit deux fois", self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return list(value.words())

    def schema(self) -> Schema:
        return {"type": "array", "items": {"type": "string"}, "minItems": 1}


@attrs.frozen
class DayOrNameForm:
    """A date, or the name of a public holiday."""

    words: str = "une date (« 2026-05-28 ») ou un nom (« vendredi saint »)"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
            return raw
        if isinstance(raw, str) and raw.strip():
            return DateForm().read(raw, path, reading) if raw[0].isdigit() and raw[:4].isdigit() else raw
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value.isoformat() if isinstance(value, dt.date) else value

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


def _event(first: dt.date, last: dt.date | None = None, **rest: Any) -> DayEvent:
    return DayEvent(Span(first, last or first), **rest)


_NAMES = ListForm(TextForm(), least=1, of=frozenset)

EVENT = Section(
    "event",
    "un événement du calendrier",
    "Fermeture, grève, jour de rattrapage, ouverture exceptionnelle, sortie.",
    (
        Key("du", "first", DateForm(), "premier jour", '"2026-02-10"', required=True),
        Key("au", "last", DateForm(), "dernier jour (par défaut le même)", '"2026-02-11"'),
        Key("effet", "effect", ChoiceForm.of(DayEffect), "ce qui se passe", '"fermé"', required=True),
        Key("libelle", "label", TextForm(), "ce que les familles lisent", '"alerte cyclonique"', default=""),
        Key("produits", "products", _NAMES, "seulement ces produits", '["cantine"]'),
        Key("sites", "sites", _NAMES, "seulement ces sites"),
        Key("ecoles", "schools", _NAMES, "seulement ces écoles"),
        Key("classes", "classes", _NAMES, "seulement ces classes"),
        Key("facture", "charged", BoolForm(), "ce qui était réservé reste dû", "false"),
        Key("reference", "reference", TextForm(), "arrêté, décision"),
    ),
    _event,
    lambda event: {
        "first": event.span.first,
        "last": None if event.span.last == event.span.first else event.span.last,
        "effect": event.effect,
        "label": event.label,
        **{
            name: None if getattr(event, name) is None else sorted(getattr(event, name))
            for name in ("products", "sites", "schools", "classes")
        },
        "charged": event.charged,
        "reference": event.reference,
    },
)


def _period(**values: Any) -> HolidayPeriod:
    if values["resume"] <= values["after_class_of"]:
        raise MisuseError("une reprise après la classe du départ")
    return HolidayPeriod.stated(**values)


PERIOD = Section(
    "holiday_period",
    "des vacances",
    "Des vacances que la bibliothèque ne connaît pas encore, telles qu'elles sont publiées.",
    (
        Key("nom", "name", TextForm(), "nom", '"Vacances de la Toussaint"', required=True),
        Key("annee", "school_year", TextForm(), "année scolaire", '"2028-2029"', required=True),
        Key(
            "apres_la_classe_du", "after_class_of", DateForm(), "départ après la classe", '"2028-10-20"', required=True
        ),
        Key("reprise", "resume", DateForm(), "jour de la reprise", '"2028-11-06"', required=True),
        Key("nature", "kind", ChoiceForm.of(PeriodKind), "vacances, pont ou jour", default=PeriodKind.HOLIDAYS),
        Key("source", "source", TextForm(), "où la date est publiée", default=""),
    ),
    _period,
)


def _calendar(**values: Any) -> dict[str, Any]:
    for name in ("school_weeks", "own_kinds"):
        if name in values:
            values[name] = FrozenMap(values[name])
    return values


CALENDAR = Section(
    "calendar",
    "le calendrier",
    "Ce que la commune ajoute au calendrier officiel.",
    (
        Key("semaine", "week", SchoolWeekForm(), "jours de classe",
            '["lundi", "mardi", "mercredi matin", "jeudi", "vendredi"]', default=SchoolWeek()),
        Key("ecoles", "school_weeks", MapForm(SchoolWeekForm(), "une table école → jours de classe"),
            "jours de classe des écoles qui diffèrent", '{ "Jean Moulin" = ["lundi", "mardi", "jeudi", "vendredi"] }',
            default=FrozenMap()),
        Key("guichet", "office_days", YEAR_DAYS, "jours où l'accueil de la mairie est ouvert",
            '["lundi", "mardi", "jeudi"]', default=AllYear(MONDAY_TO_FRIDAY)),
        Key("ouvres", "business_days", WEEKDAYS, "jours ouvrés de l'organisateur",
            '["lundi", "mardi", "mercredi", "jeudi", "vendredi"]', default=MONDAY_TO_FRIDAY),
        Key("feries_locaux", "local_holidays", ListForm(DayOrNameForm()), "jours fériés propres à la commune",
            '["vendredi saint", "2026-05-28"]', default=()),
        Key("feries_travailles", "worked_holidays", ListForm(DayOrNameForm()), "jours fériés travaillés ici",
            '["lundi de Pentecôte"]', default=()),
        Key("genres", "own_kinds", MapForm(YEAR_DAYS, "une table nom → jours"),
            "genres de jour propres à la commune : « 2 jours de livraison avant » s'écrit alors",
            '{ livraison = ["mardi", "vendredi"] }', default=FrozenMap()),
        Key("evenements", "events", ListForm(SectionForm(EVENT)), "fermetures, grèves, rattrapages", default=()),
        Key("vacances", "periods", ListForm(SectionForm(PERIOD)), "vacances non encore connues", default=()),
    ),
    _calendar,
    lambda settings: {
        **{field.name: getattr(settings, field.name) for field in attrs.fields(type(settings))},
        "business_days": settings.business_days
        if settings.business_days == MONDAY_TO_FRIDAY
        else sorted(settings.business_days),
    },
)  # fmt: skip


@attrs.frozen
class CalendarForm:
    """``[calendrier]``; its own kinds of day join the notation of the limits read after it."""

    words: str = "une table [calendrier]"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, dict) and isinstance(kinds := raw.get("genres"), Mapping):
            reading.own_kinds = tuple(kinds)
        return SectionForm(CALENDAR).read(raw, path, reading)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return CALENDAR.write(value, vocabulary)

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/calendar"}


CALENDAR_SECTIONS = (CALENDAR, EVENT, PERIOD)
