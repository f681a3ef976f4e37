"""A commune of three children in each kind of store."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from periscolaire.households import Child, Grade, Household, Member, Schooling
from periscolaire.ids import ChildId, SchoolCode
from periscolaire.ports import Store
from tests.stores import new_store
from tests.unit.booking.commune import CLARA, GUILHEM, HOME, OTHER_HOME, day


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    made = new_store(request.param, tmp_path)
    with made.unit() as uow:
        for home, children in ((HOME, (CLARA, GUILHEM)), (OTHER_HOME, (ChildId("zoe"),))):
            uow.households.save(Household(home, "Martin", members=tuple(Member(child) for child in children)))
            for child in children:
                school = Schooling(day("2026-09-01"), None, SchoolCode("moulin"), Grade.CE2, class_name="CE2/CM1")
                uow.children.save(Child(child, "Martin", str(child), day("2018-03-04"), schoolings=(school,)))
        uow.commit()
    yield made
    made.close()
