"""Cities drawn at random, through their whole life, against another hand.

Files, decisions around every limit, two versions of the règlement, children shared by the week, siblings, a month's
package, a month billed, payments, proofs and corrected checks that arrive late, another month billed, what remains.

``python -m tests.independent.test_random_city 500`` tries that many seeds, beyond those of the suite.
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections import Counter

import attrs
import pytest

from periscolaire.access import Role, StaffActor
from periscolaire.billing import Invoice, balance
from periscolaire.calendar import Span
from periscolaire.households import Custody, EvenOddWeeks
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.operations import bill, import_files, ledger, publish_reglement
from periscolaire.ports import RecordedDecision
from periscolaire.storage import MemoryStore
from tests.independent.random_city import City, Stay, draw, owed, payer_of, rules

CLERK = StaffActor("régisseur", frozenset({Role.ADMINISTRATOR}))
NOW = dt.datetime(2026, 1, 2, 8, tzinfo=dt.UTC)
NOVEMBER, DECEMBER = (
    Span(dt.date(2025, 11, 1), dt.date(2025, 11, 30)),
    Span(dt.date(2025, 12, 1), dt.date(2025, 12, 31)),
)


def table(*rows: str) -> bytes:
    return "".join(f"{row}\n" for row in rows).encode()


@attrs.frozen
class Files:
    """The city as the commune's files: who lives there, what happens, and what is learnt after the first invoices."""

    people: dict[str, bytes]
    life: dict[str, bytes]
    later: dict[str, bytes]


def files(city: City) -> Files:
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
    checked = [_check(stay, stay.present is not stay.misread) for stay in city.stays]
    corrected = [_check(stay, stay.present) for stay in city.stays if stay.misread]
    paid = [
        f"P-{home};{home};2025-12-05 10:00;chèque;{cents // 100},{cents % 100:02}"
        for home, cents in city.paid.items()
        if cents
    ]
    proofs = [_proof(stay) for stay in city.stays if stay.proof is not None]
    people = {
        "foyers": table("foyer;nom;prenom_1;resident;quotient;depuis", *homes),
        "enfants": table("enfant;foyer;nom;prenom", *children),
        "faits": table("sujet;fait;valeur;du;enregistre_le;source", *facts),
    }
    life = {
        "demandes": table("instant;enfant;action;produit;jour", *(line for _, line in sorted(asked))),
        "pointages": table("enfant;produit;jour;present", *checked),
    }
    later = {
        "justificatifs": table("enfant;du;au;nature;etat;recu_le", *dict.fromkeys(proofs)),
        "pointages": table("enfant;produit;jour;present", *corrected),
        "encaissements": table("paiement;foyer;instant;moyen;montant", *paid),
    }
    return Files(people, life, later)


def _check(stay: Stay, present: bool) -> str:
    return f"{stay.child};{stay.product};{stay.day};{'oui' if present else 'non'}"


def _proof(stay: Stay) -> str:
    assert stay.proof_received is not None
    return f"{stay.child};{stay.day};{stay.day};{stay.product};{stay.proof};{stay.proof_received:%Y-%m-%d %H:%M}"


@attrs.frozen
class Life:
    """What came out of a city's life."""

    decisions: tuple[RecordedDecision, ...]
    invoices: tuple[Invoice, ...]
    remaining: dict[str, int]


def computed(city: City) -> Life:
    given = files(city)
    store = MemoryStore()
    with store.unit() as uow:
        for version in range(2):
            publish_reglement(rules(version), uow, actor=CLERK, now=NOW)
        import_files(given.people, uow, actor=CLERK, now=NOW)
        for home in city.homes:
            for child, other in home.shared.items():
                stored = uow.households.get(HouseholdId(other))
                uow.households.save(stored.model.with_child(ChildId(child)), stored.version)
                weeks = EvenOddWeeks(HouseholdId(home.code), HouseholdId(other))
                uow.custodies.append([Custody(ChildId(child), weeks)])
        imported = import_files(given.life, uow, actor=CLERK, now=NOW)
        first, _ = bill(NOVEMBER, uow, actor=CLERK, issued_on=dt.date(2025, 12, 1), now=NOW)
        import_files(given.later, uow, actor=CLERK, now=NOW + dt.timedelta(hours=1))
        second, pending = bill(DECEMBER, uow, actor=CLERK, issued_on=dt.date(2026, 1, 2), now=NOW)
        assert pending == ()
        again, _ = bill(DECEMBER, uow, actor=CLERK, issued_on=dt.date(2026, 1, 3), now=NOW)
        assert again == ()
        entries = ledger(uow, actor=CLERK)
    remaining = {home.code: balance(entries, household=HouseholdId(home.code)).remaining for home in city.homes}
    return Life(imported.decisions, (*first, *second), remaining)


def agree(seed: int) -> None:
    """Every refusal, every cent of every key, and what remains of every household."""
    city = draw(seed, 12)
    life = computed(city)
    cents, refused = owed(city)
    found: Counter[tuple[str, str, str, dt.date]] = Counter()
    for invoice in life.invoices:
        for line in invoice.lines:
            sign = 1 if line.quantity > 0 else -1
            for day in line.days:
                found[str(invoice.payer), str(line.child), str(line.product), day] += sign * line.unit
    assert {key: amount for key, amount in found.items() if amount} == cents
    bookings = [one for one in life.decisions if one.verdict.line.action.value == "réserver"]
    assert {
        (str(one.key.child), str(one.key.product), one.key.day) for one in bookings if one.verdict.refused
    } == refused
    due: Counter[str] = Counter()
    for (payer, *_), amount in cents.items():
        due[payer] += amount
    assert life.remaining == {home.code: due[home.code] - city.paid.get(home.code, 0) for home in city.homes}


@pytest.mark.parametrize("seed", range(4))
def test_two_hands_agree_to_the_cent(seed: int) -> None:
    agree(seed)


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
            kinds["corrected"] += stay.misread
        shared = {child: home for home in city.homes for child in home.shared}
        kinds["shared, in odd weeks"] += sum(
            stay.child in shared and payer_of(shared[stay.child], stay.child, stay.day) != shared[stay.child].code
            for stay in city.stays
        )
        kinds["paid"] += len(city.paid)
        kinds["declared"] += sum(home.declared_on is not None for home in city.homes)
        kinds["without quotient"] += sum(home.quotient is None for home in city.homes)
        assert cents
    del kinds["proof None"]
    assert min(kinds.values()) >= 3, kinds


def test_the_other_hand_imports_nothing_of_the_package() -> None:
    code = "import sys; import tests.independent.random_city; print([m for m in sys.modules if 'periscolaire' in m])"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert printed.stdout.strip() == "[]"


if __name__ == "__main__":
    for number in range(int(sys.argv[1])):
        agree(number)
        print(f"\r{number + 1}", end="", flush=True)
    print(" cities agree")
