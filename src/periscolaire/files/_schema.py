"""The JSON Schema of the rules and scenario files, and the reference of their keys, from the same tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from periscolaire.facts import VOCABULARY, FactKind, Subject
from periscolaire.files.portal._keys import PORTAL_FORMAT, PORTAL_ROOT, PORTAL_SECTIONS
from periscolaire.files.rules._calendar import CALENDAR_SECTIONS
from periscolaire.files.rules._limits import LIMIT_SECTIONS
from periscolaire.files.rules._price_forms import NODE_KEYS
from periscolaire.files.rules._products import PRODUCT_SECTIONS
from periscolaire.files.rules._rules import FORMAT, ROOT, RULES_SECTIONS
from periscolaire.files.rules._tariffs import PRICE_SECTION, PRODUCT_PRICE, TARIFF_SECTIONS
from periscolaire.files.scenarios._keys import SCENARIO_FORMAT, SCENARIO_ROOT, SCENARIO_SECTIONS
from periscolaire.files.toml._forms import ChoiceForm, Form, Key, ListForm, Section, SectionForm

__all__ = [
    "GLOSSARY_HEADINGS",
    "facts_reference",
    "glossary",
    "portal_schema",
    "reference",
    "rules_schema",
    "scenario_schema",
]

_ALL_RULES = (*RULES_SECTIONS, *CALENDAR_SECTIONS, *PRODUCT_SECTIONS, *LIMIT_SECTIONS, PRICE_SECTION, *TARIFF_SECTIONS)
_CLOCK = r"^\d{1,2}(:|h)(\d{2})?$"


def _words() -> dict[str, Any]:
    """The forms that sections refer to by name."""
    facts = {spec.key.replace(" ", "_"): {"description": spec.meaning_fr} for spec in VOCABULARY}
    facts |= {spec.key: {"description": spec.meaning_fr} for spec in VOCABULARY}
    return {
        "clock": {"type": "string", "pattern": _CLOCK, "description": "une heure, comme 16:30"},
        "decimal": {"type": "string", "pattern": r"^[+-]?\d+([.,]\d+)?$", "description": "un nombre, comme 4,40"},
        "hours_span": {"type": "string", "description": "des heures, comme 12:00-13:30"},
        "month_day": {"type": "string", "pattern": r"^\d{2}-\d{2}$", "description": "mois et jour, comme 09-01"},
        "unit": {"type": "string", "description": "jour, semaine, mois, mois du 11, période, année scolaire…"},
        "notation": {"type": "string", "minLength": 1, "description": "une limite, comme « la veille 10:00 »"},
        "open_days": {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}],
            "description": 'des jours, comme « jours de classe » ou ["lundi", "jeudi"]',
        },
        "condition": {
            "type": "object",
            "minProperties": 1,
            "properties": facts,
            "description": "fait → valeur, liste de valeurs ou comparaison ; toutes doivent tenir",
        },
        "facts": {"type": "object", "properties": facts, "description": "fait → valeur"},
        "limit": {
            "anyOf": [
                {"$ref": "#/$defs/notation"},
                {"$ref": "#/$defs/rule"},
                {"type": "array", "items": {"$ref": "#/$defs/rule"}, "minItems": 1},
                {
                    "type": "object",
                    "not": {"anyOf": [{"required": ["limite"]}, {"required": ["paliers"]}]},
                    "additionalProperties": {"$ref": "#/$defs/notation"},
                    "description": "canal → limite",
                },
            ],
            "description": "une limite : un texte, une table par canal, une règle ou une liste de règles",
        },
        "node": {
            "anyOf": [
                {"type": "string", "minLength": 1},
                {"type": "array", "minItems": 1, "items": {"type": "object"}},
                {"type": "object", "properties": {key: {} for key in sorted(NODE_KEYS)}, "additionalProperties": False},
            ],
            "description": "un prix : « 4,40 », une liste de lignes ou une table",
        },
    }


def _schema(root: Section, sections: Iterable[Section], title: str, version: int) -> dict[str, Any]:
    body = root.schema()
    body["properties"]["format"] = {"const": version, "description": "version du format de fichier"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **body,
        "$defs": {**_words(), **{section.code: section.schema() for section in sections if section is not root}},
    }


def rules_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the rules file, for editors that complete and check."""
    schema = _schema(ROOT, _ALL_RULES, "Règlement périscolaire", FORMAT)
    schema["$defs"]["product_price"] = PRODUCT_PRICE.definition()
    return schema


def scenario_schema() -> dict[str, Any]:
    """The JSON Schema of the scenario file."""
    return _schema(SCENARIO_ROOT, SCENARIO_SECTIONS, "Scénarios périscolaires", SCENARIO_FORMAT)


def portal_schema() -> dict[str, Any]:
    """The JSON Schema of the family space's file."""
    return _schema(PORTAL_ROOT, PORTAL_SECTIONS, "Espace famille", PORTAL_FORMAT)


def reference(*, scenarios: bool = False, portal: bool = False) -> str:
    """Every key of the rules file (or of another) with its meaning, in French Markdown: one table a section."""
    sections = PORTAL_SECTIONS if portal else SCENARIO_SECTIONS if scenarios else _ALL_RULES
    return "\n".join(line for section in sections for line in _section(section))


def _section(section: Section) -> Iterator[str]:
    yield f"### {section.title[0].upper()}{section.title[1:]}"
    yield ""
    yield section.meaning
    yield ""
    yield "| clé | sens | valeur | exemple |"
    yield "|---|---|---|---|"
    for key in section.keys:
        needed = " (obligatoire)" if key.required else ""
        example = f"`{key.example}`" if key.example else ""
        value = _value(key.form) + _default(key)
        yield f"| `{key.key}`{needed} | {key.meaning} | {value} | {example} |".replace(" |  |", " | |")
    yield ""


def _value(form: Form) -> str:
    """What may stand there, with a link to the section of a table."""
    match form:
        case SectionForm(section):
            return f"une table : {_link(section)}"
        case ListForm(SectionForm(section)):
            return f"une liste de tables : {_link(section)}"
        case ListForm(ChoiceForm() as choice):
            return f"une liste de mots : {choice.words}"
        case _:
            return form.words.replace(" | ", " ou ")


def _link(section: Section) -> str:
    slug = "".join(letter for letter in section.title.lower().replace(" ", "-") if letter.isalnum() or letter == "-")
    return f"[{section.title}](#{slug})"


def _default(key: Key) -> str:
    """The value that stands when the key is left out, where it is a word or a number."""
    if key.default is None or key.required:
        return ""
    written = key.form.write(key.default, VOCABULARY)
    if isinstance(written, bool):
        return f" ; par défaut `{'true' if written else 'false'}`"
    return f" ; par défaut « {written} »" if isinstance(written, str | int) else ""


_ABOUT = {
    Subject.HOUSEHOLD: "le foyer",
    Subject.CHILD: "l'enfant",
    Subject.DAY: "le jour",
    Subject.REQUEST: "la demande",
    Subject.BOOKING: "la réservation",
    Subject.ATTENDANCE: "la présence",
    Subject.ABSENCE: "l'absence",
    Subject.COUNT: "ce qui se compte",
}
_SAMPLES = {
    FactKind.BOOL: "true",
    FactKind.TEXT: '"…"',
    FactKind.TEXTS: '"…"',
    FactKind.INTEGER: '"> 3"',
    FactKind.DECIMAL: '"<= 600"',
    FactKind.MONEY: '"> 0"',
    FactKind.MINUTES: '">= 30"',
    FactKind.DATE: '"2026-12-18"',
    FactKind.TIME: '"avant 08:15"',
    FactKind.WEEKDAY: '["lundi", "mardi"]',
}


def facts_reference() -> str:
    """Every fact of the vocabulary in French Markdown: one table a subject."""
    return "\n".join(line for subject in Subject for line in _facts_about(subject))


def _facts_about(subject: Subject) -> Iterator[str]:
    yield f"### Sur {_ABOUT[subject]}"
    yield ""
    yield "| fait | genre | sens | en condition |"
    yield "|---|---|---|---|"
    for spec in VOCABULARY:
        if spec.subject is subject:
            name = spec.key if spec.key.isascii() and spec.key.isalnum() else f'"{spec.key}"'
            yield f"| `{spec.key}` | {spec.kind.value} | {spec.meaning_fr} | `{name} = {_SAMPLES[spec.kind]}` |"
    yield ""


GLOSSARY_HEADINGS = ("français", "english", "sens")


def glossary() -> tuple[tuple[str, str, str], ...]:
    """The words of the files: French key, English public name, meaning; keys of sections, then facts."""
    rows: dict[tuple[str, str], str] = {}
    for section in (*_ALL_RULES, *SCENARIO_SECTIONS, *PORTAL_SECTIONS):
        for key in section.keys:
            rows.setdefault((key.key, key.name), key.meaning)
    for spec in VOCABULARY:
        rows.setdefault((spec.key, spec.name), spec.meaning_fr)
    return tuple((french, english, meaning) for (french, english), meaning in sorted(rows.items()))
