"""The linter: what contradicts itself, is missing, or must be decided before a règlement goes live.

Each check is a small function from a règlement to findings; limits are looked at in :mod:`._lint_limits`, prices by
the pricing room. An error must be mended, a warning answered, an information read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import attrs

from periscolaire.catalogue import OtherTariff, Product
from periscolaire.facts import ALWAYS, Op
from periscolaire.pricing import Severity, check_tariffs
from periscolaire.reasons import Description, Parameter
from periscolaire.reglement._lint_billing import BILLING_CHECKS
from periscolaire.reglement._lint_limits import limit_findings, procedure_findings
from periscolaire.reglement._reglement import Reglement

__all__ = ["Finding", "lint"]

Path: TypeAlias = tuple[str | int, ...]


@attrs.frozen
class Finding:
    """One finding: how bad, where in the rules file (keys, positions from 0), and what (code and parameters)."""

    severity: Severity
    path: Path
    description: Description

    @property
    def code(self) -> str:
        """The stable code, such as ``lint.window_never_opens``."""
        return self.description.code


_Found: TypeAlias = Iterator[tuple[Severity, Path, str, dict[str, Parameter]]]


def lint(reglement: Reglement, *, live: bool = False) -> tuple[Finding, ...]:
    """Every finding, in the order of the file. ``live``: what is left ``à décider`` is an error."""
    found: list[Finding] = []
    for check in _CHECKS:
        found += [
            Finding(severity, path, Description(f"lint.{code}", parameters))
            for severity, path, code, parameters in check(reglement)
        ]
    for index, product in enumerate(reglement.products):
        for severity, path, code, parameters in limit_findings(reglement, product):
            where = ("produits", index, *path)
            if live and code == "silent":
                severity = Severity.ERROR
            found.append(Finding(severity, where, Description(f"lint.{code}", parameters)))
    for index, procedure in enumerate(reglement.procedures):
        for severity, path, code, parameters in procedure_findings(reglement, procedure):
            found.append(Finding(severity, ("demarches", index, *path), Description(f"lint.{code}", parameters)))
    prices = check_tariffs(reglement.tariffs, reglement.currency, live=live)
    return (*found, *(Finding(price.severity, price.path, price.description) for price in prices))


def _calendar(reglement: Reglement) -> _Found:
    known = reglement.calendar.known
    if reglement.first_day > known.last or (reglement.last_day is not None and reglement.last_day > known.last):
        yield Severity.WARNING, ("en_vigueur",), "calendar_unknown", {"first": known.first, "last": known.last}
    if reglement.last_day is not None and reglement.last_day < known.first:
        yield Severity.WARNING, ("en_vigueur",), "calendar_unknown", {"first": known.first, "last": known.last}


def _open_questions(reglement: Reglement) -> _Found:
    for index, question in enumerate(reglement.open_questions):
        yield Severity.INFORMATION, ("questions", index), "open_question", {"question": question}


def _names(reglement: Reglement) -> _Found:
    """Products and tariffs that are named and do not exist."""
    products: set[str] = {product.code for product in reglement.products}
    tariffs: set[str] = {tariff.code for tariff in reglement.tariffs}
    for index, product in enumerate(reglement.products):
        path: Path = ("produits", index)
        for key, codes in (("exige", product.requires), ("exclut", product.excludes)):
            for code in codes:
                if code not in products:
                    yield Severity.ERROR, (*path, key), "unknown_product", {"product": code}
        named = reglement.product_tariffs.get(product.code)
        if named is not None and named not in tariffs:
            yield Severity.ERROR, (*path, "tarif"), "unknown_tariff", {"tariff": named}
        for other in _other_tariffs(product):
            if other not in tariffs:
                yield Severity.ERROR, (*path, "reservation"), "unknown_tariff", {"tariff": other}
        if named is None and product.code not in tariffs:
            yield Severity.INFORMATION, path, "no_price", {"product": product.name}
    for index, event in enumerate(reglement.settings.events):
        for name in sorted(event.products or ()):
            if name not in products:
                where = ("calendrier", "evenements", index, "produits")
                yield Severity.ERROR, where, "unknown_product", {"product": name}
    for index, tariff in enumerate(reglement.tariffs):
        for version in tariff.versions:
            for code in version.scope.what:
                if code not in products:
                    yield Severity.ERROR, ("tarifs", index, "assiette", "quoi"), "unknown_product", {"product": code}


def _other_tariffs(product: Product) -> Iterator[str]:
    tables = (product.booking, product.cancellation, product.change or ())
    for tier in (tier for table in tables for rule in table for tier in rule.tiers):
        effects = (tier.effect,) if tier.counter is None else tuple(band.effect for band in tier.counter.bands)
        for effect in effects:
            if isinstance(effect.price, OtherTariff):
                yield effect.price.code


def _absences(reglement: Reglement) -> _Found:
    for index, product in enumerate(reglement.products):
        path: Path = ("produits", index, "absence")
        rows = reglement.absence_policy(product.code).rows
        if not rows:
            if product.needs_booking and reglement.tariff_of(product.code) is not None:
                yield Severity.INFORMATION, path, "absence_silent", {"product": product.name}
            continue
        plain = [row.condition == ALWAYS and row.notified_before is None and row.proof_within is None for row in rows]
        if True not in plain:
            yield Severity.WARNING, (*path, "lignes"), "absence_without_last_row", {}
        elif (first := plain.index(True)) < len(rows) - 1:
            yield Severity.ERROR, (*path, "lignes", first + 1), "absence_row_unreachable", {"row": first + 1}
        for position, row in enumerate(rows):
            if row.effect.value == "à décider":
                yield Severity.WARNING, (*path, "lignes", position), "undecided", {}


def _gates(reglement: Reglement) -> _Found:
    """Gates that can never hold, or that read a fact under two values."""
    for index, product in enumerate(reglement.products):
        codes = [gate.code for gate in product.gates]
        for position, gate in enumerate(product.gates):
            path: Path = ("produits", index, "conditions", position)
            if codes.index(gate.code) < position:
                yield Severity.WARNING, path, "gate_twice", {"gate": gate.code}
            required = {test for test in (gate.requires or ALWAYS).tests if test.op is Op.EQ}
            if required & {test for test in (gate.forbids or ALWAYS).tests if test.op is Op.EQ}:
                yield Severity.ERROR, path, "gate_contradicts", {"gate": gate.code}


def _places(reglement: Reglement) -> _Found:
    """A rule of places without a number; a rule after one that always holds, which is never read."""
    for index, product in enumerate(reglement.products):
        for position, rule in enumerate(product.places):
            if rule.maximum is None:
                yield Severity.WARNING, ("produits", index, "places", position), "places_unsaid", {}
        for position, rule in enumerate(product.places[:-1]):
            if rule.condition == ALWAYS:
                path: Path = ("produits", index, "places", position + 1)
                yield Severity.WARNING, path, "places_unreachable", {}
                break


_CHECKS: tuple[Callable[[Reglement], _Found], ...] = (
    _calendar,
    _open_questions,
    _names,
    _gates,
    _places,
    _absences,
    *BILLING_CHECKS,
)
