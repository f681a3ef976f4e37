"""Reading rules in the compact notation: tiers, windows, tables, effects, units.

::

    règle    = palier { ";" [ "puis" ] palier }                     the first open tier wins; after the last: refus
    palier   = limite [ ", aux heures" 7:30-10:30 [ jours ] ] [ ":" effet | compteur ] [ ", selon places" ]
    limite   = "jamais" | "sans limite" | "sur place" | "non dit" | point | fenêtre | table
    fenêtre  = "du" point "au" point | "à partir de" point [ "jusqu'à" point ]
             | "pendant" semaine | "le seul" jour | jour "de" heure "à" heure
    point    = [ "avant" | "jusqu'à" | "au plus tard" ] jour [ [ "jusqu'à" ] heure ] [ "exclu" ] [ report ]
    jour     = "le jour même" | "la veille" [ genre ] | n "jours" [ genre ] [ "francs" ] côté
             | n "semaines" [ "de classe" ] côté | n "mois" côté | n "h" [ genre ] côté [ "le service" | heure ]
             | nomjour "précédent" | nomjour "de la semaine" [ "de classe" ] ( "précédente" | "-" n )
             | "le" quantième "du mois" [ "précédent" | "-" n ] | rang ( nomjour | "jour" genre ) "du mois" …
             | "la semaine précédente" | rang "semaine complète" [ "lun-ven" ] "du mois" … | "le" date
             | ( "le début" | "la fin" ) ancre
    côté     = ( "avant" | "après" ) [ ancre ]
    report   = ", reporté au jour" genre ( "précédent" | "suivant" ) [ heure ]
    table    = nomjours "←" point { "," … } | ( mois | "du" date "au" date ) "←" fenêtre { "," … }
    compteur = effet "jusqu'au" n "e" { "," … } ", ensuite" effet ", compteur" nom [ par qui ] "par" durée

Synonyms, accents, plurals and the order of words are free where no other reading is possible; a text with two
readings (« vendredi 12:00 ») is refused with both.
"""

from __future__ import annotations

from typing import TypeVar

from periscolaire.catalogue._days import Anchor
from periscolaire.catalogue._effects import Effect
from periscolaire.catalogue._limits import Point
from periscolaire.catalogue._rules import Tier
from periscolaire.catalogue._units import Unit
from periscolaire.catalogue.notation._effects import EffectReader
from periscolaire.catalogue.notation._names import NameReader
from periscolaire.catalogue.notation._points import PointReader
from periscolaire.catalogue.notation._tables import TableReader
from periscolaire.catalogue.notation._tiers import TierReader
from periscolaire.catalogue.notation._units import UnitReader

_T = TypeVar("_T")

__all__ = ["parse_effect", "parse_limit", "parse_point", "parse_unit"]


def parse_limit(
    text: str, kinds: tuple[str, ...] = (), events: tuple[str, ...] = (), *, after: str | None = None
) -> tuple[Tier, ...]:
    """The tiers that ``text`` says; ``kinds`` and ``events`` are the commune's own day kinds and anchors.

    A count that says no side (« sous 8 jours ») is before the service, or after the anchor ``after``.

    >>> print_limit(parse_limit("jusqu'au jeudi midi de la semaine précédente"))
    "jeudi de la semaine précédente jusqu'à 12:00"

    :raises NotationError: a word is not understood; it is named, with the nearest forms.
    """
    reader = TableReader.of(text, kinds, events)
    if after is not None:
        reader.otherwise = (1, Anchor(after))
    return _finished(reader, TierReader(reader).tiers())


def parse_point(text: str, kinds: tuple[str, ...] = (), events: tuple[str, ...] = ()) -> Point:
    """A single point in time (``8 jours après l'absence``).

    :raises NotationError: a word is not understood.
    """
    reader = PointReader.of(text, kinds, events)
    return _finished(reader, reader.point())


def parse_effect(text: str) -> Effect:
    """An effect (``+2,00 par commande``, ``demande``, ``dû 50 %``).

    :raises NotationError: a word is not understood.
    """
    reader = NameReader.of(text)
    return _finished(reader, EffectReader(reader.walker).effect())


def parse_unit(text: str) -> Unit:
    """A unit (``jour``, ``mois du 11``, ``6 semaines depuis 2025-09-01``).

    :raises NotationError: a word is not understood.
    """
    return UnitReader.of(text).whole()


def _finished(reader: NameReader, value: _T) -> _T:
    """``value``, when nothing of the text follows it."""
    if not reader.walker.done:
        raise reader.walker.failure()
    return value
