"""Why something is so: a stable code plus typed parameters; the words belong to :mod:`periscolaire.i18n`.

A code is dotted English in lower case (``limit.closed``, ``gate.document_missing``); once released it never changes
its meaning. Parameters are plain immutable values, so that a reason can be stored as JSON, compared and translated.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import TypeAlias, Union

import attrs

from periscolaire.frozen import FrozenMap
from periscolaire.money import Money

__all__ = ["Description", "Parameter", "Reason", "Verdict"]

Parameter: TypeAlias = Union[
    str,
    int,
    bool,
    Decimal,
    Money,
    dt.date,
    dt.time,
    dt.datetime,
    "Description",
    tuple["Parameter", ...],
    None,
]


def _frozen(parameters: Mapping[str, Parameter]) -> FrozenMap[str, Parameter]:
    return FrozenMap(parameters)


@attrs.frozen
class Description:
    """What a rule says, to be put in words in French or English; may hold other descriptions."""

    code: str
    parameters: FrozenMap[str, Parameter] = attrs.field(converter=_frozen, factory=FrozenMap)

    @classmethod
    def of(cls, code: str, **parameters: Parameter) -> Description:
        return cls(code, parameters)


@attrs.frozen
class Reason:
    """Why something was refused, changed or priced so; ``reference`` is the article of the règlement."""

    code: str
    parameters: FrozenMap[str, Parameter] = attrs.field(converter=_frozen, factory=FrozenMap)
    reference: str | None = None

    @classmethod
    def of(cls, code: str, /, *, reference: str | None = None, **parameters: Parameter) -> Reason:
        return cls(code, parameters, reference)


@attrs.frozen
class Verdict:
    """Allowed or not, with all the reasons (a refusal has at least one)."""

    allowed: bool
    reasons: tuple[Reason, ...] = ()
