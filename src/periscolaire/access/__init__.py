"""Accounts, and who may do what: one table of operations, one function that decides (:func:`authorise`)."""

from periscolaire.access._account import Account, AccountState, ExternalSubject, identifier, subject_key
from periscolaire.access._activation import Activation, CorrectionPolicy, Registered, Step, register
from periscolaire.access._actors import ANONYMOUS, Actor, Anonymous, FamilyActor, Role, StaffActor, TrustedPerson
from periscolaire.access._audit import AuditEntry, audit
from periscolaire.access._authorise import COMMUNE, Target, authorise, require
from periscolaire.access._invitation import Invitation, InvitationPolicy, InvitationState, same_name
from periscolaire.access._operations import OPERATIONS, Operation, Reach, Right
from periscolaire.access._password import COMMON_WORDS, PasswordPolicy
from periscolaire.access._retention import RETENTION, Fate, Retention, Since
from periscolaire.access._secret import Secret, digest, matches
from periscolaire.access._sign_in import (
    SignIn,
    Token,
    TokenScope,
    TryCounter,
    TryPolicy,
    conclude_sign_in,
    counter_key,
)

__all__ = [
    "ANONYMOUS",
    "COMMON_WORDS",
    "COMMUNE",
    "OPERATIONS",
    "RETENTION",
    "Account",
    "AccountState",
    "Activation",
    "Actor",
    "Anonymous",
    "AuditEntry",
    "CorrectionPolicy",
    "ExternalSubject",
    "FamilyActor",
    "Fate",
    "Invitation",
    "InvitationPolicy",
    "InvitationState",
    "Operation",
    "PasswordPolicy",
    "Reach",
    "Registered",
    "Retention",
    "Right",
    "Role",
    "Secret",
    "SignIn",
    "Since",
    "StaffActor",
    "Step",
    "Target",
    "Token",
    "TokenScope",
    "TrustedPerson",
    "TryCounter",
    "TryPolicy",
    "audit",
    "authorise",
    "conclude_sign_in",
    "counter_key",
    "digest",
    "identifier",
    "matches",
    "register",
    "require",
    "same_name",
    "subject_key",
]
