"""What a limit leads to in a rules file: effects, and those that depend on a counter."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from periscolaire.catalogue import (
    Band,
    Counter,
    Effect,
    Multiple,
    OtherTariff,
    Per,
    Replacement,
    Reset,
    Scope,
    Surcharge,
    Verb,
)
from periscolaire.errors import MisuseError
from periscolaire.files.rules._values import DECIMAL
from periscolaire.files.toml._forms import (
    BoolForm,
    ChoiceForm,
    IntegerForm,
    Key,
    ListForm,
    Section,
    SectionForm,
    TextForm,
)

__all__ = ["BAND", "COUNTER", "EFFECT_KEYS", "effect_of", "effect_parts", "split_effect"]

_VERBS = {
    Verb.ACCEPT.value: Verb.ACCEPT,
    "majoration": Verb.ACCEPT,
    **{verb.value: verb for verb in Verb},
}


def effect_of(
    effet: str | None = None,
    plus: Decimal | None = None,
    times: Decimal | None = None,
    tariff: str | None = None,
    price: Decimal | None = None,
    scope: Scope = Scope.DAY,
    share: Decimal | None = None,
    kept: bool = False,
) -> Effect:
    forms = [
        form
        for form in (
            None if plus is None else Surcharge(plus),
            None if times is None else Multiple(times),
            None if tariff is None else OtherTariff(tariff),
            None if price is None else Replacement(price),
        )
        if form is not None
    ]
    if len(forms) > 1:
        raise MisuseError("un seul de « montant », « fois », « tarif » et « prix »")
    if effet == "majoration" and not forms:
        raise MisuseError("« majoration » avec « montant », « fois », « tarif » ou « prix »")
    verb = _VERBS[effet] if effet is not None else Verb.ACCEPT
    return Effect(verb, forms[0] if forms else None, scope, share, kept)


def effect_parts(effect: Effect) -> dict[str, Any]:
    parts: dict[str, Any] = {"scope": effect.scope, "share": effect.share, "kept": effect.kept}
    match effect.price:
        case Surcharge(amount):
            parts["plus"] = amount
        case Multiple(factor):
            parts["times"] = factor
        case OtherTariff(code):
            parts["tariff"] = code
        case Replacement(amount):
            parts["price"] = amount
    surcharged = effect.verb is Verb.ACCEPT and effect.price is not None
    parts["effet"] = "majoration" if surcharged else effect.verb.value
    return parts


EFFECT_KEYS = (
    Key(
        "effet",
        "effet",
        ChoiceForm({word: word for word in _VERBS}),
        "ce qui se passe : accepté, majoration, demande (un agent répond), possible, refus ; pour une annulation : "
        "non dû, dû, report, perdu",
        '"majoration"',
    ),
    Key("montant", "plus", DECIMAL, "supplément ajouté au prix", '"2,00"'),
    Key("fois", "times", DECIMAL, "multiplie le prix", '"2"'),
    Key("tarif", "tariff", TextForm("le code d'un tarif"), "un autre tarif, par son code", '"exceptionnel"'),
    Key("prix", "price", DECIMAL, "un autre prix, à la place", '"3,90"'),
    Key(
        "portee",
        "scope",
        ChoiceForm.of(Scope),
        "à chaque jour, à toute la commande ou une fois par famille",
        '"par commande"',
        default=Scope.DAY,
    ),
    Key("part", "share", DECIMAL, "part du prix qui reste due (avec « dû »)", '"0,5"'),
    Key("acquise", "kept", BoolForm(), "le supplément reste dû même si l'on annule à temps", "true", default=False),
)


_EFFECT_NAMES = tuple(key.name for key in EFFECT_KEYS)


def split_effect(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    effect = {name: value for name, value in values.items() if name in _EFFECT_NAMES}
    rest = {name: value for name, value in values.items() if name not in _EFFECT_NAMES}
    return effect, rest


def _band(from_rank: int, **effect: Any) -> Band:
    return Band(from_rank, effect_of(**effect))


BAND = Section(
    "band",
    "un rang de compteur",
    "À partir d'un rang (1 est le premier usage), cet effet.",
    (Key("a_partir_du", "from_rank", IntegerForm(1), "premier rang concerné", "11", required=True), *EFFECT_KEYS),
    _band,
    lambda band: {"from_rank": band.from_rank, **effect_parts(band.effect)},
)


COUNTER = Section(
    "counter",
    "un compteur",
    "Un effet qui dépend du rang : ce qui est compté, pour qui, quand le compte repart, et les rangs.",
    (
        Key(
            "nom",
            "name",
            TextForm(),
            "ce qui est compté ; le nom sous lequel son état est tenu",
            '"repas tardifs"',
            True,
        ),
        Key("par", "per", ChoiceForm.of(Per), "pour qui l'on compte", '"par enfant"', default=Per.CHILD),
        Key(
            "remise",
            "reset",
            ChoiceForm.of(Reset),
            "quand le compte repart de zéro (« par an » n'existe pas : dire quelle année)",
            '"par année scolaire"',
            required=True,
        ),
        Key("rangs", "bands", ListForm(SectionForm(BAND), least=1), "les rangs, le premier à 1", required=True),
    ),
    Counter,
)
