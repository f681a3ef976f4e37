"""An invoice as a family reads it: its lines child by child, what is due, how to pay, how to contest, and why.

What it must say is that of a régie's invoice or of an *avis des sommes à payer* (article L1617-5 du CGCT; article 24 du
décret n° 2012-1246 du 7 novembre 2012: the basis of what is asked for); see
:func:`~periscolaire.billing.missing_mentions`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from periscolaire.attendance import Outcome, describe_outcome
from periscolaire.billing import (
    Account,
    ChargeKind,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Issuer,
    Standing,
    TariffRef,
    standing,
    why,
)
from periscolaire.documents._days import days_in_words
from periscolaire.documents._model import (
    Addressee,
    Block,
    Document,
    Heading,
    Notice,
    Numbered,
    Pairs,
    Paragraph,
    Row,
    Sums,
    Table,
    Words,
)
from periscolaire.documents._paying import contact_notice, how_to_contest, how_to_pay
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import Amount
from periscolaire.reasons import Description
from periscolaire.reglement import Collection

__all__ = ["invoice_document"]


def _same(code: str) -> str:
    return code


def _no_act(tariff: TariffRef) -> str:
    return ""


def invoice_document(
    invoice: Invoice,
    issuer: Issuer,
    addressee: Addressee,
    *,
    account: Account | None = None,
    collection: Collection = Collection.REGIE,
    product_name: Callable[[ProductCode], str] = _same,
    child_name: Callable[[ChildId], str] = _same,
    tariff_name: Callable[[str], str] = _same,
    act_of: Callable[[TariffRef], str] = _no_act,
    language: str = "fr",
) -> Document:
    """The invoice as it is told to ``addressee``; ``account`` tells what has been settled and what is owed besides."""
    say = Words(language)
    where = standing(invoice, account)
    asks = invoice.kind is InvoiceKind.INVOICE
    blocks: list[Block] = [
        Pairs(tuple(_details(invoice, asks, collection, say))),
        _lines(invoice, product_name, child_name, say),
        Sums(tuple(_sums(invoice, where, asks, say))),
    ]
    if asks and where.left > 0:
        blocks.append(
            Notice(
                tuple(how_to_pay(invoice.id, invoice.series, issuer, say)),
                say("pay.by", due=invoice.due_on, amount=say.amount(where.left, invoice.currency)),
            )
        )
    blocks += [Paragraph(text) for text in _besides(invoice, where, asks, say)]
    blocks.append(Notice((contact_notice(issuer, say), *how_to_contest(invoice.series, collection, issuer, say))))
    told = why(invoice.lines, invoice.currency, tariff_name=tariff_name, act_of=act_of)
    if told:
        blocks.append(Heading(say("why")))
        blocks.append(
            Numbered(
                tuple((_numbers(one.lines, say), _sentences(one.sentences, say)) for one in told),
                tuple(_anchors([one.lines for one in told])),
            )
        )
    blocks += [Paragraph(text, small=True) for text in _mentions(invoice, collection, issuer, say)]
    title = say(_TITLES[invoice.kind, collection], number=number_in_words(invoice))
    return Document(language, title, issuer, invoice.issued_on, tuple(blocks), addressee)


_TITLES = {
    (InvoiceKind.INVOICE, Collection.REGIE): "invoice",
    (InvoiceKind.INVOICE, Collection.TITRE): "asap",
    (InvoiceKind.CREDIT_NOTE, Collection.REGIE): "credit_note",
    (InvoiceKind.CREDIT_NOTE, Collection.TITRE): "reduction",
}


def number_in_words(invoice: Invoice) -> str:
    """The number as people read it: the identifier, which is the reference to quote too."""
    return invoice.id


def _details(invoice: Invoice, asks: bool, collection: Collection, say: Words) -> Iterator[tuple[str, str]]:
    yield say("issued"), say.day(invoice.issued_on)
    yield say("period"), say("period.span", first=invoice.first_day, last=invoice.last_day)
    if asks:
        yield say("due"), say.day(invoice.due_on)
    if invoice.original is not None:
        yield say("original"), invoice.original
    if collection is Collection.TITRE:
        yield say("debtor"), invoice.payer


def _lines(
    invoice: Invoice, product_name: Callable[[ProductCode], str], child_name: Callable[[ChildId], str], say: Words
) -> Table:
    rows: list[Row] = []
    blank: tuple[str, ...] = ("",)
    for child, lines in _by_child(invoice.lines).items():
        name = say("household") if child is None else child_name(child)
        total = say.amount(sum(line.amount for line in lines), invoice.currency)
        rows.append(Row(((name,), blank, blank, blank, blank, (total,)), "group"))
        rows += [_line(line, invoice, product_name, say) for line in lines]
    headings = tuple(say(f"column.{name}") for name in ("line", "service", "days", "quantity", "unit", "amount"))
    return Table(headings, (False, False, False, True, True, True), (0, 3, 4, 0, 0, 0), tuple(rows))


def _by_child(lines: Iterable[InvoiceLine]) -> dict[ChildId | None, list[InvoiceLine]]:
    found: dict[ChildId | None, list[InvoiceLine]] = {}
    for line in lines:
        found.setdefault(line.child, []).append(line)
    return found


def _line(line: InvoiceLine, invoice: Invoice, product_name: Callable[[ProductCode], str], say: Words) -> Row:
    happened = what_happened(line)
    what = ", ".join(filter(None, (line.component, say.text(happened) if happened is not None else "")))
    if line.quantity < 0:
        what = say("taken_back", what=what)
    cells = (
        (str(line.number),),
        tuple(filter(None, (product_name(line.product), what))),
        (days_in_words(line.days, say),),
        (say.number(line.quantity),),
        (say.amount(line.unit, invoice.currency),),
        (say.amount(line.amount, invoice.currency),),
    )
    return Row(cells, link=f"ligne-{line.number}" if line.steps or line.tariff or line.corrects else "")


def what_happened(line: InvoiceLine) -> Description | None:
    """What a line is for besides its product: what happened, or the kind of charge; nothing for a plain service."""
    if line.outcome is not None and line.outcome is not Outcome.NONE:
        return describe_outcome(line.outcome)
    return None if line.kind is ChargeKind.SERVICE else Description.of(f"billing.kind.{line.kind.name.lower()}")


def _sums(invoice: Invoice, where: Standing, asks: bool, say: Words) -> Iterator[tuple[str, str]]:
    def row(code: str, amount: Amount) -> tuple[str, str]:
        return say(code), say.amount(amount, invoice.currency)

    yield row("total", invoice.total)
    if not asks or where.left == invoice.total:
        return
    for code, amount in (("credits", where.credits), ("written_off", where.written_off), ("settled", where.paid)):
        if amount:
            yield row(code, -amount)
    yield row("left", where.left)


def _besides(invoice: Invoice, where: Standing, asks: bool, say: Words) -> Iterator[str]:
    """What the family owes or has besides this document."""

    def money(amount: Amount) -> str:
        return say.amount(amount, invoice.currency)

    if not asks:
        yield say("notice.credit")
    if where.owed_before:
        invoices = tuple(str(one) for one in where.open_before)
        yield say("notice.owed_before", amount=money(where.owed_before), count=len(invoices), invoices=invoices)
    if where.credit:
        yield say("notice.credit_left", amount=money(where.credit))


def _numbers(lines: tuple[int, ...], say: Words) -> str:
    return say("lines", count=len(lines), lines=tuple(_runs(lines, say)))


def _runs(lines: tuple[int, ...], say: Words) -> Iterator[str]:
    start = previous = lines[0]
    for number in (*lines[1:], None):
        if number is not None and number == previous + 1:
            previous = number
            continue
        if previous - start >= 2:
            yield say("days.span", first=str(start), last=str(previous))
        else:
            yield from (str(one) for one in range(start, previous + 1))
        if number is not None:
            start = previous = number


def _anchors(told: list[tuple[int, ...]]) -> Iterator[tuple[str, ...]]:
    """Where the link of each line leads: to the first explanation that names it."""
    seen: set[int] = set()
    for numbers in told:
        yield tuple(f"ligne-{number}" for number in numbers if number not in seen)
        seen.update(numbers)


def _sentences(sentences: Iterable[Description], say: Words) -> str:
    return " ".join(_ended(say.text(one)) for one in sentences)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _mentions(invoice: Invoice, collection: Collection, issuer: Issuer, say: Words) -> Iterator[str]:
    """What must stand on the page, in small."""
    collector = issuer.collector(invoice.series)
    if collection is Collection.TITRE:
        yield say("mention.titre")
        if issuer.authority:
            yield say("mention.authority", name=issuer.authority, capacity=issuer.capacity)
        if collector.budget:
            yield say("mention.budget", budget=collector.budget, year=str(invoice.fiscal_year))
    elif collector.regie:
        yield say("mention.regie", regie=collector.regie, act=collector.act, regisseur=collector.regisseur)
    if issuer.siret:
        yield say("mention.siret", siret=issuer.siret)
    if issuer.vat:
        yield issuer.vat
