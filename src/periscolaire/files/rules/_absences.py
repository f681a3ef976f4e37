"""Absences and checking in a rules file."""

from __future__ import annotations

from typing import Any

from periscolaire.facts import ALWAYS
from periscolaire.files.rules._conditions import CONDITION
from periscolaire.files.rules._limits import LIMIT, PROOF_LIMIT, RuleDraft, drafts, finished
from periscolaire.files.rules._price_forms import NODE
from periscolaire.files.toml._forms import ChoiceForm, IntegerForm, Key, ListForm, Section, SectionForm, TextForm
from periscolaire.reglement import (
    AbsencePolicy,
    AbsenceRow,
    Basis,
    CheckingPolicy,
    Consequence,
    Episode,
    EpisodeBreak,
    EpisodeUnit,
    Unchecked,
    UnknownAbsence,
)

__all__ = ["ABSENCE", "ABSENCE_ROW", "CHECKING", "EPISODE"]


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
