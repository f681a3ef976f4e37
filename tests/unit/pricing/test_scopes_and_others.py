"""Scopes, penalties, deposits, instalments, ticket books, third parties."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest

from periscolaire.catalogue import Multiple, OtherTariff, Replacement, Surcharge
from periscolaire.errors import MisuseError, UndecidedError
from periscolaire.facts import ALWAYS, Facts
from periscolaire.ids import TariffCode
from periscolaire.money import EUR
from periscolaire.pricing import (
    Deposit,
    Flat,
    FollowUp,
    Instalments,
    Penalty,
    Price,
    PriceKind,
    Pricer,
    Scope,
    Share,
    Subsidy,
    Tariff,
    Term,
    TicketBook,
    Trigger,
    Unpriced,
    When,
    Who,
    parse_modifier,
    parse_price,
    price,
)

from . import saying

DAY = dt.date(2025, 10, 14)
YEAR = (dt.date(2025, 9, 1), dt.date(2026, 7, 3))


@pytest.mark.parametrize(
    ("when", "key", "first", "last"),
    [
        (When.SERVICE, "2025-10-14:cantine", DAY, DAY),
        (When.DAY, "2025-10-14", DAY, DAY),
        (When.WEEK, "2025-S42", dt.date(2025, 10, 13), dt.date(2025, 10, 19)),
        (When.MONTH, "2025-10", dt.date(2025, 10, 1), dt.date(2025, 10, 31)),
        (When.SCHOOL_YEAR, "2025-2026", *YEAR),
        (When.ROLLING_YEAR, "2024-11-03", dt.date(2024, 11, 3), dt.date(2025, 11, 2)),
        (When.ORDER, "commande-7", DAY, DAY),
    ],
)
def test_the_instance_of_a_scope(when: When, key: str, first: dt.date, last: dt.date) -> None:
    scope = Scope(Who.CHILD, when)
    found = scope.instance(DAY, product="cantine", school_year=YEAR, since=dt.date(2023, 11, 3), order="commande-7")
    assert (found.key, found.first, found.last) == (key, first, last)


def test_named_terms_are_not_the_periods_between_holidays() -> None:
    terms = (Term("septembre-décembre", (9, 1), (12, 31)), Term("hiver", (12, 1), (2, 29)))
    scope = Scope(when=When.TERM, terms=terms[:1])
    assert scope.instance(DAY).last == dt.date(2025, 12, 31)
    with pytest.raises(MisuseError, match="no term"):
        scope.instance(dt.date(2026, 1, 5))
    over = Scope(when=When.TERM, terms=terms[1:])
    january = over.instance(dt.date(2028, 1, 5))
    assert (january.first, january.last) == (dt.date(2027, 12, 1), dt.date(2028, 2, 29))


def test_a_scope_says_what_it_needs() -> None:
    with pytest.raises(MisuseError, match="school_year="):
        Scope(when=When.SCHOOL_YEAR).instance(DAY)
    with pytest.raises(MisuseError, match="before the first registration"):
        Scope(when=When.ROLLING_YEAR).instance(DAY, since=dt.date(2026, 1, 1))


def test_a_late_pick_up_is_counted_from_the_limit_once_the_tolerance_is_over() -> None:
    steps = (FollowUp(3, "exclusion possible"), FollowUp(5, "exclusion"))
    penalty = Penalty("retard", Trigger.LATE_PICKUP, Flat(Decimal(10)), dt.time(18, 45), 5, follow_ups=steps)
    assert [penalty.late_minutes(dt.time(18, minute)) for minute in (30, 45, 49, 50, 55)] == [0, 0, 0, 5, 10]
    found = [penalty.follow_up(rank) for rank in (1, 3, 4, 5)]
    assert [step.effect if step else None for step in found] == [
        None,
        "exclusion possible",
        "exclusion possible",
        "exclusion",
    ]
    with pytest.raises(MisuseError, match="no limit"):
        Penalty("perte", Trigger.LOST_ITEM, Flat(Decimal(5))).late_minutes(dt.time(18))


def test_a_deposit_and_its_balance_add_up() -> None:
    assert Deposit(share=Decimal("0.30")).split(12345, EUR) == (3704, 8641)
    assert Deposit(amount=Decimal(50)).split(3000, EUR) == (3000, 0)
    with pytest.raises(MisuseError):
        Deposit()
    with pytest.raises(MisuseError):
        Deposit(share=Decimal(2))


def test_instalments_add_up() -> None:
    assert Instalments(10).split(10_003) == (1001, 1001, 1001, *[1000] * 7)
    assert Instalments(2, (Decimal(3), Decimal(1))).split(100) == (75, 25)
    with pytest.raises(MisuseError):
        Instalments(0)


def test_ticket_books_leave_tickets() -> None:
    book = TicketBook("carnet", 10, Flat(Decimal(35)))
    twelve = book.purchase(12)
    assert (twelve.books, twelve.left) == (2, 8)
    assert (book.purchase(5, held=8).books, book.purchase(5, held=8).left) == (0, 3)
    with pytest.raises(MisuseError):
        book.purchase(-1)


def shares(price_: Price) -> dict[str, int]:
    return {share.payer: share.amount for share in price_.shares}


def test_a_third_party_bears_the_price_not_the_surcharge() -> None:
    version = saying.version("1,26", shares=(Share("CCAS", rate=Decimal("0.5")),))
    assert shares(price(version, Facts())) == {"CCAS": 63, "famille": 63}
    late = price(version, Facts(), form=Surcharge(Decimal("2.50")))
    assert shares(late) == {"CCAS": 63, "famille": 313}
    with_surcharge = saying.version("1,26", shares=(Share("CCAS", rate=Decimal("0.5"), surcharges=True),))
    assert shares(price(with_surcharge, Facts(), form=Surcharge(Decimal("2.50")))) == {"CCAS": 188, "famille": 188}


def test_the_family_may_be_the_one_with_a_fixed_part_and_the_aid_the_rest() -> None:
    parts = (Share("famille", amount=Flat(Decimal("0.50"))), Share("CCAS", rest=True))
    assert shares(price(saying.version("1,26", shares=parts), Facts())) == {"CCAS": 76, "famille": 50}


def test_an_aid_with_a_cap_stops_at_it() -> None:
    version = saying.version("10,00", shares=(Share("CAF", amount=Flat(Decimal(4)), cap=Decimal(100)),))
    assert shares(price(version, Facts(), borne={"CAF": 9800})) == {"CAF": 200, "famille": 800}
    assert shares(price(version, Facts(), borne={"CAF": 10_000})) == {"famille": 1000}


def test_shares_over_the_whole_are_refused() -> None:
    parts = (Share("a", rate=Decimal("0.7")), Share("b", rate=Decimal("0.7")))
    with pytest.raises(MisuseError, match="exceed"):
        price(saying.version("1,00", shares=parts), Facts())
    with pytest.raises(MisuseError, match="one of"):
        Share("a")


def test_a_subsidy_is_reported_and_never_deducted() -> None:
    found = price(saying.version("1,00", subsidies=(Subsidy("1 €", Flat(Decimal(3)), ALWAYS),)), Facts())
    assert (found.amount, found.family_amount) == (100, 100)
    assert [(one.payer, one.amount) for one in found.subsidies] == [("1 €", 300)]


def test_what_the_tier_changes() -> None:
    version = saying.version("5,55")
    late = Tariff(TariffCode("tardif"), (saying.version("7,00"),))
    found = {
        form: price(version, Facts(), form=form, tariffs={"tardif": late})
        for form in (
            Surcharge(Decimal(2)),
            Multiple(Decimal("1.5")),
            Multiple(Decimal("0.5")),
            OtherTariff("tardif"),
            Replacement(Decimal("3.90")),
        )
    }
    assert [one.amount for one in found.values()] == [755, 833, 278, 700, 390]
    assert [part.name for part in found[Surcharge(Decimal(2))].components] == ["prestation", "majoration"]
    assert [part.name for part in found[Multiple(Decimal("0.5"))].components] == ["prestation", "réduction"]


def test_the_other_endings_default_to_the_price_of_the_service() -> None:
    version = saying.version("4,40", unplanned=parse_price("×2"))
    amounts = {kind: price(version, Facts(), kind=kind).amount for kind in PriceKind}
    assert amounts == {
        PriceKind.UNIT: 440,
        PriceKind.UNPLANNED: 880,
        PriceKind.ABSENCE: 440,
        PriceKind.LATE_CANCELLATION: 440,
    }


def test_a_price_that_refers_to_itself_is_refused() -> None:
    with pytest.raises(MisuseError, match="refers to itself"):
        price(saying.version("prix de la prestation"), Facts())


def test_no_price_is_said_with_its_reason() -> None:
    with pytest.raises(UndecidedError, match="quotient"):
        price(saying.version({"taux": "0,0036", "de": "quotient"}), Facts())
    pricer = Pricer([Tariff(TariffCode("t"), (saying.version("1,00"),))])
    found = pricer.price("t", Facts(), dt.date(2020, 1, 1))
    assert isinstance(found, Unpriced)
    assert found.reason.code == "pricing.no_version"
    with pytest.raises(MisuseError, match="expected one of t"):
        pricer.price("x", Facts(), DAY)


def test_a_reference_follows_the_version_in_force_on_the_day() -> None:
    old = saying.version("3,00", last_day=dt.date(2025, 12, 31))
    new = saying.version("4,00")
    new = type(new)(dt.date(2026, 1, 1), new.node)
    capped = saying.version({"montant": "9,00", "puis": [{"maxi": {"prix_de": "avant", "fois": "1,30"}}]})
    pricer = Pricer([Tariff(TariffCode("avant"), (old, new)), Tariff(TariffCode("t"), (capped,))])
    amounts = []
    for day in (DAY, dt.date(2026, 2, 1), DAY):
        found = pricer.price("t", Facts(), day)
        assert isinstance(found, Price)
        amounts.append(found.amount)
    assert amounts == [390, 520, 390]


def test_short_forms_of_modifiers() -> None:
    assert parse_modifier("-10 %") != parse_modifier("+10 %")
    grid = {"montant": "10,00", "puis": ["-10 %", "+2,00", "×2"]}
    assert saying.cents(grid) == 2200
    on_base = {"montant": "10,00", "puis": [{"plus": "-10 %", "sur": "base"}, {"plus": "-10 %", "sur": "base"}]}
    assert saying.cents(on_base) == 800
