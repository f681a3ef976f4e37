"""Tariffs, penalties and fees in a rules file; price nodes themselves are read by :mod:`._prices`."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS, Vocabulary
from periscolaire.files.rules._balance import BALANCE
from periscolaire.files.rules._conditions import CONDITION, FACT_NAME
from periscolaire.files.rules._limits import DECIMAL, parse_clock, print_decimal
from periscolaire.files.rules._price_forms import NODE, NODE_KEYS, ROUNDING
from periscolaire.files.toml._forms import (
    INVALID,
    BoolForm,
    ChoiceForm,
    CodedForm,
    DateForm,
    IntegerForm,
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
from periscolaire.money import Rounding, parse_decimal
from periscolaire.pricing import (
    DAILY,
    OWN_PRICE,
    Among,
    Deposit,
    Fee,
    FollowUp,
    Instalments,
    Measure,
    Modified,
    Node,
    Penalty,
    PenaltyEffect,
    PerUnit,
    RankOrder,
    RankSpec,
    Scope,
    Share,
    Subsidy,
    TariffVersion,
    Term,
    TicketBook,
    TotalSpec,
    Trigger,
    When,
    Who,
)
from periscolaire.reglement import DayValue, PackageRule, Prorata

__all__ = [
    "DEPOSIT",
    "FEE",
    "INSTALMENTS",
    "PACKAGE",
    "PENALTY",
    "PRICE_SECTION",
    "PRODUCT_PRICE",
    "SCOPE",
    "TARIFF",
    "TARIFF_SECTIONS",
    "TICKET_BOOK",
    "VersionDraft",
]

_FLAT_RATE = re.compile(r"(.+?)\s*(?:\bpar |\b(?:le|la|l') ?|/ ?)(jour|semaine|mois|année scolaire|séjour)")
_MONTH_DAY = re.compile(r"(\d{2})-(\d{2})")


def parse_month_day(text: str) -> tuple[int, int]:
    """``"09-01"`` as (9, 1)."""
    match = _MONTH_DAY.fullmatch(text.strip())
    if match is None:
        raise MisuseError(text)
    month, day = int(match[1]), int(match[2])
    try:
        dt.date(2024, month, day)
    except ValueError:
        raise MisuseError(text) from None
    return month, day


MONTH_DAY = CodedForm(
    parse_month_day, lambda pair: f"{pair[0]:02d}-{pair[1]:02d}", "un mois et un jour, comme « 09-01 »", ref="month_day"
)

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


def _time(text: str) -> dt.time:
    minutes = parse_clock(text)
    if minutes >= 24 * 60:
        raise MisuseError(text)
    return dt.time(minutes // 60, minutes % 60)


TIME = CodedForm(_time, lambda time: time.strftime("%H:%M"), "une heure, comme « 18:45 »", ref="clock")
_DURATION = re.compile(r"(\d+)\s*min(?:utes?)?")


def _minutes(text: str) -> int:
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise MisuseError(text)
    return int(match[1])


DURATION = CodedForm(_minutes, lambda minutes: f"{minutes} min", "une durée, comme « 5 min »")


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

_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")


def _deposit(text: str) -> Deposit:
    """``"30 %"`` or ``"50,00"``."""
    match = _PERCENT.fullmatch(text.strip())
    return Deposit(amount=parse_decimal(text)) if match is None else Deposit(share=parse_decimal(match[1]) / 100)


def _print_deposit(deposit: Deposit) -> str:
    if deposit.share is not None:
        return f"{print_decimal(deposit.share * 100)} %"
    return print_decimal(deposit.amount or Decimal(0))


DEPOSIT = Section(
    "deposit",
    "un acompte",
    "Ce qui est payé pour confirmer, et quand le reste est dû.",
    (
        Key(
            "a_la_reservation",
            "asked",
            CodedForm(_deposit, _print_deposit, "une part (« 30 % ») ou un montant (« 50,00 »)"),
            "part du prix ou montant payé à la réservation",
            '"30 %"',
            required=True,
        ),
        Key("solde", "balance_days", BALANCE, "quand le reste est dû", '"15 jours avant"', default=0),
        Key("remboursable", "refundable", BoolForm(), "rendu en cas d'annulation à temps", "false", default=True),
    ),
    lambda asked, **rest: attrs.evolve(asked, **rest),
    lambda held: {"asked": held, "balance_days": held.balance_days, "refundable": held.refundable},
)

INSTALMENTS = Section(
    "instalments",
    "un échéancier",
    "Un prix payé en plusieurs fois ; les centimes qui restent vont aux premières échéances.",
    (
        Key("nombre", "count", IntegerForm(1), "nombre d'échéances", "10", required=True),
        Key("poids", "weights", ListForm(DECIMAL), "poids de chacune", '["2", "1", "1"]', default=()),
        Key(
            "dates",
            "dates",
            ListForm(MONTH_DAY),
            "dates des échéances, dans l'année scolaire (absentes : une par mois, à partir du premier jour)",
            '["10-10", "01-10", "04-10"]',
            default=(),
        ),
    ),
    Instalments,
)


def _day_value(text: str) -> Decimal | DayValue:
    said = " ".join(text.split())
    return DayValue(said) if said == DayValue.PER_PLANNED_DAY.value else parse_decimal(text)


DAY_VALUE = CodedForm(
    _day_value,
    lambda held: held.value if isinstance(held, DayValue) else print_decimal(held),
    "un montant, comme « 2,10 », ou « prix / jours prévus »",
)

PACKAGE = Section(
    "package",
    "un forfait",
    "Ce qu'un prix à la période devient quand l'enfant arrive ou part en cours de route, ou qu'un jour est excusé.",
    (
        Key("prorata", "prorata", ChoiceForm.of(Prorata),
            "à l'arrivée et au départ : rien à déduire, les jours d'ouverture, ou les mois qui n'ont pas commencé",
            '"jours d\'ouverture"', required=True),
        Key("sortie", "leaving", ChoiceForm.of(Prorata), "au départ, si c'est autrement", '"aucun"'),
        Key("valeur_du_jour", "day_value", DAY_VALUE, "ce que rend un jour d'absence justifiée", '"2,10"'),
    ),
    PackageRule,
)  # fmt: skip

TICKET_BOOK = Section(
    "ticket_book",
    "un carnet",
    "Des repas ou des heures achetés par carnet, utilisés un par un.",
    (
        Key("code", "code", TextForm(), "code du carnet", '"carnet de 10"', required=True),
        Key("taille", "size", IntegerForm(1), "nombre de tickets", "10", required=True),
        Key("prix", "price", NODE, "prix du carnet", '"35,00"', required=True),
        Key("unite", "unit", TextForm(), "ce que vaut un ticket", '"repas"', default="repas"),
        Key(
            "produit",
            "product",
            TextForm("un code de produit"),
            "ce qu'un ticket paie, un jour chacun ; sans cette clé, le carnet a un prix et ne se vend pas",
            '"cantine"',
        ),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    TicketBook,
)

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
