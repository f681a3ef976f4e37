"""A document as a tagged PDF, the same bytes each time, through typst (extra ``documents``)."""

from __future__ import annotations

import datetime as dt
import json
from importlib import resources

import attrs

from periscolaire.documents._model import Block, Document
from periscolaire.documents._typeset import typeset
from periscolaire.errors import MisuseError

__all__ = ["as_pdf"]


def as_pdf(document: Document) -> bytes:
    """The document as PDF/UA-1: tagged for screen readers, with fonts of its own; dated by the day it bears.

    :raises MisuseError: typst is not installed.
    """
    try:
        import typst
    except ImportError:
        raise MisuseError(
            "printing a PDF needs typst: pip install 'periscolaire[documents]'", code="document.no_pdf"
        ) from None
    template = (resources.files("periscolaire.documents") / "page.typ").read_bytes()
    midnight = dt.datetime.combine(document.day, dt.time(), tzinfo=dt.UTC)
    made: bytes = typst.compile(
        template,
        format="pdf",
        # What came from outside goes in as data, never as markup.
        sys_inputs={"document": json.dumps(_data(typeset(document)), ensure_ascii=False)},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
        timestamp=int(midnight.timestamp()),
    )
    return made


def _data(document: Document) -> dict[str, object]:
    issuer, addressee = document.issuer, document.addressee
    return {
        "language": document.language,
        "title": document.title,
        "subtitle": document.subtitle,
        "wide": document.wide,
        "day": [document.day.year, document.day.month, document.day.day],
        "head": [
            one
            for one in (
                issuer.commune, issuer.service, *issuer.lines, issuer.telephone, issuer.email, issuer.hours,
            )
            if one
        ],
        "addressee": [addressee.name, *addressee.lines] if addressee is not None else [],
        "blocks": [_tagged(block) for block in document.blocks],
    }  # fmt: skip


def _tagged(block: Block) -> dict[str, object]:
    return {"block": type(block).__name__.lower(), **attrs.asdict(block)}
