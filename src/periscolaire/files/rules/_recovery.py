"""``[impayes]`` of a rules file: reminders, payment plans, the steps before any exclusion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.files.rules._values import DECIMAL
from periscolaire.files.toml._forms import IntegerForm, Key, ListForm, Section, SectionForm, TextForm
from periscolaire.files.toml._locate import Path
from periscolaire.reglement import DEFAULT_REMINDERS, RecoveryPolicy, ReminderLevel

__all__ = ["RECOVERY", "RECOVERY_SECTIONS", "recovery_amounts"]

REMINDER = Section(
    "reminder",
    "une relance",
    "Une lettre quand une facture reste impayée.",
    (
        Key("apres", "days", IntegerForm(0), "jours après l'échéance de la facture", "15", required=True),
        Key("depuis_la_precedente", "after_previous", IntegerForm(0), "jours au moins depuis la relance d'avant", "15",
            default=15),
        Key("texte", "text", TextForm(), "nom de la lettre", '"mise en demeure"', default=""),
        Key("penalite", "penalty", TextForm("un code de pénalité"),
            "pénalité votée qu'elle entraîne (déclencheur « facture impayée »)", '"retard de paiement"'),
    ),
    lambda **values: ReminderLevel(level=0, **values),
)  # fmt: skip


def _policy(reminders: tuple[ReminderLevel, ...] = DEFAULT_REMINDERS, **rest: Any) -> RecoveryPolicy:
    ladder = tuple(attrs.evolve(one, level=level) for level, one in enumerate(reminders, start=1))
    return RecoveryPolicy(ladder, **rest)


def _parts(policy: RecoveryPolicy) -> Mapping[str, Any]:
    said = policy.reminders if policy.reminders != DEFAULT_REMINDERS else None
    return {**{field.name: getattr(policy, field.name) for field in attrs.fields(RecoveryPolicy)}, "reminders": said}


RECOVERY = Section(
    "recovery",
    "les impayés",
    "Ce qui arrive quand une facture n'est pas payée, ou quand une famille conteste.",
    (
        Key("relances", "reminders", ListForm(SectionForm(REMINDER)),
            "les relances, dans l'ordre (par défaut 15, 45 et 75 jours après l'échéance)"),
        Key("relances_avant_exclusion", "before_exclusion", IntegerForm(0),
            "relances restées vaines avant que l'impayé compte dans le fait « impayés », que lisent les conditions",
            "2", default=0),
        Key("minimum", "minimum", DECIMAL, "en dessous, les impayés ne comptent pas", '"50,00"', default=Decimal(0)),
        Key("jours_pour_contester", "appeal_days", IntegerForm(0),
            "jours pour répondre à ce que l'on annonce d'un jour, avant la facture", "7", default=7),
        Key("echeances_maximum", "plan_count", IntegerForm(1), "échéances d'un étalement, au plus", "6"),
        Key("etalement_maximum", "plan_days", IntegerForm(1), "jours jusqu'à la dernière échéance, au plus", "180"),
        Key("echeance_minimum", "plan_minimum", DECIMAL, "montant d'une échéance, au moins", '"20,00"'),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    _policy,
    _parts,
)  # fmt: skip

RECOVERY_SECTIONS = (RECOVERY, REMINDER)


def recovery_amounts(policy: RecoveryPolicy) -> Iterator[tuple[Path, Decimal | None]]:
    """The amounts of the policy, by their paths."""
    yield ("impayes", "minimum"), policy.minimum
    yield ("impayes", "echeance_minimum"), policy.plan_minimum
