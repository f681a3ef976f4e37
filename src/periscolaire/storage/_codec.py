"""Frozen models to JSON text and back, by their annotations: strict both ways, nothing guessed.

A stored document holds every field by its English name. A field that a newer release added is read with its
default from an older document; a field that this release does not know is refused, because dropping it would
lose a fact. Within a union of several classes a value is tagged with the name of its class; everywhere else the
annotation says what it is. Instants keep microseconds and are written in UTC.

cattrs makes the functions that read each class. What is said here is what it would guess: a text where a number is
expected, a type that nobody decided how to store, and unions, whose members here are not only attrs classes
(``configure_tagged_union`` puts its tag in a dictionary, and a ``Decimal`` has none).

Writing makes the text at once, with no tree of plain values in between: what stands in thousands of models (a day, the
steps of a price) is then written once and its text used again. A line of an invoice is written three times faster so.
"""

from __future__ import annotations

import datetime as dt
import enum
import functools
import json
import json.encoder
import operator
import threading
import types
import typing
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, TypeAlias, TypeVar

import attrs
from cattrs import Converter
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn

from periscolaire import reasons
from periscolaire.billing import Instance, TariffRef
from periscolaire.clock import utc
from periscolaire.errors import MisuseError, UnknownFormatError
from periscolaire.facts import Facts
from periscolaire.frozen import FrozenMap
from periscolaire.pricing import Step

__all__ = ["dumps", "loads"]

T = TypeVar("T")
#: From a value to its JSON text.
Dump: TypeAlias = Callable[[Any], str]
#: What cattrs calls: the value, and the type that the caller names (a hook made for one type has no use for it).
Load: TypeAlias = Callable[[Any, Any], Any]

#: What JSON holds as it is, and how it is written.
_PLAIN: dict[type, Dump] = {
    str: json.encoder.encode_basestring,
    int: int.__repr__,
    bool: lambda value: "true" if value else "false",
    type(None): lambda _: "null",
}
_quoted = _PLAIN[str]
_decode = json.JSONDecoder().decode
_converter = Converter(detailed_validation=False, forbid_extra_keys=True)


def dumps(model: object, as_type: Any = None) -> str:
    """``model`` as one line of JSON; ``as_type`` where it is one of a union."""
    return _dump_of(type(model) if as_type is None else as_type)(model)


def loads(as_type: type[T], text: str) -> T:
    """The model of type ``as_type`` that :func:`dumps` wrote.

    :raises UnknownFormatError: the text was not written by this release or an older one.
    """
    try:
        model: T = _reader(as_type)(_decode(text), as_type)  # type: ignore[arg-type]  # a type is hashable
    except ForbiddenExtraKeysError as error:
        fields = sorted(error.extra_fields)
        raise UnknownFormatError(
            f"stored {error.cl.__name__} holds {fields}, which this release does not know"
        ) from error
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        if isinstance(error, MisuseError):
            raise
        raise UnknownFormatError(f"stored {as_type!r}: {error}") from error
    return model


_KINDS: list[tuple[Callable[[Any], bool], Callable[[Any], tuple[Dump, Load]]]] = []
_writers: dict[Any, Dump] = {}
#: What is being made, by the one thread that makes: the others wait, and find whole writers only.
_under_way: set[Any] = set()
_making = threading.RLock()


def _dump_of(annotation: Any) -> Dump:
    found = _writers.get(annotation)
    return _made(annotation) if found is None else found


def _made(annotation: Any) -> Dump:
    with _making:
        if annotation in _writers:  # by another thread, meanwhile
            return _writers[annotation]
        if annotation in _under_way:  # a class that holds itself
            return lambda value: _dump_of(annotation)(value)
        _under_way.add(annotation)
        try:
            pair = next(pair for is_so, pair in reversed(_KINDS) if is_so(annotation))
            _writers[annotation] = pair(annotation)[0]
        finally:
            _under_way.remove(annotation)
        return _writers[annotation]


@functools.cache
def _reader(as_type: Any) -> Load:
    """The same once it is made, at hand."""
    return _load_of(as_type)


def _load_of(annotation: Any) -> Load:
    try:
        return _converter.get_structure_hook(annotation)
    except RecursionError:  # cattrs is still making the function of a class that holds itself
        return lambda value, _: _load_of(annotation)(value, annotation)


def _register(is_so: Callable[[Any], bool], pair: Callable[[Any], tuple[Dump, Load]]) -> None:
    """Let ``pair`` make both functions of the types that are so; the last one registered is asked first."""
    pair = functools.cache(pair)  # asked again for each field of the same type
    _KINDS.append((is_so, pair))
    _converter.register_structure_hook_factory(is_so, lambda annotation: pair(annotation)[1])


def _refuse(annotation: Any) -> tuple[Dump, Load]:
    raise MisuseError(f"{annotation!r}: not a type that a stored model may hold")


def _exactly(*kinds: type) -> Load:
    def read(value: Any, _: Any) -> Any:
        if value.__class__ not in kinds:
            raise TypeError(f"found {value!r}, expected {' or '.join(kind.__name__ for kind in kinds)}")
        return value

    return read


def _scalar(cls: type, write: Callable[[Any], str], parse: Callable[[str], Any]) -> None:
    """A type that is written as a text of its own."""
    dump: Dump = lambda value: _quoted(write(value))  # noqa: E731 - a table below names what each is made of
    _register(functools.partial(operator.is_, cls), lambda _: (_shared(dump, cls), _parsed(cls, parse)))


def _parsed(cls: type, parse: Callable[[str], Any]) -> Load:
    def read(text: Any, _: Any) -> Any:
        if text.__class__ is not str:
            raise TypeError(f"found {text!r}, expected the text of a {cls.__name__}")
        return parse(text)

    return read


def _name(member: enum.Enum) -> str:
    return f'"{member._name_}"'


def _named(text: Any, cls: Any) -> Any:
    return cls[text]


def _instance(text: str) -> Instance:
    day, _, label = text.partition("/")
    return Instance(dt.date.fromisoformat(day), label)


def _attrs(cls: Any) -> tuple[Dump, Load]:
    attrs.resolve_types(cls)
    return _shared(_writer(cls), cls), make_dict_structure_fn(cls, _converter)


def _writer(cls: Any) -> Dump:
    """What writes the fields of a class one after the other: made as source, as cattrs makes what reads them.

    ``f'{{"day":{day(model.day)},"label":{label(model.label)}}}'`` takes half the time of a loop over the fields.
    """
    fields = attrs.fields(cls)
    writers = {f"write_{field.name}": _dump_of(field.type) for field in fields}
    said = ",".join(f'"{field.name}":{{write_{field.name}(model.{field.name})}}' for field in fields)
    source = f"lambda model: f'{{{{{said}}}}}' if model.__class__ is cls else refuse(model, cls)"
    write: Dump = eval(source, {"cls": cls, "refuse": _other_class, **writers})
    return write


def _other_class(model: Any, cls: Any) -> str:
    raise MisuseError(f"{model!r}: expected a {cls.__name__}")  # a subclass would lose what it adds


#: The very same objects stand in many models of a bulk write: days, rules, facts and steps in the lines of invoices.
_SHARED = frozenset({Instance, TariffRef, Facts, tuple[Step, ...], tuple[Instance, ...]})
_REMEMBERED = 20_000


def _shared(write: Dump, kind: Any) -> Dump:
    """``write``; for a kind that is shared, it remembers its last texts by the identity of what they say.

    What was remembered is kept alive, so that its identity stays its own.
    """
    if kind not in _SHARED:
        return write
    known: dict[int, tuple[Any, str]] = {}

    def remembered(value: Any) -> str:
        found = known.get(id(value))
        if found is None:
            if len(known) >= _REMEMBERED:
                known.clear()
            found = known[id(value)] = (value, write(value))
        return found[1]

    return remembered


def _listed(value: Any) -> list[Any]:
    if value.__class__ is not list:  # a text is a sequence too
        raise TypeError(f"found {value!r}, expected a list")
    found: list[Any] = value
    return found


#: No identifier holds it, and JSON writes it as it is.
_BETWEEN = "\x7f"


def _texts(value: Any) -> str:
    """Many texts, quoted at one go: the facts that a line rests on are most of what an invoice says."""
    joined = _BETWEEN.join(value)
    if joined.count(_BETWEEN) != len(value) - 1:
        return "[" + ",".join(map(_quoted, value)) + "]"
    return f"[{_quoted(joined)}]".replace(_BETWEEN, '","')


def _tuple(annotation: Any) -> tuple[Dump, Load]:
    arguments = typing.get_args(annotation)
    if len(arguments) == 2 and arguments[1] is Ellipsis:
        item = arguments[0]
        dump, load = _dump_of(item), _load_of(item)
        write: Dump = lambda value: "[" + ",".join([dump(one) for one in value]) + "]"  # noqa: E731
        return (
            _shared(_texts if dump is _quoted else write, annotation),
            lambda value, _: tuple([load(one, item) for one in _listed(value)]),
        )
    dumps_, loads_ = tuple(map(_dump_of, arguments)), tuple(map(_load_of, arguments))
    return (
        lambda value: "[" + ",".join([dump(one) for dump, one in zip(dumps_, value, strict=True)]) + "]",
        lambda value, _: tuple([load(one, kind) for load, one, kind in zip(loads_, value, arguments, strict=True)]),
    )


def _frozenset(annotation: Any) -> tuple[Dump, Load]:
    (item,) = typing.get_args(annotation)
    dump, load = _dump_of(item), _load_of(item)
    # Sorted, so that equal models give equal texts.
    return (
        lambda value: "[" + ",".join(sorted(map(dump, value))) + "]",
        lambda value, _: frozenset([load(one, item) for one in _listed(value)]),
    )


def _map(annotation: Any) -> tuple[Dump, Load]:
    cls = _class_of(annotation)
    make: Callable[[dict[Any, Any]], Any] = cls
    key, item = typing.get_args(annotation) or typing.get_args(vars(cls)["__orig_bases__"][0])
    dump_key, load_key, dump, load = _dump_of(key), _load_of(key), _dump_of(item), _load_of(item)

    def write(value: Any) -> str:
        return "[" + ",".join([f"[{dump_key(one)},{dump(each)}]" for one, each in value.items()]) + "]"

    return (
        _shared(write, cls),
        lambda value, _: make({load_key(one, key): load(each, item) for one, each in value}),
    )


def _union(annotation: Any) -> tuple[Dump, Load]:
    members = tuple(_flatten(annotation))
    values = [member for member in members if member is not type(None)]
    if len(values) == 1:
        return _optional(values[0])
    others = [member for member in values if member not in _PLAIN]
    by_name = {_class_of(member).__name__: member for member in others}
    if len(by_name) != len(others):
        raise MisuseError(f"{members!r}: two members of a stored union bear the same name")
    plain = {member: _PLAIN[member] for member in members if member in _PLAIN}
    read_plain = _exactly(*plain)
    # Looked up when a member is met: a union may hold itself.
    tags = {_class_of(member): (name, member) for name, member in by_name.items()}

    def write(value: Any) -> str:
        as_it_is = plain.get(value.__class__)
        if as_it_is is not None:
            return as_it_is(value)
        tag = tags.get(value.__class__)
        if tag is None:
            raise MisuseError(f"{value!r}: not a member of {members!r}")
        return f'{{"{tag[0]}":{_dump_of(tag[1])(value)}}}'

    def read(value: Any, _: Any) -> Any:
        if value.__class__ is not dict:
            return read_plain(value, None)
        ((name, inner),) = value.items()
        return _load_of(by_name[name])(inner, by_name[name])

    return write, read


def _optional(kind: Any) -> tuple[Dump, Load]:
    dump, load = _dump_of(kind), _load_of(kind)
    return (
        lambda value: "null" if value is None else dump(value),
        lambda value, _: None if value is None else load(value, kind),
    )


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in (typing.Union, types.UnionType)


def _flatten(annotation: Any) -> Iterator[Any]:
    """The members of a union, those of its unions and aliases included."""
    for member in typing.get_args(annotation):
        resolved = _resolve(member)
        if _is_union(resolved):
            yield from _flatten(resolved)
        else:
            yield resolved


def _resolve(annotation: Any) -> Any:
    """The type behind a ``NewType``, or behind the one alias of the house that names itself (``Parameter``)."""
    while isinstance(annotation, typing.NewType):
        annotation = annotation.__supertype__
    return getattr(reasons, annotation.__forward_arg__) if isinstance(annotation, typing.ForwardRef) else annotation


def _resolved(annotation: Any) -> tuple[Dump, Load]:
    behind = _resolve(annotation)
    return _dump_of(behind), _load_of(behind)


def _class_of(annotation: Any) -> Any:
    return typing.get_origin(annotation) or annotation


def _is_a(*classes: type) -> Callable[[Any], bool]:
    return lambda annotation: isinstance(cls := _class_of(annotation), type) and issubclass(cls, classes)


_register(lambda _: True, _refuse)
_register(attrs.has, _attrs)
_register(_is_union, _union)
_register(_is_a(tuple), _tuple)
_register(_is_a(frozenset), _frozenset)
_register(_is_a(FrozenMap), _map)
_register(_is_a(enum.Enum), lambda _: (_name, _named))
_register(lambda annotation: isinstance(annotation, typing.NewType | typing.ForwardRef), _resolved)
_scalar(Decimal, str, Decimal)
_scalar(dt.datetime, lambda value: utc(value).isoformat(), dt.datetime.fromisoformat)
_scalar(dt.date, dt.date.isoformat, dt.date.fromisoformat)
_scalar(dt.time, dt.time.isoformat, dt.time.fromisoformat)
_scalar(bytes, bytes.hex, bytes.fromhex)
_scalar(Instance, str, _instance)
for _kind in _PLAIN:
    _register(functools.partial(operator.is_, _kind), lambda kind: (_PLAIN[kind], _exactly(kind)))
# For these cattrs has functions of its own, which it finds by base class before any of the above.
for _kind in (str, int, bool):
    _converter.register_structure_hook(_kind, _exactly(_kind))
_converter.register_structure_hook(enum.IntEnum, _named)
_converter.register_structure_hook(bytes, _parsed(bytes, bytes.fromhex))
