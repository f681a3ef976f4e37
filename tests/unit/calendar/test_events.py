"""Schools, products, events, own kinds: what makes one commune's days differ from another's."""

from __future__ import annotations

import datetime as dt

import pytest

from periscolaire.calendar import (
    BUSINESS,
    OFFICE,
    OPEN,
    SCHOOL,
    ClassDays,
    DayEffect,
    DayEvent,
    Focus,
    SchoolWeek,
    Season,
    Span,
    Weekday,
    commune_calendar,
    kind_of,
    parse_open_days,
)
from periscolaire.errors import MisuseError, NotationError
from periscolaire.reasons import Description


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


MONDAY = day("2026-10-12")
WEDNESDAY = day("2026-10-14")


class TestSchools:
    def test_each_school_has_its_week(self) -> None:
        week = SchoolWeek.parse(["lundi", "mardi", "mercredi matin", "jeudi", "vendredi"])
        calendar = commune_calendar(zone="B", weeks={"Jules-Ferry": week})
        assert not calendar.is_a(WEDNESDAY, SCHOOL)
        ferry = calendar.for_school("Jules-Ferry")
        assert ferry.is_a(WEDNESDAY, SCHOOL)
        assert ferry.is_open(parse_open_days("demi-journées de classe"), WEDNESDAY)
        assert not ferry.is_open(parse_open_days("jours de classe entiers"), WEDNESDAY)
        assert ferry.season(WEDNESDAY) is Season.TERM
        assert not calendar.for_school("Autre").is_a(WEDNESDAY, SCHOOL)
        assert ferry is calendar.for_school("Jules-Ferry")
        assert ferry.for_school(None) is calendar

    @pytest.mark.parametrize("words", [["lundi", "lundi"], ["lundi", "lundi matin"]])
    def test_a_day_is_given_once(self, words: list[str]) -> None:
        with pytest.raises(MisuseError, match="twice"):
            SchoolWeek.parse(words)

    def test_a_day_is_whole_or_half(self) -> None:
        with pytest.raises(MisuseError, match="lundi"):
            SchoolWeek(frozenset({Weekday.MONDAY}), frozenset({Weekday.MONDAY}))

    @pytest.mark.parametrize("word", ["lundy", "mercredi soir", "lundi mardi jeudi"])
    def test_a_word_that_is_no_day(self, word: str) -> None:
        with pytest.raises(NotationError):
            SchoolWeek.parse([word])

    def test_a_week_is_written_as_it_is_read(self) -> None:
        words = ("lundi", "mardi", "mercredi matin", "jeudi", "vendredi")
        assert SchoolWeek.parse(words).words() == words


class TestEvents:
    def test_a_closure_of_one_product(self) -> None:
        event = DayEvent(Span.one(MONDAY), DayEffect.CLOSED, "travaux", products=["cantine"])
        calendar = commune_calendar(zone="B", events=[event])
        canteen = calendar.for_product("cantine")
        assert calendar.is_open(ClassDays(), MONDAY)
        assert not canteen.is_open(ClassDays(), MONDAY)
        assert calendar.for_product("garderie").is_open(ClassDays(), MONDAY)
        assert canteen.is_a(MONDAY, SCHOOL)
        assert canteen.step(day("2026-10-13"), -1, OPEN, ClassDays()) == day("2026-10-09")
        assert canteen.events_on(MONDAY) == (event,)
        assert calendar.events_on(MONDAY) == ()

    def test_a_restriction_needs_every_one_of_its_names(self) -> None:
        event = DayEvent(
            Span.one(MONDAY), DayEffect.OUTING, "musée", schools=["A"], classes=["CE2"], products=["cantine"]
        )
        assert event.concerns(Focus("cantine", None, "A", "CE2"))
        assert not event.concerns(Focus("cantine", None, "A", "CM1"))
        assert not event.concerns(Focus("cantine", None, "B", "CE2"))
        assert not event.concerns(Focus("garderie", None, "A", "CE2"))
        calendar = commune_calendar(zone="B", events=[event])
        assert not calendar.focused(Focus("cantine", None, "A", "CE2")).is_open(ClassDays(), MONDAY)

    def test_a_closure_of_one_site(self) -> None:
        event = DayEvent(Span.one(MONDAY), DayEffect.CLOSED, sites=["nord"])
        calendar = commune_calendar(zone="B", events=[event])
        assert not calendar.for_product("cantine", site="nord").is_open(ClassDays(), MONDAY)
        assert calendar.for_product("cantine", site="sud").is_open(ClassDays(), MONDAY)

    @pytest.mark.parametrize("words", ["jours de classe", "lundi, mardi, jeudi, vendredi"])
    def test_a_strike_closes_what_runs_in_term(self, words: str) -> None:
        calendar = commune_calendar(zone="B", events=[DayEvent(Span.one(MONDAY), DayEffect.NO_CLASS, "grève")])
        assert not calendar.is_open(parse_open_days(words), MONDAY)
        assert calendar.is_open(parse_open_days("lundis toute l'année"), MONDAY)
        assert calendar.is_a(MONDAY, BUSINESS)

    def test_minimum_service_on_a_strike_day(self) -> None:
        span = Span.one(MONDAY)
        events = [DayEvent(span, DayEffect.NO_CLASS), DayEvent(span, DayEffect.OPENED, products=["garderie"])]
        calendar = commune_calendar(zone="B", events=events)
        assert not calendar.for_product("cantine").is_open(ClassDays(), MONDAY)
        assert calendar.for_product("garderie").is_open(ClassDays(), MONDAY)

    def test_the_later_event_wins(self) -> None:
        span = Span.one(MONDAY)
        closed, opened = DayEvent(span, DayEffect.CLOSED), DayEvent(span, DayEffect.OPENED)
        assert commune_calendar(zone="B", events=[closed, opened]).is_open(ClassDays(), MONDAY)
        assert not commune_calendar(zone="B", events=[opened, closed]).is_open(ClassDays(), MONDAY)

    def test_a_make_up_day_is_a_class_day(self) -> None:
        calendar = commune_calendar(zone="B", events=[DayEvent(Span.one(WEDNESDAY), DayEffect.CLASS_HELD)])
        assert calendar.is_open(ClassDays(), WEDNESDAY)
        assert calendar.step(day("2026-10-15"), -1, SCHOOL) == WEDNESDAY
        assert calendar.season(WEDNESDAY) is Season.TERM

    def test_a_cyclone_closes_everything(self) -> None:
        calendar = commune_calendar(territory="La Réunion", events=[DayEvent(Span.one(MONDAY), DayEffect.ALL_CLOSED)])
        assert not calendar.is_a(MONDAY, SCHOOL)
        assert not calendar.is_a(MONDAY, OFFICE)
        assert not calendar.is_open(parse_open_days("tous les jours"), MONDAY)

    def test_the_counter_has_its_own_days(self) -> None:
        # Ourton: the counter is closed on Thursdays.
        calendar = commune_calendar(
            zone="B",
            office_days=parse_open_days(["lundi", "mardi", "mercredi", "vendredi"], term=False),
            events=[
                DayEvent(Span.one(day("2026-10-13")), DayEffect.OFFICE_CLOSED),
                DayEvent(Span.one(day("2026-10-10")), DayEffect.OFFICE_OPEN),
            ],
        )
        assert calendar.step(day("2026-10-16"), -1, OFFICE) == day("2026-10-14")
        assert calendar.step(day("2026-10-14"), -1, OFFICE) == MONDAY
        assert calendar.step(MONDAY, -1, OFFICE) == day("2026-10-10")
        assert calendar.is_a(day("2026-10-21"), OFFICE)  # open in the school holidays
        assert not calendar.is_a(day("2026-11-11"), OFFICE)

    def test_what_a_day_is_for_people(self) -> None:
        event = DayEvent(Span.one(MONDAY), DayEffect.CLOSED, "travaux")
        calendar = commune_calendar(zone="B", events=[event])
        assert calendar.describe(MONDAY) == (
            Description.of("calendar.event.closed", label="travaux"),
            Description.of("calendar.class_day"),
        )
        assert calendar.describe(day("2026-12-25")) == (
            Description.of("calendar.public_holiday", name="Noël"),
            Description.of("calendar.holidays", name="Vacances de Noël"),
        )
        assert calendar.describe(day("2027-05-07")) == (Description.of("calendar.bridge"),)
        assert calendar.describe(WEDNESDAY) == (Description.of("calendar.no_class"),)
        assert calendar.describe(day("2026-10-11")) == (Description.of("calendar.weekend"),)


class TestKinds:
    CALENDAR = commune_calendar(
        zone="B",
        own_kinds={"livraison": parse_open_days(["mardi", "vendredi"], term=False)},
        business_days=[Weekday(n) for n in range(4)],
    )

    @pytest.mark.parametrize("word", ["livraison", "de livraison", "jour de livraison", "Jours de livraison"])
    def test_own_kinds_are_counted_like_the_others(self, word: str) -> None:
        kind = self.CALENDAR.kind(word)
        assert self.CALENDAR.step(MONDAY, -1, kind) == day("2026-10-09")
        assert self.CALENDAR.step(day("2026-10-24"), -1, kind) == day("2026-10-23")

    def test_the_organiser_says_on_which_days_it_works(self) -> None:
        assert self.CALENDAR.step(MONDAY, -1, BUSINESS) == day("2026-10-08")

    @pytest.mark.parametrize(
        ("word", "kind"),
        [
            ("ouvrées", "ouvré"), ("jours ouvrés", "ouvré"), ("ouvrable", "ouvrable"), ("scolaires", "de classe"),
            ("d’ouverture", "d'ouverture"), ("jour  de   semaine", "de semaine"), ("calendaires", "calendaire"),
            ("d'ouverture de la mairie", "de guichet"),
        ],
    )  # fmt: skip
    def test_every_grammatical_form_is_read(self, word: str, kind: str) -> None:
        assert kind_of(word) == kind

    def test_an_unknown_kind_shows_the_nearest(self) -> None:
        with pytest.raises(NotationError) as caught:
            kind_of("ouvrée s")
        assert "ouvrées" in caught.value.suggestions
