"""Files of people, attacked: whatever the bytes, a report of the file's faults or records whose faults are told."""

from __future__ import annotations

import datetime as dt

from hypothesis import example, given, settings
from hypothesis import strategies as st

from periscolaire.errors import BadFileError
from periscolaire.files import read_onde_guardians, read_onde_pupils
from periscolaire.households import Child, MatchKind, PupilRecord, match_people
from periscolaire.ids import ChildId

TODAY = dt.date(2026, 9, 1)
HEADINGS = "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;Niveau;Libellé classe"
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1252")
#: Letters of every encoding above, and what files are cut with.
CELL = st.text("aéÉœ’ '-;,\t\"\r\n\x00/0123456789", max_size=12)


@given(content=st.one_of(st.binary(max_size=400), st.binary(max_size=80).map(lambda tail: b"\xff\xfe" + tail)))
@example(b"\xff\xfea")
@example(b"\xfe\xff\x00")
@example(b'"')
def test_any_bytes_are_a_table_or_one_report(content: bytes) -> None:
    for read in (lambda: read_onde_pupils(content, TODAY), lambda: read_onde_guardians(content)):
        try:
            read()
        except BadFileError:
            continue  # one report, which holds its faults by construction


@settings(deadline=None)
@given(
    rows=st.lists(st.lists(CELL, max_size=10), max_size=5),
    encoding=st.sampled_from(ENCODINGS),
    cut=st.integers(0, 40),
)
def test_whatever_its_lines_hold_an_extraction_loses_nobody_in_silence(
    rows: list[list[str]], encoding: str, cut: int
) -> None:
    """Every record is right or bears its faults, and one with faults is never created."""
    text = "\n".join([HEADINGS, *(";".join(row) for row in rows)])
    content = text.encode(encoding, errors="replace")
    content = content[: len(content) - cut] if cut and encoding != "utf-16" and rows else content
    try:
        records = read_onde_pupils(content, TODAY)
    except BadFileError:
        return
    for record in records:
        complete = record.family_name and record.first_name and record.birth_date
        assert complete or record.faults
        if record.birth_date is not None:
            assert record.birth_date <= dt.date(TODAY.year, 12, 31)
    plan = match_people(records, (), (), ())
    assert len(plan.children) == len(records)
    assert all((match.kind is MatchKind.REFUSED) is bool(match.record.faults) for match in plan.children)


NAMES = st.sampled_from(["MARTIN", "Martin", "MARTYN", "N'GUESSAN-LE GOFF", "LÉA", ""])
BORN = st.sampled_from([dt.date(2019, 3, 14), dt.date(2019, 3, 15), dt.date(2018, 3, 14)])
PUPILS = st.builds(PupilRecord, st.just(2), NAMES.filter(bool), NAMES.filter(bool), BORN)


@given(
    records=st.lists(PUPILS, max_size=4),
    known=st.lists(st.builds(Child, st.uuids().map(lambda one: ChildId(str(one))), NAMES, NAMES, BORN), max_size=4),
)
def test_only_a_name_and_a_birth_date_that_agree_are_recognised(records: list[PupilRecord], known: list[Child]) -> None:
    """Without the national number nobody is taken for another: all lesser likeness is a doubt for a person."""
    numbered = [PupilRecord(line, one.family_name, one.first_name, one.birth_date) for line, one in enumerate(records)]
    by_id = {child.id: child for child in known}
    for match in match_people(numbered, (), known, ()).children:
        if match.kind is MatchKind.SAME:
            assert match.child is not None
            assert by_id[match.child].birth_date == match.record.birth_date
        if match.kind is MatchKind.NEW:
            assert not any(
                child.birth_date == match.record.birth_date
                and child.family_name == match.record.family_name
                and child.first_name == match.record.first_name
                for child in known
            )
