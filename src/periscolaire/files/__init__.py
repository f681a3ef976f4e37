"""Files that people write and read."""

from periscolaire.files._csv import Cell, Column, CsvTable, read_csv, write_csv
from periscolaire.files._csv_tables import (
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

__all__ = [
    "CSV_TABLES",
    "AttendanceRow",
    "Cell",
    "ChildRow",
    "Column",
    "CsvTable",
    "FactRow",
    "HouseholdRow",
    "LocalTime",
    "PaymentRow",
    "ProofRow",
    "RequestRow",
    "describe_csv",
    "read_csv",
    "write_csv",
]
