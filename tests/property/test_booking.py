"""The public state machine of reservations, on the library's own operations and on a broken portal."""

import datetime as dt

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from periscolaire.booking import Basket, Receipt
from periscolaire.ids import Key, ProductCode
from periscolaire.testing.booking import Commune, LibraryPortal, booking_machine

QUICK = settings(
    max_examples=12, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck), database=None
)
#: A fault that is expected needs neither to be made small nor to be explained.
FOUND_OUT = settings(QUICK, phases=[Phase.generate])


def test_the_library_keeps_its_laws() -> None:
    run_state_machine_as_test(booking_machine(), settings=QUICK)


class ForgetfulPortal(LibraryPortal):
    """Forgets the keys of what it was sent, as a portal without idempotency does."""

    def __init__(self, commune: Commune) -> None:
        super().__init__(commune)
        self.count = 0

    def validate(self, basket: Basket, *, key: Key, at: dt.datetime, whole: bool) -> Receipt:
        self.count += 1
        return super().validate(basket, key=Key(f"{key}-{self.count}"), at=at, whole=whole)


class MiscountingPortal(LibraryPortal):
    """Shows one place more than there is."""

    def taken(self, product: ProductCode, day: dt.date) -> int:
        return super().taken(product, day) + 1


@pytest.mark.parametrize("broken", [ForgetfulPortal, MiscountingPortal])
def test_a_broken_portal_is_found_out(broken: type[LibraryPortal]) -> None:
    with pytest.raises(AssertionError):
        run_state_machine_as_test(booking_machine(broken), settings=FOUND_OUT)
