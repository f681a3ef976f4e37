"""Named kinds of day, and the French forms in which they are written."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NewType

from periscolaire.errors import NotationError

__all__ = ["BUSINESS", "CALENDAR", "KINDS", "OFFICE", "OPEN", "SCHOOL", "WEEKDAY", "WORKABLE", "DayKind", "kind_of"]

#: The name of a kind of day, as it is printed after « jour »: ``"ouvré"``, ``"de classe"``, or the commune's own.
DayKind = NewType("DayKind", str)

#: Every civil day.
CALENDAR = DayKind("calendaire")
#: Monday to Friday, public holidays and school holidays included.
WEEKDAY = DayKind("de semaine")
#: Monday to Saturday but public holidays (« jour ouvrable »; service-public.fr F35697).
WORKABLE = DayKind("ouvrable")
#: Monday to Friday but public holidays (« jour ouvré »), or the days that the organiser states as worked.
BUSINESS = DayKind("ouvré")
#: Class is held, be it only in the morning.
SCHOOL = DayKind("de classe")
#: The product in question runs.
OPEN = DayKind("d'ouverture")
#: The counter of the town hall is open.
OFFICE = DayKind("de guichet")

KINDS = (CALENDAR, WEEKDAY, WORKABLE, BUSINESS, SCHOOL, OPEN, OFFICE)

_FORMS = {
    CALENDAR: ("calendaire", "calendaires", "civil", "civils", "calendrier"),
    WEEKDAY: ("de semaine", "de la semaine", "en semaine"),
    WORKABLE: ("ouvrable", "ouvrables"),
    BUSINESS: ("ouvré", "ouvrés", "ouvrée", "ouvrées"),
    SCHOOL: ("de classe", "d'école", "scolaire", "scolaires", "de période scolaire"),
    OPEN: ("d'ouverture", "d'ouverture du service", "de service", "de fonctionnement", "ouvert", "ouverts"),
    OFFICE: ("de guichet", "d'ouverture de la mairie", "d'ouverture du guichet", "de mairie"),
}
_BY_FORM = {form: kind for kind, forms in _FORMS.items() for form in forms}


def kind_of(word: str, own: Iterable[str] = ()) -> DayKind:
    """The kind that a French word names, in any of its grammatical forms; ``own`` are the commune's own kinds.

    A leading « jour(s) » is skipped; an own kind may be written with or without « de ».

    :raises NotationError: no such kind; ``suggestions`` holds the nearest forms.
    """
    bare = re.sub(r"\s+", " ", word.replace("’", "'").strip().lower())
    bare = re.sub(r"^jours? ", "", bare)
    if (known := _BY_FORM.get(bare)) is not None:
        return known
    names = tuple(own)
    for name in names:
        if re.fullmatch(rf"(?:de |d')?{re.escape(name.lower())}s?", bare):
            return DayKind(name)
    near = difflib.get_close_matches(bare, [*_BY_FORM, *names], n=3, cutoff=0.5)
    raise NotationError(word, word.strip(), 0, near or tuple(KINDS))
