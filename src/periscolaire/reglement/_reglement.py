"""The whole règlement as one dated value, and its successive versions."""

from __future__ import annotations

import datetime as dt
import enum
import functools
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Protocol

import attrs

from periscolaire.calendar import CommuneCalendar, Span
from periscolaire.catalogue import LimitTable, Product
from periscolaire.errors import ConflictError, MisuseError, NotFoundError
from periscolaire.facts import VOCABULARY, FactSpec, Vocabulary
from periscolaire.frozen import FrozenMap
from periscolaire.households import Requirement
from periscolaire.ids import ProductCode, TariffCode
from periscolaire.money import EUR, Currency
from periscolaire.pricing import Deposit, Fee, Instalments, Penalty, Schedule, Tariff, TicketBook
from periscolaire.reglement._absence import AbsencePolicy
from periscolaire.reglement._billing import BillingPolicy
from periscolaire.reglement._payers import PackageRule
from periscolaire.reglement._policies import CheckingPolicy, QuotientPolicy
from periscolaire.reglement._procedures import Procedure
from periscolaire.reglement._recovery import RecoveryPolicy
from periscolaire.reglement._settings import CalendarSettings

__all__ = ["Reglement", "Reglements"]

_NO_ABSENCE = AbsencePolicy()
_DEFAULT_CHECKING = CheckingPolicy()


@attrs.frozen
class Reglement:
    """Everything a commune voted for one span of time: rules as data.

    ``last_day`` is the last day of the version (``None``: until the next one). A product is priced by the tariff that
    :meth:`tariff_of` finds: ``product_tariffs`` names it, else the tariff that bears its code. ``orders`` says when
    the meals of a product are ordered; ``deposits`` and ``instalments`` how its price is paid, if not at once;
    ``packages`` what it costs in part;
    ``procedures`` what families ask besides bookings; ``requirements`` without what a family's file is not complete.
    ``declared`` are the commune's own facts; ``open_questions`` what the text leaves open, in its own words.
    """

    commune: str
    version: str
    first_day: dt.date
    last_day: dt.date | None = None
    settings: CalendarSettings = attrs.field(factory=CalendarSettings)
    currency: Currency = EUR
    products: tuple[Product, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    product_tariffs: FrozenMap[ProductCode, TariffCode] = attrs.field(factory=FrozenMap)
    absences: FrozenMap[ProductCode, AbsencePolicy] = attrs.field(factory=FrozenMap)
    checking: FrozenMap[ProductCode, CheckingPolicy] = attrs.field(factory=FrozenMap)
    orders: FrozenMap[ProductCode, LimitTable] = attrs.field(factory=FrozenMap)
    deposits: FrozenMap[ProductCode, Deposit] = attrs.field(factory=FrozenMap)
    instalments: FrozenMap[ProductCode, Instalments] = attrs.field(factory=FrozenMap)
    packages: FrozenMap[ProductCode, PackageRule] = attrs.field(factory=FrozenMap)
    ticket_books: tuple[TicketBook, ...] = ()
    penalties: tuple[Penalty, ...] = ()
    fees: tuple[Fee, ...] = ()
    procedures: tuple[Procedure, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    quotient: QuotientPolicy = attrs.field(factory=QuotientPolicy)
    billing: BillingPolicy = attrs.field(factory=BillingPolicy)
    recovery: RecoveryPolicy = attrs.field(factory=RecoveryPolicy)
    declared: tuple[FactSpec, ...] = ()
    open_questions: tuple[str, ...] = ()
    source: str | None = None
    reference: str | None = None

    def __attrs_post_init__(self) -> None:
        if self.last_day is not None and self.last_day < self.first_day:
            raise MisuseError(f"« jusqu_au » ({self.last_day}) après « en_vigueur » ({self.first_day})")
        _once("produit", [product.code for product in self.products])
        _once("tarif", [tariff.code for tariff in self.tariffs])
        _once("démarche", [procedure.code for procedure in self.procedures])

    @property
    def calendar(self) -> CommuneCalendar:
        """The commune's calendar."""
        return self.settings.calendar

    @property
    def vocabulary(self) -> Vocabulary:
        """The facts that the règlement may read, its own included."""
        return _vocabulary(self.declared)

    def holds_on(self, day: dt.date) -> bool:
        """Is this version in force on ``day``?"""
        return self.first_day <= day and (self.last_day is None or day <= self.last_day)

    def product(self, code: str) -> Product:
        """The product of that code.

        :raises NotFoundError: none.
        """
        for product in self.products:
            if product.code == code:
                return product
        known = ", ".join(product.code for product in self.products)
        raise NotFoundError(
            f"product {code!r}: the règlement of {self.commune} has {known or 'none'}",
            code="reglement.product_unknown",
            product=code,
            commune=self.commune,
            known=known or "—",
        )

    def procedure(self, code: str) -> Procedure:
        """The procedure of that code.

        :raises NotFoundError: none.
        """
        for procedure in self.procedures:
            if procedure.code == code:
                return procedure
        known = ", ".join(procedure.code for procedure in self.procedures)
        raise NotFoundError(
            f"procedure {code!r}: the règlement of {self.commune} has {known or 'none'}",
            code="reglement.procedure_unknown",
            procedure=code,
            commune=self.commune,
            known=known or "—",
        )

    def tariff(self, code: str) -> Tariff | None:
        """The tariff of that code."""
        return next((tariff for tariff in self.tariffs if tariff.code == code), None)

    def tariff_of(self, product: str) -> Tariff | None:
        """The tariff that prices ``product``; ``None`` when the règlement gives no price for it."""
        return self.tariff(self.product_tariffs.get(ProductCode(product), TariffCode(product)))

    @property
    def tariffs_by_code(self) -> FrozenMap[str, Tariff]:
        """The tariffs as references between prices find them."""
        return FrozenMap({tariff.code: tariff for tariff in self.tariffs})

    def schedule_of(self, product: str) -> Schedule | None:
        """When parts of the price of ``product`` come due; ``None``: it is due at once."""
        code = ProductCode(product)
        deposit, instalments = self.deposits.get(code), self.instalments.get(code)
        return None if deposit is None and instalments is None else Schedule(deposit, instalments)

    def absence_policy(self, product: str) -> AbsencePolicy:
        """The absence rules of ``product``."""
        return self.absences.get(ProductCode(product), _NO_ABSENCE)

    def checking_policy(self, product: str) -> CheckingPolicy:
        """How attendance of ``product`` is checked."""
        return self.checking.get(ProductCode(product), _DEFAULT_CHECKING)

    @property
    def content_hash(self) -> str:
        """A short digest of everything the version says, but the day on which a later one replaces it."""
        said = _canonical(attrs.evolve(self, last_day=None))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def _once(what: str, codes: Sequence[str]) -> None:
    if twice := sorted({code for code in codes if codes.count(code) > 1}):
        raise MisuseError(f"un seul {what} de code {', '.join(twice)}")


def _in_order(versions: Iterable[Reglement]) -> tuple[Reglement, ...]:
    return tuple(sorted(versions, key=lambda version: version.first_day))


def _canonical(value: Any) -> str:
    """The same text for equal values in every process: sets sorted, mappings by key, classes by name."""
    if isinstance(value, enum.Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")  # 2,4 and 2,40 are one price
    if attrs.has(type(value)):
        fields = (field.name for field in attrs.fields(type(value)) if field.eq)
        inside = ", ".join(f"{name}={_canonical(getattr(value, name))}" for name in fields)
        return f"{type(value).__name__}({inside})"
    if isinstance(value, Mapping):
        return "{" + ", ".join(sorted(f"{_canonical(key)}: {_canonical(held)}" for key, held in value.items())) + "}"
    if isinstance(value, frozenset):
        return "{" + ", ".join(sorted(_canonical(item) for item in value)) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(_canonical(item) for item in value) + ")"
    return repr(value)


@functools.lru_cache(maxsize=256)
def _vocabulary(declared: tuple[FactSpec, ...]) -> Vocabulary:
    return VOCABULARY.with_declared(declared) if declared else VOCABULARY


class SlotLike(Protocol):
    """A product on a day."""

    @property
    def product(self) -> ProductCode: ...
    @property
    def day(self) -> dt.date: ...


@attrs.frozen
class Reglements:
    """The successive versions of one commune's règlement, oldest first.

    ``published`` holds the digest of every version already published: such a version is never edited in place, a
    change of rules is a new version (PRICES.md 3.3).
    """

    versions: tuple[Reglement, ...] = attrs.field(converter=_in_order)
    published: FrozenMap[str, str] = attrs.field(factory=FrozenMap)

    def __attrs_post_init__(self) -> None:
        names = [version.version for version in self.versions]
        if len(set(names)) != len(names):
            raise MisuseError("two versions of a règlement bear the same name", code="reglement.same_name")
        for earlier, later in zip(self.versions, self.versions[1:], strict=False):
            if earlier.last_day is None or earlier.last_day >= later.first_day:
                raise MisuseError(
                    f"versions {earlier.version!r} and {later.version!r} overlap from {later.first_day}",
                    code="reglement.versions_overlap",
                    earlier=earlier.version,
                    later=later.version,
                    day=later.first_day,
                )
        for version in self.versions:
            digest = self.published.get(version.version)
            if digest is not None and digest != version.content_hash:
                raise ConflictError(
                    f"version {version.version!r} is published and was changed: give the change a version of its own",
                    code="store.version_changed",
                    version=version.version,
                )

    @property
    def gaps(self) -> tuple[Span, ...]:
        """The days between two versions on which no règlement is in force."""
        one = dt.timedelta(days=1)
        return tuple(
            Span(earlier.last_day + one, later.first_day - one)
            for earlier, later in zip(self.versions, self.versions[1:], strict=False)
            if earlier.last_day is not None and later.first_day - earlier.last_day > one
        )

    def on(self, day: dt.date) -> Reglement:
        """The version in force on ``day``.

        :raises NotFoundError: none is.
        """
        for version in self.versions:
            if version.holds_on(day):
                return version
        raise NotFoundError(
            f"no version of the règlement is in force on {day.isoformat()}", code="store.no_reglement_on", day=day
        )

    def needs_booking(self, slot: SlotLike) -> bool:
        """Whether the service of a slot is booked, under the version of its day.

        :raises NotFoundError: no version is in force that day, or it has no such product.
        """
        return self.on(slot.day).product(slot.product).needs_booking

    def at(self, day: dt.date) -> Reglement:
        """The version whose settings hold on ``day``: the one in force, else the last that was, else the first to come.

        Money is late on days when nothing is served.
        """
        begun = [version for version in self.versions if version.first_day <= day]
        return begun[-1] if begun else self.versions[0]

    def named(self, version: str) -> Reglement:
        """The version of that name.

        :raises NotFoundError: none.
        """
        for known in self.versions:
            if known.version == version:
                return known
        raise NotFoundError(f"no version {version!r} of the règlement", code="store.no_version", version=version)

    def publish(self, version: str) -> Reglements:
        """The same versions, that one being published from now on."""
        return attrs.evolve(self, published=self.published.with_({version: self.named(version).content_hash}))

    def with_version(self, reglement: Reglement) -> Reglements:
        """These versions and a new one; the version before it ends on its eve when it ran on.

        :raises MisuseError: it overlaps another.
        """
        one = dt.timedelta(days=1)
        kept: list[Reglement] = []
        for version in self.versions:
            if version.last_day is None and version.first_day < reglement.first_day:
                version = attrs.evolve(version, last_day=reglement.first_day - one)
            kept.append(version)
        return Reglements((*kept, reglement), self.published)
