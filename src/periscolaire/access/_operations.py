"""Every operation of the service, and who may ask for it: one closed table."""

from __future__ import annotations

import enum

import attrs

from periscolaire.access._actors import Role
from periscolaire.frozen import FrozenMap

__all__ = ["OPERATIONS", "Operation", "Reach", "Right"]


class Reach(enum.Enum):
    """How far an adult of a family reaches with an operation."""

    NOBODY = "nobody"
    ACCOUNT = "their own account"
    HOUSEHOLD = "their own household"
    CHILD = "a child of their household, as a file that both parents share"
    DAY = "a child on a day that is their household's, by custody"


class Operation(enum.Enum):
    """What can be asked of the service."""

    VIEW_HOUSEHOLD = "view_household"
    CHANGE_HOUSEHOLD = "change_household"
    VIEW_CHILD = "view_child"
    CHANGE_CHILD = "change_child"
    SUSPEND_CHILD = "suspend_child"
    VIEW_BOOKINGS = "view_bookings"
    BOOK = "book"
    BOOK_BY_DEROGATION = "book_by_derogation"
    REGISTER_CHILD = "register_child"
    DECLARE_ABSENCE = "declare_absence"
    VIEW_ATTENDANCE = "view_attendance"
    RECORD_ATTENDANCE = "record_attendance"
    DECIDE_PROOF = "decide_proof"
    VIEW_INVOICES = "view_invoices"
    PAY_INVOICE = "pay_invoice"
    RUN_BILLING = "run_billing"
    CORRECT_INVOICE = "correct_invoice"
    RECORD_PAYMENT = "record_payment"
    VIEW_REPORTS = "view_reports"
    PUBLISH_NEWS = "publish_news"
    ASK = "ask"
    VIEW_REQUEST = "view_request"
    REPLY = "reply"
    HANDLE_REQUEST = "handle_request"
    MANAGE_ACCOUNT = "manage_account"
    INVITE = "invite"
    IMPORT_PEOPLE = "import_people"
    RECORD_FACT = "record_fact"
    EXPORT_FAMILY_DATA = "export_family_data"
    ERASE_FAMILY_DATA = "erase_family_data"
    CHANGE_RULES = "change_rules"
    READ_AUDIT = "read_audit"


@attrs.frozen
class Right:
    """Who may ask for an operation: adults of a family within ``family``, staff who hold one of ``roles``.

    The commune's administrator holds every role.
    """

    family: Reach
    roles: frozenset[Role]


def _right(family: Reach, *roles: Role) -> Right:
    return Right(family, frozenset((*roles, Role.ADMINISTRATOR)))


_R, _F = Role, Reach
#: The whole table: an operation that is not in it does not exist.
OPERATIONS: FrozenMap[Operation, Right] = FrozenMap(
    {
        Operation.VIEW_HOUSEHOLD: _right(_F.HOUSEHOLD, _R.READ, _R.BOOK, _R.ATTEND, _R.BILL, _R.COLLECT, _R.ADMINISTER),
        Operation.CHANGE_HOUSEHOLD: _right(_F.HOUSEHOLD, _R.ADMINISTER),
        Operation.VIEW_CHILD: _right(_F.CHILD, _R.READ, _R.BOOK, _R.ATTEND, _R.BILL, _R.ADMINISTER),
        Operation.CHANGE_CHILD: _right(_F.CHILD, _R.ADMINISTER),
        Operation.SUSPEND_CHILD: _right(_F.NOBODY, _R.ADMINISTER),
        Operation.VIEW_BOOKINGS: _right(_F.DAY, _R.READ, _R.BOOK, _R.ATTEND, _R.BILL),
        Operation.BOOK: _right(_F.DAY, _R.BOOK),
        Operation.BOOK_BY_DEROGATION: _right(_F.NOBODY, _R.BOOK),
        Operation.REGISTER_CHILD: _right(_F.CHILD, _R.BOOK, _R.ADMINISTER),
        Operation.DECLARE_ABSENCE: _right(_F.DAY, _R.BOOK, _R.ATTEND),
        Operation.VIEW_ATTENDANCE: _right(_F.DAY, _R.READ, _R.ATTEND, _R.BILL),
        Operation.RECORD_ATTENDANCE: _right(_F.NOBODY, _R.ATTEND),
        Operation.DECIDE_PROOF: _right(_F.NOBODY, _R.BILL, _R.ADMINISTER),
        Operation.VIEW_INVOICES: _right(_F.HOUSEHOLD, _R.READ, _R.BILL, _R.COLLECT),
        Operation.PAY_INVOICE: _right(_F.HOUSEHOLD, _R.COLLECT),
        Operation.RUN_BILLING: _right(_F.NOBODY, _R.BILL),
        Operation.CORRECT_INVOICE: _right(_F.NOBODY, _R.BILL),
        Operation.RECORD_PAYMENT: _right(_F.NOBODY, _R.COLLECT),
        Operation.VIEW_REPORTS: _right(_F.NOBODY, _R.READ, _R.BILL, _R.COLLECT),
        Operation.PUBLISH_NEWS: _right(_F.NOBODY, _R.ADMINISTER),
        Operation.ASK: _right(_F.HOUSEHOLD, _R.BOOK, _R.ADMINISTER),
        Operation.VIEW_REQUEST: _right(_F.HOUSEHOLD, _R.READ, _R.BOOK, _R.BILL, _R.ADMINISTER),
        Operation.REPLY: _right(_F.HOUSEHOLD, _R.BOOK, _R.BILL, _R.ADMINISTER),
        Operation.HANDLE_REQUEST: _right(_F.NOBODY, _R.ADMINISTER),
        Operation.MANAGE_ACCOUNT: _right(_F.ACCOUNT),
        Operation.INVITE: _right(_F.NOBODY, _R.ADMINISTER),
        Operation.IMPORT_PEOPLE: _right(_F.NOBODY, _R.ADMINISTER),
        Operation.RECORD_FACT: _right(_F.NOBODY, _R.ADMINISTER),
        Operation.EXPORT_FAMILY_DATA: _right(_F.HOUSEHOLD),
        Operation.ERASE_FAMILY_DATA: _right(_F.NOBODY),
        Operation.CHANGE_RULES: _right(_F.NOBODY),
        Operation.READ_AUDIT: _right(_F.NOBODY),
    }
)
