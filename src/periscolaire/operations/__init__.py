"""Use cases: the only place where things happen in order. A command, a unit of work, an actor, an instant."""

from periscolaire.operations._deliver import Delivered
from periscolaire.operations._family import Family, read_family
from periscolaire.operations._files import ImportedFiles, import_files, read_files
from periscolaire.operations._issuer import issuer_of, set_issuer
from periscolaire.operations._names import Names
from periscolaire.operations._recording import record_facts, record_people
from periscolaire.operations._reglements import publish_reglement, published_reglements
from periscolaire.operations._series import series_of
from periscolaire.operations._targets import child_target, household_target
from periscolaire.operations._telling import deliver_anomalies, deliver_invoices
from periscolaire.operations.attendance._absences import AbsenceTold, tell_absence, withdraw_absence
from periscolaire.operations.attendance._appeals import (
    appeal,
    decide_appeal,
    find_anomalies,
    tell_anomalies,
    told_anomalies,
)
from periscolaire.operations.attendance._closures import lift_closure
from periscolaire.operations.attendance._door import DoorLine, DoorList, check_door_list
from periscolaire.operations.attendance._door_sheet import check_door_sheet
from periscolaire.operations.attendance._presences import door_warnings, record_presences
from periscolaire.operations.attendance._proofs import ProofHandedIn, decide_proof, hand_in_proof, record_proofs
from periscolaire.operations.attendance._sanctions import (
    IncidentSeen,
    PenaltyDecided,
    Suspended,
    decide_penalty,
    lift_suspension,
    report_incident,
    suspend,
    withdraw_incident,
)
from periscolaire.operations.attendance._tablets import import_tablet_log
from periscolaire.operations.billing._at_booking import invoice_booking, invoice_places
from periscolaire.operations.billing._in_kind import kind_balances
from periscolaire.operations.billing._prepare import PreparedRun, bill, compare_run, issue_run, prepare_run
from periscolaire.operations.billing._reprises import record_reprise, withdraw_reprise
from periscolaire.operations.billing._run import BillingReport, run_billing
from periscolaire.operations.billing._tickets import sell_tickets
from periscolaire.operations.booking._allocation import DayAllocation, allocate_places
from periscolaire.operations.booking._commune import Closed, close_service, make_offers, waiting_position
from periscolaire.operations.booking._context import booking_context
from periscolaire.operations.booking._orders import DayOrder, day_order, door_rows, freeze_kitchen_order
from periscolaire.operations.booking._prepaid import PrepaidBalance, prepaid_balance
from periscolaire.operations.booking._registrations import (
    BulkReport,
    Registered,
    change_registration,
    register,
    register_many,
)
from periscolaire.operations.booking._requests import BookingRequest, Homes, decide_requests
from periscolaire.operations.booking._school_year import Promotion, YearTurn, next_grade, turn_school_year
from periscolaire.operations.booking._validate import (
    accept_offer,
    answer_request,
    check_basket,
    expire_holds,
    validate,
)
from periscolaire.operations.explaining._entry import entry_story
from periscolaire.operations.explaining._line import line_story
from periscolaire.operations.explaining._slot import slot_story
from periscolaire.operations.families._account_desk import (
    AccountStanding,
    account_standings,
    close_family_account,
    send_reset_link,
    unblock_account,
)
from periscolaire.operations.families._accounts import Accounts, Corrected
from periscolaire.operations.families._activations import ActivationLink, ActivationScreen
from periscolaire.operations.families._board import Board
from periscolaire.operations.families._commune import contact_page, publish_contacts, read_audit
from periscolaire.operations.families._erasure import Erasure, ErasureLine, erase_family
from periscolaire.operations.families._export import FamilyData, export_family
from periscolaire.operations.families._file import HouseholdFile, household_file, read_document
from periscolaire.operations.families._imports import Imported, import_people, plan_import
from periscolaire.operations.families._invitations import Invitations
from periscolaire.operations.families._mails import Portal
from periscolaire.operations.families._messages import Asked, Messages, NewFile, RequestDraft
from periscolaire.operations.families._papers import record_consents, record_documents
from periscolaire.operations.families._personal import Erased
from periscolaire.operations.families._purge import Purge, Purged, PurgeLine, purge
from periscolaire.operations.money._desk import (
    CashMoved,
    DeskCount,
    close_cash_desk,
    desk_holds,
    make_deposit_slip,
    move_cash,
    number_quittances,
    regie_journal,
    undeposited,
)
from periscolaire.operations.money._family_invoices import (
    FamilyInvoice,
    FamilyInvoices,
    InvoiceStanding,
    family_invoices,
)
from periscolaire.operations.money._giving_back import Refunded, cancel_payment, refund_household, reject_payment
from periscolaire.operations.money._online import (
    PayOnline,
    expire_online_payments,
    notify_online_payment,
    online_payments,
    start_online_payment,
)
from periscolaire.operations.money._payments import record_payments
from periscolaire.operations.money._plans import PlanWanted, agree_plan, cancel_plan, close_dispute, dispute_invoice
from periscolaire.operations.money._reminders import (
    arrears_of,
    deliver_reminders,
    late_payers_report,
    record_reminders,
    reminder_levels,
    reminders_to_send,
    send_reminders,
)
from periscolaire.operations.money._reports import (
    household_ledger,
    invoiced_report,
    ledger,
    outstanding_report,
    read_account,
    read_accounts,
    receipts_report,
    refunds_due,
)
from periscolaire.operations.money._tables import ReportKind, ReportWanted, report
from periscolaire.operations.money._write_offs import WrittenOff, transfer_to_treasury, write_off_invoice

__all__ = [
    "AbsenceTold",
    "AccountStanding",
    "Accounts",
    "ActivationLink",
    "ActivationScreen",
    "Asked",
    "BillingReport",
    "Board",
    "BookingRequest",
    "BulkReport",
    "CashMoved",
    "Closed",
    "Corrected",
    "DayAllocation",
    "DayOrder",
    "Delivered",
    "DeskCount",
    "DoorLine",
    "DoorList",
    "Erased",
    "Erasure",
    "ErasureLine",
    "Family",
    "FamilyData",
    "FamilyInvoice",
    "FamilyInvoices",
    "Homes",
    "HouseholdFile",
    "Imported",
    "ImportedFiles",
    "IncidentSeen",
    "Invitations",
    "InvoiceStanding",
    "Messages",
    "Names",
    "NewFile",
    "PayOnline",
    "PenaltyDecided",
    "PlanWanted",
    "Portal",
    "PrepaidBalance",
    "PreparedRun",
    "Promotion",
    "ProofHandedIn",
    "Purge",
    "PurgeLine",
    "Purged",
    "Refunded",
    "Registered",
    "ReportKind",
    "ReportWanted",
    "RequestDraft",
    "Suspended",
    "WrittenOff",
    "YearTurn",
    "accept_offer",
    "account_standings",
    "agree_plan",
    "allocate_places",
    "answer_request",
    "appeal",
    "arrears_of",
    "bill",
    "booking_context",
    "cancel_payment",
    "cancel_plan",
    "change_registration",
    "check_basket",
    "check_door_list",
    "check_door_sheet",
    "child_target",
    "close_cash_desk",
    "close_dispute",
    "close_family_account",
    "close_service",
    "compare_run",
    "contact_page",
    "day_order",
    "decide_appeal",
    "decide_penalty",
    "decide_proof",
    "decide_requests",
    "deliver_anomalies",
    "deliver_invoices",
    "deliver_reminders",
    "desk_holds",
    "dispute_invoice",
    "door_rows",
    "door_warnings",
    "entry_story",
    "erase_family",
    "expire_holds",
    "expire_online_payments",
    "export_family",
    "family_invoices",
    "find_anomalies",
    "freeze_kitchen_order",
    "hand_in_proof",
    "household_file",
    "household_ledger",
    "household_target",
    "import_files",
    "import_people",
    "import_tablet_log",
    "invoice_booking",
    "invoice_places",
    "invoiced_report",
    "issue_run",
    "issuer_of",
    "kind_balances",
    "late_payers_report",
    "ledger",
    "lift_closure",
    "lift_suspension",
    "line_story",
    "make_deposit_slip",
    "make_offers",
    "move_cash",
    "next_grade",
    "notify_online_payment",
    "number_quittances",
    "online_payments",
    "outstanding_report",
    "plan_import",
    "prepaid_balance",
    "prepare_run",
    "publish_contacts",
    "publish_reglement",
    "published_reglements",
    "purge",
    "read_account",
    "read_accounts",
    "read_audit",
    "read_document",
    "read_family",
    "read_files",
    "receipts_report",
    "record_consents",
    "record_documents",
    "record_facts",
    "record_payments",
    "record_people",
    "record_presences",
    "record_proofs",
    "record_reminders",
    "record_reprise",
    "refund_household",
    "refunds_due",
    "regie_journal",
    "register",
    "register_many",
    "reject_payment",
    "reminder_levels",
    "reminders_to_send",
    "report",
    "report_incident",
    "run_billing",
    "sell_tickets",
    "send_reminders",
    "send_reset_link",
    "series_of",
    "set_issuer",
    "slot_story",
    "start_online_payment",
    "suspend",
    "tell_absence",
    "tell_anomalies",
    "told_anomalies",
    "transfer_to_treasury",
    "turn_school_year",
    "unblock_account",
    "undeposited",
    "validate",
    "waiting_position",
    "withdraw_absence",
    "withdraw_incident",
    "withdraw_reprise",
    "write_off_invoice",
]
