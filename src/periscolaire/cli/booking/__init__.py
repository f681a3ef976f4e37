"""Reserving at the counter: requests, views, registrations, the turn of the year."""
