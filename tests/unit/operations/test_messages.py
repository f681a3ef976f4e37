"""News and requests over a store: who sees what, and what a decision does."""

import datetime as dt

import attrs
import pytest

from periscolaire.access import (
    ANONYMOUS,
    Account,
    FamilyActor,
    Role,
    StaffActor,
)
from periscolaire.attendance import ProofState
from periscolaire.billing import InvoiceKind
from periscolaire.errors import AccessDeniedError, ConflictError, MisuseError, NotFoundError
from periscolaire.households import Adult, Child, Custody, EvenOddWeeks, Household, Member, Schooling, changes_of_adult
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId, InvoiceId, RequestId, SchoolCode
from periscolaire.messages import AbsenceClaim, Move, News, OfSchools, Purpose, RequestKind, RequestState
from periscolaire.operations import Messages, NewFile, Portal, RequestDraft
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglements
from periscolaire.storage import MemoryBlobs, MemoryStore
from periscolaire.testing._stored_samples import MODELS
from periscolaire.testing.accounts import MemoryOutbox, numbered

AT = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
LATER = AT + dt.timedelta(days=1)
HOME, OTHER = HouseholdId("home"), HouseholdId("other")
ALICE = Adult(AdultId("alice"), "MARTIN", "Alice")
PARENT = FamilyActor(AccountId("acc"), ALICE.id, frozenset({HOME}))
STRANGER = FamilyActor(AccountId("x"), AdultId("x"), frozenset({OTHER}))
STAFF = StaffActor("bob", frozenset({Role.ADMINISTER}))
QUESTION = RequestKind("autre", "Autre demande", Purpose.OTHER, reply_within=7)
ABSENCE = RequestKind("absence", "Absence", Purpose.ABSENCE)
CHANGE = RequestKind("dossier", "Dossier", Purpose.FILE_CHANGE)
PDF = NewFile("certificat.pdf", "application/pdf", b"%PDF-1.7 certificat")
CLAIM = AbsenceClaim(ChildId("lea"), dt.date(2026, 9, 3), dt.date(2026, 9, 4), "maladie", "certificat médical")


RULES = Reglements(())


class World:
    """Two families, one of them with an account, and the use cases."""

    def __init__(self) -> None:
        self.store, self.outbox, self.blobs = MemoryStore(), MemoryOutbox(), MemoryBlobs()
        self.messages = Messages(
            self.outbox, Portal("Val Fictif", "https://famille.exemple", "0199"), self.blobs, numbered("r"), RULES
        )
        schooling = Schooling(dt.date(2026, 9, 1), None, SchoolCode("ferry"))
        with self.unit() as uow:
            for home, child, adults in ((HOME, "lea", (ALICE,)), (OTHER, "tom", ())):
                uow.children.save(Child(ChildId(child), "M", child, dt.date(2019, 3, 14), schoolings=(schooling,)))
                uow.households.save(Household(home, home, adults, (Member(ChildId(child)),)))
            uow.accounts.save(Account(PARENT.account, "alice@exemple.fr", ALICE.id, PARENT.households, AT))
            uow.commit()

    def unit(self) -> UnitOfWork:
        return self.store.unit()

    def ask(self, draft: RequestDraft, actor: FamilyActor = PARENT) -> RequestId:
        with self.unit() as uow:
            asked = self.messages.ask(uow, actor, draft, at=AT, channel="en ligne")
        assert asked.request is not None, asked.verdict
        return asked.request.id


@pytest.fixture
def world() -> World:
    return World()


def test_news_is_read_by_its_audience_and_marked_once(world: World) -> None:
    school = OfSchools(frozenset({SchoolCode("ferry")}))
    curie = OfSchools(frozenset({SchoolCode("curie")}))
    with world.unit() as uow:
        for name, audience in (("a", school), ("b", curie)):
            world.messages.publish(uow, STAFF, News(name, "Grève", "x", AT, None, audience), at=AT, channel="mairie")
        for _ in range(2):
            world.messages.mark_read(uow, PARENT, HOME, "a", at=AT)
        assert [(item.news.id, item.read) for item in world.messages.news(uow, PARENT, HOME, at=AT)] == [("a", True)]
        assert len(uow.read_marks) == 1
        with pytest.raises(NotFoundError):
            world.messages.mark_read(uow, PARENT, HOME, "b", at=AT)
        world.messages.withdraw(uow, STAFF, "a", at=LATER, channel="mairie")
        assert world.messages.news(uow, PARENT, HOME, at=LATER) == ()


def test_only_staff_who_administer_publish_and_nobody_reads_for_another_household(world: World) -> None:
    news = News("a", "Grève", "x", AT)
    with world.unit() as uow:
        for actor in (PARENT, ANONYMOUS, StaffActor("c", frozenset({Role.BILL}))):
            with pytest.raises(AccessDeniedError):
                world.messages.publish(uow, actor, news, at=AT, channel="en ligne")
        with pytest.raises(AccessDeniedError):
            world.messages.news(uow, STRANGER, HOME, at=AT)


def test_a_question_is_asked_answered_and_announced_to_the_family_alone(world: World) -> None:
    request = world.ask(RequestDraft(QUESTION, HOME, "Menus", "Où les lire ?"))
    with world.unit() as uow:
        assert uow.requests.get(request).model.due_on == dt.date(2026, 9, 8)
        world.messages.note(uow, STAFF, request, "déjà demandé", at=AT)
        answered = world.messages.reply(
            uow, STAFF, request, Move.ANSWER, "Sur le site.", kind=QUESTION, at=LATER, channel="mairie"
        )
        assert answered.request is not None
        (seen,) = world.messages.requests(uow, PARENT, HOME, at=LATER)
    assert [entry.text for entry in seen.entries] == ["Où les lire ?", "Sur le site."]
    assert [mail.to for mail in world.outbox.mails] == ["alice@exemple.fr"]
    assert "Sur le site." not in world.outbox.mails[0].text, "the answer stays behind the sign-in"


def test_a_request_of_the_wrong_household_is_refused_the_same_way_as_none(world: World) -> None:
    request = world.ask(RequestDraft(QUESTION, HOME, "Menus", "Où ?"))
    with world.unit() as uow:
        refusals = []
        for name in (request, RequestId("no such")):
            with pytest.raises(AccessDeniedError) as error:
                world.messages.reply(uow, STRANGER, name, Move.ADD, "x", kind=QUESTION, at=AT, channel="en ligne")
            refusals.append(str(error.value))
        assert refusals[0] == refusals[1]
        with pytest.raises(AccessDeniedError):
            world.messages.ask(uow, STRANGER, RequestDraft(QUESTION, HOME, "x", "y"), at=AT, channel="en ligne")
        with pytest.raises(AccessDeniedError):
            world.messages.note(uow, PARENT, request, "x", at=AT)


@pytest.mark.parametrize(
    ("draft", "codes"),
    [
        (RequestDraft(QUESTION, HOME, "x", " "), ["request.text_missing"]),
        (RequestDraft(QUESTION, HOME, "x", "y", child=ChildId("tom")), ["request.other_household"]),
        (RequestDraft(QUESTION, HOME, "x", "y", child=ChildId("nobody")), ["request.other_household"]),
        (RequestDraft(QUESTION, HOME, "x", "y", invoice=InvoiceId("f")), ["request.other_household"]),
        (
            RequestDraft(ABSENCE, HOME, "x", "y", claim=attrs.evolve(CLAIM, child=ChildId("tom"))),
            ["request.other_household"],
        ),
        (
            RequestDraft(QUESTION, HOME, "x", "", (attrs.evolve(PDF, content=b"MZ"),)),
            ["attachment.not_what_it_says", "request.text_missing"],
        ),
    ],
)
def test_a_refused_request_leaves_nothing_behind(world: World, draft: RequestDraft, codes: list[str]) -> None:
    with world.unit() as uow:
        asked = world.messages.ask(uow, PARENT, draft, at=AT, channel="en ligne")
        assert asked.request is None
        assert [reason.code for reason in asked.verdict.reasons] == codes
        assert (len(uow.requests), len(uow.proofs), len(uow.audit)) == (0, 0, 0)
    assert world.blobs == MemoryBlobs()


@pytest.mark.parametrize(("move", "state"), [(Move.ACCEPT, ProofState.ACCEPTED), (Move.REFUSE, ProofState.REFUSED)])
def test_a_proof_is_pending_when_sent_and_follows_the_decision(world: World, move: Move, state: ProofState) -> None:
    request = world.ask(RequestDraft(ABSENCE, HOME, "", "Léa est malade", (PDF,), claim=CLAIM))
    with world.unit() as uow:
        world.messages.reply(uow, STAFF, request, move, "Vu.", kind=ABSENCE, at=LATER, channel="mairie")
        pending, decided = uow.proofs.of(CLAIM.child)
    assert (pending.state, decided.state) == (ProofState.PENDING, state)
    assert (decided.id, decided.received_at, decided.first, decided.motive) == (pending.id, AT, CLAIM.first, "maladie")
    assert world.blobs.get(uow_blob(world, request)) == PDF.content


def uow_blob(world: World, request: RequestId) -> str:
    with world.unit() as uow:
        return uow.requests.get(request).model.entries[0].attachments[0].blob


def test_an_accepted_change_is_applied_unless_the_file_moved_meanwhile(world: World) -> None:
    changes = changes_of_adult(ALICE, attrs.evolve(ALICE, family_name="PETIT"))
    first = world.ask(RequestDraft(CHANGE, HOME, "", "Mariage", changes=changes))
    second = world.ask(RequestDraft(CHANGE, HOME, "", "Mariage", changes=changes))
    with world.unit() as uow:
        world.messages.reply(uow, STAFF, first, Move.ACCEPT, kind=CHANGE, at=LATER, channel="mairie")
        assert uow.households.get(HOME).model.adults[0].family_name == "PETIT"
    with world.unit() as uow, pytest.raises(ConflictError, match="changed since"):
        world.messages.reply(uow, STAFF, second, Move.ACCEPT, kind=CHANGE, at=LATER, channel="mairie")
    with world.unit() as uow:
        assert uow.requests.get(second).model.state is RequestState.RECEIVED


def test_a_move_out_of_turn_is_a_refusal_with_its_reason(world: World) -> None:
    request = world.ask(RequestDraft(QUESTION, HOME, "x", "y"))
    with world.unit() as uow:
        world.messages.reply(uow, PARENT, request, Move.WITHDRAW, kind=QUESTION, at=AT, channel="en ligne")
        again = world.messages.reply(uow, PARENT, request, Move.ADD, "z", kind=QUESTION, at=AT, channel="en ligne")
    assert [reason.code for reason in again.verdict.reasons] == ["request.move_refused"]


# -- what a request holds back, and for how long ----------------------------------------------------------------------


def latest_proof(uow: UnitOfWork) -> ProofState:
    return uow.proofs.of(ChildId("lea"))[-1].state


@pytest.mark.parametrize("ends", [Move.WITHDRAW, Move.CLOSE])
def test_a_request_that_ends_without_a_decision_holds_no_bill_back(world: World, ends: Move) -> None:
    request = world.ask(RequestDraft(ABSENCE, HOME, "", "Malade", (PDF,), claim=CLAIM))
    with world.unit() as uow:
        assert latest_proof(uow) is ProofState.PENDING
        if ends is Move.CLOSE:
            world.messages.reply(uow, STAFF, request, Move.ANSWER, "?", kind=ABSENCE, at=AT, channel="mairie")
        world.messages.reply(uow, PARENT, request, ends, kind=ABSENCE, at=AT, channel="en ligne")
        assert latest_proof(uow) is ProofState.NONE


def test_a_proof_that_comes_later_is_pending_from_then_on(world: World) -> None:
    request = world.ask(RequestDraft(ABSENCE, HOME, "", "Malade", claim=CLAIM))
    with world.unit() as uow:
        assert uow.proofs.of(CLAIM.child) == ()
        world.messages.reply(uow, PARENT, request, Move.ADD, "", (PDF,), kind=ABSENCE, at=LATER, channel="en ligne")
        assert latest_proof(uow) is ProofState.PENDING
        world.messages.reply(uow, STAFF, request, Move.REFUSE, "Non", kind=ABSENCE, at=LATER, channel="mairie")
        assert latest_proof(uow) is ProofState.REFUSED


def test_an_absence_is_only_told_for_one_s_own_days(world: World) -> None:
    """A separated parent speaks for the days of custody that are theirs, by request as elsewhere."""
    with world.unit() as uow:
        other = uow.households.get(OTHER)
        uow.households.save(other.model.with_child(CLAIM.child), other.version)
        uow.custodies.append([Custody(CLAIM.child, EvenOddWeeks(OTHER, HOME))])
        uow.commit()
        draft = RequestDraft(ABSENCE, HOME, "", "Malade", (PDF,), claim=CLAIM)  # ISO week 36: the other parent's
        asked = world.messages.ask(uow, PARENT, draft, at=AT, channel="en ligne")
        assert [reason.code for reason in asked.verdict.reasons] == ["request.other_household"]
        own = attrs.evolve(CLAIM, first=dt.date(2026, 9, 7), last=dt.date(2026, 9, 8))
        assert world.messages.ask(
            uow, PARENT, attrs.evolve(draft, claim=own), at=AT, channel="en ligne"
        ).verdict.allowed


def test_a_reply_under_another_kind_is_refused(world: World) -> None:
    request = world.ask(RequestDraft(QUESTION, HOME, "x", "y"))
    with world.unit() as uow:
        asked = world.messages.reply(uow, PARENT, request, Move.ADD, "z", kind=CHANGE, at=AT, channel="en ligne")
    assert [reason.code for reason in asked.verdict.reasons] == ["request.kind_unknown"]


def test_a_contested_invoice_waits_for_the_answer(world: World) -> None:
    kind = RequestKind("contestation", "Contester une facture", Purpose.INVOICE, contests=True)
    with world.unit() as uow:
        sample = next(one for one in MODELS["invoices"] if one.kind is InvoiceKind.INVOICE)
        uow.invoices.save(attrs.evolve(sample, payer=HOME))
        uow.commit()
        asked = world.messages.ask(uow, PARENT, RequestDraft(kind, HOME, "", "Trop"), at=AT, channel="en ligne")
        assert [reason.code for reason in asked.verdict.reasons] == ["request.invoice_missing"]
    request = world.ask(RequestDraft(kind, HOME, "", "Trop cher", invoice=sample.id))
    with world.unit() as uow:
        (dispute,) = uow.disputes.of(sample.id)
        assert dispute.model.holds_on(LATER.date())
        world.messages.reply(uow, STAFF, request, Move.REFUSE, "Elle est due.", kind=kind, at=LATER, channel="mairie")
        assert uow.disputes.get(dispute.model.id).model.closed_on == LATER.date()
    with pytest.raises(MisuseError):
        RequestKind("x", "X", Purpose.OTHER, contests=True)


def test_staff_find_what_is_to_be_answered_and_the_files_that_came_with_it(world: World) -> None:
    late = world.ask(RequestDraft(ABSENCE, HOME, "", "Malade", (PDF,), claim=CLAIM))
    first = world.ask(RequestDraft(QUESTION, HOME, "x", "y"))
    with world.unit() as uow:
        assert [one.id for one in world.messages.inbox(uow, STAFF)] == [first, late]
        world.messages.reply(uow, STAFF, first, Move.ANSWER, "z", kind=QUESTION, at=AT, channel="mairie")
        (request,) = world.messages.inbox(uow, STAFF)
        blob = request.entries[0].attachments[0].blob
        for actor in (STAFF, PARENT):
            paper, content = world.messages.attachment(uow, actor, late, blob, at=AT)
            assert (paper.name, content) == ("certificat.pdf", PDF.content)
        with pytest.raises(AccessDeniedError):
            world.messages.attachment(uow, STRANGER, late, blob, at=AT)
        with pytest.raises(NotFoundError):
            world.messages.attachment(uow, PARENT, first, blob, at=AT)
        with pytest.raises(AccessDeniedError):
            world.messages.inbox(uow, PARENT)
