"""The door list (*feuille de pointage*) as a page to print: one sheet for each service, site and day.

It holds what whoever stands at the door needs, and no more: names, class, meal, whether there is a PAI (not which).
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable

from periscolaire.booking import DoorRow, SlotKey
from periscolaire.clock import require_aware
from periscolaire.documents._html import Html, element, page
from periscolaire.i18n import text, write
from periscolaire.ids import ProductCode
from periscolaire.reasons import Description, Parameter

__all__ = ["door_list_page"]

_STYLE = """
@page { size: A4 portrait; margin: 12mm; }
* { box-sizing: border-box; }
body { font: 11pt/1.3 "Liberation Sans", Arial, sans-serif; color: #000; background: #fff; margin: 0 auto;
  max-width: 190mm; padding: 4mm; }
section { break-after: page; }
section:last-of-type { break-after: auto; }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 8mm;
  border-bottom: 1.5pt solid #000; padding-bottom: 2mm; margin-bottom: 3mm; }
h1 { font-size: 15pt; margin: 0; }
.where { margin: .5mm 0 0; }
.count { font-size: 13pt; font-weight: bold; text-align: right; white-space: nowrap; }
.count small { display: block; font-size: 9pt; font-weight: normal; }
table { width: 100%; border-collapse: collapse; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
th, td { border: .5pt solid #555; padding: 1.2mm 2mm; text-align: left; vertical-align: middle; }
thead th { background: #eee; font-size: 9pt; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
tbody th { background: #f6f6f6; text-align: left; break-after: avoid;
  -webkit-print-color-adjust: exact; print-color-adjust: exact; }
tbody th span { font-weight: normal; float: right; }
td.n { width: 8mm; text-align: right; color: #444; font-size: 9pt; }
td.box { width: 16mm; text-align: center; }
td.box::before { content: ""; display: inline-block; width: 5mm; height: 5mm; border: 1pt solid #000;
  vertical-align: middle; }
td.hour { width: 22mm; }
td.pai { width: 12mm; text-align: center; font-weight: bold; }
tr.not td { color: #444; font-style: italic; }
footer { margin-top: 3mm; font-size: 9pt; display: flex; justify-content: space-between; gap: 8mm; }
"""


def door_list_page(
    rows: Iterable[DoorRow],
    *,
    commune: str,
    product_name: Callable[[ProductCode], str],
    at: dt.datetime,
    language: str = "fr",
    slot_name: Callable[[SlotKey], str] = lambda key: key.slot,
) -> str:
    """The page, in UTF-8; ``at`` is when the list was read, in the commune's time zone. Every text is escaped.

    :raises MisuseError: ``at`` is naive, or the language is not known.
    """
    require_aware(at)
    say = _Words(language)
    ordered = sorted(rows, key=lambda row: (row.key.day, row.key.product, row.key.slot, row.diner.site))
    sheets = itertools.groupby(ordered, key=lambda row: (row.key.day, row.key.product, row.key.slot, row.diner.site))
    body = [_sheet(list(group), commune, product_name, slot_name, at, say) for _, group in sheets]
    if not body:
        body = [element("p", say("door_list.nobody"))]
    return page(f"{say('door_list.title')} – {commune}", _STYLE, body, language)


class _Words:
    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, code: str, **parameters: Parameter) -> str:
        return text(Description(code, parameters), self.language)

    def write(self, value: object) -> str:
        return write(value, self.language)


def _sheet(
    rows: list[DoorRow],
    commune: str,
    product_name: Callable[[ProductCode], str],
    slot_name: Callable[[SlotKey], str],
    at: dt.datetime,
    say: _Words,
) -> Html:
    first = rows[0]
    expected = [row for row in rows if row.expected]
    others = [row for row in rows if not row.expected]
    packed = sum(row.diner.own_meal for row in expected)
    name = " – ".join(part for part in (product_name(first.key.product), slot_name(first.key)) if part)
    where = " – ".join(part for part in (commune, first.diner.site) if part)
    heading = element(
        "header",
        element("div", element("h1", name), element("p", f"{say.write(first.key.day)} – {where}", class_="where")),
        element(
            "p",
            say("door_list.expected", count=len(expected)),
            *([element("small", say("door_list.own_meals", count=packed))] if packed else []),
            class_="count",
        ),
    )
    columns = ("", "name", "meal", "pai", "present", "hour")
    head = element(
        "thead",
        element("tr", [element("th", say(f"door_list.{one}") if one else "", scope="col") for one in columns]),
    )
    bodies = [
        _group(list(group), say("door_list.class", name=class_name or "–"), say)
        for class_name, group in itertools.groupby(
            sorted(expected, key=_by_class), key=lambda row: row.diner.class_name
        )
    ]
    if others:
        bodies.append(_group(sorted(others, key=_by_class), say("door_list.not_expected"), say))
    footer = element(
        "footer", element("span", say("door_list.read_at", at=at)), element("span", say("door_list.signature"))
    )
    return element("section", heading, element("table", head, *bodies), footer)


def _by_class(row: DoorRow) -> tuple[str, str, str, str]:
    diner = row.diner
    return diner.class_name, diner.last_name.casefold(), diner.first_name.casefold(), diner.child


def _group(rows: list[DoorRow], title: str, say: _Words) -> Html:
    heading = element("tr", element("th", title, element("span", str(len(rows))), colspan="6", scope="rowgroup"))
    return element("tbody", heading, [_row(number, row, say) for number, row in enumerate(rows, start=1)])


def _row(number: int, row: DoorRow, say: _Words) -> Html:
    diner = row.diner
    meal = say("door_list.own_meal") if diner.own_meal else diner.diet
    note = "" if row.expected else f" ({row.state.value}, {diner.class_name or '–'})"
    return element(
        "tr",
        element("td", str(number), class_="n"),
        element("td", element("b", diner.last_name), f" {diner.first_name}{note}"),
        element("td", meal),
        element("td", say("door_list.pai") if diner.pai else "", class_="pai"),
        element("td", class_="box"),
        element("td", class_="hour"),
        class_=None if row.expected else "not",
    )
