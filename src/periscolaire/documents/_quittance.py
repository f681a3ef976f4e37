"""The receipt of a payment (*quittance*): number, payer, sum in figures and words, means, what it settles, régisseur.

A régie gives one for each payment, from numbered counterfoils (instruction codificatrice n° 06-031-A-B-M du 21 avril
2006); the layout is ours, no official template being published.
"""

from __future__ import annotations

import datetime as dt

from periscolaire.billing import Issuer, Quittance
from periscolaire.documents._model import (
    Addressee,
    Block,
    Document,
    Notice,
    Pairs,
    Paragraph,
    Row,
    Signatures,
    Sums,
    Table,
    Words,
)
from periscolaire.documents._spelled import spelled
from periscolaire.money import EUR, Currency, Money

__all__ = ["quittance_document"]


def quittance_document(
    quittance: Quittance,
    issuer: Issuer,
    addressee: Addressee,
    *,
    currency: Currency = EUR,
    cancelled_on: dt.date | None = None,
    language: str = "fr",
) -> Document:
    """The receipt; one whose payment was rejected says so (``cancelled_on``), and keeps its number."""
    say = Words(language, "quittance")
    collector = issuer.collector(quittance.series)
    amount = say.amount(quittance.amount, currency)
    means = Words(language, "report")(f"means.{quittance.means.name.lower()}")
    pairs = [
        (say("received_on"), say.day(quittance.on)),
        (say("payer"), addressee.name),
        (say("means"), means),
        (say("words"), spelled(Money(quittance.amount, currency), language)),
        (say("payment"), str(quittance.payment)),
    ]
    if collector.regie:
        pairs.append((say("regie"), ", ".join(filter(None, (collector.regie, collector.act)))))
    blocks: list[Block] = []
    if cancelled_on is not None:
        blocks.append(Notice((say("cancelled.why"),), say("cancelled", day=cancelled_on)))
    blocks += [Pairs(tuple(pairs)), Sums(((say("amount"), amount),))]
    settled = sum(part for _, part in quittance.settles)
    rows = [Row(((str(invoice),), (say.amount(part, currency),))) for invoice, part in quittance.settles]
    if left := quittance.amount - settled:
        rows.append(Row(((say("advance"),), (say.amount(left, currency),))))
    rows.append(Row(((Words(language, "report")("total"),), (amount,)), "total"))
    blocks += [
        Table((say("settles"), say("part")), (False, True), (3, 1), tuple(rows)),
        Paragraph(say("keep"), small=True),
        Signatures((say("signed", name=collector.regisseur),)),
    ]
    title = say("title", number=quittance.number)
    return Document(
        language, title, issuer, quittance.on, tuple(blocks), addressee, say("series", series=quittance.series)
    )
