"""What a tariff counts in a rules file: what is paid once, and the ranks and totals computed before the price."""

from __future__ import annotations

from typing import Any

import attrs

from periscolaire.facts import ALWAYS, Vocabulary
from periscolaire.files.rules._conditions import CONDITION, FACT_NAME
from periscolaire.files.rules._values import MONTH_DAY
from periscolaire.files.toml._forms import (
    INVALID,
    ChoiceForm,
    Key,
    ListForm,
    Reading,
    Schema,
    Section,
    SectionForm,
    TextForm,
)
from periscolaire.files.toml._locate import Path
from periscolaire.pricing import Among, Measure, RankOrder, RankSpec, Scope, Term, TotalSpec, When, Who

__all__ = ["RANK", "SCOPE", "TERM", "TOTAL", "RanksForm"]

TERM = Section(
    "term",
    "une période nommée",
    "Une période propre à un tarif, qui revient chaque année.",
    (
        Key("nom", "name", TextForm(), "nom de la période", '"septembre à décembre"', required=True),
        Key("du", "first", MONTH_DAY, "premier jour", '"09-01"', required=True),
        Key("au", "last", MONTH_DAY, "dernier jour (« 02-29 » : fin février)", '"12-31"', required=True),
    ),
    Term,
)


SCOPE = Section(
    "scope",
    "une assiette",
    "Pour quoi l'on paie une fois : qui × quand × quels produits.",
    (
        Key("qui", "who", ChoiceForm.of(Who), "par enfant ou par foyer", '"enfant"', default=Who.CHILD),
        Key(
            "quand",
            "when",
            ChoiceForm.of(When),
            "chaque prestation, chaque jour, semaine, mois, période, année, commande, séjour ou achat",
            '"mois"',
            default=When.SERVICE,
        ),
        Key(
            "quoi",
            "what",
            ListForm(TextForm("un code de produit")),
            "produits compris",
            '["matin", "soir"]',
            default=(),
        ),
        Key("periodes", "terms", ListForm(SectionForm(TERM)), "les périodes, avec quand = « période »", default=()),
    ),
    Scope,
)


RANK = Section(
    "rank",
    "un rang",
    "Une position calculée avant le prix, lue ensuite comme un fait (« rang »).",
    (
        Key("fait", "fact", FACT_NAME, "fait que le rang remplit", '"rang"', default="rank"),
        Key("parmi", "among", ChoiceForm.of(Among), "les enfants comptés", '"présents"'),
        Key(
            "assiette",
            "scope",
            SectionForm(SCOPE),
            "pour qui l'on compte, et quand le compte repart",
            default=Scope(Who.HOUSEHOLD, When.DAY),
        ),
        Key(
            "ordre",
            "order",
            ChoiceForm.of(RankOrder),
            "dans quel ordre",
            '"aîné d\'abord"',
            default=RankOrder.ELDEST_FIRST,
        ),
        Key("si", "condition", CONDITION, "ce qui est compté", default=ALWAYS),
    ),
    RankSpec,
)


TOTAL = Section(
    "total",
    "un total",
    "Un nombre ou une part calculés avant le prix, lus ensuite comme un fait.",
    (
        Key("fait", "fact", FACT_NAME, "fait que le total remplit", '"nombre de jours"', required=True),
        Key("parmi", "among", ChoiceForm.of(Among), "les jours ou enfants comptés", '"présents"', required=True),
        Key("assiette", "scope", SectionForm(SCOPE), "pour qui et sur quelle durée l'on compte", required=True),
        Key(
            "mesure",
            "measure",
            ChoiceForm.of(Measure),
            "ce qui est mesuré (par défaut les enfants pour « fratrie », les prestations pour le reste)",
            '"jours"',
        ),
        Key("si", "condition", CONDITION, "ce qui est compté", default=ALWAYS),
    ),
    TotalSpec,
    lambda spec: {**attrs.asdict(spec, recurse=False), "measure": _unusual(spec)},
)


def _unusual(spec: TotalSpec) -> Measure | None:
    """The measure, when it must be written."""
    usual = TotalSpec(spec.fact, spec.among, spec.scope).measure
    return None if spec.measure is usual else spec.measure


@attrs.frozen
class RanksForm:
    """``rangs``: a list of ranks, or the word that says among whom the usual one is counted."""

    words: str = "« présents », « réservés », « inscrits », ou une liste de tables : [un rang](#un-rang)"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, str):
            return _RANKS.read(raw, path, reading)
        among = _AMONG.read(raw, path, reading)
        usual = Scope(Who.HOUSEHOLD, When.DAY)
        return INVALID if among is INVALID else (RankSpec("rank", among, usual, RankOrder.ELDEST_FIRST, ALWAYS),)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return _RANKS.write(value, vocabulary)

    def schema(self) -> Schema:
        return {"anyOf": [_AMONG.schema(), _RANKS.schema()]}


_RANKS = ListForm(SectionForm(RANK))


_AMONG = ChoiceForm.of(Among)
