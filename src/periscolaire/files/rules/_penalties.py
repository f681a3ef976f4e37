"""Penalties and fees in a rules file."""

from __future__ import annotations

from typing import Any

import attrs

from periscolaire.facts import ALWAYS
from periscolaire.files.rules._conditions import CONDITION
from periscolaire.files.rules._price_forms import NODE
from periscolaire.files.rules._scopes import SCOPE
from periscolaire.files.rules._values import DURATION, TIME
from periscolaire.files.toml._forms import ChoiceForm, IntegerForm, Key, ListForm, Section, SectionForm, TextForm
from periscolaire.pricing import DAILY, Fee, FollowUp, Modified, Node, Penalty, PenaltyEffect, PerUnit, Trigger

__all__ = ["FEE", "FOLLOW_UP", "PENALTY"]


def _late(price: Node, values: dict[str, Any]) -> Penalty:
    """« 10,00 par 15 min » of a late pick-up counts the minutes late, not those of the whole presence."""
    if values["trigger"] is Trigger.LATE_PICKUP:
        match price:
            case PerUnit(fact="minutes"):
                price = attrs.evolve(price, fact="late_minutes")
            case Modified(PerUnit(fact="minutes") as inner):
                price = attrs.evolve(price, node=attrs.evolve(inner, fact="late_minutes"))
    return Penalty(price=price, **values)


FOLLOW_UP = Section(
    "follow_up",
    "une suite",
    "Ce qui arrive en plus à partir d'un certain rang.",
    (
        Key("a_partir_du", "from_rank", IntegerForm(1), "rang à partir duquel", "3", required=True),
        Key("effet", "effect", TextForm(), "ce qui arrive", '"exclusion possible"', required=True),
    ),
    FollowUp,
)


PENALTY = Section(
    "penalty",
    "une pénalité",
    "Un prix qui sanctionne, avec son déclencheur et son assiette.",
    (
        Key("code", "code", TextForm(), "code de la pénalité", '"retard"', required=True),
        Key("declencheur", "trigger", ChoiceForm.of(Trigger), "ce qui la déclenche", '"départ après"', required=True),
        Key("prix", "price", NODE, "montant : tout prix, qui peut lire le fait « retard »", '"10,00"', required=True),
        Key("limite", "limit", TIME, "heure limite, pour un retard", '"18:45"'),
        Key("franchise", "grace", DURATION, "tolérance après la limite", '"5 min"', default=0),
        Key("assiette", "scope", SectionForm(SCOPE), "pour quoi l'on paie une fois", default=DAILY),
        Key(
            "effet",
            "effect",
            ChoiceForm.of(PenaltyEffect),
            "facturée d'office, ou proposée à un agent",
            '"proposée"',
            default=PenaltyEffect.CHARGED,
        ),
        Key("suites", "follow_ups", ListForm(SectionForm(FOLLOW_UP)), "ce qui arrive en plus, par rang", default=()),
        Key("si", "condition", CONDITION, "cas concernés", default=ALWAYS),
        Key("libelle", "label", TextForm(), "nom affiché"),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    lambda price, **values: _late(price, values),
    lambda penalty: {field.name: getattr(penalty, field.name) for field in attrs.fields(Penalty)},
)


FEE = Section(
    "fee",
    "des frais",
    "Un prix qui n'est pas celui d'un jour de service : adhésion, dossier, panier PAI au mois.",
    (
        Key("code", "code", TextForm(), "code", '"adhesion"', required=True),
        Key("prix", "price", NODE, "montant", '"17,00"', required=True),
        Key("assiette", "scope", SectionForm(SCOPE), "pour quoi l'on paie une fois", required=True),
        Key("si", "condition", CONDITION, "cas concernés", default=ALWAYS),
        Key("libelle", "label", TextForm(), "nom affiché"),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    Fee,
)
