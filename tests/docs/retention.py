"""The tables of the page on personal data, from the code: ``python -m tests.docs.retention`` prints them."""

from __future__ import annotations

from periscolaire.access import RETENTION, Retention
from periscolaire.i18n import text
from periscolaire.operations.families._personal import HOLDINGS, OF_NOBODY
from periscolaire.reasons import Description

_OF_A_FAMILY = {name: holding.fate.value for name, holding in HOLDINGS.items()}


def sources() -> tuple[str, ...]:
    """The grounds that lines name, each once, in the order of the table."""
    return tuple(dict.fromkeys(line.source for line in RETENTION))


def table() -> str:
    """Every line of the table of retention, with what an erasure makes of it."""
    head = "| données | gardées | à compter de | puis | une famille effacée | fondement |\n"
    return head + "| --- | --- | --- | --- | --- | --- |\n" + "\n".join(map(_row, RETENTION))


def grounds() -> str:
    """What the numbers of the table refer to."""
    return "\n".join(f"{rank}. {source[0].upper()}{source[1:]}." for rank, source in enumerate(sources(), start=1))


def nobody() -> str:
    """The kinds that tell of no family."""
    return ", ".join(sorted(text(Description.of(f"store.kind.{name}")) for name in OF_NOBODY))


def _row(line: Retention) -> str:
    erased = _OF_A_FAMILY.get(line.record, "—")
    return (
        f"| {line.label} | {_months(line.months)} | {line.since.value} | {line.fate.value} | {erased} "
        f"| {sources().index(line.source) + 1} |"
    )


def _months(number: int) -> str:
    if number % 12:
        return f"{number} mois"
    return f"{number // 12} {'an' if number == 12 else 'ans'}"


if __name__ == "__main__":
    print(table(), grounds(), nobody(), sep="\n\n")
