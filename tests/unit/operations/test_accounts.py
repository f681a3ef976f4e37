"""Use cases of accounts that the state machines do not walk: subjects, changes of password, closing."""

import datetime as dt

import attrs
import pytest

from periscolaire.access import (
    CorrectionPolicy,
    ExternalSubject,
    FamilyActor,
    InvitationState,
    Role,
    Secret,
    StaffActor,
    Step,
)
from periscolaire.errors import AccessDeniedError, ConflictError, MisuseError, NotFoundError
from periscolaire.households import (
    Adult,
    Child,
    Document,
    DocumentStatus,
    FileField,
    Grade,
    Household,
    Member,
    Phone,
    PhoneKind,
    PickUp,
    PostalAddress,
    Requirement,
    RequirementOf,
    Schooling,
    apply_to_child,
    changes_of_child,
)
from periscolaire.ids import AccountId, AdultId, ChildId, FactId, HouseholdId, SchoolCode
from periscolaire.messages import Contact, ContactPage
from periscolaire.operations import (
    Accounts,
    ActivationLink,
    Portal,
    contact_page,
    household_file,
    publish_contacts,
    read_audit,
)
from periscolaire.storage import Argon2Hasher, MemoryStore
from periscolaire.testing.accounts import PASSWORDS, MemoryOutbox, QuickHasher, link_of

AT = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
STAFF = StaffActor("bob", frozenset({Role.ADMINISTER}))
ALICE = Adult(AdultId("alice"), "MARTIN", "Alice", email="alice@exemple.fr")
LEA = Child(ChildId("lea"), "MARTIN", "Léa", dt.date(2019, 3, 14))
SUBJECT = ExternalSubject("franceconnect", "sub-1")
PASSWORD, ANOTHER = Secret(PASSWORDS[0]), Secret(PASSWORDS[1])


class World:
    """A family and the use cases, on a store in memory."""

    def __init__(self, corrections: CorrectionPolicy = CorrectionPolicy.APPLY) -> None:
        self.store, self.outbox = MemoryStore(), MemoryOutbox()
        portal = Portal("Val Fictif", "https://famille.exemple", "0199")
        self.accounts = Accounts(QuickHasher(), self.outbox, portal, corrections=corrections)
        with self.store.unit() as uow:
            uow.children.save(LEA)
            for home in ("home", "second"):
                uow.households.save(Household(HouseholdId(home), "MARTIN", (ALICE,), (Member(LEA.id),)))
            uow.commit()

    def invited(self, home: str = "home") -> ActivationLink:
        with self.store.unit() as uow:
            self.accounts.invite(uow, STAFF, HouseholdId(home), ALICE.id, at=AT, channel="mairie")
        link = link_of(self.outbox.mails[-1])
        return ActivationLink(link["email"], Secret(link["activationCode"]), "Martin")

    def registered(self, home: str = "home", password: Secret = PASSWORD, adult: Adult = ALICE) -> FamilyActor:
        link = self.invited(home)
        with self.store.unit() as uow:
            self.accounts.choose_password(uow, link, password, password, at=AT)
            self.accounts.verify_adults(uow, link, (adult,), at=AT)
            self.accounts.verify_children(uow, link, (LEA,), at=AT)
            account = self.accounts.register(uow, link, at=AT, channel="en ligne").account
        assert account is not None
        return account.actor

    def signs_in(self, password: Secret) -> bool:
        with self.store.unit() as uow:
            answer = self.accounts.sign_in(uow, "alice@exemple.fr", password, at=AT, channel="en ligne")
        return answer.account is not None


def test_an_external_subject_signs_in_and_belongs_to_one_account() -> None:
    world = World()
    actor = world.registered()
    with world.store.unit() as uow:
        assert world.accounts.sign_in_with(uow, SUBJECT, at=AT, channel="en ligne").account is None
        assert world.accounts.link_subject(uow, actor, SUBJECT, at=AT, channel="en ligne").allowed
        answer = world.accounts.sign_in_with(uow, SUBJECT, at=AT, channel="en ligne")
        assert answer.account is not None
        assert answer.account.actor == actor
        taken = attrs.evolve(answer.account, id=AccountId("z"), email="z@exemple.fr", subjects=frozenset())
        uow.accounts.save(taken)
        refused = world.accounts.link_subject(uow, taken.actor, SUBJECT, at=AT, channel="en ligne")
        assert [reason.code for reason in refused.reasons] == ["access.subject_taken"]


def test_a_password_changes_with_the_present_one_and_is_announced() -> None:
    world = World()
    actor = world.registered()
    with world.store.unit() as uow:
        wrong = world.accounts.change_password(uow, actor, ANOTHER, ANOTHER, ANOTHER, at=AT, channel="en ligne")
        assert [reason.code for reason in wrong.reasons] == ["sign_in.refused"]
        weak = world.accounts.change_password(uow, actor, PASSWORD, Secret("x"), Secret("y"), at=AT, channel="en ligne")
        assert {reason.code for reason in weak.reasons} >= {"password.too_weak", "password.not_confirmed"}
    assert world.signs_in(PASSWORD)
    sent = len(world.outbox.mails)
    with world.store.unit() as uow:
        assert world.accounts.change_password(uow, actor, PASSWORD, ANOTHER, ANOTHER, at=AT, channel="en ligne").allowed
    assert [mail.subject for mail in world.outbox.mails[sent:]] == ["Val Fictif : votre mot de passe a changé"]
    assert world.signs_in(ANOTHER)
    assert not world.signs_in(PASSWORD)


def test_nobody_changes_or_closes_another_account() -> None:
    world = World()
    actor = world.registered()
    with world.store.unit() as uow:
        world.accounts.close_account(uow, actor, at=AT, channel="en ligne")
        assert uow.accounts.get(actor.account).model.password_hash is None
    assert not world.signs_in(PASSWORD)
    with world.store.unit() as uow, pytest.raises(AccessDeniedError):
        world.accounts.invite(uow, actor, HouseholdId("home"), ALICE.id, at=AT, channel="en ligne")


def test_a_second_household_joins_the_account_and_keeps_its_password() -> None:
    world = World()
    first = world.registered("home")
    second = world.registered("second", ANOTHER)
    assert second.account == first.account
    assert second.households == {"home", "second"}
    assert world.signs_in(PASSWORD)
    assert not world.signs_in(ANOTHER)


@pytest.mark.parametrize("policy", CorrectionPolicy)
def test_a_correction_is_applied_or_asked_for(policy: CorrectionPolicy) -> None:
    world = World(policy)
    world.registered(adult=attrs.evolve(ALICE, first_name="Aline"))
    with world.store.unit(write=False) as uow:
        name = uow.households.get(HouseholdId("home")).model.adults[0].first_name
        asked = [change.after for stored in uow.requests.stream() for change in stored.model.changes]
    assert (name, asked) == (("Aline", []) if policy is CorrectionPolicy.APPLY else ("Alice", ["Aline"]))


def test_an_activation_is_taken_up_where_it_stopped_and_cancelling_leaves_nothing() -> None:
    world = World()
    link = world.invited()
    with world.store.unit() as uow:
        world.accounts.choose_password(uow, link, PASSWORD, PASSWORD, at=AT)
    with world.store.unit() as uow:
        assert world.accounts.activation(uow, link, at=AT + dt.timedelta(days=3)).step is Step.ADULTS
        world.accounts.cancel_activation(uow, link, at=AT)
        assert (len(uow.activations), len(uow.accounts)) == (0, 0)
        assert world.accounts.activation(uow, link, at=AT).step is Step.ACCOUNT


def test_a_withdrawn_invitation_ends_the_activation_under_way() -> None:
    world = World()
    link = world.invited()
    with world.store.unit() as uow:
        world.accounts.activation(uow, link, at=AT)
        (invitation,) = uow.invitations.of("alice@exemple.fr")
        world.accounts.withdraw_invitation(uow, STAFF, invitation.model.id, at=AT, channel="mairie")
        assert len(uow.activations) == 0
        assert uow.invitations.get(invitation.model.id).model.state is InvitationState.WITHDRAWN
        assert world.accounts.activation(uow, link, at=AT).step is None


def test_registering_before_the_last_step_writes_nothing() -> None:
    world = World()
    link = world.invited()
    with world.store.unit() as uow, pytest.raises(ConflictError, match="not ready"):
        world.accounts.register(uow, link, at=AT, channel="en ligne")
    with world.store.unit(write=False) as uow:
        assert (len(uow.accounts), len(uow.activations)) == (0, 0)


def test_a_failed_mail_leaves_no_invitation() -> None:
    class Down:
        def send(self, mail: object) -> None:
            raise OSError("no route to host")

    world = World()
    down = attrs.evolve(world.accounts, mailer=Down())
    with pytest.raises(OSError, match="no route"), world.store.unit() as uow:
        down.invite(uow, STAFF, HouseholdId("home"), ALICE.id, at=AT, channel="mairie")
    with world.store.unit(write=False) as uow:
        assert (len(uow.invitations), len(uow.audit)) == (0, 0)


def test_a_hash_of_weaker_parameters_is_made_again_at_a_good_sign_in() -> None:
    world = World()
    world.registered()
    weak, strong = Argon2Hasher(1, 8, 1), Argon2Hasher(2, 8, 1)
    with world.store.unit() as uow:
        (stored,) = uow.accounts.of("alice@exemple.fr")
        uow.accounts.save(stored.model.with_password(weak.hash(PASSWORDS[0]), AT), stored.version)
        uow.commit()
    accounts = attrs.evolve(world.accounts, hasher=strong)
    with world.store.unit() as uow:
        assert accounts.sign_in(uow, "alice@exemple.fr", PASSWORD, at=AT, channel="en ligne").account is not None
        (stored,) = uow.accounts.of("alice@exemple.fr")
    assert stored.model.password_hash is not None
    assert not strong.is_outdated(stored.model.password_hash)


def test_links_with_secrets_only_go_to_https() -> None:
    with pytest.raises(MisuseError, match="https"):
        Portal("Val Fictif", "http://famille.exemple", "0199")


def test_an_address_changes_only_once_the_new_one_is_confirmed() -> None:
    world = World()
    actor = world.registered()
    with world.store.unit() as uow:
        refused = world.accounts.ask_email_change(uow, actor, ANOTHER, "neuve@exemple.fr", at=AT, channel="en ligne")
        assert not refused.allowed
        sent = len(world.outbox.mails)
        asked = world.accounts.ask_email_change(uow, actor, PASSWORD, "Neuve@exemple.fr", at=AT, channel="en ligne")
        assert asked.allowed
        link_mail, warning = world.outbox.mails[sent:]
        assert (link_mail.to, warning.to) == ("neuve@exemple.fr", "alice@exemple.fr")
        assert uow.accounts.get(actor.account).model.email == "alice@exemple.fr"
        (token,) = [one.model for one in uow.tokens.of(actor.account) if not one.model.used]
        wrong = world.accounts.confirm_email(uow, token.id, Secret("deviné"), at=AT, channel="en ligne")
        assert not wrong.allowed
        code = Secret(link_of(link_mail)["code"])
        late = world.accounts.confirm_email(uow, token.id, code, at=AT + dt.timedelta(days=2), channel="en ligne")
        assert not late.allowed
        assert world.accounts.confirm_email(uow, token.id, code, at=AT, channel="en ligne").allowed
        assert uow.accounts.get(actor.account).model.email == "neuve@exemple.fr"
        again = world.accounts.confirm_email(uow, token.id, code, at=AT, channel="en ligne")
        assert not again.allowed


def test_asking_for_an_address_that_is_taken_says_nothing_and_sends_no_link() -> None:
    world = World()
    actor = world.registered()
    with world.store.unit() as uow:
        taken = attrs.evolve(uow.accounts.get(actor.account).model, id=AccountId("z"), email="z@exemple.fr")
        uow.accounts.save(taken)
        sent = len(world.outbox.mails)
        assert world.accounts.ask_email_change(uow, actor, PASSWORD, "z@exemple.fr", at=AT, channel="en ligne").allowed
        assert [mail.to for mail in world.outbox.mails[sent:]] == ["alice@exemple.fr"]


def test_every_link_is_spent_at_once() -> None:
    world = World()
    actor = world.registered()
    with world.store.unit() as uow:
        world.accounts.ask_email_change(uow, actor, PASSWORD, "neuve@exemple.fr", at=AT, channel="en ligne")
        assert world.accounts.revoke_links(uow, actor, at=AT, channel="en ligne") == 1
        assert world.accounts.revoke_links(uow, actor, at=AT, channel="en ligne") == 0


def test_a_failed_sign_in_leaves_as_much_whether_the_address_is_known_or_not() -> None:
    """The same lines in the trail, the same counters, and no address typed by mistake is kept."""
    world = World()
    world.registered()
    written = []
    for email in ("alice@exemple.fr", "personne@exemple.fr"):
        with world.store.unit() as uow:
            before = len(uow.audit), len(uow.try_counters)
            world.accounts.sign_in(uow, email, Secret("faux"), at=AT, channel="en ligne")
            written.append((len(uow.audit) - before[0], len(uow.try_counters) - before[1]))
            assert not any("personne" in line.target for line in uow.audit.stream())
    assert written == [(1, 1), (1, 1)]


def test_a_family_is_written_to_in_its_language() -> None:
    world = World()
    with world.store.unit() as uow:
        home = uow.households.get(HouseholdId("home"))
        uow.households.save(attrs.evolve(home.model, language="en"), home.version)
        uow.commit()
    world.registered()
    assert "To create your account" in world.outbox.mails[0].text
    with world.store.unit() as uow:
        (account,) = uow.accounts.stream()
        assert account.model.language == "en"
        world.accounts.forgot_password(uow, "alice@exemple.fr", at=AT)
    assert "Hello" in world.outbox.mails[-1].text


def test_an_invitation_used_up_by_somebody_else_is_asked_for_again_by_the_family() -> None:
    world = World()
    link = world.invited()
    with world.store.unit() as uow:
        for _ in range(world.accounts.invitations.tries):
            world.accounts.activation(uow, attrs.evolve(link, code=Secret("faux")), at=AT)
        assert world.accounts.activation(uow, link, at=AT).step is None
        world.accounts.ask_link_again(uow, "alice@exemple.fr", at=AT)
        fresh = Secret(link_of(world.outbox.mails[-1])["activationCode"])
        assert world.accounts.activation(uow, link, at=AT).step is None, "the former code is dead"
        assert world.accounts.activation(uow, attrs.evolve(link, code=fresh), at=AT).step is Step.ACCOUNT
        sent = len(world.outbox.mails)
        for _ in range(10):
            world.accounts.ask_link_again(uow, "alice@exemple.fr", at=AT)
        assert len(world.outbox.mails) - sent <= world.accounts.resets.tries
        world.accounts.ask_link_again(uow, "pas une adresse", at=AT)


# -- the file ---------------------------------------------------------------------------------------------------------


def test_a_family_corrects_its_file_whenever_and_the_commune_chooses_what_is_applied_at_once() -> None:
    world = World(CorrectionPolicy.REQUEST)
    actor = world.registered()
    accounts = attrs.evolve(world.accounts, at_once=frozenset({FileField.PHONES}))
    phone = (Phone(PhoneKind.MOBILE, "0600000000"),)
    moved = attrs.evolve(ALICE, family_name="DURAND", phones=phone)
    with world.store.unit() as uow:
        done = accounts.correct_file(uow, actor, HouseholdId("home"), adults=(moved,), at=AT, channel="en ligne")
        (alice,) = uow.households.get(HouseholdId("home")).model.adults
        assert (alice.family_name, alice.phones) == ("MARTIN", phone)
        assert [change.field for change in done.applied] == [FileField.PHONES]
        assert done.request is not None
        assert [change.field for change in done.request.changes] == [FileField.FAMILY_NAME]
        staff = accounts.correct_file(uow, STAFF, HouseholdId("home"), adults=(moved,), at=AT, channel="mairie")
        assert staff.request is None
        assert uow.households.get(HouseholdId("home")).model.adults == (moved,)
        with pytest.raises(NotFoundError):
            accounts.correct_file(
                uow, STAFF, HouseholdId("home"), adults=(Adult(AdultId("x"), "X", "Y"),), at=AT, channel="mairie"
            )


def test_school_class_and_pick_ups_are_corrected_too_but_neither_the_past_nor_a_ban() -> None:
    past = Schooling(dt.date(2025, 9, 1), dt.date(2026, 8, 31), SchoolCode("a"), Grade.GS, "GS")
    now = Schooling(dt.date(2026, 9, 1), None, SchoolCode("a"), Grade.CP, "CP A")
    banned = PickUp("Lui", forbidden=True)
    child = attrs.evolve(LEA, schoolings=(past, now), pick_ups=(banned,))
    right = attrs.evolve(now, school=SchoolCode("b"), grade=Grade.CE1, class_name="CE1", level=None)
    corrected = attrs.evolve(child, schoolings=(past, right), pick_ups=(banned, PickUp("Mamie")))
    changes = changes_of_child(child, corrected)
    assert {change.field for change in changes} == {
        FileField.SCHOOL, FileField.GRADE, FileField.CLASS, FileField.PICK_UPS,
    }  # fmt: skip
    for change in changes:
        child = apply_to_child(child, change)
    assert child == corrected
    for wrong in (
        attrs.evolve(corrected, schoolings=(attrs.evolve(past, school=SchoolCode("b")), right)),
        attrs.evolve(corrected, schoolings=(past,)),
        attrs.evolve(corrected, schoolings=(past, attrs.evolve(right, first_day=dt.date(2026, 9, 2)))),
        attrs.evolve(corrected, pick_ups=()),
    ):
        with pytest.raises(MisuseError):
            changes_of_child(corrected, wrong)


def test_the_file_of_a_shared_child_shows_nothing_of_the_other_parent() -> None:
    world = World()
    theirs, mine = (PostalAddress((street,), "99100", "Val") for street in ("1 rue cachée", "2 rue B"))
    paper = Document(FactId("d"), LEA.id, "assurance", AT.date(), None, DocumentStatus.ACCEPTED, AT, blob="f" * 64)
    with world.store.unit() as uow:
        stored = uow.children.get(LEA.id)
        uow.children.save(attrs.evolve(LEA, address=theirs), stored.version)
        home = uow.households.get(HouseholdId("home"))
        uow.households.save(attrs.evolve(home.model, address=mine), home.version)
        uow.documents.append([paper, attrs.evolve(paper, id=FactId("o"), subject=HouseholdId("second"))])
        actor = FamilyActor(AccountId("a"), ALICE.id, frozenset({HouseholdId("home")}))
        needed = (Requirement("assurance"), Requirement("quotient", RequirementOf.HOUSEHOLD))
        seen = household_file(HouseholdId("home"), uow, actor=actor, day=AT.date(), requirements=needed)
        assert "cachée" not in repr(seen)
        assert seen.documents == (paper,)
        assert [reason.code for reason in seen.complete.reasons] == ["file.contact_missing", "file.document_missing"]
        assert household_file(HouseholdId("home"), uow, actor=STAFF, day=AT.date()).children[0].address == theirs
        with pytest.raises(AccessDeniedError):
            household_file(HouseholdId("second"), uow, actor=actor, day=AT.date())


def test_the_trail_is_read_by_the_administrator_alone_and_tells_the_channel() -> None:
    world = World()
    actor = world.registered()
    admin = StaffActor("maire", frozenset({Role.ADMINISTRATOR}))
    with world.store.unit() as uow:
        lines = read_audit(uow, actor=admin, about=f"account:{actor.account}")
        assert [(line.detail, line.channel, line.actor) for line in lines] == [
            ("registered", "en ligne", actor.label),
        ]
        assert read_audit(uow, actor=admin, by="agent:bob", first=AT.date(), last=AT.date())
        assert read_audit(uow, actor=admin, by="agent:bob", first=AT.date() + dt.timedelta(1)) == ()
        with pytest.raises(AccessDeniedError):
            read_audit(uow, actor=STAFF)


def test_the_contact_page_is_put_up_once_and_read_by_all() -> None:
    world = World()
    page = ContactPage((Contact("Service scolaire", "Val"),))
    with world.store.unit() as uow:
        assert contact_page(uow) == ContactPage()
        for _ in range(2):
            publish_contacts(page, uow, actor=STAFF, at=AT, channel="mairie")
        assert contact_page(uow) == page
        assert len(uow.audit.of("contacts")) == 1
