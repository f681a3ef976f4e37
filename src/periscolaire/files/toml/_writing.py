"""Writes plain values (dicts, lists, texts, numbers, dates) as TOML that a clerk can read."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

__all__ = ["write_toml"]

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_WIDTH = 110


def write_toml(data: Mapping[str, Any], *, heading: str = "") -> str:
    """``data`` as TOML: plain keys first, then tables, then arrays of tables; a short table stays on one line."""
    lines = [f"# {line}" if line else "#" for line in heading.splitlines()]
    _table(lines, (), data)
    return "\n".join(lines).strip("\n") + "\n"


def _table(lines: list[str], path: tuple[str, ...], data: Mapping[str, Any]) -> None:
    later: list[tuple[str, Any]] = []
    for key, value in data.items():
        if _stands_apart(key, value, top=not path):
            later.append((key, value))
        else:
            _pair(lines, key, value)
    for key, value in later:
        name = (*path, key)
        dotted = ".".join(_key(part) for part in name)
        if isinstance(value, Mapping):
            lines += ["", f"[{dotted}]"]
            _table(lines, name, value)
        else:
            for item in value:
                lines += ["", f"[[{dotted}]]"]
                _table(lines, name, item)


def _stands_apart(key: str, value: Any, *, top: bool) -> bool:
    """Is the value a table or an array of tables with its own heading?"""
    if isinstance(value, Mapping):
        return top or len(f"{_key(key)} = {_inline(value)}") > _WIDTH
    if _is_tables(value):
        return top or any(len(_inline(item)) > _WIDTH for item in value)
    return False


def _pair(lines: list[str], key: str, value: Any) -> None:
    text = f"{_key(key)} = {_inline(value)}"
    if len(text) <= _WIDTH or not _is_list(value):
        lines.append(text)
        return
    lines.append(f"{_key(key)} = [")
    lines += [f"  {_inline(item)}," for item in value]
    lines.append("]")


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _is_tables(value: Any) -> bool:
    return _is_list(value) and bool(value) and all(isinstance(item, Mapping) for item in value)


def _key(key: str) -> str:
    return key if _BARE.fullmatch(key) else _string(key)


def _inline(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case str():
            return _string(value)
        case dt.datetime():
            return value.isoformat(sep=" ")
        case dt.date() | dt.time():
            return value.isoformat()
        case Mapping():
            inner = ", ".join(f"{_key(key)} = {_inline(item)}" for key, item in value.items())
            return f"{{ {inner} }}" if inner else "{}"
        case _:
            return "[" + ", ".join(_inline(item) for item in value) + "]"


_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _string(text: str) -> str:
    body = "".join(
        _ESCAPES.get(char, char if char.isprintable() or char == " " else f"\\u{ord(char):04X}")
        if ord(char) < 0x10000
        else char
        for char in text
    )
    return f'"{body}"'
