"""From a tariff version and facts to a price in cents, with its steps; and the same, remembered."""

from __future__ import annotations

import datetime as dt
import decimal
import functools
from collections.abc import Callable, Iterable, Mapping
from typing import TypeAlias

import attrs

from periscolaire.catalogue import OtherTariff, PriceForm
from periscolaire.errors import MisuseError, UndecidedError
from periscolaire.facts import Expired, Facts, FactValue, Truth, Unknown
from periscolaire.ids import TariffCode
from periscolaire.money import EUR, Amount, Currency
from periscolaire.pricing._cells import FactUse, fact_uses
from periscolaire.pricing._forms import WHOLE, apply_form
from periscolaire.pricing._modifiers import SUPPLEMENT
from periscolaire.pricing._nodes import OWN, Node, Reference
from periscolaire.pricing._reads import facts_read, references, version_reads
from periscolaire.pricing._run import EXACT, Parts, Run, SilentRun, StopError, Value, rounded, total
from periscolaire.pricing._shares import ShareAmount, Subsidy, share_out
from periscolaire.pricing._steps import Step
from periscolaire.pricing._tariff import PriceKind, Tariff, TariffVersion
from periscolaire.reasons import Description, Reason


@attrs.frozen
class ComponentAmount:
    """One component of a price, rounded: minor units, and its ``nature`` for the tax attestation."""

    name: str
    nature: str | None
    amount: Amount


@attrs.frozen
class Sums:
    """What a price comes to: the same for all the facts that choose the same rows and bands."""

    amount: Amount
    components: tuple[ComponentAmount, ...]
    shares: tuple[ShareAmount, ...]
    subsidies: tuple[ShareAmount, ...]


@attrs.frozen(eq=False)
class Price:
    """A price in minor units of ``currency``, and all that it rests on.

    ``components`` add up to ``amount``; so do ``shares`` when a third party bears a part (the family is the last of
    them). ``subsidies`` are what others pay the commune besides: reported only. ``facts`` are the facts that the
    tariff reads, as they were. ``steps`` are left by the same evaluation of the same facts, which is run again the
    first time that somebody asks: of millions of prices, few are ever explained.
    """

    amount: Amount
    _sums: Sums = attrs.field(repr=False)
    _rule: Rule = attrs.field(repr=False)
    _values: FactStates

    @property
    def currency(self) -> Currency:
        """The currency of every amount."""
        return self._rule.currency

    @property
    def components(self) -> tuple[ComponentAmount, ...]:
        """The parts that the tariff names, or the whole as one."""
        return self._sums.components

    @property
    def shares(self) -> tuple[ShareAmount, ...]:
        """Who bears what, the family last; empty when it bears all."""
        return self._sums.shares

    @property
    def subsidies(self) -> tuple[ShareAmount, ...]:
        """What others pay the commune besides."""
        return self._sums.subsidies

    @property
    def tariff(self) -> TariffCode:
        """The code of the tariff."""
        return self._rule.code

    @property
    def kind(self) -> PriceKind:
        """Which ending of the day it prices."""
        return self._rule.kind

    @property
    def version(self) -> dt.date:
        """The first day of the tariff version that said it."""
        return self._rule.version.first_day

    @property
    def deliberation(self) -> str | None:
        """The deliberation that voted the version."""
        return self._rule.version.deliberation

    @property
    def reference(self) -> str | None:
        """The article of the règlement."""
        return self._rule.version.reference

    @functools.cached_property
    def facts(self) -> Facts:
        """The facts that the tariff reads, as they were."""
        return self._rule.facts(self._values)

    @functools.cached_property
    def steps(self) -> tuple[Step, ...]:
        """The evaluation, step by step."""
        return self._rule.steps(self.facts)

    @property
    def family_amount(self) -> Amount:
        """What the family bears: the whole price unless a third party bears a part."""
        return self.shares[-1].amount if self.shares else self.amount

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Price):
            return NotImplemented
        return self is other or self._compared() == other._compared()

    def __hash__(self) -> int:
        return hash((self.amount, self.tariff, self.kind, self.version, self.facts))

    def _compared(self) -> tuple[object, ...]:
        said = (self.tariff, self.kind, self.version, self.deliberation, self.reference)
        return (self._sums, self.currency, *said, self.facts, self.steps)


@attrs.frozen
class Unpriced:
    """There is no price, for that reason: a fact is missing, or the règlement does not decide."""

    reason: Reason


def price(
    version: TariffVersion,
    facts: Facts,
    currency: Currency = EUR,
    *,
    kind: PriceKind = PriceKind.UNIT,
    form: PriceForm | None = None,
    tariffs: Mapping[str, Tariff] | None = None,
    day: dt.date | None = None,
    code: str = "",
    borne: Mapping[str, Amount] | None = None,
) -> Price:
    """The price that ``version`` says for ``facts``.

    ``form`` is what the tier of the booking changes (+, ×, another tariff, another price). ``tariffs`` are those
    that references may name, in force on ``day`` (by default the first day of ``version``). ``borne`` is what each
    third party has already borne over the scope of its cap.

    :raises UndecidedError: no price can be said (:func:`price_or_reason` gives the reason as a value).
    """
    found = price_or_reason(
        version, facts, currency, kind=kind, form=form, tariffs=tariffs, day=day, code=code, borne=borne
    )
    if isinstance(found, Unpriced):
        raise UndecidedError(f"{found.reason.code} ({_inputs(found.reason)})")
    return found


def price_or_reason(
    version: TariffVersion,
    facts: Facts,
    currency: Currency = EUR,
    *,
    kind: PriceKind = PriceKind.UNIT,
    form: PriceForm | None = None,
    tariffs: Mapping[str, Tariff] | None = None,
    day: dt.date | None = None,
    code: str = "",
    borne: Mapping[str, Amount] | None = None,
) -> Price | Unpriced:
    """As :func:`price`, with the reason as a value when there is no price."""
    rule = Rule(TariffCode(code), version, kind, form, tariffs or {}, currency, day, borne)
    values = tuple(map(facts.state, rule.reads))
    sums = rule.sums(rule.facts(values))
    return sums if isinstance(sums, Unpriced) else Price(sums.amount, sums, rule, values)


#: The values of the facts that a rule reads, in the order of its ``reads``.
FactStates: TypeAlias = tuple[FactValue | Unknown | Expired, ...]


@attrs.frozen(eq=False)
class Rule:
    """A version, an ending of the day and a form: all that makes a price of facts."""

    code: TariffCode
    version: TariffVersion
    kind: PriceKind
    form: PriceForm | None
    tariffs: Mapping[str, Tariff]
    currency: Currency
    day: dt.date | None
    borne: Mapping[str, Amount] | None = None
    #: The facts that the price reads, sorted: what a grouping key must hold.
    reads: tuple[str, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        reads = _all_reads(self.version, self.kind, self.form, self.tariffs or None)
        object.__setattr__(self, "reads", tuple(sorted(reads)))

    def facts(self, values: FactStates) -> Facts:
        """The facts that ``values`` are."""
        return Facts(zip(self.reads, values, strict=True))

    def sums(self, facts: Facts) -> Sums | Unpriced:
        """What the price comes to, without its steps."""
        return self._evaluate(self._run(SilentRun, facts))

    def steps(self, facts: Facts) -> tuple[Step, ...]:
        """The steps of the same evaluation."""
        run = self._run(Run, facts)
        self._evaluate(run)
        return tuple(run.steps)

    def _run(self, kind: type[Run], facts: Facts) -> Run:
        own = (OWN,) if self.kind is PriceKind.UNIT else ()
        return kind(self.version, facts, self.currency, self.tariffs, self.day, pending=own)

    def _evaluate(self, run: Run) -> Sums | Unpriced:
        version, currency = self.version, self.currency
        with decimal.localcontext(EXACT):
            try:
                value = run.round_unit(version.node_of(self.kind).evaluate(run))
                if self.form is not None:
                    value = apply_form(value, self.form, run)
                components = _components(value, currency)
                amount = sum([component.amount for component in components])
                base = amount - sum([part.amount for part in components if part.name == SUPPLEMENT])
                shares = share_out(amount, base, version.shares, run, self.borne)
                return Sums(amount, components, shares, _subsidies(version.subsidies, run))
            except StopError as stop:
                return Unpriced(stop.reason)


def _inputs(reason: Reason) -> str:
    shown = (
        (name, value.parameters.get("key", value.code) if isinstance(value, Description) else value)
        for name, value in reason.parameters.items()
    )
    return ", ".join(f"{name}={value}" for name, value in shown)


def _components(value: Value, currency: Currency) -> tuple[ComponentAmount, ...]:
    if isinstance(value, Parts):
        return tuple(ComponentAmount(part.name, part.nature, currency.amount(part.amount)) for part in value.parts)
    return (ComponentAmount(WHOLE, None, currency.amount(value)),)


def _subsidies(subsidies: tuple[Subsidy, ...], run: Run) -> tuple[ShareAmount, ...]:
    found = []
    for subsidy in subsidies:
        if subsidy.condition.evaluate(run.facts) is Truth.TRUE:  # a family's price never waits for what others pay
            exact = total(subsidy.amount.evaluate(run))
            amount = run.currency.amount(rounded(exact, run.rounding, run.currency))
            run.step("subsidy", run.currency.value(amount), code=subsidy.code)
            found.append(ShareAmount(subsidy.code, amount))
    return tuple(found)


class _Prices(dict[FactStates, Price | Unpriced]):
    """The prices of a rule, remembered by the values of the facts, made from the cell that they choose.

    Two sets of facts are in one cell when every test and every band of the rule sees them alike, and every fact that
    an amount is computed from is the same: then the sums are the same (a law), and only the steps differ.
    """

    __slots__ = ("_bound", "_cells", "_rule", "_sums", "_uses")

    def __init__(self, rule: Rule, bound: int) -> None:
        super().__init__()
        self._rule, self._bound = rule, bound
        uses = fact_uses(rule.version, rule.kind, rule.form, rule.tariffs)
        self._uses = tuple([uses[name] for name in rule.reads])
        self._cells: tuple[dict[object, object], ...] = tuple([{} for _ in rule.reads])
        self._sums: dict[tuple[object, ...], Sums | Unpriced] = {}

    def __missing__(self, values: FactStates) -> Price | Unpriced:
        rule = self._rule
        where = tuple(
            [
                known[value] if value in known else self._cell(known, use, value)
                for known, use, value in zip(self._cells, self._uses, values, strict=True)
            ]
        )
        sums = self._sums.get(where)
        if sums is None:
            if len(self._sums) >= self._bound:
                self._sums.clear()
            sums = self._sums[where] = rule.sums(rule.facts(values))
        if len(self) >= self._bound:
            self.clear()
        found = self[values] = sums if isinstance(sums, Unpriced) else Price(sums.amount, sums, rule, values)
        return found

    def _cell(self, known: dict[object, object], use: FactUse, value: FactValue | Unknown | Expired) -> object:
        if len(known) >= self._bound:
            known.clear()
        cell = known[value] = use.cell(value)
        return cell


class Plan:
    """The prices of one version for one ending of the day: ``plan(values)``, ``values`` in the order of ``reads``.

    This is the hook of a grouped computation: group the days by the facts of ``reads``, then ask once for each group.
    Every price is remembered, up to ``remembered`` of them; past that, all are forgotten and learnt again.
    ``price_of`` is the same call without a Python frame, for loops over millions of groups.
    """

    __slots__ = ("price_of", "reads", "version")

    def __init__(self, rule: Rule, remembered: int) -> None:
        self.version = rule.version
        #: The facts that the price reads, sorted: what a grouping key must hold.
        self.reads = rule.reads
        self.price_of: Callable[[FactStates], Price | Unpriced] = _Prices(rule, remembered).__getitem__

    def __call__(self, values: FactStates) -> Price | Unpriced:
        """The price for these values of the facts that it reads, or why there is none."""
        if len(values) != len(self.reads):
            raise MisuseError(f"{len(values)} facts: expected {', '.join(self.reads)}")
        return self.price_of(values)


class Pricer:
    """Prices by tariff code and day, each remembered: a price depends on nothing but the facts that it reads.

    One object per process and run; not for sharing between threads. ``remembered`` bounds what each plan keeps.
    """

    def __init__(
        self, tariffs: Iterable[Tariff] | Mapping[str, Tariff], currency: Currency = EUR, remembered: int = 100_000
    ) -> None:
        held = tariffs.values() if isinstance(tariffs, Mapping) else tariffs
        self.tariffs: dict[str, Tariff] = {tariff.code: tariff for tariff in held}
        self.currency = currency
        self._remembered = remembered
        self._versions: dict[tuple[str, dt.date], TariffVersion | None] = {}
        self._plans: dict[tuple[object, ...], Plan] = {}  # a plan holds its version, so an id stays that version's
        self._behinds: dict[tuple[int, PriceKind], tuple[str, ...]] = {}

    def version(self, code: str, day: dt.date) -> TariffVersion | None:
        """The version of ``code`` in force on ``day``.

        :raises MisuseError: no tariff bears that code.
        """
        key = (code, day)
        try:
            return self._versions[key]
        except KeyError:
            if code not in self.tariffs:
                raise MisuseError(f"tariff {code!r}: expected one of {', '.join(self.tariffs)}") from None
            version = self._versions[key] = self.tariffs[code].on(day)
            return version

    def plan(
        self,
        code: str,
        day: dt.date,
        kind: PriceKind = PriceKind.UNIT,
        form: PriceForm | None = None,
        version: TariffVersion | None = None,
    ) -> Plan | None:
        """What prices ``code`` on ``day``; ``None`` when no version is in force.

        ``version`` prices by a version that the caller holds (the one pinned in a charge). Two days with the same
        versions, those that references name included, share one plan.
        """
        if version is None and (version := self.version(code, day)) is None:
            return None
        behind = self._behinds.get((id(version), kind))
        if behind is None:
            found = self._behind(version.node_of(kind), frozenset()) | self._behind(version.node, frozenset())
            behind = self._behinds[id(version), kind] = tuple(sorted(found))
        if isinstance(form, OtherTariff):
            behind += (form.code, *self._behind(Reference(form.code), frozenset()))
        key = (code, id(version), kind, form, *[id(self.version(other, day)) for other in behind])
        plan = self._plans.get(key)
        if plan is None:
            rule = Rule(TariffCode(code), version, kind, form, self.tariffs, self.currency, day)
            plan = self._plans[key] = Plan(rule, self._remembered)
        return plan

    def reads(self, code: str, day: dt.date, kind: PriceKind = PriceKind.UNIT) -> tuple[str, ...]:
        """The facts that the price reads, sorted: what a grouping key must hold; empty without a version."""
        plan = self.plan(code, day, kind)
        return () if plan is None else plan.reads

    def price(
        self,
        code: str,
        facts: Facts,
        day: dt.date,
        kind: PriceKind = PriceKind.UNIT,
        form: PriceForm | None = None,
        version: TariffVersion | None = None,
    ) -> Price | Unpriced:
        """The price of ``code`` for ``facts`` on ``day``, or why there is none (``version``: see :meth:`plan`)."""
        plan = self.plan(code, day, kind, form, version)
        if plan is None:
            return Unpriced(Reason.of("pricing.no_version", tariff=code, day=day))
        state = facts.state
        return plan(tuple([state(name) for name in plan.reads]))

    def _behind(self, node: Node, seen: frozenset[str]) -> set[str]:
        found: set[str] = set()
        for code in references(node) - seen - {OWN}:
            if code not in self.tariffs:
                raise MisuseError(f"tariff {code!r}: none of that code")
            found.add(code)
            for version in self.tariffs[code].versions:
                found |= self._behind(version.node, seen | {code})
        return found


def _all_reads(
    version: TariffVersion, kind: PriceKind, form: PriceForm | None, tariffs: Mapping[str, Tariff] | None
) -> frozenset[str]:
    reads = version_reads(version, kind, tariffs)
    if isinstance(form, OtherTariff):
        reads |= facts_read(Reference(form.code), tariffs)
    return reads
