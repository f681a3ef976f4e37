"""How decisions, invoices and reports look in a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from periscolaire import i18n
from periscolaire.billing import Invoice, explain_line
from periscolaire.booking import LineVerdict
from periscolaire.calendar import CommuneCalendar
from periscolaire.cli._store import Names
from periscolaire.money import Amount, Money
from periscolaire.ports import RecordedDecision

__all__ = ["answers", "decisions_table", "explained_answer", "invoice_view"]


def table(title: str, *columns: str, right: Iterable[str] = ()) -> Table:
    """A plain table; the columns named in ``right`` are aligned to the right."""
    made = Table(title=title, title_justify="left", title_style="bold", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        made.add_column(column, justify="right" if column in set(right) else "left", overflow="fold")
    return made


def money(amount: Amount, names: Names, language: str = "fr") -> str:
    """An amount in the currency of the commune."""
    return i18n.amount(Money(amount, names.currency), language)


def answers(verdict: LineVerdict, language: str = "fr") -> str:
    """Every reason of an answer, each with its article when it names one."""
    said = []
    for reason in verdict.reasons:
        words = i18n.text(reason, language)
        article = reason.reference or (verdict.reference if reason is verdict.reasons[0] else None)
        said.append(words if article is None else f"{words} [{article}]")
    return " ".join(said)


def decisions_table(
    title: str, decisions: Sequence[RecordedDecision], names: Names, calendar: CommuneCalendar, language: str = "fr"
) -> Table:
    """Who asked what and when, and the answer with its rule."""
    made = table(title, "demande", "reçue le", "enfant", "action", "pour le", "réponse")
    for one in decisions:
        line = one.verdict.line
        made.add_row(
            one.source.removeprefix("demandes.csv:") if one.source else "",
            calendar.local(one.at).strftime("%d/%m %H:%M:%S"),
            names.child(one.key.child),
            line.action.value,
            one.key.day.strftime("%d/%m"),
            escape(answers(one.verdict, language)),
        )
    return made


def explained_answer(
    one: RecordedDecision, rule: str | None, names: Names, calendar: CommuneCalendar, language: str = "fr"
) -> Group:
    """One answer in full: the request, the reasons, the rule as the règlement says it, what else was possible."""
    verdict = one.verdict
    head = (
        f"{names.child(one.key.child)} : {verdict.line.action.value} {names.product(one.key.product)} "
        f"le {i18n.write(one.key.day, language)}"
    )
    said = [
        f"demandé le {i18n.write(calendar.local(one.at), language)}"
        + (f", par : {one.channel}" if one.channel else "")
        + f" ; règlement {one.reglement}",
        f"réponse : {verdict.status.value}",
        answers(verdict, language),
    ]
    if rule is not None:
        said.append(f"la règle : {rule}")
    if verdict.closes is not None:
        said.append(f"limite : {i18n.write(verdict.closes, language)}")
    said += [f"encore possible : {i18n.write(other.day, language)}" for other in verdict.alternatives]
    return Group(Text(head, style="bold"), *(Padding(escape(text), (0, 0, 0, 2)) for text in said if text))


def invoice_view(invoice: Invoice, names: Names, language: str = "fr", *, steps: bool = True) -> Group:
    """An invoice line by line, each with the steps of its price."""
    parts: list[RenderableType] = [
        Text(f"{invoice.kind.value.capitalize()} {invoice.id} — {names.household(invoice.payer)}", style="bold"),
        f"date : {i18n.write(invoice.issued_on, language)}"
        + (f" ; à payer au plus tard le {i18n.write(invoice.due_on, language)}" if invoice.total > 0 else ""),
    ]
    for line in invoice.lines:
        first, *rest = (
            i18n.text(said, language)
            for said in explain_line(
                line,
                invoice.currency,
                product_name=names.product,
                child_name=names.child,
                tariff_name=names.tariff,
                act_of=names.act,
            )
        )
        parts.append(Padding(escape(f"{line.number}. {first}"), (1, 0, 0, 0)))
        if steps:
            parts += [Padding(Text(f"· {said}", style="dim"), (0, 0, 0, 5)) for said in rest]
    total = Text(f"Total : {i18n.amount(Money(invoice.total, invoice.currency), language)}", style="bold")
    return Group(*parts, Padding(total, (1, 0, 0, 0)))


def show(screen: Console, *parts: Any) -> None:
    """Each part, with a blank line after it."""
    for part in parts:
        screen.print(part)
        screen.print()
