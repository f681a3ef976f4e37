"""Pages, PDF and tables: invoices, and what the commune owes its comptable public."""
