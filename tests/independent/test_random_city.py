"""Cities drawn at random, through the whole line: files, decisions, two months billed, late proofs corrected."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter

import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.billing import Invoice
from periscolaire.calendar import Span
from periscolaire.operations import bill, import_files, publish_reglement
from periscolaire.ports import RecordedDecision
from periscolaire.storage import MemoryStore
from tests.independent.random_city import RULES, City, Stay, draw, owed

CLERK = StaffActor("régisseur", frozenset({Role.ADMINISTRATOR}))
NOW = dt.datetime(2026, 1, 2, 8, tzinfo=dt.UTC)
NOVEMBER, DECEMBER = (
    Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30)),
    Span(dt.date(2025, 12, 1), dt.date(2025, 12, 31)),
)


def table(*rows: str) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


def files(city: City) -> tuple[dict[str, bytes], bytes]:
    """The city as the commune's files, and the proofs, which arrive after the first invoices."""
    homes = [
        f"{home.code};{home.code};Anne;{'oui' if home.resident else 'non'};"
        f"{'' if home.quotient is None else str(home.quotient).replace('.', ',')};2025-09-01"
        for home in city.homes
    ]
    children = [f"{child};{home.code};{home.code};{child}" for home in city.homes for child in home.children]
    facts = [
        f"{home.code};quotient;{home.declared};{home.declared_on};{home.declared_on} 10:00;CAF"
        for home in city.homes
        if home.declared_on is not None
    ]
    asked = [
        (at, f"{at.isoformat()};{stay.child};{action};{stay.product};{stay.day}")
        for stay in city.stays
        for at, action in ((stay.booked_at, "réserver"), (stay.cancelled_at, "annuler"))
        if at is not None
    ]
    checked = [f"{stay.child};{stay.product};{stay.day};{'oui' if stay.present else 'non'}" for stay in city.stays]
    proofs = [_proof(stay) for stay in city.stays if stay.proof is not None]
    return {
        "foyers": table("foyer;nom;prenom_1;resident;quotient;depuis", *homes),
        "enfants": table("enfant;foyer;nom;prenom", *children),
        "faits": table("sujet;fait;valeur;du;enregistre_le;source", *facts),
        "demandes": table("instant;enfant;action;produit;jour", *(line for _, line in sorted(asked))),
        "pointages": table("enfant;produit;jour;present", *checked),
    }, table("enfant;du;au;nature;etat;recu_le", *dict.fromkeys(proofs))


def _proof(stay: Stay) -> str:
    assert stay.proof_received is not None
    return f"{stay.child};{stay.day};{stay.day};{stay.product};{stay.proof};{stay.proof_received:%Y-%m-%d %H:%M}"


def computed(city: City) -> tuple[tuple[RecordedDecision, ...], list[Invoice]]:
    given, proofs = files(city)
    store = MemoryStore()
    with store.unit() as uow:
        publish_reglement(RULES, uow, actor=CLERK, now=NOW)
        imported = import_files(given, uow, actor=CLERK, now=NOW)
        first, _ = bill(NOVEMBER, uow, actor=CLERK, issued_on=dt.date(2025, 12, 1), now=NOW)
        import_files({"justificatifs": proofs}, uow, actor=CLERK, now=NOW)
        second, pending = bill(DECEMBER, uow, actor=CLERK, issued_on=dt.date(2026, 1, 2), now=NOW)
        assert pending == ()
        again, _ = bill(DECEMBER, uow, actor=CLERK, issued_on=dt.date(2026, 1, 3), now=NOW)
        assert again == ()
    return imported.decisions, [*first, *second]


@pytest.mark.parametrize("seed", range(4))
def test_two_hands_agree_to_the_cent(seed: int) -> None:
    city = draw(seed, 12)
    decisions, invoices = computed(city)
    cents, refused = owed(city)
    found: Counter[tuple[str, str, dt.date]] = Counter()
    for invoice in invoices:
        for line in invoice.lines:
            sign = 1 if line.quantity > 0 else -1
            for day in line.days:
                found[str(line.child), str(line.product), day] += sign * line.unit
    assert {key: amount for key, amount in found.items() if amount} == cents
    bookings = [one for one in decisions if one.verdict.line.action.value == "réserver"]
    assert {
        (str(one.key.child), str(one.key.product), one.key.day) for one in bookings if one.verdict.refused
    } == refused


def test_the_cities_show_every_case() -> None:
    """What is compared must be worth it: every way of ending a day, corrections, every product."""
    kinds: Counter[str] = Counter()
    for seed in range(4):
        city = draw(seed, 12)
        cents, refused = owed(city)
        for stay in city.stays:
            kinds["refused"] += (stay.child, stay.product, stay.day) in refused
            kinds["unplanned"] += stay.booked_at is None and stay.present
            kinds["absent"] += stay.booked_at is not None and not stay.present
            kinds["cancelled"] += stay.cancelled_at is not None
            kinds[f"proof {stay.proof}"] += stay.proof is not None
            kinds[stay.product] += 1
        kinds["declared"] += sum(home.declared_on is not None for home in city.homes)
        kinds["without quotient"] += sum(home.quotient is None for home in city.homes)
        assert cents
    del kinds["proof None"]
    assert min(kinds.values()) >= 3, kinds


def test_the_other_hand_imports_nothing_of_the_package() -> None:
    code = "import sys; import tests.independent.random_city; print([m for m in sys.modules if 'periscolaire' in m])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"
