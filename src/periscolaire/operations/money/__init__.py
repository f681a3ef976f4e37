"""Money: payments, online payments, recovery, the cash desk, reports."""
