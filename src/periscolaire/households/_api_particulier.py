"""The answers of API Particulier (DINUM) about the quotient familial of the CAF and the MSA.

Three shapes are read: v2 CNAF (``quotientFamilial`` by number of allocataire), v2 CNAV (``regime``), and v3
(``data.quotient_familial``). Reading is pure: who calls the API hands over the status and the decoded JSON. Only what
a commune needs is kept (minimisation): the quotient, its source and months, and names with dates of birth so as to
match the file of the family; never the address.
"""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import attrs

from periscolaire.errors import MisuseError
from periscolaire.households._quotient import QuotientSource

__all__ = ["QuotientAnswer", "QuotientFailure", "QuotientPerson", "QuotientRefusal", "read_api_particulier"]

_SOURCES = {"CNAF": QuotientSource.CAF, "CAF": QuotientSource.CAF, "MSA": QuotientSource.MSA}


@attrs.frozen
class QuotientPerson:
    """Somebody of the file: v2 CNAF gives one ``name``, the others a birth name, a used name and first names."""

    name: str
    birth: dt.date | None
    first_names: str | None = None
    used_name: str | None = None


@attrs.frozen
class QuotientAnswer:
    """A quotient: ``month`` is the (year, month) that it applies to, ``computed`` the one it was computed in."""

    value: Decimal
    source: QuotientSource
    month: tuple[int, int]
    computed: tuple[int, int] | None
    beneficiaries: tuple[QuotientPerson, ...]
    children: tuple[QuotientPerson, ...]

    @property
    def valid_from(self) -> dt.date:
        """The first day of the month that it applies to."""
        return dt.date(*self.month, 1)


class QuotientFailure(enum.Enum):
    """Why there is no quotient; only ``NOT_FOUND`` says something about the family."""

    NOT_FOUND = "not_found"
    REFUSED = "refused"  # our request or our rights
    TOO_MANY = "too_many"  # ask again later
    UNAVAILABLE = "unavailable"  # ask again later


@attrs.frozen
class QuotientRefusal:
    """No quotient: ``code`` and ``message`` are those of the API."""

    failure: QuotientFailure
    code: str
    message: str

    @property
    def retry(self) -> bool:
        """Whether to ask again later."""
        return self.failure in (QuotientFailure.TOO_MANY, QuotientFailure.UNAVAILABLE)


def read_api_particulier(status: int, payload: object) -> QuotientAnswer | QuotientRefusal:
    """The quotient of an answer, or why there is none.

    :raises MisuseError: the answer has none of the known shapes (the message says where).
    """
    if not isinstance(payload, Mapping):
        raise MisuseError(f"API Particulier: expected a JSON object, found {type(payload).__name__}")
    if status != 200:
        return _refusal(status, payload)
    data = payload.get("data")
    if isinstance(data, Mapping):
        quotient = _mapping(data, "quotient_familial")
        source, value, year, month = (_field(quotient, key) for key in ("fournisseur", "valeur", "annee", "mois"))
        computed = None
        if "annee_calcul" in quotient and "mois_calcul" in quotient:
            computed = _month(quotient["annee_calcul"], quotient["mois_calcul"])
    else:
        data = payload
        source, value, year, month = (
            payload.get("regime", "CNAF"),
            *(_field(payload, key) for key in ("quotientFamilial", "annee", "mois")),
        )
        computed = None
    if source not in _SOURCES:
        raise MisuseError(f"API Particulier: source {source!r}: expected CNAF or MSA")
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise MisuseError(f"API Particulier: quotient {value!r}: expected a whole number")
    people = (_people(data, key) for key in ("allocataires", "enfants"))
    return QuotientAnswer(Decimal(value), _SOURCES[source], _month(year, month), computed, *people)


def _refusal(status: int, payload: Mapping[str, Any]) -> QuotientRefusal:
    errors = payload.get("errors")
    if isinstance(errors, list) and errors and isinstance(errors[0], Mapping):
        code, message = str(errors[0].get("code", status)), str(errors[0].get("detail") or errors[0].get("title") or "")
    else:
        code, message = str(payload.get("error", status)), str(payload.get("message") or payload.get("reason") or "")
    match status:
        case 404:
            failure = QuotientFailure.NOT_FOUND
        case 429:
            failure = QuotientFailure.TOO_MANY
        case _ if status >= 500:
            failure = QuotientFailure.UNAVAILABLE
        case _ if status >= 400:
            failure = QuotientFailure.REFUSED
        case _:
            raise MisuseError(f"API Particulier: status {status} is neither an answer nor a refusal")
    return QuotientRefusal(failure, code, message)


def _people(data: Mapping[str, Any], key: str) -> tuple[QuotientPerson, ...]:
    return tuple(_person(item) for item in data.get(key) or ())


def _person(item: Mapping[str, Any]) -> QuotientPerson:
    if "nomPrenom" in item:
        return QuotientPerson(str(item["nomPrenom"]), _birth(item.get("dateDeNaissance")))
    if "nom_naissance" in item:
        birth = item.get("date_naissance")
        used = item.get("nom_usage")
        return QuotientPerson(str(item["nom_naissance"]), _iso(birth), item.get("prenoms"), used)
    parts = [str(item.get(f"{part}DateDeNaissance") or "") for part in ("annee", "mois", "jour")]
    used = item.get("nomUsuel", item.get("nomUsage"))
    return QuotientPerson(str(_field(item, "nomNaissance")), _iso("-".join(parts)), item.get("prenoms"), used)


def _birth(text: object) -> dt.date | None:
    digits = str(text or "")
    return _iso(f"{digits[4:]}-{digits[2:4]}-{digits[:2]}") if len(digits) == 8 else None


def _iso(text: object) -> dt.date | None:
    """The date, ``None`` when a part is unknown (« 00 »: people born abroad)."""
    try:
        return dt.date.fromisoformat(str(text))
    except ValueError:
        return None


def _month(year: object, month: object) -> tuple[int, int]:
    if isinstance(year, int) and isinstance(month, int) and 1 <= month <= 12:
        return year, month
    raise MisuseError(f"API Particulier: month {month!r} of {year!r}: expected two whole numbers")


def _field(data: Mapping[str, Any], key: str) -> Any:
    if key not in data:
        raise MisuseError(f"API Particulier: no {key} in the answer (found {', '.join(data)})")
    return data[key]


def _mapping(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    found = _field(data, key)
    if not isinstance(found, Mapping):
        raise MisuseError(f"API Particulier: {key}: expected an object, found {found!r}")
    return found
