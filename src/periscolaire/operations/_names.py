"""How a store's children, households, products and tariffs are called: what screens, files and letters say."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from periscolaire.billing import TariffRef
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.money import Currency
from periscolaire.operations._reglements import published_reglements
from periscolaire.ports import UnitOfWork
from periscolaire.reasons import Description, Parameter, Reason
from periscolaire.reglement import Reglements

__all__ = ["Names"]


@attrs.frozen(eq=False)
class Names:
    """The names of one entered unit of work. What is not known keeps its code."""

    uow: UnitOfWork
    reglements: Reglements
    products: Mapping[str, str]
    tariffs: Mapping[str, str]

    @classmethod
    def of(cls, uow: UnitOfWork) -> Names:
        """Those of an entered unit of work."""
        reglements = published_reglements(uow)
        products: dict[str, str] = {
            product.code: product.name for version in reglements.versions for product in version.products
        }
        labels: dict[str, str] = {
            tariff.code: version.label
            for reglement in reglements.versions
            for tariff in reglement.tariffs
            for version in tariff.versions
            if version.label
        }
        return cls(uow, reglements, products, {**products, **labels})

    @property
    def currency(self) -> Currency:
        """The commune's."""
        return self.reglements.versions[-1].currency

    def child(self, child: ChildId) -> str:
        """First and last name."""
        found = self.uow.children.find(child)
        return str(child) if found is None else f"{found.model.first_name} {found.model.family_name}"

    def household(self, household: HouseholdId) -> str:
        """The code and the name of a household."""
        found = self.uow.households.find(household)
        return str(household) if found is None else f"{household} {found.model.name}"

    def product(self, product: ProductCode) -> str:
        """The name that the last règlement to have it gives."""
        return self.products.get(product, product)

    def tariff(self, tariff: str) -> str:
        """The label of a tariff, or the name of the product whose price it is."""
        return self.tariffs.get(tariff, tariff)

    def named(self, said: Reason | Description) -> Description:
        """The same with names where it says codes of households, children and products."""
        return Description(said.code, {key: self._named(key, value) for key, value in said.parameters.items()})

    def _named(self, key: str, value: Parameter) -> Parameter:
        if isinstance(value, Description):
            return self.named(value)
        if not isinstance(value, str) or not value:
            return value
        match key:
            case "household":
                return self.household(HouseholdId(value))
            case "child":
                return self.child(ChildId(value))
            case "product":
                return self.product(ProductCode(value))
            case _:
                return value

    def act(self, tariff: TariffRef) -> str:
        """The deliberation that voted a version of a tariff, where the règlement says it."""
        for reglement in self.reglements.versions:
            found = reglement.tariff(tariff.code) if reglement.version == tariff.reglement else None
            version = found.on(tariff.first_day) if found is not None else None
            if version is not None and version.deliberation:
                return version.deliberation
        return ""
