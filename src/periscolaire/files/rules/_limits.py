"""Limits in a rules file: a notation, a table per channel, a rule with its conditions, or a list of rules."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import attrs

from periscolaire.calendar import Span, kind_of
from periscolaire.catalogue import (
    DateRow,
    DateTable,
    EachDay,
    Effect,
    Hours,
    LimitRule,
    LimitTable,
    Tier,
    Unit,
    parse_limit,
    print_limit,
)
from periscolaire.errors import MisuseError, NotationError
from periscolaire.facts import ALWAYS, Condition, Op, Test, Vocabulary
from periscolaire.files.rules._conditions import CONDITION
from periscolaire.files.rules._effects import BAND, COUNTER, EFFECT_KEYS, effect_of, effect_parts, split_effect
from periscolaire.files.rules._values import CLOCK, MOMENT, UNIT, WEEKDAYS
from periscolaire.files.toml._forms import (
    INVALID,
    BoolForm,
    CodedForm,
    DateForm,
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

__all__ = ["LIMIT", "LIMIT_SECTIONS", "PROOF_LIMIT", "TIER", "RuleDraft", "drafts", "finished"]

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
    effect, rest = split_effect(values)
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
        rest["effect"] = effect_of(**effect)
    return attrs.evolve(base, **rest)


def _tier_parts(tier: Tier) -> dict[str, Any]:
    parts: dict[str, Any] = {
        **effect_parts(tier.effect),
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
        *EFFECT_KEYS,
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
