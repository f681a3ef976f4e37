"""What the demonstration says, chapter by chapter: figures and reasons grouped, a few examples of each."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from rich.padding import Padding
from rich.text import Text

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.billing import Account, DueReminder, Invoice, Payment, explain_line
from periscolaire.booking import LineStatus
from periscolaire.calendar import CommuneCalendar, Span
from periscolaire.catalogue import describe_rule
from periscolaire.cli._money import show_report
from periscolaire.cli._output import console
from periscolaire.cli._show import money, table
from periscolaire.cli._store import Names
from periscolaire.cli.billing._invoices import issued
from periscolaire.cli.demo._family import highlights
from periscolaire.cli.demo._written import most_varied
from periscolaire.operations import (
    ImportedFiles,
    ReportKind,
    ReportWanted,
    ledger,
    outstanding_report,
    published_reglements,
    read_accounts,
    report,
)
from periscolaire.ports import RecordedDecision, Store, UnitOfWork
from periscolaire.scenarios import Report

__all__ = ["checked", "collected", "corrected", "end", "family", "invoiced", "requests", "rules"]

#: How many reasons, invoices or households are shown before the rest is only counted.
_FEW = 6


def _say(text: str, style: str = "") -> None:
    """A paragraph: what does not fit on a line goes on under its beginning."""
    bare = text.lstrip(" ")
    console().print(Padding(Text(bare, style=style), (0, 0, 0, len(text) - len(bare)), expand=False))


def _chapter(number: int, title: str) -> None:
    console().print()
    _say(f"{number}. {title}", "bold cyan")


def rules(store: Store, imported: ImportedFiles) -> None:
    """The règlement, in the words that it prints of itself."""
    with store.unit(write=False) as uow:
        reglement = published_reglements(uow).versions[-1]
    title = f"{reglement.commune} (Vendée), règlement {reglement.version}, {reglement.reference} ; familles inventées."
    _say(title, "bold")
    _chapter(1, "Le règlement est un fichier que le conseil peut lire")
    for product in reglement.products:
        for what, found in (("réserver", product.booking), ("annuler", product.cancellation)):
            for rule in found:
                _say(f"   {product.name}, {what} — {i18n.text(describe_rule(rule, reglement.currency))}")
    _say("   Importé : " + ", ".join(f"{count} {name}" for name, count in imported.counts.items()) + ".")


# -- requests ---------------------------------------------------------------------------------------------------------


def requests(store: Store, imported: ImportedFiles) -> None:
    """What was asked, each decided at its instant: refusals and late ones grouped by reason."""
    decisions = imported.decisions
    refused = [one for one in decisions if one.verdict.refused]
    late = [one for one in decisions if not one.verdict.refused and one.verdict.tier]
    already = sum(one.verdict.status is LineStatus.ALREADY for one in decisions)
    in_time = len(decisions) - len(refused) - len(late) - already
    _chapter(2, "On réserve : chaque demande est décidée à l'instant où elle arrive")
    _say(
        f"   {len(decisions)} demandes : {in_time} acceptées dans le délai, {len(late)} hors délai, "
        f"{already} déjà faites, {len(refused)} refusées."
    )
    with store.unit(write=False) as uow:
        calendar, names = published_reglements(uow).versions[-1].calendar, Names.of(uow)
        _groups("Refusées, et pourquoi", _by_reason(refused), names, calendar)
        _groups("Hors délai, et avec quelle conséquence", _by_effect(late), names, calendar)


def _by_reason(decisions: Iterable[RecordedDecision]) -> dict[str, list[RecordedDecision]]:
    found: dict[str, list[RecordedDecision]] = defaultdict(list)
    for one in decisions:
        found[i18n.text(one.verdict.reasons[0])].append(one)
    return found


def _by_effect(decisions: Iterable[RecordedDecision]) -> dict[str, list[RecordedDecision]]:
    found: dict[str, list[RecordedDecision]] = defaultdict(list)
    for one in decisions:
        found[f"{one.verdict.line.action.value} : {i18n.text(one.verdict.reasons[-1])}"].append(one)
    return found


def _groups(title: str, groups: dict[str, list[RecordedDecision]], names: Names, calendar: CommuneCalendar) -> None:
    made = table("", "combien", title, "par exemple", right=("combien",))
    made.title = None
    ranked = sorted(groups.items(), key=lambda item: -len(item[1]))
    for words, group in ranked[:_FEW]:
        first = group[0]
        when = f"le {calendar.local(first.at):%d/%m à %H:%M} pour le {first.key.day:%d/%m}"
        made.add_row(str(len(group)), Text(words), Text(f"{names.child(first.key.child)}, {when}"))
    console().print(made)
    if len(ranked) > _FEW:
        _say(f"   et {sum(len(group) for _, group in ranked[_FEW:])} autres, pour {len(ranked) - _FEW} autres raisons")


# -- checks, invoices -------------------------------------------------------------------------------------------------


def checked(store: Store, month: Span) -> None:
    """Who came and who did not."""
    with store.unit(write=False) as uow:
        counted = Counter(
            one.outcome.value for _, group in uow.consumptions.by_household(month.first, month.last) for one in group
        )
    _chapter(3, "On vient, ou non ; une absence se justifie")
    _say("   " + " · ".join(f"{word} {count}" for word, count in counted.most_common()))


def invoiced(store: Store) -> None:
    """One invoice line by line, one of its lines explained, and the total of all."""
    with store.unit(write=False) as uow:
        names, documents = Names.of(uow), issued(uow)
        shown = most_varied(documents)
        lines = [_explained(shown, index, names) for index in range(len(shown.lines))]
    _chapter(4, "On facture : chaque centime s'explique")
    total = sum(one.total for one in documents)
    _say(f"   {len(documents)} factures, numérotées sans trou, {money(total, names)}. L'une d'elles, {shown.id} :")
    for number, (head, *_) in enumerate(lines, start=1):
        _say(f"   {number}. {head.partition(' (')[0]}")
    _say(f"   Total : {money(shown.total, names)}", "bold")
    longest = max(range(len(lines)), key=lambda index: len(lines[index]))
    _say(f"   Pourquoi la ligne {longest + 1} ?")
    for said in lines[longest][1:]:
        _say(f"     · {said}", "dim")


def _explained(invoice: Invoice, index: int, names: Names) -> list[str]:
    said = explain_line(
        invoice.lines[index], invoice.currency, product_name=names.product, child_name=names.child,
        tariff_name=names.tariff, act_of=names.act,
    )  # fmt: skip
    return [i18n.text(one) for one in said]


# -- money ------------------------------------------------------------------------------------------------------------


def corrected(
    uow: UnitOfWork, corrections: list[Invoice], bounced: Payment, account: Account, sent: Sequence[DueReminder]
) -> None:
    """January: what came late is a new document, never another text of the old one."""
    names = Names.of(uow)
    received = [stored.model for stored in uow.payments.stream()]
    _chapter(5, "On paie, on corrige : rien n'est jamais réécrit")
    _say(f"   {len(received)} paiements en décembre, {money(sum(one.amount for one in received), names)}.")
    for one in corrections:
        first = _explained(one, 0, names)
        _say(f"   Un certificat médical arrive en janvier : {one.kind.value} {one.id} de {names.household(one.payer)}.")
        _say(f"     {first[0]}", "dim")
        _say(f"     · {first[1]}", "dim")
    owed = sum(account.remaining().values())
    _say(
        f"   Le {bounced.means.value} {bounced.id} de {names.household(bounced.household)} est rejeté par la banque : "
        f"{money(owed, names)} sont dus de nouveau."
    )
    levels = Counter(one.level for one in sent)
    told = ", ".join(f"{count} au niveau {level}" for level, count in sorted(levels.items()))
    _say(f"   {len(sent)} relances partent : {told}.")


def collected(store: Store, received: Span, on: dt.date, actor: StaffActor) -> None:
    """The report that the comptable public is owed, what remains, and the ledger that ties both."""
    _chapter(6, "On rend compte au comptable public")
    with store.unit(write=False) as uow:
        names = Names.of(uow)
        show_report(report(ReportWanted(ReportKind.RECEIPTS, received), uow, actor=actor))
        series = next(iter({stored.model.series for stored in uow.invoices.stream()}))
        rows = sorted(outstanding_report(on, uow, actor=actor, series=series), key=lambda row: -row.remaining)
        due = sum(row.remaining for row in rows)
        entries = ledger(uow, actor=actor)
        credit = sum(one.credit for one in read_accounts(series, uow, actor=actor))
        most = ", ".join(f"{names.household(row.household)} {money(row.remaining, names)}" for row in rows[:3])
        _say(
            f"Restes à recouvrer au {on:%d/%m/%Y} : {len(rows)} factures, {money(due, names)} ; les plus gros : {most}."
        )
        balance = sum(entry.amount for entry in entries)
        _say(
            f"Le grand livre tombe juste : {len(entries)} écritures, solde {money(balance, names)} = restes dus "
            f"{money(due, names)} − avances {money(credit, names)}."
        )


# -- the family's account, and where everything is --------------------------------------------------------------------


def family(played: Report) -> None:
    """The guide of the family's account, played from its scenario."""
    _chapter(7, "L'espace famille, de l'invitation à la demande répondue")
    agreeing = sum(one.agrees for one in played.steps)
    every = len(played.steps)
    _say(f"   Le guide de l'usager, écran par écran : {agreeing} étapes sur {every} conformes. Entre autres :")
    for one in highlights(played):
        step = one.step
        assert step.at is not None, "every step of the account has its instant"
        who = step.typed.adult or step.target
        note = f" — {step.note}" if step.note else ""
        _say(f"   {step.at:%d/%m %H:%M}  {_ACTS[step.kind.value].format(who=who, what=step.target)}{note}")


_ACTS = {
    "inviter": "la commune invite {who}",
    "activer": "{who} s'enregistre",
    "valider": "{who} valide son panier",
    "repondre": "la mairie répond à la demande",
    "payer_en_ligne": "{who} paie sa facture en ligne",
    "lire": "{who} lit « {what} »",
}


def end(base: Path, written: list[tuple[str, list[Path]]], imported: ImportedFiles) -> None:
    """Where everything was written, and what to try next."""
    console().print()
    _say(f"Tout est dans {base.parent}/", "bold cyan")
    _say(f"   {base.name} : la base, pour toutes les commandes")
    for what, files in written:
        _say(f"   {', '.join(file.name for file in files)} : {what}")
    refused = next(one.source for one in imported.decisions if one.verdict.refused)
    _say("Pour aller plus loin :")
    for command in (
        f"explain {base} {refused}",
        f"week {base} E008 --le '2025-11-05 10:00'",
        f"invoices {base} --foyer F027",
        "--help",
    ):
        _say(f"   periscolaire {command}")
