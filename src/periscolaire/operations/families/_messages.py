"""Use cases of news and requests: publish, read, ask, reply, decide; a decision has its effect at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import attrs

from periscolaire.access import COMMUNE, Actor, FamilyActor, Operation, audit, require
from periscolaire.attendance import Proof, ProofState
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.households import FileChange, apply_to_child, apply_to_household
from periscolaire.ids import ChildId, FactId, HouseholdId, InvoiceId, RequestId
from periscolaire.messages import (
    AbsenceClaim,
    Attachment,
    Entry,
    FamilyRequest,
    Move,
    News,
    NewsItem,
    Purpose,
    Reader,
    ReadMark,
    RequestKind,
    Side,
    board,
)
from periscolaire.operations._consumptions import refresh_consumptions
from periscolaire.operations._targets import household_target
from periscolaire.operations.families._mails import Portal
from periscolaire.ports import BlobStore, Mailer, Stored, UnitOfWork, new_id
from periscolaire.reasons import Reason, Verdict
from periscolaire.reglement import Reglements

__all__ = ["Asked", "Messages", "NewFile", "RequestDraft"]


@attrs.frozen
class NewFile:
    """A file that somebody sends, not yet kept."""

    name: str
    media_type: str
    content: bytes = attrs.field(repr=False)


@attrs.frozen
class RequestDraft:
    """What a family (or staff, for a family on the telephone) asks."""

    kind: RequestKind
    household: HouseholdId
    subject: str
    text: str
    files: tuple[NewFile, ...] = ()
    child: ChildId | None = None
    claim: AbsenceClaim | None = None
    changes: tuple[FileChange, ...] = ()
    invoice: InvoiceId | None = None


@attrs.frozen
class Asked:
    """The request as recorded, or every reason why nothing was."""

    request: FamilyRequest | None
    verdict: Verdict


@attrs.frozen
class Messages:
    """News and requests of one commune.

    ``reglements`` are its rules, by which a proof changes what is held of the days it covers; a commune that takes
    no absence in requests may leave them out.
    """

    mailer: Mailer
    portal: Portal
    blobs: BlobStore
    ids: Callable[[], str] = new_id
    reglements: Reglements | None = None

    # -- news -------------------------------------------------------------------------------------------------------

    def publish(self, uow: UnitOfWork, actor: Actor, news: News, *, at: dt.datetime, channel: str) -> None:
        """Publish a news, or put another text in its place."""
        require(actor, Operation.PUBLISH_NEWS, COMMUNE)
        stored = uow.news.find(news.id)
        uow.news.save(news, stored.version if stored else 0)
        uow.audit.append([audit(actor, Operation.PUBLISH_NEWS, f"news:{news.id}", at, channel=channel)])
        uow.commit()

    def withdraw(self, uow: UnitOfWork, actor: Actor, news: str, *, at: dt.datetime, channel: str) -> None:
        """Take a news off the screens from ``at`` on; one that has not appeared yet is forgotten.

        :raises NotFoundError: no such news.
        """
        require(actor, Operation.PUBLISH_NEWS, COMMUNE)
        stored = uow.news.get(news)
        if at <= stored.model.published_from:
            uow.news.remove(news, stored.version)
        else:
            uow.news.save(attrs.evolve(stored.model, published_until=at), stored.version)
        line = audit(actor, Operation.PUBLISH_NEWS, f"news:{news}", at, channel=channel, detail="withdrawn")
        uow.audit.append([line])
        uow.commit()

    def news(
        self, uow: UnitOfWork, actor: FamilyActor, household: HouseholdId, *, at: dt.datetime
    ) -> tuple[NewsItem, ...]:
        """« Mes actualités » of one household of the account."""
        day = self._day(at)
        require(actor, Operation.VIEW_HOUSEHOLD, household_target(uow, household, day))
        items = [stored.model for stored in uow.news.stream()]
        return board(items, _reader(uow, household, day), uow.read_marks.of(actor.account), actor.account, at)

    def mark_read(
        self, uow: UnitOfWork, actor: FamilyActor, household: HouseholdId, news: str, *, at: dt.datetime
    ) -> None:
        """Remember that the account has read a news.

        :raises NotFoundError: this household sees no such news.
        """
        for item in self.news(uow, actor, household, at=at):
            if item.news.id == news:
                if not item.read:
                    uow.read_marks.append([ReadMark(news, actor.account, at)])
                    uow.commit()
                return
        raise NotFoundError(f"news {news}")

    # -- requests ---------------------------------------------------------------------------------------------------

    def ask(self, uow: UnitOfWork, actor: Actor, draft: RequestDraft, *, at: dt.datetime, channel: str) -> Asked:
        """Record a request. All refusals together; on a refusal nothing is written, no file kept.

        An absence whose proof is attached is a pending proof at once: billing then knows that one is awaited.
        """
        day = self._day(at)
        require(actor, Operation.ASK, household_target(uow, draft.household, day))
        reasons = [*_foreign(uow, draft, day), *_files_refused(draft.kind, draft.files)]
        if not draft.text.strip() and draft.claim is None and not draft.changes:
            reasons.append(Reason.of("request.text_missing"))
        if reasons:
            return Asked(None, Verdict(False, tuple(reasons)))
        entry = Entry(at, actor.label, _side(actor), draft.text, self._kept(draft.files))
        request = FamilyRequest(
            id=RequestId(self.ids()),
            kind=draft.kind.code,
            purpose=draft.kind.purpose,
            household=draft.household,
            subject=draft.subject.strip() or draft.kind.label,
            opened_at=at,
            due_on=draft.kind.due_on(day),
            entries=(entry,),
            child=draft.child,
            claim=draft.claim,
            changes=draft.changes,
            invoice=draft.invoice,
        )
        uow.requests.save(request)
        if request.claim is not None and draft.files:
            self._record(uow, _proof(request, request.claim, ProofState.PENDING, actor, at))
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

        Accepting an absence makes its proof accepted, refusing it refused; accepting a change of the file applies it.

        :raises AccessDeniedError: not this actor's request, or not theirs to decide.
        :raises ConflictError: the file changed since the family asked.
        """
        stored = self._request(uow, actor, request, Operation.REPLY, at)
        side = _side(actor)
        if side is Side.STAFF and move is not Move.ANSWER:
            self._request(uow, actor, request, Operation.HANDLE_REQUEST, at)
        reasons = list(_files_refused(kind, files))
        if not stored.model.can(side, move):
            reasons.append(Reason.of("request.move_refused", state=stored.model.state.value))
        if not text.strip() and not files and move in (Move.ADD, Move.ANSWER, Move.ASK_FAMILY):
            reasons.append(Reason.of("request.text_missing"))
        if reasons:
            return Asked(None, Verdict(False, tuple(reasons)))
        entry = Entry(at, actor.label, side, text, self._kept(files)) if text.strip() or files else None
        moved = stored.model.moved(side, move, entry)
        uow.requests.save(moved, stored.version)
        self._decided(uow, actor, moved, move, at)
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
        uow.commit()
        return noted

    # -- inside -----------------------------------------------------------------------------------------------------

    def _day(self, at: dt.datetime) -> dt.date:
        return at.astimezone(self.portal.tz).date()

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
            raise NotFoundError(f"request {request}")
        return stored

    def _decided(self, uow: UnitOfWork, actor: Actor, request: FamilyRequest, move: Move, at: dt.datetime) -> None:
        if move not in (Move.ACCEPT, Move.REFUSE):
            return
        if request.claim is not None:
            require(actor, Operation.DECIDE_PROOF, household_target(uow, request.household, self._day(at)))
            state = ProofState.ACCEPTED if move is Move.ACCEPT else ProofState.REFUSED
            self._record(uow, _proof(request, request.claim, state, actor, at))
        if request.purpose is Purpose.FILE_CHANGE and move is Move.ACCEPT:
            require(actor, Operation.CHANGE_HOUSEHOLD, household_target(uow, request.household, self._day(at)))
            _apply(uow, request)

    def _record(self, uow: UnitOfWork, proof: Proof) -> None:
        """Append the proof and fold again every slot it speaks of, in this transaction."""
        if self.reglements is None:
            raise MisuseError("requests about absences: expected the règlements of the commune")
        uow.proofs.append([proof])
        for held in uow.consumptions.of_child(proof.child, proof.first, proof.last):
            if proof.covers(held.key):
                refresh_consumptions(uow, [held.key], held.household, self.reglements.on(held.key.day))

    def _tell(self, uow: UnitOfWork, request: FamilyRequest) -> None:
        """Write to the accounts of the household that asked, never to the other parent's."""
        for stored in uow.accounts.of(request.household):
            account = stored.model
            if request.household in account.households:
                self.mailer.send(self.portal.reply(account.email, request.subject, account.language))


def _side(actor: Actor) -> Side:
    return Side.FAMILY if isinstance(actor, FamilyActor) else Side.STAFF


def _reader(uow: UnitOfWork, household: HouseholdId, day: dt.date) -> Reader:
    children = [uow.children.get(child).model for child in uow.households.get(household).model.children_on(day)]
    schoolings = [schooling for child in children if (schooling := child.schooling(day)) is not None]
    registrations = [stored.model for stored in uow.registrations.of(household)]
    return Reader(
        household,
        frozenset(schooling.school for schooling in schoolings),
        frozenset((schooling.school, schooling.class_name) for schooling in schoolings if schooling.class_name),
        frozenset(one.product for one in registrations if one.household == household and one.covers(day)),
    )


def _foreign(uow: UnitOfWork, draft: RequestDraft, day: dt.date) -> list[Reason]:
    """Whom or what a request names that is not of its household: one reason, which does not tell what exists."""
    household = uow.households.get(draft.household).model
    named = {child for child in (draft.child, draft.claim.child if draft.claim else None) if child is not None}
    adults = {adult.id for adult in household.adults}
    named |= {ChildId(change.subject) for change in draft.changes if change.subject not in adults}
    invoice = uow.invoices.find(draft.invoice) if draft.invoice is not None else None
    strange = named - set(household.children_on(day))
    wrong = draft.invoice is not None and (invoice is None or invoice.model.payer != draft.household)
    return [Reason.of("request.other_household")] if strange or wrong else []


def _files_refused(kind: RequestKind, files: tuple[NewFile, ...]) -> list[Reason]:
    found: list[Reason] = []
    for already, file in enumerate(files):
        found += kind.attachments.check(file.name, file.media_type, file.content, already).reasons
    return found


def _proof(request: FamilyRequest, claim: AbsenceClaim, state: ProofState, actor: Actor, at: dt.datetime) -> Proof:
    """The proof that a request stands for: one fact id, whose newest state counts; received when it was sent."""
    return Proof(
        FactId(f"request:{request.id}"),
        claim.child,
        claim.first,
        claim.last,
        claim.proof_kind,
        state,
        request.opened_at,
        actor.label,
        at,
        claim.motive,
        claim.products,
    )


def _apply(uow: UnitOfWork, request: FamilyRequest) -> None:
    stored = uow.households.get(request.household)
    household = stored.model
    adults = {adult.id for adult in household.adults}
    for change in request.changes:
        if change.subject in adults:
            household = apply_to_household(household, change)
            continue
        child = uow.children.get(ChildId(change.subject))
        if child.model.id not in {member.child for member in household.members}:
            raise MisuseError(f"request {request.id} changes a child of another household")
        uow.children.save(apply_to_child(child.model, change), child.version)
    if household != stored.model:
        uow.households.save(household, stored.version)
