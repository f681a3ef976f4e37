"""What a règlement says of money that does not come: reminders, payment plans, the steps before any exclusion."""

from __future__ import annotations

from decimal import Decimal

import attrs

from periscolaire.errors import MisuseError

__all__ = ["DEFAULT_REMINDERS", "RecoveryPolicy", "ReminderLevel"]


@attrs.frozen
class ReminderLevel:
    """A reminder of rank ``level`` (from 1) goes out ``days`` days after the due date, at least ``after_previous``
    days after the one before; ``text`` names the letter.

    ``penalty`` is the code of one that the council voted for an unpaid invoice: the reminder brings it. There is no
    other fee, since costs of recovery without an enforceable title stay with the creditor (article L111-8 du code des
    procédures civiles d'exécution).
    """

    level: int
    days: int
    after_previous: int = 15
    text: str = ""
    penalty: str | None = None


#: A first reminder fifteen days after the due date, a second a month later, a last one before the trésorerie.
DEFAULT_REMINDERS = (
    ReminderLevel(1, 15, text="relance"),
    ReminderLevel(2, 45, text="seconde relance"),
    ReminderLevel(3, 75, text="dernier avis avant transmission au comptable public"),
)


@attrs.frozen
class RecoveryPolicy:
    """``[impayes]``: what happens when an invoice is not paid, or what it says is contested.

    ``appeal_days`` is how long a family may contest what it was told of a day. An invoice counts in the arrears that
    gates read once it was reminded up to level ``before_exclusion`` (0: as soon as it is late), and arrears under
    ``minimum`` (units) count for nothing. ``plan_count``, ``plan_days`` and ``plan_minimum`` (units) bound a payment
    plan: instalments, days up to the last, the smallest instalment.
    """

    reminders: tuple[ReminderLevel, ...] = DEFAULT_REMINDERS
    before_exclusion: int = 0
    minimum: Decimal = Decimal(0)
    appeal_days: int = 7
    plan_count: int | None = None
    plan_days: int | None = None
    plan_minimum: Decimal | None = None
    reference: str | None = None

    def __attrs_post_init__(self) -> None:
        days = [one.days for one in self.reminders]
        if days != sorted(set(days)):
            raise MisuseError("des relances de plus en plus tardives")
        if self.before_exclusion > len(self.reminders):
            raise MisuseError(f"« relances_avant_exclusion » parmi les {len(self.reminders)} relances")
