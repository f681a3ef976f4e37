"""``periscolaire demo``: one commune, one month, from the rules file to what remains due, on a screen."""

from __future__ import annotations

import datetime as dt
from importlib import resources
from pathlib import Path

import click

from periscolaire import i18n
from periscolaire.access import Role, StaffActor
from periscolaire.billing import Invoice
from periscolaire.booking import LineStatus
from periscolaire.calendar import Span
from periscolaire.catalogue import Action, describe_rule
from periscolaire.cli._money import show_report
from periscolaire.cli._output import console
from periscolaire.cli._show import decisions_table, invoice_view, money, show
from periscolaire.cli._store import Names
from periscolaire.cli.billing._invoices import export, issued
from periscolaire.cli.documents._people import addressee_of
from periscolaire.cli.documents._writing import write_document, write_report
from periscolaire.cli.rules._import import files_of, import_into
from periscolaire.documents import invoice_document, report_document
from periscolaire.ids import ChildId, PaymentId
from periscolaire.operations import (
    ImportedFiles,
    ReportKind,
    ReportWanted,
    bill,
    issuer_of,
    ledger,
    outstanding_report,
    published_reglements,
    read_accounts,
    reject_payment,
    report,
    send_reminders,
    series_of,
)
from periscolaire.ports import RecordedDecision, Store
from periscolaire.storage import create_store

__all__ = ["demo"]

COMMUNE = "le-langon"
MONTH = Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30))
ISSUED_ON = dt.date(2025, 12, 1)
RECEIVED = Span(dt.date(2025, 12, 1), dt.date(2025, 12, 31))
STATED_ON = dt.date(2026, 1, 9)
REVIEWED_ON = dt.date(2026, 1, 12)
REMINDED_ON = dt.date(2026, 1, 20)
#: A direct debit that the bank returns.
BOUNCED = PaymentId("P0007")
REGISSEUR = StaffActor("régisseur", frozenset({Role.ADMINISTRATOR}))
SHOWN = 12


@click.command()
@click.option(
    "--sortie", "folder", type=click.Path(file_okay=False, path_type=Path), default=Path("sortie"), show_default=True,
    help="Dossier où écrire la base, les factures et l'état des recettes.",
)  # fmt: skip
@click.option(
    "--tout", "everything", is_flag=True, help="Montrer toutes les demandes hors délai, et non quelques-unes."
)
def demo(folder: Path, everything: bool) -> None:
    """Joue un mois d'une commune : règlement, demandes, pointages, factures, paiements, recettes, restes dus.

    Le règlement est celui du Le Langon (Vendée) ; les familles sont inventées.
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
        with screen.status("Facturation de novembre 2025…"), store.unit() as uow:
            now = dt.datetime.combine(ISSUED_ON, dt.time(8), dt.UTC)
            bill(MONTH, uow, actor=REGISSEUR, issued_on=ISSUED_ON, now=now)
            uow.commit()
        with screen.status("Encaissement des paiements…"):
            import_into(store, money_files, REGISSEUR)
        _report(store, imported, folder, everything)
        _afterwards(store, example)
        screen = console()
        base = folder / f"{COMMUNE}.sqlite"
        refused = next(one.source for one in imported.decisions if one.verdict.refused)
        screen.print(f"Pour aller plus loin : periscolaire explain {base} {refused}")
        screen.print(f"                       periscolaire week {base} E008 --le '2025-11-05 10:00'")
    finally:
        store.close()


def _example() -> Path:
    """The example's folder: inside the package once installed, else in the source tree."""
    packaged = Path(str(resources.files("periscolaire"))) / "examples" / COMMUNE
    return packaged if packaged.is_dir() else Path(__file__).resolve().parents[3] / "examples" / COMMUNE


def _report(store: Store, imported: ImportedFiles, folder: Path, everything: bool) -> None:
    screen = console()
    with store.unit(write=False) as uow:
        names = Names.of(uow)
        reglement = published_reglements(uow).versions[-1]
        calendar = reglement.calendar
        screen.rule(f"{reglement.commune} · règlement {reglement.version} ({reglement.reference})")
        for product in reglement.products:
            screen.print(f"[bold]{product.name}[/bold]")
            for what, rules in (("réserver", product.booking), ("annuler", product.cancellation)):
                for rule in rules:
                    screen.print(f"  {what} — {i18n.text(describe_rule(rule, reglement.currency))}")
        counted = ", ".join(f"{count} {name}" for name, count in imported.counts.items())
        show(screen, f"Importé : {counted}.")

        refused = [one for one in imported.decisions if one.verdict.refused]
        late = [one for one in imported.decisions if not one.verdict.refused and one.verdict.tier]
        already = sum(one.verdict.status is LineStatus.ALREADY for one in imported.decisions)
        accepted = len(imported.decisions) - len(refused) - len(late) - already
        screen.rule("Les demandes")
        show(
            screen,
            f"{len(imported.decisions)} demandes : {accepted} acceptées dans le délai, {len(late)} hors délai, "
            f"{already} déjà faites, {len(refused)} refusées.",
            decisions_table("Ce qui a été refusé, et pourquoi", refused, names, calendar),
        )
        some = late if everything else _varied(late)
        title = f"Hors délai : ce qui a été accepté avec une conséquence ({len(some)} sur {len(late)})"
        show(screen, decisions_table(title, some, names, calendar))

        screen.rule("Une facture, ligne par ligne")
        documents = issued(uow)
        show(screen, invoice_view(_most_varied(documents), names))
        total = sum(one.total for one in documents)
        show(screen, f"{len(documents)} factures émises, {money(total, names)} en tout.")

        screen.rule("Pour le comptable public")
        received = report(ReportWanted(ReportKind.RECEIPTS, RECEIVED), uow, actor=REGISSEUR)
        show_report(received)
        screen.print()
        (series,) = series_of(reglement)
        until = Span(STATED_ON.replace(month=1, day=1), STATED_ON)
        show_report(report(ReportWanted(ReportKind.OUTSTANDING, until, series.code), uow, actor=REGISSEUR))
        screen.print()

        written = [*export(documents, names, folder)]
        issuer = issuer_of(uow)
        files = tuple(folder / f"encaissements.{form}" for form in ("csv", "json", "html"))
        write_report(received, report_document(received, issuer, printed_on=STATED_ON), files)
        shown = _most_varied(documents)
        page = folder / f"{shown.id}.html"
        made = invoice_document(
            shown, issuer, addressee_of(shown.payer, uow), product_name=names.product, child_name=names.child,
            tariff_name=names.tariff, act_of=names.act,
        )  # fmt: skip
        write_document(made, (page,))
        written += [*files, page]
        base = folder / f"{COMMUNE}.sqlite"
        show(screen, f"Écrit : {', '.join(str(path) for path in (base, *written))}")


def _afterwards(store: Store, example: Path) -> None:
    """January: a proof that comes late, a debit that bounces, reminders; nothing issued is rewritten."""
    screen = console()
    screen.rule("Ensuite")
    import_into(store, files_of((example / "janvier",)), REGISSEUR)
    with store.unit() as uow:
        names = Names.of(uow)
        (series,) = series_of(published_reglements(uow).versions[-1])
        now = dt.datetime.combine(REVIEWED_ON, dt.time(9), dt.UTC)
        corrections, _ = bill(MONTH, uow, actor=REGISSEUR, issued_on=REVIEWED_ON, now=now)
        show(screen, "Un certificat médical arrive en janvier : l'absence facturée est reprise.")
        show(screen, *(invoice_view(one, names) for one in corrections))
        before = uow.payments.get(BOUNCED).model
        account = reject_payment(
            BOUNCED, uow, on=REVIEWED_ON, actor=REGISSEUR, now=now, motive="provision insuffisante"
        )
        owed = sum(account.remaining().values())
        show(
            screen,
            f"Le {before.means.value} {BOUNCED} de {names.household(before.household)} est rejeté : "
            f"{money(owed, names)} sont dus de nouveau.",
        )
        sent = send_reminders(series.code, uow, actor=REGISSEUR, on=REMINDED_ON, now=now)
        due = outstanding_report(REMINDED_ON, uow, actor=REGISSEUR, series=series.code)
        told = Span(REMINDED_ON.replace(month=1, day=1), REMINDED_ON)
        table = report(ReportWanted(ReportKind.OUTSTANDING, told, series.code), uow, actor=REGISSEUR)
        uow.commit()
        show(screen, f"{len(sent)} relances le {REMINDED_ON:%d/%m/%Y}, au premier niveau.")
        show_report(table)
        screen.print()
        entries = ledger(uow, actor=REGISSEUR)
        balance = sum(entry.amount for entry in entries)
        credit = sum(one.credit for one in read_accounts(series.code, uow, actor=REGISSEUR))
        show(
            screen,
            f"Le grand livre tombe juste : {len(entries)} écritures, solde {money(balance, names)} = restes dus "
            f"{money(sum(row.remaining for row in due), names)} − avances des familles {money(credit, names)}.",
        )


def _varied(late: list[RecordedDecision]) -> list[RecordedDecision]:
    """The first few of each sort of answer, a child once, in their order."""
    kept: dict[Action, dict[ChildId, RecordedDecision]] = {action: {} for action in Action}
    for one in late:
        sort = kept[one.verdict.line.action]
        if len(sort) < SHOWN // 2:
            sort.setdefault(one.key.child, one)
    return [one for one in late if one in kept[one.verdict.line.action].values()]


def _most_varied(documents: list[Invoice]) -> Invoice:
    """The invoice whose lines show most sorts of outcome, then the first."""
    return max(documents, key=lambda one: (len({(line.outcome, line.unit) for line in one.lines}), -one.number))
