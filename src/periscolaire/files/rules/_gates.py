"""Gates in a rules file: who may book."""

from __future__ import annotations

import attrs

from periscolaire.catalogue import Action, Effect, Gate, Verb
from periscolaire.facts import ALWAYS
from periscolaire.files.rules._conditions import CONDITION
from periscolaire.files.toml._forms import BoolForm, ChoiceForm, Key, ListForm, Section, TextForm

__all__ = ["GATE"]


_OTHERWISE = ChoiceForm(
    {
        "refus": Effect(Verb.REFUSE),
        "demande": Effect(Verb.REQUEST),
        "possible": Effect(Verb.POSSIBLE),
        "accepté": Effect(Verb.ACCEPT),
    }
)


GATE = Section(
    "gate",
    "une condition d'accès",
    "Qui peut réserver : dans les cas de « si », « exige » doit tenir et « interdit » ne doit pas tenir.",
    (
        Key(
            "nom", "code", TextForm(), "nom de la condition, affiché dans les refus", '"dossier complet"', required=True
        ),
        Key("si", "when", CONDITION, "cas concernés (par défaut tous)", default=ALWAYS),
        Key("exige", "requires", CONDITION, "ce qui doit être vrai", '{ "dossier complet" = true }'),
        Key("interdit", "forbids", CONDITION, "ce qui doit être faux", "{ suspendu = true }"),
        Key("sinon", "otherwise", _OTHERWISE, "ce qui se passe sinon", '"refus"', default=Effect(Verb.REFUSE)),
        Key(
            "inconnu",
            "unknown",
            _OTHERWISE,
            "ce qui se passe quand un fait n'est pas connu (par défaut un agent regarde)",
            '"demande"',
            default=Effect(Verb.REQUEST),
        ),
        Key(
            "actions",
            "actions",
            ListForm(ChoiceForm.of(Action), least=1, of=frozenset),
            "actions concernées",
            '["réserver", "modifier"]',
            default=frozenset({Action.BOOK, Action.CHANGE}),
        ),
        Key("message", "message", TextForm(), "phrase montrée à la famille", '"Le dossier doit être complet."'),
        Key(
            "sur_place",
            "at_door",
            BoolForm(),
            "vérifiée quand l'enfant vient ou repart (heures, adulte), et non à la réservation",
            "true",
            default=False,
        ),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    Gate,
    lambda gate: {
        **{field.name: getattr(gate, field.name) for field in attrs.fields(Gate)},
        "actions": sorted(gate.actions, key=lambda action: action.value)
        if gate.actions != frozenset({Action.BOOK, Action.CHANGE})
        else gate.actions,
    },
)
