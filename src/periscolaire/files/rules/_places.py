"""Places in a rules file: a number, a table per weekday, or rules."""

from __future__ import annotations

from typing import Any

import attrs

from periscolaire.calendar import Weekday
from periscolaire.catalogue import Allocation, PlacesRule
from periscolaire.errors import NotationError
from periscolaire.facts import ALWAYS, Condition, Op, Test, Vocabulary
from periscolaire.files.rules._conditions import CONDITION, FACT_NAME
from periscolaire.files.toml._forms import (
    INVALID,
    ChoiceForm,
    IntegerForm,
    Key,
    ListForm,
    OneOrMoreForm,
    Reading,
    Schema,
    Section,
    SectionForm,
    TextForm,
    found,
)
from periscolaire.files.toml._locate import Path

__all__ = ["PLACES_RULE", "PlacesForm"]


def _places_rule(
    maximum: int | None = None, adults: int | None = None, per_adult: int | None = None, **rest: Any
) -> PlacesRule:
    if adults is not None and per_adult is not None and maximum is None:
        return PlacesRule.of_staff(adults, per_adult, **rest)
    return PlacesRule(maximum, adults=adults, per_adult=per_adult, **rest)


def _places_parts(rule: PlacesRule) -> dict[str, Any]:
    parts = {field.name: getattr(rule, field.name) for field in attrs.fields(PlacesRule)}
    return parts if rule.per_adult is None else {**parts, "maximum": None}


PLACES_RULE = Section(
    "places_rule",
    "une règle de places",
    "Un nombre maximum de réservations par jour, dans certains cas.",
    (
        Key("maximum", "maximum", IntegerForm(0), "nombre de places (absent : le texte ne le dit pas)", "60"),
        Key("encadrants", "adults", IntegerForm(0), "ou le nombre d'encadrants présents", "3"),
        Key("par_encadrant", "per_adult", IntegerForm(1), "et le nombre d'enfants pour chacun", "14"),
        Key("si", "condition", CONDITION, "cas concernés", '{ jour = "lundi" }', default=ALWAYS),
        Key("par", "pool", OneOrMoreForm(FACT_NAME), "compté à part pour chaque valeur", '["site"]', default=()),
        Key(
            "attribution",
            "allocation",
            ChoiceForm.of(Allocation),
            "comment les places vont : par ordre d'arrivée, par priorités à la clôture, sur demande",
            '"arrivée"',
            default=Allocation.ARRIVAL,
        ),
        Key("priorites", "priorities", ListForm(CONDITION), "cas servis d'abord, dans l'ordre", default=()),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    _places_rule,
    _places_parts,
)


_PLACES_WORDS = {key.key for key in PLACES_RULE.keys}


@attrs.frozen
class PlacesForm:
    """A number, a table per weekday, or a list of rules."""

    words: str = "un nombre de places, une table { lundi = 60, mardi = 70 } ou une liste de règles"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        number = IntegerForm(0)
        if isinstance(raw, dict) and not _PLACES_WORDS & raw.keys():
            rules: list[Any] = []
            for word, maximum in raw.items():
                try:
                    weekday = Weekday.parse(word)
                except NotationError:
                    rules.append(reading.problem((*path, word), f"la clé « {word} »", "un jour de la semaine"))
                    continue
                places = number.read(maximum, (*path, word), reading)
                if places is not INVALID:
                    rules.append(PlacesRule(places, _on_weekday(weekday)))
            return INVALID if not rules or any(r is INVALID for r in rules) or len(rules) < len(raw) else tuple(rules)
        if isinstance(raw, dict):
            rule = PLACES_RULE.read(raw, path, reading)
            return INVALID if rule is INVALID else (rule,)
        if isinstance(raw, list):
            return ListForm(SectionForm(PLACES_RULE), least=1).read(raw, path, reading)
        if isinstance(raw, int) and not isinstance(raw, bool):
            places = number.read(raw, path, reading)
            return INVALID if places is INVALID else (PlacesRule(places),)
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        if len(value) == 1 and value[0].maximum is not None and value[0] == PlacesRule(value[0].maximum):
            return value[0].maximum
        by_weekday = {day.french: rule.maximum for rule in value for day in Weekday if _is_weekday_rule(rule, day)}
        if len(by_weekday) == len(value):
            return by_weekday
        return [PLACES_RULE.write(rule, vocabulary) for rule in value]

    def schema(self) -> Schema:
        weekdays = {day.french: {"type": "integer", "minimum": 0} for day in Weekday}
        return {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "object", "properties": weekdays, "additionalProperties": False},
                {"$ref": "#/$defs/places_rule"},
                {"type": "array", "items": {"$ref": "#/$defs/places_rule"}, "minItems": 1},
            ]
        }


def _on_weekday(weekday: Weekday) -> Condition:
    return Condition((Test("weekday", Op.EQ, (weekday.french,)),))


def _is_weekday_rule(rule: PlacesRule, weekday: Weekday) -> bool:
    return rule.maximum is not None and rule == PlacesRule(rule.maximum, _on_weekday(weekday))
