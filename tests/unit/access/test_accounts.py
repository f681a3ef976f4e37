"""Invitation, activation, sign-in and tokens, one transition at a time."""

import datetime as dt

import attrs
import pytest

from periscolaire.access import (
    Account,
    AccountState,
    Activation,
    CorrectionPolicy,
    ExternalSubject,
    Invitation,
    InvitationPolicy,
    InvitationState,
    Secret,
    Step,
    Token,
    TokenScope,
    TryCounter,
    TryPolicy,
    conclude_sign_in,
    counter_key,
    identifier,
    register,
    same_name,
)
from periscolaire.errors import ConflictError, MisuseError
from periscolaire.households import Adult, Child, FileField, Household, Member
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId

AT = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)
POLICY = InvitationPolicy(dt.timedelta(days=30), tries=3)
CODE = Secret("right-code")
ALICE = Adult(AdultId("alice"), "MARTIN", "Alice")
LEA = Child(ChildId("lea"), "MARTIN", "Léa", dt.date(2019, 3, 14))
HOME = Household(HouseholdId("h"), "MARTIN", (ALICE,), (Member(LEA.id),))


def invitation() -> Invitation:
    return Invitation.send("i", HOME.id, ALICE.id, "alice@exemple.fr", "N'Guessan-Le Goff", CODE, AT, POLICY)


def ready() -> Activation:
    married = attrs.evolve(ALICE, family_name="MARTIN-PETIT")
    return (
        Activation("i", AT)
        .check_account("hash-of-password")
        .check_adults(HOME, (married,))
        .check_children((LEA,), (LEA,))
    )


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("N'GUESSAN LE GOFF", "n’guessan-le goff", True),
        ("Éluard", "ELUARD", True),
        ("Martin", "Martinez", False),
        ("", "", False),
        ("-'", "'-", False),
    ],
)
def test_family_names_are_compared_as_people_write_them(left: str, right: str, same: bool) -> None:
    assert same_name(left, right) is same


def test_every_failure_of_a_try_has_one_answer_and_costs_one() -> None:
    sent = invitation()
    wrong_code, first = sent.tried(Secret("x"), "n'guessan le goff", AT)
    wrong_name, second = wrong_code.tried(CODE, "Martin", AT)
    assert first == second
    assert [sent.tries_left, wrong_code.tries_left, wrong_name.tries_left] == [3, 2, 1]
    exhausted, third = wrong_name.tried(Secret("x"), "x", AT)
    assert exhausted.state is InvitationState.EXHAUSTED
    assert exhausted.tried(CODE, "N'Guessan-Le Goff", AT) == (exhausted, third)
    late = AT + POLICY.lifetime
    assert sent.tried(CODE, "N'Guessan-Le Goff", late) == (sent, first)
    assert sent.tried(CODE, "N'Guessan-Le Goff", late - dt.timedelta(seconds=1)) == (sent, None)


def test_sending_again_makes_the_former_code_useless() -> None:
    again = invitation().sent_again(Secret("new"), AT + dt.timedelta(days=1), POLICY)
    assert again.tried(CODE, "N'Guessan-Le Goff", AT)[1] is not None
    assert again.tried(Secret("new"), "N'Guessan-Le Goff", AT)[1] is None
    assert again.expires_at == AT + dt.timedelta(days=31)


def test_an_exhausted_invitation_may_be_sent_again_a_used_or_withdrawn_one_not() -> None:
    exhausted = attrs.evolve(invitation(), state=InvitationState.EXHAUSTED, tries_left=0)
    assert exhausted.sent_again(Secret("new"), AT, POLICY).tries_left == 3
    used, withdrawn = invitation().used(AT), invitation().withdrawn()
    for closed in (used, withdrawn):
        with pytest.raises(ConflictError):
            closed.sent_again(Secret("new"), AT, POLICY)
        with pytest.raises(ConflictError):
            closed.used(AT)
    with pytest.raises(ConflictError):
        used.withdrawn()


def test_the_steps_follow_one_another_and_corrections_are_kept() -> None:
    activation = ready()
    assert activation.step is Step.READY
    assert [(change.field, change.after) for change in activation.corrections] == [
        (FileField.FAMILY_NAME, "MARTIN-PETIT")
    ]
    with pytest.raises(ConflictError, match="not « compte famille »"):
        activation.check_account("x")
    back = activation.previous().previous()
    assert back.step is Step.ADULTS
    corrected_again = back.check_adults(HOME, (ALICE,))
    assert corrected_again.corrections == ()
    with pytest.raises(ConflictError, match="no step before"):
        Activation("i", AT).previous()


def test_only_the_persons_of_the_household_are_verified() -> None:
    stranger = attrs.evolve(ALICE, id=AdultId("x"))
    with pytest.raises(MisuseError, match="responsables"):
        Activation("i", AT).check_account("h").check_adults(HOME, (stranger,))
    with pytest.raises(MisuseError, match="enfants"):
        Activation("i", AT).check_account("h").check_adults(HOME, (ALICE,)).check_children((LEA,), ())


@pytest.mark.parametrize("policy", CorrectionPolicy)
def test_registering_uses_the_invitation_and_routes_corrections(policy: CorrectionPolicy) -> None:
    done = register(ready(), invitation(), AccountId("acc"), AT, policy)
    assert done.invitation.state is InvitationState.USED
    assert done.account.households == {HOME.id}
    assert (len(done.applied), len(done.requested)) == ((1, 0) if policy is CorrectionPolicy.APPLY else (0, 1))


def test_registering_a_second_household_keeps_the_password_of_the_account() -> None:
    known = Account(AccountId("old"), "alice@exemple.fr", ALICE.id, frozenset({HouseholdId("x")}), AT, "own-hash")
    done = register(ready(), invitation(), AccountId("new"), AT, CorrectionPolicy.APPLY, known)
    assert (done.account.id, done.account.password_hash) == ("old", "own-hash")
    assert done.account.households == {"x", "h"}


def test_registering_too_early_or_with_another_invitation_is_a_conflict() -> None:
    with pytest.raises(ConflictError, match="not ready"):
        register(ready().previous(), invitation(), AccountId("a"), AT, CorrectionPolicy.APPLY)
    with pytest.raises(ConflictError, match="another invitation"):
        register(ready(), attrs.evolve(invitation(), id="j"), AccountId("a"), AT, CorrectionPolicy.APPLY)
    with pytest.raises(ConflictError, match="no longer open"):
        register(ready(), invitation(), AccountId("a"), AT + POLICY.lifetime, CorrectionPolicy.APPLY)


def test_failures_are_bounded_even_for_the_right_password() -> None:
    policy = TryPolicy(tries=3, window=dt.timedelta(hours=1), block=dt.timedelta(minutes=15))
    account = Account(AccountId("a"), "a@b.fr", ALICE.id, frozenset({HOME.id}), AT, "hash")
    counter = TryCounter(counter_key("A@b.fr "))
    for _ in range(3):
        answer, counter = conclude_sign_in(account, False, counter, AT, policy)
        assert answer.refusal is not None
        assert answer.refusal.code == "sign_in.refused"
    answer, same = conclude_sign_in(account, True, counter, AT + dt.timedelta(minutes=14, seconds=1), policy)
    assert same == counter
    assert answer.account is None
    assert answer.refusal is not None
    assert (answer.refusal.code, answer.refusal.parameters["minutes"]) == ("sign_in.wait", 1)
    answer, counter = conclude_sign_in(account, True, counter, AT + dt.timedelta(minutes=15), policy)
    assert answer.account == account
    assert counter.failures == 0


def test_failures_far_apart_do_not_add_up() -> None:
    policy = TryPolicy(tries=2, window=dt.timedelta(hours=1))
    counter = TryCounter("k").failed(AT, policy)
    assert not counter.failed(AT + dt.timedelta(hours=1), policy).blocked_at(AT + dt.timedelta(hours=1))
    assert counter.failed(AT + dt.timedelta(minutes=59), policy).blocked_at(AT + dt.timedelta(hours=1))


def test_a_closed_account_or_one_without_password_never_signs_in() -> None:
    account = Account(AccountId("a"), "a@b.fr", ALICE.id, frozenset({HOME.id}), AT)
    for one in (account, attrs.evolve(account, password_hash="h").closed(), None):
        answer, _ = conclude_sign_in(one, True, TryCounter("k"), AT, TryPolicy())
        assert answer.account is None


def test_a_token_opens_one_thing_once_in_time() -> None:
    secret = Secret("token")
    token = Token.issue("t", AccountId("a"), TokenScope.PASSWORD, secret, AT, dt.timedelta(hours=1))
    assert token.opens(secret, TokenScope.PASSWORD, AT)
    assert not token.opens(Secret("other"), TokenScope.PASSWORD, AT)
    assert not token.opens(secret, TokenScope.EMAIL, AT)
    assert not token.opens(secret, TokenScope.PASSWORD, AT + dt.timedelta(hours=1))
    assert not token.spent().opens(secret, TokenScope.PASSWORD, AT)


def test_accounts_change_by_new_values_and_close_for_good() -> None:
    account = Account(AccountId("a"), "a@b.fr", ALICE.id, frozenset({HOME.id}), AT, "hash")
    linked = account.linked_to(ExternalSubject("franceconnect", "sub-123")).with_household(HouseholdId("x"))
    assert linked.actor.households == {"h", "x"}
    closed = linked.without_household(HOME.id).without_household(HouseholdId("x"))
    assert closed.state is AccountState.CLOSED
    assert closed.password_hash is None
    assert closed.subjects == frozenset()
    with pytest.raises(ConflictError):
        closed.with_password("h", AT)
    with pytest.raises(ConflictError):
        closed.with_household(HOME.id)
    with pytest.raises(ConflictError):
        closed.linked_to(ExternalSubject("franceconnect", "s"))


def test_no_repr_of_a_stored_value_shows_a_secret() -> None:
    account = Account(
        AccountId("a"), "a@b.fr", ALICE.id, frozenset(), AT, "SECRET-hash",
        frozenset({ExternalSubject("fc", "SECRET-sub")}),
    )  # fmt: skip
    token = Token.issue("t", account.id, TokenScope.PASSWORD, Secret("SECRET"), AT, dt.timedelta(1))
    activation = Activation("i", AT).check_account("SECRET-hash")
    for value in (account, token, activation, invitation(), ExternalSubject("fc", "SECRET-sub")):
        assert "SECRET" not in repr(value)
    assert token.token_digest not in repr(token)
    assert invitation().code_digest not in repr(invitation())


@pytest.mark.parametrize(
    "text", ["", "alice", "@b.fr", "a@b", "a b@c.fr", "a@b@c.fr", "a\n@b.fr", "<a@b.fr>", "a@.", "x" * 250 + "@b.fr"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(MisuseError):
        identifier(text)


def test_an_identifier_has_one_spelling() -> None:
    assert identifier("  Alice.Martin@Exemple.FR ") == "alice.martin@exemple.fr"
