"""The price nodes: a closed union of small frozen classes, each an exact amount read from facts.

=================  ==============  ================================================================
``Flat``           ``"4,40"``      an amount
``FactAmount``     ``fait``        an amount that a fact carries (price of an event, typed price)
``Rows``           ``lignes``      ordered rows, the first whose condition holds wins
``Bands``          ``selon``       the same, sugar for one numeric fact cut into bands
``Formula``        ``taux × de``   effort rate, affine formula, with bounds
``PerUnit``        ``par``         units of time, days, tickets
``Sum``            ``somme``       named components
``Reference``      ``prix_de``     another tariff, or this one with other facts
``Undecided``      ``à décider``   the règlement does not say: nothing is guessed
``Modified``       ``… puis``      any of these, then modifiers in order
=================  ==============  ================================================================
"""

from __future__ import annotations

import datetime as dt
import enum
from decimal import Decimal
from typing import TypeAlias

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS, Condition, Expired, Facts, FactValue, Op, Unknown
from periscolaire.frozen import FrozenMap
from periscolaire.pricing._modifiers import Modifier, clamped
from periscolaire.pricing._run import InForce, Part, Parts, Run, Value, scaled, total

#: ``prix_de``: the price that the product has for a day as booked.
OWN = "prestation"


@attrs.frozen
class Flat:
    """``"4,40"``: an amount in units of the currency (also a rate or a factor, where a node gives one)."""

    amount: Decimal

    def evaluate(self, run: Run) -> Value:
        """The amount."""
        run.step("flat", self.amount)
        return self.amount


@attrs.frozen
class FactAmount:
    """``fait``: the amount that a fact carries; ``missing`` (``sans``) answers when nobody gave it."""

    fact: str
    missing: Node | None = None

    def evaluate(self, run: Run) -> Value:
        """The fact's amount."""
        amount = run.number(self.fact)
        if amount is None:
            return _missing(self.missing, self.fact, run)
        run.step("fact_amount", amount, fact=self.fact)
        return amount


@attrs.frozen
class Row:
    """One row: its price stands when its condition holds."""

    condition: Condition
    price: Node
    label: str | None = None


@attrs.frozen
class Rows:
    """``lignes``: the first row whose condition holds wins."""

    rows: tuple[Row, ...]
    _answered: frozenset[str] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        answered = (test.fact for row in self.rows for test in row.condition.tests if test.op is Op.UNKNOWN)
        object.__setattr__(self, "_answered", frozenset(answered))

    def evaluate(self, run: Run) -> Value:
        """The price of the first row that holds; a fall through all of them says no price."""
        for position, row in enumerate(self.rows, start=1):
            if run.holds(row.condition, self._answered):
                run.step("row", None, position=position, condition=row.condition, label=row.label)
                return row.price.evaluate(run)
        raise run.stop("pricing.no_row")


#: What bands may be cut on: numbers, minutes, hours of the day, dates.
Bound: TypeAlias = Decimal | dt.date | dt.time


@attrs.frozen
class Band:
    """One band: from the end of the one before to ``bound`` (included by ``jusqu_a``, excluded by ``moins_de``)."""

    bound: Bound | None
    price: Node
    inclusive: bool = True
    label: str | None = None


@attrs.frozen
class Shift:
    """``decale``: where the condition holds, the price of a band ``by`` places further (before, when negative).

    « The band immediately below for three children »: nobody goes past the first band or the last.
    """

    by: int
    condition: Condition = ALWAYS
    label: str | None = None


class Outermost(enum.Enum):
    """``sans``: the band that a household without the fact falls in."""

    LAST = "tranche la plus haute"
    FIRST = "tranche la plus basse"


@attrs.frozen
class Bands:
    """``selon`` … ``tranches`` … ``sans``: holes and overlaps cannot be written, as a band begins where one ends.

    ``missing`` answers when the fact is unknown or has expired; without it there is no price then.
    """

    fact: str
    bands: tuple[Band, ...]
    missing: Node | Outermost | None = None
    shifts: tuple[Shift, ...] = ()

    def evaluate(self, run: Run) -> Value:
        """The price of the band that holds the fact."""
        state = run.state(self.fact)
        if isinstance(state, Unknown | Expired):
            return self._without(state, run)
        position = self.position(state)
        if position is None:
            raise run.stop("pricing.no_band")
        band = self.bands[position]
        before = self.bands[position - 1] if position else None
        interval = {
            "low": before.bound if before and before.inclusive else None,
            "since": before.bound if before and not before.inclusive else None,
            "high": band.bound if band.inclusive else None,
            "below": None if band.inclusive else band.bound,
        }
        run.step("band", None, position=position + 1, fact=self.fact, value=state, **interval, label=band.label)
        return self._shifted(position, run)

    def _shifted(self, position: int, run: Run) -> Value:
        """The price of the band at ``position``, or of the one that the shifts lead to."""
        for shift in self.shifts:
            if run.holds(shift.condition):
                position = min(max(position + shift.by, 0), len(self.bands) - 1)
                run.step("shift", None, position=position + 1, label=shift.label or self.bands[position].label)
        return self.bands[position].price.evaluate(run)

    def position(self, state: FactValue) -> int | None:
        """Which band holds the fact, from 0; ``None`` when all end before it."""
        value = _bound(self.fact, state)
        for position, band in enumerate(self.bands):
            if band.bound is None or _within(self.fact, value, band):
                return position
        return None

    def _without(self, state: Unknown | Expired, run: Run) -> Value:
        match self.missing:
            case None:
                raise run.missing(self.fact)
            case Outermost():
                run.step("missing", None, fact=self.fact, state=state, label=self.missing.value)
                return self._shifted(len(self.bands) - 1 if self.missing is Outermost.LAST else 0, run)
            case node:
                return _missing(node, self.fact, run)


@attrs.frozen
class Formula:
    """``taux`` × ``de`` + ``plus``; ``mini`` / ``maxi`` bound the result, ``base_mini`` / ``base_maxi`` the fact.

    The rate and the bounds are nodes: a rate may depend on the number of children, a ceiling on residence.
    """

    rate: Node
    fact: str
    plus: Node | None = None
    low: Node | None = None
    high: Node | None = None
    base_low: Node | None = None
    base_high: Node | None = None
    missing: Node | None = None

    def evaluate(self, run: Run) -> Value:
        """The exact result, not yet rounded."""
        base = run.number(self.fact)
        if base is None:
            return _missing(self.missing, self.fact, run)
        base = clamped(base, self.base_low, self.base_high, run)
        rate = run.operand(self.rate)
        result = rate * base
        if self.plus is not None:
            result += run.operand(self.plus)
        run.step("formula", result, rate=rate, fact=self.fact, value=base)
        return clamped(result, self.low, self.high, run)


class Counting(enum.Enum):
    """``compte``: how a quantity becomes units."""

    STARTED = "commencée"  # a unit counts as soon as it begins
    AFTER = "entamée après"  # … once more than n of its minutes have passed
    PRORATA = "prorata"  # no whole unit: the price is multiplied, then rounded
    FULL = "pleine"  # only whole units


@attrs.frozen
class PerUnit:
    """``par``: a price for each unit (minutes, or what ``fact`` counts).

    ``unit`` is in the quantity's own unit (30 for half hours of minutes). ``grace`` (``franchise``) is not counted:
    nothing at all is due up to it, and all of the quantity above it. ``low`` and ``high`` bound the quantity.
    ``anchor`` cuts units on the wall clock (07:30, 08:00, …) instead of from arrival; ``window`` counts only the
    part of the presence between two hours, and an hour of arrival *or* departure that nobody notes is then its edge.
    ``word`` is the unit's name for people (« min », « repas »). ``step`` (``pas``) rounds the quantity up before a pro
    rata: an hourly price charged by the quarter of an hour begun.
    """

    unit: Decimal
    price: Node
    fact: str = "minutes"
    counting: Counting = Counting.STARTED
    after: Decimal = Decimal(0)
    low: Decimal | None = None
    high: Decimal | None = None
    grace: Decimal = Decimal(0)
    anchor: dt.time | None = None
    window: tuple[dt.time, dt.time] | None = None
    word: str = "min"
    step: Decimal | None = None

    def evaluate(self, run: Run) -> Value:
        """Whole units × the unit price rounded first; a pro rata is exact and rounded with the rest."""
        quantity = self.quantity(run)
        if quantity <= self.grace:
            quantity = Decimal(0)
        elif self.low is not None and quantity < self.low:
            quantity = self.low
        if self.high is not None and quantity > self.high:
            quantity = self.high
        if self.step is not None and (rest := quantity % self.step):
            begun, quantity = quantity, quantity + self.step - rest
            run.step("begun", None, quantity=begun, unit=self.step, counted=quantity, word=self.word)
        price = self.price.evaluate(run)
        if self.counting is Counting.PRORATA:
            result: Value = (
                price.map(lambda held: held * quantity / self.unit)
                if isinstance(price, Parts)
                else (price * quantity / self.unit)
            )
            run.step(
                "pro_rata",
                total(result),
                quantity=quantity,
                unit=self.unit,
                price=total(price),
                fact=self.fact,
                word=self.word,
            )
            return result
        count = self._count(quantity)
        price = run.round_unit(price)
        result = scaled(price, count)
        sizes = {"count": count, "quantity": quantity, "unit": self.unit, "price": total(price)}
        # « 3 présences × 2,55 € »: units of one are counted as they come.
        code = "per_unit" if self.unit != 1 else "per_item"
        run.step(code, total(result), **sizes, counting=self.counting.value, fact=self.fact, word=self.word)
        return result

    def quantity(self, run: Run) -> Decimal:
        """The quantity to cut into units."""
        if self.anchor is None and self.window is None:
            quantity = run.number(self.fact)
            if quantity is None:
                raise run.missing(self.fact)
            if quantity < 0:
                raise run.stop("pricing.negative_quantity", quantity=quantity)
            return quantity
        begin, end = self._presence(run)
        if self.anchor is not None:
            unit, anchor = int(self.unit), _minutes(self.anchor)
            begin -= (begin - anchor) % unit
        return Decimal(max(0, end - begin))

    def _presence(self, run: Run) -> tuple[int, int]:
        hours = [run.facts.known("arrival"), run.facts.known("departure")]
        if self.window is not None and any(hour is not None for hour in hours):
            hours = [edge if hour is None else hour for hour, edge in zip(hours, self.window, strict=True)]
        for fact, hour in zip(("arrival", "departure"), hours, strict=True):
            if hour is None:
                raise run.missing(fact)
            if not isinstance(hour, dt.time):
                raise MisuseError(f"fact {fact}: {hour!r} is not a time of day")
        begin, end = (_minutes(hour) for hour in hours if isinstance(hour, dt.time))
        if end < begin:
            raise run.stop("pricing.hours_reversed")
        if self.window is not None:
            begin, end = max(begin, _minutes(self.window[0])), min(end, _minutes(self.window[1]))
        return begin, end

    def _count(self, quantity: Decimal) -> Decimal:
        whole, rest = divmod(quantity, self.unit)
        match self.counting:
            case Counting.STARTED:
                return whole + (1 if rest else 0)
            case Counting.AFTER:
                return whole + (1 if rest > self.after else 0)
            case _:
                return whole


@attrs.frozen
class Component:
    """One component of a sum; ``nature`` (« garde », « repas ») is what the tax attestation asks."""

    name: str
    price: Node
    nature: str | None = None


@attrs.frozen
class Sum:
    """``somme``: named components, each rounded on its own, then added."""

    components: tuple[Component, ...]

    def __attrs_post_init__(self) -> None:
        names = [component.name for component in self.components]
        if len(set(names)) != len(names):
            raise MisuseError(f"components {names}: each needs its own name")

    def evaluate(self, run: Run) -> Value:
        """The components, exact."""
        parts = []
        for component in self.components:
            amount = total(component.price.evaluate(run))
            run.step("component", amount, name=component.name)
            parts.append(Part(component.name, component.nature, amount))
        return Parts(tuple(parts))


@attrs.frozen
class Reference:
    """``prix_de`` another tariff (or :data:`OWN`), ``avec`` other facts, ``fois`` a factor.

    Its value is the price that the other tariff would make people pay: rounded as that tariff rounds.
    """

    tariff: str
    facts: FrozenMap[str, FactValue | Unknown] = attrs.field(factory=FrozenMap)
    times: Decimal | None = None

    def evaluate(self, run: Run) -> Value:
        """The price of the other tariff for these facts, and the substituted ones."""
        version = run.version if self.tariff == OWN else _resolve(self.tariff, run)
        facts = run.facts.and_(self.facts) if self.facts else run.facts
        if self.tariff == OWN:
            run.step("own_price", None)
        else:
            run.step("reference", None, tariff=self.tariff)
        for fact, other in self.facts.items():
            run.step("substituted", None, fact=fact, value=other)
        # A tariff may refer to itself with other facts (the adult's row of one grid): the facts make the difference.
        key = f"{self.tariff}{dict(self.facts)}" if self.facts else self.tariff
        below = run.under(version, Facts(facts), key)
        value = below.round_unit(version.node.evaluate(below))
        return value if self.times is None else self._times(value, run)

    def _times(self, value: Value, run: Run) -> Value:
        result = scaled(value, self.times) if self.times is not None else value
        run.step("times", total(result), factor=self.times, on=None, label=None)
        return result


@attrs.frozen
class Undecided:
    """``à décider``: the règlement is silent or contradicts itself here; asking for this price says so."""

    why: str | None = None

    def evaluate(self, run: Run) -> Value:
        """Never a price."""
        raise run.stop("pricing.undecided", why=self.why)


@attrs.frozen
class Modified:
    """A node, then modifiers in the order of the file."""

    node: Node
    modifiers: tuple[Modifier, ...]

    def __attrs_post_init__(self) -> None:
        if isinstance(self.node, Modified):
            raise MisuseError("modifiers of a modified price: put them in one list, or the inner ones on a row")

    def evaluate(self, run: Run) -> Value:
        """The running price after every modifier whose condition holds."""
        base = running = self.node.evaluate(run)
        for modifier in self.modifiers:
            if run.holds(modifier.condition):
                running = modifier.apply(running, base, run)
        return running


Node: TypeAlias = Flat | FactAmount | Rows | Bands | Formula | PerUnit | Sum | Reference | Undecided | Modified


def _missing(node: Node | None, fact: str, run: Run) -> Value:
    if node is None:
        raise run.missing(fact)
    run.step("missing", None, fact=fact, state=run.state(fact), label=None)
    return node.evaluate(run)


def _resolve(code: str, run: Run) -> InForce:
    tariff = run.tariffs.get(code)
    if tariff is None:
        raise MisuseError(f"tariff {code!r}: none of that code ({', '.join(run.tariffs) or 'no tariff given'})")
    version = tariff.on(run.day)
    if version is None:
        raise run.stop("pricing.no_version", tariff=code, day=run.day)
    return version


def _bound(fact: str, value: FactValue) -> Bound:
    if isinstance(value, Decimal | dt.time) or (isinstance(value, dt.date) and not isinstance(value, dt.datetime)):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return Decimal(value)
    raise MisuseError(f"fact {fact}: {value!r} cannot be placed in bands")


def _within(fact: str, value: Bound, band: Band) -> bool:
    match value, band.bound:
        case (Decimal() as held, Decimal() as bound) | (dt.time() as held, dt.time() as bound):
            return held <= bound if band.inclusive else held < bound  # type: ignore[operator]  # same kind on both sides
        case dt.date() as held, dt.date() as bound:
            return held <= bound if band.inclusive else held < bound
    raise MisuseError(f"fact {fact}: {value!r} cannot be compared with the bound {band.bound!r}")


def _minutes(hour: dt.time) -> int:
    return hour.hour * 60 + hour.minute
