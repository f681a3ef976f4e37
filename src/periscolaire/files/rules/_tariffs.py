"""Tariffs in a rules file: prices, their versions and shares; price nodes themselves are read by :mod:`._prices`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any

import attrs

from periscolaire.facts import ALWAYS, Vocabulary
from periscolaire.files.rules._conditions import CONDITION
from periscolaire.files.rules._paying import DEPOSIT, INSTALMENTS, PACKAGE, TICKET_BOOK
from periscolaire.files.rules._penalties import FEE, FOLLOW_UP, PENALTY
from periscolaire.files.rules._price_forms import NODE, NODE_KEYS, ROUNDING
from periscolaire.files.rules._scopes import RANK, SCOPE, TERM, TOTAL, RanksForm
from periscolaire.files.rules._values import DECIMAL
from periscolaire.files.toml._forms import (
    INVALID,
    BoolForm,
    DateForm,
    Key,
    ListForm,
    Reading,
    Schema,
    Section,
    SectionForm,
    TextForm,
    found,
)
from periscolaire.files.toml._locate import Path
from periscolaire.money import Rounding
from periscolaire.pricing import DAILY, OWN_PRICE, Scope, Share, Subsidy, TariffVersion, When

__all__ = ["PRICE_SECTION", "PRODUCT_PRICE", "TARIFF", "TARIFF_SECTIONS", "TariffDraft", "VersionDraft"]

_FLAT_RATE = re.compile(r"(.+?)\s*(?:\bpar |\b(?:le|la|l') ?|/ ?)(jour|semaine|mois|année scolaire|séjour)")


SHARE = Section(
    "share",
    "une part",
    "Ce qu'un tiers paie du prix arrondi ; la famille paie le reste.",
    (
        Key("payeur", "payer", TextForm(), "qui paie", '"CCAS"', required=True),
        Key("montant", "amount", NODE, "un montant", '"0,50"'),
        Key("taux", "rate", DECIMAL, "une part du prix", '"0,5"'),
        Key("reste", "rest", BoolForm(), "tout le reste", "true", default=False),
        Key("plafond", "cap", DECIMAL, "au plus, sur la durée de l'aide", '"100,00"'),
        Key("majorations", "surcharges", BoolForm(), "porte aussi sur les majorations", "true", default=False),
        Key("si", "condition", CONDITION, "cas concernés", default=ALWAYS),
    ),
    Share,
)


SUBSIDY = Section(
    "subsidy",
    "une subvention",
    "Ce qu'un tiers verse à la commune pour ce prix : déclaré, jamais facturé à la famille.",
    (
        Key("code", "code", TextForm(), "code de la subvention", '"cantine à 1 €"', required=True),
        Key("montant", "amount", NODE, "montant par prestation", '"3,00"', required=True),
        Key("si", "condition", CONDITION, "cas concernés", '{ quotient = "<= 1000" }', default=ALWAYS),
    ),
    Subsidy,
)


_VERSION_KEYS = (
    Key("non_prevu", "unplanned", NODE, "prix d'une présence non prévue", '"5,50"', default=OWN_PRICE),
    Key("absence_injustifiee", "absence", NODE, "prix d'une absence due", '"prix de la prestation"', default=OWN_PRICE),
    Key("annulation_tardive", "late_cancellation", NODE, "prix d'une annulation hors délai", '"2,00"'),
    Key("assiette", "scope", SectionForm(SCOPE), "pour quoi l'on paie une fois", '{ quand = "mois" }', default=DAILY),
    Key("arrondi", "rounding", ROUNDING, "arrondi du prix unitaire", '"supérieur"', default=Rounding()),
    Key("parts", "shares", ListForm(SectionForm(SHARE)), "ce que des tiers paient", default=()),
    Key("subventions", "subsidies", ListForm(SectionForm(SUBSIDY)), "ce que des tiers versent", default=()),
    Key("rangs", "ranks", RanksForm(), "rangs calculés avant le prix", default=()),
    Key("totaux", "totals", ListForm(SectionForm(TOTAL)), "totaux calculés avant le prix", default=()),
    Key("cout", "cost", DECIMAL, "coût du service par usager (le prix ne peut le dépasser)", '"12,40"'),
    Key("libelle", "label", TextForm(), "nom affiché du tarif", '"Repas"'),
    Key("deliberation", "deliberation", TextForm(), "délibération", '"2023-040"'),
    Key("reference", "reference", TextForm(), "article", '"art. 6"'),
)


@attrs.frozen
class VersionDraft:
    """A version whose dates, when not written, are those of the règlement."""

    values: Mapping[str, Any]

    def version(self, first_day: dt.date, last_day: dt.date | None) -> TariffVersion:
        """The version, in force from ``first_day`` to ``last_day`` unless it says otherwise."""
        values = {"first_day": first_day, "last_day": last_day, **self.values}
        return TariffVersion(**values)


@attrs.frozen
class TariffDraft:
    """One entry of ``[[tarifs]]``: entries of one code are its successive versions."""

    code: str
    version: VersionDraft


def _version_parts(version: TariffVersion) -> dict[str, Any]:
    return {field.name: getattr(version, field.name) for field in attrs.fields(TariffVersion)}


TARIFF = Section(
    "tariff",
    "un tarif",
    "Un prix que plusieurs produits ou majorations peuvent nommer. Plusieurs entrées de même code se suivent.",
    (
        Key("code", "code", TextForm(), "code du tarif", '"exceptionnel"', required=True),
        Key("du", "first_day", DateForm(), "premier jour (par défaut celui du règlement)", '"2024-01-01"'),
        Key("au", "last_day", DateForm(), "dernier jour (par défaut celui du règlement)", '"2024-12-31"'),
        Key("prix", "node", NODE, "le prix", '"4,40"', required=True),
        *_VERSION_KEYS,
    ),
    lambda code, **values: TariffDraft(code, VersionDraft(values)),
    lambda parts: parts,
)


PRICE_SECTION = Section(
    "product_price",
    "le prix d'un produit",
    "Un prix, et ce qu'il devient quand le jour finit autrement que prévu.",
    (Key("prix", "node", NODE, "le prix, quand il n'est pas écrit à même la table"), *_VERSION_KEYS),
    lambda **values: VersionDraft(values),
    _version_parts,
)


_VERSION_WORDS = {key.key for key in _VERSION_KEYS}


@attrs.frozen
class ProductPriceForm:
    """``prix``: a price, or a table that holds a price and what becomes of it."""

    words: str = "un prix : « 4,40 », ou une table { selon = …, tranches = … }"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, str) and (flat_rate := _FLAT_RATE.fullmatch(raw.strip())):
            # « 12,00 par mois »: what is paid once for the month, however many days the child comes.
            node = NODE.read(flat_rate[1], path, reading)
            scope = Scope(when=When(flat_rate[2]))
            return INVALID if node is INVALID else VersionDraft({"node": node, "scope": scope})
        if not isinstance(raw, dict):
            node = NODE.read(raw, path, reading)
            return INVALID if node is INVALID else VersionDraft({"node": node})
        if "prix" in raw:
            return PRICE_SECTION.read(raw, path, reading)
        inner = {word: value for word, value in raw.items() if word not in _VERSION_WORDS}
        outer = {word: value for word, value in raw.items() if word in _VERSION_WORDS}
        if not inner:
            return reading.problem(path, found(raw), self.words)
        node = NODE.read(inner, path, reading)
        draft = PRICE_SECTION.read(outer, path, reading)
        if node is INVALID or draft is INVALID:
            return INVALID
        return VersionDraft({"node": node, **draft.values})

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        written = PRICE_SECTION.write(value, vocabulary)
        node = written.pop("prix")
        if not written:
            return node
        if isinstance(node, dict) and not _VERSION_WORDS & node.keys():
            return {**node, **written}
        return {"prix": node, **written}

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/product_price"}

    def definition(self) -> Schema:
        """The schema of the reference: a node, or the keys of a node and of a version in one table."""
        version = PRICE_SECTION.schema()
        return {
            "anyOf": [
                NODE.schema(),
                {
                    "type": "object",
                    "description": version["description"],
                    "properties": {**{word: {} for word in sorted(NODE_KEYS)}, **version["properties"]},
                    "additionalProperties": False,
                },
            ]
        }


PRODUCT_PRICE = ProductPriceForm()


TARIFF_SECTIONS = (
    TARIFF,
    SCOPE,
    TERM,
    RANK,
    TOTAL,
    SHARE,
    SUBSIDY,
    PENALTY,
    FOLLOW_UP,
    FEE,
    DEPOSIT,
    INSTALMENTS,
    PACKAGE,
    TICKET_BOOK,
)
