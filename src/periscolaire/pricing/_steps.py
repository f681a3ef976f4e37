"""The steps of a price: light values, put in words only when somebody asks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import VOCABULARY, Condition, Expired, FactValue, Test, Unknown
from periscolaire.money import EUR, Currency, Money
from periscolaire.reasons import Description, Parameter

StepValue: TypeAlias = FactValue | Unknown | Expired | Condition | None


@attrs.frozen
class Step:
    """One step: the rule that applied (``code``), its ``inputs``, and the exact ``result`` in units.

    ``description`` is the same for people; it is made when asked for, because millions of prices are never asked.
    """

    code: str
    inputs: tuple[tuple[str, StepValue], ...] = ()
    result: Decimal | None = None

    @property
    def description(self) -> Description:
        """What the step says, for :func:`periscolaire.i18n.text`, amounts in euros."""
        return self.describe(EUR)

    def describe(self, currency: Currency) -> Description:
        """The same, amounts in ``currency``; what is finer than its minor unit stays a number."""
        parameters: dict[str, Parameter] = {}
        for name, value in self.inputs:
            if name in _FACT_NAMES and isinstance(value, str):
                parameters[name] = describe_fact(value)
            elif name in _AMOUNT_NAMES and isinstance(value, Decimal):
                parameters[name] = _amount(value, currency)
            else:
                parameters[name] = describe_value(value)
        parameters["result"] = None if self.result is None else _amount(self.result, currency)
        return Description(f"pricing.step.{self.code}", parameters)


_FACT_NAMES = frozenset({"fact"})
_AMOUNT_NAMES = frozenset({"amount", "before", "price"})


def _amount(value: Decimal, currency: Currency) -> Money | Decimal:
    try:
        return Money(currency.amount(value), currency)
    except MisuseError:
        return value


def describe_fact(name: str) -> Description:
    """The name of a fact, for people."""
    spec = VOCABULARY.by_name(name)
    return Description.of("pricing.fact", name=name, key=spec.key if spec else name)


def describe_value(value: StepValue) -> Parameter:
    """A fact's value or state, for people."""
    match value:
        case Unknown(why):
            return Description.of("pricing.unknown", why=why)
        case Expired(held, since):
            return Description.of("pricing.expired", value=describe_value(held), since=since)
        case Condition():
            return describe_condition(value)
        case frozenset():
            return tuple(sorted(value))
        case bool():
            return Description.of("pricing.yes" if value else "pricing.no")
        case dt.datetime() | dt.date() | dt.time() | Decimal() | int() | str() | None:
            return value


def describe_condition(condition: Condition) -> Description:
    """A condition, for people: its tests joined by *and*; none is « dans tous les cas »."""
    if not condition.tests:
        return Description.of("pricing.always")
    if len(condition.tests) == 1:
        return describe_test(condition.tests[0])
    return Description.of("pricing.all_of", tests=tuple(describe_test(test) for test in condition.tests))


def describe_test(test: Test) -> Description:
    """One test, for people."""
    return Description.of(
        f"pricing.test.{test.op.name.lower()}",
        fact=describe_fact(test.fact),
        values=tuple(describe_value(value) for value in test.values),
    )
