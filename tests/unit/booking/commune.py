"""A small commune for the tests of this room: canteen, morning and evening garderie, a Wednesday centre."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from periscolaire.booking import BookingChange, BookingContext, ChangeKind, Reservation, SlotKey, fold
from periscolaire.calendar import ClassDays, TermDays, Weekday
from periscolaire.catalogue import (
    ACCEPT,
    Band,
    Counter,
    Effect,
    LimitRule,
    PaymentMode,
    PlacesRule,
    Product,
    Slot,
    Surcharge,
    Tier,
    Verb,
    parse_limit,
)
from periscolaire.facts import Facts
from periscolaire.frozen import FrozenMap
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.money import parse_decimal
from periscolaire.reglement import CalendarSettings, Reglement

PARIS = ZoneInfo("Europe/Paris")
CLARA, GUILHEM, STRANGER = ChildId("clara"), ChildId("guilhem"), ChildId("nobody")
HOME, OTHER_HOME = HouseholdId("home"), HouseholdId("other home")
CANTINE, MATIN, SOIR, CENTRE = (ProductCode(code) for code in ("cantine", "garderie-matin", "garderie-soir", "centre"))


def limits(text: str) -> tuple[LimitRule, ...]:
    return (LimitRule(parse_limit(text)),)


def at(text: str) -> dt.datetime:
    """An instant, as the commune's clock shows it."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=PARIS)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


CANTEEN = Product(
    code=CANTINE,
    name="Restaurant scolaire",
    open_days=ClassDays(),
    booking=limits("jeudi de la semaine précédente 12:00 ; puis la veille 10:00 : +2,00"),
    cancellation=limits("2 jours ouvrés avant 10:00"),
    places=(PlacesRule(maximum=2),),
    reference="art. 4",
)
MORNING = Product(
    code=MATIN,
    name="Garderie du matin",
    open_days=ClassDays(),
    booking=limits("la veille"),
    cancellation=limits("la veille"),
)
EVENING = Product(
    code=SOIR,
    name="Garderie du soir",
    open_days=ClassDays(),
    booking=limits("la veille"),
    cancellation=limits("la veille"),
    slots=(Slot("court", "Jusqu'à 17:30", 990, 1050), Slot("long", "Jusqu'à 18:30", 990, 1110)),
    requires=(),
)
CENTER = Product(
    code=CENTRE,
    name="Centre du mercredi",
    open_days=TermDays(frozenset({Weekday.WEDNESDAY})),
    booking=limits("3 jours avant"),
    cancellation=limits("jamais"),
    payment=PaymentMode.TO_CONFIRM,
    places=(PlacesRule(maximum=1),),
)


def reglement(*products: Product) -> Reglement:
    return Reglement(
        commune="Trifouillis",
        version="2026-2027",
        first_day=day("2026-09-01"),
        settings=CalendarSettings(zone="B"),
        products=products or (CANTEEN, MORNING, EVENING, CENTER),
    )


RULES = reglement()


def counted(product: Product, free: int) -> Product:
    """``product`` whose late bookings are free ``free`` times, then cost 2 euros more."""
    surcharge = Effect(Verb.ACCEPT, Surcharge(parse_decimal("2,00")))
    counter = Counter("tardives", (Band(1, ACCEPT), Band(free + 1, surcharge)))
    first, second = product.booking[0].tiers
    tiers = (first, Tier(second.limit, counter=counter))
    return attrs.evolve(product, booking=(LimitRule(tiers),))


def facts_of(child: ChildId, on: dt.date) -> Facts:
    return Facts({"school": "Jean Moulin", "class_name": "CE2/CM1", "age": 8, "day": on})


def booked(
    child: ChildId,
    product: ProductCode,
    on: dt.date,
    *kinds: ChangeKind,
    household: HouseholdId = HOME,
    slot: str = "",
    when: dt.datetime | None = None,
) -> Reservation:
    """The reservation that these changes make (a plain booking by default)."""
    moment = when or at("2026-09-02 08:00")
    found = fold(
        BookingChange(
            id=FactId(f"{child}{product}{on}{slot}{rank}"),
            key=SlotKey(child, product, on, slot),
            household=household,
            kind=kind,
            at=moment + dt.timedelta(seconds=rank),
            author="parent",
        )
        for rank, kind in enumerate(kinds or (ChangeKind.BOOK,))
    )
    assert found is not None
    return found


def context(reservations: Iterable[Reservation] = (), **changes: Any) -> BookingContext:
    known = {reservation.key: reservation for reservation in reservations}
    base = BookingContext(HOME, frozenset({CLARA, GUILHEM}), facts_of, FrozenMap(known))
    return attrs.evolve(base, **changes)
