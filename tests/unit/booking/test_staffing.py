"""Legal ratios: the worked cases of the articles."""

import pytest

from periscolaire.booking import RATIOS, Setting, children_for, staff_for
from periscolaire.errors import MisuseError


@pytest.mark.parametrize(
    ("under_six", "over", "setting", "required"),
    [
        (28, 0, Setting.SHORT_PEDT, 2),
        (29, 0, Setting.SHORT_PEDT, 3),
        (0, 54, Setting.SHORT_PEDT, 3),
        (0, 0, Setting.HOLIDAYS, 0),
        (1, 1, Setting.HOLIDAYS, 2),  # each age group is rounded up by itself
        (8, 13, Setting.HOLIDAYS, 3),
    ],
)
def test_required(under_six: int, over: int, setting: Setting, required: int) -> None:
    assert staff_for(under_six, over, RATIOS[setting]).required == required


@pytest.mark.parametrize(
    ("required", "qualified", "unqualified"), [(1, 1, 0), (2, 1, 0), (3, 2, 1), (4, 2, 1), (5, 3, 1), (10, 5, 2)]
)
def test_qualification(required: int, qualified: int, unqualified: int) -> None:
    needs = staff_for(8 * required, 0, RATIOS[Setting.HOLIDAYS])
    assert (needs.required, needs.qualified, needs.unqualified) == (required, qualified, unqualified)


@pytest.mark.parametrize("setting", Setting)
@pytest.mark.parametrize("staff", range(5))
@pytest.mark.parametrize(("young", "old"), [(0, 0), (7, 3), (14, 18), (15, 19)])
def test_children_for_is_the_largest_number_the_team_may_take(
    setting: Setting, staff: int, young: int, old: int
) -> None:
    ratio = RATIOS[setting]
    for joins_under_six in (True, False):
        more = children_for(staff, young, old, ratio, joins_under_six=joins_under_six)

        def needed(extra: int, joins: bool = joins_under_six) -> int:
            return staff_for(young + extra * joins, old + extra * (not joins), ratio).required

        assert needed(more + 1) > staff
        if more:
            assert needed(more) <= staff


def test_negative_children_are_misuse() -> None:
    with pytest.raises(MisuseError):
        staff_for(-1, 0, RATIOS[Setting.HOLIDAYS])
