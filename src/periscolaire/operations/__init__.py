"""Use cases: the only place where things happen in order. A command, a unit of work, an actor, an instant."""

from periscolaire.operations._accounts import Accounts, ActivationLink, ActivationScreen
from periscolaire.operations._booking import answer_request, check_basket, expire_holds, record_changes, validate
from periscolaire.operations._consumptions import refresh_consumptions
from periscolaire.operations._gather import Family, booking_context, read_family
from periscolaire.operations._mails import Portal

__all__ = [
    "Accounts",
    "ActivationLink",
    "ActivationScreen",
    "Family",
    "Portal",
    "answer_request",
    "booking_context",
    "check_basket",
    "expire_holds",
    "read_family",
    "record_changes",
    "refresh_consumptions",
    "validate",
]
