"""What playing a scenario found: one report a step, and the words in which it is shown."""

from __future__ import annotations

import attrs

from periscolaire.files import Scenario, Step
from periscolaire.i18n import text
from periscolaire.reasons import Description, Reason

__all__ = ["Disagreement", "Report", "StepReport", "report_text"]


@attrs.frozen
class Disagreement:
    """One expectation that was not met: its French key, what the file expects, what the règlement gives."""

    key: str
    expected: str
    found: str


@attrs.frozen
class StepReport:
    """What one step gave: ``number`` counts from 1, ``why`` explains the answer."""

    number: int
    step: Step
    disagreements: tuple[Disagreement, ...] = ()
    why: tuple[Reason | Description, ...] = ()

    @property
    def agrees(self) -> bool:
        """Every expectation was met."""
        return not self.disagreements


@attrs.frozen
class Report:
    """The whole scenario, step by step."""

    scenario: Scenario
    steps: tuple[StepReport, ...]

    @property
    def agrees(self) -> bool:
        """Every step agrees."""
        return all(step.agrees for step in self.steps)

    @property
    def disagreeing(self) -> tuple[StepReport, ...]:
        """The steps that do not."""
        return tuple(step for step in self.steps if not step.agrees)


def report_text(report: Report, lang: str = "fr") -> str:
    """The report in words: one line per disagreement with its explanation, then the count."""
    lines: list[str] = []
    for found in report.disagreeing:
        step = found.step
        where = f"étape {found.number}" + (f" (ligne {step.line})" if step.line is not None else "")
        named = f" [{', '.join(step.examples)}]" if step.examples else ""
        lines.append(f"{report.scenario.file} : {where}{named} : {step.kind.value} {step.target}".rstrip())
        lines += [f"  {d.key} : attendu {d.expected} ; trouvé {d.found}" for d in found.disagreements]
        lines += [f"  parce que : {text(reason, lang)}" for reason in found.why]
        if step.note:
            lines.append(f"  note : {step.note}")
    agreeing = sum(step.agrees for step in report.steps)
    lines.append(f"{report.scenario.file} : {agreeing} étapes sur {len(report.steps)} conformes")
    return "\n".join(lines)
