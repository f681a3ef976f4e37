"""Frozen models to JSON text and back, by their annotations: strict both ways, nothing guessed.

A stored document holds every field by its English name. A field that a newer release added is read with its
default from an older document; a field that this release does not know is refused, because dropping it would
lose a fact. Within a union of several classes a value is tagged with the name of its class; everywhere else the
annotation says what it is. Instants keep microseconds and are written in UTC.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import json
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any, TypeVar

import attrs

from periscolaire import reasons
from periscolaire.clock import utc
from periscolaire.errors import MisuseError, UnknownFormatError
from periscolaire.frozen import FrozenMap

__all__ = ["dump", "dumps", "load", "loads"]

T = TypeVar("T")
Dump = Callable[[Any], Any]
Load = Callable[[Any], Any]

_PLAIN: tuple[type, ...] = (str, int, bool, type(None))


def dumps(model: object, as_type: Any = None) -> str:
    """``model`` as one line of JSON; ``as_type`` where it is one of a union."""
    return json.dumps(dump(model, as_type), ensure_ascii=False, separators=(",", ":"))


def loads(as_type: type[T], text: str) -> T:
    """The model of type ``as_type`` that :func:`dumps` wrote.

    :raises UnknownFormatError: the text was not written by this release or an older one.
    """
    model: T = load(as_type, json.loads(text))
    return model


def dump(model: object, as_type: Any = None) -> Any:
    """``model`` as plain JSON values."""
    annotation: Any = type(model) if as_type is None else as_type
    return _pair(annotation)[0](model)


def load(as_type: Any, value: Any) -> Any:
    """The model that the plain JSON values of :func:`dump` stand for."""
    try:
        return _pair(as_type)[1](value)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, MisuseError):
            raise
        raise UnknownFormatError(f"stored {as_type!r}: {error}") from error


@functools.cache
def _pair(annotation: Any) -> tuple[Dump, Load]:
    """The two functions of an annotation; members are looked up at the first call, so that types may recur."""
    annotation = _resolve(annotation)
    if annotation in _PLAIN or annotation is None:
        return _same, _exactly(type(None) if annotation is None else annotation)
    if isinstance(annotation, typing.TypeVar):
        raise MisuseError(f"{annotation!r}: a stored model has no open type")
    origin = typing.get_origin(annotation)
    arguments = typing.get_args(annotation)
    if origin in (typing.Union, types.UnionType):
        return _union(arguments)
    if origin is typing.Literal:
        return _same, _one_of(arguments)
    if origin is typing.Annotated:
        return _pair(arguments[0])
    if origin is tuple:
        return _tuple(arguments)
    if origin is frozenset:
        return _frozenset(arguments[0])
    if isinstance(origin or annotation, type):
        return _class(origin or annotation, arguments)
    raise MisuseError(f"{annotation!r}: not a type that a stored model may hold")


def _class(cls: Any, arguments: tuple[Any, ...]) -> tuple[Dump, Load]:
    if issubclass(cls, FrozenMap):
        return _map(cls, arguments or typing.get_args(vars(cls)["__orig_bases__"][0]))
    if issubclass(cls, enum.Enum):
        return (lambda value: value.name), (lambda value: cls[value])
    if issubclass(cls, Decimal):
        return str, Decimal
    if issubclass(cls, dt.datetime):
        return (lambda value: utc(value).isoformat()), dt.datetime.fromisoformat
    if issubclass(cls, dt.date):
        return cls.isoformat, cls.fromisoformat
    if issubclass(cls, dt.time):
        return cls.isoformat, cls.fromisoformat
    if issubclass(cls, bytes):
        return bytes.hex, bytes.fromhex
    if attrs.has(cls):
        return _attrs(cls)
    raise MisuseError(f"{cls!r}: not a type that a stored model may hold")


def _attrs(cls: Any) -> tuple[Dump, Load]:
    hints = typing.get_type_hints(cls)
    fields = [field for field in attrs.fields(cls) if field.init]
    plan = [(field.name, field.alias or field.name, hints[field.name]) for field in fields]
    known = {name for name, _, _ in plan}

    def write(model: Any) -> dict[str, Any]:
        if type(model) is not cls:
            raise MisuseError(f"{model!r}: expected a {cls.__name__}")
        return {name: _pair(hint)[0](getattr(model, name)) for name, _, hint in plan}

    def read(value: Any) -> Any:
        unknown = value.keys() - known
        if unknown:
            raise UnknownFormatError(f"stored {cls.__name__} holds {sorted(unknown)}, which this release does not know")
        return cls(**{alias: _pair(hint)[1](value[name]) for name, alias, hint in plan if name in value})

    return write, read


def _tuple(arguments: tuple[Any, ...]) -> tuple[Dump, Load]:
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = arguments[0]
        return (
            lambda value: [_pair(item)[0](one) for one in value],
            lambda value: tuple(_pair(item)[1](one) for one in value),
        )
    return (
        lambda value: [_pair(kind)[0](one) for kind, one in zip(arguments, value, strict=True)],
        lambda value: tuple(_pair(kind)[1](one) for kind, one in zip(arguments, value, strict=True)),
    )


def _frozenset(item: Any) -> tuple[Dump, Load]:
    # Sorted, so that equal models give equal texts.
    return (
        lambda value: sorted((_pair(item)[0](one) for one in value), key=_order),
        lambda value: frozenset(_pair(item)[1](one) for one in value),
    )


def _map(cls: Any, arguments: tuple[Any, ...]) -> tuple[Dump, Load]:
    key, item = arguments
    return (
        lambda value: [[_pair(key)[0](one), _pair(item)[0](each)] for one, each in value.items()],
        lambda value: cls({_pair(key)[1](one): _pair(item)[1](each) for one, each in value}),
    )


def _union(members: tuple[Any, ...]) -> tuple[Dump, Load]:
    flat = tuple(_flatten(members))
    plain = {member for member in flat if member in _PLAIN}
    others = [member for member in flat if member not in plain]
    if len(others) == 1 and plain <= {type(None)}:
        only = others[0]
        return (
            lambda value: None if value is None else _pair(only)[0](value),
            lambda value: None if value is None else _pair(only)[1](value),
        )
    by_class = {_class_of(member): member for member in others}
    by_name = {cls.__name__: member for cls, member in by_class.items()}
    if len(by_name) != len(others):
        raise MisuseError(f"{members!r}: two members of a stored union bear the same name")

    def write(value: Any) -> Any:
        if isinstance(value, _PLAIN) and type(value) in _PLAIN:
            return value
        cls = type(value)
        member = by_class.get(cls)
        if member is None:
            raise MisuseError(f"{value!r}: not a member of {members!r}")
        return {cls.__name__: _pair(member)[0](value)}

    def read(value: Any) -> Any:
        if not isinstance(value, Mapping):
            return _exactly(*_PLAIN)(value)
        ((name, inner),) = value.items()
        return _pair(by_name[name])[1](inner)

    return write, read


def _flatten(members: tuple[Any, ...]) -> typing.Iterator[Any]:
    for member in map(_resolve, members):
        if typing.get_origin(member) in (typing.Union, types.UnionType):
            yield from _flatten(typing.get_args(member))
        else:
            yield member


def _resolve(annotation: Any) -> Any:
    """The type behind a ``NewType``, or behind the one alias of the house that names itself (``Parameter``)."""
    if isinstance(annotation, typing.NewType):
        return _resolve(annotation.__supertype__)
    if isinstance(annotation, typing.ForwardRef):
        return getattr(reasons, annotation.__forward_arg__)
    return annotation


def _class_of(member: Any) -> Any:
    return typing.get_origin(member) or member


def _same(value: Any) -> Any:
    return value


def _exactly(*kinds: type) -> Load:
    def read(value: Any) -> Any:
        if type(value) not in kinds:
            raise TypeError(f"found {value!r}, expected {' or '.join(kind.__name__ for kind in kinds)}")
        return value

    return read


def _one_of(values: tuple[Any, ...]) -> Load:
    def read(value: Any) -> Any:
        if value not in values:
            raise TypeError(f"found {value!r}, expected one of {values!r}")
        return value

    return read


def _order(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
