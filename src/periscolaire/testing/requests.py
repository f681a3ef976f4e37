"""Attacks on requests as a Hypothesis state machine: two separated parents, the commune, and whatever they do to it.

An adopter runs it against a store of their own::

    class TestMyRequests(RequestMachine.TestCase): ...      # with RequestMachine.make_store overridden

What must never break, whatever the order of requests, replies, files and decisions:

- a request goes only where :data:`~periscolaire.messages.MOVES` says, by whoever may; its household alone sees it;
- the proof that billing reads is pending while a document waits, and says the decision, or nothing, once it is over;
- an invoice is contested exactly while a request that contests it is open;
- the file changes when a change is accepted, at no other time, and never over what changed meanwhile;
- a refusal leaves nothing: no request, no fact, no file, no line.
"""

from __future__ import annotations

import datetime as dt

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from periscolaire.access import Actor, FamilyActor, Role, StaffActor
from periscolaire.attendance import Proof, ProofState, latest
from periscolaire.billing import Invoice, InvoiceKind
from periscolaire.errors import AccessDeniedError, ConflictError
from periscolaire.households import Adult, Child, Custody, EvenOddWeeks, FileChange, FileField, Household, Member
from periscolaire.ids import AccountId, AdultId, ChildId, FactId, HouseholdId, InvoiceId, RequestId
from periscolaire.messages import (
    MOVES,
    AbsenceClaim,
    FamilyRequest,
    Move,
    Purpose,
    RequestKind,
    RequestState,
    Side,
)
from periscolaire.operations import Messages, NewFile, Portal, RequestDraft
from periscolaire.ports import JOURNALS, RECORDS, Store, UnitOfWork
from periscolaire.reglement import Reglements
from periscolaire.storage import MemoryBlobs, MemoryStore
from periscolaire.testing.accounts import MemoryOutbox, numbered

__all__ = ["KINDS", "RequestMachine"]

_BEGIN = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
_HOMES = (HouseholdId("mother"), HouseholdId("father"))
#: The one day of every date of an invoice.
_TERM = dt.date(2026, 9, 1)
_CHILD = ChildId("tom")
_STAFF = StaffActor("agent", frozenset({Role.ADMINISTER}))
_PDF = NewFile("certificat.pdf", "application/pdf", b"%PDF-1.7 certificat")
_FAKE = NewFile("certificat.pdf", "application/pdf", b"MZ")
#: The kinds of requests that the machine plays with.
KINDS = (
    RequestKind("question", "Question", Purpose.OTHER, reply_within=7),
    RequestKind("absence", "Absence", Purpose.ABSENCE),
    RequestKind("dossier", "Dossier", Purpose.FILE_CHANGE),
    RequestKind("contestation", "Contestation", Purpose.INVOICE, contests=True),
)
_OVER = frozenset({RequestState.ACCEPTED, RequestState.REFUSED, RequestState.WITHDRAWN, RequestState.CLOSED})
#: A day of each parent: ISO weeks 37 and 38, odd for the second.
_DAYS = (dt.date(2026, 9, 14), dt.date(2026, 9, 7))


def _parent(home: int) -> FamilyActor:
    return FamilyActor(AccountId(f"account{home}"), AdultId(f"adult{home}"), frozenset({_HOMES[home]}))


@attrs.define
class _Expected:
    home: int
    kind: RequestKind
    state: RequestState = RequestState.RECEIVED
    handed_in: bool = False


class RequestMachine(RuleBasedStateMachine):
    """Asks, answers, adds, withdraws, decides, out of turn and for others: see the module."""

    def make_store(self) -> Store:
        """The store under attack: override to try your own."""
        return MemoryStore()

    @initialize()
    def settle(self) -> None:
        """Two parents who share a child, an invoice each."""
        self.store, self.blobs, self.now = self.make_store(), MemoryBlobs(), _BEGIN
        self.messages = Messages(
            MemoryOutbox(), Portal("Val Fictif", "https://famille.exemple", "01"), self.blobs, numbered("r"),
            Reglements(()),
        )  # fmt: skip
        self.expected: dict[RequestId, _Expected] = {}
        self.names = ["Nom 0", "Nom 1"]
        with self.store.unit() as uow:
            uow.children.save(Child(_CHILD, "Enfant", "Tom", dt.date(2019, 3, 14)))
            for number, home in enumerate(_HOMES):
                adult = Adult(AdultId(f"adult{number}"), f"Nom {number}", "Prénom")
                uow.households.save(Household(home, home, (adult,), (Member(_CHILD),)))
                uow.invoices.save(
                    Invoice(InvoiceId(f"f{number}"), "REGIE", 2026, number + 1, InvoiceKind.INVOICE, home,
                            _TERM, _TERM, _TERM, _TERM, (), 0)
                )  # fmt: skip
            uow.custodies.append([Custody(_CHILD, EvenOddWeeks(*_HOMES))])
            uow.commit()

    def teardown(self) -> None:
        if hasattr(self, "store"):
            self.store.close()

    # -- what people do ---------------------------------------------------------------------------------------------

    @rule(
        by=st.integers(0, 1),
        home=st.sampled_from([0, 0, 0, 0, 0, 1]),
        kind=st.sampled_from(KINDS),
        file=st.sampled_from([None, None, _PDF, _PDF, _PDF, _FAKE]),
        day=st.sampled_from([0, 0, 0, 0, 0, 1]),
        text=st.sampled_from(["Bonjour", "Bonjour", "Bonjour", ""]),
    )
    def ask(self, by: int, home: int, kind: RequestKind, file: NewFile | None, day: int, text: str) -> None:
        """``home`` and ``day`` are told from ``by``: 0 is one's own, 1 the other parent's."""
        whose = by ^ home
        day_of = whose ^ day
        claim = changes = invoice = None
        if kind.purpose is Purpose.ABSENCE:
            claim = AbsenceClaim(_CHILD, _DAYS[day_of], _DAYS[day_of], "maladie", "certificat")
        if kind.purpose is Purpose.FILE_CHANGE:
            before = self.names[whose]
            changes = (FileChange(AdultId(f"adult{whose}"), FileField.FAMILY_NAME, before, before + "x"),)
        if kind.purpose is Purpose.INVOICE:
            invoice = InvoiceId(f"f{day_of}")
        draft = RequestDraft(
            kind, _HOMES[whose], "", text, (file,) if file else (), claim=claim, changes=changes or (), invoice=invoice
        )
        self.now += dt.timedelta(minutes=1)
        with self.store.unit() as uow:
            before_all = _contents(uow)
            try:
                asked = self.messages.ask(uow, _parent(by), draft, at=self.now, channel="en ligne")
            except AccessDeniedError:
                assert whose != by, "a family asks for itself"
                assert _contents(uow) == before_all
                return
            assert whose == by, "nobody asks for the other parent"
            foreign = day_of != whose and kind.purpose in (Purpose.ABSENCE, Purpose.INVOICE)
            wordless = not text and claim is None and not changes
            assert asked.verdict.allowed is not (foreign or wordless or file is _FAKE)
            if asked.request is None:
                assert _contents(uow) == before_all
                return
        self.expected[asked.request.id] = _Expected(by, kind, handed_in=claim is not None and file is not None)

    @rule(by=st.integers(0, 1), kind=st.sampled_from(KINDS[1:]))
    def ask_in_order(self, by: int, kind: RequestKind) -> None:
        """What families do every day, so that it happens often: a request with all that it needs."""
        self.ask(by, 0, kind, _PDF, 0, "Bonjour")

    @precondition(lambda self: any(known.state not in _OVER for known in self.expected.values()))
    @rule(data=st.data(), move=st.sampled_from([Move.ACCEPT, Move.REFUSE, Move.WITHDRAW, Move.CLOSE]))
    def end(self, data: st.DataObject, move: Move) -> None:
        """One of the open requests comes to its end."""
        open_ones = sorted(one for one, known in self.expected.items() if known.state not in _OVER)
        request = data.draw(st.sampled_from(open_ones))
        if move is Move.CLOSE and self.expected[request].state is not RequestState.ANSWERED:
            self._reply(request, "staff", Move.ANSWER, None, "Bien reçu")
        self._reply(request, "family" if move in (Move.WITHDRAW, Move.CLOSE) else "staff", move, None, "")

    @precondition(lambda self: self.expected)
    @rule(
        data=st.data(),
        side=st.sampled_from(["family", "family", "other", "staff", "staff"]),
        move=st.sampled_from(Move),
        file=st.sampled_from([None, None, _PDF, _FAKE]),
        text=st.sampled_from(["Voilà", ""]),
    )
    def reply(self, data: st.DataObject, side: str, move: Move, file: NewFile | None, text: str) -> None:
        self._reply(data.draw(st.sampled_from(sorted(self.expected))), side, move, file, text)

    def _reply(self, request: RequestId, side: str, move: Move, file: NewFile | None, text: str) -> None:
        known = self.expected[request]
        actor: Actor = _STAFF if side == "staff" else _parent(known.home ^ (side == "other"))
        who = Side.STAFF if side == "staff" else Side.FAMILY
        following = MOVES.get((known.state, who, move))
        self.now += dt.timedelta(minutes=1)
        with self.store.unit() as uow:
            before = _contents(uow)
            try:
                said = self.messages.reply(
                    uow, actor, request, move, text, (file,) if file else (), kind=known.kind, at=self.now,
                    channel="en ligne",
                )  # fmt: skip
            except AccessDeniedError:
                assert side == "other"
                assert _contents(uow) == before
                return
            except ConflictError:
                uow.rollback()
                assert move is Move.ACCEPT
                assert known.kind.purpose is Purpose.FILE_CHANGE
                assert self._changed_meanwhile(uow, request), "what the family saw still stands"
                return
            assert side != "other"
            wordless = move in (Move.ADD, Move.ANSWER, Move.ASK_FAMILY) and not text and file is None
            assert said.verdict.allowed is (following is not None and not wordless and file is not _FAKE)
            if said.request is None:
                assert _contents(uow) == before
                return
        assert following is not None
        known.state = following
        known.handed_in = known.handed_in or (
            move is Move.ADD and file is _PDF and known.kind.purpose is Purpose.ABSENCE
        )
        if move is Move.ACCEPT and known.kind.purpose is Purpose.FILE_CHANGE:
            self.names[known.home] = str(said.request.changes[0].after)

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def note(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(sorted(self.expected)))
        with self.store.unit() as uow:
            self.messages.note(uow, _STAFF, request, "entre nous", at=self.now)

    # -- what must hold ---------------------------------------------------------------------------------------------

    @invariant()
    def each_household_sees_its_own_and_no_note(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.unit(write=False) as uow:
            for number, home in enumerate(_HOMES):
                seen = self.messages.requests(uow, _parent(number), home, at=self.now)
                own = {request for request, known in self.expected.items() if known.home == number}
                assert {one.id for one in seen} == own
                assert "entre nous" not in repr(seen)
            for request in self._stored(uow):
                assert request.state is self.expected[request.id].state

    @invariant()
    def proofs_say_what_became_of_their_request(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.unit(write=False) as uow:
            proofs: dict[str, Proof] = {one.id: one for one in latest(uow.proofs.of(_CHILD))}
        for request, known in self.expected.items():
            if known.kind.purpose is Purpose.ABSENCE:
                held = proofs.get(FactId(f"request:{request}"))
                state = held.state if held is not None else ProofState.NONE
                decided = {RequestState.ACCEPTED: ProofState.ACCEPTED, RequestState.REFUSED: ProofState.REFUSED}
                waiting = ProofState.PENDING if known.handed_in and known.state not in _OVER else ProofState.NONE
                assert state is decided.get(known.state, waiting)

    @invariant()
    def an_invoice_is_contested_while_its_request_is_open(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.unit(write=False) as uow:
            for number in (0, 1):
                open_ones = [
                    known
                    for known in self.expected.values()
                    if known.home == number and known.kind.contests and known.state not in _OVER
                ]
                day = self.now.date()
                held = any(one.model.holds_on(day) for one in uow.disputes.of(InvoiceId(f"f{number}")))
                assert not held or open_ones
                assert held or not open_ones

    @invariant()
    def the_file_says_what_was_accepted_last(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.unit(write=False) as uow:
            found = [uow.households.get(home).model.adults[0].family_name for home in _HOMES]
        assert found == self.names

    def _stored(self, uow: UnitOfWork) -> list[FamilyRequest]:
        return [stored.model for stored in uow.requests.stream()]

    def _changed_meanwhile(self, uow: UnitOfWork, request: RequestId) -> bool:
        model = uow.requests.get(request).model
        return model.changes[0].before != self.names[self.expected[request].home]


def _contents(uow: UnitOfWork) -> dict[str, list[object]]:
    return {name: list(getattr(uow, name).stream()) for name in (*JOURNALS, *RECORDS)}
