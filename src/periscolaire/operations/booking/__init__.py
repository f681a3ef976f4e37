"""Reserving: baskets, requests of a file, registrations, places, the kitchen's order, the turn of the year."""
