"""What families told: the absences of some days, as a director reads them in the morning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from periscolaire.attendance import AbsenceNotice, latest
from periscolaire.billing.tables._table import ReportTable, column, day, say, span
from periscolaire.ids import ChildId, ProductCode

__all__ = ["absences_table"]


def _same(code: str) -> str:
    return code


def absences_table(
    notices: Iterable[AbsenceNotice],
    first: dt.date,
    last: dt.date,
    *,
    local: Callable[[dt.datetime], dt.datetime],
    product_name: Callable[[ProductCode], str] = _same,
    child_name: Callable[[ChildId], str] = _same,
) -> ReportTable:
    """*Absences signalées*: a row a notice that stands and touches the closed span, with when it was told.

    ``local`` gives an instant the commune's clock. No service named is all of them.
    """
    columns = (
        column("enfant"), column("services"), day("du"), day("au"), column("motif"), day("signalee_le"),
        column("heure"), column("demande"),
    )  # fmt: skip
    standing = (one for one in latest(notices) if not one.withdrawn and one.first <= last and first <= one.last)
    cells = tuple(
        (
            child_name(one.child),
            ", ".join(sorted(map(product_name, one.products or ()))) or say("every_service"),
            one.first,
            one.last,
            one.motive or "",
            local(one.told_at).date(),
            f"{local(one.told_at):%H:%M}",
            say("asked") if one.refund_requested else "",
        )
        for one in sorted(standing, key=lambda one: (one.first, child_name(one.child), one.id))
    )
    return ReportTable("absences", say("title.absences"), span(first, last), columns, cells)
