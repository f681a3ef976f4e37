"""Where each value of a TOML text stands: a scan of positions only, because ``tomllib`` keeps no line numbers.

The scan never decides what a value is (``tomllib`` does) and never fails: on a text it does not follow, it stops,
and errors are then reported by path alone.
"""

from __future__ import annotations

import contextlib
import re
import tomllib
from typing import TypeAlias

__all__ = ["Path", "line_of", "locate", "print_path"]

#: A value of a file: keys, and 0-based positions in lists.
Path: TypeAlias = tuple[str | int, ...]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_BLANK = re.compile(r"[ \t]*")
_VOID = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_STRINGS = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:\\.|[^"\\\n])*"|' + r"'[^'\n]*'", re.DOTALL
)
_PLAIN = re.compile(r"[^,\]}\n#]*")


def print_path(path: Path) -> str:
    """The path as shown to people: ``produits[2].reservation``, the second product being ``[2]``."""
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step + 1}]"
        else:
            text += ("." if text else "") + step
    return text or "(fichier)"


def line_of(path: Path, lines: dict[Path, int]) -> int | None:
    """The line of ``path``, or of the nearest table that holds it."""
    for length in range(len(path), 0, -1):
        if (line := lines.get(path[:length])) is not None:
            return line
    return None


def locate(text: str) -> dict[Path, int]:
    """The line (from 1) of every key and list item of a TOML text."""
    scan = _Scan(text)
    with contextlib.suppress(_LostError):  # what was found before still helps
        scan.document()
    return scan.lines


class _LostError(Exception):
    """The scan no longer follows the text."""


class _Scan:
    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}  # how many tables an array of tables has so far

    def document(self) -> None:
        prefix: Path = ()
        while True:
            self.skip(_VOID)
            if self.at >= len(self.text):
                return
            if self.text.startswith("[[", self.at):
                prefix = self.header(2)
            elif self.text[self.at] == "[":
                prefix = self.header(1)
            else:
                self.pair(prefix)

    def header(self, brackets: int) -> Path:
        line = self.line()
        self.at += brackets
        keys = self.key()
        self.expect("]" * brackets)
        path: Path = ()
        for key in keys[:-1]:
            path = self.inside((*path, key))
        path = (*path, keys[-1])
        if brackets == 2:
            self.lines.setdefault(path, line)
            self.counts[path] = self.counts.get(path, 0) + 1
            path = (*path, self.counts[path] - 1)
        self.lines[path] = line
        return path

    def inside(self, path: Path) -> Path:
        """The table that ``path`` names in a header: the last one, for an array of tables."""
        return (*path, self.counts[path] - 1) if path in self.counts else path

    def pair(self, prefix: Path) -> None:
        line = self.line()
        path = prefix
        for key in self.key():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self.expect("=")
        self.value(path)

    def key(self) -> list[str]:
        keys = []
        while True:
            self.skip(_BLANK)
            if quoted := _STRINGS.match(self.text, self.at):
                keys.append(str(tomllib.loads(f"x = {quoted[0]}")["x"]))
                self.at = quoted.end()
            elif bare := _BARE.match(self.text, self.at):
                keys.append(bare[0])
                self.at = bare.end()
            else:
                raise _LostError
            self.skip(_BLANK)
            if not self.text.startswith(".", self.at):
                return keys
            self.at += 1

    def value(self, path: Path) -> None:
        self.skip(_BLANK)
        if self.text.startswith("[", self.at):
            self.list(path)
        elif self.text.startswith("{", self.at):
            self.table(path)
        elif quoted := _STRINGS.match(self.text, self.at):
            self.at = quoted.end()
        elif plain := _PLAIN.match(self.text, self.at):
            self.at = plain.end()

    def list(self, path: Path) -> None:
        self.at += 1
        index = 0
        while True:
            self.skip(_VOID)
            if self.text.startswith("]", self.at):
                self.at += 1
                return
            start = self.at
            self.lines[(*path, index)] = self.line()
            self.value((*path, index))
            self.skip(_VOID)
            if self.text.startswith(",", self.at):
                self.at += 1
            if self.at == start:
                raise _LostError
            index += 1

    def table(self, path: Path) -> None:
        self.at += 1
        while True:
            self.skip(_VOID)
            if self.text.startswith("}", self.at):
                self.at += 1
                return
            self.pair(path)
            self.skip(_VOID)
            if self.text.startswith(",", self.at):
                self.at += 1

    def expect(self, mark: str) -> None:
        self.skip(_BLANK)
        if not self.text.startswith(mark, self.at):
            raise _LostError
        self.at += len(mark)

    def skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()

    def line(self) -> int:
        return self.text.count("\n", 0, self.at) + 1
