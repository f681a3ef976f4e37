"""Tables in and out: CSV of a commune, ONDE, tablets' logs; invoices and reports."""
