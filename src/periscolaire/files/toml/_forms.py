"""The forms that a value of a file may take: each reads strictly, writes back, and says itself in JSON Schema.

A :class:`Section` is a table of keys: French word of the file, public English name, form, meaning, example. The
readers, the writers, the JSON Schema and the printed reference all come from these tables. Reading never converts
(``"1"`` is no number, ``1.5`` no amount) and never stops at the first fault.
"""

from __future__ import annotations

import datetime as dt
import difflib
import enum
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Protocol

import attrs

from periscolaire.errors import BadFileError, MisuseError, NotationError, Problem
from periscolaire.facts import VOCABULARY, Vocabulary
from periscolaire.files.toml._locate import Path, line_of, print_path

__all__ = [
    "INVALID",
    "BoolForm",
    "ChoiceForm",
    "CodedForm",
    "DateForm",
    "Form",
    "IntegerForm",
    "Invalid",
    "Key",
    "ListForm",
    "MapForm",
    "NamedForm",
    "OneOrMoreForm",
    "Reading",
    "Section",
    "SectionForm",
    "TextForm",
    "found",
    "nearest",
    "or_list",
]


class Invalid(enum.Enum):
    """Stands for a value that could not be read; its fault has been noted."""

    INVALID = "invalid"


INVALID: Final = Invalid.INVALID

Schema = dict[str, Any]


@attrs.define
class Reading:
    """The reading of one file: where its values stand, the faults found so far, and the names it declared itself."""

    file: str
    lines: dict[Path, int] = attrs.field(factory=dict)
    vocabulary: Vocabulary = VOCABULARY
    own_kinds: tuple[str, ...] = ()
    own_events: tuple[str, ...] = ()
    #: The anchor that a count with no side follows, in the limit being read (``None``: it comes before the service).
    after: str | None = None
    problems: list[Problem] = attrs.field(factory=list)
    _at: list[int] = attrs.field(factory=list)

    def problem(self, path: Path, found: str, expected: str) -> Invalid:
        """Notes a fault at ``path``; the result stands for the value."""
        line = line_of(path, self.lines)
        where = print_path(path) if line is None else f"ligne {line}, {print_path(path)}"
        self.problems.append(Problem(self.file, where, found, expected))
        self._at.append(line or 0)
        return INVALID

    def done(self) -> None:
        """:raises BadFileError: faults were noted: all of them, in the order of the file."""
        if self.problems:
            by_line = sorted(zip(self._at, self.problems, strict=True), key=lambda pair: pair[0])
            raise BadFileError(problem for _, problem in by_line)


class Form(Protocol):
    """What a value may look like in a file."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        """The value meant by ``raw``, or :data:`INVALID` once its faults are noted."""

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        """What :meth:`read` reads as ``value``."""

    def schema(self) -> Schema:
        """The JSON Schema of the raw value (a short one may refer to ``#/$defs/…``)."""
        ...

    @property
    def words(self) -> str:
        """What is expected, in French, as an error or a reference says it."""
        ...


def found(raw: Any) -> str:
    """How an error shows what stands in the file."""
    match raw:
        case bool():
            return "true" if raw else "false"
        case str():
            return f"« {raw} »" if raw else "un texte vide"
        case int() | float():
            return f"le nombre {raw}"
        case Mapping():
            return "une table { … }"
        case list() | tuple():
            return "une liste [ … ]" if raw else "une liste vide"
        case _:
            return str(raw)


def nearest(word: str, known: Iterable[str]) -> str:
    """`` ; vouliez-vous « … » ?`` when one of ``known`` is close to ``word``."""
    close = difflib.get_close_matches(word.casefold(), list(known), n=1, cutoff=0.6)
    return f" ; vouliez-vous écrire « {close[0]} » ?" if close else ""


def _bare(word: str) -> str:
    letters = unicodedata.normalize("NFD", word.casefold().replace("-", " ").replace("’", "'"))
    return " ".join("".join(char for char in letters if not unicodedata.combining(char)).split())


def or_list(words: Iterable[str]) -> str:
    """« a », « b » ou « c »."""
    quoted = [f"« {word} »" for word in words]
    return quoted[0] if len(quoted) == 1 else ", ".join(quoted[:-1]) + " ou " + quoted[-1]


@attrs.frozen
class NamedForm:
    """A text that is one of the names that ``known`` gives, accents, hyphens and case aside; kept as written."""

    words: str
    known: Callable[[], Iterable[str]]
    exact: bool = False

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        names = tuple(self.known())
        alike = str if self.exact else _bare
        if isinstance(raw, str) and alike(raw) in {alike(name) for name in names}:
            return raw
        near = nearest(raw, names) if isinstance(raw, str) else ""
        return reading.problem(path, found(raw), self.words + near)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


@attrs.frozen
class TextForm:
    """A text that is not empty."""

    words: str = "un texte entre guillemets"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, str) and raw.strip():
            return raw
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value

    def schema(self) -> Schema:
        return {"type": "string", "minLength": 1}


@attrs.frozen
class BoolForm:
    """``true`` or ``false``."""

    words: str = "true ou false (sans guillemets)"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        return raw if isinstance(raw, bool) else reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value

    def schema(self) -> Schema:
        return {"type": "boolean"}


@attrs.frozen
class IntegerForm:
    """A whole number, without quotes."""

    least: int | None = None
    most: int | None = None

    @property
    def words(self) -> str:
        bounds = [
            f"à partir de {self.least}" if self.least is not None else "",
            f"jusqu'à {self.most}" if self.most is not None else "",
        ]
        return " ".join(["un nombre entier sans guillemets", *filter(None, bounds)])

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if (
            isinstance(raw, int)
            and not isinstance(raw, bool)
            and (self.least is None or raw >= self.least)
            and (self.most is None or raw <= self.most)
        ):
            return raw
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value

    def schema(self) -> Schema:
        schema: Schema = {"type": "integer"}
        if self.least is not None:
            schema["minimum"] = self.least
        if self.most is not None:
            schema["maximum"] = self.most
        return schema


@attrs.frozen
class DateForm:
    """A day: ``"2026-09-01"`` or the same without quotes."""

    words: str = "une date, comme « 2026-09-01 »"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, dt.date) and not isinstance(raw, dt.datetime):
            return raw
        if isinstance(raw, str) and len(raw) == 10:
            try:
                return dt.date.fromisoformat(raw)
            except ValueError:
                pass
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value.isoformat()

    def schema(self) -> Schema:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}-\d{2}$"}


@attrs.frozen
class ChoiceForm:
    """One of a closed list of words, each standing for a value."""

    values: Mapping[str, Any]

    @classmethod
    def of(cls, kind: type[enum.Enum]) -> ChoiceForm:
        """The values of an enumeration are the words."""
        return cls({member.value: member for member in kind})

    @property
    def words(self) -> str:
        return or_list(self.values)

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, str) and raw in self.values:
            return self.values[raw]
        near = nearest(raw, self.values) if isinstance(raw, str) else ""
        return reading.problem(path, found(raw), self.words + near)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return next(word for word, known in self.values.items() if known == value)

    def schema(self) -> Schema:
        return {"enum": list(self.values)}


@attrs.frozen
class CodedForm:
    """A text in a notation of its own: ``parse`` reads it (or raises), ``print`` writes it."""

    parse: Callable[[str], Any]
    print: Callable[[Any], str]
    words: str
    ref: str | None = None
    also: tuple[type, ...] = ()

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if self.also and isinstance(raw, self.also) and not isinstance(raw, bool):
            raw = str(raw)
        if not isinstance(raw, str):
            return reading.problem(path, found(raw), self.words)
        return self.parsed(raw, path, reading)

    def parsed(self, raw: str, path: Path, reading: Reading) -> Any:
        try:
            return self.parse(raw)
        except NotationError as error:
            near = f" ; formes proches : {or_list(error.suggestions)}" if error.suggestions else ""
            shown = found(raw) if error.word == raw else f"{found(raw)}, où {error.complaint}"
            return reading.problem(path, shown, self.words + near)
        except MisuseError:
            return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return self.print(value)

    def schema(self) -> Schema:
        text: Schema = {"$ref": f"#/$defs/{self.ref}"} if self.ref else {"type": "string", "minLength": 1}
        return {"anyOf": [text, {"type": "integer"}]} if int in self.also else text


@attrs.frozen
class ListForm:
    """A list of values of one form, read as a tuple."""

    item: Form
    least: int = 0
    of: Callable[[Iterable[Any]], Any] = tuple

    @property
    def words(self) -> str:
        return f"une liste [ … ] de valeurs : {self.item.words}"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, list) or len(raw) < self.least:
            return reading.problem(path, found(raw), self.words)
        values = [self.item.read(item, (*path, index), reading) for index, item in enumerate(raw)]
        return INVALID if any(value is INVALID for value in values) else self.of(values)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return [self.item.write(item, vocabulary) for item in value]

    def schema(self) -> Schema:
        schema: Schema = {"type": "array", "items": self.item.schema()}
        if self.least:
            schema["minItems"] = self.least
        return schema


@attrs.frozen
class OneOrMoreForm:
    """One value, or a list of them; read as a tuple, written as short as it can be."""

    item: Form

    @property
    def words(self) -> str:
        return f"{self.item.words}, ou une liste"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, list):
            return ListForm(self.item, least=1).read(raw, path, reading)
        value = self.item.read(raw, path, reading)
        return INVALID if value is INVALID else (value,)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        written = [self.item.write(item, vocabulary) for item in value]
        return written[0] if len(written) == 1 else written

    def schema(self) -> Schema:
        return {"anyOf": [self.item.schema(), ListForm(self.item, least=1).schema()]}


@attrs.frozen
class MapForm:
    """A table whose keys the clerk chooses; read as a dict, each key through ``key``."""

    value: Form
    words: str
    key: Form = TextForm()

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, dict):
            return reading.problem(path, found(raw), self.words)
        pairs = [
            (self.key.read(key, (*path, key), reading), self.value.read(item, (*path, key), reading))
            for key, item in raw.items()
        ]
        if any(key is INVALID or value is INVALID for key, value in pairs):
            return INVALID
        return dict(pairs)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return {self.key.write(key, vocabulary): self.value.write(item, vocabulary) for key, item in value.items()}

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": self.value.schema()}


@attrs.frozen
class Key:
    """One key of a section: French ``key`` of the file, English ``name``, form and meaning."""

    key: str
    name: str
    form: Form
    meaning: str
    example: str = ""
    required: bool = False
    default: Any = None
    unless: str | None = None  # in the schema: the key that may stand for a required one


@attrs.frozen
class Section:
    """A table of keys. ``build`` makes the value from the English names; ``parts`` takes it apart again.

    A value equal to its default is not written. ``title`` and ``meaning`` head its part of the reference.
    """

    code: str
    title: str
    meaning: str
    keys: tuple[Key, ...]
    build: Callable[..., Any]
    parts: Callable[[Any], Mapping[str, Any]] = lambda value: {
        field.name: getattr(value, field.name) for field in attrs.fields(type(value))
    }

    def read(self, raw: Mapping[str, Any], path: Path, reading: Reading) -> Any:
        by_key = {key.key: key for key in self.keys}
        values: dict[str, Any] = {}
        complete = True
        for word in raw:
            if word not in by_key:
                near = nearest(word, by_key) or f" : {', '.join(by_key)}"
                reading.problem((*path, word), f"la clé « {word} »", f"une clé de la partie « {self.title} »{near}")
                complete = False
        for key in self.keys:
            if key.key in raw:
                value = key.form.read(raw[key.key], (*path, key.key), reading)
                complete = complete and value is not INVALID
                values[key.name] = value
            elif key.required:
                reading.problem(path, f"{self.title} sans « {key.key} »", f"« {key.key} » : {key.form.words}")
                complete = False
        if not complete:
            return INVALID
        return self.built(values, path, reading)

    def built(self, values: Mapping[str, Any], path: Path, reading: Reading) -> Any:
        try:
            return self.build(**values)
        except MisuseError as error:
            from periscolaire.i18n import text  # heavy, and only wanted by a file at fault

            return reading.problem(path, f"{self.title} qui se contredit", text(error))

    def write(self, value: Any, vocabulary: Vocabulary) -> dict[str, Any]:
        parts = self.parts(value)
        written = {}
        for key in self.keys:
            part = parts.get(key.name, key.default)
            if part is None or (part == key.default and not key.required):
                continue
            written[key.key] = key.form.write(part, vocabulary)
        return written

    def schema(self) -> Schema:
        properties = {}
        for key in self.keys:
            properties[key.key] = {**key.form.schema(), "description": key.meaning}
        schema: Schema = {
            "type": "object",
            "description": self.meaning,
            "properties": properties,
            "additionalProperties": False,
        }
        required = [key.key for key in self.keys if key.required and key.unless is None]
        if required:
            schema["required"] = required
        either = [[key.key, key.unless] for key in self.keys if key.required and key.unless is not None]
        if either:
            schema["allOf"] = [{"anyOf": [{"required": [word]} for word in words]} for words in either]
        return schema


@attrs.frozen
class SectionForm:
    """A table of the file that follows a section."""

    section: Section

    @property
    def words(self) -> str:
        return f"une table : {self.section.title}"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, dict):
            return reading.problem(path, found(raw), self.words)
        return self.section.read(raw, path, reading)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return self.section.write(value, vocabulary)

    def schema(self) -> Schema:
        return {"$ref": f"#/$defs/{self.section.code}"}
