"""Scenario files played against a règlement: every step decided or priced, every disagreement explained."""

from periscolaire.scenarios._compare import REFUSALS
from periscolaire.scenarios._report import Disagreement, Report, StepReport, report_text
from periscolaire.scenarios._run import run_scenario

__all__ = ["REFUSALS", "Disagreement", "Report", "StepReport", "report_text", "run_scenario"]
