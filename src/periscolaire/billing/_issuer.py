"""Who issues documents and who collects: what a family must read on them to know whom to pay, how, and whom to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import attrs

from periscolaire.billing._documents import Series
from periscolaire.errors import MisuseError
from periscolaire.reasons import Description
from periscolaire.reglement import Collection

__all__ = ["Collector", "Issuer", "missing_mentions"]


@attrs.frozen
class Collector:
    """How the invoices of one series are paid and contested. What is empty is not printed.

    ``regie`` and ``act`` name the régie and the act that founded it; ``payable_to`` is whom cheques are made out to;
    ``counter`` says where and when one pays in person; ``payfip`` is the number of the client at the DGFiP;
    ``accountant`` is the *comptable public* with its address; ``budget`` is what a titre is charged to (its
    *imputation*); ``court`` is where a sum may be contested.
    """

    series: str
    regie: str = ""
    act: str = ""
    regisseur: str = ""
    payable_to: str = ""
    counter: str = ""
    iban: str = ""
    payfip: str = ""
    accountant: str = ""
    accountant_lines: tuple[str, ...] = ()
    budget: str = ""
    court: str = ""


@attrs.frozen
class Issuer:
    """The commune as its documents present it: names, address, contacts, who has authority, how each series collects.

    ``authority`` and ``capacity`` are the *ordonnateur* (« Mme Jeanne Martin », « maire »); ``vat`` is a sentence on
    VAT, where the commune chooses to print one.

    :raises MisuseError: two collectors for one series.
    """

    commune: str
    service: str = ""
    lines: tuple[str, ...] = ()
    telephone: str = ""
    email: str = ""
    hours: str = ""
    siret: str = ""
    portal: str = ""
    authority: str = ""
    capacity: str = ""
    vat: str = ""
    collectors: tuple[Collector, ...] = ()

    def __attrs_post_init__(self) -> None:
        series = [one.series for one in self.collectors]
        if len(series) != len(set(series)):
            raise MisuseError(f"issuer {self.commune}: expected one collector a series, found {', '.join(series)}")

    def collector(self, series: str) -> Collector:
        """How that series is collected; one that says nothing when the issuer does not know."""
        return next((one for one in self.collectors if one.series == series), Collector(series))

    @property
    def reached(self) -> str:
        """How the service is reached, on one line."""
        return " · ".join(filter(None, (self.telephone, self.email)))


_Mention: TypeAlias = tuple[str, Callable[[Issuer, Collector], str]]

#: What an *avis des sommes à payer* must hold, by the name of its mention. Surname, first name and capacity of the
#: authority, and the ways and time limit of appeal with the competent court, without which the two months do not run:
#: article L1617-5 (1° and 4°) du CGCT; CAA Versailles, 9 juin 2022, n° 19VE04256. The debtor is told to pay the
#: comptable, and what the sum is charged to: décret n° 2012-1246 du 7 novembre 2012, article 24.
_OF_TITRE: tuple[_Mention, ...] = (
    ("authority", lambda issuer, collector: issuer.authority),
    ("capacity", lambda issuer, collector: issuer.capacity),
    ("court", lambda issuer, collector: collector.court),
    ("accountant", lambda issuer, collector: collector.accountant),
    ("budget", lambda issuer, collector: collector.budget),
)
#: What an invoice of a régie cannot do without to be paid: a régie collects by its own act (articles R1617-1 et
#: suivants du CGCT).
_OF_REGIE: tuple[_Mention, ...] = (("regie", lambda issuer, collector: collector.regie),)


def missing_mentions(issuer: Issuer, series: Series) -> tuple[Description, ...]:
    """What the documents of ``series`` should say and ``issuer`` does not: to be mended before they are sent."""
    collector = issuer.collector(series.code)
    wanted = _OF_TITRE if series.collection is Collection.TITRE else _OF_REGIE
    found = [name for name, said in wanted if not said(issuer, collector)]
    if not issuer.reached:
        found.append("contact")
    return tuple(Description.of(f"issuer.missing.{name}", series=series.code) for name in found)
