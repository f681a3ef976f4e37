"""Scenario files: families, steps and what each step must give, in French, for clerks to read and write."""

from __future__ import annotations

import datetime as dt
import enum
import re
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path as FilePath
from typing import Any

import attrs

from periscolaire.billing import Means
from periscolaire.catalogue import Moment, Scope, Verb
from periscolaire.errors import MisuseError
from periscolaire.facts import Facts, Vocabulary
from periscolaire.files.rules._conditions import FACTS
from periscolaire.files.rules._limits import DECIMAL, MOMENT
from periscolaire.files.rules._rules import check_format
from periscolaire.files.rules._tariffs import TIME
from periscolaire.files.toml._forms import (
    INVALID,
    BoolForm,
    ChoiceForm,
    DateForm,
    IntegerForm,
    Key,
    ListForm,
    MapForm,
    OneOrMoreForm,
    Reading,
    Section,
    SectionForm,
    TextForm,
    found,
)
from periscolaire.files.toml._locate import Path, locate
from periscolaire.files.toml._text import read_text, read_toml
from periscolaire.frozen import FrozenMap
from periscolaire.reglement import Reglement

__all__ = [
    "SCENARIO_FORMAT",
    "SCENARIO_ROOT",
    "SCENARIO_SECTIONS",
    "Expectation",
    "Scenario",
    "ScenarioChild",
    "ScenarioFamily",
    "Step",
    "StepKind",
    "load_scenario",
    "read_scenario",
]

SCENARIO_FORMAT = 1

#: ``prochaine = "aucune"``, ``limite = "aucune"``: the answer must hold none.
NONE = "aucune"


class StepKind(enum.Enum):
    """What a step does; the value is its head key in a file."""

    BOOK = "reserver"
    CANCEL = "annuler"
    CHANGE = "modifier"
    PRICE = "prix_de"
    PRESENCE = "presence"
    ABSENCE = "absence"
    PENALTY = "penalite"
    FEE = "frais"
    DECLARE = "declarer"
    ALLOCATE = "attribuer"
    ASK = "demander"
    PROOF = "justificatif"
    BILL = "facturer"
    PAY = "payer"
    REJECT = "rejeter"
    REFUND = "rembourser"
    REMIND = "relancer"
    REPORT = "etat"

    @property
    def about_money(self) -> bool:
        """It needs a store: the whole file is then played through the use cases, as a commune would."""
        return self in _MONEY


_MONEY = frozenset(
    {
        StepKind.PROOF,
        StepKind.BILL,
        StepKind.PAY,
        StepKind.REJECT,
        StepKind.REFUND,
        StepKind.REMIND,
        StepKind.REPORT,
    }
)


@attrs.frozen
class ScenarioChild:
    """A child of a scenario and the facts about it."""

    name: str
    facts: Facts = attrs.field(factory=Facts)


@attrs.frozen
class ScenarioFamily:
    """A family of a scenario: facts of the household, children."""

    name: str
    facts: Facts = attrs.field(factory=Facts)
    children: tuple[ScenarioChild, ...] = ()


@attrs.frozen
class Expectation:
    """What a step must give; ``None``: nothing is expected of that. ``False`` for a moment or day: there is none."""

    effect: str | None = None
    allowed: bool | None = None
    refusals: tuple[str, ...] | None = None
    limit: Moment | bool | None = None
    next: dt.date | bool | None = None
    next_request: dt.date | bool | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    times: Decimal | None = None
    tariff: str | None = None
    scope: Scope | None = None
    due: Decimal | None = None
    charged: bool | None = None
    tier: int | str | None = None
    rank: int | None = None
    outcome: str | None = None
    undecided: bool | None = None
    follow_up: str | None = None
    effective: dt.date | None = None
    covers: tuple[dt.date, ...] | None = None
    served: tuple[str, ...] | None = None
    due_days: tuple[dt.date, ...] | None = None
    invoices: FrozenMap[str, Decimal] | None = None
    corrected: int | None = None
    pending: int | None = None
    left: Decimal | None = None
    credit: Decimal | None = None
    levels: FrozenMap[str, int] | None = None
    total: Decimal | None = None

    @property
    def empty(self) -> bool:
        """Does it expect nothing at all?"""
        return self == Expectation()


@attrs.frozen
class Step:
    """One step. ``at`` is naive when the file gives a local wall time, aware when it gives an offset.

    ``line`` is where the step stands in its file; ``examples`` are the ids that it tests. A step over several
    ``children`` (eldest first; in order of arrival when places are given) or ``days`` is about each of them; ``day`` is
    then the first.
    """

    kind: StepKind
    target: str
    at: dt.datetime | None = None
    child: str | None = None
    children: tuple[str, ...] = ()
    family: str | None = None
    day: dt.date | None = None
    days: tuple[dt.date, ...] = ()
    instead: dt.date | None = None
    slot: str | None = None
    channel: str | None = None
    author: str = "famille"
    facts: Facts = attrs.field(factory=Facts)
    counters: FrozenMap[str, int] = attrs.field(factory=FrozenMap)
    events: FrozenMap[str, dt.date] = attrs.field(factory=FrozenMap)
    places_left: int | None = None
    booked_places: int | None = None
    derogations: frozenset[str] = frozenset()
    booked: bool | None = None
    notified_at: dt.datetime | None = None
    proof_at: dt.datetime | None = None
    sum: Decimal | None = None
    means: str | None = None
    number: str | None = None
    series: str | None = None
    products: tuple[str, ...] = ()
    declared: Facts = attrs.field(factory=Facts)
    expected: Expectation = attrs.field(factory=Expectation)
    preparation: bool = False
    examples: tuple[str, ...] = ()
    note: str | None = None
    line: int | None = None


@attrs.frozen
class Scenario:
    """A scenario file as one value."""

    families: tuple[ScenarioFamily, ...]
    steps: tuple[Step, ...]
    title: str | None = None
    file: str = ""


# Forms

_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ]|\s+à\s+)(\d{1,2})(?::|h)(\d{2})?(?::(\d{2}))?(Z|[+-]\d{2}:\d{2})?")


def _instant(text: str) -> dt.datetime:
    match = _INSTANT.fullmatch(text.strip())
    if match is None:
        raise MisuseError(text)
    day, hour, minute, second, offset = match.groups()
    try:
        return dt.datetime.fromisoformat(f"{day}T{int(hour):02d}:{minute or '00'}:{second or '00'}{offset or ''}")
    except ValueError:
        raise MisuseError(text) from None


@attrs.frozen
class InstantForm:
    """A wall time of the commune (``"2026-10-08 12:00"``), or an instant with its offset; also as a TOML date-time."""

    words: str = "un jour et une heure, comme « 2026-10-08 12:00 »"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, dt.datetime):
            return raw
        if isinstance(raw, str):
            try:
                return _instant(raw)
            except MisuseError:
                pass
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value.isoformat(sep=" ", timespec="minutes")

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


_MONTH = re.compile(r"(\d{4})-(\d{2})")


@attrs.frozen
class DayForm:
    """A day, or a month standing for its first day (for what is booked by the month)."""

    words: str = "un jour (« 2026-10-12 ») ou un mois (« 2026-10 »)"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, str) and (match := _MONTH.fullmatch(raw)) and 1 <= int(match[2]) <= 12:
            return dt.date(int(match[1]), int(match[2]), 1)
        return DateForm(self.words).read(raw, path, reading)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value.isoformat()

    def schema(self) -> dict[str, Any]:
        return {"type": "string", "pattern": r"^\d{4}-\d{2}(-\d{2})?$"}


@attrs.frozen
class OrNoneForm:
    """A form, or ``"aucune"`` for: there must be none."""

    inner: Any

    @property
    def words(self) -> str:
        return f"{self.inner.words}, ou « {NONE} »"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        return False if raw == NONE else self.inner.read(raw, path, reading)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return NONE if value is False else self.inner.write(value, vocabulary)

    def schema(self) -> dict[str, Any]:
        return {"anyOf": [self.inner.schema(), {"const": NONE}]}


@attrs.frozen
class TierNameForm:
    """A tier by its number (1 is the first) or its name."""

    words: str = "le numéro d'un palier (1 pour le premier), ou son nom"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if isinstance(raw, str) and raw.strip():
            return raw
        if isinstance(raw, int) and not isinstance(raw, bool) and raw >= 1:
            return raw
        return reading.problem(path, found(raw), self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return value

    def schema(self) -> dict[str, Any]:
        return {"type": ["string", "integer"]}


#: What ``effet`` may expect: the verbs, and the ways of being accepted at another price.
EFFECTS = (
    "accepté",
    "majoration",
    "autre tarif",
    "autre prix",
    *(verb.value for verb in Verb if verb is not Verb.ACCEPT),
    "reporté",
    "à décider",
    "facturée",
    "proposée",
)
#: What ``etat`` may print.
REPORTS = ("encaissements", "restes à recouvrer", "retards", "relevé", "remboursements dus")
_COUNTERS = MapForm(IntegerForm(0), "une table compteur → nombre d'usages")
_SUMS = MapForm(DECIMAL, "une table famille → montant")
_LEVELS = MapForm(IntegerForm(1), "une table famille → niveau")
_DATES = MapForm(DateForm(), "une table événement → date")

EXPECTED = Section(
    "expected",
    "ce qui est attendu",
    "Ce que l'étape doit donner ; ce qui n'est pas écrit n'est pas vérifié.",
    (
        Key("autorise", "allowed", BoolForm(), "accepté, même avec une majoration", "true"),
        Key("effet", "effect", ChoiceForm({word: word for word in EFFECTS}), "l'effet", '"majoration"'),
        Key("refus", "refusals", OneOrMoreForm(TextForm()), "les raisons, ou le nom d'une condition",
            '"limite dépassée"'),
        Key("limite", "limit", OrNoneForm(MOMENT), "la limite en cause", '"2026-10-08 12:00"'),
        Key("prochaine", "next", OrNoneForm(DateForm()), "le premier jour encore ouvert ensuite", '"2026-10-13"'),
        Key("prochaine_demande", "next_request", OrNoneForm(DateForm()), "le premier jour que l'on peut demander"),
        Key("palier", "tier", TierNameForm(), "le palier utilisé", "2"),
        Key("rang", "rank", IntegerForm(1), "le rang du compteur", "11"),
        Key("montant", "amount", DECIMAL, "le supplément", '"2,00"'),
        Key("fois", "times", DECIMAL, "le multiple", '"2"'),
        Key("tarif", "tariff", TextForm(), "l'autre tarif appliqué", '"exceptionnel"'),
        Key("portee", "scope", ChoiceForm.of(Scope), "à quoi l'effet s'applique", '"par commande"'),
        Key("prix", "price", DECIMAL, "le prix, majoration comprise", '"5,40"'),
        Key("du", "due", DECIMAL, "ce que la famille doit", '"4,40"'),
        Key("facture", "charged", BoolForm(), "quelque chose est dû", "false"),
        Key("a_decider", "undecided", BoolForm(), "le règlement ne décide pas du prix", "true"),
        Key("issue", "outcome", TextForm(), "l'issue du jour", '"non prévu"'),
        Key("suite", "follow_up", TextForm(), "la suite d'une pénalité, ou « aucune »", '"exclusion possible"'),
        Key("effet_le", "effective", DateForm(), "le jour où la déclaration ou la démarche s'applique", '"2026-03-01"'),
        Key("couvre", "covers", ListForm(DateForm(), least=2), "premier et dernier jour de ce qui est décidé",
            '["2025-11-01", "2025-11-30"]'),
        Key("places_a", "served", ListForm(TextForm()), "les enfants qui ont une place, dans l'ordre", '["Clara"]'),
        Key("jours_dus", "due_days", ListForm(DateForm()), "les jours dus, parmi ceux de l'étape", '["2025-09-11"]'),
        Key("factures", "invoices", _SUMS, "ce qui est facturé à chaque famille (un avoir est négatif)",
            '{ Martin = "8,20" }'),
        Key("corrections", "corrected", IntegerForm(0), "combien de lignes en corrigent d'autres", "1"),
        Key("en_attente", "pending", IntegerForm(0), "combien de jours ne peuvent pas encore être facturés", "0"),
        Key("reste", "left", DECIMAL, "ce que la famille doit ensuite", '"4,10"'),
        Key("credit", "credit", DECIMAL, "ce que la commune lui doit ensuite", '"0,00"'),
        Key("niveaux", "levels", _LEVELS, "le niveau de relance de chaque famille relancée", "{ Martin = 1 }"),
        Key("total", "total", DECIMAL, "le total de l'état", '"8,20"'),
    ),
    Expectation,
)  # fmt: skip

CHILD = Section(
    "scenario_child",
    "un enfant",
    "Un enfant d'une famille fictive.",
    (
        Key("prenom", "name", TextForm(), "prénom", '"Clara"', required=True),
        Key("faits", "facts", FACTS, "faits de l'enfant", '{ niveau = "élémentaire" }', default=FrozenMap()),
    ),
    lambda name, facts=None: ScenarioChild(name, _facts(facts)),
)

FAMILY = Section(
    "scenario_family",
    "une famille",
    "Une famille fictive.",
    (
        Key("nom", "name", TextForm(), "nom", '"Martin"', required=True),
        Key("faits", "facts", FACTS, "faits du foyer", '{ quotient = "600", resident = true }', default=FrozenMap()),
        Key("enfants", "children", ListForm(SectionForm(CHILD)), "les enfants", default=()),
    ),
    lambda name, facts=None, children=(): ScenarioFamily(name, _facts(facts), children),
)

_HEADS = {kind.value: kind for kind in StepKind}
_CODE = TextForm("un code, comme « cantine »")

STEP = Section(
    "step",
    "une étape",
    "Ce que quelqu'un fait, et ce qui doit s'ensuivre.",
    (
        Key("exemple", "examples", OneOrMoreForm(TextForm()), "identifiants des exemples vérifiés", '"le-langon#1"',
            default=()),
        Key("note", "note", TextForm(), "explication libre"),
        Key("le", "at", InstantForm(), "quand la demande arrive, à l'heure de la commune", '"2026-10-08 12:00"'),
        Key("enfant", "child", TextForm(), "pour qui : prénom, ou prénom et nom", '"Clara"'),
        Key("famille", "family", TextForm(), "quelle famille", '"Martin"'),
        Key("reserver", "reserver", _CODE, "réserver ce produit", '"cantine"'),
        Key("annuler", "annuler", _CODE, "annuler ce produit", '"cantine"'),
        Key("modifier", "modifier", _CODE, "modifier ce produit", '"cantine"'),
        Key("prix_de", "prix_de", _CODE, "demander le prix de ce produit, de ce tarif ou de ce carnet", '"cantine"'),
        Key("presence", "presence", _CODE, "l'enfant vient", '"cantine"'),
        Key("absence", "absence", _CODE, "l'enfant réservé ne vient pas", '"cantine"'),
        Key("penalite", "penalite", _CODE, "appliquer cette pénalité", '"retard"'),
        Key("frais", "frais", _CODE, "appliquer ces frais", '"adhesion"'),
        Key("declarer", "declared", FACTS, "la famille déclare des faits", '{ quotient = "900" }'),
        Key("demander", "demander", _CODE, "faire cette démarche", '"prélèvement"'),
        Key("attribuer", "attribuer", _CODE, "donner les places de ce produit", '"cantine"'),
        Key("justificatif", "justificatif", TextForm(), "la famille remet ce document (« preuve » dit la décision)",
            '"certificat médical"'),
        Key("facturer", "facturer", DayForm(), "émettre les factures de ce mois", '"2026-10"'),
        Key("payer", "payer", DECIMAL, "la famille paie cette somme", '"8,20"'),
        Key("rejeter", "rejeter", TextForm(), "la banque rejette ce paiement, par son « numero »", '"P1"'),
        Key("rembourser", "rembourser", DECIMAL, "la commune rend cette somme à la famille", '"2,00"'),
        Key("relancer", "relancer", BoolForm(), "relancer les familles en retard", "true"),
        Key("etat", "etat", ChoiceForm({word: word for word in REPORTS}), "éditer un état, du premier au dernier jour",
            '"encaissements"'),
        Key("enfants", "children", ListForm(TextForm(), least=1),
            "pour plusieurs enfants, l'aîné d'abord (avec attribuer : dans l'ordre d'arrivée)",
            '["Clara", "Guilhem"]', default=()),
        Key("pour", "days", OneOrMoreForm(DayForm()),
            "jour de service, ou mois ; une liste de jours donne le total", '"2026-10-12"'),
        Key("vers", "instead", DateForm(), "jour demandé à la place (modifier)", '"2026-10-13"'),
        Key("creneau", "slot", TextForm(), "créneau", '"soir-1"'),
        Key("canal", "channel", TextForm(), "par où", '"en ligne"'),
        Key("auteur", "author", TextForm(), "famille ou agent", '"agent"', default="famille"),
        Key("motif", "motive", TextForm(), "motif", '"maladie"'),
        Key("preuve", "proof", TextForm(), "état de la preuve", '"acceptée"'),
        Key("preuve_le", "proof_at", InstantForm(), "quand la preuve est reçue"),
        Key("signale_le", "notified_at", InstantForm(), "quand l'absence est signalée", '"2026-01-12 08:30"'),
        Key("moyen", "means", ChoiceForm({means.value: means.value for means in Means}), "moyen de paiement",
            '"chèque"'),
        Key("numero", "number", TextForm(), "numéro du paiement", '"P1"'),
        Key("serie", "series", TextForm(),
            "la série de factures (par défaut la première du règlement ; toutes, pour facturer)", '"CANTINE"'),
        Key("produits", "products", ListForm(TextForm("un code de produit")), "ne facturer que ces produits",
            '["cantine"]', default=()),
        Key("mode", "mode", TextForm(), "mode de la réservation existante", '"occasionnel"'),
        Key("palier", "tier", TextForm(), "palier par lequel elle a été prise", '"urgent"'),
        Key("reserve", "booked", BoolForm(), "une réservation existe", "true"),
        Key("arrivee", "arrival", TIME, "heure d'arrivée", '"07:45"'),
        Key("depart", "departure", TIME, "heure de départ", '"18:50"'),
        Key("faits", "facts", FACTS, "autres faits, pour cette étape", "{ pai = true }", default=FrozenMap()),
        Key("compteurs", "counters", _COUNTERS, "usages déjà comptés", '{ "repas tardifs" = 9 }', default=FrozenMap()),
        Key("evenements", "events", _DATES, "dates d'ancres", '{ "la première réservation" = "2025-09-08" }',
            default=FrozenMap()),
        Key("places_restantes", "places_left", IntegerForm(0), "places encore libres", "1"),
        Key("deja_reserves", "booked_places", IntegerForm(0), "enfants déjà réservés ce jour-là", "60"),
        Key("derogations", "derogations", ListForm(TextForm(), of=frozenset), "conditions levées (ou « limite »)",
            default=frozenset()),
        Key("preparation", "preparation", BoolForm(), "étape qui prépare les suivantes et n'attend rien", "true",
            default=False),
        Key("attendu", "expected", SectionForm(EXPECTED), "ce qui doit s'ensuivre"),
    ),
    lambda **values: _step(values),
)  # fmt: skip

SCENARIO_ROOT = Section(
    "scenario",
    "le fichier de scénarios",
    "Des étapes à jouer contre un règlement.",
    (
        Key("format", "format", IntegerForm(), "version du format de fichier : 1", "1", required=True),
        Key("titre", "title", TextForm(), "titre", '"La cantine du Langon"'),
        Key("familles", "families", ListForm(SectionForm(FAMILY)), "les familles", default=()),
        Key("etapes", "steps", ListForm(SectionForm(STEP), least=1), "les étapes, dans l'ordre", required=True),
    ),
    lambda **values: values,
)
SCENARIO_SECTIONS = (SCENARIO_ROOT, FAMILY, CHILD, STEP, EXPECTED)

#: Keys of a step that are facts, for short.
_FACT_KEYS = ("motive", "proof", "mode", "tier", "arrival", "departure")


def _facts(values: Mapping[str, Any] | None) -> Facts:
    return Facts({name: value for name, value in (values or {}).items() if value is not None})


def _step(values: dict[str, Any]) -> Step:
    heads = [word for word in _HEADS if word in values]
    declared = values.pop("declared", None)
    if declared is not None:
        heads.append(StepKind.DECLARE.value)
    if len(heads) != 1:
        raise MisuseError("une et une seule action : " + ", ".join(_HEADS))
    kind = _HEADS[heads[0]]
    target = "" if kind is StepKind.DECLARE else values[kind.value]
    if isinstance(target, Decimal):
        values["sum"], target = target, ""
    elif kind is StepKind.BILL:
        values["days"], target = (target,), f"{target:%Y-%m}"
    elif kind is StepKind.REMIND:
        target = ""
    for word in _HEADS:
        values.pop(word, None)
    if kind in (StepKind.BOOK, StepKind.CANCEL, StepKind.CHANGE):
        for name, key in (("at", "le"), ("days", "pour")):
            if name not in values:
                raise MisuseError(f"« {key} » : une demande a un instant et un jour de service")
    if kind in (StepKind.PRESENCE, StepKind.ABSENCE, StepKind.ALLOCATE) and "days" not in values:
        raise MisuseError("« pour » : le jour de service")
    if kind is StepKind.ALLOCATE and "children" not in values:
        raise MisuseError("« enfants » : qui demande les places, dans l'ordre d'arrivée")
    if "child" in values and "children" in values:
        raise MisuseError("un seul de « enfant » et « enfants »")
    if kind in (StepKind.DECLARE, StepKind.ASK) and "at" not in values:
        raise MisuseError("« le » : quand la famille déclare ou demande")
    if kind.about_money and "at" not in values:
        raise MisuseError("« le » : quand cela arrive")
    if kind in (StepKind.PROOF, StepKind.REPORT) and "days" not in values:
        raise MisuseError("« pour » : les jours dont il s'agit")
    short = {name: values.pop(name) for name in _FACT_KEYS if name in values}
    if "arrival" in short or "departure" in short:
        short.setdefault("minutes", _minutes(short.get("arrival"), short.get("departure")))
    facts = {**short, **(values.pop("facts", None) or {})}
    for name in ("counters", "events"):
        values[name] = FrozenMap(values.get(name, {}))
    if "days" in values:
        values["day"] = values["days"][0]
    for name in ("invoices", "levels"):
        if (expected := values.get("expected")) is not None and getattr(expected, name) is not None:
            values["expected"] = attrs.evolve(expected, **{name: FrozenMap(getattr(expected, name))})
    return Step(kind, target, facts=_facts(facts), declared=_facts(declared), **values)


def _minutes(arrival: dt.time | None, departure: dt.time | None) -> int | None:
    if arrival is None or departure is None:
        return None
    return departure.hour * 60 + departure.minute - arrival.hour * 60 - arrival.minute


def load_scenario(path: FilePath | str, reglement: Reglement | None = None) -> Scenario:
    """The scenario of a file; the facts declared by ``reglement`` may be named in it.

    :raises BadFileError: the file says what it may not, a step expects nothing, or names no such child.
    :raises UnknownFormatError: the file is of a format that this release does not read.
    """
    path = FilePath(path)
    text = read_text(path)
    return read_scenario(text, reglement, file=str(path))


def read_scenario(text: str, reglement: Reglement | None = None, *, file: str = "(texte)") -> Scenario:
    """The scenario that ``text`` says. Raises as :func:`load_scenario` does."""
    raw = read_toml(text, file)
    check_format(raw, file, SCENARIO_FORMAT, "scénarios")
    lines = locate(text)
    reading = Reading(file, lines)
    if reglement is not None:
        reading.vocabulary = reglement.vocabulary
    values = SCENARIO_ROOT.read(raw, (), reading)
    reading.done()
    assert values is not INVALID, "no fault was noted"
    families: tuple[ScenarioFamily, ...] = values.get("families", ())
    steps = tuple(attrs.evolve(step, line=lines.get(("etapes", index))) for index, step in enumerate(values["steps"]))
    for index, step in enumerate(steps):
        _check_step(step, ("etapes", index), families, reading)
    reading.done()
    return Scenario(families, steps, values.get("title"), file)


def _check_step(step: Step, path: Path, families: tuple[ScenarioFamily, ...], reading: Reading) -> None:
    if step.expected.empty and not step.preparation:
        reading.problem(path, "une étape qui n'attend rien", "« attendu = { … } », ou « preparation = true »")
    if step.preparation and not step.expected.empty:
        reading.problem(path, "une étape de préparation qui attend quelque chose", "l'un ou l'autre")
    names = [
        name for family in families for child in family.children for name in (child.name, f"{child.name} {family.name}")
    ]
    for key, child in (("enfant", step.child), *(("enfants", child) for child in step.children)):
        if child is not None and names.count(child) != 1:
            expected = "un prénom de [[familles]]" if child not in names else "un prénom et un nom : il y en a deux"
            reading.problem((*path, key), f"« {child} »", expected)
    if step.family is not None and step.family not in [family.name for family in families]:
        reading.problem((*path, "famille"), f"« {step.family} »", "un nom de [[familles]]")
