"""Third parties (CCAS, employer): one payer of many families, whose documents are read child by child."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from periscolaire.billing._documents import Invoice, InvoiceLine
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.reglement import Reglements

__all__ = ["gather_lines", "parts_by_child", "third_parties"]


def third_parties(reglements: Reglements) -> tuple[HouseholdId, ...]:
    """The codes of every third party that some tariff makes a payer, in order."""
    return tuple(
        sorted(
            {
                HouseholdId(share.payer)
                for reglement in reglements.versions
                for tariff in reglement.tariffs
                for version in tariff.versions
                for share in version.shares
            }
        )
    )


def parts_by_child(invoices: Iterable[Invoice]) -> dict[ChildId, tuple[Invoice, ...]]:
    """Each document cut into what it says of each child (same identifier and line numbers, the total of the part).

    What has been billed to a third party for one family is then read with that family, and nothing else of it.
    """
    found: dict[ChildId, list[Invoice]] = {}
    for invoice in invoices:
        by_child: dict[ChildId, list[InvoiceLine]] = {}
        for line in invoice.lines:
            if line.child is not None:
                by_child.setdefault(line.child, []).append(line)
        for child, lines in by_child.items():
            part = attrs.evolve(invoice, lines=tuple(lines), total=sum(line.amount for line in lines))
            found.setdefault(child, []).append(part)
    return {child: tuple(parts) for child, parts in found.items()}


def gather_lines(
    families: Iterable[Mapping[HouseholdId, tuple[InvoiceLine, ...]]],
) -> dict[HouseholdId, tuple[InvoiceLine, ...]]:
    """The lines of every payer over all families: a third party's come from many, in order of child."""
    found: dict[HouseholdId, list[InvoiceLine]] = {}
    for lines in families:
        for payer, mine in lines.items():
            found.setdefault(payer, []).extend(mine)
    return {
        payer: tuple(sorted(mine, key=lambda line: (line.child is None, line.child or "", line.number)))
        for payer, mine in sorted(found.items())
    }
