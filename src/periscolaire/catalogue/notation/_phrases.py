"""The phrases of the notation: what words do in a sentence, whatever they name.

Written, like the names of :mod:`._words`, without accents and in lower case.
"""

from __future__ import annotations

from periscolaire.catalogue._limits import Limit, Never, NoLimit, OnTheSpot, Silent

BEFORE = ("avant", "d' avance", "a l' avance", "auparavant", "a l' avance de", "plus tot", "precedant", "qui precede")

#: « 15 jours avant au minimum »: behind a side, it changes nothing.
AT_LEAST = ("au minimum", "minimum", "au moins", "minimum requis")

AFTER = ("apres", "suivant", "a compter de", "plus tard")

UNTIL = (
    "jusqu' a", "jusqu' au", "jusqu' aux", "jusqu'", "jusque", "au plus tard", "au plus tard a", "au plus tard au",
    "dernier delai", "au maximum", "maximum", "d' ici", "d' ici le", "d' ici au", "d' ici a",
)  # fmt: skip

#: Behind a day or an hour: included, left out.
INSIDE = ("inclus", "incluse", "compris", "comprise", "dernier delai", "au plus tard", "maximum", "max")

OUTSIDE = ("exclu", "exclue", "non compris", "strictement")

#: Words in front that change nothing.
NOISE = (
    "au moins", "au minimum", "minimum", "un delai de", "dans les", "dans un delai de", "sous", "le delai est de",
    "dans un delai maximum de", "dans un delai maximal de", "dans un delai max de", "un delai maximum de",
    "un delai minimum de", "dans un delai minimum de", "un delai de prevenance de", "avec un delai de",
    "moyennant un delai de", "avec un preavis de", "un preavis de", "en respectant un delai de",
)  # fmt: skip

PREVIOUS = (
    "precedent", "precedente", "precedents", "precedentes", "d' avant", "avant", "qui precede", "passe", "passee",
)  # fmt: skip

NEXT = ("suivant", "suivante", "d' apres", "prochain", "prochaine", "qui suit", "a venir")

THIS = ("en cours", "meme", "du service", "concerne", "concernee", "du repas", "courante", "courant")

SAME_DAY = (
    "jour meme", "meme jour", "jour j", "jour du service", "jour du repas", "jour de la prestation", "matin meme",
    "jour concerne", "jour de presence",
)  # fmt: skip

FOR_TOMORROW = (
    "pour le lendemain", "pour le repas du lendemain", "pour les repas du lendemain", "pour le jour suivant",
)  # fmt: skip

FOR_NEXT_WEEK = tuple(
    f"{comma}pour la semaine {which}"
    for comma in ("", ", ")
    for which in ("suivante", "d' apres", "qui suit", "prochaine", "a venir")
)

ARTICLES = ("le", "la", "l'", "les", "au", "du", "a", "de", "d'", "des", "aux")

#: What opens a window.
OPENS = (
    "a partir de", "a partir du", "a partir", "des le", "des la", "des", "ouvert des", "ouvert a partir de",
    "ouverture", "ouverture le",
)  # fmt: skip

PLACES = (
    "selon places", "selon les places", "selon les places disponibles", "selon places disponibles",
    "sous reserve de places", "sous reserve de place", "sous reserve de places disponibles",
    "dans la limite des places", "dans la limite des places disponibles", "s' il reste des places",
)  # fmt: skip

#: In a table.
OTHER_WEEKDAYS = ("les autres jours", "autres jours", "les autres", "tous les autres jours")

#: « pour le repas du », « pour une inscription le », « pour les repas des »: words between « pour » and its weekdays.
FOR_WHAT = ("repas", "ceux", "celui", "inscription", "reservation", "accueil", "garderie", "presence", "jour", "jours")

#: After « ; » or a comma, or alone: the limit before is over.
BEYOND = (
    "au - dela", "au dela", "au - dela de ce delai", "au dela de ce delai", "passe ce delai", "passe cette limite",
    "passe cette date", "passe cette heure", "apres ce delai", "apres cette date", "apres cette heure",
    "hors de ce delai", "en dehors de ce delai", "en dehors de ces delais",
)  # fmt: skip

ABSENT: tuple[tuple[tuple[str, ...], Limit], ...] = (
    (
        (
            "jamais", "impossible", "aucune annulation", "aucune annulation possible", "pas d' annulation",
            "pas d' annulation possible", "annulation impossible", "non autorise", "non autorisee", "jamais rembourse",
            "jamais remboursable",
        ),
        Never(),
    ),
    (
        (
            "sans limite", "sans limites", "sans delai", "a tout moment", "toujours", "aucune limite", "illimite",
            "pas de limite", "aucun delai", "libre", "librement", "pas de delai", "sans preavis",
            "sans condition de delai",
        ),
        NoLimit(),
    ),
    (
        (
            "sur place", "sans reservation", "sans inscription", "sans reservation prealable",
            "sans inscription prealable", "pas de reservation", "acces libre", "libre acces",
        ),
        OnTheSpot(),
    ),
    (("non dit", "non precise", "muet", "non indique"), Silent()),
)  # fmt: skip
