"""Families: invitations, accounts, files, news, requests, personal data."""
