"""The contact page: who answers for which service, where and when."""

from __future__ import annotations

import attrs

from periscolaire.errors import MisuseError
from periscolaire.ids import ProductCode

__all__ = ["Contact", "ContactPage", "OpeningHours"]


@attrs.frozen
class OpeningHours:
    """Opening of a weekday (0 for Monday), in minutes of the wall clock since midnight.

    :raises MisuseError: not a weekday, or it closes before it opens.
    """

    weekday: int
    opens: int
    closes: int

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.weekday <= 6 or not 0 <= self.opens < self.closes <= 24 * 60:
            raise MisuseError(
                f"opening hours: weekday {self.weekday}, {self.opens} to {self.closes}",
                code="contact.hours",
                weekday=self.weekday,
                opens=self.opens,
                closes=self.closes,
            )


@attrs.frozen
class Contact:
    """« Contacts » of the guide: name, commune, address, hours, telephone, e-mail; for all services or some."""

    name: str
    commune: str
    address: tuple[str, ...] = ()
    hours: tuple[OpeningHours, ...] = ()
    telephone: str = ""
    email: str = ""
    products: frozenset[ProductCode] = frozenset()


@attrs.frozen
class ContactPage:
    """All contacts of the commune, in the order of the page."""

    contacts: tuple[Contact, ...] = ()

    def for_product(self, product: ProductCode) -> tuple[Contact, ...]:
        """Those who answer for ``product``; failing any, those who answer for everything."""
        own = tuple(contact for contact in self.contacts if product in contact.products)
        return own or tuple(contact for contact in self.contacts if not contact.products)
