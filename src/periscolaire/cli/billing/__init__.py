"""Invoicing and collecting: runs, invoices, payments, reminders, the cash desk."""
