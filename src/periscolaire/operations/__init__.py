"""Use cases: the only place where things happen in order. A command, a unit of work, an actor, an instant."""

from periscolaire.operations._accounts import Accounts, ActivationLink, ActivationScreen
from periscolaire.operations._booking import answer_request, check_basket, expire_holds, record_changes, validate
from periscolaire.operations._commune import Closed, close_service, make_offers, waiting_position
from periscolaire.operations._consumptions import refresh_consumptions
from periscolaire.operations._gather import Family, booking_context, read_family
from periscolaire.operations._mails import Portal
from periscolaire.operations._orders import DayOrder, day_order, door_rows, freeze_kitchen_order
from periscolaire.operations._registrations import (
    BulkReport,
    Registered,
    change_registration,
    register,
    register_many,
)
from periscolaire.operations._school_year import Promotion, YearTurn, next_grade, turn_school_year

__all__ = [
    "Accounts",
    "ActivationLink",
    "ActivationScreen",
    "BulkReport",
    "Closed",
    "DayOrder",
    "Family",
    "Portal",
    "Promotion",
    "Registered",
    "YearTurn",
    "answer_request",
    "booking_context",
    "change_registration",
    "check_basket",
    "close_service",
    "day_order",
    "door_rows",
    "expire_holds",
    "freeze_kitchen_order",
    "make_offers",
    "next_grade",
    "read_family",
    "record_changes",
    "refresh_consumptions",
    "register",
    "register_many",
    "turn_school_year",
    "validate",
    "waiting_position",
]
