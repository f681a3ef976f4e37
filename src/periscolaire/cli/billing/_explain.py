"""``periscolaire explain``: why a request was answered so, why a line of an invoice asks for so much."""

from __future__ import annotations

import re

import click

from periscolaire import i18n
from periscolaire.billing import explain_line
from periscolaire.catalogue import Action, LimitRule, describe_rule
from periscolaire.cli._output import console, emit_json, json_option, language_option, plain
from periscolaire.cli._show import explained_answer, show
from periscolaire.cli._store import Names, opened, store_argument
from periscolaire.errors import NotFoundError
from periscolaire.ids import ChildId, InvoiceId
from periscolaire.operations import published_reglements
from periscolaire.ports import RecordedDecision, UnitOfWork
from periscolaire.reglement import Reglement

__all__ = ["explain"]

_LINE = re.compile(r"(?P<invoice>.+)[:/](?P<number>\d+)")


@click.command()
@store_argument
@click.argument("what", metavar="QUOI")
@language_option
@json_option
def explain(base: str, what: str, language: str, as_json: bool) -> None:
    """Explique une réponse ou une ligne de facture.

    QUOI est une demande (demandes.csv:117, ou le code d'un enfant pour toutes ses réponses particulières) ou une ligne
    de facture (REGIE-2025-000012:3).
    """
    with opened(base) as store, store.unit(write=False) as uow:
        found = _LINE.fullmatch(what)
        if found is not None and (invoice := uow.invoices.find(InvoiceId(found["invoice"]))) is not None:
            names = Names.of(uow)
            line = invoice.model.line(int(found["number"]))
            said = explain_line(line, invoice.model.currency, product_name=names.product, child_name=names.child)
            if as_json:
                emit_json({"facture": invoice.model.id, "ligne": line, "explication": [plain(one) for one in said]})
            else:
                for one in said:
                    click.echo(i18n.text(one, language))
            return
        answers = _decisions(uow, what)
        if as_json:
            emit_json(answers)
            return
        reglements = published_reglements(uow)
        for answer in answers:
            reglement = reglements.on(answer.key.day)
            rule = _rule(reglement, answer)
            words = None if rule is None else i18n.text(describe_rule(rule, reglement.currency), language)
            show(console(), explained_answer(answer, words, Names.of(uow), reglement.calendar, language))


def _decisions(uow: UnitOfWork, what: str) -> list[RecordedDecision]:
    """The answer to a request by its source, or those of a child that were not plainly accepted.

    :raises NotFoundError: nothing of that name.
    """
    if uow.children.find(ChildId(what)) is not None:
        return [one for one in uow.decisions.of(ChildId(what)) if one.verdict.reasons]
    found = [one for one in uow.decisions.stream() if one.source == what]
    if not found:
        raise NotFoundError(f"{what} : ni une demande, ni un enfant, ni une ligne de facture de cette base")
    return found


def _rule(reglement: Reglement, one: RecordedDecision) -> LimitRule | None:
    """The limit that answered, when there is but one for this product and action."""
    product = reglement.product(one.key.product)
    table = product.booking if one.verdict.line.action is Action.BOOK else product.cancellation
    return table[0] if len(table) == 1 else None
