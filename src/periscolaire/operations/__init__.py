"""Use cases: the only place where things happen in order. A command, a unit of work, an actor, an instant."""

from periscolaire.operations._accounts import Accounts, ActivationLink, ActivationScreen
from periscolaire.operations._mails import Portal

__all__ = ["Accounts", "ActivationLink", "ActivationScreen", "Portal"]
