"""Public holidays, through the ``holidays`` package, which is imported only here and only when first asked."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable

from periscolaire.calendar._territories import Territory, plain
from periscolaire.errors import MisuseError

__all__ = ["public_holidays"]

#: Days that the package lists for a territory although no law makes them public holidays there: kept only when the
#: commune asks. Good Friday depends on the commune in Alsace-Moselle (ordinance of 16 August 1892), is custom in the
#: Antilles, as are Mi-Carême and 21 July; it is law in French Polynesia.
_CUSTOMARY = frozenset({"vendredi saint", "mi careme", "fete de victor schoelcher"})
_CUSTOM_IS_LAW = frozenset({"Polynésie française"})


@functools.lru_cache(maxsize=256)
def _listed(subdivision: str | None, year: int) -> tuple[tuple[dt.date, str], ...]:
    import holidays  # here, because it costs 0.1 s

    found = holidays.country_holidays("FR", years=year, subdiv=subdivision, language="fr", expand=False)
    return tuple(sorted((day, str(name)) for day, name in found.items() if day.year == year))


def public_holidays(
    territory: Territory,
    years: Iterable[int],
    *,
    keep: Iterable[str] = (),
    without: Iterable[str | dt.date] = (),
) -> dict[dt.date, str]:
    """The public holidays of ``territory`` in these civil years, by day, in order; none is moved from a Sunday.

    ``keep`` names customary days to keep (« vendredi saint », « mi-carême », « fête de Victor Schoelcher »);
    ``without`` names, or dates, of listed days that are worked here.

    :raises MisuseError: ``keep`` or ``without`` names a day that the package does not list for the territory.
    """
    kept = {plain(name) for name in keep}
    dropped = {plain(name) for name in without if isinstance(name, str)}
    dropped_days = {day for day in without if isinstance(day, dt.date)}
    custom = _CUSTOMARY if territory.name not in _CUSTOM_IS_LAW else frozenset[str]()
    found: dict[dt.date, str] = {}
    seen: set[str] = set()
    span = sorted(set(years))
    for year in span:
        for day, name in _listed(territory.subdivision, year):
            key = plain(name)
            seen.add(key)
            if key in dropped or day in dropped_days or (key in custom and key not in kept):
                continue
            found[day] = name
    if span and (unknown := (kept | dropped) - seen):
        raise MisuseError(
            f"public holidays of {territory.name}: no day named {', '.join(sorted(unknown))}; "
            f"known: {', '.join(sorted(seen))}"
        )
    return found
