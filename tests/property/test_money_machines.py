"""Accounts, desks and online payments under attack: see :mod:`periscolaire.testing.money`."""

from __future__ import annotations

from hypothesis import settings

from periscolaire.testing.money import AccountMachine, DeskMachine

TestAccount = AccountMachine.TestCase
TestAccount.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
