"""Plays a scenario: each kind of step has one function from (world, step) to an answer."""

from __future__ import annotations

from collections.abc import Callable

import attrs

from periscolaire.errors import AccessDeniedError, ConflictError, MisuseError, NotFoundError, UnknownYearError
from periscolaire.facts import Facts
from periscolaire.files import Scenario, Step, StepKind
from periscolaire.reasons import Reason
from periscolaire.reglement import Reglement
from periscolaire.scenarios._compare import Answer, compare
from periscolaire.scenarios._happenings import come, stay_away
from periscolaire.scenarios._life import Life
from periscolaire.scenarios._prices import price_fee, price_penalty, price_step
from periscolaire.scenarios._report import Disagreement, Report, StepReport
from periscolaire.scenarios._requests import answer_request, ask_procedure, give_places
from periscolaire.scenarios._several import counted_alone, counted_for, instance_of_step, is_due, scope_of, together
from periscolaire.scenarios._world import World

__all__ = ["run_scenario"]


def run_scenario(scenario: Scenario, reglement: Reglement) -> Report:
    """Every step of ``scenario``, in order, against ``reglement``.

    A file that speaks of proofs or money is played twice over: decided as any other, and recorded through the use
    cases in a store of its own, which then bills, collects and reports.

    A step that cannot be played (no such product, a channel that is missing, a year that the calendar does not know)
    disagrees, and says why.
    """
    world = World(reglement, scenario)
    life = Life(world) if any(step.kind.needs_store for step in scenario.steps) else None
    reports = []
    for number, step in enumerate(scenario.steps, start=1):
        try:
            answer = Answer() if step.kind.needs_store else _play(world, step)
            if life is not None:
                answer = life.play(step, answer)
        except (AccessDeniedError, ConflictError, MisuseError, NotFoundError, UnknownYearError) as error:
            fault = Disagreement(step.kind.value, "une étape jouable", str(error))
            reports.append(StepReport(number, step, (fault,)))
            continue
        found = () if step.preparation else compare(step.expected, answer, reglement.calendar)
        reports.append(StepReport(number, step, found, answer.why))
    return Report(scenario, tuple(reports))


def _play(world: World, step: Step) -> Answer:
    """The answer to a step; over several children or days, what each gives, in one."""
    play = _PLAY[step.kind]
    if step.kind is StepKind.ALLOCATE or not (step.children or len(step.days) > 1):
        answer = play(world, counted_alone(world, step))
        due_days = (step.day,) if step.day is not None and is_due(answer) else ()
        return attrs.evolve(answer, due_days=due_days)
    answers: list[tuple[Step, Answer]] = []
    scope, seen = scope_of(world, step), set()
    for rank, child in enumerate(step.children or (step.child,), start=1):
        for day in step.days or (step.day,):
            instance = instance_of_step(world, scope, child, day)
            if instance in seen:
                continue
            seen.add(instance)
            one = attrs.evolve(step, child=child, day=day)
            said = world.facts(one, day or world.reglement.first_day)
            counted = {name: n for name, n in counted_for(world, step, rank, day).items() if name not in said}
            one = attrs.evolve(one, facts=Facts({**counted, **step.facts}))
            answers.append((one, play(world, one)))
    return together(answers)


def _declare(world: World, step: Step) -> Answer:
    effective = world.declare(step)
    return Answer(effective=effective, why=(Reason.of("scenario.declared", day=effective),))


_PLAY: dict[StepKind, Callable[[World, Step], Answer]] = {
    StepKind.BOOK: answer_request,
    StepKind.CANCEL: answer_request,
    StepKind.CHANGE: answer_request,
    StepKind.PRICE: price_step,
    StepKind.PRESENCE: come,
    StepKind.ABSENCE: stay_away,
    StepKind.PENALTY: price_penalty,
    StepKind.FEE: price_fee,
    StepKind.DECLARE: _declare,
    StepKind.ALLOCATE: give_places,
    StepKind.ASK: ask_procedure,
}
