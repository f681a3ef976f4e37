"""The invoice run: drafts that can be made again at will, compared with last month, then issued and numbered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

import attrs

from periscolaire.billing._charges import Pending, Presumed
from periscolaire.billing._documents import Draft, Invoice, InvoiceKind, InvoiceLine, Remark, Series
from periscolaire.clock import require_aware
from periscolaire.errors import MisuseError
from periscolaire.frozen import FrozenMap
from periscolaire.ids import HouseholdId, InvoiceId, ProductCode
from periscolaire.money import EUR, Amount, Currency, Money
from periscolaire.reasons import Reason
from periscolaire.reglement import Collection, UncheckedDays

__all__ = [
    "EVERYTHING",
    "Comparison",
    "FinishedRun",
    "Run",
    "Selection",
    "compare",
    "drafts",
    "invoice_id",
    "issue",
    "series_of_document",
]


@attrs.frozen
class Selection:
    """What a run is asked for: some products, sites, series or households; all of them where it says ``None``."""

    products: frozenset[ProductCode] | None = None
    sites: frozenset[str] | None = None
    series: frozenset[str] | None = None
    households: frozenset[HouseholdId] | None = None

    def includes(self, other: Selection) -> bool:
        """Whether it asks for everything that ``other`` asks for."""
        pairs = zip(attrs.astuple(self, recurse=False), attrs.astuple(other, recurse=False), strict=True)
        return all(mine is None or (theirs is not None and theirs <= mine) for mine, theirs in pairs)

    def takes(self, line: InvoiceLine, series: Series) -> bool:
        """Whether it asks for a line of ``series``."""
        return (
            (self.products is None or line.product in self.products)
            and (self.sites is None or line.site in self.sites)
            and (self.series is None or series.code in self.series)
        )

    def tells(self, pending: Pending | Presumed, series: Iterable[Series]) -> bool:
        """Whether it asks for what cannot be billed yet or was presumed, so far as that can be told."""
        asked = [one for one in series if self.series is None or one.code in self.series]
        return (
            (self.products is None or pending.product in self.products)
            and (self.households is None or pending.household in self.households)
            and any(one.products is None or pending.product in one.products for one in asked)
        )


EVERYTHING = Selection()
#: Why a day waits that nobody has checked.
UNCHECKED = "billing.pending.unknown"


@attrs.frozen
class Run:
    """A run of invoices: what it takes, and how its documents are dated.

    ``first`` to ``last`` are the service days whose charges it brings up to date (a run looks back as far as
    ``first``, so that late facts of past months are corrected); ``period_first`` is the first day of the period that
    the invoices bear. ``selection`` limits it. ``unchecked`` says what becomes of families with days to check.
    """

    id: str
    first: dt.date
    last: dt.date
    issued_on: dt.date
    period_first: dt.date | None = None
    currency: Currency = EUR
    author: str = ""
    selection: Selection = EVERYTHING
    unchecked: UncheckedDays = UncheckedDays.REPORT


@attrs.frozen
class FinishedRun:
    """A run that went to its end: what a later one need not look at again, and what it still must.

    ``marks`` say, journal by journal, how far the facts went when it began; ``waiting`` is the oldest day of each
    household that could not be billed then.
    """

    run: Run
    at: dt.datetime
    marks: FrozenMap[str, int] = attrs.field(factory=FrozenMap)
    waiting: FrozenMap[HouseholdId, dt.date] = attrs.field(factory=FrozenMap)

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)


def drafts(
    lines: Mapping[HouseholdId, Sequence[InvoiceLine]],
    series: Iterable[Series],
    run: Run,
    *,
    pending: Iterable[Pending] = (),
) -> tuple[Draft, ...]:
    """The documents that ``lines`` make, in canonical order (payer, series, document reduced).

    For a régie one document a payer and series nets everything: below zero it is a credit note. For titres what is
    taken back is a reduction for each original, apart from what is charged. A document under the minimum of its
    series is carried over: not issued, its keys stay to be billed. ``pending`` becomes remarks of the household's
    document, so that no family is billed for half a month unseen.

    A line goes to the series that names it best; a correction stays in the series of what it corrects. Lines that the
    run was not asked for are left out.

    :raises MisuseError: a product has no series, or two.
    """
    known = tuple(series)
    waiting: dict[HouseholdId, list[Pending]] = {}
    for one in pending:
        waiting.setdefault(one.household, []).append(one)
    made: list[Draft] = []
    asked = run.selection.households
    for payer in sorted(payer for payer in lines if asked is None or payer in asked):
        by_series: dict[str, list[InvoiceLine]] = {}
        for line in lines[payer]:
            found = _series_of(line, known)
            if run.selection.takes(line, found):
                by_series.setdefault(found.code, []).append(line)
        for one_series in known:
            chosen = by_series.get(one_series.code)
            if chosen:
                made.extend(_documents(payer, one_series, chosen, run, waiting.get(payer, [])))
    return tuple(made)


def _series_of(line: InvoiceLine, series: tuple[Series, ...]) -> Series:
    if line.corrects:
        original = series_of_document(line.corrects[0].invoice)
        for one in series:
            if one.code == original:
                return one
    takers = [one for one in series if one.takes(line.product, line.site)]
    best = max((one.precision for one in takers), default=0)
    named = [one for one in takers if one.precision == best]
    if len(named) != 1:
        raise MisuseError(
            f"product {line.product}: expected one series that takes it, found {len(named)}",
            code="run.series_of_product",
            product=line.product,
            n=len(named),
        )
    return named[0]


def _documents(
    payer: HouseholdId, series: Series, lines: list[InvoiceLine], run: Run, pending: list[Pending]
) -> list[Draft]:
    if series.collection is Collection.REGIE:
        return [_document(payer, series, lines, run, pending, None)]
    charged = [line for line in lines if line.quantity > 0]
    reduced: dict[InvoiceId, list[InvoiceLine]] = {}
    for line in lines:
        if line.quantity < 0:
            reduced.setdefault(line.corrects[0].invoice, []).append(line)
    made = [_document(payer, series, charged, run, pending, None)] if charged else []
    made.extend(_document(payer, series, reduced[original], run, [], original) for original in sorted(reduced))
    return made


def _document(
    payer: HouseholdId,
    series: Series,
    lines: list[InvoiceLine],
    run: Run,
    pending: list[Pending],
    original: InvoiceId | None,
) -> Draft:
    total = sum(line.amount for line in lines)
    credit = total < 0 or original is not None
    small = not credit and 0 < total < series.minimum
    blocks = run.unchecked is UncheckedDays.BLOCK
    remarks = [
        Remark(one.reason, error=blocks and one.reason.code == UNCHECKED)
        for one in pending
        if series.products is None or one.product in series.products
    ]
    if small:
        minimum, held = Money(series.minimum, run.currency), Money(total, run.currency)
        remarks.append(Remark(Reason.of("billing.run.carried_over", total=held, minimum=minimum)))
    if credit:
        remarks.append(Remark(Reason.of("billing.run.credit_note", total=Money(total, run.currency))))
    first, last = run.period_first, run.last
    if first is None:
        days = [day for line in lines for day in line.days]
        first, last = min(days), max(days)
    return Draft(
        series=series.code,
        payer=payer,
        lines=tuple(
            line if line.number == number else attrs.evolve(line, number=number)
            for number, line in enumerate(lines, start=1)
        ),
        first_day=first,
        last_day=last,
        kind=InvoiceKind.CREDIT_NOTE if credit else InvoiceKind.INVOICE,
        original=original,
        remarks=tuple(remarks),
        carried_over=small,
    )


def invoice_id(series: str, fiscal_year: int, number: int) -> InvoiceId:
    """The identifier of a document, which is what people read on it: ``CANTINE-2026-000042``."""
    return InvoiceId(f"{series}-{fiscal_year}-{number:06d}")


def series_of_document(invoice: InvoiceId) -> str:
    """The series that the identifier of a document names."""
    return invoice.rsplit("-", 2)[0]


def issue(
    documents: Iterable[Draft],
    series: Series,
    run: Run,
    *,
    next_number: int,
) -> tuple[Invoice, ...]:
    """The drafts of ``series`` as issued, in canonical order, numbered from ``next_number`` without a gap.

    The fiscal year is that of the day of issue. Drafts of other series, and those carried over, are left out.

    :raises MisuseError: a draft is blocked by an error, or the first number is below 1.
    """
    if next_number < 1:
        raise MisuseError(f"series {series.code}: next number {next_number}, expected 1 or more")
    chosen = [draft for draft in documents if draft.series == series.code and not draft.carried_over]
    for draft in chosen:
        if draft.blocked:
            raise MisuseError(
                f"draft of {draft.payer} in {series.code} is blocked: mend its errors first",
                code="run.draft_blocked",
                household=draft.payer,
                series=series.code,
            )
    ordered = sorted(
        chosen, key=lambda draft: (draft.payer, draft.kind is InvoiceKind.CREDIT_NOTE, draft.original or "")
    )
    year = run.issued_on.year
    return tuple(
        Invoice(
            id=invoice_id(series.code, year, number),
            series=series.code,
            fiscal_year=year,
            number=number,
            kind=draft.kind,
            payer=draft.payer,
            first_day=draft.first_day,
            last_day=draft.last_day,
            issued_on=run.issued_on,
            due_on=run.issued_on + dt.timedelta(days=series.due_days),
            lines=draft.lines,
            total=draft.total,
            currency=run.currency,
            regie=series.regie,
            original=draft.original,
            run=run.id,
            author=run.author,
        )
        for number, draft in enumerate(ordered, start=next_number)
    )


@attrs.frozen
class Comparison:
    """What a payer is about to be billed beside what the last run billed them (0: nothing)."""

    payer: HouseholdId
    before: Amount
    now: Amount

    @property
    def difference(self) -> Amount:
        """How much more than last time."""
        return self.now - self.before


def compare(documents: Iterable[Draft], before: Iterable[Invoice]) -> tuple[Comparison, ...]:
    """Every payer of the drafts or of the former invoices, the greatest change first."""
    totals: dict[HouseholdId, list[Amount]] = {}
    for invoice in before:
        totals.setdefault(invoice.payer, [0, 0])[0] += invoice.total
    for draft in documents:
        if not draft.carried_over:
            totals.setdefault(draft.payer, [0, 0])[1] += draft.total
    rows = [Comparison(payer, was, now) for payer, (was, now) in totals.items()]
    return tuple(sorted(rows, key=lambda row: (-abs(row.difference), row.payer)))
