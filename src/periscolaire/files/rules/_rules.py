"""The rules file: French TOML to a :class:`~periscolaire.reglement.Reglement`, and back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

import attrs

from periscolaire.calendar import TERRITORIES, academies, official_zones
from periscolaire.catalogue import EachDay
from periscolaire.errors import BadFileError, MisuseError, Problem, UnknownFormatError, UnknownYearError
from periscolaire.facts import VOCABULARY, FactKind, FactSpec, Subject, Vocabulary
from periscolaire.files.rules._billing import BILLING, BILLING_SECTIONS, billing_amounts
from periscolaire.files.rules._calendar import CalendarForm
from periscolaire.files.rules._limits import LIMIT, drafts, finished
from periscolaire.files.rules._paying import TICKET_BOOK
from periscolaire.files.rules._penalties import FEE, PENALTY
from periscolaire.files.rules._products import ProductDraft, ProductsForm
from periscolaire.files.rules._recovery import RECOVERY, RECOVERY_SECTIONS, recovery_amounts
from periscolaire.files.rules._tariffs import TARIFF, TariffDraft, VersionDraft
from periscolaire.files.rules._values import MONTH_DAY, UNIT
from periscolaire.files.toml._forms import (
    INVALID,
    BoolForm,
    ChoiceForm,
    CodedForm,
    DateForm,
    IntegerForm,
    Key,
    ListForm,
    NamedForm,
    Reading,
    Schema,
    Section,
    SectionForm,
    TextForm,
)
from periscolaire.files.toml._locate import Path, locate
from periscolaire.files.toml._text import read_text, read_toml
from periscolaire.files.toml._writing import write_toml
from periscolaire.frozen import FrozenMap
from periscolaire.households import EffectPolicy, Level, QuotientReading, Requirement, RequirementOf
from periscolaire.ids import ProductCode, TariffCode
from periscolaire.money import EUR, Currency, currency
from periscolaire.pricing import Tariff, TariffVersion
from periscolaire.reglement import (
    BillingPolicy,
    CalendarSettings,
    Procedure,
    QuotientPolicy,
    RecoveryPolicy,
    Reglement,
)

__all__ = ["FORMAT", "ROOT", "RULES_SECTIONS", "load_reglement", "read_reglement", "write_reglement"]

#: The version of the rules file that this release reads and writes.
FORMAT = 1

FACT = Section(
    "fact",
    "un fait déclaré",
    "Un fait propre à la commune, que ses conditions et ses prix peuvent lire.",
    (
        Key("nom", "key", TextForm(), "nom du fait", '"matin et après-midi"', required=True),
        Key("genre", "kind", ChoiceForm.of(FactKind), "ce qu'il contient", '"oui ou non"', required=True),
        Key("de", "subject", ChoiceForm.of(Subject), "ce qu'il décrit", '"enfant"', default=Subject.CHILD),
        Key("sens", "meaning", TextForm(), "ce qu'il veut dire", '"présent le matin et l\'après-midi"', default=""),
    ),
    lambda key, kind, subject=Subject.CHILD, meaning="": FactSpec(key, key, kind, subject, meaning, meaning),
    lambda spec: {"key": spec.key, "kind": spec.kind, "subject": spec.subject, "meaning": spec.meaning_fr},
)


@attrs.frozen
class DeclaredFactsForm:
    """``[[faits]]``; they join the vocabulary of what is read after them."""

    words: str = "une liste de faits déclarés"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        specs = ListForm(SectionForm(FACT)).read(raw, path, reading)
        if specs is INVALID:
            return INVALID
        try:
            reading.vocabulary = VOCABULARY.with_declared(specs)
        except MisuseError:
            names = [spec.key for spec in specs]
            taken = [name for name in names if VOCABULARY.by_key(name) or names.count(name) > 1]
            return reading.problem(path, f"« {taken[0] if taken else names[0]} », déjà pris", "un nom de fait nouveau")
        return specs

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return ListForm(SectionForm(FACT)).write(value, vocabulary)

    def schema(self) -> Schema:
        return {"type": "array", "items": {"$ref": "#/$defs/fact"}}


QUOTIENT = Section(
    "quotient",
    "le quotient",
    "Comment le quotient familial est lu, et à partir de quand un nouveau s'applique.",
    (
        Key("lecture", "reading", ChoiceForm.of(QuotientReading), "« entier inférieur » : 600,80 se lit 600",
            '"entier inférieur"', default=QuotientReading.WHOLE_BELOW),
        Key("effet", "effect", ChoiceForm.of(EffectPolicy), "à partir de quand un nouveau quotient s'applique",
            '"mois suivant"', default=EffectPolicy.NEXT_MONTH),
        Key("jour_de_reference", "reference_day", MONTH_DAY, "avec effet = « date de référence »", '"03-31"'),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    QuotientPolicy,
)  # fmt: skip


def _procedure_parts(procedure: Procedure) -> dict[str, Any]:
    units = {rule.unit for rule in procedure.limits}
    unit = units.pop() if len(units) == 1 else EachDay()
    return {
        "code": procedure.code,
        "name": None if procedure.name == procedure.code else procedure.name,
        "limits": drafts(procedure.limits, unit),
        "unit": unit,
        "reference": procedure.reference,
    }


PROCEDURE = Section(
    "procedure",
    "une démarche",
    "Ce qu'une famille demande à part des réservations, dans un délai : compte à prélever, dossier, réclamation.",
    (
        Key("code", "code", TextForm(), "code de la démarche", '"prélèvement"', required=True),
        Key("nom", "name", TextForm(), "nom affiché (par défaut le code)", '"Changement de compte bancaire"'),
        Key("limite", "limits", LIMIT, "jusqu'à quand la demander", '"avant le 20 du mois précédent"', required=True),
        Key("unite", "unit", UNIT, "ce que la demande prend à son début, si elle est à temps", '"mois"',
            default=EachDay()),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    lambda code, limits, name=None, unit=EachDay(), reference=None: Procedure(  # noqa: B008  # a frozen value
        code, name or code, finished(limits, unit), reference
    ),
    _procedure_parts,
)  # fmt: skip

REQUIREMENT = Section(
    "requirement",
    "une pièce du dossier",
    "Sans elle le dossier n'est pas complet : une pièce à fournir, ou un accord à donner ou refuser.",
    (
        Key("nature", "kind", TextForm(), "ce qu'elle est", '"assurance"', required=True),
        Key("de", "of", ChoiceForm.of(RequirementOf), "de qui elle est", '"enfant"', default=RequirementOf.CHILD),
        Key("niveaux", "levels", ListForm(ChoiceForm.of(Level)), "seulement pour ces niveaux", '["maternelle"]',
            default=()),
        Key("accord", "consent", BoolForm(), "une réponse, et non une pièce", "true", default=False),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    lambda kind, of=RequirementOf.CHILD, levels=(), consent=False, reference=None: Requirement(
        kind, of, frozenset(levels), consent, reference
    ),
    lambda one: {
        "kind": one.kind,
        "of": one.of,
        "levels": tuple(sorted(one.levels, key=lambda level: level.value)),
        "consent": one.consent,
        "reference": one.reference,
    },
)  # fmt: skip


def _academie_names() -> tuple[str, ...]:
    return tuple(known.name for known in academies())


def _territory_names() -> tuple[str, ...]:
    return tuple(name for known in TERRITORIES for name in (known.name, *known.aliases))


_ZONE = NamedForm("une zone : A, B ou C", official_zones, exact=True)
_ACADEMIE = NamedForm("une académie", _academie_names)
_TERRITORY = NamedForm("un territoire", _territory_names)

ROOT = Section(
    "rules",
    "le fichier de règles",
    "Le règlement d'une commune, pour une période.",
    (
        Key("format", "format", IntegerForm(), "version du format de fichier : 1", "1", required=True),
        Key("commune", "commune", TextForm(), "commune, intercommunalité ou association", '"Le Langon"', required=True),
        Key("version", "version", TextForm(), "nom de cette version", '"2023-2024"', required=True),
        Key("en_vigueur", "first_day", DateForm(), "premier jour d'application", '"2023-09-01"', required=True),
        Key("jusqu_au", "last_day", DateForm(), "dernier jour d'application (absent : jusqu'à la version suivante)",
            '"2024-08-31"'),
        Key("zone", "zone", _ZONE, "zone de vacances scolaires : A, B ou C", '"B"'),
        Key("academie", "academie", _ACADEMIE, "ou l'académie", '"Nantes"'),
        Key("territoire", "territory", _TERRITORY, "ou le territoire", '"La Réunion"'),
        Key("fuseau", "timezone", TextForm(), "fuseau horaire (par défaut celui du territoire)", '"Indian/Reunion"'),
        Key("monnaie", "currency", CodedForm(currency, lambda held: held.code, "« EUR » ou « XPF »"), "monnaie",
            '"EUR"', default=EUR),
        Key("reference", "reference", TextForm(), "acte qui approuve le règlement", '"délibération 2023-040"'),
        Key("source", "source", TextForm(), "où le texte est publié", '"https://www.lelangon85.fr/…"'),
        Key("questions", "open_questions", ListForm(TextForm()), "ce que le texte laisse ouvert", default=()),
        Key("faits", "declared", DeclaredFactsForm(), "faits propres à la commune", default=()),
        Key("calendrier", "calendar", CalendarForm(), "le calendrier de la commune"),
        Key("quotient", "quotient", SectionForm(QUOTIENT), "le quotient familial", default=QuotientPolicy()),
        Key("produits", "products", ProductsForm(), "les produits", required=True),
        Key("tarifs", "tariffs", ListForm(SectionForm(TARIFF)), "les tarifs nommés", default=()),
        Key("carnets", "ticket_books", ListForm(SectionForm(TICKET_BOOK)), "les carnets de tickets", default=()),
        Key("penalites", "penalties", ListForm(SectionForm(PENALTY)), "les pénalités", default=()),
        Key("frais", "fees", ListForm(SectionForm(FEE)), "les frais", default=()),
        Key("demarches", "procedures", ListForm(SectionForm(PROCEDURE)), "ce qui se demande à part des réservations",
            default=()),
        Key("pieces", "requirements", ListForm(SectionForm(REQUIREMENT)), "les pièces d'un dossier complet",
            default=()),
        Key("facturation", "billing", SectionForm(BILLING), "la facturation", default=BillingPolicy()),
        Key("impayes", "recovery", SectionForm(RECOVERY), "les impayés", default=RecoveryPolicy()),
    ),
    lambda **values: values,
    lambda parts: parts,
)  # fmt: skip

_SETTINGS = ("zone", "academie", "territory", "timezone")
RULES_SECTIONS = (ROOT, FACT, QUOTIENT, PROCEDURE, REQUIREMENT, *BILLING_SECTIONS, *RECOVERY_SECTIONS)


def load_reglement(path: FilePath | str) -> Reglement:
    """The règlement of a rules file.

    :raises BadFileError: the file cannot be read, or says what it may not: every fault, with its line.
    :raises UnknownFormatError: the file is of a format that this release does not read.
    """
    path = FilePath(path)
    text = read_text(path)
    return read_reglement(text, file=str(path))


def read_reglement(text: str, *, file: str = "(texte)") -> Reglement:
    """The règlement that ``text`` says; ``file`` names it in errors. Raises as :func:`load_reglement` does."""
    return read_raw(read_toml(text, file), file, locate(text))


def read_raw(raw: dict[str, Any], file: str, lines: dict[Path, int] | None = None) -> Reglement:
    """The règlement that the plain values ``raw`` say. Raises as :func:`load_reglement` does."""
    check_format(raw, file, FORMAT, "règles")
    reading = Reading(file, lines or {})
    values = ROOT.read(raw, (), reading)
    reglement = None if values is INVALID else _reglement(values, reading)
    reading.done()
    assert reglement is not None, "no fault was noted"
    return reglement


#: By which table a file of each sort is told from the others, where somebody gives one for another.
_SORTS = {"règles": "produits", "scénarios": "etapes", "l'espace famille": "courriel"}


def _check_sort(raw: Mapping[str, Any], file: str, what: str) -> None:
    """:raises BadFileError: a file of another sort."""
    own = _SORTS.get(what)
    for sort, table in _SORTS.items():
        if own is not None and own not in raw and isinstance(raw.get(table), dict | list):
            raise BadFileError([Problem(file, "(fichier)", f"un fichier de {sort}", f"un fichier de {what}")])


def check_format(raw: Mapping[str, Any], file: str, known: int, what: str) -> None:
    """Whether this release reads the file, and it is one of that sort (``what``).

    :raises BadFileError: a file of another sort.
    :raises UnknownFormatError: ``format`` is a number that this release does not read.
    """
    _check_sort(raw, file, what)
    held = raw.get("format")
    if isinstance(held, int) and not isinstance(held, bool) and held != known:
        raise UnknownFormatError(
            f"{file} : fichier de {what} au format {held} ; cette version lit le format {known}. "
            + ("Mettez periscolaire à jour." if held > known else f"Réécrivez le fichier au format {known}.")
        )


def _reglement(values: dict[str, Any], reading: Reading) -> Reglement | None:
    calendar = values.pop("calendar", {})
    settings = CalendarSettings(**{name: values.pop(name) for name in _SETTINGS if name in values}, **calendar)
    try:
        settings.calendar  # noqa: B018  # built here so that its faults are those of the file
    except (MisuseError, UnknownYearError) as error:
        _calendar_problem(settings, error, reading)
        return None
    first_day, last_day = values["first_day"], values.get("last_day")
    drafts: tuple[ProductDraft, ...] = values.pop("products")
    codes = [draft.product.code for draft in drafts]
    for index, code in enumerate(codes):
        if code in codes[:index]:
            reading.problem(("produits", index, "code"), f"« {code} », déjà pris", "un code par produit")
    tariffs = _tariffs(drafts, values.pop("tariffs", ()), first_day, last_day, reading)
    del values["format"]
    billing, recovery = values.get("billing", BillingPolicy()), values.get("recovery", RecoveryPolicy())
    _check_amounts((*billing_amounts(billing), *recovery_amounts(recovery)), values.get("currency", EUR), reading)
    if reading.problems:
        return None
    try:
        return Reglement(
            settings=settings,
            products=tuple(draft.product for draft in drafts),
            tariffs=tariffs,
            product_tariffs=FrozenMap(
                {draft.product.code: TariffCode(draft.tariff) for draft in drafts if draft.tariff is not None}
            ),
            absences=FrozenMap({d.product.code: d.absence for d in drafts if d.absence is not None}),
            checking=FrozenMap({d.product.code: d.checking for d in drafts if d.checking is not None}),
            orders=FrozenMap({d.product.code: d.order for d in drafts if d.order is not None}),
            deposits=FrozenMap({d.product.code: d.deposit for d in drafts if d.deposit is not None}),
            instalments=FrozenMap({d.product.code: d.instalments for d in drafts if d.instalments is not None}),
            packages=FrozenMap({d.product.code: d.package for d in drafts if d.package is not None}),
            **values,
        )
    except MisuseError as error:
        reading.problem((), "un règlement qui se contredit", str(error))
        return None


def _calendar_problem(settings: CalendarSettings, error: Exception, reading: Reading) -> None:
    """Notes which part of the calendar is at fault: a public holiday that no such day bears, or the whole."""
    for key, name in (("feries_locaux", "local_holidays"), ("feries_travailles", "worked_holidays")):
        for index, day in enumerate(getattr(settings, name)):
            if isinstance(day, str) and not _builds(settings, name, day):
                reading.problem(
                    ("calendrier", key, index),
                    f"« {day} », inconnu parmi les jours fériés de ce territoire",
                    "le nom d'un jour férié, ou sa date ; le vendredi saint et le 26 décembre sont d'Alsace-Moselle : "
                    "territoire = « Alsace-Moselle »",
                )
                return
    reading.problem(("zone",), "un calendrier impossible", str(error))


def _builds(settings: CalendarSettings, name: str, day: str) -> bool:
    """Whether the calendar can be built with that named day and no other."""
    alone: dict[str, Any] = {"local_holidays": (), "worked_holidays": (), name: (day,)}
    try:
        attrs.evolve(settings, **{**alone, name: ()}).calendar  # noqa: B018  # is it the day, or something else?
    except (MisuseError, UnknownYearError):
        return True
    try:
        attrs.evolve(settings, **alone).calendar  # noqa: B018  # built to see whether it can be
    except MisuseError:
        return False
    return True


def _check_amounts(amounts: Iterable[tuple[Path, Decimal | None]], unit: Currency, reading: Reading) -> None:
    """Notes every amount that the currency cannot say."""
    for path, amount in amounts:
        try:
            unit.amount(amount or Decimal(0))
        except MisuseError:
            reading.problem(path, "un montant trop fin", f"un montant en {unit.code}")


def _tariffs(
    drafts: tuple[ProductDraft, ...],
    entries: tuple[TariffDraft, ...],
    first_day: dt.date,
    last_day: dt.date | None,
    reading: Reading,
) -> tuple[Tariff, ...]:
    """The tariffs written in products, then those of ``[[tarifs]]``, versions of one code together."""
    versions: dict[str, list[TariffVersion]] = {}
    inline = {draft.product.code for draft in drafts if draft.price is not None}
    for draft in drafts:
        if isinstance(draft.price, VersionDraft):
            versions[draft.product.code] = [draft.price.version(first_day, last_day)]
    for index, entry in enumerate(entries):
        if entry.code in inline:
            reading.problem(
                ("tarifs", index, "code"), f"« {entry.code} », déjà le prix d'un produit", "un autre code de tarif"
            )
            continue
        try:
            version = entry.version.version(first_day, last_day)
        except MisuseError:
            reading.problem(("tarifs", index), "« au » avant « du »", "des dates dans l'ordre")
            continue
        versions.setdefault(entry.code, []).append(version)
    return tuple(Tariff(TariffCode(code), tuple(held)) for code, held in versions.items())


def write_reglement(reglement: Reglement) -> str:
    """The rules file that says ``reglement``: reading it gives an equal value."""
    return write_toml(write_raw(reglement))


def write_raw(reglement: Reglement) -> dict[str, Any]:
    """The plain values of the rules file."""
    inline: dict[str, TariffVersion] = {
        product.code: version
        for product in reglement.products
        if (version := _inline_price(reglement, product.code)) is not None
    }
    drafts = [
        ProductDraft(
            product,
            inline.get(product.code),
            reglement.product_tariffs.get(product.code),
            reglement.absences.get(product.code),
            reglement.checking.get(product.code),
            reglement.orders.get(product.code),
            reglement.deposits.get(product.code),
            reglement.instalments.get(product.code),
            reglement.packages.get(product.code),
        )
        for product in reglement.products
    ]
    parts = {
        **{field.name: getattr(reglement, field.name) for field in attrs.fields(Reglement)},
        **{name: getattr(reglement.settings, name) for name in _SETTINGS},
        "format": FORMAT,
        "calendar": reglement.settings,
        "products": drafts,
        "tariffs": [
            {"code": tariff.code, **_undated(version, reglement)}
            for tariff in reglement.tariffs
            if tariff.code not in inline
            for version in tariff.versions
        ],
    }
    written = ROOT.write(parts, reglement.vocabulary)
    return {key: value for key, value in written.items() if value not in ({}, [], None)}


def _undated(version: TariffVersion, reglement: Reglement) -> dict[str, Any]:
    """The parts of the version, without the dates that it shares with the règlement."""
    parts = {field.name: getattr(version, field.name) for field in attrs.fields(TariffVersion)}
    if (version.first_day, version.last_day) != (reglement.first_day, reglement.last_day):
        return parts
    return {**parts, "first_day": None, "last_day": None}


def _inline_price(reglement: Reglement, product: ProductCode) -> Any:
    """The version to write inside the product, when the tariff of its code is its own and lasts as long."""
    tariff = reglement.tariff(product)
    if tariff is None or len(tariff.versions) != 1 or product in reglement.product_tariffs:
        return None
    version = tariff.versions[0]
    if (version.first_day, version.last_day) != (reglement.first_day, reglement.last_day):
        return None
    return version
