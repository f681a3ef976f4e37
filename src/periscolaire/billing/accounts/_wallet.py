"""Prepaid accounts (*compte prépayé*): what may still be booked with what a household has to its credit."""

from __future__ import annotations

from periscolaire.billing.accounts._account import Account
from periscolaire.money import EUR, Amount, Money
from periscolaire.reasons import Reason, Verdict

__all__ = ["check_wallet", "wallet_balance"]


def check_wallet(account: Account, price: Amount, *, reserved: Amount = 0, minimum: Amount = 0) -> Verdict:
    """Whether a prepaid account can bear one more booking of ``price`` and keep ``minimum`` (minor units)."""
    left = wallet_balance(account, reserved)
    if left - price >= minimum:
        return Verdict(True)
    currency = next((invoice.currency for invoice in account.invoices), EUR)
    wanted = Money(price + minimum - left, currency)
    return Verdict(False, (Reason.of("wallet.insufficient", left=Money(left, currency), wanted=wanted),))


def wallet_balance(account: Account, reserved: Amount = 0) -> Amount:
    """What a prepaid account may still be booked with: its credit, less ``reserved`` (booked, not billed yet) and
    what is owed."""
    return account.credit - account.owed - reserved
