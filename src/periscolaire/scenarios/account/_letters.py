"""« Mes actualités » and « Mes demandes »: publish, read, write, answer."""

from __future__ import annotations

import datetime as dt
import mimetypes
from collections.abc import Callable

import attrs

from periscolaire.errors import MisuseError
from periscolaire.files import Audience, Step, StepKind
from periscolaire.frozen import FrozenMap
from periscolaire.households import FileChange, changes_of_adult, changes_of_child
from periscolaire.ids import HouseholdId, ProductCode, SchoolCode
from periscolaire.messages import (
    EVERYONE,
    AbsenceClaim,
    FamilyRequest,
    Move,
    News,
    OfHouseholds,
    OfProducts,
    OfSchools,
    Purpose,
    RequestKind,
)
from periscolaire.messages import Audience as NewsAudience
from periscolaire.operations import Asked, Messages, NewFile, RequestDraft
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglements
from periscolaire.scenarios._compare import Answer
from periscolaire.scenarios.account._corrections import corrected
from periscolaire.scenarios.account._hall import CHANNEL, CLERK, Hall
from periscolaire.storage import MemoryBlobs

__all__ = ["Letters"]

_MOVES = {
    "prendre en charge": Move.TAKE,
    "demander une précision": Move.ASK_FAMILY,
    "répondre": Move.ANSWER,
    "accepter": Move.ACCEPT,
    "refuser": Move.REFUSE,
    "clore": Move.CLOSE,
    "ajouter": Move.ADD,
    "retirer": Move.WITHDRAW,
}
#: How files of each type begin: enough of one to be taken for it.
_BEGINNINGS = {"application/pdf": b"%PDF-1.7", "image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n"}
#: What a proof sent with a request is called, whatever its file is called.
_PROOF = "justificatif"


class Letters:
    """News by their titles; requests numbered D1, D2, … as they come, those that an activation makes included."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.messages = Messages(
            hall.box, hall.portal, MemoryBlobs(), hall.make_id, Reglements((hall.world.reglement,))
        )
        self.steps: dict[StepKind, Callable[[Step, UnitOfWork], Answer]] = {
            StepKind.PUBLISH: self.publish,
            StepKind.READ: self.read,
            StepKind.WRITE: self.write,
            StepKind.REPLY: self.reply,
        }

    # -- news -------------------------------------------------------------------------------------------------------

    def publish(self, step: Step, uow: UnitOfWork) -> Answer:
        assert step.typed.text is not None, "the reader asks for the text"
        calendar, until = self.hall.world.reglement.calendar, step.typed.until
        ends = calendar.instant(until + dt.timedelta(days=1), 0) if until is not None else None
        now = self.hall.now(step)
        news = News(step.target, step.target, step.typed.text, now, ends, _audience(step.typed.audience))
        self.messages.publish(uow, CLERK, news, at=now, channel="mairie")
        return Answer(allowed=True)

    def read(self, step: Step, uow: UnitOfWork) -> Answer:
        actor, (_, home), now = self.hall.actor(step), self.hall.adult(step), self.hall.now(step)
        self.messages.mark_read(uow, actor, home, step.target, at=now)
        return self.news(step, uow)

    def news(self, step: Step, uow: UnitOfWork) -> Answer:
        """« Mes actualités », in their order, and how many are not read yet."""
        actor, (_, home) = self.hall.actor(step), self.hall.adult(step)
        items = self.messages.news(uow, actor, home, at=self.hall.now(step))
        titles = tuple(item.news.title for item in items)
        return Answer(allowed=True, news=titles, unread=sum(not item.read for item in items))

    # -- requests ---------------------------------------------------------------------------------------------------

    def write(self, step: Step, uow: UnitOfWork) -> Answer:
        actor, (_, home), now = self.hall.actor(step), self.hall.adult(step), self.hall.now(step)
        draft = RequestDraft(
            _kind(step.target),
            home,
            step.target.capitalize(),
            step.typed.text or "",
            _files(step.typed.attachment),
            child=self.hall.people.children[step.child][0] if step.child is not None else None,
            claim=self._claim(step),
            changes=self._changes(step, home, uow),
        )
        return self._answer(self.messages.ask(uow, actor, draft, at=now, channel=CHANNEL), home, uow)

    def reply(self, step: Step, uow: UnitOfWork) -> Answer:
        """What staff do with a request; with ``adulte``, what the family does."""
        request = self._request(step, uow)
        actor = CLERK if step.typed.adult is None else self.hall.actor(step)
        kind = attrs.evolve(_kind(request.purpose.value), code=request.kind)
        asked = self.messages.reply(
            uow, actor, request.id, _MOVES[step.target], step.typed.text or "", _files(step.typed.attachment),
            kind=kind, at=self.hall.now(step), channel="mairie",
        )  # fmt: skip
        return self._answer(asked, request.household, uow)

    def requests(self, step: Step, uow: UnitOfWork) -> Answer:
        """« Mes demandes »: each with its state."""
        actor, (_, home) = self.hall.actor(step), self.hall.adult(step)
        mine = {one.id for one in self.messages.requests(uow, actor, home, at=self.hall.now(step))}
        return Answer(allowed=True, requests=self._states(uow, lambda one: one.id in mine))

    def _answer(self, asked: Asked, home: HouseholdId, uow: UnitOfWork) -> Answer:
        reasons = asked.verdict.reasons
        states = self._states(uow, lambda one: one.household == home)
        claim = asked.request.claim if asked.request is not None else None
        days = uow.consumptions.of_child(claim.child, claim.first, claim.last) if claim is not None else ()
        outcome = ", ".join(sorted({one.outcome.value for one in days})) or None
        return Answer(allowed=asked.verdict.allowed, reasons=reasons, why=reasons, requests=states, outcome=outcome)

    def _numbered(self, uow: UnitOfWork) -> dict[str, FamilyRequest]:
        every = sorted((stored.model for stored in uow.requests.stream()), key=lambda one: (one.opened_at, one.id))
        return {f"D{number}": one for number, one in enumerate(every, start=1)}

    def _states(self, uow: UnitOfWork, shown: Callable[[FamilyRequest], bool]) -> FrozenMap[str, str]:
        return FrozenMap({name: one.state.value for name, one in self._numbered(uow).items() if shown(one)})

    def _request(self, step: Step, uow: UnitOfWork) -> FamilyRequest:
        every = self._numbered(uow)
        number = step.number or (list(every)[-1] if every else "D1")
        if number not in every:
            raise MisuseError(f"demande « {number} » ; celles du scénario : {', '.join(every) or 'aucune'}")
        return every[number]

    def _claim(self, step: Step) -> AbsenceClaim | None:
        if step.target != Purpose.ABSENCE.value:
            return None
        if step.child is None or not step.days:
            raise MisuseError("« enfant » et « pour » : qui était absent, et quels jours")
        motive = step.facts.known("motive")
        child, _ = self.hall.people.children[step.child]
        return AbsenceClaim(child, min(step.days), max(step.days), motive if isinstance(motive, str) else "", _PROOF)

    def _changes(self, step: Step, home: HouseholdId, uow: UnitOfWork) -> tuple[FileChange, ...]:
        if step.target != Purpose.FILE_CHANGE.value:
            return ()
        household = uow.households.get(home).model
        children = tuple(uow.children.get(child).model for child in household.children_on(self.hall.now(step).date()))
        named = step.typed.corrections
        found: list[FileChange] = []
        for adult in household.adults:
            if adult.first_name in named or adult.full_name in named:
                found += changes_of_adult(adult, *corrected((adult,), step))
        for child in children:
            if child.first_name in named or child.full_name in named:
                found += changes_of_child(child, *corrected((child,), step))
        return tuple(found)


def _kind(word: str) -> RequestKind:
    """The kind of request of a scenario: one for each purpose, answered within a week."""
    return RequestKind(word, word.capitalize(), Purpose(word), reply_within=7)


def _files(name: str | None) -> tuple[NewFile, ...]:
    if name is None:
        return ()
    media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return (NewFile(name, media_type, _BEGINNINGS.get(media_type, b"?") + name.encode()),)


def _audience(said: Audience) -> NewsAudience:
    if said.schools:
        return OfSchools(frozenset(map(SchoolCode, said.schools)))
    if said.products:
        return OfProducts(frozenset(map(ProductCode, said.products)))
    if said.families:
        return OfHouseholds(frozenset(map(HouseholdId, said.families)))
    return EVERYONE
