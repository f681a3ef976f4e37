"""``periscolaire document``: an invoice, or the receipt of a payment, as a family reads it."""

from __future__ import annotations

from pathlib import Path

import click

from periscolaire.access import StaffActor
from periscolaire.cli._money import answer
from periscolaire.cli._output import json_option, language_option
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli.documents._people import addressee_of, collection_of, warn_of_mentions
from periscolaire.cli.documents._writing import out_option, write_document
from periscolaire.documents import invoice_document, quittance_document
from periscolaire.errors import NotFoundError
from periscolaire.ids import InvoiceId, PaymentId
from periscolaire.operations import issuer_of, read_account

__all__ = ["document"]

_FORMS = ".html, .pdf ou .txt"


@click.group()
def document() -> None:
    """Écrit ce qu'une famille reçoit : une page à imprimer (.html), un .pdf, ou le texte d'un courriel (.txt)."""


@document.command()
@store_argument
@click.argument("invoice", metavar="FACTURE")
@out_option(required=True, forms=_FORMS)
@language_option
@agent_option
@json_option
def invoice(base: str, invoice: str, out: tuple[Path, ...], language: str, actor: StaffActor, as_json: bool) -> None:
    """Écrit FACTURE telle qu'une famille la lit : ce qui est dû, comment payer, et pourquoi chaque montant."""
    with opened(base) as store, store.unit(write=False) as uow:
        names = Names.of(uow)
        found = uow.invoices.get(InvoiceId(invoice)).model
        made = invoice_document(
            found,
            issuer_of(uow),
            addressee_of(found.payer, uow),
            account=read_account(found.payer, found.series, uow, actor=actor),
            collection=collection_of(found.series, uow),
            product_name=names.product,
            child_name=names.child,
            tariff_name=names.tariff,
            act_of=names.act,
            language=language,
        )
        warn_of_mentions(uow, found.series)
    write_document(made, out)
    answer(as_json, {"fichiers": list(out)}, f"{', '.join(map(str, out))} écrit")


@document.command()
@store_argument
@click.argument("payment", metavar="PAIEMENT")
@out_option(required=True, forms=_FORMS)
@language_option
@agent_option
@json_option
def quittance(base: str, payment: str, out: tuple[Path, ...], language: str, actor: StaffActor, as_json: bool) -> None:
    """Écrit la quittance de PAIEMENT, une fois numérotée (close-desk numérote)."""
    with opened(base) as store, store.unit(write=False) as uow:
        held = uow.payments.get(PaymentId(payment)).model
        read_account(held.household, held.series, uow, actor=actor)
        found = uow.quittances.of(held.id)
        if not found:
            raise NotFoundError(f"payment {payment} has no receipt yet", code="quittance.not_numbered", payment=payment)
        bounced = [one.on for one in uow.rejections.of(held.id)]
        made = quittance_document(
            found[0].model,
            issuer_of(uow),
            addressee_of(held.household, uow),
            currency=held.currency,
            cancelled_on=min(bounced, default=None),
            language=language,
        )
    write_document(made, out)
    answer(as_json, {"fichiers": list(out)}, f"{', '.join(map(str, out))} écrit")
