"""From the keys that a step holds to the step: one action, what that action needs, and nothing that it does not say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import Facts
from periscolaire.files.scenarios._model import Audience, Expectation, Step, StepKind, Typed
from periscolaire.frozen import FrozenMap

__all__ = ["audience", "expectation", "known_facts", "step"]

_HEADS = {kind.value: kind for kind in StepKind}
#: Keys of a step that are facts, for short.
_FACT_KEYS = ("motive", "proof", "mode", "tier", "arrival", "departure")
_TYPED_KEYS = frozenset(attrs.fields_dict(Typed))
_SERVICE_DAY: Final = "« pour » : le jour de service"
_WHO: Final = "« adulte » : qui agit dans l'espace famille"
_ASKED = {"at": "« le » : une demande a un instant et un jour de service", "days": _SERVICE_DAY}
#: What a step of each kind must say besides its action, and how its absence is told.
_NEEDS: dict[StepKind, dict[str, str]] = {
    StepKind.BOOK: _ASKED,
    StepKind.CANCEL: _ASKED,
    StepKind.CHANGE: _ASKED,
    StepKind.PRESENCE: {"days": _SERVICE_DAY},
    StepKind.ABSENCE: {"days": _SERVICE_DAY},
    StepKind.ALLOCATE: {
        "days": _SERVICE_DAY,
        "children": "« enfants » : qui demande les places, dans l'ordre d'arrivée",
    },
    StepKind.DECLARE: {"at": "« le » : quand la famille déclare ou demande"},
    StepKind.ASK: {"at": "« le » : quand la famille déclare ou demande"},
    StepKind.PROOF: {"days": "« pour » : les jours dont il s'agit"},
    StepKind.REPORT: {"days": "« pour » : les jours dont il s'agit"},
    StepKind.ACTIVATE: {"adult": _WHO},
    StepKind.RESET: {"adult": _WHO},
    StepKind.SIGN_IN: {"password": "« mot_de_passe » : celui qui est tapé"},
    StepKind.LOOK: {"adult": _WHO},
    StepKind.TICK: {"adult": _WHO, "child": "« enfant » : de qui sont les cases", "days": _SERVICE_DAY},
    StepKind.AGENDA: {"adult": _WHO, "child": "« enfant » : pour qui", "days": "« pour » : premier et dernier jour"},
    StepKind.VALIDATE: {"adult": _WHO},
    StepKind.EMPTY: {"adult": _WHO},
    StepKind.PUBLISH: {"text": "« texte » : ce que dit l'actualité"},
    StepKind.READ: {"adult": _WHO},
    StepKind.WRITE: {"adult": _WHO},
    StepKind.PAY_ONLINE: {"adult": _WHO},
}


def known_facts(values: Mapping[str, Any] | None) -> Facts:
    """Facts as a file gives them; what it says to be unknown is left out."""
    return Facts({name: value for name, value in (values or {}).items() if value is not None})


def expectation(**values: Any) -> Expectation:
    """What is expected, its tables frozen."""
    frozen: dict[str, Any] = {
        name: FrozenMap(value) if isinstance(value, dict) else value for name, value in values.items()
    }
    return Expectation(**frozen)


def audience(**values: tuple[str, ...]) -> Audience:
    """For whom a news is.

    :raises MisuseError: more than one sort of families.
    """
    if len(values) > 1:
        raise MisuseError("une seule de ces clés : ecoles, produits, familles")
    return Audience(**values)


def step(values: dict[str, Any]) -> Step:
    """The step that these values say.

    :raises MisuseError: not exactly one action, or an action without what it needs.
    """
    heads = [word for word in _HEADS if word in values]
    declared = values.pop("declared", None)
    if declared is not None:
        heads.append(StepKind.DECLARE.value)
    if len(heads) != 1:
        raise MisuseError("une et une seule action : " + ", ".join(_HEADS))
    kind = _HEADS[heads[0]]
    head = values.pop(kind.value, "")
    needs = _NEEDS.get(kind, {}) | ({"at": "« le » : quand cela arrive"} if kind.needs_store else {})
    for name, missing in needs.items():
        if name not in values:
            raise MisuseError(missing)
    if "child" in values and "children" in values:
        raise MisuseError("un seul de « enfant » et « enfants »")
    target = head if isinstance(head, str) else ""
    if isinstance(head, Decimal):
        values["sum"] = head
    elif kind is StepKind.BILL:
        values["days"], target = (head,), f"{head:%Y-%m}"
    short = {name: values.pop(name) for name in _FACT_KEYS if name in values}
    if "arrival" in short or "departure" in short:
        short.setdefault("minutes", _minutes(short.get("arrival"), short.get("departure")))
    facts = {**short, **(values.pop("facts", None) or {})}
    for name in ("counters", "events"):
        values[name] = FrozenMap(values.get(name, {}))
    if "days" in values:
        values["day"] = values["days"][0]
    typed = _typed({name: values.pop(name) for name in _TYPED_KEYS & values.keys()})
    return Step(kind, target, facts=known_facts(facts), declared=known_facts(declared), typed=typed, **values)


def _typed(values: dict[str, Any]) -> Typed:
    corrections = values.pop("corrections", {})
    return Typed(corrections=FrozenMap({who: FrozenMap(fields) for who, fields in corrections.items()}), **values)


def _minutes(arrival: dt.time | None, departure: dt.time | None) -> int | None:
    if arrival is None or departure is None:
        return None
    return departure.hour * 60 + departure.minute - arrival.hour * 60 - arrival.minute
