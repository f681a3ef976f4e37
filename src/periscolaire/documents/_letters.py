"""Letters to a family: reminders by levels, what is out of the ordinary before the bill, a new invoice.

Each is a document: sent as the text of a mail, printed as a page, or both.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Callable, Iterable, Sequence

from periscolaire.attendance import Anomaly, AnomalyKind
from periscolaire.billing import DueReminder, Invoice, Issuer, Standing
from periscolaire.documents._days import days_in_words
from periscolaire.documents._model import (
    Addressee,
    Block,
    Document,
    Notice,
    Pairs,
    Paragraph,
    Row,
    Sums,
    Table,
    Words,
)
from periscolaire.documents._paying import contact_notice, how_to_contest, how_to_pay
from periscolaire.errors import MisuseError
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import EUR, Currency
from periscolaire.reglement import Collection, ReminderLevel

__all__ = ["Tone", "anomaly_notice", "invoice_notice", "reminder_letter", "tone_of"]


def _same(code: str) -> str:
    return code


class Tone(enum.Enum):
    """How a reminder speaks: the values name its words."""

    FIRST = "first"
    AGAIN = "again"
    LAST = "last"


def tone_of(level: int, levels: Iterable[ReminderLevel]) -> Tone:
    """The first level asks kindly, the last of several warns of what comes next, those between insist."""
    ladder = sorted(one.level for one in levels)
    if not ladder or level == ladder[0]:
        return Tone.FIRST
    return Tone.LAST if level == ladder[-1] else Tone.AGAIN


def reminder_letter(
    due: Sequence[DueReminder],
    tone: Tone,
    issuer: Issuer,
    addressee: Addressee,
    *,
    series: str,
    on: dt.date,
    answer_days: int = 15,
    currency: Currency = EUR,
    collection: Collection = Collection.REGIE,
    language: str = "fr",
) -> Document:
    """What a household still owes, since when, how to pay, how to contest, whom to call; dated ``on``.

    ``answer_days`` is how long a last notice leaves before the sum is handed to the comptable public.

    :raises MisuseError: nothing is due, or reminders of several households.
    """
    if len({one.household for one in due}) != 1:
        raise MisuseError(f"reminder letter: expected reminders of one household, found {len(due)}")
    say = Words(language, "letter")
    common = Words(language)
    total = sum(one.remaining for one in due)
    until = on + dt.timedelta(days=answer_days)
    rows = [
        Row(
            (
                (one.invoice,),
                (say.day(on - dt.timedelta(days=one.days_late)),),
                (say.number(one.days_late),),
                (say.amount(one.remaining, currency),),
            )
        )
        for one in due
    ]
    headings = tuple(say(f"column.{name}") for name in ("invoice", "due", "late", "left"))
    quoted = say.listed(tuple(str(one.invoice) for one in due))
    blocks: list[Block] = [
        Paragraph(say("dear")),
        Paragraph(say(f"reminder.{tone.value}", count=len(due), amount=say.amount(total, currency), until=until)),
        Table(headings, (False, False, True, True), (2, 1, 1, 1), tuple(rows)),
        Sums(((say("total"), say.amount(total, currency)),)),
        Notice(tuple(how_to_pay(quoted, series, issuer, common)), say("reminder.pay")),
        Paragraph(say("reminder.crossed")),
        Paragraph(say("reminder.hard")),
        Notice((contact_notice(issuer, common), *how_to_contest(series, collection, issuer, common))),
        Paragraph(say("regards")),
    ]
    return Document(
        language, say(f"reminder.{tone.value}.title"), issuer, on, tuple(blocks), addressee, say("on", day=on)
    )


def anomaly_notice(
    anomalies: Sequence[Anomaly],
    issuer: Issuer,
    addressee: Addressee,
    *,
    on: dt.date,
    product_name: Callable[[ProductCode], str] = _same,
    child_name: Callable[[ChildId], str] = _same,
    language: str = "fr",
) -> Document:
    """What was out of the ordinary, child by child, with the last day to answer; before any bill.

    Days that nobody checked are the staff's and are left out.

    :raises MisuseError: nothing that a family is told of, or several households.
    """
    told = [one for one in anomalies if one.kind.is_for_family]
    if len({one.household for one in told}) != 1:
        raise MisuseError(f"notice of anomalies: expected one household, found {len(told)} anomalies")
    say = Words(language, "letter")
    common = Words(language)
    found: dict[tuple[ChildId, ProductCode, AnomalyKind], list[dt.date]] = {}
    for one in told:
        found.setdefault((one.key.child, one.key.product, one.kind), []).append(one.key.day)
    rows = [
        Row(
            (
                (child_name(child),),
                (product_name(product),),
                (say(f"anomaly.{kind.name.lower()}"),),
                (days_in_words(days, common),),
            )
        )
        for (child, product, kind), days in found.items()
    ]
    headings = tuple(say(f"column.{name}") for name in ("child", "service", "seen", "days"))
    until = min(one.appeal_until for one in told)
    blocks: list[Block] = [
        Paragraph(say("dear")),
        Paragraph(say("anomaly.intro")),
        Table(headings, (False, False, False, False), (2, 2, 2, 3), tuple(rows)),
        Notice(
            (say("anomaly.answer", portal=issuer.portal), say("anomaly.otherwise")), say("anomaly.until", day=until)
        ),
        Paragraph(contact_notice(issuer, common)),
        Paragraph(say("regards")),
    ]
    return Document(language, say("anomaly.title"), issuer, on, tuple(blocks), addressee, say("on", day=on))


def invoice_notice(
    invoice: Invoice, where: Standing, issuer: Issuer, addressee: Addressee, *, language: str = "fr"
) -> Document:
    """« Votre facture est disponible »: how much, until when, how to pay."""
    say = Words(language, "letter")
    common = Words(language)
    pairs = [
        (say("column.invoice"), str(invoice.id)),
        (common("period"), common("period.span", first=invoice.first_day, last=invoice.last_day)),
        (common("total"), say.amount(invoice.total, invoice.currency)),
    ]
    if where.left != invoice.total and invoice.total > 0:
        pairs.append((common("left"), say.amount(where.left, invoice.currency)))
    blocks: list[Block] = [Paragraph(say("dear")), Paragraph(say("invoice.intro")), Pairs(tuple(pairs))]
    if where.left > 0:
        title = common("pay.by", due=invoice.due_on, amount=say.amount(where.left, invoice.currency))
        blocks.append(Notice(tuple(how_to_pay(invoice.id, invoice.series, issuer, common)), title))
    elif invoice.total < 0:
        blocks.append(Paragraph(common("notice.credit")))
    else:
        blocks.append(Paragraph(say("invoice.nothing")))
    blocks += [Paragraph(contact_notice(issuer, common)), Paragraph(say("regards"))]
    title = say("invoice.title", number=invoice.id)
    return Document(language, title, issuer, invoice.issued_on, tuple(blocks), addressee)
