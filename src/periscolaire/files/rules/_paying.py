"""How a price is paid in a rules file: deposits, instalments, packages, books of tickets."""

from __future__ import annotations

import re
from decimal import Decimal

import attrs

from periscolaire.files.rules._balance import BALANCE
from periscolaire.files.rules._price_forms import NODE
from periscolaire.files.rules._values import DECIMAL, MONTH_DAY, print_decimal
from periscolaire.files.toml._forms import (
    BoolForm,
    ChoiceForm,
    CodedForm,
    IntegerForm,
    Key,
    ListForm,
    Section,
    TextForm,
)
from periscolaire.money import parse_decimal
from periscolaire.pricing import Deposit, Instalments, TicketBook
from periscolaire.reglement import DayValue, PackageRule, Prorata

__all__ = ["DEPOSIT", "INSTALMENTS", "PACKAGE", "TICKET_BOOK"]

_PERCENT = re.compile(r"(\d+(?:[.,]\d+)?)\s*%")


def _deposit(text: str) -> Deposit:
    """``"30 %"`` or ``"50,00"``."""
    match = _PERCENT.fullmatch(text.strip())
    return Deposit(amount=parse_decimal(text)) if match is None else Deposit(share=parse_decimal(match[1]) / 100)


def _print_deposit(deposit: Deposit) -> str:
    if deposit.share is not None:
        return f"{print_decimal(deposit.share * 100)} %"
    return print_decimal(deposit.amount or Decimal(0))


DEPOSIT = Section(
    "deposit",
    "un acompte",
    "Ce qui est payé pour confirmer, et quand le reste est dû.",
    (
        Key(
            "a_la_reservation",
            "asked",
            CodedForm(_deposit, _print_deposit, "une part (« 30 % ») ou un montant (« 50,00 »)"),
            "part du prix ou montant payé à la réservation",
            '"30 %"',
            required=True,
        ),
        Key("solde", "balance_days", BALANCE, "quand le reste est dû", '"15 jours avant"', default=0),
        Key("remboursable", "refundable", BoolForm(), "rendu en cas d'annulation à temps", "false", default=True),
    ),
    lambda asked, **rest: attrs.evolve(asked, **rest),
    lambda held: {"asked": held, "balance_days": held.balance_days, "refundable": held.refundable},
)


INSTALMENTS = Section(
    "instalments",
    "un échéancier",
    "Un prix payé en plusieurs fois ; les centimes qui restent vont aux premières échéances.",
    (
        Key("nombre", "count", IntegerForm(1), "nombre d'échéances", "10", required=True),
        Key("poids", "weights", ListForm(DECIMAL), "poids de chacune", '["2", "1", "1"]', default=()),
        Key(
            "dates",
            "dates",
            ListForm(MONTH_DAY),
            "dates des échéances, dans l'année scolaire (absentes : une par mois, à partir du premier jour)",
            '["10-10", "01-10", "04-10"]',
            default=(),
        ),
    ),
    Instalments,
)


def _day_value(text: str) -> Decimal | DayValue:
    said = " ".join(text.split())
    return DayValue(said) if said == DayValue.PER_PLANNED_DAY.value else parse_decimal(text)


DAY_VALUE = CodedForm(
    _day_value,
    lambda held: held.value if isinstance(held, DayValue) else print_decimal(held),
    "un montant, comme « 2,10 », ou « prix / jours prévus »",
)


PACKAGE = Section(
    "package",
    "un forfait",
    "Ce qu'un prix à la période devient quand l'enfant arrive ou part en cours de route, ou qu'un jour est excusé.",
    (
        Key("prorata", "prorata", ChoiceForm.of(Prorata),
            "à l'arrivée et au départ : rien à déduire, les jours d'ouverture, ou les mois qui n'ont pas commencé",
            '"jours d\'ouverture"', required=True),
        Key("sortie", "leaving", ChoiceForm.of(Prorata), "au départ, si c'est autrement", '"aucun"'),
        Key("valeur_du_jour", "day_value", DAY_VALUE, "ce que rend un jour d'absence justifiée", '"2,10"'),
    ),
    PackageRule,
)  # fmt: skip


TICKET_BOOK = Section(
    "ticket_book",
    "un carnet",
    "Des repas ou des heures achetés par carnet, utilisés un par un.",
    (
        Key("code", "code", TextForm(), "code du carnet", '"carnet de 10"', required=True),
        Key("taille", "size", IntegerForm(1), "nombre de tickets", "10", required=True),
        Key("prix", "price", NODE, "prix du carnet", '"35,00"', required=True),
        Key("unite", "unit", TextForm(), "ce que vaut un ticket", '"repas"', default="repas"),
        Key(
            "produit",
            "product",
            TextForm("un code de produit"),
            "ce qu'un ticket paie, un jour chacun ; sans cette clé, le carnet a un prix et ne se vend pas",
            '"cantine"',
        ),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    TicketBook,
)
