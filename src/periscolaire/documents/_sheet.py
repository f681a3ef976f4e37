"""What an invoice says to a family, in words and in order, before any form."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

import attrs

from periscolaire import i18n
from periscolaire.attendance import describe_outcome
from periscolaire.billing import Invoice, InvoiceKind, InvoiceLine, explain_line
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import Amount, Money
from periscolaire.reasons import Description, Parameter

__all__ = ["Addressee", "InvoiceSheet", "Letterhead", "SheetGroup", "SheetLine", "invoice_sheet", "word"]


@attrs.frozen
class Letterhead:
    """Who issues a document: the commune, the service, its address, and how it is reached."""

    commune: str
    service: str = ""
    lines: tuple[str, ...] = ()
    telephone: str = ""
    email: str = ""


@attrs.frozen
class Addressee:
    """To whom a document is addressed: a name, and the lines of the address."""

    name: str
    lines: tuple[str, ...] = ()


@attrs.frozen
class SheetLine:
    """One line: its number, what it is, its days, ``quantity`` × ``unit`` = ``amount``, and why, in sentences."""

    number: int
    product: str
    what: str
    days: str
    quantity: str
    unit: str
    amount: str
    why: tuple[str, ...]


@attrs.frozen
class SheetGroup:
    """The lines of one child (or of the household), with what they add up to."""

    name: str
    lines: tuple[SheetLine, ...]
    total: str


@attrs.frozen
class InvoiceSheet:
    """The whole invoice in words; ``details`` are label and value pairs, ``sums`` likewise, the last the main one."""

    language: str
    title: str
    letterhead: Letterhead
    addressee: Addressee
    details: tuple[tuple[str, str], ...]
    headings: tuple[str, ...]
    groups: tuple[SheetGroup, ...]
    sums: tuple[tuple[str, str], ...]
    why_title: str
    notices: tuple[str, ...]
    issued_on: dt.date


def word(code: str, language: str, **parameters: Parameter) -> str:
    """A text of documents."""
    return i18n.text(Description.of(f"document.{code}", **parameters), language)


def _same(code: str) -> str:
    return code


def invoice_sheet(
    invoice: Invoice,
    letterhead: Letterhead,
    addressee: Addressee,
    *,
    settled: Amount = 0,
    product_name: Callable[[ProductCode], str] = _same,
    child_name: Callable[[ChildId], str] = _same,
    language: str = "fr",
) -> InvoiceSheet:
    """The invoice as it is told to ``addressee``; ``settled`` is what has been settled of it when it is printed."""

    def said(code: str, **parameters: Parameter) -> str:
        return word(code, language, **parameters)

    def money(amount: Amount) -> str:
        return i18n.amount(Money(amount, invoice.currency), language)

    asks = invoice.kind is InvoiceKind.INVOICE
    groups = tuple(
        SheetGroup(
            said("household") if child is None else child_name(child),
            tuple(_line(line, invoice, money, product_name, child_name, language) for line in lines),
            money(sum(line.amount for line in lines)),
        )
        for child, lines in _by_child(invoice.lines).items()
    )
    details = [
        (said("number"), f"{invoice.series} {invoice.fiscal_year}-{invoice.number:05}"),
        (said("reference"), invoice.id),
        (said("issued"), i18n.write(invoice.issued_on, language, "short")),
        (said("period"), said("period.span", first=invoice.first_day, last=invoice.last_day)),
    ]
    sums = [(said("total"), money(invoice.total))]
    if asks:
        details.append((said("due"), i18n.write(invoice.due_on, language, "short")))
        if settled:
            sums += [(said("settled"), money(-settled)), (said("left"), money(invoice.total - settled))]
    if invoice.original is not None:
        details.append((said("original"), invoice.original))
    return InvoiceSheet(
        language,
        said("invoice" if asks else "credit_note"),
        letterhead,
        addressee,
        tuple(details),
        tuple(said(f"column.{name}") for name in ("line", "service", "days", "quantity", "unit", "amount")),
        groups,
        tuple(sums),
        said("why"),
        tuple(_notices(invoice, letterhead, asks, said)),
        invoice.issued_on,
    )


def _by_child(lines: Iterable[InvoiceLine]) -> dict[ChildId | None, list[InvoiceLine]]:
    found: dict[ChildId | None, list[InvoiceLine]] = {}
    for line in lines:
        found.setdefault(line.child, []).append(line)
    return found


def _line(
    line: InvoiceLine,
    invoice: Invoice,
    money: Callable[[Amount], str],
    product_name: Callable[[ProductCode], str],
    child_name: Callable[[ChildId], str],
    language: str,
) -> SheetLine:
    what = i18n.text(describe_outcome(line.outcome), language) if line.outcome is not None else line.kind.value
    if line.component:
        what = f"{line.component}, {what}"
    if line.quantity < 0:
        what = word("taken_back", language, what=what)
    explained = explain_line(line, invoice.currency, product_name=product_name, child_name=child_name)
    return SheetLine(
        line.number,
        product_name(line.product),
        what,
        _days(line.days, language),
        i18n.write(line.quantity, language),
        money(line.unit),
        money(line.amount),
        # The first sentence repeats the line itself.
        tuple(_sentence(i18n.text(said, language)) for said in explained[1:]),
    )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _days(days: Iterable[dt.date], language: str) -> str:
    """« 3, 4 et 6 novembre 2025 »: the days of each month together."""
    months: dict[tuple[int, int], list[dt.date]] = {}
    for day in days:
        months.setdefault((day.year, day.month), []).append(day)
    return " ; ".join(
        f"{i18n.write(tuple(_number(day, language) for day in found), language)} "
        f"{i18n.write(found[0], language, 'month')}"
        for _, found in sorted(months.items())
    )


def _number(day: dt.date, language: str) -> str:
    return "1er" if day.day == 1 and language == "fr" else str(day.day)


def _notices(invoice: Invoice, letterhead: Letterhead, asks: bool, said: Callable[..., str]) -> Iterable[str]:
    if asks and invoice.total > 0:
        yield said("notice.pay", due=invoice.due_on, number=invoice.id)
    if not asks:
        yield said("notice.credit")
    reached = " · ".join(filter(None, (letterhead.telephone, letterhead.email)))
    yield said("notice.contact", commune=letterhead.commune, reached=reached)
