"""Billing: families cut out of a city, drafts prepared, invoices issued in short transactions."""
