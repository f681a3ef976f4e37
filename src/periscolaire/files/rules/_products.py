"""Products in a rules file: days, hours, limits, price, and what their own modules read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import attrs

from periscolaire.catalogue import EachDay, LimitTable, PaymentMode, Product, Slot, Tier, Unit
from periscolaire.errors import MisuseError
from periscolaire.facts import Vocabulary
from periscolaire.files.rules._absences import ABSENCE, ABSENCE_ROW, CHECKING, EPISODE
from periscolaire.files.rules._calendar import OPEN_DAYS
from periscolaire.files.rules._gates import GATE
from periscolaire.files.rules._limits import LIMIT, TIER, RuleDraft, drafts, finished
from periscolaire.files.rules._paying import DEPOSIT, INSTALMENTS, PACKAGE
from periscolaire.files.rules._places import PLACES_RULE, PlacesForm
from periscolaire.files.rules._tariffs import PRODUCT_PRICE, VersionDraft
from periscolaire.files.rules._values import HOURS_SPAN, UNIT
from periscolaire.files.toml._forms import (
    INVALID,
    BoolForm,
    ChoiceForm,
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
from periscolaire.ids import ProductCode
from periscolaire.pricing import Deposit, Instalments, TariffVersion
from periscolaire.reglement import AbsencePolicy, CheckingPolicy, PackageRule

__all__ = ["PRODUCT_SECTIONS", "ProductDraft", "ProductsForm"]

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
