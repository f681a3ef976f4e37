"""From invoices to money: payments, the ledger, recovery, the cash desk, reports."""
