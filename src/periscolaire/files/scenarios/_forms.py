"""Forms that only scenario files have: instants, months for days, « aucune », the name of a tier."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import Vocabulary
from periscolaire.files.toml._forms import DateForm, Reading, found
from periscolaire.files.toml._locate import Path

__all__ = ["NONE", "DayForm", "InstantForm", "OrNoneForm", "TierNameForm"]

#: ``prochaine = "aucune"``, ``limite = "aucune"``: the answer must hold none.
NONE = "aucune"

_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]|\s+à\s+)(\d{1,2})(?::|h)(\d{2})?(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?")


def _instant(text: str) -> dt.datetime:
    match = _INSTANT.fullmatch(text.strip())
    if match is None:
        raise MisuseError(text)
    day, hour, minute, second, offset = match.groups()
    try:
        return dt.datetime.fromisoformat(f"{day}T{int(hour):02d}:{minute or '00'}:{second or '00'}{offset or ''}")
    except ValueError:
        raise MisuseError(text) from None


@attrs.frozen
class InstantForm:
    """A wall time of the commune (``"2026-10-08 12:00"``), or an instant with its offset; also as a TOML date-time."""

    words: str = "un jour et une heure, comme « 2026-10-08 12:00 »"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, dt.datetime):
            return raw
        if isinstance(raw, str):
            try:
                return _instant(raw)
            except MisuseError:
                pass
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value.isoformat(sep=" ", timespec="minutes")

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


_MONTH = re.compile(r"(\d{4})-(\d{2})")


@attrs.frozen
class DayForm:
    """A day, or a month standing for its first day (for what is booked by the month)."""

    words: str = "un jour (« 2026-10-12 ») ou un mois (« 2026-10 »)"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, str) and (match := _MONTH.fullmatch(raw)) and 1 <= int(match[2]) <= 12:
            return dt.date(int(match[1]), int(match[2]), 1)
        return DateForm(self.words).read(raw, path, reading)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value.isoformat()

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}(-\d{2})?$"}


@attrs.frozen
class OrNoneForm:
    """A form, or ``"aucune"`` for: there must be none."""

    inner: Any

    @property
    def words(self) -> str:
        return f"{self.inner.words}, ou « {NONE} »"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        return False if raw == NONE else self.inner.read(raw, path, reading)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return NONE if value is False else self.inner.write(value, vocabulary)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.inner.schema(), {"const": NONE}]}


@attrs.frozen
class TierNameForm:
    """A tier by its number (1 is the first) or its name."""

    words: str = "le numéro d'un palier (1 pour le premier), ou son nom"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, str) and raw.strip():
            return raw
        if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 1:
            return raw
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "integer"]}
