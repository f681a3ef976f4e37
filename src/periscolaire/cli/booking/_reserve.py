"""``periscolaire reserve`` and ``cancel``: what a family asks at the counter or on the telephone."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import attrs
import click

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.booking import (
    Basket,
    CheckPolicy,
    CheckResult,
    Estimate,
    Line,
    LineVerdict,
    Receipt,
    ReceiptLine,
    SlotKey,
)
from periscolaire.calendar import Span
from periscolaire.catalogue import Action
from periscolaire.cli._desk import days_of, money_or_dash, titled, zone_of
from periscolaire.cli._finding import find_child, find_household, find_products
from periscolaire.cli._output import console, emit_json, json_option, language_option
from periscolaire.cli._show import table
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import JOURS, at_option, before, moment
from periscolaire.cli.booking._at_once import AtOnce, invoice_at_once
from periscolaire.ids import HouseholdId, Key, ProductCode
from periscolaire.money import Money
from periscolaire.operations import Homes, check_basket, validate
from periscolaire.ports import UnitOfWork, new_id
from periscolaire.reasons import Description
from periscolaire.reglement import Reglement, Reglements

__all__ = ["cancel", "reserve"]

F = TypeVar("F", bound=Callable[..., Any])


@attrs.frozen
class _Sending:
    """What both commands are told besides the days."""

    at: str | None
    channel: str | None
    motive: str | None
    household: str | None
    derogation: str | None
    key: str | None
    dry_run: bool
    policy: CheckPolicy
    language: str
    as_json: bool


@attrs.frozen
class _Answer:
    """What became of one basket: as checked or as recorded."""

    household: HouseholdId
    reglement: Reglement
    number: str | None
    lines: tuple[LineVerdict | ReceiptLine, ...]
    refused: tuple[LineVerdict | ReceiptLine, ...]
    estimate: Estimate
    at_once: AtOnce = attrs.field(factory=AtOnce)


def _options(command: F) -> F:
    """The options that both commands share."""
    for option in reversed(
        (
            click.option("--creneau", "slot", default="", help="Le créneau, pour un service qui en a plusieurs."),
            click.option("--canal", "channel", help="Par où la demande arrive, si les limites en dépendent."),
            click.option("--motif", "motive", help="Le motif que donne la famille, si une règle le lit."),
            click.option("--foyer", "household", help="Le foyer qui demande, si l'enfant en a plusieurs."),
            click.option("--derogation", help="Passer outre le règlement, pour cette raison (elle est enregistrée)."),
            click.option(
                "--cle", "key", help="Une clé de votre choix : renvoyée, la même demande ne compte qu'une fois."
            ),
            click.option("--essai", "dry_run", is_flag=True, help="Dire ce qui se passerait, sans rien enregistrer."),
            click.option("--tout-ou-rien", "whole", is_flag=True, help="Un seul refus, et rien n'est enregistré."),
            at_option,
            agent_option,
            language_option,
            json_option,
        )
    ):
        command = option(command)
    return command


@click.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("product", metavar="SERVICE")
@click.argument("days", metavar="JOUR...", nargs=-1, required=True, type=JOURS)
@click.option("--attente", "waiting", is_flag=True, help="Sans place libre, inscrire sur la liste d'attente.")
@_options
def reserve(
    base: str, child: str, product: str, days: tuple[Span, ...], actor: StaffActor, waiting: bool, whole: bool,
    slot: str, **told: Any,
) -> None:  # fmt: skip
    """Réserve un service pour un enfant, un ou plusieurs jours, dans les limites du règlement.

    ENFANT est un code, ou un prénom et un nom. JOUR s'écrit 2026-10-12, ou 2026-10-12..2026-10-23 pour une période :
    les jours sans service y sont passés. Ce qui se paie à la réservation est facturé aussitôt, avec le récépissé.

    Code de sortie : 0 tout est fait ; 1 un jour au moins est refusé ; 2 rien n'a pu être demandé.
    """
    sending = _Sending(policy=CheckPolicy(whole=whole, waiting=waiting), **told)
    _run(base, Action.BOOK, child, product, days, slot, actor, sending)


@click.command()
@store_argument
@click.argument("child", metavar="ENFANT")
@click.argument("product", metavar="SERVICE")
@click.argument("days", metavar="JOUR...", nargs=-1, required=True, type=JOURS)
@_options
def cancel(
    base: str, child: str, product: str, days: tuple[Span, ...], actor: StaffActor, whole: bool, slot: str, **told: Any
) -> None:
    """Annule les réservations d'un enfant, un ou plusieurs jours, et dit ce qui reste dû.

    Dans une période (2026-10-12..2026-10-23), seuls les jours réservés sont annulés. Une annulation tardive est
    enregistrée avec la suite que le règlement lui donne. Ce qui était déjà facturé à la réservation donne un avoir.

    Code de sortie : 0 tout est fait ; 1 un jour au moins est refusé ; 2 rien n'a pu être demandé.
    """
    sending = _Sending(policy=CheckPolicy(whole=whole), **told)
    _run(base, Action.CANCEL, child, product, days, slot, actor, sending)


def _run(
    base: str, action: Action, child: str, product: str, spans: tuple[Span, ...], slot: str, actor: StaffActor,
    sending: _Sending,
) -> None:  # fmt: skip
    with opened(base) as store, store.unit(write=not sending.dry_run) as uow:
        rules, tz = zone_of(uow)
        at = moment(sending.at, tz)
        baskets = _baskets(uow, rules, action, child, product, spans, slot, sending)
        key = sending.key or new_id()
        answers = [
            _send(basket, reglement, uow, actor, at, Key(key if number == 0 else f"{key}/{number}"), sending)
            for number, (basket, reglement) in enumerate(baskets)
        ]
        if sending.as_json:
            emit_json(
                {
                    "essai": sending.dry_run,
                    "reponses": [_as_json(answer, rules, sending.language) for answer in answers],
                }
            )
        else:
            _show(answers, Names.of(uow), sending)
    sys.exit(1 if any(answer.refused for answer in answers) else 0)


def _baskets(
    uow: UnitOfWork, rules: Reglements, action: Action, child: str, product: str, spans: tuple[Span, ...], slot: str,
    sending: _Sending,
) -> list[tuple[Basket, Reglement]]:  # fmt: skip
    """One basket for each household and version of the règlement that the days fall under."""
    person, homes = find_child(child, uow), Homes(uow)
    first = rules.on(spans[0].first)
    (code,) = find_products([product], first)

    def runs(day: dt.date, reglement: Reglement) -> bool:
        if action is Action.BOOK:
            return reglement.calendar.is_open(reglement.product(code).open_days, day)
        stored = uow.reservations.find(SlotKey(person.id, code, day, slot))
        return stored is not None and stored.model.state.is_live

    made: dict[tuple[str, HouseholdId], Basket] = {}
    for day in days_of(spans, rules, runs):
        home = find_household(sending.household, uow).id if sending.household else homes.of(person.id, day)
        place = (rules.on(day).version, home)
        line = Line(action, SlotKey(person.id, ProductCode(code), day, slot), motive=sending.motive)
        made[place] = made.get(place, Basket.of(home)).add(line)
    return [(basket, rules.named(version)) for (version, _), basket in made.items()]


def _send(
    basket: Basket, reglement: Reglement, uow: UnitOfWork, actor: StaffActor, at: dt.datetime, key: Key,
    sending: _Sending,
) -> _Answer:  # fmt: skip
    if sending.dry_run:
        result = check_basket(
            basket, uow, actor=actor, at=at, reglement=reglement, channel=sending.channel,
            derogation=sending.derogation, policy=sending.policy,
        )  # fmt: skip
        return _checked(basket, reglement, result)
    receipt = validate(
        basket, uow, actor=actor, key=key, at=at, reglement=reglement, channel=sending.channel,
        derogation=sending.derogation, policy=sending.policy,
    )  # fmt: skip
    return _recorded(reglement, receipt, invoice_at_once(receipt, uow, actor=actor, now=at))


def _checked(basket: Basket, reglement: Reglement, result: CheckResult) -> _Answer:
    return _Answer(basket.household, reglement, None, result.recorded, result.refusals, result.estimate)


def _recorded(reglement: Reglement, receipt: Receipt, at_once: AtOnce) -> _Answer:
    return _Answer(
        receipt.household, reglement, receipt.number, receipt.lines, receipt.refused, receipt.estimate, at_once
    )


# Showing


def _slot(line: LineVerdict | ReceiptLine) -> SlotKey:
    return line.line.key if isinstance(line, LineVerdict) else line.key


def _undo(line: LineVerdict | ReceiptLine) -> dt.datetime | None:
    return line.until if isinstance(line, LineVerdict) else line.undo_until


def _show(answers: Sequence[_Answer], names: Names, sending: _Sending) -> None:
    screen = console()
    if not any(answer.lines or answer.refused for answer in answers):
        screen.print("Rien à enregistrer : tout est déjà ainsi, ou aucun service ces jours-là.")
        return
    for answer in answers:
        tz, currency = answer.reglement.calendar.tz, answer.reglement.currency
        title = "Essai, rien n'est enregistré" if answer.number is None else f"Récépissé {answer.number}"
        title += f" – {names.household(answer.household)}"
        shown = table("", "jour", "service", "réponse", "prix", "à savoir", right=("prix",))
        for line in (*answer.lines, *answer.refused):
            key = _slot(line)
            said = [i18n.text(reason, sending.language) for reason in line.reasons]
            if line.undoable and (until := _undo(line)) is not None:
                said.append(f"annulable sans frais {before(until, tz)}")
            if line.hold_until is not None:
                said.append(f"à confirmer {before(line.hold_until, tz)}")
            if isinstance(line, LineVerdict) and line.alternatives:
                said.append(f"prochain jour possible : {line.alternatives[0].day:%d/%m/%Y}")
            shown.add_row(
                f"{key.day:%d/%m/%Y}",
                names.product(key.product),
                i18n.text(Description.of(f"booking.status.{line.status.name.lower()}"), sending.language),
                money_or_dash(line.price, currency, sending.language) if line.price is not None else "",
                " ; ".join(said),
            )
        titled(screen, title, shown)
        _show_estimate(answer, screen.print, sending.language)
        for words in answer.at_once.words(sending.language):
            screen.print(words, markup=False)


def _show_estimate(answer: _Answer, write: Callable[[str], None], language: str) -> None:
    estimate, currency = answer.estimate, answer.reglement.currency
    parts = []
    if estimate.at_reservation:
        parts.append(f"à la réservation (R) {i18n.amount(Money(estimate.at_reservation, currency), language)}")
    if estimate.at_consumption:
        parts.append(f"à la consommation (C) {i18n.amount(Money(estimate.at_consumption, currency), language)}")
    if estimate.unpriced:
        parts.append(f"{estimate.unpriced} jour(s) dont le prix n'est pas encore connu")
    if parts:
        write(f"Estimation : {', '.join(parts)}")


def _as_json(answer: _Answer, rules: Reglements, language: str) -> dict[str, object]:
    currency = answer.reglement.currency

    def line(one: LineVerdict | ReceiptLine) -> dict[str, object]:
        key = _slot(one)
        return {
            "enfant": key.child,
            "service": key.product,
            "jour": key.day,
            "creneau": key.slot,
            "reponse": one.status,
            "prix": None if one.price is None else Money(one.price, currency),
            "annulable_sans_frais": one.undoable,
            "annulable_jusqu_a": _undo(one),
            "a_confirmer_avant": one.hold_until,
            "raisons": [{"code": reason.code, "texte": i18n.text(reason, language)} for reason in one.reasons],
            "prochaine": one.alternatives[0].day if isinstance(one, LineVerdict) and one.alternatives else None,
        }

    return {
        "foyer": answer.household,
        "reglement": answer.reglement.version,
        "recepisse": answer.number,
        "lignes": [line(one) for one in answer.lines],
        "refus": [line(one) for one in answer.refused],
        "estimation": {
            "a_la_reservation": Money(answer.estimate.at_reservation, currency),
            "a_la_consommation": Money(answer.estimate.at_consumption, currency),
            "sans_prix": answer.estimate.unpriced,
        },
        **answer.at_once.plain(language),
    }
