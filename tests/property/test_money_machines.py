"""Accounts, desks and online payments under attack: see :mod:`periscolaire.testing.money`."""

from __future__ import annotations

from hypothesis import settings

from periscolaire.testing.money import AccountMachine, DeskMachine, OnlineMachine

TestAccount = AccountMachine.TestCase
TestAccount.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestDesk = DeskMachine.TestCase
TestDesk.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestOnline = OnlineMachine.TestCase
TestOnline.settings = settings(max_examples=40, stateful_step_count=20, deadline=None)
