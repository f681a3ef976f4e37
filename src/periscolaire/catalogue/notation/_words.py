"""The words of the notation: one table for each thing that a clerk may name, in every form met.

All forms are written without accents and in lower case, as the reader compares them.
"""

from __future__ import annotations

from periscolaire.calendar import BUSINESS, CALENDAR, OFFICE, OPEN, SCHOOL, WEEKDAY, WORKABLE, DayKind, Weekday
from periscolaire.catalogue._effects import Per, Reset, Verb

__all__ = [
    "ANCHORS",
    "DAY_ADJECTIVES",
    "DAY_COMPLEMENTS",
    "DAY_NOUNS",
    "ELSEWHERE",
    "EVENTS",
    "FIRST_DAY_OF_ABSENCE",
    "FORMS",
    "KIND_FORMS",
    "LEFT_OUT",
    "LEXICON",
    "MONTHS",
    "NUMBERS",
    "PER_FORMS",
    "RANKS",
    "REMAINING",
    "RESET_FORMS",
    "VERB_FORMS",
    "WEEKDAY_FORMS",
]

_FRENCH_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")

WEEKDAY_FORMS: dict[str, Weekday] = {
    form: Weekday(i) for i, name in enumerate(_FRENCH_DAYS) for form in (name, name + "s", name[:3])
}

MONTHS = {
    name: number
    for number, name in enumerate(
        (
            "janvier", "fevrier", "mars", "avril", "mai", "juin",
            "juillet", "aout", "septembre", "octobre", "novembre", "decembre",
        ),
        start=1,
    )
}  # fmt: skip

NUMBERS = {
    "un": 1, "une": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8, "neuf": 9,
    "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15, "vingt": 20, "trente": 30,
    "quarante": 40, "soixante": 60,
}  # fmt: skip

RANKS = {
    "premier": 1, "premiere": 1, "1er": 1, "1re": 1, "1ere": 1, "deuxieme": 2, "second": 2, "seconde": 2,
    "troisieme": 3, "quatrieme": 4, "cinquieme": 5, "dernier": -1, "derniere": -1,
    "avant-dernier": -2, "avant-derniere": -2,
}  # fmt: skip

#: After « jour(s) », « veille » or a number of hours.
KIND_FORMS: dict[str, DayKind] = {
    **dict.fromkeys(("calendaire", "calendaires", "civil", "civils", "consecutifs"), CALENDAR),
    **dict.fromkeys(("de semaine", "de la semaine", "en semaine", "de semaines"), WEEKDAY),
    **dict.fromkeys(("ouvrable", "ouvrables", "ouvrables ( samedi compris )"), WORKABLE),
    **dict.fromkeys(("ouvre", "ouvres", "ouvree", "ouvrees", "de travail", "travaille", "travailles"), BUSINESS),
    **dict.fromkeys(
        (
            "de classe", "de classes", "d' ecole", "scolaire", "scolaires", "de cours", "d' enseignement",
            "ouvres scolaires", "ouvre scolaire", "scolaires ouvres",
        ),
        SCHOOL,
    ),
    **dict.fromkeys(
        (
            "d' ouverture", "d' ouverture du service", "de service", "de fonctionnement", "ouvert", "ouverts",
            "ouverte", "ouvertes", "d' accueil", "de restauration", "de cantine",
        ),
        OPEN,
    ),
    **dict.fromkeys(
        (
            "de guichet", "d' ouverture de la mairie", "d' ouverture du guichet", "de mairie",
            "d' ouverture du secretariat", "d' ouverture de l' accueil",
        ),
        OFFICE,
    ),
}  # fmt: skip

#: After « hors »: what is not counted; then what each set of them leaves.
LEFT_OUT = {
    **dict.fromkeys(("week - end", "week - ends", "weekend", "weekends", "samedi - dimanche"), "samedi dimanche"),
    **dict.fromkeys(("samedi", "samedis"), "samedi"),
    **dict.fromkeys(("dimanche", "dimanches"), "dimanche"),
    **dict.fromkeys(("jours feries", "jour ferie", "feries", "jours chomes et feries"), "feries"),
}
REMAINING = {
    frozenset({"samedi", "dimanche"}): WEEKDAY,
    frozenset({"dimanche", "feries"}): WORKABLE,
    frozenset({"samedi", "dimanche", "feries"}): BUSINESS,
}

#: The day of the service, under any of its names: « la date du repas réservé », « la présence de l'enfant ».
#: What is booked as a whole (a stay, a session) counts from its first day: that of the unit.
DAY_NOUNS = (
    "jour", "date", "service", "repas", "prestation", "presence", "frequentation", "venue", "consommation", "accueil",
    "activite", "sejour", "depart", "arrivee", "stage", "camp", "colonie", "colo", "session",
)  # fmt: skip
DAY_COMPLEMENTS = (*DAY_NOUNS, "cantine", "garderie", "debut", "enfant")
DAY_ADJECTIVES = (
    "concerne", "concernee", "souhaite", "souhaitee", "reserve", "reservee", "prevu", "prevue", "choisi", "choisie",
    "vise", "visee", "j",
)  # fmt: skip
#: What days may be counted from, besides: form -> name of the anchor.
ANCHORS = {
    "l' unite": "le jour",
    "le premier jour": "le jour",
    "le 1er jour": "le jour",
    **dict.fromkeys(("le mois", "le mois concerne"), "le mois"),
    **dict.fromkeys(("la periode", "la periode concernee", "chaque periode"), "la période"),
    **dict.fromkeys(
        (
            "les vacances", "les vacances concernees", "les vacances scolaires", "chaque periode de vacances",
            "chaque periode de vacances scolaires", "la periode de vacances", "la periode de vacances concernee",
            "chaque vacances", "les conges scolaires", "les petites vacances",
        ),
        "les vacances",
    ),
    **dict.fromkeys(("les vacances precedentes", "les dernieres vacances"), "les vacances précédentes"),
    **dict.fromkeys(("l' annee scolaire", "la rentree", "la rentree scolaire"), "l'année scolaire"),
}  # fmt: skip

#: The first day of an absence of several days: « l'absence » is each of them.
FIRST_DAY_OF_ABSENCE = "le premier jour d'absence"

#: Events that every règlement may name; a commune may add its own.
EVENTS = {
    "l' inscription": "l'inscription",
    "la premiere reservation": "la première réservation",
    "la reservation": "la réservation",
    "l' absence": "l'absence",
    "la facture": "la facture",
    "la reception de la facture": "la facture",
    "la demande": "la demande",
    **dict.fromkeys(("le retour", "le retour de l' enfant", "au retour", "au retour de l' enfant"), "le retour"),
    **dict.fromkeys(
        ("le premier jour d' absence", "le premier jour de l' absence", "le 1er jour d' absence"), FIRST_DAY_OF_ABSENCE
    ),
    "le premier service": "la première réservation",
}

VERB_FORMS: dict[str, Verb] = {
    **dict.fromkeys(("accepte", "acceptee", "accord", "autorise", "autorisee"), Verb.ACCEPT),
    **dict.fromkeys(
        (
            "demande", "sur demande", "a la demande", "liste d' attente", "sur liste d' attente", "en liste d' attente",
            "mis en liste d' attente", "mis sur liste d' attente",
        ),
        Verb.REQUEST,
    ),
    **dict.fromkeys(("possible", "eventuel", "au cas par cas"), Verb.POSSIBLE),
    **dict.fromkeys(("refus", "refuse", "refusee"), Verb.REFUSE),
    **dict.fromkeys(
        (
            "non du", "non due", "non facture", "non facturee", "gratuit", "rembourse", "remboursee", "remboursable",
            "remboursement",
        ),
        Verb.NOTHING,
    ),
    **dict.fromkeys(
        (
            "du", "due", "facture", "facturee", "repas du", "repas facture", "le repas est du", "le repas est facture",
            "non rembourse", "non remboursee", "non remboursable", "aucun remboursement", "pas de remboursement",
            "sans remboursement",
        ),
        Verb.DUE,
    ),
    **dict.fromkeys(("report", "reporte", "avoir"), Verb.CARRIED_OVER),
    **dict.fromkeys(("perdu", "perdue"), Verb.LOST),
}  # fmt: skip

PER_FORMS = {
    "par enfant": Per.CHILD,
    "par eleve": Per.CHILD,
    "par famille": Per.HOUSEHOLD,
    "par foyer": Per.HOUSEHOLD,
    "par enfant et produit": Per.CHILD_PRODUCT,
    "par enfant et par produit": Per.CHILD_PRODUCT,
    "par enfant et par service": Per.CHILD_PRODUCT,
}

RESET_FORMS = {
    "par semaine": Reset.WEEK,
    "par mois": Reset.MONTH,
    "par periode": Reset.PERIOD,
    "par annee scolaire": Reset.SCHOOL_YEAR,
    "par annee civile": Reset.CIVIL_YEAR,
    "par suite d' absence": Reset.ABSENCE,
    "par suite d' absences": Reset.ABSENCE,
    "par demande": Reset.REQUEST,
    "en tout": Reset.NEVER,
}

#: Words of real règlements that no limit can hold, and what says them.
ELSEWHERE = {
    **dict.fromkeys(
        ("avec", "certificat", "justificatif", "maladie", "motif"), 'une règle avec si = { motif = "maladie" }'
    ),
    **dict.fromkeys(("telephone", "mail", "courriel", "internet", "portail"), 'une règle avec si = { canal = "…" }'),
    **dict.fromkeys(("matin", "matinee", "apres-midi"), "une heure : 9:00, midi"),
    **dict.fromkeys(
        ("pour",), "un tableau : lundi et mardi ← vendredi 9:00 ; ou, pour certains enfants, une règle avec si = { … }"
    ),
    **dict.fromkeys(
        ("habitants", "residents", "exterieurs", "resident", "exterieur"), "une règle avec si = { resident = true }"
    ),
    **dict.fromkeys(("min", "mn", "minutes"), "1 h avant le service, ou une heure : le jour même 11:30"),
    **dict.fromkeys(("trimestre", "semestre"), "la période, ou les dates : du 2026-09-01 au 2026-12-18"),
    "hors": "un genre de jour à vous : [calendrier] genres",
    "urgence": "demande",
}

#: Whole forms, suggested when a text is far from everything.
FORMS = (
    "2 jours ouvrés avant 10:00",
    "jeudi de la semaine précédente 12:00",
    "lundi de la semaine de classe précédente",
    "vendredi précédent 12:00",
    "la veille",
    "la veille 17:00",
    "le jour même 9:00",
    "le jour même jusqu'à 9:00",
    "le jour même de 8:00 à 8:30",
    "48 h avant",
    "48 h avant le service",
    "48 h ouvrées avant",
    "7 jours francs avant",
    "15 jours avant les vacances précédentes",
    "2 semaines avant",
    "1 mois après la facture",
    "le 20 du mois précédent",
    "avant le 18 du mois précédent",
    "dernier mardi du mois précédent",
    "pendant la dernière semaine complète lun-ven du mois précédent",
    "le seul vendredi de la semaine précédente",
    "du 2025-09-03 20:00 au 2025-09-24",
    "à partir de 56 jours avant",
    "lundi ← jeudi 12:00, mardi ← vendredi 12:00",
    "jamais",
    "sans limite",
    "sur place",
    "non dit",
)

#: Single words, with their accents, from which the nearest to a misspelt one is suggested.
LEXICON = (
    *_FRENCH_DAYS,
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre", "jour", "jours", "jour même", "veille", "lendemain", "semaine", "semaines", "mois", "heures",
    "calendaires", "ouvré", "ouvrés", "ouvrable", "ouvrables", "classe", "ouverture", "guichet", "francs", "avant",
    "après", "jusqu'à", "au plus tard", "précédent", "précédente", "précédents", "précédentes", "suivant", "suivante",
    "vacances", "période", "année scolaire", "inscription", "absence", "facture", "première réservation", "service",
    "midi", "minuit", "jamais", "sans limite", "sur place", "non dit", "pendant", "le seul", "complète", "premier",
    "dernier", "dernière", "reporté", "puis", "selon places", "demande", "possible", "refus", "accepté", "dû",
    "non dû", "report", "perdu", "tarif", "par jour", "par commande", "par famille", "par enfant", "par mois",
    "par année scolaire", "par année civile", "compteur", "ensuite", "inclus", "exclu", "aux heures",
)  # fmt: skip
