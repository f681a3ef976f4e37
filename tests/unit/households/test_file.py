"""Dated facts, documents, completeness, and the facts of a day."""

import datetime as dt
from decimal import Decimal

import attrs
import pytest

from periscolaire.errors import ConflictError, MisuseError
from periscolaire.facts import Expired, Facts, Unknown
from periscolaire.households import (
    PAI,
    Adult,
    Child,
    Consent,
    DatedFact,
    DatedFacts,
    Document,
    DocumentStatus,
    FileChange,
    FileField,
    Grade,
    Household,
    Level,
    Member,
    Phone,
    PhoneKind,
    PostalAddress,
    Requirement,
    RequirementOf,
    Schooling,
    apply_to_child,
    apply_to_household,
    changes_of_adult,
    changes_of_child,
    completeness,
    facts_of_day,
)
from periscolaire.ids import AdultId, ChildId, FactId, HouseholdId, SchoolCode

DAY = dt.date
H, C = HouseholdId("h"), ChildId("c")
AT = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
ADULT = Adult(AdultId("a"), "MARTIN", "Alice", phones=(Phone(PhoneKind.MOBILE, "0600000001"),))
HOME = Household(H, "MARTIN", (ADULT,), (Member(C),), PostalAddress(("12 rue des Écoles",), "99100", "Val Fictif"))
LEA = Child(C, "MARTIN", "Léa", DAY(2019, 3, 14),
            schoolings=(Schooling(DAY(2025, 9, 1), None, SchoolCode("ferry"), Grade.CP, "CP A"),))  # fmt: skip


def fact(value: object, first: dt.date, last: dt.date | None, minute: int = 0, name: str = "quotient") -> DatedFact:
    return DatedFact(H, name, value, first, last, AT + dt.timedelta(minutes=minute))  # type: ignore[arg-type]  # any fact value


def paper(kind: str, last: dt.date | None, status: DocumentStatus = DocumentStatus.ACCEPTED) -> Document:
    return Document(FactId(kind), C, kind, DAY(2025, 9, 1), last, status, AT)


def test_the_fact_recorded_last_wins_on_the_days_it_names() -> None:
    facts = DatedFacts((
        fact(Decimal(700), DAY(2026, 1, 1), DAY(2026, 12, 31)),
        fact(Decimal(500), DAY(2026, 3, 1), DAY(2026, 3, 31), minute=1),
    ))  # fmt: skip
    read = [facts.on(day).known("quotient") for day in (DAY(2026, 2, 28), DAY(2026, 3, 1), DAY(2026, 4, 1))]
    assert read == [700, 500, 700]
    assert facts.known_at(AT).on(DAY(2026, 3, 1)).known("quotient") == 700


def test_an_ended_fact_is_expired_from_the_day_after_and_unknown_before() -> None:
    facts = DatedFacts((fact(Decimal(700), DAY(2026, 1, 1), DAY(2026, 1, 31)),))
    assert facts.on(DAY(2026, 2, 1)).state("quotient") == Expired(Decimal(700), DAY(2026, 2, 1))
    assert facts.on(DAY(2025, 12, 31)).state("quotient") == Unknown()


def test_a_withdrawn_fact_is_unknown_not_expired() -> None:
    facts = DatedFacts((
        fact(Decimal(700), DAY(2026, 1, 1), None),
        fact(Unknown("refused"), DAY(2026, 2, 1), None, minute=1),
    ))  # fmt: skip
    assert facts.on(DAY(2026, 2, 1)).state("quotient") == Unknown("refused")
    ended = facts.adding([fact(Unknown(), DAY(2026, 1, 1), DAY(2026, 1, 5), minute=2)])
    assert ended.on(DAY(2026, 1, 3)).state("quotient") == Unknown()


def test_a_dated_fact_needs_an_aware_instant_and_a_span() -> None:
    with pytest.raises(MisuseError, match="naive"):
        DatedFact(H, "quotient", Decimal(1), DAY(2026, 1, 1), None, dt.datetime(2026, 1, 1))  # noqa: DTZ001  # the fault
    with pytest.raises(MisuseError, match="before it begins"):
        fact(Decimal(1), DAY(2026, 1, 2), DAY(2026, 1, 1))


def test_facts_of_a_day_gather_school_documents_and_dated_facts() -> None:
    papers = (
        paper("assurance", None),
        paper(PAI, DAY(2026, 6, 30)),
        paper("vaccination", None, DocumentStatus.RECEIVED),
    )
    dated = DatedFacts((fact(Decimal(700), DAY(2026, 1, 1), None),))
    facts = facts_of_day(DAY(2026, 3, 14), HOME, LEA, dated, papers, complete=False)
    assert facts == Facts({
        "household_children": 1, "commune": "Val Fictif", "file_complete": False, "age": 7, "school": "ferry",
        "inclusive_class": False, "class_name": "CP A", "grade": "CP", "level": "élémentaire",
        "documents": frozenset({"assurance", "pai"}), "pai": True, "quotient": Decimal(700),
    })  # fmt: skip
    assert facts_of_day(DAY(2026, 7, 1), HOME, LEA, documents=papers).state("pai") == Expired(True, DAY(2026, 7, 1))


def test_what_a_clerk_records_wins_over_what_follows_from_the_file() -> None:
    said = DatedFact(C, "level", "maternelle", DAY(2026, 1, 1), None, AT)
    assert facts_of_day(DAY(2026, 1, 5), HOME, LEA, DatedFacts((said,))).known("level") == "maternelle"


def test_facts_of_another_child_are_never_mixed_in() -> None:
    other = DatedFact(ChildId("x"), "pai", True, DAY(2026, 1, 1), None, AT)
    assert facts_of_day(DAY(2026, 1, 5), HOME, LEA, DatedFacts((other,))).known("pai") is None


@pytest.mark.parametrize(
    ("papers", "code"),
    [
        ((), "file.document_missing"),
        ((paper("assurance", DAY(2026, 1, 4)),), "file.document_expired"),
        ((paper("assurance", None, DocumentStatus.RECEIVED),), "file.document_pending"),
        ((paper("assurance", None, DocumentStatus.REFUSED),), "file.document_missing"),
        ((paper("assurance", DAY(2026, 1, 5)),), None),
    ],
)
def test_every_state_of_a_required_document(papers: tuple[Document, ...], code: str | None) -> None:
    verdict = completeness(HOME, [LEA], papers, (), [Requirement("assurance")], DAY(2026, 1, 5))
    assert [reason.code for reason in verdict.reasons] == ([code] if code else [])
    assert verdict.allowed is (code is None)


def test_requirements_of_levels_households_and_consents() -> None:
    day = DAY(2026, 1, 5)
    photo = Requirement("photo", consent=True)
    nursery = Requirement("doudou", levels=frozenset({Level.MATERNELLE}))
    income = Requirement("avis d'imposition", RequirementOf.HOUSEHOLD)
    reasons = completeness(HOME, [LEA], (), (), [photo, nursery, income], day).reasons
    assert [reason.code for reason in reasons] == ["file.consent_missing", "file.document_missing"]
    answered = Consent(C, "photo", given=False, at=AT)
    assert completeness(HOME, [LEA], (), [answered], [photo, nursery], day).allowed
    silent = attrs.evolve(HOME, adults=(attrs.evolve(ADULT, phones=()),))
    assert completeness(silent, [LEA], (), (), (), day).reasons[0].code == "file.contact_missing"


def test_a_correction_is_applied_only_over_what_the_family_saw() -> None:
    corrected = attrs.evolve(ADULT, first_name="Aline", email="aline@exemple.fr")
    changes = changes_of_adult(ADULT, corrected)
    assert [change.field for change in changes] == [FileField.FIRST_NAME, FileField.EMAIL]
    home = HOME
    for change in changes:
        home = apply_to_household(home, change)
    assert home.adults == (corrected,)
    with pytest.raises(ConflictError, match="changed since"):
        apply_to_household(home, changes[0])


def test_corrections_of_a_child_and_their_misuse() -> None:
    (change,) = changes_of_child(LEA, attrs.evolve(LEA, birth_date=DAY(2019, 3, 15)))
    assert apply_to_child(LEA, change).birth_date == DAY(2019, 3, 15)
    with pytest.raises(MisuseError, match="applied to child"):
        apply_to_child(attrs.evolve(LEA, id=ChildId("x")), change)
    with pytest.raises(MisuseError, match="not a field of child"):
        apply_to_child(LEA, FileChange(C, FileField.CIVILITY, None, "Madame"))
    with pytest.raises(MisuseError, match="nothing changes"):
        FileChange(C, FileField.FIRST_NAME, "Léa", "Léa")
