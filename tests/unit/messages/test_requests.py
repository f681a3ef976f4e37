"""The states of a request, its thread and its attachments."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from periscolaire.errors import ConflictError, MisuseError
from periscolaire.ids import ChildId, HouseholdId, RequestId
from periscolaire.messages import (
    MOVES,
    AbsenceClaim,
    AttachmentPolicy,
    Entry,
    FamilyRequest,
    Move,
    Purpose,
    RequestKind,
    RequestState,
    Side,
)

AT = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
CLAIM = AbsenceClaim(ChildId("c"), dt.date(2026, 9, 1), dt.date(2026, 9, 2), "maladie", "certificat médical")
PDF = b"%PDF-1.7"
ENDS = {RequestState.ACCEPTED, RequestState.REFUSED, RequestState.WITHDRAWN, RequestState.CLOSED}


def request(
    purpose: Purpose = Purpose.OTHER, claim: AbsenceClaim | None = None, due_on: dt.date | None = dt.date(2026, 9, 8)
) -> FamilyRequest:
    opening = Entry(AT, "famille:a", Side.FAMILY, "Bonjour")
    return FamilyRequest(
        RequestId("r"), "autre", purpose, HouseholdId("h"), "Question", AT, due_on, (opening,), claim=claim
    )


def test_a_question_is_taken_answered_reopened_and_closed() -> None:
    reply = Entry(AT, "agent:b", Side.STAFF, "Voici")
    answered = request().moved(Side.STAFF, Move.TAKE).moved(Side.STAFF, Move.ANSWER, reply)
    assert answered.state is RequestState.ANSWERED
    assert answered.entries[-1] == reply
    again = answered.moved(Side.FAMILY, Move.ADD, Entry(AT, "famille:a", Side.FAMILY, "Merci, mais…"))
    assert again.state is RequestState.IN_PROGRESS
    assert answered.moved(Side.FAMILY, Move.CLOSE).state is RequestState.CLOSED


@given(st.lists(st.tuples(st.sampled_from(Side), st.sampled_from(Move)), max_size=12))
def test_an_ended_request_never_moves_and_a_family_never_decides(moves: list[tuple[Side, Move]]) -> None:
    item = request()
    for side, move in moves:
        if not item.can(side, move):
            with pytest.raises(ConflictError):
                item.moved(side, move)
            continue
        assert item.state not in ENDS
        item = item.moved(side, move)
        if side is Side.FAMILY:
            assert item.state not in (RequestState.ACCEPTED, RequestState.REFUSED, RequestState.ANSWERED)


def test_every_state_that_is_no_end_has_a_way_out_and_every_state_is_reached() -> None:
    assert {state for state, _, _ in MOVES} == set(RequestState) - ENDS
    assert set(MOVES.values()) | {RequestState.RECEIVED} == set(RequestState)


def test_internal_notes_are_for_staff_alone() -> None:
    note = Entry(AT, "agent:b", Side.STAFF, "voir avec la directrice", internal=True)
    noted = request().noted(note)
    assert note in noted.entries
    assert note not in noted.seen_by_family().entries
    with pytest.raises(MisuseError, match="internal"):
        request().noted(Entry(AT, "agent:b", Side.STAFF, "x"))
    with pytest.raises(MisuseError, match="only staff"):
        Entry(AT, "famille:a", Side.FAMILY, "x", internal=True)


def test_a_due_date_is_missed_only_while_the_commune_owes_an_answer() -> None:
    kind = RequestKind("autre", "Autre", Purpose.OTHER, reply_within=7)
    assert kind.due_on(dt.date(2026, 9, 1)) == dt.date(2026, 9, 8)
    assert RequestKind("autre", "Autre", Purpose.OTHER).due_on(dt.date(2026, 9, 1)) is None
    assert not request().overdue(dt.date(2026, 9, 8))
    assert request().overdue(dt.date(2026, 9, 9))
    assert not request().moved(Side.STAFF, Move.ASK_FAMILY).overdue(dt.date(2026, 9, 9))


def test_what_a_request_is_about_follows_its_purpose() -> None:
    assert request(purpose=Purpose.ABSENCE, claim=CLAIM).claim == CLAIM
    with pytest.raises(MisuseError, match="expected a claim"):
        request(purpose=Purpose.ABSENCE)
    with pytest.raises(MisuseError, match="expected a claim"):
        request(claim=CLAIM)
    with pytest.raises(MisuseError, match="expected changes"):
        request(purpose=Purpose.FILE_CHANGE)
    with pytest.raises(MisuseError, match="before it begins"):
        AbsenceClaim(ChildId("c"), dt.date(2026, 9, 2), dt.date(2026, 9, 1), "maladie", "certificat")


@pytest.mark.parametrize(
    ("name", "media", "content", "already", "codes"),
    [
        ("certificat.pdf", "application/pdf", PDF, 0, []),
        ("photo.JPEG", "image/jpeg", b"\xff\xd8\xff\xe0", 4, []),
        ("certificat.pdf", "application/pdf", b"", 0, ["attachment.empty"]),
        ("certificat.pdf", "application/pdf", PDF + b"x" * 5_000_000, 0, ["attachment.too_large"]),
        ("certificat.pdf", "application/pdf", PDF, 5, ["attachment.too_many"]),
        ("virus.exe", "application/x-msdownload", b"MZ", 0, ["attachment.type_refused"]),
        ("page.html", "application/pdf", b"<html>", 0, ["attachment.not_what_it_says"]),
        ("certificat.pdf", "application/pdf", b"MZ", 0, ["attachment.not_what_it_says"]),
        ("certificat.exe", "application/pdf", PDF, 0, ["attachment.not_what_it_says"]),
        ("../../etc/certificat.pdf", "application/pdf", PDF, 0, ["attachment.name_refused"]),
        ("certificat\u202e.pdf", "application/pdf", PDF, 0, ["attachment.name_refused"]),
    ],
)
def test_attachments(name: str, media: str, content: bytes, already: int, codes: list[str]) -> None:
    verdict = AttachmentPolicy().check(name, media, content, already)
    assert [reason.code for reason in verdict.reasons] == codes
    assert verdict.allowed is (not codes)
