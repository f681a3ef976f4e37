"""Every form of limit met in real règlements: read, printed canonically, read again."""

from __future__ import annotations

import pytest

from periscolaire.catalogue import (
    EachBlock,
    EachMonth,
    Effect,
    Silent,
    Surcharge,
    parse_effect,
    parse_limit,
    parse_point,
    parse_unit,
    print_effect,
    print_limit,
    print_point,
    print_unit,
)
from periscolaire.errors import NotationError

# The examples of the grammar, in their order, and their canonical print.
EXAMPLES = (
    ("2 jours ouvrés avant 10:00", "2 jours ouvrés avant 10:00"),
    ("1 jour de semaine avant, jusqu'à 10:00", "1 jour de semaine avant jusqu'à 10:00"),
    ("jeudi de la semaine précédente 12:00", "jeudi de la semaine précédente 12:00"),
    ("lundi de la semaine de classe précédente", "lundi de la semaine de classe précédente"),
    ("jusqu'au lundi minuit de la semaine précédente", "lundi de la semaine précédente"),
    ("le 20 du mois précédent", "le 20 du mois précédent"),
    ("avant le 18 du mois précédent", "avant le 18 du mois précédent"),
    ("le jour même avant 9:00", "le jour même 9:00"),
    ("le jour même jusqu'à 9:00", "le jour même jusqu'à 9:00"),
    ("le jour même de 8:00 à 8:30", "le jour même de 8:00 à 8:30"),
    ("48 h avant", "48 h avant"),
    ("48 h avant le service", "48 h avant le service"),
    ("48 h ouvrées avant", "48 h ouvrées avant"),
    ("7 jours francs avant", "7 jours francs avant"),
    ("8 jours avant", "8 jours avant"),
    ("la veille", "la veille"),
    ("la veille de classe 12:00", "1 jour de classe avant 12:00"),
    ("3 jours d'ouverture avant 23:00", "3 jours d'ouverture avant 23:00"),
    (
        "lundi <- vendredi 11:00, mardi <- lundi 11:00, jeudi et vendredi <- mercredi 11:00",
        "lundi ← vendredi 11:00, mardi ← lundi 11:00, jeudi et vendredi ← mercredi 11:00",
    ),
    ("vendredi précédent 12:00", "vendredi précédent 12:00"),
    ("15 jours avant les vacances précédentes", "15 jours avant les vacances précédentes"),
    (
        "pendant la dernière semaine complète lun-ven du mois précédent",
        "pendant la dernière semaine complète lun-ven du mois précédent",
    ),
    (
        "le seul vendredi de la semaine précédente, selon places",
        "le seul vendredi de la semaine précédente, selon places",
    ),
    ("du 2023-09-03 20:00 au 2023-09-24 : demande", "du 2023-09-03 20:00 au 2023-09-24 : demande"),
    (
        "mardi de la semaine précédente 10:00 ; puis la veille 10:00 : +2,00 ; puis sans limite : x2",
        "mardi de la semaine précédente 10:00 ; puis la veille 10:00 : +2,00 ; puis sans limite : x2",
    ),
    ("la veille : report ; puis sans limite : perdu", "la veille : report ; puis sans limite : perdu"),
    ("8 jours après l'absence", "8 jours après l'absence"),
    ("jamais", "jamais"),
)

# The communes of the given règlements, as a clerk may write them.
COMMUNES = (
    ("avant le 20 du mois précédent", "avant le 20 du mois précédent"),
    ("1 semaine avant la première réservation", "1 semaine avant la première réservation"),
    (
        'jusqu\'au lundi minuit de la semaine précédente ; puis sans limite : tarif "tardif"',
        'lundi de la semaine précédente ; puis sans limite : tarif "tardif"',
    ),
    ("du 1er au 10 du mois", "du 1 du mois au 10 du mois"),
    ("du 1 du mois au 10", "du 1 du mois au 10 du mois"),
    ("48 h avant ; puis sans limite : +1,00", "48 h avant ; puis sans limite : +1,00"),
    (
        "jusqu'au lundi de la semaine précédente ; puis sans limite : tarif 3,90",
        "lundi de la semaine précédente ; puis sans limite : tarif 3,90",
    ),
    ("1 mois après la facture", "1 mois après la facture"),
    (
        "avant le 18 du mois précédent ; puis sans limite : tarif exceptionnel pour toute la commande",
        'avant le 18 du mois précédent ; puis sans limite : tarif "exceptionnel" par commande',
    ),
    (
        "vendredi de la semaine précédente 12:00 ; puis 7:30-10:30 lun-ven : demande + majoration 2,00, selon places",
        "vendredi de la semaine précédente 12:00 ; puis sans limite, aux heures 7:30-10:30 lun-ven : "
        "demande +2,00, selon places",
    ),
    ("1 jour de guichet avant 11:00", "1 jour de guichet avant 11:00"),
    (
        "mercredi de la semaine précédente ; puis sans limite : accepté jusqu'au 10e, ensuite x2, "
        'compteur "tardif" par année scolaire',
        "mercredi de la semaine précédente ; puis sans limite : accepté jusqu'au 10e, ensuite x2, "
        'compteur "tardif" par enfant par année scolaire',
    ),
    ("sur place", "sur place"),
    ("non dit", "non dit"),
)

# Forms met elsewhere, and the words of letters and web sites.
WORDS = (
    ("8 jours avant minuit", "8 jours avant"),
    ("la veille avant 18h", "la veille 18:00"),
    ("72h", "72 h avant"),
    ("72 heures à l’avance", "72 h avant"),
    ("3 jours ouvrés avant, le soir", "3 jours ouvrés avant"),
    ("LUNDI ← JEUDI midi, mardi ← vendredi midi", "lundi ← jeudi 12:00, mardi ← vendredi 12:00"),
    ("lundi : jeudi 12h, mardi : vendredi 12h", "lundi ← jeudi 12:00, mardi ← vendredi 12:00"),
    (
        "lundi et mardi ← vendredi 9:00, jeudi et vendredi ← mardi 9:00",
        "lundi et mardi ← vendredi 9:00, jeudi et vendredi ← mardi 9:00",
    ),
    (
        "dernier jour de classe avant les vacances précédentes 12:00",
        "1 jour de classe avant les vacances précédentes 12:00",
    ),
    ("mardi 23:59 de la semaine précédente", "mardi de la semaine précédente jusqu'à 23:59"),
    ("mercredi 12 h de la semaine d'avant", "mercredi de la semaine précédente 12:00"),
    ("mercredi ← dimanche soir", "mercredi ← dimanche"),
    ("15 jours francs avant la période", "15 jours francs avant la période"),
    ("à partir de 56 jours avant", "à partir de 56 jours avant"),
    ("à partir de 6 semaines avant, jusqu'à la veille 12:00", "de 6 semaines avant à la veille jusqu'à 12:00"),
    ("15 jours ouvrés avant ; puis sans limite : +50 %", "15 jours ouvrés avant ; puis sans limite : x1,5"),
    ("48 h après l'absence", "48 h après l'absence"),
    ("octobre 2024 ← 2024-09-24 12:00, 2024-11 ← 2024-10-15", "2024-10 ← 2024-09-24 12:00, 2024-11 ← 2024-10-15"),
    ("le 17 août", "le 17 août"),
    ("jusqu’au jeudi midi de la semaine précédente", "jeudi de la semaine précédente jusqu'à 12:00"),
    ("jeudi midi, la semaine d'avant", "jeudi de la semaine précédente 12:00"),
    ("vendredi S-1 12h", "vendredi de la semaine précédente 12:00"),
    ("le vendredi 12h de la semaine N-1", "vendredi de la semaine précédente 12:00"),
    ("J-2", "2 jours avant"),
    ("J-2 ouvrés 10h30", "2 jours ouvrés avant 10:30"),
    ("au plus tard la veille à 10h30", "la veille jusqu'à 10:30"),
    ("au moins 2 jours ouvrés à l'avance", "2 jours ouvrés avant"),
    ("dernier jour ouvré précédent avant midi", "1 jour ouvré avant 12:00"),
    ("avant 10 h la veille", "la veille 10:00"),
    ("l'avant-veille à midi", "2 jours avant 12:00"),
    ("avant-veille de classe 12:00", "2 jours de classe avant 12:00"),
    ("la veille ouvree avant 11h", "1 jour ouvré avant 11:00"),
    ("deux semaines avant", "2 semaines avant"),
    ("la fin du mois précédent", "le dernier jour du mois précédent"),
    ("avant les vacances", "avant le début des vacances"),
    ("2 jours francs ouvrés avant", "2 jours ouvrés francs avant"),
    ("la veille des vacances 17:00", "1 jour avant les vacances 17:00"),
    ("deuxième mardi du mois précédent", "2e mardi du mois précédent"),
    (
        "le 20 du mois précédent, reporté au jour ouvré suivant",
        "le 20 du mois précédent, reporté au jour ouvré suivant",
    ),
    ("du 03/09/2025 au 24/09/2025 minuit", "du 2025-09-03 au 2025-09-24"),
    ("la veille 10:00, sinon demande", "la veille 10:00 ; puis sans limite : demande"),
    ("3 jours avant : dû 50 %", "3 jours avant : dû 50 %"),
    ("48 heures (jours ouvrables)", "48 h ouvrables avant"),
    ("la veille avant 9h30 (jours ouvrés)", "1 jour ouvré avant 9:30"),
    ("le vendredi midi pour la semaine suivante", "vendredi de la semaine précédente 12:00"),
    ("le 25 du mois pour le mois suivant", "le 25 du mois précédent"),
    ("jeudi soir de la semaine précédente", "jeudi de la semaine précédente"),
    ("avant le jeudi soir de la semaine précédente", "jeudi de la semaine précédente"),
    ("un mois avant le premier jour des vacances", "1 mois avant les vacances"),
    ("vendredi 9h pour lundi et mardi, mardi 9h pour jeudi", "lundi et mardi ← vendredi 9:00, jeudi ← mardi 9:00"),
    (
        "du lundi au vendredi ← jeudi -7 12:00",
        "lundi, mardi, mercredi, jeudi et vendredi ← jeudi -7 12:00",
    ),
    ("2 semaines avant, le vendredi 12h", "vendredi de la semaine -2 12:00"),
    ("ouverture 30 jours avant, clôture 2 jours avant", "de 30 jours avant à 2 jours avant"),
    ("30 jours avant au plus tôt et 2 jours avant au plus tard", "de 30 jours avant à 2 jours avant"),
    ("à partir du 1er du mois précédent jusqu'au 20", "du 1 du mois précédent au 20 du mois précédent"),
    ("jusqu'au 20 inclus du mois précédent", "le 20 du mois précédent"),
    ("pas d'annulation possible", "jamais"),
    (
        "pendant les vacances précédentes",
        "du début des vacances précédentes à la fin des vacances précédentes",
    ),
)


@pytest.mark.parametrize(("said", "printed"), EXAMPLES + COMMUNES + WORDS)
def test_a_form_is_read_and_printed(said: str, printed: str) -> None:
    tiers = parse_limit(said)
    assert print_limit(tiers) == printed
    assert parse_limit(printed) == tiers


@pytest.mark.parametrize(
    ("said", "word", "near"),
    [
        ("2 jours ouvrez avant 10:00", "ouvrez", "ouvrés"),
        ("jeudi de la semaine precedante", "precedante", "précédente"),
        ("la veile", "veile", "veille"),
        ("vendredi 12:00", "(fin)", "vendredi de la semaine précédente"),
        ("10 h", "10", "le jour même 10:00"),
        ("la veille 00:00", "00:00", "minuit"),
        ("la veille 25:00", "25:00", "24:00"),
        ("le 32 du mois précédent", "32", "le 20 du mois précédent"),
        ("le 2025-02-30", "2025-02-30", "2025-09-24"),
        ("sans limite : x2 jusqu'au 5e, ensuite refus, compteur repas par an", "par", "par année scolaire"),
        ("lundi ← jeudi, lundi ← mardi", "(fin)", "lundi ← jeudi 12:00, mardi ← vendredi 12:00"),
        ("la veille ; puis", "(fin)", "la veille"),
        ("", "(fin)", "2 jours ouvrés avant 10:00"),
        ("la veille ; puis 10 €", "10", "tarif 10"),  # more, or instead?
        ("2 jours hors mercredi avant", "hors", "un genre de jour à vous : [calendrier] genres"),
        ("le lundi 3 janvier 2023", "lundi", "mardi"),  # a Tuesday
        ("jeudi matin de la semaine précédente", "matin", "une heure : 9:00, midi"),
        ("sans limite avec certificat médical", "avec", 'une règle avec si = { motif = "maladie" }'),
        ("du 31 au 2026-06-15", "(fin)", "du 1 juin au 15 juin"),
        ("de 7:30 à 9:00", "(fin)", "le jour même de 8:00 à 8:30"),
        ("48 h avant ; puis 50 %", "(fin)", "dû 50 %"),
    ],
)
def test_what_is_not_understood_is_named(said: str, word: str, near: str) -> None:
    with pytest.raises(NotationError) as caught:
        parse_limit(said)
    assert caught.value.word == word
    assert near in caught.value.suggestions


def test_midnight_and_a_whole_day_are_one_limit() -> None:
    assert parse_limit("la veille minuit") == parse_limit("la veille 24:00") == parse_limit("la veille")
    assert parse_limit("jusqu'à la veille 24:00") == parse_limit("la veille")


def test_the_last_minute_of_the_day_is_always_inside() -> None:
    assert parse_limit("la veille 23:59") == parse_limit("la veille jusqu'à 23:59")


def test_the_communes_own_kinds_and_events() -> None:
    tiers = parse_limit("2 jours de livraison avant 10:00", kinds=("livraison",))
    assert print_limit(tiers) == "2 jours de livraison avant 10:00"
    assert parse_limit(print_limit(tiers), kinds=("livraison",)) == tiers
    point = parse_point("3 jours après la commission", events=("la commission",))
    assert print_point(point) == "3 jours après la commission"
    with pytest.raises(NotationError):
        parse_point("3 jours après la commission")


def test_effects() -> None:
    assert print_effect(parse_effect("majoration de 2,00 € par commande acquise")) == "+2,00 par commande acquise"
    assert parse_effect("+2,00").price == Surcharge(parse_effect("+2,00").price.amount)  # type: ignore[union-attr]  # a surcharge
    assert parse_effect("accepté") == Effect()


@pytest.mark.parametrize(
    ("said", "unit"),
    [("mois du 11", EachMonth(11)), ("mois", EachMonth())],
)
def test_units(said: str, unit: EachMonth) -> None:
    assert parse_unit(said) == unit
    assert print_unit(unit) == said


def test_a_block_of_weeks() -> None:
    unit = parse_unit("6 semaines depuis 2025-09-01")
    assert isinstance(unit, EachBlock)
    assert print_unit(unit) == "6 semaines depuis 2025-09-01"


def test_silence_is_a_value() -> None:
    assert parse_limit("non précisé")[0].limit == Silent()
