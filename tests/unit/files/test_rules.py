"""The rules file is read strictly: every fault with its line, nothing converted, nothing guessed."""

# ruff: noqa: E501  # tables of cases and files in texts: one case a line reads best

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from periscolaire.catalogue import EachMonth, Multiple, PaymentMode, Surcharge, Verb, print_limit
from periscolaire.errors import BadFileError, UnknownFormatError
from periscolaire.files import load_reglement, read_reglement, write_reglement
from periscolaire.pricing import Flat
from periscolaire.reglement import Reglement

HEAD = 'format = 1\ncommune = "X"\nversion = "1"\nen_vigueur = "2026-09-01"\nzone = "B"\n'
PRODUCT = '[[produits]]\ncode = "cantine"\njours = "jours de classe"\n'


def problems(text: str) -> list[str]:
    with pytest.raises(BadFileError) as caught:
        read_reglement(text, file="r.toml")
    return [str(problem) for problem in caught.value.problems]


def one(text: str) -> str:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


@pytest.mark.parametrize(
    ("line", "found", "expected"),
    [
        ('reservatoin = "la veille"', "reservatoin", "« reservation »"),
        ("reservation = 3", "le nombre 3", "une limite"),
        ('reservation = "la vielle"', "« vielle »", "veille"),
        ('places = "180"', "« 180 »", "un nombre de places"),
        ("places = 1.5", "le nombre 1.5", "un nombre de places"),
        ("places = true", "true", "un nombre de places"),
        ("prix = 4.40", "le nombre 4.4", "entre guillemets"),
        ('prix = "4.4.0"', "« 4.4.0 »", "un prix"),
        ('paiement = "A"', "« A »", "« C »"),
        ('ajout = "oui"', "« oui »", "true ou false"),
        ('horaires = "12:00"', "« 12:00 »", "12:00-13:30"),
        ('horaires = "13:00-25:00"', "« 13:00-25:00 »", "12:00-13:30"),
        ('unite = "jour"\nhors_delai = [{ avant = "la veille" }]', "se contredit", "« reservation »"),
        ('prix = "1"\ntarif = "x"', "se contredit", "un seul de « prix » et « tarif »"),
        ('creneaux = [{ code = 1, horaires = "12:00-13:00" }]', "le nombre 1", "un texte"),
        ("reservation = []", "une liste vide", "une limite"),
        ('reservation = { limite = "la veille", paliers = [] }', "une liste vide", "une liste"),
        ('reservation = [{ limite = "la veille", si = {} }]', "une table", "conditions"),
        ('reservation = [{ limite = "la veille", si = { quotien = 1 } }]', "« quotien »", "« quotient »"),
        ('reservation = [{ limite = "la veille", si = { quotient = "beaucoup" } }]', "'beaucoup'", "un nombre"),
    ],
)
def test_one_fault_names_its_line_what_was_found_and_what_is_expected(line: str, found: str, expected: str) -> None:
    message = one(HEAD + PRODUCT + line + "\n")
    assert message.startswith("r.toml : ligne ")
    assert "produits[1]" in message
    assert found in message
    assert expected in message


def test_all_faults_come_together_in_the_order_of_the_file() -> None:
    text = (
        HEAD.replace('zone = "B"', "zone = 2") + PRODUCT + 'places = "x"\n[[tarifs]]\ncode = "t"\nprix = 1\nbis = 1\n'
    )
    found = problems(text)
    assert ["zone" in found[0], "places" in found[1], "prix" in found[2], "bis" in found[3]] == [True] * 4
    lines = [int(message.split("ligne ")[1].split(",")[0]) for message in found]
    assert lines == sorted(lines)


@pytest.mark.parametrize("missing", ["format", "commune", "version", "en_vigueur"])
def test_a_missing_key_is_named(missing: str) -> None:
    text = "".join(line + "\n" for line in HEAD.splitlines() if not line.startswith(f"{missing} ")) + PRODUCT
    assert f"« {missing} »" in one(text)


@pytest.mark.parametrize("number", [0, 2, 99])
def test_an_unknown_format_is_refused_with_what_to_do(number: int) -> None:
    with pytest.raises(UnknownFormatError, match=f"format {number}"):
        read_reglement(f"format = {number}\n")


def test_a_text_that_is_no_toml_is_refused_with_its_line() -> None:
    assert "ligne 2" in one("format = 1\ncommune = = 2\n")
    assert "entre guillemets" in one("clé = 1\n")


def test_a_file_that_is_no_utf8_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_bytes('commune = "Mauléon"'.encode("latin-1"))
    with pytest.raises(BadFileError, match=r"ligne 1, octet 15 : .* 0xE9, .* Windows-1252.* UTF-8"):
        load_reglement(path)
    path.write_bytes('commune = "Mauléon"'.encode("utf-16"))
    with pytest.raises(BadFileError, match="UTF-16"):
        load_reglement(path)


def test_two_products_of_one_code_and_a_zone_that_does_not_exist() -> None:
    assert "« cantine », déjà pris" in one(HEAD + PRODUCT + PRODUCT)
    assert "une zone : A, B ou C" in one(HEAD.replace('"B"', '"Z"') + PRODUCT)
    assert "« Nantes »" in one(HEAD.replace('zone = "B"', 'academie = "Nante"') + PRODUCT)
    assert "« Guadeloupe »" in one(HEAD.replace('zone = "B"', 'territoire = "Guadeloup"') + PRODUCT)
    reunion = read_reglement(HEAD.replace('zone = "B"', 'territoire = "la reunion"') + PRODUCT)
    assert reunion.calendar.timezone == "Indian/Reunion"


@pytest.mark.parametrize(
    ("limit", "word"),
    [
        ("100000 jours avant", "100000"),
        ("99999999 h avant", "99999999"),
        ("J-10000", "10000"),
        ("lundi de la semaine -12345", "12345"),
        ("le 20 du mois -99999", "99999"),
        ("1000e vendredi précédent", "1000e"),
    ],
)
def test_a_count_that_leaves_every_calendar_is_refused(limit: str, word: str) -> None:
    assert f"« {word} »" in one(HEAD + PRODUCT + f'reservation = "{limit}"\n')


def test_holidays_that_end_before_they_begin_are_refused_in_french() -> None:
    told = one(
        HEAD
        + PRODUCT
        + '[[calendrier.vacances]]\nnom = "x"\nannee = "2030"\napres_la_classe_du = "2030-10-18"\nreprise = "2030-10-04"\n'
    )
    assert "une reprise après la classe du départ" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('commune = "X\n', "un guillemet n'est pas refermé"),
        ("commune = X\n", "un texte va entre guillemets"),
        ("commune\n", "il manque « = »"),
        ("[calendrier]\n[calendrier]\n", "ouverte deux fois"),
        ('commune = "X"\ncommune = "Y"\n', "écrite deux fois"),
        ('semaine = ["lundi"\n', "n'est pas refermée"),
    ],
)
def test_what_toml_refuses_is_said_in_french(text: str, said: str) -> None:
    told = one(text)
    assert said in told
    assert "ligne" in told or "fin du fichier" in told


@pytest.mark.parametrize("key", ["feries_locaux", "feries_travailles"])
def test_a_public_holiday_of_elsewhere_is_named_with_what_to_write(key: str) -> None:
    told = one(f'{HEAD}{PRODUCT}[calendrier]\n{key} = ["2026-10-12", "vendredi saint"]\n')
    assert f"calendrier.{key}[2]" in told
    assert "« vendredi saint », inconnu" in told
    assert "territoire = « Alsace-Moselle »" in told
    read_reglement(f'{HEAD}territoire = "Alsace-Moselle"\n{PRODUCT}[calendrier]\n{key} = ["vendredi saint"]\n')


def test_a_declared_fact_may_not_take_a_name() -> None:
    assert "déjà pris" in one(HEAD + '[[faits]]\nnom = "quotient"\ngenre = "texte"\n' + PRODUCT)


def read(product: str, more: str = "") -> Reglement:
    reglement = read_reglement(HEAD + PRODUCT + product + more)
    assert read_reglement(write_reglement(reglement)) == reglement
    return reglement


def test_a_late_tier_follows_every_rule() -> None:
    rules = (
        read(
            'reservation = { mairie = "la veille", "en ligne" = "48 h avant" }\n'
            'hors_delai = [{ avant = "le jour même 9:00", effet = "majoration", fois = "2" }]\n'
        )
        .products[0]
        .booking
    )
    assert [len(rule.tiers) for rule in rules] == [2, 2]
    assert all(rule.tiers[1].effect.price == Multiple(Decimal(2)) for rule in rules)


def test_the_unit_of_a_product_is_that_of_its_rules_unless_they_say_theirs() -> None:
    product = read(
        'unite = "mois"\nannulation = "la veille"\n'
        'reservation = [{ si = { mode = "occasionnel" }, unite = "jour", limite = "la veille" },'
        ' { limite = "le 18 du mois précédent" }]\n'
    ).products[0]
    assert [type(rule.unit).__name__ for rule in product.booking] == ["EachDay", "EachMonth"]
    assert product.cancellation[0].unit != EachMonth()


def test_effects_in_a_table_and_in_the_notation_are_one() -> None:
    table = read('reservation = { paliers = [{ limite = "la veille", effet = "majoration", montant = "2,00" }] }\n')
    text = read('reservation = "la veille : +2,00"\n')
    assert table == text
    effect = text.products[0].booking[0].tiers[0].effect
    assert (effect.verb, effect.price) == (Verb.ACCEPT, Surcharge(Decimal("2.00")))


def test_prices_dates_and_payment() -> None:
    reglement = read(
        'paiement = "R facture"\ntarif = "t"\n',
        '[[tarifs]]\ncode = "t"\nau = "2026-12-31"\nprix = "4,40"\n[[tarifs]]\ncode = "t"\ndu = "2027-01-01"\nprix = "4,50"\n',
    )
    tariff = reglement.tariff_of("cantine")
    assert tariff is not None
    assert [version.node for version in tariff.versions] == [Flat(Decimal("4.40")), Flat(Decimal("4.50"))]
    assert tariff.versions[0].first_day == dt.date(2026, 9, 1)
    assert reglement.products[0].payment is PaymentMode.AT_VALIDATION


def test_own_day_kinds_and_own_facts_are_words_of_the_file() -> None:
    reglement = read(
        'reservation = "2 jours de livraison avant 9:00"\n[[produits.conditions]]\nnom = "journée"\n'
        'exige = { "journée entière" = true }\n',
        '[calendrier]\ngenres = { livraison = ["mardi", "vendredi"] }\n'
        '[[faits]]\nnom = "journée entière"\ngenre = "oui ou non"\n',
    )
    assert reglement.vocabulary.by_key("journée entière") is not None
    assert reglement.calendar.kind("jours de livraison") == "livraison"


def test_places_may_be_ranked_without_a_number() -> None:
    said = PRODUCT + 'places = { par = "site", attribution = "priorités", priorites = [{ resident = true }] }\n'
    reglement = read_reglement(HEAD + said)
    (rule,) = reglement.products[0].places
    assert (rule.maximum, rule.pool, len(rule.priorities)) == (None, ("site",), 1)
    assert read_reglement(write_reglement(reglement)) == reglement


LIKE = """
format = 1
commune = "X"
version = "1"
en_vigueur = "2026-09-01"
zone = "B"

[[produits]]
code = "matin"
jours = "jours de classe"
reservation = "la veille 12:00"
annulation = "48 h avant"
prix = "1,20"

[[produits]]
code = "soir"
comme = "matin"
annulation = "la veille"
tarif = "soirée"

[[produits]]
code = "étude"
comme = "soir"

[[tarifs]]
code = "soirée"
prix = "2,00"
"""


def test_a_product_takes_what_it_does_not_say_from_another() -> None:
    held = read_reglement(LIKE)
    morning, evening, study = held.products
    assert (evening.booking, evening.open_days) == (morning.booking, morning.open_days)
    assert evening.cancellation != morning.cancellation
    assert (study.name, study.cancellation) == ("étude", evening.cancellation)
    assert [held.tariff_of(code).code for code in ("matin", "soir", "étude")] == ["matin", "soirée", "soirée"]  # type: ignore[union-attr]  # they have one
    assert read_reglement(write_reglement(held)) == held


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ('comme = "matin"', 'comme = "midi"', "un produit écrit plus haut (« matin »)"),
        ('comme = "matin"', 'comme = "étude"', "un produit écrit plus haut (« matin »)"),
        ('comme = "matin"\n', "", "« jours »"),
    ],
)
def test_a_product_is_like_one_written_before(old: str, new: str, expected: str) -> None:
    with pytest.raises(BadFileError) as caught:
        read_reglement(LIKE.replace(old, new))
    assert expected in str(caught.value)


def test_a_proof_comes_after_the_absence() -> None:
    """« sous 8 jours » is before the service everywhere but where a proof is awaited."""
    rows = '[[produits.absence.lignes]]\npreuve_sous = {}\neffet = "non dû"\n'
    for said in ('"sous 8 jours"', '{ limite = "dans les 8 jours" }', '{ mairie = "8 jours" }'):
        reglement = read_reglement(HEAD + PRODUCT + 'annulation = "sous 8 jours"\n' + rows.format(said))
        (row,) = reglement.absence_policy(reglement.products[0].code).rows
        assert row.proof_within is not None
        assert print_limit(row.proof_within[0].tiers) == "8 jours après l'absence"
        assert print_limit(reglement.products[0].cancellation[0].tiers) == "8 jours avant"
        assert read_reglement(write_reglement(reglement)) == reglement


@pytest.mark.parametrize(
    ("said", "days"),
    [
        ("le jour même", 0),
        ("au plus tard le premier jour du séjour", 0),
        ("avant le départ", 1),
        ("la veille de l'arrivée", 1),
        ("huit jours avant l'arrivée", 8),
        ("une semaine avant le début de l'activité", 7),
        ("au plus tard 15 jours avant le début du stage", 15),
        ("J-30", 30),
    ],
)
def test_the_rest_of_a_price_is_due_so_many_days_before(said: str, days: int) -> None:
    """The balance is said as any limit of the file."""
    deposit = f'acompte = {{ a_la_reservation = "30 %", solde = "{said}" }}\n'
    reglement = read_reglement(HEAD + PRODUCT + deposit)
    assert reglement.deposits[reglement.products[0].code].balance_days == days
    assert read_reglement(write_reglement(reglement)) == reglement


@pytest.mark.parametrize("said", ["8 jours après le départ", "48 h avant", "5 jours ouvrés avant", "un mois avant"])
def test_the_rest_of_a_price_is_due_in_days_or_weeks(said: str) -> None:
    with pytest.raises(BadFileError, match=r"solde : .*attendu un délai en jours ou en semaines"):
        read_reglement(HEAD + PRODUCT + f'acompte = {{ a_la_reservation = "30 %", solde = "{said}" }}\n')
