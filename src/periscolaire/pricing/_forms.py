"""What the tier of a booking changes in a price: a surcharge, a multiple, another tariff, another price."""

from __future__ import annotations

from periscolaire.catalogue import Multiple, OtherTariff, PriceForm, Replacement, Surcharge
from periscolaire.pricing._modifiers import SUPPLEMENT
from periscolaire.pricing._nodes import Reference
from periscolaire.pricing._run import Part, Parts, Run, Value, rounded, total

#: The one component of a price that is not a sum.
WHOLE = "prestation"
#: What a price form takes off (``dû 50 %``), when it takes off.
REDUCTION = "réduction"


def apply_form(value: Value, form: PriceForm, run: Run) -> Value:
    """``value`` (rounded) as the tier's price form changes it; a surcharge is a component of its own."""
    match form:
        case Surcharge(amount):
            changed = _parts(value).plus(SUPPLEMENT, amount)
            run.step("form.plus", changed.total, amount=amount)
            return run.round_unit(changed)
        case Multiple(factor):
            held = total(value)
            more = rounded(held * factor, run.rounding, run.currency) - held
            changed = _parts(value).plus(SUPPLEMENT if more > 0 else REDUCTION, more)
            run.step("form.times", changed.total, factor=factor)
            return changed
        case OtherTariff(code):
            run.step("form.other", None, tariff=code)
            return run.round_unit(Reference(code).evaluate(run))
        case Replacement(amount):
            run.step("form.replace", amount)
            return run.round_unit(amount)


def _parts(value: Value) -> Parts:
    return value if isinstance(value, Parts) else Parts((Part(WHOLE, None, value),))
