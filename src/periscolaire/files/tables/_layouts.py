"""The CSV files of the house: one table of columns each, from which the documentation is checked."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from periscolaire.clock import instant
from periscolaire.files.tables._csv import Cell, Column, CsvTable
from periscolaire.ids import ChildId, HouseholdId, InvoiceId, PaymentId, ProductCode, SchoolCode
from periscolaire.money import parse_decimal

__all__ = [
    "CSV_TABLES",
    "AttendanceRow",
    "ChildRow",
    "FactRow",
    "HouseholdRow",
    "LocalTime",
    "PaymentRow",
    "ProofRow",
    "RequestRow",
    "describe_csv",
]


@attrs.frozen(order=True)
class LocalTime:
    """An instant as a clerk writes it: by the wall clock of the commune, or with an offset (``+01:00``)."""

    value: dt.datetime

    def at(self, tz: ZoneInfo) -> dt.datetime:
        """The instant in UTC; a wall time that happens twice or never is read as :mod:`periscolaire.clock` says."""
        value = self.value
        if value.tzinfo is not None:
            return value.astimezone(dt.UTC)
        minutes = value.hour * 60 + value.minute
        return instant(value.date(), minutes, tz) + dt.timedelta(seconds=value.second)


@attrs.frozen
class HouseholdRow:
    """A household, with its two adults and the facts declared when it was registered."""

    line: int
    household: HouseholdId
    name: str
    civility_1: str | None = None
    family_name_1: str | None = None
    first_name_1: str | None = None
    email_1: str | None = None
    phone_1: str | None = None
    civility_2: str | None = None
    family_name_2: str | None = None
    first_name_2: str | None = None
    email_2: str | None = None
    phone_2: str | None = None
    address: str | None = None
    postcode: str | None = None
    city: str | None = None
    resident: bool | None = None
    quotient: Decimal | None = None
    first_day: dt.date | None = None


@attrs.frozen
class ChildRow:
    """A child of a household; a child of two households has two lines."""

    line: int
    child: ChildId
    household: HouseholdId
    family_name: str
    first_name: str
    birth_date: dt.date | None = None
    school: SchoolCode | None = None
    grade: str | None = None
    class_name: str | None = None
    pai: bool | None = None
    diet: str | None = None
    first_day: dt.date | None = None
    last_day: dt.date | None = None


@attrs.frozen
class FactRow:
    """Something declared about a household or a child, from a day on."""

    line: int
    subject: str
    fact: str
    first_day: dt.date
    recorded_at: LocalTime
    value: str | None = None
    last_day: dt.date | None = None
    source: str | None = None


@attrs.frozen
class RequestRow:
    """A family asks to book or to cancel."""

    line: int
    at: LocalTime
    child: ChildId
    product: ProductCode
    day: dt.date
    action: str
    channel: str | None = None
    slot: str = ""
    motive: str | None = None
    mode: str | None = None


@attrs.frozen
class AttendanceRow:
    """What the door list says of a child, a product and a day."""

    line: int
    child: ChildId
    product: ProductCode
    day: dt.date
    present: bool
    arrival: dt.time | None = None
    departure: dt.time | None = None
    slot: str = ""
    slot_used: str | None = None
    served: str | None = None
    at: LocalTime | None = None


@attrs.frozen
class ProofRow:
    """A document that justifies an absence."""

    line: int
    child: ChildId
    first_day: dt.date
    last_day: dt.date
    kind: str
    state: str
    received_at: LocalTime
    motive: str | None = None


@attrs.frozen
class PaymentRow:
    """Money received from a household."""

    line: int
    payment: PaymentId
    household: HouseholdId
    amount: Decimal
    means: str
    at: LocalTime
    invoice: InvoiceId | None = None
    reference: str | None = None


_FRENCH_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_TIME = re.compile(r"(\d{1,2})[:h](\d{2})")
_YES_NO: Mapping[str, bool] = {"oui": True, "non": False}


def _read_day(text: str) -> dt.date:
    french = _FRENCH_DAY.fullmatch(text)
    if french is not None:
        day, month, year = map(int, french.groups())
        return dt.date(year, month, day)
    if len(text) != 10:
        raise ValueError(text)
    return dt.date.fromisoformat(text)


def _read_instant(text: str) -> LocalTime:
    day, _, time = text.replace("T", " ").partition(" ")
    if not time:
        raise ValueError(text)
    if _TIME.fullmatch(time):
        return LocalTime(dt.datetime.combine(_read_day(day), _read_time(time)))
    return LocalTime(dt.datetime.combine(_read_day(day), dt.time.fromisoformat(time)))


def _read_time(text: str) -> dt.time:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    hour, minute = map(int, found.groups())
    return dt.time(hour, minute)


def one_of(*words: str) -> Cell:
    """A cell that holds one of ``words``."""

    def read(text: str) -> str:
        if text not in words:
            raise ValueError(text)
        return text

    return Cell(" ou ".join(f"« {word} »" for word in words), read)


def _write_decimal(value: Any) -> str:
    return f"{value:f}".replace(".", ",")


TEXT = Cell("un texte", str)
DAY = Cell("une date : AAAA-MM-JJ ou JJ/MM/AAAA", _read_day, dt.date.isoformat)
INSTANT = Cell(
    "une date et une heure de la commune : AAAA-MM-JJ HH:MM ou JJ/MM/AAAA HH:MM",
    _read_instant,
    lambda value: value.value.isoformat(sep=" "),
)
TIME = Cell("une heure : HH:MM", _read_time, lambda value: value.strftime("%H:%M"))
NUMBER = Cell("un nombre : 612 ou 612,50", parse_decimal, _write_decimal)
WHOLE = Cell("un nombre entier : 12", int)
YES_NO = Cell("« oui » ou « non »", _YES_NO.__getitem__, lambda value: "oui" if value else "non")
CIVILITY = one_of("Madame", "Monsieur")
GRADE = one_of("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2")


def optional(heading: str, field: str, cell: Cell, meaning: str) -> Column:
    """A column that may be left out."""
    return Column(heading, field, cell, meaning, required=False)


CHILD_COLUMN = Column("enfant", "child", TEXT, "code de l'enfant", refers="enfant")
_HOUSEHOLD = Column("foyer", "household", TEXT, "code du foyer", refers="foyer")
PRODUCT_COLUMN = Column("produit", "product", TEXT, "code du produit, dans le fichier de règles", refers="produit")


def _adult(number: int) -> tuple[Column, ...]:
    who = f"responsable {number}"
    return (
        optional(f"civilite_{number}", f"civility_{number}", CIVILITY, f"civilité du {who}"),
        optional(f"nom_{number}", f"family_name_{number}", TEXT, f"nom du {who} (celui du foyer si rien)"),
        optional(f"prenom_{number}", f"first_name_{number}", TEXT, f"prénom du {who} ; rien : pas de {who}"),
        optional(f"courriel_{number}", f"email_{number}", TEXT, f"adresse électronique du {who}"),
        optional(f"telephone_{number}", f"phone_{number}", TEXT, f"téléphone du {who}"),
    )


HOUSEHOLDS = CsvTable(
    "foyers",
    "un foyer payeur, ses responsables, et ce qu'il a déclaré en s'inscrivant",
    HouseholdRow,
    (
        Column("foyer", "household", TEXT, "code du foyer, choisi par la commune"),
        Column("nom", "name", TEXT, "nom du foyer"),
        *_adult(1),
        *_adult(2),
        optional("adresse", "address", TEXT, "adresse"),
        optional("code_postal", "postcode", TEXT, "code postal"),
        optional("ville", "city", TEXT, "ville"),
        optional("resident", "resident", YES_NO, "le foyer habite la commune ; rien : on ne sait pas"),
        optional("quotient", "quotient", NUMBER, "quotient familial ; rien : on ne sait pas"),
        optional("depuis", "first_day", DAY, "jour à partir duquel ces déclarations valent"),
    ),
    unique=("foyer",),
)
CHILDREN = CsvTable(
    "enfants",
    "un enfant d'un foyer ; l'enfant de deux foyers a deux lignes",
    ChildRow,
    (
        Column("enfant", "child", TEXT, "code de l'enfant, choisi par la commune"),
        _HOUSEHOLD,
        Column("nom", "family_name", TEXT, "nom"),
        Column("prenom", "first_name", TEXT, "prénom"),
        optional("naissance", "birth_date", DAY, "date de naissance"),
        optional("ecole", "school", TEXT, "code de l'école"),
        optional("niveau", "grade", GRADE, "niveau : TPS, PS, MS, GS, CP, CE1, CE2, CM1, CM2"),
        optional("classe", "class_name", TEXT, "classe, telle que l'école la nomme (« CE2/CM1 »)"),
        optional("pai", "pai", YES_NO, "projet d'accueil individualisé en vigueur"),
        optional("regime", "diet", TEXT, "régime alimentaire"),
        optional("du", "first_day", DAY, "premier jour dans ce foyer"),
        optional("au", "last_day", DAY, "dernier jour dans ce foyer"),
    ),
    unique=("enfant", "foyer"),
)
FACTS = CsvTable(
    "faits",
    "une déclaration d'un foyer ou d'un enfant, datée : quotient, résidence, PAI, fait propre à la commune",
    FactRow,
    (
        Column("sujet", "subject", TEXT, "code du foyer ou de l'enfant", refers="foyer ou enfant"),
        Column("fait", "fact", TEXT, "mot du vocabulaire des faits (« quotient », « resident »)", refers="fait"),
        optional("valeur", "value", TEXT, "valeur ; rien : ce qui était dit ne vaut plus"),
        Column("du", "first_day", DAY, "premier jour où cela vaut"),
        optional("au", "last_day", DAY, "dernier jour ; rien : jusqu'à nouvel ordre"),
        Column("enregistre_le", "recorded_at", INSTANT, "quand la commune l'a enregistré"),
        optional("source", "source", TEXT, "d'où on le tient (« CAF », « déclaration »)"),
    ),
)
REQUESTS = CsvTable(
    "demandes",
    "une demande de réservation ou d'annulation",
    RequestRow,
    (
        Column("instant", "at", INSTANT, "quand la demande est arrivée"),
        CHILD_COLUMN,
        PRODUCT_COLUMN,
        Column("jour", "day", DAY, "jour du service"),
        Column("action", "action", one_of("réserver", "annuler"), "ce qui est demandé"),
        optional("canal", "channel", TEXT, "par où : « en ligne », « téléphone », « mairie », « écrit »"),
        optional("creneau", "slot", TEXT, "créneau, si le produit en a plusieurs le même jour"),
        optional("motif", "motive", TEXT, "motif, si le règlement le lit"),
        optional("mode", "mode", TEXT, "mode de la réservation, si le règlement en distingue"),
    ),
    unique=("instant", "enfant", "produit", "jour", "action", "creneau"),
)
ATTENDANCE = CsvTable(
    "pointages",
    "ce que la feuille de pointage dit d'un enfant, un jour",
    AttendanceRow,
    (
        CHILD_COLUMN,
        PRODUCT_COLUMN,
        Column("jour", "day", DAY, "jour du service"),
        Column("present", "present", YES_NO, "l'enfant était là"),
        optional("arrivee", "arrival", TIME, "heure d'arrivée"),
        optional("depart", "departure", TIME, "heure de départ"),
        optional("creneau", "slot", TEXT, "créneau réservé, si le produit en a plusieurs le même jour"),
        optional("creneau_utilise", "slot_used", TEXT, "créneau utilisé, s'il diffère"),
        optional("servi", "served", TEXT, "« repas », « panier », « remplacement » ou « aucun »"),
        optional("pointe_le", "at", INSTANT, "quand le pointage a été fait ; rien : au moment de l'import"),
    ),
    unique=("enfant", "produit", "jour", "creneau"),
)
PROOFS = CsvTable(
    "justificatifs",
    "un document qui justifie une absence",
    ProofRow,
    (
        CHILD_COLUMN,
        Column("du", "first_day", DAY, "premier jour d'absence"),
        Column("au", "last_day", DAY, "dernier jour d'absence"),
        Column("nature", "kind", TEXT, "« certificat médical », …"),
        Column("etat", "state", one_of("en attente", "acceptée", "refusée"), "décision de la commune"),
        Column("recu_le", "received_at", INSTANT, "quand la commune l'a reçu"),
        optional("motif", "motive", TEXT, "motif de l'absence, si le règlement le lit"),
    ),
    unique=("enfant", "du", "au", "nature"),
)
PAYMENTS = CsvTable(
    "encaissements",
    "une somme reçue d'un foyer",
    PaymentRow,
    (
        Column("paiement", "payment", TEXT, "numéro du paiement, unique"),
        _HOUSEHOLD,
        Column("montant", "amount", NUMBER, "somme reçue, dans la monnaie de la commune"),
        Column(
            "moyen",
            "means",
            one_of(
                "espèces",
                "chèque",
                "carte",
                "virement",
                "prélèvement",
                "CESU",
                "chèques-vacances",
                "en ligne",
                "compte prépayé",
            ),
            "moyen de paiement",
        ),
        Column("instant", "at", INSTANT, "quand elle a été reçue"),
        optional("facture", "invoice", TEXT, "facture à régler ; rien : la plus ancienne"),
        optional("reference", "reference", TEXT, "numéro de chèque, référence de virement …"),
    ),
    unique=("paiement",),
)

#: Every file by its usual name, in the order in which they are imported.
CSV_TABLES: dict[str, CsvTable[Any]] = {
    table.name: table for table in (HOUSEHOLDS, CHILDREN, FACTS, REQUESTS, ATTENDANCE, PROOFS, PAYMENTS)
}


def describe_csv(table: CsvTable[Any]) -> str:
    """The columns of a file as a table in Markdown, in French."""
    lines = ["| intitulé | obligatoire | contenu | sens |", "| --- | --- | --- | --- |"]
    lines += (
        f"| `{column.heading}` | {'oui' if column.required else 'non'} | {column.cell.expected} | {column.meaning} |"
        for column in table.columns
    )
    if table.unique:
        unique = ", ".join(f"`{heading}`" for heading in table.unique)
        lines.append(f"\nDeux lignes ne peuvent pas avoir les mêmes {unique}.")
    return "\n".join(lines)
