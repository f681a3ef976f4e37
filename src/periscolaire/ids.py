"""Identifiers: ``NewType`` over ``str``, made by an injected factory, never by the domain itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import NewType, TypeAlias

__all__ = [
    "AccountId",
    "AdultId",
    "ChildId",
    "FactId",
    "HouseholdId",
    "IdFactory",
    "InvoiceId",
    "Key",
    "PaymentId",
    "ProductCode",
    "RegieCode",
    "RequestId",
    "SchoolCode",
    "SiteCode",
    "TariffCode",
]

HouseholdId = NewType("HouseholdId", str)
AdultId = NewType("AdultId", str)
ChildId = NewType("ChildId", str)
AccountId = NewType("AccountId", str)
FactId = NewType("FactId", str)
InvoiceId = NewType("InvoiceId", str)
PaymentId = NewType("PaymentId", str)
RequestId = NewType("RequestId", str)
ProductCode = NewType("ProductCode", str)
TariffCode = NewType("TariffCode", str)
SchoolCode = NewType("SchoolCode", str)
SiteCode = NewType("SiteCode", str)
RegieCode = NewType("RegieCode", str)
#: What a caller chooses so that the same command sent twice counts once.
Key = NewType("Key", str)

IdFactory: TypeAlias = Callable[[], str]
