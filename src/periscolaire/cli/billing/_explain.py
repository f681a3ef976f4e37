"""``periscolaire explain``: why a request was answered so, why a line of an invoice asks for so much."""

from __future__ import annotations

import datetime as dt
import re
from zoneinfo import ZoneInfo

import click
from rich.padding import Padding
from rich.text import Text

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.billing import Story, local_times
from periscolaire.booking import SlotKey
from periscolaire.catalogue import Action, LimitRule, describe_rule
from periscolaire.cli._desk import zone_of
from periscolaire.cli._finding import find_child, find_products
from periscolaire.cli._output import console, emit_json, json_option, language_option
from periscolaire.cli._show import explained_answer, show
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, moment
from periscolaire.errors import NotFoundError
from periscolaire.ids import ChildId, InvoiceId
from periscolaire.operations import entry_story, line_story, published_reglements, slot_story
from periscolaire.ports import RecordedDecision, UnitOfWork
from periscolaire.reasons import Description
from periscolaire.reglement import Reglement

__all__ = ["explain"]

_LINE = re.compile(r"(?P<invoice>.+):(?P<number>\d+)")
_SLOT = re.compile(
    r"(?P<child>[^/]+)/(?P<product>[^/]+)/(?P<day>\d{4}-\d{2}-\d{2}|\d{1,2}/\d{1,2}/\d{4})(?:/(?P<slot>.+))?"
)


@click.command()
@store_argument
@click.argument("what", metavar="QUOI")
@language_option
@agent_option
@json_option
def explain(base: str, what: str, language: str, actor: StaffActor, as_json: bool) -> None:
    """Dit pourquoi, jusqu'aux faits : qui, quand, par où, sur quelle décision du règlement.

    \b
    REGIE-2025-000012:3         une ligne de facture, jour par jour, et ce qu'elle corrige
    Clara/cantine/24/11/2025    un jour d'un enfant : noté, facturé, ou en attente et pourquoi
    REGIE-2025-000012, P0007    une écriture du compte : facture, paiement, rejet, remise
    demandes.csv:117, Clara     une réponse à une demande, ou celles d'un enfant qui n'allaient pas de soi
    """
    with opened(base) as store, store.unit(write=False) as uow:
        reglements, tz = zone_of(uow)
        story = _story(what, uow, actor, moment(None, tz).astimezone(tz).date())
        if story is not None:
            if as_json:
                emit_json(_as_json(story, tz, language))
            else:
                _tell(story, tz, language)
            return
        answers = _decisions(uow, what)
        if as_json:
            emit_json(answers)
            return
        for answer in answers:
            reglement = reglements.on(answer.key.day)
            rule = _rule(reglement, answer)
            words = None if rule is None else i18n.text(describe_rule(rule, reglement.currency), language)
            show(console(), explained_answer(answer, words, Names.of(uow), reglement.calendar, language))


def _story(what: str, uow: UnitOfWork, actor: StaffActor, on: dt.date) -> Story | None:
    """The story that ``what`` names; ``None`` when it is a request or a child."""
    line = _LINE.fullmatch(what)
    if line is not None and uow.invoices.find(InvoiceId(line["invoice"])) is not None:
        return line_story(InvoiceId(line["invoice"]), int(line["number"]), uow, actor=actor)
    if (slot := _SLOT.fullmatch(what)) is not None:
        day = JOUR.convert(slot["day"], None, None)
        (product,) = find_products([slot["product"]], published_reglements(uow).on(day))
        key = SlotKey(find_child(slot["child"], uow).id, product, day, slot["slot"] or "")
        return slot_story(key, uow, actor=actor, on=on)
    if line is not None or uow.children.find(ChildId(what)) is not None:
        return None
    try:
        return entry_story(what, uow, actor=actor)
    except NotFoundError:
        if _child(what, uow) is None:
            raise
        return None


def _child(what: str, uow: UnitOfWork) -> ChildId | None:
    try:
        return find_child(what, uow).id
    except NotFoundError:
        return None


def _tell(story: Story, tz: ZoneInfo, language: str, depth: int = 0) -> None:
    def say(description: Description, mark: str = "", more: int = 0) -> None:
        text = Text(mark + i18n.text(local_times(description, tz), language), style="" if more else "bold")
        console().print(Padding(text, (0, 0, 0, 2 * (depth + more))))

    say(story.about)
    for sentence in story.says:
        say(sentence, more=1)
    for fact in story.facts:
        say(fact.line(tz), "· ", more=1)
        for rest in fact.rests_on:
            say(rest, more=3)
    for part in story.parts:
        _tell(part, tz, language, depth + 1)


def _as_json(story: Story, tz: ZoneInfo, language: str) -> dict[str, object]:
    def said(description: Description) -> str:
        return i18n.text(local_times(description, tz), language)

    return {
        "objet": said(story.about),
        "explication": [said(one) for one in story.says],
        "faits": [
            {
                "fait": one.id,
                "instant": one.at,
                "auteur": one.author,
                "canal": one.channel,
                "texte": said(one.what),
                "repose_sur": [said(rest) for rest in one.rests_on],
            }
            for one in story.facts
        ],
        "parties": [_as_json(part, tz, language) for part in story.parts],
    }


def _decisions(uow: UnitOfWork, what: str) -> list[RecordedDecision]:
    """The answer to a request by its source, or those of a child that were not plainly accepted.

    :raises NotFoundError: nothing of that name.
    """
    if (child := _child(what, uow)) is not None:
        return [one for one in uow.decisions.of(child) if one.verdict.reasons]
    found = [one for one in uow.decisions.stream() if one.source == what]
    if not found:
        raise NotFoundError(f"{what} : ni une demande, ni un enfant, ni une ligne de facture de cette base")
    return found


def _rule(reglement: Reglement, one: RecordedDecision) -> LimitRule | None:
    """The limit that answered, when there is but one for this product and action."""
    product = reglement.product(one.key.product)
    table = product.booking if one.verdict.line.action is Action.BOOK else product.cancellation
    return table[0] if len(table) == 1 else None
