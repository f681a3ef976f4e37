"""What the règlements ask of billing: absences, tiers, ranks, scopes, packages, payers, pins, penalties."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from periscolaire.attendance import Booked, Consumption, Notice, Outcome, ProofState, Seen
from periscolaire.billing import (
    Billed,
    Books,
    ChargeKind,
    Incident,
    InvoiceLine,
    Options,
    Reprise,
    Run,
    Series,
    drafts,
    explain,
    gather_lines,
    issue,
    parts_by_child,
    prorata,
    should_bill,
    third_parties,
)
from periscolaire.catalogue import Effect, LimitRule, PaymentMode, Surcharge, Verb, parse_limit
from periscolaire.catalogue import Scope as EffectScope
from periscolaire.facts import Condition, Facts, Op, Test
from periscolaire.frozen import FrozenMap
from periscolaire.households import Payer
from periscolaire.i18n import text
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode
from periscolaire.money import EUR
from periscolaire.pricing import (
    Among,
    Deposit,
    Fee,
    Instalments,
    Measure,
    Node,
    Penalty,
    PenaltyEffect,
    PerUnit,
    Row,
    Rows,
    Schedule,
    Scope,
    Share,
    TariffVersion,
    TotalSpec,
    Trigger,
    When,
    Who,
)
from periscolaire.reglement import (
    AbsencePolicy,
    AbsenceRow,
    Basis,
    BillingPolicy,
    CheckingPolicy,
    Consequence,
    CustodyPrice,
    DayValue,
    Episode,
    EpisodeUnit,
    PackageRule,
    Prorata,
    Unchecked,
    UnknownAbsence,
)
from periscolaire.testing.billing import (
    CANTEEN,
    FIRST,
    GARDERIE,
    LAST,
    LATE,
    MONDAY,
    bill,
    books,
    eaten,
    flat,
    is_,
    quotients,
    reglement,
    week,
)

H1, H2 = HouseholdId("H1"), HouseholdId("H2")
FACTS = quotients(H1=500, H2=5000)
TUESDAY = MONDAY + dt.timedelta(days=1)
THURSDAY = MONDAY + dt.timedelta(days=3)
YEAR = dt.date(2025, 9, 1)


def totals(lines: Mapping[HouseholdId, Iterable[InvoiceLine]]) -> dict[str, int]:
    return {str(payer): sum(line.amount for line in mine) for payer, mine in lines.items()}


def tariff(node: Node, **more: Any) -> TariffVersion:
    return TariffVersion(first_day=YEAR, node=node, **more)


class TestAbsence:
    def test_a_late_booking_that_did_not_come_keeps_its_tier(self) -> None:
        absent = eaten("A", MONDAY, booked=Booked.CONFIRMED_LATE, seen=Seen.ABSENT, effect=LATE)
        assert totals(bill([absent], FACTS)[1]) == {"H1": 105 + 200}

    def test_an_absence_price_of_its_own_takes_no_tier(self) -> None:
        rules = books(reglement(canteen=tariff(flat("3.00"), absence=flat("7.00"))))
        absent = eaten("A", MONDAY, booked=Booked.CONFIRMED_LATE, seen=Seen.ABSENT, effect=LATE)
        assert totals(bill([absent], FACTS, rules=rules)[1]) == {"H1": 700}

    def test_a_row_may_carry_over_or_be_undecided(self) -> None:
        policy = AbsencePolicy(
            (
                AbsenceRow(Consequence.CARRIED_OVER, is_("motive", "grève")),
                AbsenceRow(Consequence.UNDECIDED, is_("motive", "voyage")),
                AbsenceRow(Consequence.DUE, price=flat("0.50"), reference="art. 9"),
            )
        )
        days = [
            eaten("A", MONDAY, seen=Seen.ABSENT, motive="grève"),
            eaten("A", TUESDAY, seen=Seen.ABSENT, motive="voyage"),
            eaten("A", THURSDAY, seen=Seen.ABSENT, motive="autre"),
        ]
        should, lines = bill(days, FACTS, rules=books(reglement(absence=policy)))
        assert should.carried_over == ()  # nothing was paid: it is just not due
        assert [one.reason.code for one in should.pending] == ["billing.pending.undecided"]
        (line,) = lines[H1]
        assert (line.amount, line.reference) == (50, "art. 9")

    @pytest.mark.parametrize(("unknown", "billed"), [(UnknownAbsence.PROVISIONALLY_DUE, 105), (UnknownAbsence.WAIT, 0)])
    def test_a_pending_proof_is_due_for_now_or_waits(self, unknown: UnknownAbsence, billed: int) -> None:
        policy = AbsencePolicy((AbsenceRow(Consequence.NOT_DUE, is_("proof", "acceptée")),), unknown=unknown)
        day = eaten("A", MONDAY, seen=Seen.ABSENT, proof=ProofState.PENDING)
        should, lines = bill([day], FACTS, rules=books(reglement(absence=policy)))
        assert totals(lines).get("H1", 0) == billed
        assert [charge.provisional for charge in should.charges] == [True] * bool(billed)
        assert len(should.pending) == (not billed)

    def test_the_first_day_of_an_episode_is_due_and_presence_cuts_it(self) -> None:
        # Languidic: {rang = 1 -> dû}, {non dû}
        policy = AbsencePolicy(
            (
                AbsenceRow(Consequence.DUE, Condition((Test("absence_rank", Op.LE, (1,)),))),
                AbsenceRow(Consequence.NOT_DUE),
            )
        )
        offsets = {0: Seen.ABSENT, 1: Seen.ABSENT, 3: Seen.PRESENT, 4: Seen.ABSENT, 7: Seen.ABSENT}
        days = [eaten("A", MONDAY + dt.timedelta(days=offset), seen=seen) for offset, seen in offsets.items()]
        should, _ = bill(days, FACTS, rules=books(reglement(absence=policy)))
        due = sorted(
            instance.day
            for charge in should.charges
            if charge.outcome is Outcome.ABSENCE
            for instance in charge.instances
        )
        assert due == [MONDAY, MONDAY + dt.timedelta(days=4)]

    @pytest.mark.parametrize(
        ("unit", "longest"),
        [(EpisodeUnit.BOOKED, 3), (EpisodeUnit.OPEN, 4), (EpisodeUnit.CALENDAR, 5), (EpisodeUnit.WEEKS, 1)],
    )
    def test_an_episode_is_counted_in_the_days_that_the_text_says(self, unit: EpisodeUnit, longest: int) -> None:
        # Absent on Monday, Thursday and Friday; Tuesday is open and not booked.
        def rows(length: int) -> AbsencePolicy:
            long = Condition((Test("absence_length", Op.GE, (length,)),))
            return AbsencePolicy((AbsenceRow(Consequence.NOT_DUE, long),), episode=Episode(unit))

        days = [eaten("A", MONDAY + dt.timedelta(days=offset), seen=Seen.ABSENT) for offset in (0, 3, 4)]
        excused = bill(days, FACTS, rules=books(reglement(absence=rows(longest))))[1]
        due = bill(days, FACTS, rules=books(reglement(absence=rows(longest + 1))))[1]
        assert (totals(excused), totals(due)) == ({}, {"H1": 315})

    @pytest.mark.parametrize(("told", "amount"), [("09:59", 0), ("10:00", 210)])
    def test_a_limit_counts_from_the_first_day_of_the_absence(self, told: str, amount: int) -> None:
        # Boisemont: told before 10:00 on the first day, the days that follow are not due.
        early = (LimitRule(parse_limit("le premier jour d'absence 10:00")),)
        row = AbsenceRow(Consequence.NOT_DUE, Condition((Test("absence_rank", Op.GT, (1,)),)), notified_before=early)
        policy = AbsencePolicy((row,))
        paris = ZoneInfo("Europe/Paris")
        at = dt.datetime.combine(MONDAY, dt.time.fromisoformat(told), paris).astimezone(dt.UTC)
        days = [
            eaten("A", MONDAY + dt.timedelta(days=n), seen=Seen.ABSENT, notice=Notice.TOLD, told_at=at) for n in (0, 1)
        ]
        _, lines = bill(days, FACTS, rules=books(reglement(absence=policy)))
        assert totals(lines) == {"H1": 105 if amount == 0 else amount}

    def test_a_late_cancellation_may_leave_a_share(self) -> None:
        half = Effect(Verb.DUE, share=Decimal("0.5"))
        day = eaten("A", MONDAY, booked=Booked.CANCELLED_LATE, seen=Seen.ABSENT, effect=half, notice=Notice.TOLD)
        assert totals(bill([day], FACTS)[1]) == {"H1": 53}  # 1,05 / 2 rounded half up


class TestUnknown:
    @pytest.mark.parametrize(
        ("policy", "amount"), [(Unchecked.PRESENT, 105), (Unchecked.ABSENT, 105), (Unchecked.WAIT, 0)]
    )
    def test_the_policy_speaks_after_its_delay(self, policy: Unchecked, amount: int) -> None:
        rules = books(reglement(checking=CheckingPolicy(policy, delay_days=5)))
        day = eaten("A", MONDAY, seen=Seen.UNCHECKED)
        early, none = bill([day], FACTS, rules=rules, on=MONDAY + dt.timedelta(days=5))
        assert (len(early.pending), none) == (1, {})
        late, lines = bill([day], FACTS, rules=rules, on=MONDAY + dt.timedelta(days=6))
        assert totals(lines).get("H1", 0) == amount
        assert len(late.pending) == (policy is Unchecked.WAIT)
        if amount:
            wanted = Outcome.AS_BOOKED if policy is Unchecked.PRESENT else Outcome.ABSENCE
            assert late.charges[0].outcome is wanted
            assert [(one.household, one.child, one.product, one.day, one.outcome) for one in late.presumed] == [
                (H1, "A", CANTEEN, MONDAY, wanted)
            ]
        checked, _ = bill([eaten("A", MONDAY)], FACTS, rules=rules, on=MONDAY + dt.timedelta(days=6))
        assert (early.presumed, checked.presumed) == ((), ())

    def test_what_was_billed_stands_while_it_is_unknown_again(self) -> None:
        _, lines = bill(week("A"), FACTS)
        run = Run("r", FIRST, LAST, dt.date(2026, 2, 10))
        done = Billed(issue(drafts(lines, [Series("P")], run), Series("P"), run, next_number=1))
        again = [eaten("A", MONDAY, seen=Seen.UNCHECKED), *week("A")[1:]]
        should, more = bill(again, FACTS, billed=done)
        assert (len(should.pending), more) == (1, {})

    def test_bookings_are_enough_where_nobody_calls_the_roll(self) -> None:
        rules = books(reglement(checking=CheckingPolicy(basis=Basis.BOOKING)))
        assert totals(bill([eaten("A", MONDAY, seen=Seen.UNCHECKED)], FACTS, rules=rules)[1]) == {"H1": 105}

    def test_only_presence_counts_where_the_text_says_so(self) -> None:
        rules = books(reglement(checking=CheckingPolicy(basis=Basis.PRESENCE)))
        days = [eaten("A", MONDAY, seen=Seen.ABSENT), eaten("A", TUESDAY, booked=Booked.NONE)]
        assert totals(bill(days, FACTS, rules=rules)[1]) == {"H1": 105}

    def test_a_contested_day_waits(self) -> None:
        days = week("A")
        should, lines = bill(days, FACTS, options=Options(contested=frozenset({days[0].key})))
        assert [one.reason.code for one in should.pending] == ["billing.pending.contested"]
        assert totals(lines) == {"H1": 315}


class TestPrepaid:
    def test_what_is_paid_at_booking_is_billed_before_the_day_and_trued_up(self) -> None:
        rules = books(reglement(payment=PaymentMode.AT_VALIDATION))
        booked = [eaten("A", MONDAY, seen=Seen.UNCHECKED)]
        should, lines = bill(booked, FACTS, rules=rules, on=dt.date(2025, 12, 15))
        assert (totals(lines), should.charges[0].provisional) == ({"H1": 105}, True)
        run = Run("r", FIRST, LAST, dt.date(2025, 12, 15))
        done = Billed(issue(drafts(lines, [Series("P")], run), Series("P"), run, next_number=1))
        assert bill([eaten("A", MONDAY)], FACTS, rules=rules, billed=done)[1] == {}
        cancelled = [eaten("A", MONDAY, booked=Booked.CANCELLED, seen=Seen.ABSENT)]
        assert totals(bill(cancelled, FACTS, rules=rules, billed=done)[1]) == {"H1": -105}

    def test_a_paid_day_that_is_carried_over_stands_and_pays_another_in_kind(self) -> None:
        policy = AbsencePolicy((AbsenceRow(Consequence.CARRIED_OVER),))
        rules = books(reglement(payment=PaymentMode.AT_VALIDATION, absence=policy))
        day = eaten("A", MONDAY, seen=Seen.UNCHECKED)
        run = Run("r", FIRST, LAST, dt.date(2025, 12, 15))
        _, lines = bill([day], FACTS, rules=rules, on=run.issued_on)
        done = Billed(issue(drafts(lines, [Series("P")], run), Series("P"), run, next_number=1))
        absent, other = eaten("A", MONDAY, seen=Seen.ABSENT), eaten("A", TUESDAY)
        options = Options(in_kind={other.key: H1})
        should, more = bill([absent, other], FACTS, rules=rules, billed=done, options=options)
        assert ([(one.child, one.day) for one in should.carried_over], more) == ([("A", MONDAY)], {})

    def test_a_held_place_is_billed_so_that_paying_confirms_it(self) -> None:
        rules = books(reglement(payment=PaymentMode.TO_CONFIRM))
        held = eaten("A", MONDAY, booked=Booked.REQUESTED, seen=Seen.UNCHECKED, held=True)
        lapsed = eaten("A", MONDAY, booked=Booked.LAPSED, seen=Seen.UNCHECKED)
        assert totals(bill([held], FACTS, rules=rules, on=dt.date(2025, 12, 1))[1]) == {"H1": 105}
        assert bill([lapsed], FACTS, rules=rules, on=dt.date(2025, 12, 1))[1] == {}

    def test_a_deposit_then_the_balance(self) -> None:
        deposits: FrozenMap[ProductCode, Deposit] = FrozenMap(
            {CANTEEN: Deposit(share=Decimal("0.30"), balance_days=10)}
        )
        rules = books(reglement(canteen=tariff(flat("100.01")), deposits=deposits))
        day = eaten("A", MONDAY, seen=Seen.UNCHECKED)
        _, first = bill([day], FACTS, rules=rules, on=dt.date(2025, 12, 1))
        run = Run("r", FIRST, LAST, dt.date(2025, 12, 1))
        done = Billed(issue(drafts(first, [Series("P")], run), Series("P"), run, next_number=1))
        assert bill([day], FACTS, rules=rules, on=dt.date(2025, 12, 2), billed=done)[1] == {}
        _, rest = bill([day], FACTS, rules=rules, on=dt.date(2025, 12, 26), billed=done)
        assert (totals(first), totals(rest)) == ({"H1": 3000}, {"H1": 7001})
        assert rest[H1][0].corrects == ()

    def test_instalments_add_up(self) -> None:
        dates = (dt.date(2025, 12, 1), dt.date(2026, 1, 1), dt.date(2026, 2, 1))
        voted = Schedule(instalments=Instalments(3, dates=((12, 1), (1, 1), (2, 1))))
        assert [voted.due(1000, MONDAY, on, YEAR, EUR) for on in dates] == [334, 667, 1000]
        monthly = Schedule(instalments=Instalments(3))
        assert [monthly.due(1000, dates[0], on, YEAR, EUR) for on in dates] == [334, 667, 1000]

    def test_a_deposit_may_be_followed_by_instalments_and_kept(self) -> None:
        deposit = Deposit(amount=Decimal(10), refundable=False)
        schedule = Schedule(deposit, Instalments(2, dates=((12, 1), (1, 1))))
        days = (dt.date(2025, 11, 1), dt.date(2025, 12, 1), dt.date(2026, 1, 1))
        assert [schedule.due(3000, MONDAY, on, YEAR, EUR) for on in days] == [1000, 2000, 3000]
        rules = books(reglement(canteen=tariff(flat("30")), deposits=FrozenMap({CANTEEN: deposit})))
        cancelled = eaten("A", MONDAY, booked=Booked.CANCELLED, seen=Seen.ABSENT)
        assert totals(bill([cancelled], FACTS, rules=rules)[1]) == {"H1": 1000}

    def test_a_deposit_is_billed_ahead_of_the_days_of_the_run(self) -> None:
        deposits: FrozenMap[ProductCode, Deposit] = FrozenMap({CANTEEN: Deposit(share=Decimal("0.30"))})
        rules = books(reglement(canteen=tariff(flat("100")), deposits=deposits))
        day = eaten("A", LAST + dt.timedelta(days=5), seen=Seen.UNCHECKED)
        assert should_bill([day], rules, FACTS, first=FIRST, last=LAST, on=LAST).charges == ()
        (charge,) = should_bill([day], rules, FACTS, first=FIRST, last=LAST, on=LAST, ahead=True).charges
        assert (charge.unit, charge.full) == (3000, 10000)


class TestScopes:
    def test_a_day_of_two_products_has_one_price(self) -> None:
        # Vigeois: morning and evening of one day, 2,20 together, 1,90 for one.
        both = Rows((Row(_slots_both(), flat("2.20")), Row(Condition(), flat("1.90"))))
        version = tariff(both, scope=Scope(Who.CHILD, When.DAY, (GARDERIE, CANTEEN)))
        rules = books(reglement(canteen=version, garderie=version))
        days = [eaten("A", MONDAY), eaten("A", MONDAY, product=GARDERIE), eaten("A", TUESDAY)]
        should, lines = bill(days, FACTS, rules=rules)
        assert not should.pending
        assert totals(lines) == {"H1": 220 + 190}
        assert {charge.product for charge in should.charges} == {GARDERIE}

    def test_what_is_taken_in_the_scope_is_counted_without_being_asked(self) -> None:
        both = Condition((Test("quantity", Op.GE, (Decimal(2),)),))
        node = Rows((Row(both, flat("2.20")), Row(Condition(), flat("1.90"))))
        version = tariff(node, scope=Scope(Who.CHILD, When.DAY, (GARDERIE, CANTEEN)))
        days = [eaten("A", MONDAY), eaten("A", MONDAY, product=GARDERIE), eaten("A", TUESDAY)]
        should, lines = bill(days, FACTS, rules=books(reglement(canteen=version, garderie=version)))
        assert not should.pending
        assert totals(lines) == {"H1": 220 + 190}

    @pytest.mark.parametrize(("measure", "amount"), [(None, 465), (Measure.COUNT, 670)])
    def test_a_household_pays_by_its_children_whatever_each_takes(self, measure: Measure | None, amount: int) -> None:
        # Jauldes: 2,80 a day for one child, 4,65 for two, 6,70 for three; one of the two came morning and evening.
        day = Scope(Who.HOUSEHOLD, When.DAY)
        spec = TotalSpec("siblings", Among.PRESENT, day, *(() if measure is None else (measure,)))
        one, two = (Condition((Test("siblings", Op.EQ, (n,)),)) for n in (1, 2))
        grid = Rows((Row(one, flat("2.80")), Row(two, flat("4.65")), Row(Condition(), flat("6.70"))))
        version = tariff(grid, scope=day, totals=(spec,))
        days = [eaten("A", MONDAY, slot="matin"), eaten("A", MONDAY, slot="soir"), eaten("B", MONDAY, slot="matin")]
        assert totals(bill(days, FACTS, rules=books(reglement(canteen=version)))[1]) == {"H1": amount}

    def test_a_month_that_counts_its_days_waits_for_its_end(self) -> None:
        many = Condition((Test("days", Op.GE, (4,)),))
        version = tariff(
            Rows((Row(many, flat("30")), Row(Condition(), flat("12")))), scope=Scope(Who.CHILD, When.MONTH)
        )
        rules = books(reglement(canteen=version))
        should, lines = bill(week("A"), FACTS, rules=rules, on=dt.date(2026, 1, 20))
        assert ([one.reason.code for one in should.pending], lines) == (["billing.pending.scope_open"], {})
        assert totals(bill(week("A"), FACTS, rules=rules)[1]) == {"H1": 3000}
        assert totals(bill(week("A")[:3], FACTS, rules=rules)[1]) == {"H1": 1200}

    def test_a_share_of_the_days_deducts_from_those_offered_what_it_does_not_count(self) -> None:
        # Les Rousses: half of the meals of the month, Wednesdays deducted; here, of the 8 Mondays and Tuesdays.
        counted = Condition((Test("weekday", Op.IN, ("lundi", "mardi")),))
        month = Scope(Who.CHILD, When.MONTH)
        share = TotalSpec("attendance_ratio", Among.PRESENT, month, Measure.RATIO_OF_OFFERED, counted)
        half = Condition((Test("attendance_ratio", Op.GE, (Decimal("0.5"),)),))
        version = tariff(Rows((Row(half, flat("1")), Row(Condition(), flat("2")))), totals=(share,))
        rules = books(reglement(canteen=version))
        days = [eaten("A", MONDAY + dt.timedelta(days=n)) for n in (0, 1, 7, 8)]
        assert totals(bill(days, FACTS, rules=rules)[1]) == {"H1": 400}
        assert totals(bill(days[:3], FACTS, rules=rules)[1]) == {"H1": 600}

    def test_a_package_that_counts_nothing_is_due_at_once_and_may_be_parted(self) -> None:
        version = tariff(flat("50"), scope=Scope(Who.CHILD, When.MONTH))
        plain = books(reglement(canteen=version))
        covered = [eaten("A", MONDAY, booked=Booked.PACKAGE), eaten("A", TUESDAY, booked=Booked.PACKAGE)]
        assert totals(bill(covered, FACTS, rules=plain, on=MONDAY)[1]) == {"H1": 5000}
        package = PackageRule(Prorata.OPEN_DAYS, day_value=Decimal("2.10"))
        rules = books(reglement(canteen=version, packages=FrozenMap({CANTEEN: package})))
        options = Options(registered=lambda child, product: (dt.date(2026, 1, 19), None))
        # Zone B: 16 class days from 5 to 30 January 2026, 8 of them from the 19th.
        assert totals(bill(covered, FACTS, rules=rules, options=options)[1]) == {"H1": 2500}
        excused = eaten("A", THURSDAY, booked=Booked.PACKAGE, seen=Seen.ABSENT, proof=ProofState.ACCEPTED)
        assert totals(bill([*covered, excused], FACTS, rules=rules, options=options)[1]) == {"H1": 2500 - 210}

    def test_an_excused_day_of_a_package_may_be_worth_its_part_of_the_price(self) -> None:
        package = PackageRule(day_value=DayValue.PER_PLANNED_DAY)
        version = tariff(flat("50"), scope=Scope(Who.CHILD, When.MONTH))
        rules = books(reglement(canteen=version, packages=FrozenMap({CANTEEN: package})))
        days = [eaten("A", day, booked=Booked.PACKAGE) for day in (MONDAY, TUESDAY)]
        excused = eaten("A", THURSDAY, booked=Booked.PACKAGE, seen=Seen.ABSENT, proof=ProofState.ACCEPTED)
        _, lines = bill([*days, excused], FACTS, rules=rules)
        assert totals(lines) == {"H1": 5000 - 1667}

    def test_a_household_pays_once_a_year(self) -> None:
        fee = Fee("adhesion", flat("25"), Scope(Who.HOUSEHOLD, When.SCHOOL_YEAR), reference="art. 2")
        rules = books(reglement(fees=(fee,)))
        should, lines = bill([*week("A"), *week("B")], FACTS, rules=rules)
        fees = [line for line in lines[H1] if line.kind is ChargeKind.FEE]
        assert [(line.amount, line.child, line.nature) for line in fees] == [(2500, None, "frais")]
        assert not should.pending

    def test_a_rolling_year_needs_a_first_registration(self) -> None:
        fee = Fee("adhesion", flat("17"), Scope(Who.CHILD, When.ROLLING_YEAR))
        rules = books(reglement(fees=(fee,)))
        should, lines = bill(week("A")[:1], FACTS, rules=rules)
        assert [(one.reason.code, one.product) for one in should.pending] == [
            ("billing.pending.no_instance", "adhesion")
        ]
        assert totals(lines) == {"H1": 105}
        options = Options(since=lambda child, product: dt.date(2025, 9, 4))
        assert totals(bill(week("A")[:1], FACTS, rules=rules, options=options)[1]) == {"H1": 105 + 1700}

    def test_months_begun(self) -> None:
        year = (dt.date(2025, 9, 1), dt.date(2026, 6, 30))
        held = (dt.date(2026, 1, 20), None)
        begun = PackageRule(Prorata.STARTED_MONTH)
        assert prorata(10000, begun, year, held, lambda day: True, EUR) == 6000
        assert prorata(10000, begun, year, (dt.date(2026, 7, 1), None), lambda day: True, EUR) == 0

    def test_entry_and_exit_may_have_a_rule_each(self) -> None:
        june = (dt.date(2026, 6, 1), dt.date(2026, 6, 30))
        held = (dt.date(2026, 6, 16), dt.date(2026, 6, 20))
        for rule, amount in (
            (PackageRule(Prorata.OPEN_DAYS), 500),
            (PackageRule(Prorata.OPEN_DAYS, Prorata.NONE), 1500),
            (PackageRule(Prorata.NONE, Prorata.OPEN_DAYS), 2000),
            (PackageRule(), 3000),
        ):
            assert prorata(3000, rule, june, held, lambda day: True, EUR) == amount


def _slots_both() -> Condition:
    return Condition((Test("slots", Op.EQ, ("cantine",)), Test("slots", Op.EQ, ("garderie",))))


class TestTiers:
    def test_a_surcharge_for_the_order_falls_on_its_first_day(self) -> None:
        late = Effect(price=Surcharge(Decimal("2.00")), scope=EffectScope.ORDER)
        days = [
            eaten("A", day, booked=Booked.CONFIRMED_LATE, effect=late, order="O1")
            for day in (THURSDAY, MONDAY, TUESDAY)
        ]
        _, lines = bill(days, FACTS)
        (extra,) = [line for line in lines[H1] if line.component]
        assert (extra.amount, extra.days) == (200, (MONDAY,))

    def test_an_acquired_surcharge_stays_due(self) -> None:
        kept = Effect(price=Surcharge(Decimal("2.00")), kept=True)
        day = eaten("A", MONDAY, booked=Booked.CANCELLED, seen=Seen.ABSENT, effect=kept)
        assert totals(bill([day], FACTS)[1]) == {"H1": 200}


class TestPayers:
    def half(self, one: Consumption) -> tuple[Payer, ...]:
        return (Payer(H1, Decimal("0.5")), Payer(H2, Decimal("0.5")))

    def test_each_parent_by_its_own_quotient(self) -> None:
        _, lines = bill([eaten("A", MONDAY)], FACTS, options=Options(payers=self.half))
        assert totals(lines) == {"H1": 53, "H2": 205}

    def test_or_one_designated_quotient_shared_to_the_cent(self) -> None:
        rules = books(reglement(billing=BillingPolicy(custody=CustodyPrice.DESIGNATED)))
        _, lines = bill([eaten("A", MONDAY)], FACTS, rules=rules, options=Options(payers=self.half))
        assert totals(lines) == {"H1": 53, "H2": 52}

    def test_days_change_payer_with_the_custody(self) -> None:
        def weeks(one: Consumption) -> tuple[Payer, ...]:
            return (Payer(H1 if one.key.day.isocalendar().week % 2 else H2),)

        _, lines = bill([*week("A"), *week("A", MONDAY + dt.timedelta(days=7))], FACTS, options=Options(payers=weeks))
        assert totals(lines) == {"H1": 4 * 105, "H2": 4 * 410}  # weeks 3 and 2

    def test_nobody_to_pay_is_reported(self) -> None:
        should, lines = bill([eaten("A", MONDAY)], FACTS, options=Options(payers=lambda one: ()))
        assert ([one.reason.code for one in should.pending], lines) == (["billing.pending.nobody_pays"], {})

    def test_a_third_party_has_its_own_document(self) -> None:
        # Roncq: 1,26 of which 0,50 falls to the CCAS.
        rules = books(reglement(canteen=tariff(flat("1.26"), shares=(Share("CCAS", amount=flat("0.50")),))))
        _, lines = bill([eaten("A", MONDAY)], FACTS, rules=rules)
        assert totals(lines) == {"H1": 76, "CCAS": 50}


class TestPins:
    def rules(self) -> Books:
        old = reglement(version="2025", canteen=tariff(flat("3.00")), last_day=dt.date(2025, 12, 31))
        new = reglement(version="2026", canteen=tariff(flat("4.00")), first_day=dt.date(2026, 1, 1))
        return books(old, new)

    def test_a_change_of_rules_reaches_billed_days_by_an_act_only(self) -> None:
        before = books(reglement(version="2025", canteen=tariff(flat("3.00"))))
        _, lines = bill(week("A"), FACTS, rules=before)
        run = Run("r", FIRST, LAST, dt.date(2026, 2, 10))
        done = Billed(issue(drafts(lines, [Series("P")], run), Series("P"), run, next_number=1))
        after = self.rules()
        assert bill(week("A"), FACTS, rules=after, billed=done)[1] == {}
        late = eaten("A", MONDAY + dt.timedelta(days=7))
        _, more = bill([*week("A"), late], FACTS, rules=after, billed=done)
        assert totals(more) == {"H1": 400}
        at = dt.datetime(2026, 2, 20, tzinfo=dt.UTC)
        act = Options(reprises=(Reprise(FactId("r1"), "délibération 2026-1", FIRST, LAST, at, "agent"),))
        _, back = bill(week("A"), FACTS, rules=after, billed=done, options=act)
        assert [(line.quantity, line.unit) for line in back[H1]] == [(-4, 300), (4, 400)]
        assert all(line.corrects for line in back[H1])


class TestPenalties:
    LATE_PICKUP = Penalty(
        "retard",
        Trigger.LATE_PICKUP,
        PerUnit(Decimal(30), flat("11.00"), fact="late_minutes"),
        limit=dt.time(18, 30),
        grace=5,
        reference="art. 12",
    )

    def evening(self, hour: int, minute: int) -> Consumption:
        return eaten("A", MONDAY, product=GARDERIE, arrival=dt.time(16, 30), departure=dt.time(hour, minute))

    @pytest.mark.parametrize(("at", "due"), [((18, 34), 0), ((18, 35), 1100), ((19, 1), 2200)])
    def test_late_pick_up(self, at: tuple[int, int], due: int) -> None:
        rules = books(reglement(penalties=(self.LATE_PICKUP,), garderie=tariff(flat("1"))))
        _, lines = bill([self.evening(*at)], FACTS, rules=rules)
        found = [line for line in lines[H1] if line.kind is ChargeKind.PENALTY]
        assert sum(line.amount for line in found) == due

    def test_an_absence_is_punished_only_where_nobody_told(self) -> None:
        rules = books(reglement(penalties=(Penalty("silence", Trigger.UNANNOUNCED_ABSENCE, flat("3")),)))
        silent = eaten("A", MONDAY, seen=Seen.ABSENT)
        told = eaten("B", MONDAY, seen=Seen.ABSENT, notice=Notice.TOLD)
        _, lines = bill([silent, told, eaten("C", MONDAY)], FACTS, rules=rules)
        found = [(line.child, line.amount) for line in lines[H1] if line.kind is ChargeKind.PENALTY]
        assert found == [("A", 300)]

    def test_a_proposed_penalty_waits_for_staff(self) -> None:
        proposed = Penalty("oubli", Trigger.UNPLANNED, flat("10"), effect=PenaltyEffect.PROPOSED)
        rules = books(reglement(penalties=(proposed,)))
        day = eaten("A", MONDAY, booked=Booked.NONE)
        should, lines = bill([day], FACTS, rules=rules)
        assert [one.reason.code for one in should.pending] == ["billing.pending.unconfirmed"]
        assert totals(lines) == {"H1": 550}
        options = Options(decided={("oubli", ChildId("A"), MONDAY): True})
        assert totals(bill([day], FACTS, rules=rules, options=options)[1]) == {"H1": 1550}
        dropped = Options(decided={("oubli", ChildId("A"), MONDAY): False})
        should, lines = bill([day], FACTS, rules=rules, options=dropped)
        assert (should.pending, totals(lines)) == ((), {"H1": 550})

    def test_an_incident_is_charged(self) -> None:
        lost = Penalty("badge", Trigger.LOST_ITEM, flat("5"))
        rules = books(reglement(penalties=(lost,)))
        at = dt.datetime(2026, 1, 6, tzinfo=dt.UTC)
        incident = Incident(FactId("I1"), "badge", H1, TUESDAY, at, "agent", ChildId("A"))
        _, lines = bill([eaten("A", MONDAY)], FACTS, rules=rules, options=Options(incidents=(incident,)))
        (line,) = [line for line in lines[H1] if line.kind is ChargeKind.PENALTY]
        assert (line.amount, line.evidence, line.product) == (500, (FactId("I1"),), ProductCode("badge"))


def test_every_line_explains_itself_in_both_languages() -> None:
    days = [
        *week("A"),
        eaten("A", MONDAY + dt.timedelta(days=7), booked=Booked.CONFIRMED_LATE, effect=LATE),
        eaten("A", MONDAY + dt.timedelta(days=8), seen=Seen.ABSENT, proof=ProofState.PENDING),
    ]
    _, lines = bill(days, FACTS)
    run = Run("r", FIRST, LAST, dt.date(2026, 2, 10))
    (invoice,) = issue(drafts(lines, [Series("P")], run), Series("P"), run, next_number=1)
    said = {
        language: [text(one, language) for line in invoice.lines for one in explain(invoice, line.number).sentences]
        for language in ("fr", "en")
    }
    assert "4 × 1,05" in said["fr"][0]
    assert any("règlement 2025" in sentence for sentence in said["fr"])
    assert len(said["fr"]) == len(said["en"])


def test_without_a_price_nothing_is_lost() -> None:
    gap = tariff(flat("3.00"), last_day=dt.date(2025, 12, 31))
    should, lines = bill(week("A"), FACTS, rules=books(reglement(canteen=gap)))
    assert ([one.reason.code for one in should.pending], lines) == (["billing.pending.no_price"] * 4, {})
    unknown = eaten("A", MONDAY, product=ProductCode("piscine"))
    assert [one.reason.code for one in bill([unknown], FACTS)[0].pending] == ["billing.pending.no_price"]


def test_facts_of_the_day_are_on_the_line() -> None:
    _, lines = bill(week("A"), FACTS)
    assert lines[H1][0].facts == Facts(quotient=Decimal(500), rank=1)


def test_a_third_party_pays_for_many_families_and_is_corrected_for_each() -> None:
    rules = books(reglement(canteen=tariff(flat("1.26"), shares=(Share("CCAS", amount=flat("0.50")),))))
    mine, theirs = [eaten("A", MONDAY), eaten("A", TUESDAY)], [eaten("B", MONDAY, household="H2")]
    lines = gather_lines([bill(days, FACTS, rules=rules)[1] for days in (theirs, mine)])
    assert (totals(lines), [line.child for line in lines[HouseholdId("CCAS")]]) == (
        {"CCAS": 150, "H1": 152, "H2": 76},
        ["A", "B"],
    )
    run = Run("r", FIRST, LAST, dt.date(2026, 2, 10))
    issued = issue(drafts(lines, [Series("P")], run), Series("P"), run, next_number=1)
    apart = parts_by_child(invoice for invoice in issued if invoice.payer == "CCAS")
    own = [invoice for invoice in issued if invoice.payer == H1]
    done = Billed([*own, *apart[ChildId("A")]])
    assert bill(mine, FACTS, rules=rules, billed=done)[1] == {}
    assert totals(bill(mine[:1], FACTS, rules=rules, billed=done)[1]) == {"CCAS": -50, "H1": -76}
    assert third_parties(rules.reglements) == ("CCAS",)


def test_a_late_fact_shifts_the_ranks_that_follow_and_the_delta_bills_it() -> None:
    # Strasbourg's shape: two unplanned meals are tolerated, the next ones are dearer.
    unplanned = [eaten("A", MONDAY + dt.timedelta(days=offset), booked=Booked.NONE) for offset in (1, 3, 4)]
    _, lines = bill(unplanned, FACTS)
    assert [(line.quantity, line.unit, line.facts["unplanned_rank"]) for line in lines[H1]] == [
        (1, 550, 1),
        (1, 550, 2),
        (1, 1100, 3),
    ]
    run = Run("r", FIRST, LAST, dt.date(2026, 2, 10))
    done = Billed(issue(drafts(lines, [Series("P")], run), Series("P"), run, next_number=1))
    late = eaten("A", MONDAY, booked=Booked.NONE)
    _, more = bill([*unplanned, late], FACTS, billed=done)
    assert totals(more) == {"H1": 550 + (1100 - 550)}
    taken_back = [line for line in more[H1] if line.quantity < 0]
    assert [line.days for line in taken_back] == [(MONDAY + dt.timedelta(days=3),)]
