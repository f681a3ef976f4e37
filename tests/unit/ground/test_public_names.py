"""What every public name promises: a docstring that means something, and the errors that a call may end in."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import periscolaire
from periscolaire import errors

ROOMS = sorted(f"periscolaire.{module.name}" for module in pkgutil.iter_modules(periscolaire.__path__)
               if not module.name.startswith("_"))  # fmt: skip
HOUSE = {name for name in errors.__all__ if name.endswith("Error")}


def _public(room: str) -> Iterator[tuple[str, Any]]:
    module = importlib.import_module(room)
    for name in getattr(module, "__all__", ()):
        found = getattr(module, name)
        if (inspect.isclass(found) or inspect.isfunction(found)) and found.__module__.startswith("periscolaire"):
            yield name, found


def _calls(name: str, found: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The function itself, or the public methods that a class adds."""
    if not inspect.isclass(found):
        yield name, found
        return
    for method, held in vars(found).items():
        inner = held.__func__ if isinstance(held, classmethod | staticmethod) else held
        if not method.startswith("_") and inspect.isfunction(inner):
            yield f"{name}.{method}", inner


def _raised(function: Callable[..., Any]) -> set[str]:
    """The errors of the house that the body of ``function`` raises itself."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(function)))).body
    except (OSError, TypeError, SyntaxError):
        return set()
    return {
        node.exc.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name)
    } & HOUSE  # fmt: skip


def _words(text: str) -> list[str]:
    return re.findall(r"\w{2,}", text)


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_says_what_it_means(room: str) -> None:
    silent = []
    for name, found in _public(room):
        doc = vars(found).get("__doc__") if inspect.isclass(found) else found.__doc__
        first = (doc or "").strip().split("\n\n")[0]
        own = {word.lower() for word in re.findall(r"[A-Z]?[a-z]+", name)}
        if {word.lower() for word in _words(first)} <= own or first.startswith(f"{name}("):
            silent.append((name, first))
    assert silent == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_call_says_the_errors_it_raises(room: str) -> None:
    untold = [
        (name, error)
        for found_name, found in _public(room)
        for name, function in _calls(found_name, found)
        for error in sorted(_raised(function))
        if error not in (function.__doc__ or "")
    ]
    assert untold == []


@pytest.mark.parametrize("room", ROOMS)
def test_every_public_name_is_there(room: str) -> None:
    module = importlib.import_module(room)
    names = list(getattr(module, "__all__", ()))
    assert [name for name in names if not hasattr(module, name)] == []
    assert len(set(names)) == len(names)
