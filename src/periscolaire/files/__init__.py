"""Files that people write and read: rules, scenarios, parameter sheets, CSV. Everything in them is in French.

A file that says what it may not raises one :class:`~periscolaire.errors.BadFileError` that holds every fault.
"""

from periscolaire.files._issuer import ISSUER_FORMAT, ISSUER_SECTIONS, load_issuer, read_issuer
from periscolaire.files._schema import (
    facts_reference,
    glossary,
    portal_schema,
    reference,
    rules_schema,
    scenario_schema,
)
from periscolaire.files.portal._reading import load_portal_settings, read_portal_settings
from periscolaire.files.portal._settings import AccountSettings, Encryption, MailSettings, PortalSettings
from periscolaire.files.rules._rules import FORMAT, load_reglement, read_reglement, write_reglement
from periscolaire.files.rules._sheet import (
    ELSEWHERE,
    SHEET_HEADINGS,
    SheetRow,
    load_sheet,
    reglement_of_sheet,
    save_sheet,
    sheet_rows,
)
from periscolaire.files.rules._values import print_moment
from periscolaire.files.scenarios._model import (
    Audience,
    Expectation,
    Scenario,
    ScenarioAdult,
    ScenarioChild,
    ScenarioCustody,
    ScenarioFamily,
    Step,
    StepKind,
    Typed,
)
from periscolaire.files.scenarios._reading import load_scenario, read_scenario
from periscolaire.files.tables._csv import Cell, Column, CsvTable, read_csv, write_csv
from periscolaire.files.tables._door_sheet import DOOR_SHEET, DoorSheetRow
from periscolaire.files.tables._exports import (
    INVOICE_HEADINGS,
    invoice_lines,
    invoices_csv,
    invoices_json,
)
from periscolaire.files.tables._layouts import (
    CSV_TABLES,
    AttendanceRow,
    ChildRow,
    FactRow,
    HouseholdRow,
    LocalTime,
    PaymentRow,
    ProofRow,
    RequestRow,
    describe_csv,
)
from periscolaire.files.tables._onde import read_onde_guardians, read_onde_pupils
from periscolaire.files.tables._reports import read_report_csv, report_csv, report_json, write_report_xlsx
from periscolaire.files.tables._tablets import TABLET_LOG, TOUCHES, TouchRow
from periscolaire.files.toml._locate import line_of, locate, print_path

__all__ = [
    "CSV_TABLES",
    "DOOR_SHEET",
    "ELSEWHERE",
    "FORMAT",
    "INVOICE_HEADINGS",
    "ISSUER_FORMAT",
    "ISSUER_SECTIONS",
    "SHEET_HEADINGS",
    "TABLET_LOG",
    "TOUCHES",
    "AccountSettings",
    "AttendanceRow",
    "Audience",
    "Cell",
    "ChildRow",
    "Column",
    "CsvTable",
    "DoorSheetRow",
    "Encryption",
    "Expectation",
    "FactRow",
    "HouseholdRow",
    "LocalTime",
    "MailSettings",
    "PaymentRow",
    "PortalSettings",
    "ProofRow",
    "RequestRow",
    "Scenario",
    "ScenarioAdult",
    "ScenarioChild",
    "ScenarioCustody",
    "ScenarioFamily",
    "SheetRow",
    "Step",
    "StepKind",
    "TouchRow",
    "Typed",
    "describe_csv",
    "facts_reference",
    "glossary",
    "invoice_lines",
    "invoices_csv",
    "invoices_json",
    "line_of",
    "load_issuer",
    "load_portal_settings",
    "load_reglement",
    "load_scenario",
    "load_sheet",
    "locate",
    "portal_schema",
    "print_moment",
    "print_path",
    "read_csv",
    "read_issuer",
    "read_onde_guardians",
    "read_onde_pupils",
    "read_portal_settings",
    "read_reglement",
    "read_report_csv",
    "read_scenario",
    "reference",
    "reglement_of_sheet",
    "report_csv",
    "report_json",
    "rules_schema",
    "save_sheet",
    "scenario_schema",
    "sheet_rows",
    "write_csv",
    "write_reglement",
    "write_report_xlsx",
]
