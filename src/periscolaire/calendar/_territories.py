"""Territories of the Republic: whose public holidays, school holidays and clocks apply where."""

from __future__ import annotations

import difflib
import functools
import unicodedata

import attrs

from periscolaire.errors import MisuseError

__all__ = ["TERRITORIES", "TIMEZONES", "Territory", "plain", "territory"]


@attrs.frozen
class Territory:
    """One territory: its usual ``name``, the ``zone`` of its school holidays (``None`` where académies decide), its
    IANA time zone, the subdivision of the ``holidays`` package, and the population words that concern it alone in
    the official data (``populations``)."""

    name: str
    zone: str | None
    timezone: str
    subdivision: str | None
    populations: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()


_PARIS = "Europe/Paris"

#: Decree 2017-292 of 6 March 2017 (legal time) and Code du travail, L3133-1, L3134-13, L3422-2 (public holidays).
TERRITORIES = (
    Territory("Métropole", None, _PARIS, None, aliases=("France", "France métropolitaine")),
    Territory("Alsace-Moselle", "B", _PARIS, "6AE", aliases=("Alsace", "Moselle", "Bas-Rhin", "Haut-Rhin")),
    Territory("Corse", "Corse", _PARIS, None, aliases=("Corse-du-Sud", "Haute-Corse")),
    Territory("Guadeloupe", "Guadeloupe", "America/Guadeloupe", "971", ("Guadeloupe",)),
    Territory("Martinique", "Martinique", "America/Martinique", "972"),
    Territory("Guyane", "Guyane", "America/Cayenne", "973"),
    Territory("La Réunion", "La Réunion", "Indian/Reunion", "974", aliases=("Réunion",)),
    Territory("Mayotte", "Mayotte", "Indian/Mayotte", "976"),
    Territory("Saint-Pierre-et-Miquelon", "Saint-Pierre-et-Miquelon", "America/Miquelon", "PM"),
    Territory(
        "Saint-Barthélemy", "Guadeloupe", "America/St_Barthelemy", "BL", ("Saint-Barthélémy", "Saint-Barthélemy")
    ),
    Territory("Saint-Martin", "Guadeloupe", "America/Marigot", "MF", ("Saint-Martin",)),
    Territory("Nouvelle-Calédonie", "Nouvelle-Calédonie", "Pacific/Noumea", "NC"),
    Territory("Polynésie française", "Polynésie française", "Pacific/Tahiti", "PF", aliases=("Polynésie", "Tahiti")),
    Territory("Wallis-et-Futuna", "Wallis-et-Futuna", "Pacific/Wallis", "WF", aliases=("Wallis et Futuna",)),
)

#: Every legal time of the Republic; the Marquesas and the Gambier islands do not keep the time of Tahiti.
TIMEZONES = (*dict.fromkeys(known.timezone for known in TERRITORIES), "Pacific/Marquesas", "Pacific/Gambier")


@functools.lru_cache(maxsize=4096)
def plain(text: str) -> str:
    """``text`` without accents, in lower case, words parted by one space: what names are compared by."""
    bare = unicodedata.normalize("NFKD", text.replace("’", "'").replace("-", " "))
    return " ".join("".join(char for char in bare if not unicodedata.combining(char)).lower().split())


_BY_NAME = {plain(name): known for known in TERRITORIES for name in (known.name, *known.aliases)}


def territory(name: str) -> Territory:
    """The territory of that name, accents, hyphens and case aside.

    :raises MisuseError: no such territory; the message shows the nearest names.
    """
    found = _BY_NAME.get(plain(name))
    if found is None:
        near = difflib.get_close_matches(plain(name), _BY_NAME, n=3, cutoff=0.5)
        shown = [_BY_NAME[key].name for key in near] or [known.name for known in TERRITORIES]
        raise MisuseError(f"territory {name!r}: expected one of {', '.join(dict.fromkeys(shown))}")
    return found
