"""``periscolaire notify``: tell families, by mail or by post, what awaits them."""

from __future__ import annotations

import attrs
import click

from periscolaire.access import StaffActor
from periscolaire.attendance import Anomaly
from periscolaire.billing import Invoice, Issuer, standing
from periscolaire.calendar import Span
from periscolaire.cli._desk import zone_of
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import at_option, moment, month
from periscolaire.cli.documents._before import LettersBefore
from periscolaire.cli.documents._people import addressee_of, collection_of, language_of
from periscolaire.cli.documents._post import Post, post_options, why_not
from periscolaire.documents import invoice_document, invoice_notice
from periscolaire.ids import HouseholdId
from periscolaire.operations import (
    deliver_anomalies,
    deliver_invoices,
    find_anomalies,
    issuer_of,
    read_account,
)
from periscolaire.ports import UnitOfWork

__all__ = ["notify"]


@click.group()
def notify() -> None:
    """Prévient les familles, par courriel ou par lettre : avant la facture, puis quand elle est là."""


@notify.command()
@store_argument
@click.option("--mois", "period", required=True, callback=month, help="Le mois, comme 2025-11.")
@click.option(
    "--delai", "appeal_days", type=click.IntRange(0), help="Jours pour répondre (par défaut, ceux du règlement)."
)
@click.option("--apercu", "preview", is_flag=True, help="Montrer qui serait prévenu, sans rien envoyer.")
@post_options
@at_option
@agent_option
@json_option
def anomalies(
    base: str,
    period: Span,
    appeal_days: int | None,
    preview: bool,
    post: Post,
    at: str | None,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Dit aux familles, avant la facture, les présences sans réservation et les absences sans nouvelles.

    Chaque lettre dit jusqu'à quand répondre ; ce qui est contesté n'est pas facturé avant la réponse. Personne n'est
    prévenu deux fois de la même chose. Code de sortie 1 si une lettre n'est pas partie, ou s'il y en a à envoyer
    (--apercu).
    """
    _wanted(post, preview)
    with opened(base) as store:
        with store.unit(write=False) as uow:
            _, tz = zone_of(uow)
            now = moment(at, tz)
            day = now.astimezone(tz).date()
            names, issuer = Names.of(uow), issuer_of(uow)
            if preview:
                found = find_anomalies(period, uow, actor=actor, on=day, appeal_days=appeal_days)
                told = [one for one in found if one.kind.is_for_family]
                _answer(_by_household(told, names), (), as_json, verb="à prévenir")
                raise SystemExit(1 if told else 0)

        writer = LettersBefore(issuer, post, day)
        done = deliver_anomalies(period, store, actor=actor, now=now, send=writer.send, appeal_days=appeal_days)
        with store.unit(write=False) as uow:
            rows = _by_household([one for letter in done.sent for one in letter], Names.of(uow))
            _answer(rows, done.failed, as_json, verb="prévenu(s)")
    raise SystemExit(1 if done.failed else 0)


@notify.command()
@store_argument
@click.option("--mois", "period", required=True, callback=month, help="Le mois d'émission, comme 2025-12.")
@post_options
@at_option
@agent_option
@json_option
def invoices(base: str, period: Span, post: Post, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Envoie à chaque famille les factures émises dans le mois, chacune une fois, avec sa page.

    Code de sortie 1 si un envoi n'est pas parti.
    """
    _wanted(post, preview=False)
    with opened(base) as store:
        with store.unit(write=False) as uow:
            _, tz = zone_of(uow)
            now = moment(at, tz)
            issuer = issuer_of(uow)
            issued = [
                stored.model.id
                for stored in uow.invoices.stream()
                if period.first <= stored.model.issued_on <= period.last
            ]
        writer = _Invoices(issuer, post, actor)
        done = deliver_invoices(issued, store, actor=actor, now=now, send=writer.send)
        with store.unit(write=False) as uow:
            names = Names.of(uow)
            rows = [(names.household(one.payer), str(one.id)) for one in done.sent]
            _answer(rows, done.failed, as_json, verb="envoyée(s)")
    raise SystemExit(1 if done.failed else 0)


@attrs.frozen
class _Invoices:
    issuer: Issuer
    post: Post
    actor: StaffActor

    def send(self, invoice: Invoice, uow: UnitOfWork) -> str:
        """The notice of one invoice, with its page."""
        names, home = Names.of(uow), invoice.payer
        account = read_account(home, invoice.series, uow, actor=self.actor)
        to, language = addressee_of(home, uow), language_of(home, uow)
        page = invoice_document(
            invoice, self.issuer, to, account=account, collection=collection_of(invoice.series, uow),
            product_name=names.product, child_name=names.child, tariff_name=names.tariff, act_of=names.act,
            language=language,
        )  # fmt: skip
        notice = invoice_notice(invoice, standing(invoice, account), self.issuer, to, language=language)
        return self.post.send(str(invoice.id), notice, home, uow, page)


def _wanted(post: Post, preview: bool) -> None:
    if post.active == preview:
        raise click.UsageError("dites par où partent les lettres : --courrier, --courriel ou --smtp")


def _by_household(anomalies: list[Anomaly], names: Names) -> list[tuple[str, str]]:
    rows = []
    for one in anomalies:
        what = f"{names.child(one.key.child)}, {names.product(one.key.product)}"
        rows.append((names.household(one.household), f"{what}, {one.key.day:%d/%m/%Y} : {one.kind.value}"))
    return rows


def _answer(
    rows: list[tuple[str, str]], failed: tuple[tuple[HouseholdId, Exception], ...], as_json: bool, *, verb: str
) -> None:
    if as_json:
        emit_json({
            "envois": [{"foyer": household, "objet": what} for household, what in rows],
            "non_partis": [{"foyer": household, "raison": why_not(why)} for household, why in failed],
        })  # fmt: skip
        return
    screen = console()
    for household, what in rows:
        screen.print(f"{household} : {what}", highlight=False, markup=False)
    for household, why in failed:
        screen.print(f"non parti : {household} : {why_not(why)}", highlight=False, markup=False)
    screen.print(f"{len(rows)} {verb}, {len(failed)} non parti(s)")
