"""How one pays, whom one asks, how one contests: the same words on invoices, reminders and notices."""

from __future__ import annotations

import re
from collections.abc import Iterator

from periscolaire.billing import Issuer
from periscolaire.documents._model import Words
from periscolaire.reglement import Collection

__all__ = ["contact_notice", "how_to_contest", "how_to_pay", "payfip_reference"]


def payfip_reference(invoice: str) -> str:
    """The reference of a debt as PayFiP takes it: letters and digits alone (``REGIE2025000027``)."""
    return re.sub(r"[^A-Za-z0-9]", "", invoice)


def how_to_pay(invoice: str, series: str, issuer: Issuer, say: Words) -> Iterator[str]:
    """A sentence for each way to pay that the commune offers; ``invoice`` is what is to be quoted."""
    collector = issuer.collector(series)
    yield say("pay.quote", number=invoice)
    if issuer.portal:
        yield say("pay.portal", portal=issuer.portal)
    if collector.payfip:
        yield say("pay.payfip", client=collector.payfip, reference=payfip_reference(invoice))
    if collector.payable_to:
        yield say("pay.cheque", payable_to=collector.payable_to)
    if collector.iban:
        yield say("pay.transfer", iban=collector.iban, number=invoice)
    if collector.counter:
        yield say("pay.counter", counter=collector.counter)
    if collector.accountant:
        at = ", ".join((collector.accountant, *collector.accountant_lines))
        yield say("pay.accountant", accountant=at)


def contact_notice(issuer: Issuer, say: Words) -> str:
    """Whom to ask when something is wrong, or when it is hard to pay."""
    return say("notice.contact", who=issuer.service or issuer.commune, reached=issuer.reached, hours=issuer.hours)


def how_to_contest(series: str, collection: Collection, issuer: Issuer, say: Words) -> Iterator[str]:
    """Before whom a sum may be contested, and in what time, where the commune says the court.

    A titre: within two months of its receipt (article L1617-5, 1° du CGCT). Otherwise two months from the commune's
    answer (article R421-1 du code de justice administrative), which may be silence (article R421-2).
    """
    court = issuer.collector(series).court
    if court:
        yield say("contest.titre" if collection is Collection.TITRE else "contest.regie", court=court)
