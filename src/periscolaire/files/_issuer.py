"""The issuer's file (``emetteur.toml``): how the commune presents itself on what it prints and sends."""

from __future__ import annotations

import pathlib
from typing import Any

from periscolaire.billing import Collector, Issuer
from periscolaire.files.rules._rules import check_format
from periscolaire.files.toml._forms import IntegerForm, Key, ListForm, Reading, Section, SectionForm, TextForm
from periscolaire.files.toml._locate import locate
from periscolaire.files.toml._text import read_text, read_toml

__all__ = ["ISSUER_FORMAT", "ISSUER_SECTIONS", "load_issuer", "read_issuer"]

ISSUER_FORMAT = 1
_LINES = ListForm(TextForm())


def _text(key: str, name: str, meaning: str, *, required: bool = False) -> Key:
    return Key(key, name, TextForm(), meaning, required=required, default="")


COLLECTOR = Section(
    "encaissement",
    "encaissement",
    "Comment se règlent et se contestent les factures d'une série ; une table par série.",
    (
        _text("serie", "series", "la série de factures", required=True),
        _text("regie", "regie", "le nom de la régie"),
        _text("acte", "act", "l'acte qui l'a créée"),
        _text("regisseur", "regisseur", "le régisseur"),
        _text("ordre", "payable_to", "l'ordre des chèques"),
        _text("guichet", "counter", "où et quand payer sur place"),
        _text("iban", "iban", "le compte où virer"),
        _text("payfip", "payfip", "le numéro de client PayFiP"),
        _text("comptable", "accountant", "le comptable public à qui payer"),
        Key("adresse_comptable", "accountant_lines", _LINES, "son adresse, ligne par ligne", default=()),
        _text("imputation", "budget", "l'imputation d'un titre"),
        _text("tribunal", "court", "où contester une somme"),
    ),
    Collector,
)

ISSUER = Section(
    "emetteur",
    "émetteur",
    "Qui émet les documents, et comment le joindre.",
    (
        Key("format", "format", IntegerForm(ISSUER_FORMAT, ISSUER_FORMAT), "le format du fichier : 1", required=True),
        _text("commune", "commune", "qui émet : « Mairie du Langon »", required=True),
        _text("service", "service", "le service"),
        Key("adresse", "lines", _LINES, "son adresse, ligne par ligne", default=()),
        _text("telephone", "telephone", "son téléphone"),
        _text("courriel", "email", "son adresse électronique"),
        _text("horaires", "hours", "ses heures d'ouverture"),
        _text("siret", "siret", "le SIRET"),
        _text("portail", "portal", "l'adresse de l'espace famille"),
        _text("ordonnateur", "authority", "nom et prénom de l'ordonnateur"),
        _text("qualite", "capacity", "sa qualité : « maire »"),
        _text("tva", "vat", "une phrase sur la TVA, si la commune en veut une"),
        Key("encaissement", "collectors", ListForm(SectionForm(COLLECTOR)), "une table par série", default=()),
    ),
    lambda format, **values: Issuer(**values),  # the key of the file
)

#: The tables of keys, for the reference.
ISSUER_SECTIONS = (ISSUER, COLLECTOR)


def load_issuer(path: pathlib.Path) -> Issuer:
    """The issuer that the file at ``path`` says.

    :raises BadFileError: every fault, with its line.
    :raises UnknownFormatError: a format that this release does not read.
    """
    return read_issuer(read_text(path), file=str(path))


def read_issuer(text: str, *, file: str = "(texte)") -> Issuer:
    """The issuer that ``text`` says; ``file`` names it in errors. Raises as :func:`load_issuer` does."""
    raw: dict[str, Any] = read_toml(text, file)
    check_format(raw, file, ISSUER_FORMAT, "l'émetteur")
    reading = Reading(file, locate(text))
    issuer = ISSUER.read(raw, (), reading)
    reading.done()
    assert isinstance(issuer, Issuer), "no fault was noted"
    return issuer
