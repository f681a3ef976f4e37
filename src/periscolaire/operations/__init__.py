"""Use cases: the only place where things happen in order. A command, a unit of work, an actor, an instant."""

from periscolaire.operations._accounts import Accounts, ActivationLink, ActivationScreen
from periscolaire.operations._booking import answer_request, check_basket, expire_holds, record_changes, validate
from periscolaire.operations._commune import Closed, close_service, make_offers, waiting_position
from periscolaire.operations._consumptions import refresh_consumptions
from periscolaire.operations._gather import Family, booking_context, read_family
from periscolaire.operations._imports import Imported, import_people, plan_import
from periscolaire.operations._mails import Portal
from periscolaire.operations._messages import Asked, Messages, NewFile, RequestDraft
from periscolaire.operations._orders import DayOrder, day_order, door_rows, freeze_kitchen_order
from periscolaire.operations._people import (
    Erased,
    Erasure,
    ErasureLine,
    FamilyData,
    erase_family,
    export_family,
    record_consents,
    record_documents,
    record_facts,
)
from periscolaire.operations._registrations import BulkReport, Registered, change_registration, register, register_many
from periscolaire.operations._school_year import Promotion, YearTurn, next_grade, turn_school_year
from periscolaire.operations._targets import child_target, household_target

__all__ = [
    "Accounts",
    "ActivationLink",
    "ActivationScreen",
    "Asked",
    "BulkReport",
    "Closed",
    "DayOrder",
    "Erased",
    "Erasure",
    "ErasureLine",
    "Family",
    "FamilyData",
    "Imported",
    "Messages",
    "NewFile",
    "Portal",
    "Promotion",
    "Registered",
    "RequestDraft",
    "YearTurn",
    "answer_request",
    "booking_context",
    "change_registration",
    "check_basket",
    "child_target",
    "close_service",
    "day_order",
    "door_rows",
    "erase_family",
    "expire_holds",
    "export_family",
    "freeze_kitchen_order",
    "household_target",
    "import_people",
    "make_offers",
    "next_grade",
    "plan_import",
    "read_family",
    "record_changes",
    "record_consents",
    "record_documents",
    "record_facts",
    "refresh_consumptions",
    "register",
    "register_many",
    "turn_school_year",
    "validate",
    "waiting_position",
]
