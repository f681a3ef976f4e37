"""Products in a rules file: days, hours, places, limits, gates, prices, absences, checking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from periscolaire.calendar import Weekday
from periscolaire.catalogue import (
    Action,
    Allocation,
    EachDay,
    Effect,
    Gate,
    LimitTable,
    PaymentMode,
    PlacesRule,
    Product,
    Slot,
    Tier,
    Unit,
    Verb,
)
from periscolaire.errors import MisuseError, NotationError
from periscolaire.facts import ALWAYS, Condition, Op, Test, Vocabulary
from periscolaire.files.rules._calendar import OPEN_DAYS
from periscolaire.files.rules._conditions import CONDITION, FACT_NAME
from periscolaire.files.rules._limits import (
    LIMIT,
    PROOF_LIMIT,
    TIER,
    UNIT,
    RuleDraft,
    drafts,
    finished,
    parse_clock,
    print_clock,
)
from periscolaire.files.rules._price_forms import NODE
from periscolaire.files.rules._tariffs import DEPOSIT, INSTALMENTS, PACKAGE, PRODUCT_PRICE, VersionDraft
from periscolaire.files.toml._forms import (
    INVALID,
    BoolForm,
    ChoiceForm,
    CodedForm,
    IntegerForm,
    Key,
    ListForm,
    OneOrMoreForm,
    Reading,
    Schema,
    Section,
    SectionForm,
    TextForm,
    found,
)
from periscolaire.files.toml._locate import Path
from periscolaire.ids import ProductCode
from periscolaire.pricing import Deposit, Instalments, TariffVersion
from periscolaire.reglement import (
    AbsencePolicy,
    AbsenceRow,
    Basis,
    CheckingPolicy,
    Consequence,
    Episode,
    EpisodeBreak,
    EpisodeUnit,
    PackageRule,
    Unchecked,
    UnknownAbsence,
)

__all__ = ["GATE", "PRODUCT", "PRODUCT_SECTIONS", "ProductDraft", "ProductsForm"]


def _hours(text: str) -> tuple[int, int]:
    start, mark, end = text.partition("-")
    if not mark:
        raise MisuseError(text)
    return parse_clock(start), parse_clock(end)


HOURS_SPAN = CodedForm(
    _hours,
    lambda span: f"{print_clock(span[0])}-{print_clock(span[1])}",
    "des heures, comme « 12:00-13:30 »",
    ref="hours_span",
)

SLOT = Section(
    "slot",
    "un créneau",
    "Une formule horaire d'un produit.",
    (
        Key("code", "code", TextForm(), "code du créneau", '"soir-1"', required=True),
        Key("nom", "name", TextForm(), "nom affiché (par défaut le code)", '"16 h 30 - 17 h 30"'),
        Key("horaires", "hours", HOURS_SPAN, "début et fin", '"16:30-17:30"', required=True),
    ),
    lambda code, hours, name=None: Slot(code, name or code, hours[0], hours[1]),
    lambda slot: {
        "code": slot.code,
        "name": None if slot.name == slot.code else slot.name,
        "hours": (slot.start, slot.end),
    },
)

# Places


def _places_rule(
    maximum: int | None = None, adults: int | None = None, per_adult: int | None = None, **rest: Any
) -> PlacesRule:
    if adults is not None and per_adult is not None and maximum is None:
        return PlacesRule.of_staff(adults, per_adult, **rest)
    return PlacesRule(maximum, adults=adults, per_adult=per_adult, **rest)


def _places_parts(rule: PlacesRule) -> dict[str, Any]:
    parts = {field.name: getattr(rule, field.name) for field in attrs.fields(PlacesRule)}
    return parts if rule.per_adult is None else {**parts, "maximum": None}


PLACES_RULE = Section(
    "places_rule",
    "une règle de places",
    "Un nombre maximum de réservations par jour, dans certains cas.",
    (
        Key("maximum", "maximum", IntegerForm(0), "nombre de places (absent : le texte ne le dit pas)", "60"),
        Key("encadrants", "adults", IntegerForm(0), "ou le nombre d'encadrants présents", "3"),
        Key("par_encadrant", "per_adult", IntegerForm(1), "et le nombre d'enfants pour chacun", "14"),
        Key("si", "condition", CONDITION, "cas concernés", '{ jour = "lundi" }', default=ALWAYS),
        Key("par", "pool", OneOrMoreForm(FACT_NAME), "compté à part pour chaque valeur", '["site"]', default=()),
        Key(
            "attribution",
            "allocation",
            ChoiceForm.of(Allocation),
            "comment les places vont : par ordre d'arrivée, par priorités à la clôture, sur demande",
            '"arrivée"',
            default=Allocation.ARRIVAL,
        ),
        Key("priorites", "priorities", ListForm(CONDITION), "cas servis d'abord, dans l'ordre", default=()),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    _places_rule,
    _places_parts,
)


_PLACES_WORDS = {key.key for key in PLACES_RULE.keys}


@attrs.frozen
class PlacesForm:
    """A number, a table per weekday, or a list of rules."""

    words: str = "un nombre de places, une table { lundi = 60, mardi = 70 } ou une liste de règles"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        number = IntegerForm(0)
        if isinstance(raw, dict) and not _PLACES_WORDS & raw.keys():
            rules: list[Any] = []
            for word, maximum in raw.items():
                try:
                    weekday = Weekday.parse(word)
                except NotationError:
                    rules.append(reading.problem((*path, word), f"la clé « {word} »", "un jour de la semaine"))
                    continue
                places = number.read(maximum, (*path, word), reading)
                if places is not INVALID:
                    rules.append(PlacesRule(places, _on_weekday(weekday)))
            return INVALID if not rules or any(r is INVALID for r in rules) or len(rules) < len(raw) else tuple(rules)
        if isinstance(raw, dict):
            rule = PLACES_RULE.read(raw, path, reading)
            return INVALID if rule is INVALID else (rule,)
        if isinstance(raw, list):
            return ListForm(SectionForm(PLACES_RULE), least=1).read(raw, path, reading)
        if isinstance(raw, int) and not isinstance(raw, bool):
            places = number.read(raw, path, reading)
            return INVALID if places is INVALID else (PlacesRule(places),)
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        if len(value) == 1 and value[0].maximum is not None and value[0] == PlacesRule(value[0].maximum):
            return value[0].maximum
        by_weekday = {day.french: rule.maximum for rule in value for day in Weekday if _is_weekday_rule(rule, day)}
        if len(by_weekday) == len(value):
            return by_weekday
        return [PLACES_RULE.write(rule, vocabulary) for rule in value]

    def schema(self) -> Schema:
        weekdays = {day.french: {"type": "integer", "minimum": 0} for day in Weekday}
        return {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "object", "properties": weekdays, "additionalProperties": False},
                {"$ref": "#/$defs/places_rule"},
                {"type": "array", "items": {"$ref": "#/$defs/places_rule"}, "minItems": 1},
            ]
        }


def _on_weekday(weekday: Weekday) -> Condition:
    return Condition((Test("weekday", Op.EQ, (weekday.french,)),))


def _is_weekday_rule(rule: PlacesRule, weekday: Weekday) -> bool:
    return rule.maximum is not None and rule == PlacesRule(rule.maximum, _on_weekday(weekday))


# Gates

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

# Absences

EPISODE = Section(
    "episode",
    "un épisode d'absence",
    "Comment se comptent le rang et la longueur d'une suite d'absences.",
    (
        Key(
            "compte",
            "counts",
            ChoiceForm.of(EpisodeUnit),
            "ce qui est compté : les jours, ou les semaines (celle où elle commence est la première)",
            '"jours réservés"',
            default=EpisodeUnit.BOOKED,
        ),
        Key(
            "coupe",
            "broken_by",
            ChoiceForm.of(EpisodeBreak),
            "ce qui termine l'épisode",
            '"présence"',
            default=EpisodeBreak.PRESENCE,
        ),
    ),
    Episode,
)


def _row(
    notified: tuple[RuleDraft, ...] | None = None, proof: tuple[RuleDraft, ...] | None = None, **rest: Any
) -> AbsenceRow:
    return AbsenceRow(
        notified_before=None if notified is None else finished(notified),
        proof_within=None if proof is None else finished(proof),
        **rest,
    )


def _row_parts(row: AbsenceRow) -> dict[str, Any]:
    return {
        "condition": row.condition,
        "notified": None if row.notified_before is None else drafts(row.notified_before),
        "proof": None if row.proof_within is None else drafts(row.proof_within),
        "effect": row.effect,
        "price": row.price,
        "reference": row.reference,
    }


ABSENCE_ROW = Section(
    "absence_row",
    "une ligne d'absence",
    "Quand « si » tient et que les délais sont respectés, l'absence a cet effet. La première qui tient l'emporte.",
    (
        Key("si", "condition", CONDITION, "cas concernés", '{ preuve = "acceptée" }', default=ALWAYS),
        Key("signale_avant", "notified", LIMIT, "limite pour signaler l'absence", '"le jour même 9:00"'),
        Key("preuve_sous", "proof", PROOF_LIMIT, "limite pour apporter la preuve", '"8 jours après l\'absence"'),
        Key("effet", "effect", ChoiceForm.of(Consequence), "ce qui s'ensuit", '"non dû"', required=True),
        Key("prix", "price", NODE, "prix si l'absence est due (par défaut absence_injustifiee)", '"2,00"'),
        Key("reference", "reference", TextForm(), "article du règlement", '"art. 7"'),
    ),
    _row,
    _row_parts,
)

ABSENCE = Section(
    "absence",
    "les règles d'absence",
    "Ce qu'une absence coûte ; sans ligne qui tienne, elle est due.",
    (
        Key("lignes", "rows", ListForm(SectionForm(ABSENCE_ROW), least=1), "les lignes, dans l'ordre", required=True),
        Key("episode", "episode", SectionForm(EPISODE), "comment compter une suite d'absences", default=Episode()),
        Key(
            "inconnu",
            "unknown",
            ChoiceForm.of(UnknownAbsence),
            "quand une ligne lit un fait que personne ne connaît (preuve non reçue)",
            '"attendre"',
            default=UnknownAbsence.PROVISIONALLY_DUE,
        ),
    ),
    AbsencePolicy,
)

CHECKING = Section(
    "checking",
    "le pointage",
    "Ce que devient un jour réservé que personne n'a pointé, et sur quoi l'on facture.",
    (
        Key(
            "non_pointe",
            "unchecked",
            ChoiceForm.of(Unchecked),
            "un jour non pointé, une fois le délai passé",
            '"présent"',
            default=Unchecked.WAIT,
        ),
        Key("delai", "delay_days", IntegerForm(0), "jours pour pointer", "5", default=5),
        Key("base", "basis", ChoiceForm.of(Basis), "ce qui est facturé", '"réservation"', default=Basis.BOTH),
    ),
    CheckingPolicy,
)


@attrs.frozen
class ProductDraft:
    """A product as the file says it, with what the règlement keeps beside it (a version already, when written)."""

    product: Product
    price: VersionDraft | TariffVersion | None = None
    tariff: str | None = None
    absence: AbsencePolicy | None = None
    checking: CheckingPolicy | None = None
    order: LimitTable | None = None
    deposit: Deposit | None = None
    instalments: Instalments | None = None
    package: PackageRule | None = None


def _product(
    code: str,
    name: str | None = None,
    hours: tuple[int, int] | None = None,
    unit: Unit = EachDay(),  # noqa: B008  # a frozen value
    booking: tuple[RuleDraft, ...] = (),
    cancellation: tuple[RuleDraft, ...] = (),
    change: tuple[RuleDraft, ...] | None = None,
    late: tuple[Tier, ...] = (),
    price: VersionDraft | None = None,
    tariff: str | None = None,
    absence: AbsencePolicy | None = None,
    checking: CheckingPolicy | None = None,
    order: tuple[RuleDraft, ...] | None = None,
    deposit: Deposit | None = None,
    instalments: Instalments | None = None,
    package: PackageRule | None = None,
    requires: tuple[str, ...] = (),
    excludes: tuple[str, ...] = (),
    **rest: Any,
) -> ProductDraft:
    if price is not None and tariff is not None:
        raise MisuseError("un seul de « prix » et « tarif »")
    if late and not booking:
        raise MisuseError("« hors_delai » après une « reservation » ; sans elle, il n'y a pas de délai")
    if (late or unit != EachDay()) and not booking:
        raise MisuseError("une « reservation » à laquelle l'« unite » s'applique")
    product = Product(
        code=ProductCode(code),
        name=name or code,
        start=None if hours is None else hours[0],
        end=None if hours is None else hours[1],
        booking=finished(booking, unit, late),
        cancellation=finished(cancellation),
        change=None if change is None else finished(change, unit),
        requires=tuple(ProductCode(other) for other in requires),
        excludes=tuple(ProductCode(other) for other in excludes),
        **rest,
    )
    kitchen = None if order is None else finished(order)
    return ProductDraft(product, price, tariff, absence, checking, kitchen, deposit, instalments, package)


def _product_parts(draft: ProductDraft) -> Mapping[str, Any]:
    product = draft.product
    units = {rule.unit for rule in product.booking}
    unit = units.pop() if len(units) == 1 else EachDay()
    return {
        **{field.name: getattr(product, field.name) for field in attrs.fields(Product)},
        "name": None if product.name == product.code else product.name,
        "hours": None if product.start is None or product.end is None else (product.start, product.end),
        "unit": unit,
        "booking": drafts(product.booking, unit),
        "cancellation": drafts(product.cancellation),
        "change": None if product.change is None else drafts(product.change, unit),
        "late": (),
        "price": draft.price,
        "tariff": draft.tariff,
        "absence": draft.absence,
        "checking": draft.checking,
        "order": None if draft.order is None else drafts(draft.order),
        "deposit": draft.deposit,
        "instalments": draft.instalments,
        "package": draft.package,
    }


_CODES = ListForm(TextForm("un code de produit"))

PRODUCT = Section(
    "product",
    "un produit",
    "Un service que les familles réservent : ses jours, ses limites, ses conditions, ses places, son prix.",
    (
        Key("code", "code", TextForm(), "code du produit, cité partout", '"cantine"', required=True),
        Key("nom", "name", TextForm(), "nom affiché (par défaut le code)", '"Restaurant scolaire"'),
        Key("comme", "like", TextForm("le code d'un produit écrit plus haut"),
            "reprend les clés de ce produit, écrit plus haut, sauf celles qui sont écrites ici", '"matin"'),
        Key("genre", "kind", TextForm(), "restauration, matin, soir, mercredi, vacances…", '"restauration"',
            default="restauration"),
        Key("jours", "open_days", OPEN_DAYS, "jours où le service fonctionne", '"jours de classe"', required=True,
            unless="comme"),
        Key("horaires", "hours", HOURS_SPAN, "début et fin du service", '"12:00-13:30"'),
        Key("creneaux", "slots", ListForm(SectionForm(SLOT)), "formules horaires", default=()),
        Key("unite", "unit", UNIT, "ce qu'une réservation ou une modification couvre", '"mois"', default=EachDay()),
        Key("reservation", "booking", LIMIT, "jusqu'à quand réserver", '"jeudi de la semaine précédente 12:00"',
            default=()),
        Key("annulation", "cancellation", LIMIT, "jusqu'à quand annuler", '"2 jours ouvrés avant 10:00"', default=()),
        Key("modification", "change", LIMIT, "jusqu'à quand modifier (absente : annuler puis réserver)", '"la veille"'),
        Key("ajout", "change_may_add", BoolForm(), "une modification peut ajouter un jour", "true"),
        Key("hors_delai", "late", ListForm(SectionForm(TIER), least=1), "paliers après la limite de réservation",
            default=()),
        Key("commande", "order", LIMIT, "quand les repas sont commandés à la cuisine", '"la veille 9:00"'),
        Key("conditions", "gates", ListForm(SectionForm(GATE)), "qui peut réserver", default=()),
        Key("places", "places", PlacesForm(), "nombre maximum de places", "180", default=()),
        Key("exige", "requires", _CODES, "produits à réserver aussi ce jour-là", '["cantine"]', default=()),
        Key("exclut", "excludes", _CODES, "produits incompatibles ce jour-là", '["garderie"]', default=()),
        Key("paiement", "payment", ChoiceForm.of(PaymentMode), "à la consommation (C) ou à la réservation (R)", '"C"',
            default=PaymentMode.CONSUMPTION),
        Key("a_reserver", "needs_booking", BoolForm(), "il faut réserver (false : on se présente)", "true",
            default=True),
        Key("inscription", "needs_registration", BoolForm(), "il faut d'abord être inscrit pour l'année", "true",
            default=False),
        Key("prix", "price", PRODUCT_PRICE, "le prix, et ce qu'il devient", '"4,40"'),
        Key("tarif", "tariff", TextForm("le code d'un tarif"), "code du tarif, écrit dans [[tarifs]]", '"repas"'),
        Key("acompte", "deposit", SectionForm(DEPOSIT), "acompte à la réservation"),
        Key("echeancier", "instalments", SectionForm(INSTALMENTS), "paiement en plusieurs fois"),
        Key("forfait", "package", SectionForm(PACKAGE), "un prix à la période : arrivée, départ, jours excusés"),
        Key("absence", "absence", SectionForm(ABSENCE), "ce que devient une absence"),
        Key("pointage", "checking", SectionForm(CHECKING), "le pointage des présences"),
        Key("reference", "reference", TextForm(), "article du règlement", '"art. 4"'),
    ),
    _product,
    _product_parts,
)  # fmt: skip

#: Never taken from another product: what names it; and of two keys that exclude each other, the one written wins.
_OWN_KEYS = frozenset({"code", "nom", "comme"})
_ONE_OF = {"prix": "tarif", "tarif": "prix"}


@attrs.frozen
class ProductsForm:
    """The list of products; ``comme`` takes the keys of one written before."""

    words: str = "une liste de produits"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, list):
            return ListForm(SectionForm(PRODUCT), least=1).read(raw, path, reading)
        known: dict[Any, dict[str, Any]] = {}
        whole: list[Any] = []
        for index, item in enumerate(raw):
            if isinstance(item, dict) and "comme" in item:
                base = known.get(item["comme"]) if isinstance(item["comme"], str) else None
                if base is None:
                    codes = ", ".join(f"« {code} »" for code in known) or "aucun"
                    reading.problem(
                        (*path, index, "comme"), found(item["comme"]), f"un produit écrit plus haut ({codes})"
                    )
                    whole.append(INVALID)
                    continue
                item = _joined(base, item)
            if isinstance(item, dict) and isinstance(item.get("code"), str):
                known[item["code"]] = item
            whole.append(item)
        if any(item is INVALID for item in whole):
            return INVALID
        return ListForm(SectionForm(PRODUCT), least=1).read(whole, path, reading)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return ListForm(SectionForm(PRODUCT)).write(value, vocabulary)

    def schema(self) -> Schema:
        return ListForm(SectionForm(PRODUCT), least=1).schema()


def _joined(base: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    taken = {key: value for key, value in base.items() if key not in _OWN_KEYS and _ONE_OF.get(key) not in item}
    return {**taken, **{key: value for key, value in item.items() if key != "comme"}}


PRODUCT_SECTIONS = (PRODUCT, SLOT, PLACES_RULE, GATE, ABSENCE, ABSENCE_ROW, EPISODE, CHECKING)
