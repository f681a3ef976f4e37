"""ONDE's extractions, as they come and as spreadsheets leave them; and who is recognised."""

import datetime as dt
from pathlib import Path

import pytest

from periscolaire.errors import BadFileError
from periscolaire.files import read_onde_guardians, read_onde_pupils
from periscolaire.households import (
    INE,
    Adult,
    Child,
    Civility,
    Grade,
    GuardianRecord,
    Household,
    MatchKind,
    Member,
    PupilName,
    PupilRecord,
    Sex,
    match_people,
)
from periscolaire.ids import AdultId, ChildId, HouseholdId

TODAY = dt.date(2026, 9, 1)
ROOT = Path(__file__).parents[3]
SAMPLES = ROOT.parent / "shared" / "formats" / "onde"
HEADINGS = "Nom élève;Nom d'usage élève;Prénom élève;Date naissance;Sexe;INE;Niveau;Libellé classe"
LINE = "MARTIN;;Léa;14/03/2019;F;000000001AA;CP;CP A"
LEA = PupilRecord(2, "MARTIN", "Léa", dt.date(2019, 3, 14), sex=Sex.FEMALE, ine="000000001AA", grade=Grade.CP,
                  class_name="CP A")  # fmt: skip


def text(*lines: str, separator: str = ";", newline: str = "\r\n") -> str:
    return newline.join(line.replace(";", separator) for line in (HEADINGS, *lines)) + newline


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [";", ",", "\t"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_separators_and_line_ends_read_alike(encoding: str, separator: str, newline: str) -> None:
    content = text(LINE, separator=separator, newline=newline).encode(encoding)
    assert read_onde_pupils(content, TODAY) == (LEA,)


@pytest.mark.parametrize(
    "headings",
    [
        "Nom élève; Nom d’usage élève ;PRENOM ELEVE;Date  naissance;sexe;ine;NIVEAU;Libelle classe",
        "Nom de famille;Nom d'usage;Prénom;Date de naissance;Sexe;INE;Niveau;Classe",
        '"Nom de famille élève";"Nom d\'usage élève";"Prénom élève";"Né(e) le";Sexe;INE;Niveau;"Libellé classe"',
    ],
)
def test_variants_of_headings(headings: str) -> None:
    assert read_onde_pupils(f"{headings}\n{LINE}\n".encode(), TODAY) == (LEA,)


@pytest.mark.parametrize(
    ("born", "code"),
    [
        ("", "import.birth_date_missing"),
        ("31/02/2019", "import.birth_date_impossible"),
        ("29/02/2019", "import.birth_date_impossible"),
        ("14/13/2019", "import.birth_date_impossible"),
        ("14/03/19", "import.birth_date_impossible"),
        ("mars 2019", "import.birth_date_impossible"),
        ("14/03/2099", "import.birth_date_unlikely"),
        ("14/03/1919", "import.birth_date_unlikely"),
        ("00/00/0000", "import.birth_date_impossible"),
    ],
)
def test_a_birth_date_that_cannot_be_is_a_fault_of_its_line_alone(born: str, code: str) -> None:
    first, second = read_onde_pupils(text(LINE.replace("14/03/2019", born), LINE).encode(), TODAY)
    assert ([fault.code for fault in first.faults], first.birth_date) == ([code], None)
    assert second.faults == ()


@pytest.mark.parametrize("born", ["14/03/2019", "14-03-2019", "14.3.2019", "2019-03-14"])
def test_dates_as_people_and_spreadsheets_write_them(born: str) -> None:
    assert read_onde_pupils(text(LINE.replace("14/03/2019", born)).encode(), TODAY)[0].birth_date == LEA.birth_date


def test_short_long_and_nameless_lines_are_faults_and_empty_ones_are_not_lines() -> None:
    lines = ("MARTIN;;Léa;14/03/2019", LINE + ";trop", ";;Léa;14/03/2019;;;;", "", ";;;")
    rows = read_onde_pupils(text(*lines).encode(), TODAY)
    assert [[fault.code for fault in row.faults] for row in rows] == [
        ["import.columns"], ["import.columns"], ["import.name_missing"],
    ]  # fmt: skip


@pytest.mark.parametrize("content", [b"", b"a;b;c\n1;2;3\n", b"PK\x03\x04\x00\x00\x00", "Nom;Prénom\n".encode()])
def test_a_file_that_is_no_extraction_says_what_is_missing(content: bytes) -> None:
    with pytest.raises(BadFileError) as error:
        read_onde_pupils(content, TODAY, "eleves.csv")
    assert error.value.problems
    assert all(problem.file == "eleves.csv" and problem.expected for problem in error.value.problems)


def test_the_samples_of_the_formats_folder() -> None:
    if not SAMPLES.is_dir():
        pytest.skip("the folder of given formats is not beside the project: the samples are not read")
    latin, utf8 = (
        read_onde_pupils((SAMPLES / f"CSVExtraction_eleves_{name}.csv").read_bytes(), TODAY)
        for name in ("latin1", "utf8")
    )
    assert latin == utf8
    assert [(row.family_name, row.first_name, row.grade, row.class_name) for row in latin] == [
        ("MARTIN", "Léa", Grade.CP, "CP A"),
        ("BERNARD", "Hugo", Grade.CM1, "CM1-CM2"),
        ("N'GUESSAN-LE GOFF", "Anaïs Zoé", Grade.MS, "MS"),
    ]
    alice, paul = read_onde_guardians((SAMPLES / "CSVExtraction_responsables_latin1.csv").read_bytes())
    assert (alice.civility, alice.email, alice.phones[0].number) == (
        Civility.MADAME, "alice.martin@example.org", "0600000001",
    )  # fmt: skip
    assert [name.first_name for name in paul.children] == ["Hugo", "Inès"]
    plan = match_people(latin, (alice, paul), (), ())
    assert plan.count(MatchKind.NEW) == 3
    assert [match.pupils for match in plan.guardians] == [(2,), (3,)]


def child(id: str, family: str, first: str, born: dt.date | None = LEA.birth_date, ine: str = "") -> Child:
    return Child(ChildId(id), family, first, born, external_ids=((INE, ine),) if ine else ())


@pytest.mark.parametrize(
    ("known", "kind"),
    [
        (child("c", "Martin", "LEA"), MatchKind.SAME),
        (child("c", "AUTRE", "Léa", ine="000000001AA"), MatchKind.SAME),  # a new name, the same number and birth date
        (child("c", "MARTIN", "Léa", dt.date(2019, 3, 15)), MatchKind.DOUBTFUL),
        (child("c", "MARTIN", "Léa", None), MatchKind.DOUBTFUL),
        (child("c", "MARTYN", "Léo"), MatchKind.DOUBTFUL),
        (child("c", "LEA", "Martin"), MatchKind.DOUBTFUL),
        (child("c", "AUTRE", "Tom", dt.date(2018, 1, 1), ine="000000001AA"), MatchKind.DOUBTFUL),
        (child("c", "DUPONT", "Léa"), MatchKind.NEW),
        (child("c", "MARTIN", "Hugo"), MatchKind.NEW),  # a twin
    ],
)
def test_who_is_recognised_doubted_or_new(known: Child, kind: MatchKind) -> None:
    (match,) = match_people([LEA], [], [known], []).children
    assert match.kind is kind
    assert match.child == (known.id if kind is MatchKind.SAME else None)
    assert bool(match.reasons) is (kind is MatchKind.DOUBTFUL)


def test_two_that_fit_one_line_and_one_line_given_twice_are_doubtful() -> None:
    two = [child("a", "MARTIN", "Léa"), child("b", "Martin", "Lea")]
    assert match_people([LEA], [], two, []).children[0].candidates == ("a", "b")
    again = read_onde_pupils(text(LINE, LINE).encode(), TODAY)
    assert [match.kind for match in match_people(again, [], [], []).children] == [MatchKind.DOUBTFUL] * 2


def test_a_faulty_line_is_refused_and_a_doubt_is_settled_by_a_person() -> None:
    faulty = read_onde_pupils(text(LINE.replace("14/03/2019", "31/02/2019")).encode(), TODAY)
    assert match_people(faulty, [], [], []).children[0].kind is MatchKind.REFUSED
    plan = match_people([LEA], [], [child("c", "MARTIN", "Léa", None)], [])
    assert plan.settled(2, ChildId("c")).children[0].child == "c"
    assert plan.settled(2, None).children[0].kind is MatchKind.NEW
    assert plan.settled(3, None) == plan


def test_a_guardian_is_recognised_in_the_family_or_by_e_mail() -> None:
    record = GuardianRecord(2, "MARTIN", "Alice", email="alice@exemple.fr", children=(PupilName("MARTIN", "Léa"),))
    alice = Adult(AdultId("a"), "Martin", "ALICE")
    family = Household(HouseholdId("h"), "MARTIN", (alice,), (Member(ChildId("c")),))
    homonym = Household(HouseholdId("x"), "MARTIN", (Adult(AdultId("b"), "MARTIN", "Alice"),))
    (match,) = match_people([LEA], [record], [child("c", "MARTIN", "Léa")], [family, homonym]).guardians
    assert (match.kind, match.adult, match.household) == (MatchKind.SAME, "a", "h")
    (match,) = match_people([LEA], [record], [], [homonym]).guardians
    assert match.kind is MatchKind.NEW
    by_mail = Household(HouseholdId("x"), "M", (Adult(AdultId("b"), "MARTIN", "Alice", email="ALICE@exemple.fr"),))
    assert match_people([LEA], [record], [], [by_mail]).guardians[0].adult == "b"
    nobody = GuardianRecord(3, "PETIT", "Jean", children=(PupilName("X", "Y"),))
    assert match_people([LEA], [nobody], [], []).guardians[0].kind is MatchKind.REFUSED
