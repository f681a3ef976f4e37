"""Use cases of requests: ask, read, reply, decide; a decision has its effect at once."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.access import Actor, FamilyActor, Operation, audit, require
from periscolaire.attendance import ProofState
from periscolaire.booking import SlotKey
from periscolaire.errors import NotFoundError
from periscolaire.households import FileChange
from periscolaire.ids import ChildId, HouseholdId, InvoiceId, RequestId
from periscolaire.messages import AbsenceClaim, Attachment, Entry, FamilyRequest, Move, RequestKind, Side
from periscolaire.operations._targets import child_target, household_target
from periscolaire.operations.attendance._appeals import appeal
from periscolaire.operations.families._board import Board
from periscolaire.operations.families._effects import carry_out, fact_of, file_dispute, record_proof
from periscolaire.ports import Stored, UnitOfWork
from periscolaire.reasons import Reason, Verdict

__all__ = ["Asked", "Messages", "NewFile", "RequestDraft"]

#: An absence is told for a school year at most.
_LONGEST = dt.timedelta(days=366)


@attrs.frozen
class NewFile:
    """A file that somebody sends, not yet kept."""

    name: str
    media_type: str
    content: bytes = attrs.field(repr=False)


@attrs.frozen
class RequestDraft:
    """What a family (or staff, for a family on the telephone) asks.

    ``contested`` is a slot about which the household was told something before the bill, and denies it.
    """

    kind: RequestKind
    household: HouseholdId
    subject: str
    text: str
    files: tuple[NewFile, ...] = ()
    child: ChildId | None = None
    claim: AbsenceClaim | None = None
    changes: tuple[FileChange, ...] = ()
    invoice: InvoiceId | None = None
    contested: SlotKey | None = None


@attrs.frozen
class Asked:
    """The request as recorded, or every reason why nothing was."""

    request: FamilyRequest | None
    verdict: Verdict


@attrs.frozen
class Messages(Board):
    """News and requests of one commune: everything of :class:`Board`, then what families ask and staff answer."""

    def ask(self, uow: UnitOfWork, actor: Actor, draft: RequestDraft, *, at: dt.datetime, channel: str) -> Asked:
        """Record a request. All refusals together; on a refusal nothing is written, no file kept.

        An absence whose proof is attached is a pending proof at once: billing then knows that one is awaited. What a
        family contests, a slot or an invoice, waits for the answer as well.

        :raises NotFoundError: nothing was told about the slot that is contested.
        :raises ConflictError: the days to contest it are over, or it is contested already.
        """
        day = self._day(at)
        require(actor, Operation.ASK, household_target(uow, draft.household, day))
        reasons = [*_foreign(uow, draft, day), *_files_refused(draft.kind, draft.files)]
        if not draft.text.strip() and draft.claim is None and not draft.changes:
            reasons.append(Reason.of("request.text_missing"))
        if draft.kind.contests and draft.invoice is None:
            reasons.append(Reason.of("request.invoice_missing"))
        if reasons:
            return Asked(None, Verdict(False, tuple(reasons)))
        request = FamilyRequest(
            id=RequestId(self.ids()),
            kind=draft.kind.code,
            purpose=draft.kind.purpose,
            household=draft.household,
            subject=draft.subject.strip() or draft.kind.label,
            opened_at=at,
            due_on=draft.kind.due_on(day),
            entries=(),
            child=draft.child,
            claim=draft.claim,
            changes=draft.changes,
            invoice=draft.invoice,
            contested=draft.contested,
        )
        if draft.contested is not None:
            appeal(draft.contested, draft.text, uow, actor=actor, now=at, make_id=lambda: fact_of(request))
        if draft.kind.contests:
            file_dispute(uow, request, actor=actor, day=day, motive=draft.text)
        if request.claim is not None and draft.files:
            self._proof(uow, request, request.claim, actor, at)
        entry = Entry(at, actor.label, _side(actor), draft.text, self._kept(draft.files))
        request = attrs.evolve(request, entries=(entry,))
        uow.requests.save(request)
        uow.audit.append([audit(actor, Operation.ASK, f"request:{request.id}", at, channel=channel)])
        uow.commit()
        return Asked(request, Verdict(True))

    def requests(
        self, uow: UnitOfWork, actor: Actor, household: HouseholdId, *, at: dt.datetime
    ) -> tuple[FamilyRequest, ...]:
        """« Mes demandes » of a household, oldest first; a family sees no internal note."""
        require(actor, Operation.VIEW_REQUEST, household_target(uow, household, self._day(at)))
        found = sorted((stored.model for stored in uow.requests.of(household)), key=lambda one: (one.opened_at, one.id))
        return tuple(one.seen_by_family() if isinstance(actor, FamilyActor) else one for one in found)

    def inbox(self, uow: UnitOfWork, actor: Actor) -> tuple[FamilyRequest, ...]:
        """What the commune still has to answer, the first due first; without a due date, the oldest first.

        :raises AccessDeniedError: not staff who see requests.
        """
        require(actor, Operation.VIEW_REQUEST)
        waiting = [stored.model for stored in uow.requests.stream() if stored.model.pending]
        return tuple(sorted(waiting, key=lambda one: (one.due_on or dt.date.max, one.opened_at, one.id)))

    def attachment(
        self, uow: UnitOfWork, actor: Actor, request: RequestId, blob: str, *, at: dt.datetime
    ) -> tuple[Attachment, bytes]:
        """A file that came with a request: what is said of it, and its bytes.

        :raises AccessDeniedError: not this actor's request.
        :raises NotFoundError: no such file in what the actor may see of it.
        """
        model = self._request(uow, actor, request, Operation.VIEW_REQUEST, at).model
        seen = model.seen_by_family() if isinstance(actor, FamilyActor) else model
        for entry in seen.entries:
            for paper in entry.attachments:
                if paper.blob == blob:
                    return paper, self.blobs.get(blob)
        raise NotFoundError(f"file {blob!r} of request {request}", code="request.file_missing", request=request)

    def reply(
        self,
        uow: UnitOfWork,
        actor: Actor,
        request: RequestId,
        move: Move,
        text: str = "",
        files: tuple[NewFile, ...] = (),
        *,
        kind: RequestKind,
        at: dt.datetime,
        channel: str,
    ) -> Asked:
        """Go on with a request: a family adds, withdraws or closes; staff take, ask, answer, accept, refuse, close.

        Accepting an absence makes its proof accepted, refusing it refused; accepting a change of the file applies it;
        a contested slot is decided, a contested invoice is due again. Withdrawn or closed without a decision, a
        request has none of these effects and what it held back goes on.

        :raises AccessDeniedError: not this actor's request, or not theirs to decide.
        :raises ConflictError: the file changed since the family asked.
        """
        stored = self._request(uow, actor, request, Operation.REPLY, at)
        side = _side(actor)
        if side is Side.STAFF and move is not Move.ANSWER:
            self._request(uow, actor, request, Operation.HANDLE_REQUEST, at)
        reasons = list(_files_refused(kind, files))
        if kind.code != stored.model.kind:
            reasons.append(Reason.of("request.kind_unknown"))
        if not stored.model.can(side, move):
            reasons.append(Reason.of("request.move_refused", state=stored.model.state.value))
        if not text.strip() and not files and move in (Move.ADD, Move.ANSWER, Move.ASK_FAMILY):
            reasons.append(Reason.of("request.text_missing"))
        if reasons:
            return Asked(None, Verdict(False, tuple(reasons)))
        entry = Entry(at, actor.label, side, text, self._kept(files)) if text.strip() or files else None
        moved = stored.model.moved(side, move, entry)
        uow.requests.save(moved, stored.version)
        if move is Move.ADD and files and moved.claim is not None:
            self._proof(uow, moved, moved.claim, actor, at)
        carry_out(uow, moved, move, actor=actor, at=at, day=self._day(at), reglements=self.reglements)
        line = audit(actor, Operation.REPLY, f"request:{request}", at, channel=channel, detail=move.value)
        uow.audit.append([line])
        if side is Side.STAFF and move is not Move.TAKE:
            self._tell(uow, moved)
        uow.commit()
        return Asked(moved, Verdict(True))

    def note(self, uow: UnitOfWork, actor: Actor, request: RequestId, text: str, *, at: dt.datetime) -> FamilyRequest:
        """Add a note that only staff see."""
        stored = self._request(uow, actor, request, Operation.HANDLE_REQUEST, at)
        noted = stored.model.noted(Entry(at, actor.label, Side.STAFF, text, internal=True))
        uow.requests.save(noted, stored.version)
        uow.audit.append([audit(actor, Operation.HANDLE_REQUEST, f"request:{request}", at, detail="noted")])
        uow.commit()
        return noted

    # -- inside -----------------------------------------------------------------------------------------------------

    def _kept(self, files: tuple[NewFile, ...]) -> tuple[Attachment, ...]:
        return tuple(
            Attachment(file.name, file.media_type, len(file.content), self.blobs.put(file.content)) for file in files
        )

    def _request(
        self, uow: UnitOfWork, actor: Actor, request: RequestId, operation: Operation, at: dt.datetime
    ) -> Stored[FamilyRequest]:
        stored = uow.requests.find(request)
        # A request that does not exist is nobody's: a family is refused as for one of another household.
        household = stored.model.household if stored is not None else HouseholdId("")
        require(actor, operation, household_target(uow, household, self._day(at)))
        if stored is None:
            raise NotFoundError(f"request {request}", code="request.missing", request=request)
        return stored

    def _proof(
        self, uow: UnitOfWork, request: FamilyRequest, claim: AbsenceClaim, actor: Actor, at: dt.datetime
    ) -> None:
        """A document was handed in with the request: it waits for a decision."""
        record_proof(uow, request, claim, ProofState.PENDING, actor=actor, at=at, reglements=self.reglements)

    def _tell(self, uow: UnitOfWork, request: FamilyRequest) -> None:
        """Write to the accounts of the household that asked, never to the other parent's."""
        for stored in uow.accounts.of(request.household):
            account = stored.model
            if request.household in account.households:
                self.mailer.send(self.portal.reply(account.email, request.subject, account.language))


def _side(actor: Actor) -> Side:
    return Side.FAMILY if isinstance(actor, FamilyActor) else Side.STAFF


def _foreign(uow: UnitOfWork, draft: RequestDraft, day: dt.date) -> list[Reason]:
    """Whom or what a request names that is not of its household: one reason, which does not tell what exists."""
    household = uow.households.get(draft.household).model
    adults = {adult.id for adult in household.adults}
    named = {child for child in (draft.child, draft.contested and draft.contested.child) if child is not None}
    named |= {ChildId(change.subject) for change in draft.changes if change.subject not in adults}
    invoice = uow.invoices.find(draft.invoice) if draft.invoice is not None else None
    strange = named - set(household.children_on(day))
    wrong = draft.invoice is not None and (invoice is None or invoice.model.payer != draft.household)
    claimed = draft.claim is not None and not _own_days(uow, draft.household, draft.claim)
    return [Reason.of("request.other_household")] if strange or wrong or claimed else []


def _own_days(uow: UnitOfWork, household: HouseholdId, claim: AbsenceClaim) -> bool:
    """Whether each day of an absence is this household's to speak for, as where it is told without a request."""
    if claim.last - claim.first > _LONGEST:
        return False
    days = (claim.first + dt.timedelta(days=offset) for offset in range((claim.last - claim.first).days + 1))
    return all(household in child_target(uow, claim.child, day).day_households for day in days)


def _files_refused(kind: RequestKind, files: tuple[NewFile, ...]) -> list[Reason]:
    found: list[Reason] = []
    for already, file in enumerate(files):
        found += kind.attachments.check(file.name, file.media_type, file.content, already).reasons
    return found
