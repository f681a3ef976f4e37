"""From a tariff version and facts to a price in cents, with its steps; and the same, remembered."""

from __future__ import annotations

import datetime as dt
import decimal
from collections.abc import Iterable, Mapping

import attrs

from periscolaire.catalogue import OtherTariff, PriceForm
from periscolaire.errors import MisuseError, UndecidedError
from periscolaire.facts import Expired, Facts, FactValue, Unknown
from periscolaire.ids import TariffCode
from periscolaire.money import EUR, Amount, Currency
from periscolaire.pricing._forms import WHOLE, apply_form
from periscolaire.pricing._modifiers import SUPPLEMENT
from periscolaire.pricing._nodes import OWN, Node, Reference
from periscolaire.pricing._reads import facts_read, references, version_reads
from periscolaire.pricing._run import EXACT, Parts, Run, StopError, Value, rounded, total
from periscolaire.pricing._shares import ShareAmount, share_out
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
class Price:
    """A price in minor units of ``currency``, and all that it rests on.

    ``components`` add up to ``amount``; so do ``shares`` when a third party bears a part (the family is the last of
    them). ``subsidies`` are what others pay the commune besides: reported only. ``facts`` are the facts that the
    tariff reads, as they were.
    """

    amount: Amount
    currency: Currency
    components: tuple[ComponentAmount, ...]
    shares: tuple[ShareAmount, ...]
    subsidies: tuple[ShareAmount, ...]
    steps: tuple[Step, ...]
    tariff: TariffCode
    kind: PriceKind
    version: dt.date
    deliberation: str | None
    reference: str | None
    facts: Facts

    @property
    def family_amount(self) -> Amount:
        """What the family bears: the whole price unless a third party bears a part."""
        return self.shares[-1].amount if self.shares else self.amount


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
    reads = sorted(_all_reads(version, kind, form, tariffs))
    read = Facts([(name, facts.state(name)) for name in reads])
    run = Run(version, facts, currency, tariffs, day, pending=_own(kind))
    return _priced(run, kind, form, TariffCode(code), read, borne)


def _priced(
    run: Run,
    kind: PriceKind,
    form: PriceForm | None,
    code: TariffCode,
    facts: Facts,
    borne: Mapping[str, Amount] | None = None,
) -> Price | Unpriced:
    """The price; ``facts`` are those that the tariff reads, kept with it."""
    version, currency = run.version, run.currency
    with decimal.localcontext(EXACT):
        try:
            value = run.round_unit(version.node_of(kind).evaluate(run))
            if form is not None:
                value = apply_form(value, form, run)
            components = _components(value, currency)
            amount = sum(component.amount for component in components)
            base = amount - sum(part.amount for part in components if part.name == SUPPLEMENT)
            shares = share_out(amount, base, version.shares, run, borne)
            subsidies = _subsidies(run)
        except StopError as stop:
            return Unpriced(stop.reason)
    return Price(
        amount, currency, components, shares, subsidies, tuple(run.steps), code, kind, version.first_day,
        version.deliberation, version.reference, facts,
    )  # fmt: skip


def _inputs(reason: Reason) -> str:
    shown = (
        (name, value.parameters.get("key", value.code) if isinstance(value, Description) else value)
        for name, value in reason.parameters.items()
    )
    return ", ".join(f"{name}={value}" for name, value in shown)


def _own(kind: PriceKind) -> tuple[str, ...]:
    return (OWN,) if kind is PriceKind.UNIT else ()


def _components(value: Value, currency: Currency) -> tuple[ComponentAmount, ...]:
    if isinstance(value, Parts):
        return tuple(ComponentAmount(part.name, part.nature, currency.amount(part.amount)) for part in value.parts)
    return (ComponentAmount(WHOLE, None, currency.amount(value)),)


def _subsidies(run: Run) -> tuple[ShareAmount, ...]:
    found = []
    for subsidy in run.version.subsidies:
        if run.holds(subsidy.condition):
            exact = total(subsidy.amount.evaluate(run))
            amount = run.currency.amount(rounded(exact, run.rounding, run.currency))
            run.step("subsidy", run.currency.value(amount), code=subsidy.code)
            found.append(ShareAmount(subsidy.code, amount))
    return tuple(found)


class Plan:
    """The prices of one version for one ending of the day: ``plan(values)``, ``values`` in the order of ``reads``.

    This is the hook of a grouped computation: group the days by the facts of ``reads``, then ask once for each group.
    Every price is remembered, up to ``remembered`` of them; past that, all are forgotten and learnt again.
    """

    __slots__ = ("_code", "_currency", "_day", "_form", "_kind", "_memo", "_remembered", "_tariffs", "reads", "version")

    def __init__(
        self,
        code: str,
        version: TariffVersion,
        kind: PriceKind,
        form: PriceForm | None,
        tariffs: Mapping[str, Tariff],
        currency: Currency,
        day: dt.date,
        remembered: int,
    ) -> None:
        self.version = version
        #: The facts that the price reads, sorted: what a grouping key must hold.
        self.reads = tuple(sorted(_all_reads(version, kind, form, tariffs)))
        self._code, self._kind, self._form = TariffCode(code), kind, form
        self._tariffs, self._currency, self._day, self._remembered = tariffs, currency, day, remembered
        self._memo: dict[tuple[FactValue | Unknown | Expired, ...], Price | Unpriced] = {}

    def __call__(self, values: tuple[FactValue | Unknown | Expired, ...]) -> Price | Unpriced:
        """The price for these values of the facts that it reads, or why there is none."""
        found = self._memo.get(values)
        if found is None:
            facts = Facts(zip(self.reads, values, strict=True))
            run = Run(self.version, facts, self._currency, self._tariffs, self._day, pending=_own(self._kind))
            found = _priced(run, self._kind, self._form, self._code, facts)
            if len(self._memo) >= self._remembered:
                self._memo.clear()
            self._memo[values] = found
        return found


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
            plan = Plan(code, version, kind, form, self.tariffs, self.currency, day, self._remembered)
            self._plans[key] = plan
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
