"""A small commune: its règlement, its consumptions, and one call that bills them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from periscolaire.attendance import Booked, Consumption, Notice, ProofState, Seen, Service, outcome_of
from periscolaire.billing import (
    Billed,
    Books,
    FactsOf,
    Options,
    Should,
    delta,
    should_bill,
)
from periscolaire.booking import SlotKey
from periscolaire.calendar import ClassDays
from periscolaire.catalogue import Effect, PaymentMode, Product, Surcharge
from periscolaire.facts import Condition, Facts, Op, Test
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode, TariffCode
from periscolaire.pricing import (
    Band,
    Bands,
    Flat,
    Modified,
    Node,
    Outermost,
    PerUnit,
    Row,
    Rows,
    Tariff,
    TariffVersion,
    Times,
)
from periscolaire.reglement import (
    AbsencePolicy,
    AbsenceRow,
    CalendarSettings,
    CheckingPolicy,
    Consequence,
    Reglement,
    Reglements,
)

__all__ = [
    "ABSENCES",
    "BANDS",
    "CANTEEN",
    "CANTEEN_PRICE",
    "FIRST",
    "GARDERIE",
    "GARDERIE_PRICE",
    "LAST",
    "LATE",
    "MONDAY",
    "bill",
    "books",
    "eaten",
    "facts_of_days",
    "flat",
    "is_",
    "quotients",
    "reglement",
    "week",
]

CANTEEN = ProductCode("cantine")
GARDERIE = ProductCode("garderie")
#: A late booking costs 2,00 more.
LATE = Effect(price=Surcharge(Decimal("2.00")))
MONDAY = dt.date(2026, 1, 5)
FIRST = dt.date(2026, 1, 1)
LAST = dt.date(2026, 1, 31)


def flat(text: str) -> Flat:
    """A price in units of currency."""
    return Flat(Decimal(text))


def is_(fact: str, *values: Any) -> Condition:
    """The fact is one of the values."""
    return Condition((Test(fact, Op.IN, tuple(values)),))


def _at_least(fact: str, value: int) -> Condition:
    return Condition((Test(fact, Op.GE, (value,)),))


BANDS: Node = Bands(
    "quotient",
    (Band(Decimal(600), flat("1.05")), Band(Decimal(1200), flat("2.85")), Band(None, flat("4.10"))),
    missing=Outermost.LAST,
)
CANTEEN_PRICE = TariffVersion(
    first_day=dt.date(2025, 9, 1),
    node=Modified(BANDS, (Times(flat("0.5"), _at_least("rank", 2)),)),
    unplanned=Rows((Row(_at_least("unplanned_rank", 3), flat("11.00")), Row(Condition(), flat("5.50")))),
    reference="art. 5",
)
GARDERIE_PRICE = TariffVersion(first_day=dt.date(2025, 9, 1), node=PerUnit(Decimal(30), flat("1.10")))
ABSENCES = AbsencePolicy((AbsenceRow(Consequence.NOT_DUE, is_("proof", "acceptée"), reference="art. 7"),))


def reglement(
    *,
    version: str = "2025",
    first_day: dt.date = dt.date(2025, 9, 1),
    last_day: dt.date | None = None,
    canteen: TariffVersion = CANTEEN_PRICE,
    garderie: TariffVersion = GARDERIE_PRICE,
    payment: PaymentMode = PaymentMode.CONSUMPTION,
    absence: AbsencePolicy = ABSENCES,
    checking: CheckingPolicy | None = None,
    **more: Any,
) -> Reglement:
    """The règlement of the small commune, with other parts where they are given."""
    return Reglement(
        commune="Essai",
        version=version,
        first_day=first_day,
        last_day=last_day,
        settings=CalendarSettings(zone="B"),
        products=(
            Product(CANTEEN, "Cantine", ClassDays(), kind="restauration", payment=payment),
            Product(GARDERIE, "Garderie", ClassDays(), kind="accueil", payment=payment),
        ),
        tariffs=(Tariff(TariffCode(CANTEEN), (canteen,)), Tariff(TariffCode(GARDERIE), (garderie,))),
        absences=FrozenMap({CANTEEN: absence, GARDERIE: absence}),
        checking=FrozenMap({} if checking is None else {CANTEEN: checking, GARDERIE: checking}),
        **more,
    )


def books(*versions: Reglement) -> Books:
    """The books of these versions, or of the small commune's only one."""
    return Books(Reglements(versions or (reglement(),)))


def eaten(
    child: str,
    day: dt.date,
    *,
    product: ProductCode = CANTEEN,
    household: str = "H1",
    booked: Booked = Booked.CONFIRMED,
    seen: Seen = Seen.PRESENT,
    service: Service = Service.OPEN,
    notice: Notice = Notice.NONE,
    proof: ProofState = ProofState.NONE,
    slot: str = "",
    effect: Effect | None = None,
    **more: Any,
) -> Consumption:
    """A consumption; its outcome is what the table says."""
    return Consumption(
        key=SlotKey(ChildId(child), product, day, slot),
        household=HouseholdId(household),
        outcome=outcome_of(booked, seen, service, notice, proof),
        booked=booked,
        seen=seen,
        service=service,
        notice=notice,
        proof=proof,
        effect=effect,
        facts=(FactId(f"{child}/{product}/{day}/{seen.name}/{proof.name}"),),
        **more,
    )


def week(child: str, first: dt.date = MONDAY, offsets: Iterable[int] = (0, 1, 3, 4)) -> tuple[Consumption, ...]:
    """The canteen on the class days of a week."""
    return tuple(eaten(child, first + dt.timedelta(days=offset)) for offset in offsets)


def quotients(**by_household: int) -> FactsOf:
    """Dated facts that only tell one quotient for each household."""
    return facts_of_days({HouseholdId(name): ((dt.date.min, value),) for name, value in by_household.items()})


def facts_of_days(steps: dict[HouseholdId, tuple[tuple[dt.date, int], ...]]) -> FactsOf:
    """Dated facts that only tell quotients: of each household (first day, value) steps, in order."""

    def facts_of(household: HouseholdId, child: ChildId | None, day: dt.date) -> Facts:
        known = [value for first, value in steps.get(household, ()) if first <= day]
        return Facts(quotient=Decimal(known[-1])) if known else Facts()

    return facts_of


def bill(
    consumptions: Iterable[Consumption],
    facts_of: FactsOf,
    *,
    rules: Books | None = None,
    billed: Billed | None = None,
    first: dt.date = FIRST,
    last: dt.date = LAST,
    on: dt.date = dt.date(2026, 2, 10),
    options: Options | None = None,
) -> tuple[Should, dict[HouseholdId, Any]]:
    """What should be billed, and the lines that bring ``billed`` to it."""
    done = billed if billed is not None else Billed()
    should = should_bill(
        consumptions,
        rules if rules is not None else books(),
        facts_of,
        first=first,
        last=last,
        on=on,
        billed=done,
        options=options if options is not None else Options(),
    )
    return should, delta(should.charges, done, first, last, held=should.held)
