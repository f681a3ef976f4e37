"""The family's account of the demonstration: the whole guide, played from the example's scenario."""

from __future__ import annotations

from pathlib import Path

from periscolaire.files import StepKind, load_reglement, load_scenario
from periscolaire.scenarios import Report, StepReport, run_scenario

__all__ = ["family_space", "highlights"]

#: One step of each of these kinds is told, the last screen of the activation among them.
_TOLD = (StepKind.INVITE, StepKind.ACTIVATE, StepKind.VALIDATE, StepKind.REPLY, StepKind.PAY_ONLINE, StepKind.READ)


def family_space(example: Path) -> Report:
    """The guide from the invitation to the answered request, screen by screen, in a store that is forgotten."""
    reglement = load_reglement(example / "reglement.toml")
    return run_scenario(load_scenario(example / "espace-famille.toml", reglement), reglement)


def highlights(report: Report) -> list[StepReport]:
    """For the first adult of the file, the last step of each kind that went through, in the order of the guide."""
    adult = report.scenario.families[0].adults[0].name
    last: dict[StepKind, StepReport] = {}
    for one in report.steps:
        expected = one.step.expected
        went = one.agrees and expected.refusals is None and expected.allowed is not False
        theirs = one.step.kind is StepKind.REPLY or adult in (one.step.typed.adult, one.step.target)
        if one.step.kind in _TOLD and went and theirs:
            last[one.step.kind] = one
    return sorted(last.values(), key=lambda one: one.number)
