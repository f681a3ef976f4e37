"""What the linter says of invoices: series that compete or leave something out, thresholds below the law."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from periscolaire.catalogue import PaymentMode
from periscolaire.money import EUR
from periscolaire.pricing import Severity, Trigger, When
from periscolaire.reasons import Parameter
from periscolaire.reglement._billing import TITRE_THRESHOLD, Collection
from periscolaire.reglement._reglement import Reglement

__all__ = ["BILLING_CHECKS"]

Path: TypeAlias = tuple[str | int, ...]
_Found: TypeAlias = Iterator[tuple[Severity, Path, str, dict[str, Parameter]]]
_LONG = frozenset({When.MONTH, When.TERM, When.SCHOOL_YEAR})
_SERIES: Path = ("facturation", "series")


def _named(reglement: Reglement) -> Iterator[tuple[Path, str]]:
    """All that may stand on an invoice, with its place in the file: products, penalties, fees, books of tickets."""
    named = {
        "produits": [str(one.code) for one in reglement.products],
        "penalites": [one.code for one in reglement.penalties],
        "frais": [one.code for one in reglement.fees],
        "carnets": [one.code for one in reglement.ticket_books],
    }
    for key, codes in named.items():
        for index, code in enumerate(codes):
            yield (key, index), code


def _codes(reglement: Reglement) -> tuple[str, ...]:
    return tuple(code for _, code in _named(reglement))


def _own_codes(reglement: Reglement) -> _Found:
    """What is charged is known by its code: two things of one code would be one."""
    seen: set[str] = set()
    for path, code in _named(reglement):
        if code in seen:
            yield Severity.ERROR, (*path, "code"), "code_taken", {"code": code}
        seen.add(code)


def _series(reglement: Reglement) -> _Found:
    """Every code must go to one series, whatever the site."""
    series, codes = reglement.billing.series, _codes(reglement)
    for index, one in enumerate(series):
        for code in map(str, one.products or ()):
            if code not in codes:
                yield Severity.ERROR, (*_SERIES, index, "produits"), "unknown_product", {"product": code}
        for earlier in series[:index]:
            alike = earlier.precision == one.precision
            sites = earlier.sites is None or one.sites is None or set(earlier.sites) & set(one.sites)
            both = set(map(str, earlier.products or codes)) & set(map(str, one.products or codes))
            if alike and sites and both:
                said: dict[str, Parameter] = {"first": earlier.code, "second": one.code, "product": min(both)}
                yield Severity.ERROR, (*_SERIES, index), "series_compete", said
    if series and not any(one.precision == 0 for one in series):
        everywhere = {str(code) for one in series if one.sites is None for code in one.products or ()}
        for code in codes:
            if code not in everywhere:
                yield Severity.ERROR, _SERIES, "series_missing", {"product": code}


def _thresholds(reglement: Reglement) -> _Found:
    policy, unit = reglement.billing, reglement.currency
    if unit != EUR:
        return
    for index, one in enumerate(policy.all_series):
        low = policy.minimum_of(one, unit) < unit.amount(TITRE_THRESHOLD)
        if policy.collection_of(one) is Collection.TITRE and low:
            path: Path = (*_SERIES, index, "minimum") if one.minimum is not None else ("facturation", "minimum")
            yield Severity.WARNING, path, "titre_threshold", {"series": one.code}


def _packages(reglement: Reglement) -> _Found:
    """A price for longer than a week says what whoever comes or leaves in between owes."""
    for index, product in enumerate(reglement.products):
        tariff = reglement.tariff_of(product.code)
        if tariff is None or product.code in reglement.packages:
            continue
        if any(version.scope.when in _LONG for version in tariff.versions):
            yield Severity.INFORMATION, ("produits", index), "package_silent", {"product": product.name}


def _reminders(reglement: Reglement) -> _Found:
    unpaid = {one.code for one in reglement.penalties if one.trigger is Trigger.UNPAID_INVOICE}
    for index, one in enumerate(reglement.recovery.reminders):
        if one.penalty is not None and one.penalty not in unpaid:
            path: Path = ("impayes", "relances", index, "penalite")
            yield Severity.ERROR, path, "reminder_penalty", {"level": one.level, "penalty": one.penalty}


def _wallets(reglement: Reglement) -> _Found:
    """What is taken from a prepaid account is booked only by whoever has something on it: a gate says how much."""
    for index, product in enumerate(reglement.products):
        conditions = [
            said for gate in product.gates for said in (gate.when, gate.requires, gate.forbids) if said is not None
        ]
        read = {name for said in conditions for name in said.facts_read}
        if product.payment is PaymentMode.WALLET and "account_balance" not in read:
            yield (
                Severity.INFORMATION,
                ("produits", index, "paiement"),
                "wallet_without_gate",
                {"product": product.name},
            )


def _tickets(reglement: Reglement) -> _Found:
    """A ticket pays a day of a product of the rules."""
    codes = {str(one.code) for one in reglement.products}
    for index, one in enumerate(reglement.ticket_books):
        if one.product is None:
            yield Severity.INFORMATION, ("carnets", index), "tickets_serve_nothing", {"book": one.code}
        elif one.product not in codes:
            yield Severity.ERROR, ("carnets", index, "produit"), "unknown_product", {"product": one.product}


BILLING_CHECKS = (_own_codes, _tickets, _wallets, _series, _thresholds, _packages, _reminders)
