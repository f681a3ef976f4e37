"""``si = { … }``: conditions on facts, in the words of the vocabulary."""

from __future__ import annotations

from typing import Any

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import UNKNOWN, Condition, FactKind, Op, Test, Unknown, Vocabulary, parse_test, print_test
from periscolaire.files.toml._forms import INVALID, Reading, Schema, found, nearest
from periscolaire.files.toml._locate import Path

__all__ = ["CONDITION", "FACTS", "FACT_NAME", "ConditionForm", "FactNameForm", "FactsForm"]


def unknown_fact(word: str, path: Path, reading: Reading) -> None:
    """Notes that no fact bears that name."""
    near = nearest(word.replace("_", " "), [spec.key for spec in reading.vocabulary])
    reading.problem((*path, word), f"le fait « {word} »", f"un fait du vocabulaire, ou déclaré dans [[faits]]{near}")


@attrs.frozen
class ConditionForm:
    """A table fact → test; all of the tests must hold."""

    words: str = 'une table de conditions, comme { canal = "en ligne", quotient = "< 600" }'

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, dict) or not raw:
            return reading.problem(path, found(raw), self.words)
        tests: list[Test] = []
        for word, value in raw.items():
            spec = reading.vocabulary.by_key(word)
            if spec is None:
                unknown_fact(word, path, reading)
                continue
            try:
                tests.append(parse_test(spec, value))
            except MisuseError as error:
                read, _, expected = str(error).partition(" ; attendu ")
                reading.problem((*path, word), read, expected)
        return Condition(tuple(tests)) if len(tests) == len(raw) else INVALID

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        written: dict[str, Any] = {}
        for test in value.tests:
            spec = vocabulary.by_name(test.fact)
            if spec is None or spec.key in written:
                raise MisuseError(f"condition on {test.fact!r}: not a fact of the vocabulary, or tested twice")
            written[spec.key] = print_test(test)
        return written

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/condition"}


@attrs.frozen
class FactsForm:
    """A table fact → value: ``{ quotient = "600", resident = true }``; ``"inconnu"`` says that nobody knows."""

    words: str = 'une table de faits, comme { quotient = "600", resident = true }'

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, dict):
            return reading.problem(path, found(raw), self.words)
        values: dict[str, Any] = {}
        complete = True
        for word, value in raw.items():
            spec = reading.vocabulary.by_key(word)
            if spec is None:
                unknown_fact(word, path, reading)
                complete = False
                continue
            if spec.kind is FactKind.TEXTS and value == []:
                values[spec.name] = frozenset()  # known: there is none
                continue
            try:
                test = parse_test(spec, value)
            except MisuseError as error:
                read, _, expected = str(error).partition(" ; attendu ")
                reading.problem((*path, word), read, expected)
                complete = False
                continue
            match test.op:
                case Op.EQ:
                    one = test.values[0]
                    values[spec.name] = frozenset({one}) if spec.kind.name == "TEXTS" else one
                case Op.IN if spec.kind.name == "TEXTS":
                    values[spec.name] = frozenset(test.values)
                case Op.UNKNOWN:
                    values[spec.name] = UNKNOWN
                case _:
                    reading.problem((*path, word), found(value), "une valeur, pas une comparaison")
                    complete = False
        return values if complete else INVALID

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return {
            spec.key: print_test(Test(name, Op.UNKNOWN) if isinstance(held, Unknown) else Test(name, Op.EQ, (held,)))
            for name, held in value.items()
            if (spec := vocabulary.by_name(name)) is not None
        }

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/facts"}


@attrs.frozen
class FactNameForm:
    """The French key of a fact, read as its English name."""

    words: str = "le nom d'un fait, comme « site » ou « créneau »"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        spec = reading.vocabulary.by_key(raw) if isinstance(raw, str) else None
        if spec is None:
            near = nearest(raw, [spec.key for spec in reading.vocabulary]) if isinstance(raw, str) else ""
            return reading.problem(path, found(raw), self.words + near)
        return spec.name

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        spec = vocabulary.by_name(value)
        assert spec is not None, "a fact of the vocabulary"
        return spec.key

    def schema(self) -> Schema:
        return {"type": "string"}


CONDITION = ConditionForm()
FACT_NAME = FactNameForm()
FACTS = FactsForm()
