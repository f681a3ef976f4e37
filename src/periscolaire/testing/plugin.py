"""The pytest plugin: scenario files are tests, and a store is a fixture.

A project that says, in its pytest settings,

.. code-block:: toml

    [tool.pytest.ini_options]
    periscolaire_scenarios = ["reglements/*/scenarios*.toml"]

has each step of these files collected as a test, played against the ``reglement.toml`` beside it. Nothing of the
package is imported before the first such file is met or the first fixture is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from periscolaire.ports import Store
    from periscolaire.scenarios import StepReport

__all__ = ["ScenarioFile", "ScenarioStep", "periscolaire_store"]

SETTING = "periscolaire_scenarios"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The setting that names the scenario files."""
    parser.addini(SETTING, "Scenario files, as patterns under the root; each step is a test.", type="args", default=[])


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> ScenarioFile | None:
    """A file that one of the patterns names."""
    patterns: list[str] = parent.config.getini(SETTING)
    if not patterns or file_path.suffix != ".toml":
        return None
    within = file_path.is_relative_to(parent.config.rootpath)
    relative = file_path.relative_to(parent.config.rootpath) if within else file_path
    if any(relative.match(pattern) for pattern in patterns):
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


@pytest.fixture
def periscolaire_store() -> Iterator[Store]:
    """An empty store in memory."""
    from periscolaire.storage import MemoryStore

    store = MemoryStore()
    yield store
    store.close()


class ScenarioFile(pytest.File):
    """A scenario file, played when it is collected: its steps depend on one another."""

    def collect(self) -> Iterator[ScenarioStep]:
        """One test a step.

        :raises BadFileError: the scenario or the rules file beside it says what it may not.
        """
        from periscolaire.files import load_reglement, load_scenario
        from periscolaire.scenarios import run_scenario

        reglement = load_reglement(self.path.with_name("reglement.toml"))
        report = run_scenario(load_scenario(self.path, reglement), reglement)
        for step in report.steps:
            name = ", ".join(step.step.examples) or f"étape {step.number}"
            yield ScenarioStep.from_parent(self, name=name, step=step)


class ScenarioStep(pytest.Item):
    """One step: it fails with what the file expects, what the règlement gives, and why."""

    def __init__(self, *, step: StepReport, **keywords: Any) -> None:
        super().__init__(**keywords)
        self.step = step

    def runtest(self) -> None:
        """Fails when the step disagrees."""
        if not self.step.agrees:
            raise StepDisagrees(self.step)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:
        """The disagreements and the explanation, in French."""
        if not isinstance(excinfo.value, StepDisagrees):
            return super().repr_failure(excinfo, style)
        from periscolaire import i18n

        step = excinfo.value.step
        lines = [f"{one.key} : attendu {one.expected} ; trouvé {one.found}" for one in step.disagreements]
        return "\n".join([*lines, *(f"    {i18n.text(why)}" for why in step.why)])

    def reportinfo(self) -> tuple[Path, int | None, str]:
        """Where the step is."""
        return self.path, None, f"{self.path.name} : {self.name}"


class StepDisagrees(Exception):
    """A step gave something else than the file expects."""

    def __init__(self, step: StepReport) -> None:
        super().__init__(f"étape {step.number}")
        self.step = step
