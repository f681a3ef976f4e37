"""``periscolaire demo``: one commune, one month and what follows, through the use cases of every other command."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

import click

from periscolaire.access import Role, StaffActor
from periscolaire.calendar import Span
from periscolaire.cli._output import console
from periscolaire.cli.demo import _chapters as chapters
from periscolaire.cli.demo._family import family_space
from periscolaire.cli.demo._written import write_all
from periscolaire.cli.rules._import import files_of, import_into
from periscolaire.ids import PaymentId
from periscolaire.operations import bill, published_reglements, reject_payment, send_reminders, series_of
from periscolaire.ports import Store
from periscolaire.storage import create_store

__all__ = ["demo"]

COMMUNE = "le-langon"
MONTH = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
ISSUED_ON = dt.date(2025, 12, 1)
RECEIVED = Span(dt.date(2025, 12, 1), dt.date(2026, 1, 31))
REVIEWED_ON = dt.date(2026, 1, 12)
REMINDED_ON = dt.date(2026, 1, 20)
#: A direct debit that the bank returns.
BOUNCED = PaymentId("P0007")
REGISSEUR = StaffActor("régisseur", frozenset({Role.ADMINISTRATOR}))


@click.command()
@click.option(
    "--sortie", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("sortie"), show_default=True,
    help="Dossier où écrire la base, les factures et les états.",
)  # fmt: skip
def demo(folder: Path) -> None:
    """Joue un mois d'une commune, du règlement aux restes à recouvrer, puis son espace famille.

    Le règlement est celui du Langon (Vendée) ; les familles sont inventées. Tout est écrit dans un dossier, pour
    continuer avec les autres commandes.
    """
    screen = console()
    folder.mkdir(parents=True, exist_ok=True)
    base = folder / f"{COMMUNE}.sqlite"
    for suffix in ("", "-wal", "-shm"):
        base.with_name(base.name + suffix).unlink(missing_ok=True)
    example = _example()
    files = files_of((example,))
    money_files = {"encaissements": files.pop("encaissements")}
    store = create_store(base)
    try:
        with screen.status("Import et décision des demandes…"):
            imported = import_into(store, files, REGISSEUR, example / "reglement.toml", example / "emetteur.toml")
        chapters.rules(store, imported)
        chapters.requests(store, imported)
        chapters.checked(store, MONTH)
        with screen.status("Facturation de novembre 2025…"):
            _bill(store, ISSUED_ON)
        chapters.invoiced(store)
        with screen.status("Encaissement des paiements…"):
            import_into(store, money_files, REGISSEUR)
        _january(store, example)
        chapters.collected(store, RECEIVED, REMINDED_ON, REGISSEUR)
        with screen.status("Espace famille…"):
            played = family_space(example)
        chapters.family(played)
        with screen.status("Écriture des pages et des états…"):
            written = write_all(store, folder, RECEIVED, REMINDED_ON, REGISSEUR)
        chapters.end(base, written, imported)
    finally:
        store.close()


def _example() -> Path:
    """The example's folder: inside the package once installed, else in the source tree."""
    packaged = Path(str(resources.files("periscolaire"))) / "examples" / COMMUNE
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[4] / "examples" / COMMUNE


def _bill(store: Store, on: dt.date) -> None:
    with store.unit() as uow:
        bill(MONTH, uow, actor=REGISSEUR, issued_on=on, now=dt.datetime.combine(on, dt.time(8), dt.UTC))
        uow.commit()


def _january(store: Store, example: Path) -> None:
    """A proof that comes late, a debit that bounces, reminders: new facts; nothing issued is rewritten."""
    import_into(store, files_of((example / "janvier",)), REGISSEUR)
    _bill(store, REVIEWED_ON)
    now = dt.datetime.combine(REVIEWED_ON, dt.time(9), dt.UTC)
    with store.unit() as uow:
        corrections = [one.model for one in uow.invoices.stream() if one.model.issued_on == REVIEWED_ON]
        bounced = uow.payments.get(BOUNCED).model
        account = reject_payment(
            BOUNCED, uow, on=REVIEWED_ON, actor=REGISSEUR, now=now, motive="provision insuffisante"
        )
        (series,) = series_of(published_reglements(uow).versions[-1])
        reminded = dt.datetime.combine(REMINDED_ON, dt.time(9), dt.UTC)
        sent = send_reminders(series.code, uow, actor=REGISSEUR, on=REMINDED_ON, now=reminded)
        chapters.corrected(uow, corrections, bounced, account, sent)
        uow.commit()
