"""Attacks on accounts as Hypothesis state machines, and the tame adapters that they (and your tests) run on.

An adopter runs them against a store of their own::

    class TestMyActivation(ActivationMachine.TestCase): ...      # with ActivationMachine.make_store overridden

What must never break, whatever the order of invitations, steps, guesses, waits and withdrawals:

- an account only ever comes of a code that is the last one sent, unexpired, unused, with the family's name;
- wrong codes and names are bounded: after the tries of an invitation even the right code is refused;
- sign-in only ever succeeds with the present password, and never while the address has to wait; between two
  successes no more than the allowed tries are answered in a window;
- nobody is kept out by what others try: a known device has tries of its own, the link of a forgotten password lifts
  the wait, and a family whose invitation was used up asks for another link itself;
- no password, code or token shows in a repr, a stored document, an error or a log.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import logging
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlparse

import attrs
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from periscolaire.access import (
    AccountState,
    CorrectionPolicy,
    InvitationPolicy,
    InvitationState,
    Role,
    Secret,
    SignIn,
    StaffActor,
    Step,
    TryPolicy,
)
from periscolaire.errors import ConflictError
from periscolaire.households import Adult, Child, Household, Member
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId
from periscolaire.operations import Accounts, ActivationLink, ActivationScreen, Portal
from periscolaire.ports import Mail, Store
from periscolaire.storage import MemoryStore

__all__ = [
    "PASSWORDS",
    "ActivationMachine",
    "MemoryOutbox",
    "QuickHasher",
    "SignInMachine",
    "link_of",
    "numbered",
    "secrets_of",
]


@attrs.frozen
class QuickHasher:
    """A hasher that costs nothing and counts its work: for tests only, never where people sign in."""

    verified: list[str] = attrs.field(factory=list, repr=False)

    def hash(self, secret: str) -> str:
        """A digest with a mark, so that a search finds any that escapes."""
        return "quick$" + hashlib.sha256(f"salt{secret}".encode()).hexdigest()

    def verify(self, secret: str, hashed: str) -> bool:
        """Whether ``hashed`` was made from ``secret``."""
        self.verified.append(hashed)
        return hmac.compare_digest(self.hash(secret), hashed)

    def is_outdated(self, hashed: str) -> bool:
        """Never."""
        return False


@attrs.frozen
class MemoryOutbox:
    """A mailer that keeps what it was given."""

    mails: list[Mail] = attrs.field(factory=list, repr=False)

    def send(self, mail: Mail) -> None:
        """Keep ``mail``."""
        self.mails.append(mail)


def numbered(prefix: str) -> Callable[[], str]:
    """Identifiers in order (« a1 », « a2 » …): a test that fails, fails again."""
    count = 0

    def following() -> str:
        nonlocal count
        count += 1
        return f"{prefix}{count}"

    return following


def secrets_of(texts: list[str]) -> Callable[[], Secret]:
    """A source of secrets that writes each into ``texts``, so that a test can look for them everywhere."""

    def following() -> Secret:
        texts.append(f"secret-{len(texts) + 1:04d}-{hashlib.sha256(str(len(texts)).encode()).hexdigest()[:16]}")
        return Secret(texts[-1])

    return following


def link_of(mail: Mail) -> dict[str, str]:
    """The parameters of the link that a mail carries."""
    found = re.search(r"https?://\S+", mail.text)
    if found is None:
        raise AssertionError("the mail carries no link")
    return {name: values[0] for name, values in parse_qs(urlparse(found[0]).query).items()}


#: Passwords that the policy accepts.
PASSWORDS = ("sept mots sans aucun rapport entre eux", "Un-autre-secret-de-2026-tres-long!", "Tz4!kQ9?wB2;xyz")
_BEGIN = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
_STAFF = StaffActor("agent", frozenset({Role.ADMINISTER}))
_FAMILIES = (("MARTIN", "alice@exemple.fr"), ("N'GUESSAN-LE GOFF", "koffi@exemple.fr"))


class _Machine(RuleBasedStateMachine):
    """A commune of two families, a clock, and a search for secrets in all that is kept or logged."""

    tries = TryPolicy(tries=3, window=dt.timedelta(minutes=10), block=dt.timedelta(minutes=5))
    invitation_policy = InvitationPolicy(dt.timedelta(days=2), tries=3)
    now: dt.datetime

    def make_store(self) -> Store:
        """The store under attack: override to try your own."""
        return MemoryStore()

    @initialize()
    def settle(self) -> None:
        """Two families, nobody invited yet."""
        self.store = self.make_store()
        self.outbox, self.hasher, self.texts = MemoryOutbox(), QuickHasher(), list[str]()
        self.now = _BEGIN
        self.logged: list[str] = []
        self.handler = logging.Handler()
        self.handler.emit = lambda record: self.logged.append(record.getMessage())  # type: ignore[method-assign]  # a handler in one line
        logging.getLogger().addHandler(self.handler)
        self.accounts = Accounts(
            self.hasher,
            self.outbox,
            Portal("Val Fictif", "https://famille.exemple", "0199000000"),
            invitations=self.invitation_policy,
            tries=self.tries,
            corrections=CorrectionPolicy.REQUEST,
            ids=numbered("id"),
            secrets=secrets_of(self.texts),
        )
        with self.store.unit() as uow:
            for number, (name, email) in enumerate(_FAMILIES):
                adult = Adult(AdultId(f"adult{number}"), name, "Prénom", email=email)
                child = Child(ChildId(f"child{number}"), name, "Enfant", dt.date(2019, 3, 14))
                uow.children.save(child)
                uow.households.save(Household(HouseholdId(f"home{number}"), name, (adult,), (Member(child.id),)))
            uow.commit()

    def teardown(self) -> None:
        if hasattr(self, "handler"):
            logging.getLogger().removeHandler(self.handler)
            self.store.close()

    @rule(minutes=st.sampled_from([1, 4, 6, 11, 60, 1440, 2880]))
    def wait(self, minutes: int) -> None:
        self.now += dt.timedelta(minutes=minutes)

    def kept(self) -> list[Any]:
        """Everything about accounts that the store holds."""
        with self.store.unit(write=False) as uow:
            records = (uow.accounts, uow.invitations, uow.activations, uow.tokens, uow.try_counters, uow.requests)
            return [
                *(stored.model for repository in records for stored in repository.stream()),
                *uow.audit.stream(),
            ]

    @invariant()
    def nothing_shows_a_secret(self) -> None:
        if not hasattr(self, "store"):
            return
        secrets = (*self.texts, *PASSWORDS)
        shown = [repr(self.kept()), repr(self.accounts), repr(self.outbox.mails), *self.logged]
        for text in shown:
            assert not any(secret in text for secret in secrets), "a secret shows"
            assert "quick$" not in text, "a password hash shows"
        # Not in what is stored either, shown or not: only digests and hashes are.
        for model in self.kept():
            for field in attrs.fields(type(model)):
                value = getattr(model, field.name)
                assert not (isinstance(value, str) and any(secret in value for secret in secrets))


class ActivationMachine(_Machine):
    """Invites, resends, withdraws, guesses, steps back and forth, cancels, waits: see the module."""

    def __init__(self) -> None:
        super().__init__()
        #: The last code sent to each family, when it stops working, and the wrong tries since.
        self.codes: dict[int, tuple[str, dt.datetime]] = {}
        self.dead: list[str] = []
        self.wrong: dict[int, int] = {}
        self.invitations: dict[int, str] = {}
        self.registered: set[int] = set()
        self.expected_accounts = 0

    @precondition(lambda self: 1 not in self.invitations)
    @rule()
    def invite(self) -> None:
        self.invite_family(1)

    def invite_family(self, family: int) -> None:
        """Invite the adult of a family at the present instant."""
        with self.store.unit() as uow:
            invitation = self.accounts.invite(
                uow, _STAFF, HouseholdId(f"home{family}"), AdultId(f"adult{family}"), at=self.now, channel="mairie"
            )
        self.invitations[family] = invitation.id
        self._sent(family)

    @precondition(lambda self: self.invitations)
    @rule(family=st.integers(0, 1))
    def send_again(self, family: int) -> None:
        if family not in self.invitations:
            return
        with self.store.unit() as uow:
            try:
                self.accounts.invite_again(uow, _STAFF, self.invitations[family], at=self.now, channel="mairie")
            except ConflictError:
                assert family in self.registered or family not in self.codes
                return
        assert family not in self.registered
        self._sent(family)

    @precondition(lambda self: self.invitations)
    @rule(family=st.integers(0, 1), flood=st.booleans())
    def ask_for_the_link_again(self, family: int, flood: bool) -> None:
        """The family (or anybody: the link goes to the family) asks; the code is fresh, the last day stays."""
        for _ in range(6 if flood else 1):
            sent = len(self.outbox.mails)
            with self.store.unit() as uow:
                self.accounts.ask_link_again(uow, _FAMILIES[family][1], at=self.now)
            if len(self.outbox.mails) > sent:
                assert family in self.codes
                code, until = self.codes[family]
                assert self.now < until
                self.dead.append(code)
                self.codes[family] = (link_of(self.outbox.mails[-1])["activationCode"], until)
                self.wrong[family] = 0
        with self.store.unit() as uow:
            self.accounts.ask_link_again(uow, "personne@exemple.fr", at=self.now)

    @precondition(lambda self: self.invitations)
    @rule(family=st.integers(0, 1))
    def withdraw(self, family: int) -> None:
        if family not in self.invitations or family in self.registered:
            return
        with self.store.unit() as uow:
            self.accounts.withdraw_invitation(uow, _STAFF, self.invitations[family], at=self.now, channel="mairie")
        if family in self.codes:
            self.dead.append(self.codes.pop(family)[0])

    @initialize()
    def settle(self) -> None:
        """Two families, the first invited."""
        super().settle()
        self.invite_family(0)

    @precondition(lambda self: self.invitations)
    @rule(
        family=st.integers(0, 1),
        guess=st.sampled_from(["right", "right", "dead", "dead", "other family's", "empty", "random"]),
        name=st.sampled_from(["right", "as one types it", "wrong"]),
        move=st.sampled_from(["open", "open", "password", "adults", "children", "previous", "cancel", "register"]),
        password=st.sampled_from(PASSWORDS),
    )
    def present(self, family: int, guess: str, name: str, move: str, password: str) -> None:
        self._present(family, guess, name, move, password)

    @precondition(lambda self: self.codes)
    @rule(data=st.data(), password=st.sampled_from(PASSWORDS), again=st.booleans())
    def go_all_the_way(self, data: st.DataObject, password: str, again: bool) -> None:
        """The guide, start to end: so that used codes are common enough to be tried again."""
        family = data.draw(st.sampled_from(sorted(self.codes)))
        for move in ("previous", "previous", "previous", "password", "adults", "children", "register"):
            self._present(family, "right", "right", move, password)
        if again and family in self.registered:
            self._present(family, "dead", "right", "open", password)

    def _present(self, family: int, guess: str, name: str, move: str, password: str) -> None:
        code = self._guess(family, guess)
        family_name = {
            "right": _FAMILIES[family][0],
            "as one types it": _FAMILIES[family][0].lower(),
            "wrong": "DUPONT",
        }[name]
        link = ActivationLink(_FAMILIES[family][1], Secret(code), family_name)
        works = self._works(family, code) and name != "wrong"
        try:
            screen = self._move(family, link, move, Secret(password))
        except ConflictError as error:
            self.logged.append(str(error))  # the search for secrets reads it
            assert works, "only a code that works gets as far as the steps"
            return
        if screen is None:
            self._count(family, works)
            return
        assert (screen.step is not None) is works
        if not works:
            assert [reason.code for reason in screen.refusals] == ["activation.refused"]
            assert screen.household is None
            assert screen.children == ()
        self._count(family, works)
        if screen.account is not None:
            assert screen.account.households == {f"home{family}"}
            assert family not in self.registered
            self.registered.add(family)
            self.dead.append(self.codes.pop(family)[0])
            self.expected_accounts += 1

    def _move(self, family: int, link: ActivationLink, move: str, password: Secret) -> ActivationScreen | None:
        with self.store.unit() as uow:
            household = uow.households.get(HouseholdId(f"home{family}")).model
            children = (uow.children.get(ChildId(f"child{family}")).model,)
            match move:
                case "password":
                    return self.accounts.choose_password(uow, link, password, password, at=self.now)
                case "adults":
                    return self.accounts.verify_adults(uow, link, household.adults, at=self.now)
                case "children":
                    return self.accounts.verify_children(uow, link, children, at=self.now)
                case "previous":
                    return self.accounts.previous_step(uow, link, at=self.now)
                case "register":
                    return self.accounts.register(uow, link, at=self.now, channel="en ligne")
                case "cancel":
                    self.accounts.cancel_activation(uow, link, at=self.now)
                    return None
                case _:
                    return self.accounts.activation(uow, link, at=self.now)

    def _sent(self, family: int) -> None:
        if family in self.codes:
            self.dead.append(self.codes[family][0])
        self.codes[family] = (self.texts[-1], self.now + self.invitation_policy.lifetime)
        self.wrong[family] = 0

    def _guess(self, family: int, guess: str) -> str:
        other = self.codes.get(1 - family)
        match guess:
            case "right" if family in self.codes:
                return self.codes[family][0]
            case "dead" if self.dead:
                return self.dead[-1]
            case "other family's" if other is not None:
                return other[0]
            case "empty":
                return ""
            case _:
                return "0" * 32

    def _works(self, family: int, code: str) -> bool:
        sent = self.codes.get(family)
        exhausted = self.wrong.get(family, 0) >= self.invitation_policy.tries
        return sent is not None and code == sent[0] and self.now < sent[1] and not exhausted

    def _count(self, family: int, works: bool) -> None:
        sent = self.codes.get(family)
        if not works and sent is not None and self.now < sent[1]:
            self.wrong[family] += 1

    @invariant()
    def accounts_only_come_of_codes_that_worked(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.unit(write=False) as uow:
            assert len(uow.accounts) == self.expected_accounts
            for family, invitation in self.invitations.items():
                used = uow.invitations.get(invitation).model.state is InvitationState.USED
                assert used is (family in self.registered)

    @invariant()
    def a_cancelled_or_finished_activation_leaves_nothing(self) -> None:
        if not hasattr(self, "store"):
            return
        with self.store.unit(write=False) as uow:
            for stored in uow.activations.stream():
                family = next(key for key, value in self.invitations.items() if value == stored.model.invitation)
                assert family not in self.registered
                assert stored.model.step in Step


class SignInMachine(_Machine):
    """Signs in and out of turn, forgets passwords, replays links, waits: see the module."""

    def __init__(self) -> None:
        super().__init__()
        self.password = PASSWORDS[0]
        self.links: list[tuple[str, str, dt.datetime]] = []
        self.spent: set[str] = set()
        self.answered: list[dt.datetime] = []
        self.strangers = 0

    @initialize()
    def settle(self) -> None:
        """Two families, the first with an account."""
        super().settle()
        with self.store.unit() as uow:
            self.accounts.invite(uow, _STAFF, HouseholdId("home0"), AdultId("adult0"), at=self.now, channel="mairie")
        code, password = Secret(self.texts[-1]), Secret(self.password)
        link = ActivationLink(_FAMILIES[0][1], code, _FAMILIES[0][0])
        with self.store.unit() as uow:
            self.accounts.choose_password(uow, link, password, password, at=self.now)
            home = uow.households.get(HouseholdId("home0")).model
            self.accounts.verify_adults(uow, link, home.adults, at=self.now)
            self.accounts.verify_children(uow, link, (uow.children.get(ChildId("child0")).model,), at=self.now)
            done = self.accounts.register(uow, link, at=self.now, channel="en ligne").account
        assert done is not None
        self.account: AccountId = done.id
        self.actor = done.actor
        self.remember()

    def remember(self) -> None:
        """The family's browser keeps what tells it from others."""
        with self.store.unit() as uow:
            self.device = self.accounts.remember_device(uow, self.actor, at=self.now, channel="en ligne")

    @rule(strangers=st.integers(1, 8), password=st.sampled_from(PASSWORDS))
    def strangers_never_keep_the_family_out(self, strangers: int, password: str) -> None:
        """Whatever was tried in its name, the family signs in from the device that it uses; nobody else does so."""
        for _ in range(strangers):
            with self.store.unit() as uow:
                answer = self.accounts.sign_in(uow, _FAMILIES[0][1], Secret("faux"), at=self.now, channel="en ligne")
                assert answer.refusal is not None
                if answer.refusal.code == "sign_in.refused":
                    self.answered.append(self.now)
        for device, works in ((self.device, True), (Secret(self.device.reveal() + "0"), None)):
            before = len(self.hasher.verified)
            with self.store.unit() as uow:
                answer = self.accounts.sign_in(
                    uow, _FAMILIES[0][1], Secret(self.password), at=self.now, channel="en ligne", device=device
                )
            assert len(self.hasher.verified) == before + 1
            assert works is None or answer.account is not None
            if works is None and answer.account is not None:
                self.answered.clear()  # the address was not waiting

    @rule(password=st.sampled_from([*PASSWORDS, "", "x" * 300]), known=st.booleans())
    def sign_in(self, password: str, known: bool) -> None:
        email = _FAMILIES[0][1] if known else "personne@exemple.fr"
        before = len(self.hasher.verified)
        with self.store.unit() as uow:
            answer = self.accounts.sign_in(uow, email, Secret(password), at=self.now, channel="en ligne")
        assert len(self.hasher.verified) == before + 1, "the same work whether the address is known or not"
        if answer.account is not None:
            assert known
            assert password == self.password
            self.answered.clear()
            return
        assert answer.refusal is not None
        assert set(answer.refusal.parameters) <= {"minutes"}
        if known and answer.refusal.code == "sign_in.refused":
            assert password != self.password
            self.answered.append(self.now)
            recent = [at for at in self.answered if self.now - at < min(self.tries.window, self.tries.block)]
            assert len(recent) <= self.tries.tries, "brute force is bounded"

    @rule(tries=st.integers(1, 8))
    def known_and_unknown_addresses_get_the_same_answers(self, tries: int) -> None:
        """The same wrong passwords on a rested address of each kind: the answers cannot be told apart."""
        self.now += self.tries.window + self.tries.block
        self.strangers += 1
        answers: dict[str, list[SignIn]] = {_FAMILIES[0][1]: [], f"inconnu{self.strangers}@exemple.fr": []}
        for _ in range(tries):
            for email, found in answers.items():
                with self.store.unit() as uow:
                    found.append(self.accounts.sign_in(uow, email, Secret("faux"), at=self.now, channel="en ligne"))
        known, unknown = answers.values()
        assert known == unknown
        assert (
            sum(one.refusal is not None and one.refusal.code == "sign_in.refused" for one in known) <= self.tries.tries
        )
        self.answered = [self.now] * min(tries, self.tries.tries)

    @rule(known=st.booleans())
    def forget_the_password(self, known: bool) -> None:
        sent, drawn = len(self.outbox.mails), len(self.texts)
        with self.store.unit() as uow:
            self.accounts.forgot_password(uow, _FAMILIES[0][1] if known else "personne@exemple.fr", at=self.now)
        assert len(self.texts) == drawn + 1, "the same work whether the address is known or not"
        new = self.outbox.mails[sent:]
        assert not new or known
        for mail in new:
            link = link_of(mail)
            self.links.append((link["token"], link["code"], self.now + dt.timedelta(minutes=30)))

    @precondition(lambda self: self.links)
    @rule(
        data=st.data(),
        password=st.sampled_from([*PASSWORDS, "court"]),
        tampered=st.sampled_from(["no", "no", "code", "token", "confirmation"]),
    )
    def follow_a_link(self, data: st.DataObject, password: str, tampered: str) -> None:
        token, code, until = data.draw(st.sampled_from(self.links))
        confirmation = password if tampered != "confirmation" else password + "x"
        with self.store.unit() as uow:
            verdict = self.accounts.reset_password(
                uow,
                token if tampered != "token" else token + "0",
                Secret(code if tampered != "code" else code + "0"),
                Secret(password),
                Secret(confirmation),
                at=self.now,
                channel="en ligne",
            )
        works = tampered == "no" and token not in self.spent and self.now < until and password in PASSWORDS
        assert verdict.allowed is works
        if verdict.allowed:
            self.password = password
            self.spent |= {one for one, _, _ in self.links}
            with self.store.unit() as uow:
                again = self.accounts.sign_in(uow, _FAMILIES[0][1], Secret(password), at=self.now, channel="en ligne")
            assert again.account is not None, "whoever reads the address does not wait"
            self.answered.clear()
            self.remember()

    @invariant()
    def there_is_one_account_and_it_is_the_familys(self) -> None:
        if not hasattr(self, "account"):
            return
        with self.store.unit(write=False) as uow:
            (stored,) = uow.accounts.stream()
        assert stored.model.id == self.account
        assert stored.model.state is AccountState.ACTIVE
        assert stored.model.households == {"home0"}
