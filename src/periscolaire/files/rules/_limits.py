"""Limits in a rules file: a notation, a table per channel, a rule with its conditions, or a list of rules."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.calendar import Span, Weekday, kind_of
from periscolaire.catalogue import (
    Band,
    Bound,
    Counter,
    DateRow,
    DateTable,
    EachDay,
    Effect,
    Hours,
    LimitRule,
    LimitTable,
    Moment,
    Multiple,
    OtherTariff,
    Per,
    Replacement,
    Reset,
    Scope,
    Surcharge,
    Tier,
    Unit,
    Verb,
    parse_limit,
    parse_unit,
    print_limit,
    print_unit,
)
from periscolaire.errors import MisuseError, NotationError
from periscolaire.facts import ALWAYS, Condition, Op, Test, Vocabulary
from periscolaire.files.rules._conditions import CONDITION
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
    or_list,
)
from periscolaire.files.toml._locate import Path
from periscolaire.money import parse_decimal

__all__ = [
    "CLOCK",
    "DECIMAL",
    "LIMIT",
    "LIMIT_SECTIONS",
    "PROOF_LIMIT",
    "UNIT",
    "WEEKDAYS",
    "LimitForm",
    "RuleDraft",
    "TierTextForm",
    "drafts",
    "finished",
    "print_clock",
    "tier_of",
]

_CLOCK = re.compile(r"(\d{1,2})\s*(?::|h)\s*(\d{2})?")


def parse_clock(text: str) -> int:
    """``"16:30"``, ``"8h15"`` or ``"24:00"`` as minutes since midnight."""
    match = _CLOCK.fullmatch(text.strip())
    if match is None or int(match[2] or 0) > 59 or int(match[1]) * 60 + int(match[2] or 0) > 24 * 60:
        raise MisuseError(text)
    return int(match[1]) * 60 + int(match[2] or 0)


def print_clock(minutes: int) -> str:
    """``990`` as ``"16:30"``."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def print_decimal(value: Decimal) -> str:
    """A number as people write it: ``4,40``."""
    return format(value, "f").replace(".", ",")


CLOCK = CodedForm(parse_clock, print_clock, "une heure, comme « 16:30 »", ref="clock")
DECIMAL = CodedForm(parse_decimal, print_decimal, "un nombre entre guillemets, comme « 4,40 »", ref="decimal")
UNIT = CodedForm(
    parse_unit, print_unit, "une unité : « jour », « semaine », « mois », « mois du 11 », « période », …", ref="unit"
)
WEEKDAYS = ListForm(CodedForm(Weekday.parse, lambda day: day.french, "un jour de la semaine"), least=1, of=frozenset)


_MOMENT = re.compile(
    r"(?P<avant>avant\s+(?:le\s+)?)?(?P<date>\d{4}-\d{2}-\d{2})(?:\s+(?P<until>jusqu'à\s+)?(?P<hour>\S+))?"
)


def parse_moment(text: str) -> Moment:
    """``"2024-09-23"``, ``"2024-09-23 12:00"``, ``"2024-09-23 jusqu'à 12:00"`` or ``"avant le 2024-09-23"``."""
    match = _MOMENT.fullmatch(text.strip().replace("’", "'"))
    if match is None or (match["avant"] and match["hour"]):
        raise MisuseError(text)
    try:
        date = dt.date.fromisoformat(match["date"])
    except ValueError:
        raise MisuseError(text) from None
    if match["hour"] is None:
        return Moment(date, None, Bound.BEFORE if match["avant"] else Bound.UNTIL)
    minutes = parse_clock(match["hour"])
    return Moment(date, minutes, Bound.UNTIL if match["until"] else Bound.BEFORE)


def print_moment(moment: Moment) -> str:
    """The text that :func:`parse_moment` reads as ``moment``."""
    if moment.minutes is None:
        return f"{'avant le ' if moment.bound is Bound.BEFORE else ''}{moment.date.isoformat()}"
    until = "jusqu'à " if moment.bound is Bound.UNTIL else ""
    return f"{moment.date.isoformat()} {until}{print_clock(moment.minutes)}"


MOMENT = CodedForm(parse_moment, print_moment, "une date et une heure, comme « 2024-09-23 » ou « 2024-09-03 20:00 »")

DATE_ROW = Section(
    "date_row",
    "une ligne de dates",
    "Une fenêtre écrite en toutes lettres : les jours de service concernés, quand elle ouvre, quand elle ferme.",
    (
        Key("du", "first", DateForm(), "premier jour de service concerné", '"2024-11-04"', required=True),
        Key("au", "last", DateForm(), "dernier jour de service concerné", '"2024-12-20"', required=True),
        Key("ouvre", "opens", MOMENT, "ouverture (absente : ouvert depuis toujours)", '"2024-10-07 20:00"'),
        Key("ferme", "closes", MOMENT, "fermeture (une date seule : jusqu'à la fin de ce jour)", '"2024-10-21"'),
    ),
    lambda first, last, opens=None, closes=None: DateRow(Span(first, last), opens, closes),
    lambda row: {"first": row.days.first, "last": row.days.last, "opens": row.opens, "closes": row.closes},
)

HOURS = Section(
    "hours",
    "des heures d'ouverture",
    "Les heures pendant lesquelles un canal prend les demandes.",
    (
        Key("de", "start", CLOCK, "ouverture", '"07:30"', required=True),
        Key("a", "end", CLOCK, "fermeture (exclue)", '"10:30"', required=True),
        Key("jours", "weekdays", WEEKDAYS, "seulement ces jours de la semaine", '["lundi", "mardi"]'),
        Key(
            "genre",
            "kind",
            CodedForm(kind_of, str, "un genre de jour, comme « ouvré »"),
            "seulement les jours de ce genre",
            '"ouvré"',
        ),
    ),
    Hours,
    lambda hours: {
        "start": hours.start,
        "end": hours.end,
        "weekdays": None if hours.weekdays is None else sorted(hours.weekdays),
        "kind": hours.kind,
    },
)

_VERBS = {
    Verb.ACCEPT.value: Verb.ACCEPT,
    "majoration": Verb.ACCEPT,
    **{verb.value: verb for verb in Verb},
}


def _effect(
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


def _effect_parts(effect: Effect) -> dict[str, Any]:
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


_EFFECT_KEYS = (
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
_EFFECT_NAMES = tuple(key.name for key in _EFFECT_KEYS)


def _split_effect(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    effect = {name: value for name, value in values.items() if name in _EFFECT_NAMES}
    rest = {name: value for name, value in values.items() if name not in _EFFECT_NAMES}
    return effect, rest


def _band(from_rank: int, **effect: Any) -> Band:
    return Band(from_rank, _effect(**effect))


BAND = Section(
    "band",
    "un rang de compteur",
    "À partir d'un rang (1 est le premier usage), cet effet.",
    (Key("a_partir_du", "from_rank", IntegerForm(1), "premier rang concerné", "11", required=True), *_EFFECT_KEYS),
    _band,
    lambda band: {"from_rank": band.from_rank, **_effect_parts(band.effect)},
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


@attrs.frozen
class TierTextForm:
    """A notation that says one or more tiers; ``single`` when only one may stand there."""

    words: str = "une limite, comme « la veille 10:00 » ou « 2 jours ouvrés avant 10:00 »"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        if not isinstance(raw, str):
            return reading.problem(path, found(raw), self.words)
        try:
            return parse_limit(raw, kinds=reading.own_kinds, events=reading.own_events, after=reading.after)
        except NotationError as error:
            near = f" ; formes proches : {or_list(error.suggestions)}" if error.suggestions else ""
            return reading.problem(path, f"{found(raw)}, où {error.complaint}", self.words + near)
        except MisuseError as error:
            return reading.problem(path, f"{found(raw)} ({error})", self.words)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        return print_limit(value)

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/notation"}


NOTATION = TierTextForm()


def tier_of(
    limit: tuple[Tier, ...] | None = None,
    dates: tuple[DateRow, ...] | None = None,
    before: tuple[Tier, ...] | None = None,
    **values: Any,
) -> Tier:
    """One tier from the keys of its table."""
    effect, rest = _split_effect(values)
    texts = [tiers for tiers in (limit, before) if tiers is not None]
    if len(texts) + (dates is not None) != 1:
        raise MisuseError("un et un seul de « limite », « avant » et « dates »")
    if dates is not None:
        base = Tier(DateTable(dates))
    else:
        if len(texts[0]) != 1:
            raise MisuseError("un seul palier dans « limite » : les autres sont d'autres lignes")
        base = texts[0][0]
    if effect:
        if base.effect != Effect():
            raise MisuseError("l'effet une seule fois : dans « limite » ou dans les clés")
        rest["effect"] = _effect(**effect)
    return attrs.evolve(base, **rest)


def _tier_parts(tier: Tier) -> dict[str, Any]:
    parts: dict[str, Any] = {
        **_effect_parts(tier.effect),
        "subject_to_places": tier.subject_to_places,
        "hours": tier.hours,
        "counter": tier.counter,
        "condition": tier.condition,
        "name": tier.name,
    }
    if tier.effect == Effect():
        parts["effet"] = None
    if isinstance(tier.limit, DateTable):
        parts["dates"] = tier.limit.rows
    else:
        parts["limit"] = (Tier(tier.limit),)
    return parts


TIER = Section(
    "tier",
    "un palier",
    "Une fenêtre et ce qui s'y passe. Le premier palier ouvert l'emporte.",
    (
        Key("limite", "limit", NOTATION, "la limite, en toutes lettres", '"la veille 10:00"'),
        Key("avant", "before", NOTATION, "autre façon d'écrire « limite », dans hors_delai", '"la veille 10:00"'),
        Key("dates", "dates", ListForm(SectionForm(DATE_ROW), least=1), "des fenêtres datées, au lieu de « limite »"),
        *_EFFECT_KEYS,
        Key("selon_places", "subject_to_places", BoolForm(), "seulement s'il reste une place", "true", default=False),
        Key("heures", "hours", SectionForm(HOURS), "heures pendant lesquelles le palier est servi"),
        Key("compteur", "counter", SectionForm(COUNTER), "l'effet dépend du rang"),
        Key("si", "condition", CONDITION, "le palier n'existe que dans ces cas", default=ALWAYS),
        Key("nom", "name", TextForm(), "nom du palier, lisible par la condition « palier »", '"urgent"'),
    ),
    tier_of,
    _tier_parts,
)


@attrs.frozen
class RuleDraft:
    """A rule as the file says it: without a unit, it takes the product's."""

    tiers: tuple[Tier, ...]
    unit: Unit | None = None
    condition: Condition = ALWAYS
    reference: str | None = None


def _draft(
    limit: tuple[Tier, ...] | None = None,
    tiers: tuple[Tier, ...] | None = None,
    **rest: Any,
) -> RuleDraft:
    if (limit is None) == (tiers is None):
        raise MisuseError("un et un seul de « limite » et « paliers »")
    return RuleDraft(limit if limit is not None else tiers or (), **rest)


def _said(tiers: tuple[Tier, ...]) -> bool:
    """Can the notation say these tiers?"""
    try:
        return bool(parse_limit(print_limit(tiers)) == tiers)
    except (MisuseError, NotationError):
        return False


def _draft_parts(draft: RuleDraft) -> dict[str, Any]:
    key = "limit" if _said(draft.tiers) else "tiers"
    return {key: draft.tiers, "unit": draft.unit, "condition": draft.condition, "reference": draft.reference}


RULE = Section(
    "rule",
    "une règle de limite",
    "Des paliers pour les cas où « si » tient. La première règle qui tient est la seule lue.",
    (
        Key("si", "condition", CONDITION, "cas dans lesquels la règle s'applique", default=ALWAYS),
        Key("limite", "limit", NOTATION, "les paliers, en toutes lettres", '"48 h avant ; puis sans limite : +1,00"'),
        Key("paliers", "tiers", ListForm(SectionForm(TIER), least=1), "les paliers, un par table"),
        Key("unite", "unit", UNIT, "ce qu'une demande couvre (par défaut celle du produit)", '"mois"'),
        Key("reference", "reference", TextForm(), "article du règlement", '"art. 4"'),
    ),
    _draft,
    _draft_parts,
)
_RULE_WORDS = {key.key for key in RULE.keys}


@attrs.frozen
class LimitForm:
    """Whatever a limit may be in a file; read as a tuple of :class:`RuleDraft`."""

    words: str = "une limite : un texte, une table par canal, une table avec « limite », ou une liste de règles"

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        match raw:
            case str():
                tiers = NOTATION.read(raw, path, reading)
                return INVALID if tiers is INVALID else (RuleDraft(tiers),)
            case list() if raw:
                return ListForm(SectionForm(RULE), least=1).read(raw, path, reading)
            case dict() if raw and _RULE_WORDS & raw.keys():
                draft = RULE.read(raw, path, reading)
                return INVALID if draft is INVALID else (draft,)
            case dict() if raw:
                return self._by_channel(raw, path, reading)
            case _:
                return reading.problem(path, found(raw), self.words)

    def _by_channel(self, raw: dict[str, Any], path: Path, reading: Reading) -> Any:
        read = [
            (
                Condition((Test("channel", Op.EQ, (word.replace("_", " "),)),)),
                NOTATION.read(text, (*path, word), reading),
            )
            for word, text in raw.items()
        ]
        if any(tiers is INVALID for _, tiers in read):
            return INVALID
        return tuple(RuleDraft(tiers, condition=condition) for condition, tiers in read)

    def write(self, value: Any, vocabulary: Vocabulary) -> Any:
        plain = [draft.unit is None and draft.reference is None and _said(draft.tiers) for draft in value]
        if len(value) == 1 and plain[0] and value[0].condition == ALWAYS:
            return print_limit(value[0].tiers)
        channels = [_channel(draft.condition) for draft in value]
        if all(plain) and all(channels) and len(set(channels)) == len(channels):
            return {str(name): print_limit(draft.tiers) for name, draft in zip(channels, value, strict=True)}
        rules = [RULE.write(draft, vocabulary) for draft in value]
        return rules[0] if len(rules) == 1 else rules

    def schema(self) -> Schema:
        return {"$ref": "#/$defs/limit"}


def _channel(condition: Condition) -> str | None:
    """The channel, when that is all the condition says (and no key of a rule bears that name)."""
    match condition.tests:
        case (Test("channel", Op.EQ, (str() as name,)),) if name not in _RULE_WORDS and "_" not in name:
            return name
    return None


@attrs.frozen
class ProofLimitForm(LimitForm):
    """A limit to bring something afterwards: « sous 8 jours » are the 8 days after the absence."""

    def read(self, raw: Any, path: Path, reading: Reading) -> Any:
        before, reading.after = reading.after, "l'absence"
        try:
            return super().read(raw, path, reading)
        finally:
            reading.after = before


LIMIT = LimitForm()
PROOF_LIMIT = ProofLimitForm()
LIMIT_SECTIONS = (RULE, TIER, COUNTER, BAND, DATE_ROW, HOURS)


def finished(drafts: Iterable[RuleDraft], unit: Unit = EachDay(), more: tuple[Tier, ...] = ()) -> LimitTable:  # noqa: B008  # a frozen value
    """The rules, with the product's unit where they name none, and the tiers of ``hors_delai`` at their end."""
    return tuple(
        LimitRule(draft.tiers + more, draft.unit or unit, draft.condition, draft.reference) for draft in drafts
    )


def drafts(rules: LimitTable, unit: Unit = EachDay()) -> tuple[RuleDraft, ...]:  # noqa: B008  # a frozen value
    """The rules as a file says them under a product whose unit is ``unit``."""
    return tuple(
        RuleDraft(rule.tiers, None if rule.unit == unit else rule.unit, rule.condition, rule.reference)
        for rule in rules
    )
