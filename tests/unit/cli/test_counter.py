"""The commands of the counter, on one SQLite file: what they print, write and answer to scripts."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from periscolaire.booking import Formula, OnWeekdays, PatternFrom, Registration, SlotKey, State, Weeks
from periscolaire.calendar import Span, Weekday
from periscolaire.cli._app import app
from periscolaire.cli.rules._rules_files import _coming_week
from periscolaire.files import read_reglement
from periscolaire.households import Child, DatedFact, Grade, Household, Member, Schooling
from periscolaire.ids import ChildId, FactId, HouseholdId, ProductCode, SchoolCode
from periscolaire.operations import publish_reglement
from periscolaire.ports import Store
from periscolaire.storage import open_store
from tests.stores import new_sqlite
from tests.unit.booking.commune import CLARA, GUILHEM, HOME, at, day
from tests.unit.operations.test_estimates import CANTINE, CLERK, TEXT

Run = Callable[..., Result]
EARLY = ("--le", "2026-10-05 09:00")
LATE = ("--le", "2026-10-08 15:00")


@pytest.fixture
def base(tmp_path: Path) -> str:
    path = tmp_path / "commune.sqlite"
    store = new_sqlite(path)
    with store.unit() as uow:
        publish_reglement(TEXT, uow, actor=CLERK, now=at("2026-09-01 08:00"))
        uow.households.save(Household(HOME, "Martin", members=(Member(CLARA), Member(GUILHEM))))
        for child, name, grade in ((CLARA, "Clara", Grade.CE2), (GUILHEM, "Guilhem", Grade.GS)):
            school = Schooling(day("2026-09-01"), None, SchoolCode("moulin"), grade, class_name="CE2/CM1")
            uow.children.save(Child(child, "Martin", name, day("2018-03-04"), schoolings=(school,)))
        uow.dated_facts.append(
            [DatedFact(HOME, "quotient", Decimal(900), day("2026-09-01"), None, at("2026-09-01 08:00"))]
        )
        uow.commit()
    store.close()
    return str(path)


@pytest.fixture
def run(base: str) -> Run:
    def invoke(*words: str, code: int = 0) -> Result:
        head, *rest = words
        first = [head, rest.pop(0)] if head == "school-year" else [head]
        result = CliRunner().invoke(app, [*first, base, *rest], prog_name="periscolaire")
        assert result.exit_code == code, result.output
        return result

    return invoke


def reading(base: str) -> Store:
    return open_store(base)


def test_reserve_says_what_was_recorded_and_at_what_price(run: Run, base: str) -> None:
    said = run("reserve", "Clara Martin", "cantine", "2026-10-12..2026-10-18", *EARLY).output
    assert "Récépissé R2026-000001" in said
    assert said.count("réservation confirmée") == 4  # four days of class in that week
    assert "Estimation : à la consommation (C) 16,40" in said
    with reading(base).unit(write=False) as uow:
        stored = uow.reservations.find(SlotKey(CLARA, CANTINE, day("2026-10-12")))
        assert stored is not None
        assert stored.model.state is State.CONFIRMED
    assert "tout est déjà ainsi" in run("reserve", "clara", "Cantine", "12/10/2026", *EARLY).output


def test_a_dry_run_writes_nothing_and_a_refusal_is_exit_code_1(run: Run, base: str) -> None:
    answer = json.loads(run("reserve", "clara", "cantine", "2026-10-12", "--essai", "--json", *LATE).output)
    (first,) = answer["reponses"]
    assert (answer["essai"], first["recepisse"], first["lignes"][0]["prix"]) == (True, None, "6.10")
    with reading(base).unit(write=False) as uow:
        assert uow.reservations.find(SlotKey(CLARA, CANTINE, day("2026-10-12"))) is None
    late = run("reserve", "clara", "cantine", "2026-10-12", "--le", "2026-10-12 07:00", "--json", code=1)
    (refused,) = json.loads(late.output)["reponses"][0]["refus"]
    assert refused["raisons"][0]["texte"]
    assert "samedi 10 octobre 2026" in run("reserve", "clara", "cantine", "2026-10-10", *EARLY, code=1).output
    granted = run("reserve", "clara", "cantine", "2026-10-12", "--le", "2026-10-12 07:00", "--derogation", "hôpital")
    assert "réservation confirmée" in granted.output


def test_a_key_counts_once_and_naive_instants_are_the_commune_s(run: Run) -> None:
    words = ("reserve", "clara", "cantine", "2026-10-12", "--cle", "abc")
    first = run(*words, "--le", "2026-10-08 11:59").output
    again = run(*words, "--le", "2026-10-08 11:59").output
    assert first == again
    # Noon in Trifouillis is 10:00 UTC: the first tier is over then, not two hours later.
    over = json.loads(
        run("reserve", "guilhem", "cantine", "2026-10-12", "--json", "--le", "2026-10-08T10:00:00+00:00").output
    )
    assert over["reponses"][0]["lignes"][0]["prix"] == "6.10"


def test_cancel_takes_the_booked_days_of_a_span(run: Run) -> None:
    run("reserve", "clara", "cantine", "2026-10-12", "2026-10-15", *EARLY)
    answer = json.loads(run("cancel", "clara", "cantine", "2026-10-01..2026-10-31", "--json", *EARLY).output)
    assert [line["jour"] for line in answer["reponses"][0]["lignes"]] == ["2026-10-12", "2026-10-15"]
    assert "tout est déjà ainsi" in run("cancel", "clara", "cantine", "2026-10-12", *EARLY).output


@pytest.fixture
def paid_at_once(base: str) -> None:
    """From November on, the mornings of that commune are invoiced as they are booked."""
    store = open_store(base)
    with store.unit() as uow:
        text = TEXT.replace('paiement = "R"', 'paiement = "R facture"').replace('"2026-2027"', '"2026-2027 bis"')
        later = text.replace('en_vigueur = "2026-09-01"', 'en_vigueur = "2026-11-02"')
        publish_reglement(later, uow, actor=CLERK, now=at("2026-09-01 08:00"))
        uow.commit()
    store.close()


@pytest.mark.usefixtures("paid_at_once")
def test_what_is_paid_as_it_is_booked_is_invoiced_with_the_receipt_and_credited_when_it_is_cancelled(run: Run) -> None:
    words = ("reserve", "clara", "matin", "2026-11-09", "--cle", "abc", *EARLY)
    assert "Facture REGIE-2026-000001 : 1,50\N{NO-BREAK SPACE}€, à payer au plus tard le" in run(*words).output
    assert "Facture" not in run(*words).output, "the same demand counts once"
    answer = json.loads(run("cancel", "clara", "matin", "2026-11-09", "--json", *EARLY).output)
    (credit,) = answer["reponses"][0]["factures"]
    assert (credit["numero"], credit["genre"], credit["montant"]) == ("REGIE-2026-000002", "avoir", "-1.50")
    assert "Facture" not in run("reserve", "clara", "cantine", "2026-11-09", *EARLY).output


@pytest.mark.usefixtures("paid_at_once")
def test_an_invoice_that_cannot_be_issued_now_is_told_and_the_booking_stands(run: Run, base: str) -> None:
    run("reserve", "clara", "matin", "2026-11-09", "--le", "2026-10-06 09:00")
    said = run("reserve", "clara", "matin", "2026-11-10", *EARLY).output
    assert "Facture à émettre plus tard" in said
    assert "REGIE-2026-000001" in said
    with reading(base).unit(write=False) as uow:
        assert uow.reservations.find(SlotKey(CLARA, ProductCode("matin"), day("2026-11-10"))) is not None
        assert len(list(uow.invoices.of(HOME))) == 1


def test_week_shows_states_limits_prices_and_reasons(run: Run) -> None:
    run("reserve", "clara", "cantine", "2026-10-12", *EARLY)
    assert "annuler avant jeu. 08/10 10:00" in run("week", "clara", "--semaine", "2026-10-12", *EARLY).output
    said = run("week", "clara", "--semaine", "2026-10-12", *LATE).output
    assert "Semaine 42 du 12/10/2026 au 16/10/2026" in said
    assert "☑ confirmée" in said
    assert "La limite est dépassée" in said
    assert "6,10" in said  # the late tier, on the other days
    plain = json.loads(run("week", "clara", "--semaine", "2026-10-12", "--semaines", "2", "--json", *EARLY).output)
    cell = plain[0]["weeks"][0]["days"][0]["cells"][0]
    assert (cell["key"]["product"], cell["state"], cell["may_cancel"]) == ("cantine", "confirmée", True)
    assert len(plain[0]["weeks"]) == 2


def test_a_week_without_service_says_so(run: Run) -> None:
    assert "aucun service" in run("week", "clara", "--semaine", "2026-10-26", *EARLY).output  # the autumn holidays


@pytest.mark.parametrize(
    ("asked", "monday"),
    [("2026-10-05 09:00", "2026-10-12"), ("2026-10-14 09:00", "2026-11-02"), ("2020-01-01 09:00", "2026-08-31")],
)
def test_limits_are_printed_for_the_coming_week_that_runs(asked: str, monday: str) -> None:
    reglement = read_reglement(TEXT)
    assert _coming_week(reglement.product(CANTINE), reglement, at(asked)) == day(monday)


def test_orders_freeze_once_and_show_what_changed(run: Run) -> None:
    run("reserve", "clara", "cantine", "2026-10-12", *EARLY)
    assert "non figée" in run("orders", "2026-10-12", "--service", "cantine", *LATE).output
    run("orders", "2026-10-12", "--service", "cantine", "--figer", *LATE)
    run("reserve", "guilhem", "cantine", "2026-10-12", *LATE)
    answer = json.loads(run("orders", "2026-10-12", "--service", "cantine", "--json", *LATE, code=1).output)
    (order,) = answer
    assert (order["repas_commandes"], order["repas"]) == (1, 2)
    assert order["lignes"] == [
        {"site": "moulin", "classe": "CE2/CM1", "régime": "habituel", "commandes": 1, "attendus": 2, "ecart": 1}
    ]
    shown = run("orders", "2026-10-12", "--service", "cantine", "--par", "régime", *LATE, code=1).output
    assert "+1" in shown
    assert "Repas à préparer : 2 (commandés : 1)" in shown


def test_the_kitchen_is_asked_nothing_for_the_evening_unless_the_rules_or_the_clerk_say_so(run: Run, base: str) -> None:
    text = TEXT.replace('code = "soir"', 'code = "soir"\ngenre = "soir"').replace("2026-2027", "v2")
    later = text.replace('"2026-09-01"', '"2026-10-01"')
    with reading(base).unit() as uow:
        publish_reglement(later, uow, actor=CLERK, now=at("2026-09-02 08:00"))
        uow.commit()
    for service in ("cantine", "soir"):
        run("reserve", "clara", service, "2026-10-12", *EARLY)
    asked = [one["service"] for one in json.loads(run("orders", "2026-10-12", "--json", *LATE).output)]
    assert (CANTINE in asked, "soir" in asked) == (True, False)
    assert "soir" in run("orders", "2026-10-12", "--service", "soir", "--json", *LATE).output
    ordered = later.replace('genre = "soir"', 'genre = "soir"\ncommande = "le jour même 9:00"').replace('"v2"', '"v3"')
    with reading(base).unit() as uow:
        publish_reglement(ordered.replace('"2026-10-01"', '"2026-10-10"'), uow, actor=CLERK, now=at("2026-09-03 08:00"))
        uow.commit()
    assert "soir" in [one["service"] for one in json.loads(run("orders", "2026-10-12", "--json", *LATE).output)]


def test_the_door_list_on_screen_as_csv_and_as_a_page(run: Run, tmp_path: Path) -> None:
    run("reserve", "clara", "cantine", "2026-10-12", *EARLY)
    assert "1 enfant(s) attendu(s)" in run("door-list", "2026-10-12", *LATE).output
    table, page = tmp_path / "p.csv", tmp_path / "p.html"
    run("door-list", "2026-10-12", "--csv", str(table), "--html", str(page), *LATE)
    (row,) = csv.DictReader(io.StringIO(table.read_text("utf-8-sig")), delimiter=";")
    assert (row["nom"], row["prénom"], row["produit"]) == ("Martin", "Clara", "cantine")
    assert "<b>Martin</b> Clara" in page.read_text("utf-8")
    (plain,) = json.loads(run("door-list", "2026-10-12", "--json", *LATE).output)
    assert plain["enfant"] == "clara"


def test_a_door_list_filled_in_a_spreadsheet_is_read_back(run: Run, base: str, tmp_path: Path) -> None:
    for child in ("clara", "guilhem"):
        run("reserve", child, "cantine", "2026-10-12", *EARLY)
    run("reserve", "clara", "soir", "2026-10-12", *EARLY)
    sheet = tmp_path / "feuille.csv"
    run("door-list", "2026-10-12", "--csv", str(sheet), *LATE)
    head, *lines = sheet.read_text("utf-8-sig").splitlines()
    noon = ("--le", "2026-10-12 19:00")

    def filled(**cells: str) -> str:
        rows = []
        for line in lines:
            row = dict(zip(head.split(";"), line.split(";"), strict=True))
            row |= {"départ": "18:05"} if row["produit"] == "soir" else {"présent": cells.get(row["enfant"], "")}
            rows.append(";".join(row.values()))
        sheet.write_text("\ufeff" + "\n".join([head, *rows]), encoding="utf-8")
        return str(sheet)

    said = run("attend", "--feuille", filled(clara="oui"), *noon).output
    assert "2 pointage(s)" in said  # at noon and, by her departure, in the evening; nothing of Guilhem yet
    with reading(base).unit(write=False) as uow:
        (evening,) = (one for one in uow.presences.of(CLARA) if one.key.product == "soir")
        assert (evening.present, f"{evening.departure}") == (True, "18:05:00")
        assert not uow.presences.of(GUILHEM)
    assert "Guilhem Martin : absent" in run("attend", "--feuille", filled(clara="oui"), "--complet", *noon).output
    wrong = run("attend", "--feuille", filled(clara="peut-être"), *noon, code=2).output
    assert "colonne présent" in wrong
    assert "« oui » ou « non »" in wrong
    assert "pas encore" not in run("attend", "cantine", "2026-10-12", "--feuille", filled(), *noon, code=2).output
    early = run("attend", "--feuille", filled(clara="oui"), *LATE, code=2).output
    assert "feuille.csv" in early
    assert "un jour passé" in early


def test_a_name_that_begins_like_a_formula_is_inert_in_the_csv(run: Run, base: str, tmp_path: Path) -> None:
    store = reading(base)
    with store.unit() as uow:
        stored = uow.children.get(CLARA)
        uow.children.save(Child(CLARA, "=1+1", "Clara", None, schoolings=stored.model.schoolings), stored.version)
        uow.commit()
    run("reserve", "clara", "cantine", "2026-10-12", *EARLY)
    assert ";'=1+1;" in run("door-list", "2026-10-12", "--csv", "-", *LATE).output


def test_registrations_in_words(run: Run, base: str) -> None:
    pattern = OnWeekdays(frozenset({Weekday.MONDAY, Weekday.THURSDAY}), Weeks.EVEN)
    said = Registration(
        FactId("r1"), CLARA, CANTINE, HOME, "2026-2027", Span(day("2026-09-01"), day("2027-07-02")), Formula.REGULAR,
        (PatternFrom(day("2026-09-01"), pattern, at("2026-08-20 10:00"), "famille:anne"),),
    )  # fmt: skip
    with reading(base).unit() as uow:
        uow.registrations.save(said)
        uow.commit()
    (one,) = json.loads(run("registrations", "--enfant", "clara", "--json").output)
    assert (one["service"], one["formule"], one["jours"]) == ("cantine", "régulier", "lundi et jeudi, semaines paires")
    assert json.loads(run("registrations", "--jour", "2027-08-01", "--json").output) == []
    assert "Monday and Thursday, even weeks" in run("registrations", "--langue", "en").output


def test_the_turn_of_the_year_shows_first_and_asks_what_it_cannot_know(run: Run, base: str) -> None:
    dry = run("school-year", "turn", "--le", "2027-06-20 10:00", code=1).output
    assert "essai" in dry
    assert "Guilhem Martin" in dry  # leaves a maternelle: which school follows?
    with reading(base).unit(write=False) as uow:
        assert len(uow.children.get(CLARA).model.schoolings) == 1
    done = run("school-year", "turn", "--apres", "2027-06-20", "--appliquer", "--ecole", "moulin=moulin", "--json")
    report = json.loads(done.output)
    assert {one["enfant"]: one["vers"] for one in report["passages"]} == {"clara": "CM1", "guilhem": "CP"}
    with reading(base).unit(write=False) as uow:
        assert len(uow.children.get(CLARA).model.schoolings) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("reserve", "Zorro", "cantine", "2026-10-12"), "enfant « Zorro » : inconnu"),
        (("reserve", "clara", "piscine", "2026-10-12"), "piscine"),
        (("reserve", "clara", "cantine", "2026-13-45"), "attendu un jour"),
        (("reserve", "clara", "cantine", "2026-10-12..2026-10-01"), "finit avant de commencer"),
        (("reserve", "clara", "cantine", "2026-10-12", "--le", "tantôt"), "attendu un instant"),
        (("week", "clara", "--semaine", "2020-01-06"), "aucune version du règlement"),
        (("school-year", "turn", "--ecole", "moulin"), "attendu MATERNELLE=ELEMENTAIRE"),
    ],
)
def test_what_cannot_be_asked_is_exit_code_2(run: Run, words: tuple[str, ...], said: str) -> None:
    assert said in run(*words, code=2).output


def test_two_children_of_one_name_are_told_apart_by_code(run: Run, base: str) -> None:
    with reading(base).unit() as uow:
        uow.children.save(Child(ChildId("clara-2"), "Martin", "Clara", None))
        uow.households.save(Household(HouseholdId("h2"), "Martin", members=(Member(ChildId("clara-2")),)))
        uow.commit()
    said = run("week", "Clara Martin", *EARLY, code=2).output
    assert "clara-2 (Clara Martin)" in said
