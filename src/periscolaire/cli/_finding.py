"""Who and what is meant: a child, a household, an adult, a service, a long code, as a clerk types them."""

from __future__ import annotations

from collections.abc import Iterable

from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.households import Adult, Child, Household
from periscolaire.ids import ChildId, HouseholdId, ProductCode
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglement

__all__ = [
    "check_sites",
    "code_of",
    "find_adult",
    "find_child",
    "find_household",
    "find_payer",
    "find_products",
    "short",
]

_SHORT = 6


def find_child(text: str, uow: UnitOfWork) -> Child:
    """The child of that code, or of that name (« Clara », « Clara Martin »).

    :raises NotFoundError: none.
    :raises MisuseError: several bear that name; the message lists their codes.
    """
    stored = uow.children.find(ChildId(text))
    if stored is not None:
        return stored.model
    wanted = " ".join(text.casefold().split())
    found = [one.model for one in uow.children.stream() if wanted in _names(one.model)]
    if not found:
        raise NotFoundError(f"enfant « {text} » : inconnu ; donnez son code, ou son prénom et son nom")
    if len(found) > 1:
        listed = ", ".join(f"{one.id} ({one.first_name} {one.family_name})" for one in found[:8])
        raise MisuseError(f"enfant « {text} » : plusieurs portent ce nom ; donnez le code : {listed}")
    return found[0]


def _names(child: Child) -> set[str]:
    last = {child.family_name, child.usual_name or child.family_name}
    names = {child.first_name}
    names |= {f"{child.first_name} {name}" for name in last} | {f"{name} {child.first_name}" for name in last}
    return {name.casefold() for name in names}


def find_household(text: str, uow: UnitOfWork) -> Household:
    """The household of that code, or of that name.

    :raises NotFoundError: none.
    :raises MisuseError: several bear that name; the message lists their codes.
    """
    stored = uow.households.find(HouseholdId(text))
    if stored is not None:
        return stored.model
    found = [one.model for one in uow.households.stream() if one.model.name.casefold() == text.strip().casefold()]
    if not found:
        raise NotFoundError(f"foyer « {text} » : inconnu ; donnez son code ou son nom")
    if len(found) > 1:
        listed = ", ".join(
            f"{one.id} ({' et '.join(a.full_name for a in one.adults) or 'sans adulte'})" for one in found[:8]
        )
        raise MisuseError(f"foyer « {text} » : plusieurs portent ce nom ; donnez le code : {listed}")
    return found[0]


def find_payer(text: str, uow: UnitOfWork) -> HouseholdId:
    """Who pays: a household by its code or its name, or the code of a third party that something was invoiced to.

    :raises NotFoundError: none.
    :raises MisuseError: several households bear that name; the message lists their codes.
    """
    return HouseholdId(text) if uow.invoices.of(HouseholdId(text)) else find_household(text, uow).id


def find_adult(text: str, household: Household) -> Adult:
    """The adult of a household by code, first name or whole name.

    :raises NotFoundError: none; the message lists those there are.
    """
    wanted = text.strip().casefold()
    for adult in household.adults:
        if wanted in (adult.id.casefold(), adult.first_name.casefold(), adult.full_name.casefold()):
            return adult
    listed = ", ".join(adult.full_name for adult in household.adults) or "personne"
    raise NotFoundError(f"adulte « {text} » : inconnu dans le foyer {household.id} ; on y trouve {listed}")


def find_products(codes: Iterable[str], reglement: Reglement) -> tuple[ProductCode, ...]:
    """These services by code or by name; all that are booked when none is named.

    :raises NotFoundError: the règlement has none of that name.
    """
    found: list[ProductCode] = []
    for code in codes:
        named = [one for one in reglement.products if code.casefold() in (one.code.casefold(), one.name.casefold())]
        found.append(named[0].code if named else reglement.product(code).code)
    return tuple(found) or tuple(one.code for one in reglement.products if one.needs_booking)


def check_sites(sites: Iterable[str], uow: UnitOfWork) -> None:
    """A site that nobody goes to would choose nothing, in silence.

    :raises NotFoundError: one of ``sites`` is neither a child's school nor the fact *site* of anybody.
    """
    if not (asked := set(sites)):
        return
    known = {str(one.school) for stored in uow.children.stream() for one in stored.model.schoolings if one.school}
    known |= {str(fact.value) for fact in uow.dated_facts.stream() if fact.name == "site"}
    if unknown := sorted(asked - known):
        raise NotFoundError(f"site « {unknown[0]} » : inconnu ; attendu parmi {', '.join(sorted(known)) or 'aucun'}")


def short(code: str) -> str:
    """The end of a long identifier: enough to tell it from others, and to type."""
    return code[-_SHORT:] if len(code) > 2 * _SHORT else code


def code_of(text: str, codes: Iterable[str], what: str) -> str:
    """The identifier that ``text`` is, or is the end of.

    :raises NotFoundError: none.
    :raises MisuseError: several end like this.
    """
    every = list(codes)
    found = [code for code in every if code == text] or [
        code for code in every if len(text) >= 4 and code.casefold().endswith(text.casefold())
    ]
    if not found:
        raise NotFoundError(f"{what} « {text} » : inconnue")
    if len(found) > 1:
        raise MisuseError(f"{what} « {text} » : {len(found)} finissent ainsi ; donnez plus de caractères")
    return found[0]
