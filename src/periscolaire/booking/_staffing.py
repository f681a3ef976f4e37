"""How many adults a group needs, and how many children a team may take (Code de l'action sociale et des familles).

Sources: R227-15 (holidays), R227-16 I and II (périscolaire, without and with a *projet éducatif territorial*),
R227-12 (qualified and unqualified staff). A garderie that is not declared as an *accueil de loisirs* is outside these
articles: it names no :class:`Setting`. Each age group is rounded up by itself, so that a team is never too small.
"""

from __future__ import annotations

import enum

import attrs

from periscolaire.errors import MisuseError

__all__ = ["RATIOS", "Ratio", "Setting", "StaffNeeds", "children_for", "staff_for"]


class Setting(enum.Enum):
    """The legal frame of a service; the values are the words of files."""

    HOLIDAYS = "extrascolaire"
    LONG = "périscolaire plus de 5 h"
    SHORT = "périscolaire 5 h au plus"
    LONG_PEDT = "périscolaire plus de 5 h avec PEDT"
    SHORT_PEDT = "périscolaire 5 h au plus avec PEDT"


@attrs.frozen
class Ratio:
    """At most ``under_six`` children under 6, or ``six_and_over`` others, for one adult; ``reference``: the article."""

    under_six: int
    six_and_over: int
    reference: str


RATIOS: dict[Setting, Ratio] = {
    Setting.HOLIDAYS: Ratio(8, 12, "CASF R227-15"),
    Setting.LONG: Ratio(8, 12, "CASF R227-16 I"),
    Setting.SHORT: Ratio(10, 14, "CASF R227-16 I"),
    Setting.LONG_PEDT: Ratio(10, 14, "CASF R227-16 II"),
    Setting.SHORT_PEDT: Ratio(14, 18, "CASF R227-16 II"),
}


@attrs.frozen
class StaffNeeds:
    """``required`` adults, of whom at least ``qualified`` hold a diploma and at most ``unqualified`` hold none.

    The others may be in training.
    """

    required: int
    qualified: int
    unqualified: int


def staff_for(under_six: int, six_and_over: int, ratio: Ratio) -> StaffNeeds:
    """The adults that so many children need.

    At least half of the required number are qualified; at most a fifth are not, or one person when three or four
    are required (R227-12).

    :raises MisuseError: a negative number of children.
    """
    if under_six < 0 or six_and_over < 0:
        raise MisuseError(f"{under_six} and {six_and_over} children: expected no negative number")
    required = _up(under_six, ratio.under_six) + _up(six_and_over, ratio.six_and_over)
    unqualified = 1 if required in (3, 4) else required // 5
    return StaffNeeds(required, _up(required, 2), unqualified)


def children_for(staff: int, under_six: int, six_and_over: int, ratio: Ratio, *, joins_under_six: bool) -> int:
    """How many more children of one age group a team of ``staff`` may take beside those already there.

    Zero when the team is already too small: nobody is sent away, nobody more is taken.
    """
    other, own = (six_and_over, under_six) if joins_under_six else (under_six, six_and_over)
    per_other, per_own = (
        (ratio.six_and_over, ratio.under_six) if joins_under_six else (ratio.under_six, ratio.six_and_over)
    )
    free = staff - _up(other, per_other)
    return max(0, free * per_own - own)


def _up(count: int, per: int) -> int:
    return -(-count // per)
