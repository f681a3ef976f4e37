"""Accounts, and who may do what: one table of operations, one function that decides (:func:`authorise`)."""

from periscolaire.access._actors import ANONYMOUS, Actor, Anonymous, FamilyActor, Role, StaffActor, TrustedPerson
from periscolaire.access._audit import AuditEntry, audit
from periscolaire.access._authorise import COMMUNE, Target, authorise, require
from periscolaire.access._operations import OPERATIONS, Operation, Reach, Right

__all__ = [
    "ANONYMOUS",
    "COMMUNE",
    "OPERATIONS",
    "Actor",
    "Anonymous",
    "AuditEntry",
    "FamilyActor",
    "Operation",
    "Reach",
    "Right",
    "Role",
    "StaffActor",
    "Target",
    "TrustedPerson",
    "audit",
    "authorise",
    "require",
]
