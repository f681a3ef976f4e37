"""A small commune for tests of billing: one canteen, one garderie, households told by their quotient."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal

from periscolaire.attendance import Booked, Consumption, Notice, ProofState, Seen, Service, outcome_of
from periscolaire.billing import Books, FactsOf
from periscolaire.booking import SlotKey
from periscolaire.calendar import ClassDays
from periscolaire.catalogue import Effect, PaymentMode, Product
from periscolaire.facts import Condition, Facts, Op, Test
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode, TariffCode
from periscolaire.pricing import Band, Bands, Flat, Outermost, Tariff, TariffVersion
from periscolaire.reglement import (
    AbsencePolicy,
    AbsenceRow,
    CalendarSettings,
    CheckingPolicy,
    Consequence,
    Reglement,
    Reglements,
)

CANTEEN, GARDERIE = ProductCode("cantine"), ProductCode("garderie")
MONDAY = dt.date(2026, 1, 5)


def flat(text: str) -> Flat:
    return Flat(Decimal(text))


def is_(fact: str, *values: object) -> Condition:
    return Condition((Test(fact, Op.IN, tuple(values)),))  # type: ignore[arg-type]  # the tests hand plain values


CANTEEN_PRICE = TariffVersion(
    first_day=dt.date(2025, 9, 1),
    node=Bands(
        "quotient",
        (Band(Decimal(600), flat("1.00")), Band(Decimal(1200), flat("2.85")), Band(None, flat("4.10"))),
        missing=Outermost.LAST,
    ),
    unplanned=flat("5.50"),
    reference="art. 5",
)
GARDERIE_PRICE = TariffVersion(first_day=dt.date(2025, 9, 1), node=flat("1.90"))
ABSENCES = AbsencePolicy((AbsenceRow(Consequence.NOT_DUE, is_("proof", "acceptée"), reference="art. 7"),))


def product(code: ProductCode, kind: str, payment: PaymentMode = PaymentMode.CONSUMPTION) -> Product:
    return Product(code=code, name=str(code), open_days=ClassDays(), kind=kind, payment=payment)


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
) -> Reglement:
    return Reglement(
        commune="Essai",
        version=version,
        first_day=first_day,
        last_day=last_day,
        settings=CalendarSettings(zone="B"),
        products=(product(CANTEEN, "restauration", payment), product(GARDERIE, "accueil")),
        tariffs=(Tariff(TariffCode("cantine"), (canteen,)), Tariff(TariffCode("garderie"), (garderie,))),
        absences=FrozenMap({CANTEEN: absence}),
        checking=FrozenMap({} if checking is None else {CANTEEN: checking, GARDERIE: checking}),
    )


def books(*versions: Reglement) -> Books:
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
    **more: object,
) -> Consumption:
    key = SlotKey(ChildId(child), product, day, slot)
    return Consumption(
        key=key,
        household=HouseholdId(household),
        outcome=outcome_of(booked, seen, service, notice, proof),
        booked=booked,
        seen=seen,
        service=service,
        notice=notice,
        proof=proof,
        effect=effect,
        facts=(FactId(f"{child}-{product}-{day}-{seen.name}"),),
        **more,  # type: ignore[arg-type]  # the tests name fields of Consumption
    )


def quotients(**by_household: int) -> FactsOf:
    def facts_of(household: HouseholdId, child: ChildId | None, day: dt.date) -> Facts:
        value = by_household.get(str(household))
        return Facts() if value is None else Facts(quotient=Decimal(value))

    return facts_of


def week(child: str, first: dt.date = MONDAY, offsets: Iterable[int] = (0, 1, 3, 4)) -> tuple[Consumption, ...]:
    return tuple(eaten(child, first + dt.timedelta(days=offset)) for offset in offsets)
