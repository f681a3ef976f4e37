"""An invoice as a page that a family reads: its lines child by child, then why each costs what it costs."""

from __future__ import annotations

from periscolaire.documents._page import banner, esc, page
from periscolaire.documents._sheet import InvoiceSheet, SheetGroup

__all__ = ["invoice_page"]


def invoice_page(sheet: InvoiceSheet) -> str:
    """The whole page, in the language of ``sheet``."""
    number = dict(sheet.details[:1])
    title = " ".join((sheet.title, *number.values()))
    parts = [
        banner(sheet.letterhead),
        "<main>\n",
        '<address class="addressee">',
        "<br>\n".join(map(esc, (sheet.addressee.name, *sheet.addressee.lines))),
        f"</address>\n<h1>{esc(title)}</h1>\n<dl>\n",
        *(f"<dt>{esc(label)}</dt><dd>{esc(value)}</dd>\n" for label, value in sheet.details[1:]),
        "</dl>\n<table>\n<thead>\n<tr>",
        *(
            f'<th scope="col"{" class=" + chr(34) + "number" + chr(34) if rank > 2 else ""}>{esc(heading)}</th>'
            for rank, heading in enumerate(sheet.headings)
        ),
        "</tr>\n</thead>\n",
        *(_group(group) for group in sheet.groups),
        '</table>\n<table class="sums">\n<tbody>\n',
        *(
            f'<tr><th scope="row">{esc(label)}</th><td class="number">{esc(value)}</td></tr>\n'
            for label, value in sheet.sums
        ),
        '</tbody>\n</table>\n<section class="notice">\n',
        *(f"<p>{esc(notice)}</p>\n" for notice in sheet.notices),
        "</section>\n",
        _why(sheet),
        "</main>\n",
    ]
    return page(title, "".join(parts), language=sheet.language)


def _group(group: SheetGroup) -> str:
    head = f'<tr class="group"><th scope="rowgroup" colspan="5">{esc(group.name)}</th>'
    head += f'<th class="number">{esc(group.total)}</th></tr>\n'
    rows = (
        f'<tr><td><a href="#ligne-{line.number}">{line.number}</a></td>'
        f"<td>{esc(line.product)}<br>{esc(line.what)}</td>"
        f'<td class="days">{esc(line.days)}</td>'
        f'<td class="number">{esc(line.quantity)}</td><td class="number">{esc(line.unit)}</td>'
        f'<td class="number">{esc(line.amount)}</td></tr>\n'
        for line in group.lines
    )
    return f"<tbody>\n{head}{''.join(rows)}</tbody>\n"


def _why(sheet: InvoiceSheet) -> str:
    rows = [
        f'<li id="ligne-{line.number}" value="{line.number}">{esc(" ".join(line.why))}</li>\n'
        for group in sheet.groups
        for line in group.lines
        if line.why
    ]
    return f'<section class="why">\n<h2>{esc(sheet.why_title)}</h2>\n<ol>\n{"".join(rows)}</ol>\n</section>\n'
