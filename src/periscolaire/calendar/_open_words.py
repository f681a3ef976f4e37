"""Words that the notation of open days shares between its reader and its printer."""

from __future__ import annotations

from periscolaire.calendar._periods import Season
from periscolaire.calendar._territories import plain

__all__ = ["BOTH_SEASONS", "MONTHS", "MONTH_NUMBERS", "RANKS", "RANK_WORDS", "SHORT", "SUMMER"]

MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
MONTH_NUMBERS = {plain(name): index for index, name in enumerate(MONTHS, 1)}
#: Ranks of weeks, from the first or from the end.
RANKS = {"première": 1, "deuxième": 2, "troisième": 3, "quatrième": 4, "dernière": -1, "avant-dernière": -2}
RANK_WORDS = {rank: word for word, rank in RANKS.items()}
SHORT, SUMMER = frozenset({Season.SHORT_HOLIDAYS}), frozenset({Season.SUMMER})
BOTH_SEASONS = SHORT | SUMMER
