"""What commands on a store share: opening it, who acts, how people and products are called."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import attrs
import click

from periscolaire.access import Role, StaffActor
from periscolaire.billing import TariffRef
from periscolaire.calendar import Span
from periscolaire.errors import NotFoundError
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.money import Currency
from periscolaire.operations import published_reglements
from periscolaire.ports import Store, UnitOfWork
from periscolaire.storage import open_store

__all__ = ["Names", "agent_option", "month", "opened", "store_argument"]

F = TypeVar("F", bound=Callable[..., Any])

store_argument = click.argument("base", metavar="BASE")


def agent_option(command: F) -> F:
    """``--agent``: who acts, as facts and the audit trail name them; the command line is an administrator's."""

    def actor(_: click.Context, __: click.Parameter, name: str) -> StaffActor:
        return StaffActor(name, frozenset({Role.ADMINISTRATOR}))

    return click.option("--agent", "actor", default="mairie", show_default=True, callback=actor, help="Qui agit.")(
        command
    )


@contextmanager
def opened(base: str) -> Iterator[Store]:
    """The store at ``base`` (a file of SQLite, or the address of a database), closed at the end."""
    try:
        store = open_store(base)
    except NotFoundError:
        raise NotFoundError(
            f"{base} : base introuvable ; pour la créer : periscolaire import {base} --creer --reglement …"
        ) from None
    try:
        yield store
    finally:
        store.close()


def month(_: click.Context, __: click.Parameter, text: str | None) -> Span | None:
    """A month written ``2025-11`` as its closed span of days."""
    if text is None:
        return None
    if not (found := re.fullmatch(r"(\d{4})-(\d{2})", text)) or not 1 <= int(found[2]) <= 12:
        raise click.BadParameter(f"« {text} » ; attendu un mois, comme 2025-11")
    year, number = int(found[1]), int(found[2])
    return Span(dt.date(year, number, 1), dt.date(year, number, calendar.monthrange(year, number)[1]))


@attrs.frozen
class Names:
    """How a store's children, households and products are called on a screen."""

    uow: UnitOfWork
    currency: Currency

    @classmethod
    def of(cls, uow: UnitOfWork) -> Names:
        """Those of an entered unit of work."""
        return cls(uow, published_reglements(uow).versions[-1].currency)

    def child(self, child: ChildId) -> str:
        """First and last name; the code when the child is not known."""
        found = self.uow.children.find(child)
        return str(child) if found is None else f"{found.model.first_name} {found.model.family_name}"

    def household(self, household: HouseholdId) -> str:
        """The code and the name of a household."""
        found = self.uow.households.find(household)
        return str(household) if found is None else f"{household} {found.model.name}"

    def product(self, product: ProductCode) -> str:
        """The name that the règlement gives."""
        return _products(self.uow).get(product, product)

    def tariff(self, tariff: str) -> str:
        """What the règlement calls a tariff: its label, or the name of the product whose price it is."""
        return _tariffs(self.uow).get(tariff, tariff)

    def act(self, tariff: TariffRef) -> str:
        """The deliberation that voted a version of a tariff, where the règlement says it."""
        for reglement in published_reglements(self.uow).versions:
            found = reglement.tariff(tariff.code) if reglement.version == tariff.reglement else None
            version = found.on(tariff.first_day) if found is not None else None
            if version is not None and version.deliberation:
                return version.deliberation
        return ""


@functools.lru_cache(maxsize=4)
def _tariffs(uow: UnitOfWork) -> dict[str, str]:
    named = dict(_products(uow))
    for reglement in published_reglements(uow).versions:
        for tariff in reglement.tariffs:
            named.update((tariff.code, version.label) for version in tariff.versions if version.label)
    return named


@functools.lru_cache(maxsize=4)
def _products(uow: UnitOfWork) -> dict[str, str]:
    versions = published_reglements(uow).versions
    return {product.code: product.name for version in versions for product in version.products}
