"""Use cases: the only place where things happen in order. A command, a unit of work, an actor, an instant."""

from periscolaire.operations._accounts import Accounts
from periscolaire.operations._attendance import record_presences, record_proofs
from periscolaire.operations._billing import PreparedRun, bill, issue_run, prepare_run, series_of
from periscolaire.operations._booking import answer_request, check_basket, expire_holds, record_changes, validate
from periscolaire.operations._commune import Closed, close_service, make_offers, waiting_position
from periscolaire.operations._consumptions import refresh_consumptions
from periscolaire.operations._files import ImportedFiles, import_files, read_files
from periscolaire.operations._gather import Family, booking_context, read_family
from periscolaire.operations._imports import Imported, import_people, plan_import
from periscolaire.operations._invitations import ActivationLink, ActivationScreen, Invitations
from periscolaire.operations._mails import Portal
from periscolaire.operations._messages import Asked, Messages, NewFile, RequestDraft
from periscolaire.operations._orders import DayOrder, day_order, door_rows, freeze_kitchen_order
from periscolaire.operations._payments import (
    impute_credits,
    ledger,
    outstanding_report,
    read_account,
    read_accounts,
    receipts_report,
    record_payments,
)
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
from periscolaire.operations._refold import refold
from periscolaire.operations._registrations import BulkReport, Registered, change_registration, register, register_many
from periscolaire.operations._registry import declare_facts, record_families
from periscolaire.operations._reglements import publish_reglement, published_reglements
from periscolaire.operations._requests import BookingRequest, Homes, decide_requests
from periscolaire.operations._school_year import Promotion, YearTurn, next_grade, turn_school_year
from periscolaire.operations._targets import child_target, household_target

__all__ = [
    "Accounts",
    "ActivationLink",
    "ActivationScreen",
    "Asked",
    "BookingRequest",
    "BulkReport",
    "Closed",
    "DayOrder",
    "Erased",
    "Erasure",
    "ErasureLine",
    "Family",
    "FamilyData",
    "Homes",
    "Imported",
    "ImportedFiles",
    "Invitations",
    "Messages",
    "NewFile",
    "Portal",
    "PreparedRun",
    "Promotion",
    "Registered",
    "RequestDraft",
    "YearTurn",
    "answer_request",
    "bill",
    "booking_context",
    "change_registration",
    "check_basket",
    "child_target",
    "close_service",
    "day_order",
    "decide_requests",
    "declare_facts",
    "door_rows",
    "erase_family",
    "expire_holds",
    "export_family",
    "freeze_kitchen_order",
    "household_target",
    "import_files",
    "import_people",
    "impute_credits",
    "issue_run",
    "ledger",
    "make_offers",
    "next_grade",
    "outstanding_report",
    "plan_import",
    "prepare_run",
    "publish_reglement",
    "published_reglements",
    "read_account",
    "read_accounts",
    "read_family",
    "read_files",
    "receipts_report",
    "record_changes",
    "record_consents",
    "record_documents",
    "record_facts",
    "record_families",
    "record_payments",
    "record_presences",
    "record_proofs",
    "refold",
    "refresh_consumptions",
    "register",
    "register_many",
    "series_of",
    "turn_school_year",
    "validate",
    "waiting_position",
]
