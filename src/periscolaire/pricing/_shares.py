"""Third parties who bear a part of the price, and the subsidies that are only reported."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import attrs

from periscolaire.errors import MisuseError
from periscolaire.facts import ALWAYS, Condition
from periscolaire.money import Amount, Currency, Rounding, split
from periscolaire.pricing._nodes import Node
from periscolaire.pricing._run import Run, rounded

#: The payer who bears what nobody else does.
FAMILY = "famille"


@attrs.frozen
class Share:
    """``parts``: what ``payer`` bears of the rounded price: an ``amount`` (node), a ``rate``, or the ``rest``.

    ``cap`` is the most that the payer bears over the scope of the aid; what it has borne so far is handed in.
    A share is of the price without surcharges unless ``surcharges``. The rest falls to the family, or, when
    ``payer`` is the family with an ``amount``, to the share marked ``rest``.
    """

    payer: str
    amount: Node | None = None
    rate: Decimal | None = None
    rest: bool = False
    cap: Decimal | None = None
    surcharges: bool = False
    condition: Condition = ALWAYS

    def __attrs_post_init__(self) -> None:
        if (self.amount is not None) + (self.rate is not None) + self.rest != 1:
            raise MisuseError(f"share of {self.payer}: expected one of amount, rate, rest")


@attrs.frozen
class Subsidy:
    """``subvention``: what the State or another pays the commune for this price (cantine à 1 €).

    Reported, never invoiced to the family, never deducted from its price.
    """

    code: str
    amount: Node
    condition: Condition = ALWAYS


@attrs.frozen
class ShareAmount:
    """What one payer bears, in minor units."""

    payer: str
    amount: Amount


def share_out(
    amount: Amount,
    base: Amount,
    shares: tuple[Share, ...],
    run: Run,
    borne: Mapping[str, Amount] | None = None,
) -> tuple[ShareAmount, ...]:
    """``amount`` (minor units) shared between the payers, the family last; the parts always add up to it.

    ``base`` is the price without its surcharges. Amounts are served in the order of the file, then rates by the
    largest remainder, then the rest.
    """
    if not shares:
        return ()
    used = borne or {}
    held = [share for share in shares if run.holds(share.condition)]
    left = amount
    left_base = base
    borne_now: dict[str, Amount] = {}
    for share in held:
        if share.amount is None:
            continue
        wanted = _minor(run.operand(share.amount), run.currency, run.rounding)
        room = left if share.surcharges or share.payer == FAMILY else min(left, left_base)
        taken = max(0, min(wanted, room, _room(share, used, run)))
        borne_now[share.payer] = borne_now.get(share.payer, 0) + taken
        left -= taken
        left_base = min(left_base - taken, left) if share.payer != FAMILY else min(left_base, left)
    for share, part in _by_rate([share for share in held if share.rate is not None], left, left_base):
        taken = min(part, _room(share, used, run))
        borne_now[share.payer] = borne_now.get(share.payer, 0) + taken
        left -= taken
    for share in held:
        if share.rest:
            taken = max(0, min(left, _room(share, used, run)))
            borne_now[share.payer] = borne_now.get(share.payer, 0) + taken
            left -= taken
    family = borne_now.pop(FAMILY, 0) + left
    others = tuple(ShareAmount(payer, part) for payer, part in borne_now.items() if part)
    for other in others:
        run.step("share", run.currency.value(other.amount), payer=other.payer)
    run.step("share", run.currency.value(family), payer=FAMILY)
    return (*others, ShareAmount(FAMILY, family))


def _by_rate(shares: list[Share], left: Amount, left_base: Amount) -> list[tuple[Share, Amount]]:
    """The parts of the shares by rate: largest remainder, the family being the last weight."""
    parts: list[tuple[Share, Amount]] = []
    for surcharges, of in ((False, max(0, left_base)), (True, max(0, left))):
        some = [share for share in shares if share.surcharges is surcharges]
        rates = [share.rate or Decimal(0) for share in some]
        family = Decimal(1) - sum(rates, Decimal(0))
        if not some:
            continue
        if family < 0:
            raise MisuseError("shares by rate exceed the whole price")
        parts.extend(zip(some, split(of, [*rates, family]), strict=False))
    return parts


def _room(share: Share, used: Mapping[str, Amount], run: Run) -> Amount:
    if share.cap is None:
        return 10**15
    cap = _minor(share.cap, run.currency, run.rounding)
    return max(0, cap - used.get(share.payer, 0))


def _minor(value: Decimal, currency: Currency, rounding: Rounding) -> Amount:
    return currency.amount(rounded(value, rounding, currency))
