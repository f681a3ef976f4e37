"""Answers and expectations in the same words, compared."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.calendar import CommuneCalendar
from periscolaire.catalogue import (
    Bound,
    Effect,
    Moment,
    Multiple,
    OtherTariff,
    Replacement,
    Scope,
    Surcharge,
    Verb,
    Written,
)
from periscolaire.files import Expectation, print_moment
from periscolaire.frozen import FrozenMap
from periscolaire.reasons import Description, Reason
from periscolaire.scenarios._report import Disagreement

__all__ = ["REFUSALS", "Answer", "compare", "effect_answer", "effect_word"]

#: French words of ``refus`` for the codes of reasons; a condition of the règlement is called by its own name.
REFUSALS = {
    "limite dépassée": {"limit.closed"},
    "pas encore ouvert": {"limit.not_open"},
    "jamais possible": {"limit.never"},
    "hors des heures d'ouverture": {"limit.outside_hours"},
    "plus de place": {"places.full", "limit.no_place"},
    "places inconnues": {"limit.places_unknown"},
    "règlement muet": {"limit.silent"},
    "date inconnue": {"limit.anchor_unknown"},
    "fait inconnu": {"limit.fact_unknown", "gate.fact_unknown"},
    "jour passé": {"day.past"},
    "jour fermé": {"day.closed"},
    "inscription manquante": {"gate.registration"},
    "produit exigé": {"gate.product_required"},
    "produit incompatible": {"gate.product_excluded"},
    "ajout interdit": {"change.may_not_add"},
    "aucun palier": {"limit.no_tier"},
    "avant l'ouverture": {"door.not_open"},
    "après la fermeture": {"door.closed"},
    "activation refusée": {"activation.refused"},
    "mot de passe trop simple": {"password.too_weak", "password.repeated", "password.guessable"},
    "mots de passe différents": {"password.not_confirmed"},
    "connexion refusée": {"sign_in.refused"},
    "trop d'essais": {"sign_in.wait"},
    "lien refusé": {"token.refused"},
    "accès refusé": {"access.denied", "access.refused"},
    "jour de l'autre parent": {"booking.not_our_day"},
    "réservé par l'autre parent": {"booking.other_household"},
    "autre foyer": {"request.other_household"},
    "texte manquant": {"request.text_missing"},
    "demande close": {"request.move_refused"},
    "pièce refusée": {"attachment.type_refused", "attachment.not_what_it_says", "attachment.too_large"},
}


#: Keys of what is expected that are met when the answer holds the very same, under the same name.
_ALIKE = {
    "rang": "rank",
    "montant": "amount",
    "fois": "times",
    "tarif": "tariff",
    "portee": "scope",
    "prix": "price",
    "du": "due",
    "a_decider": "undecided",
    "issue": "outcome",
    "effet_le": "effective",
    "couvre": "covers",
    "places_a": "served",
    "jours_dus": "due_days",
    "factures": "invoices",
    "corrections": "corrected",
    "en_attente": "pending",
    "reste": "left",
    "credit": "credit",
    "niveaux": "levels",
    "total": "total",
    "ecran": "screen",
    "courriels": "mails",
    "semaines": "weeks",
    "panier": "basket",
    "a_payer": "to_pay",
    "soldees": "settled",
    "actualites": "news",
    "non_lues": "unread",
    "demandes": "requests",
}


@attrs.frozen
class Answer:
    """What a step gave, as far as it can be expected; ``why`` explains it."""

    effect: str | None = None
    allowed: bool | None = None
    reasons: tuple[Reason, ...] = ()
    limit: dt.datetime | None = None
    limit_written: Written | None = None
    next: dt.date | None = None
    next_request: dt.date | None = None
    tier: int | None = None
    tier_name: str | None = None
    rank: int | None = None
    amount: Decimal | None = None
    times: Decimal | None = None
    tariff: str | None = None
    scope: Scope | None = None
    price: Decimal | None = None
    due: Decimal | None = None
    undecided: bool = False
    outcome: str | None = None
    follow_up: str | None = None
    effective: dt.date | None = None
    covers: tuple[dt.date, ...] | None = None
    served: tuple[str, ...] | None = None
    due_days: tuple[dt.date, ...] = ()
    invoices: FrozenMap[str, Decimal] | None = None
    corrected: int | None = None
    pending: int | None = None
    left: Decimal | None = None
    credit: Decimal | None = None
    levels: FrozenMap[str, int] | None = None
    total: Decimal | None = None
    screen: str | None = None
    mails: FrozenMap[str, str] | None = None
    weeks: tuple[str, ...] | None = None
    boxes: FrozenMap[str, str] | None = None
    basket: tuple[str, ...] | None = None
    to_pay: FrozenMap[str, Decimal] | None = None
    settled: tuple[str, ...] | None = None
    news: tuple[str, ...] | None = None
    unread: int | None = None
    requests: FrozenMap[str, str] | None = None
    why: tuple[Reason | Description, ...] = ()


def effect_word(effect: Effect) -> str:
    """The word of ``effet`` for an effect."""
    if effect.verb is not Verb.ACCEPT:
        return str(effect.verb.value)
    match effect.price:
        case None:
            return "accepté"
        case Surcharge() | Multiple():
            return "majoration"
        case OtherTariff():
            return "autre tarif"
        case Replacement():
            return "autre prix"


def effect_answer(effect: Effect) -> dict[str, Any]:
    """The parts of an answer that an effect gives."""
    parts: dict[str, Any] = {"effect": effect_word(effect), "allowed": effect.allows, "scope": effect.scope}
    match effect.price:
        case Surcharge(amount):
            parts["amount"] = amount
        case Multiple(factor):
            parts["times"] = factor
        case OtherTariff(code):
            parts["tariff"] = code
        case _:
            pass
    return parts


def compare(expected: Expectation, answer: Answer, calendar: CommuneCalendar) -> tuple[Disagreement, ...]:
    """Every expectation that ``answer`` does not meet."""
    found: list[Disagreement] = []

    def check(key: str, wanted: Any, held: Any) -> None:
        if wanted is not None and wanted != held:
            found.append(Disagreement(key, _show(wanted), _show(held)))

    check("autorise", expected.allowed, answer.allowed)
    check("effet", expected.effect, answer.effect)
    found += [
        Disagreement("refus", f"« {word} »", _show_reasons(answer))
        for word in expected.refusals or ()
        if answer.allowed or not _says(word, answer.reasons)
    ]
    if expected.limit is not None:
        _check_limit(expected.limit, answer, calendar, found)
    for key, wanted, held in (
        ("prochaine", expected.next, answer.next),
        ("prochaine_demande", expected.next_request, answer.next_request),
    ):
        if wanted is False:
            if held is not None:
                found.append(Disagreement(key, "aucune", _show(held)))
        else:
            check(key, wanted, held)
    if expected.tier is not None:
        check("palier", expected.tier, answer.tier_name if isinstance(expected.tier, str) else answer.tier)
    if expected.charged is not None:
        check("facture", expected.charged, None if answer.due is None else answer.due != 0)
    check("suite", expected.follow_up, answer.follow_up or "aucune")
    if expected.boxes is not None:  # of the days that are named
        shown = answer.boxes or FrozenMap()
        check("cases", expected.boxes, FrozenMap({day: shown.get(day, "rien") for day in expected.boxes}))
    for key, name in _ALIKE.items():
        check(key, getattr(expected, name), getattr(answer, name))
    return tuple(found)


def _says(word: str, reasons: Iterable[Reason]) -> bool:
    codes = REFUSALS.get(word)
    if codes is not None:
        return any(reason.code in codes for reason in reasons)
    return any(reason.parameters.get("gate") == word for reason in reasons)


def _check_limit(wanted: Moment | bool, answer: Answer, calendar: CommuneCalendar, found: list[Disagreement]) -> None:
    if isinstance(wanted, bool):
        if answer.limit is not None:
            found.append(Disagreement("limite", "aucune", _written(answer)))
        return
    if answer.limit is None or _closes(wanted, calendar) != answer.limit.astimezone(dt.UTC):
        found.append(Disagreement("limite", f"« {print_moment(wanted)} »", _written(answer)))


def _closes(moment: Moment, calendar: CommuneCalendar) -> dt.datetime:
    """The instant at which a limit written so closes."""
    inclusive = moment.bound is Bound.UNTIL
    if moment.minutes is None:
        return calendar.instant(moment.date, 24 * 60 if inclusive else 0)
    return calendar.instant(moment.date, moment.minutes + (1 if inclusive else 0))


def _written(answer: Answer) -> str:
    if answer.limit_written is None:
        return "aucune" if answer.limit is None else f"« {answer.limit:%Y-%m-%d %H:%M} »"
    written = answer.limit_written
    bound = Bound.UNTIL if written.inclusive else Bound.BEFORE
    return f"« {print_moment(Moment(written.day, written.minutes, bound))} »"


def _show_reasons(answer: Answer) -> str:
    if answer.allowed:
        return "aucun refus"
    words = []
    for reason in answer.reasons:
        known = next((word for word, codes in REFUSALS.items() if reason.code in codes), None)
        words.append(f"« {known or reason.parameters.get('gate') or reason.code} »")
    return ", ".join(words) or "aucune raison"


def _show(value: Any) -> str:
    match value:
        case None:
            return "rien"
        case bool():
            return "oui" if value else "non"
        case Decimal():
            return format(value, "f").replace(".", ",")
        case dt.date():
            return value.isoformat()
        case Scope():
            return f"« {value.value} »"
        case FrozenMap():
            return ", ".join(f"{key} {_show(item)}" for key, item in value.items()) or "aucun"
        case tuple():
            return ", ".join(_show(item) for item in value) or "aucun"
        case _:
            return f"« {value} »" if isinstance(value, str) else str(value)
