"""What a scenario file says, as values: families, steps, and what each step must give."""

from __future__ import annotations

import datetime as dt
import enum
from decimal import Decimal

import attrs

from periscolaire.catalogue import Moment, Scope
from periscolaire.facts import Facts
from periscolaire.frozen import FrozenMap
from periscolaire.households import Civility, Grade

__all__ = [
    "Audience",
    "Expectation",
    "Scenario",
    "ScenarioAdult",
    "ScenarioChild",
    "ScenarioCustody",
    "ScenarioFamily",
    "Step",
    "StepKind",
    "Typed",
]


class StepKind(enum.Enum):
    """What a step does; the value is its head key in a file."""

    BOOK = "reserver"
    CANCEL = "annuler"
    CHANGE = "modifier"
    PRICE = "prix_de"
    PRESENCE = "presence"
    ABSENCE = "absence"
    PENALTY = "penalite"
    FEE = "frais"
    DECLARE = "declarer"
    ALLOCATE = "attribuer"
    ASK = "demander"
    PROOF = "justificatif"
    BILL = "facturer"
    PAY = "payer"
    REJECT = "rejeter"
    REFUND = "rembourser"
    REMIND = "relancer"
    REPORT = "etat"
    INVITE = "inviter"
    INVITE_AGAIN = "reinviter"
    UNINVITE = "desinviter"
    ACTIVATE = "activer"
    SIGN_IN = "se_connecter"
    FORGET = "mot_de_passe_oublie"
    RESET = "nouveau_mot_de_passe"
    LOOK = "voir"
    TICK = "cocher"
    AGENDA = "agenda"
    VALIDATE = "valider"
    EMPTY = "vider"
    PUBLISH = "publier"
    READ = "lire"
    WRITE = "ecrire"
    REPLY = "repondre"
    PAY_ONLINE = "payer_en_ligne"

    @property
    def of_account(self) -> bool:
        """It happens in the family's account."""
        return self in _ACCOUNT

    @property
    def needs_store(self) -> bool:
        """It needs a store: the whole file is then played through the use cases, as a commune would."""
        return self in _MONEY or self in _ACCOUNT


_MONEY = frozenset(
    {
        StepKind.PROOF,
        StepKind.BILL,
        StepKind.PAY,
        StepKind.REJECT,
        StepKind.REFUND,
        StepKind.REMIND,
        StepKind.REPORT,
    }
)
_ACCOUNT = frozenset(
    {
        StepKind.INVITE,
        StepKind.INVITE_AGAIN,
        StepKind.UNINVITE,
        StepKind.ACTIVATE,
        StepKind.SIGN_IN,
        StepKind.FORGET,
        StepKind.RESET,
        StepKind.LOOK,
        StepKind.TICK,
        StepKind.AGENDA,
        StepKind.VALIDATE,
        StepKind.EMPTY,
        StepKind.PUBLISH,
        StepKind.READ,
        StepKind.WRITE,
        StepKind.REPLY,
        StepKind.PAY_ONLINE,
    }
)


@attrs.frozen
class ScenarioAdult:
    """An adult responsible for the children of a family; ``family_name`` ``None`` is the family's."""

    name: str
    family_name: str | None = None
    civility: Civility | None = None
    email: str | None = None


@attrs.frozen
class ScenarioChild:
    """A child of a scenario, the facts about it, and what its school says."""

    name: str
    facts: Facts = attrs.field(factory=Facts)
    birth_date: dt.date | None = None
    school: str | None = None
    grade: Grade | None = None
    class_name: str | None = None


@attrs.frozen
class ScenarioCustody:
    """A child of another family (``of``) who lives here in even or odd weeks, and there in the others."""

    child: str
    of: str
    even: bool


@attrs.frozen
class ScenarioFamily:
    """A family of a scenario: adults, facts of the household, children, and those it has in some weeks."""

    name: str
    facts: Facts = attrs.field(factory=Facts)
    children: tuple[ScenarioChild, ...] = ()
    adults: tuple[ScenarioAdult, ...] = ()
    custodies: tuple[ScenarioCustody, ...] = ()


@attrs.frozen
class Audience:
    """For whom a news is: all families, unless schools, products or families are named."""

    schools: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    families: tuple[str, ...] = ()


@attrs.frozen
class Typed:
    """What an adult types or sends in the family's account, or the commune for it.

    ``code`` is which code of the invitation is presented; ``corrections`` go by person, then by label of the screen.
    """

    adult: str | None = None
    family_name: str | None = None
    code: str = "reçu"
    password: str | None = None
    confirmation: str | None = None
    corrections: FrozenMap[str, FrozenMap[str, str]] = attrs.field(factory=FrozenMap)
    text: str | None = None
    attachment: str | None = None
    audience: Audience = Audience()  # immutable: one shared default is meant
    until: dt.date | None = None
    bank: str = "payé"


@attrs.frozen
class Expectation:
    """What a step must give; ``None``: nothing is expected of that. ``False`` for a moment or day: there is none."""

    effect: str | None = None
    allowed: bool | None = None
    refusals: tuple[str, ...] | None = None
    limit: Moment | bool | None = None
    next: dt.date | bool | None = None
    next_request: dt.date | bool | None = None
    price: Decimal | None = None
    amount: Decimal | None = None
    times: Decimal | None = None
    tariff: str | None = None
    scope: Scope | None = None
    due: Decimal | None = None
    charged: bool | None = None
    tier: int | str | None = None
    rank: int | None = None
    outcome: str | None = None
    undecided: bool | None = None
    follow_up: str | None = None
    effective: dt.date | None = None
    covers: tuple[dt.date, ...] | None = None
    served: tuple[str, ...] | None = None
    due_days: tuple[dt.date, ...] | None = None
    invoices: FrozenMap[str, Decimal] | None = None
    corrected: int | None = None
    pending: int | None = None
    left: Decimal | None = None
    credit: Decimal | None = None
    levels: FrozenMap[str, int] | None = None
    total: Decimal | None = None
    screen: str | None = None
    mails: FrozenMap[str, str] | None = None
    weeks: tuple[str, ...] | None = None
    boxes: FrozenMap[str, str] | None = None
    basket: tuple[str, ...] | None = None
    to_pay: FrozenMap[str, Decimal] | None = None
    settled: tuple[str, ...] | None = None
    news: tuple[str, ...] | None = None
    unread: int | None = None
    requests: FrozenMap[str, str] | None = None

    @property
    def empty(self) -> bool:
        """Does it expect nothing at all?"""
        return self == Expectation()


@attrs.frozen
class Step:
    """One step. ``at`` is naive when the file gives a local wall time, aware when it gives an offset.

    ``line`` is where the step stands in its file; ``examples`` are the ids that it tests. A step over several
    ``children`` (eldest first; in order of arrival when places are given) or ``days`` is about each of them; ``day`` is
    then the first.
    """

    kind: StepKind
    target: str
    at: dt.datetime | None = None
    child: str | None = None
    children: tuple[str, ...] = ()
    family: str | None = None
    day: dt.date | None = None
    days: tuple[dt.date, ...] = ()
    instead: dt.date | None = None
    slot: str | None = None
    channel: str | None = None
    author: str = "famille"
    facts: Facts = attrs.field(factory=Facts)
    counters: FrozenMap[str, int] = attrs.field(factory=FrozenMap)
    events: FrozenMap[str, dt.date] = attrs.field(factory=FrozenMap)
    places_left: int | None = None
    booked_places: int | None = None
    derogations: frozenset[str] = frozenset()
    booked: bool | None = None
    notified_at: dt.datetime | None = None
    proof_at: dt.datetime | None = None
    sum: Decimal | None = None
    means: str | None = None
    number: str | None = None
    series: str | None = None
    products: tuple[str, ...] = ()
    declared: Facts = attrs.field(factory=Facts)
    typed: Typed = Typed()  # immutable: one shared default is meant
    expected: Expectation = attrs.field(factory=Expectation)
    preparation: bool = False
    examples: tuple[str, ...] = ()
    note: str | None = None
    line: int | None = None


@attrs.frozen
class Scenario:
    """A scenario file as one value."""

    families: tuple[ScenarioFamily, ...]
    steps: tuple[Step, ...]
    title: str | None = None
    file: str = ""
