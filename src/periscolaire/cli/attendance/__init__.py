"""Checking who comes: door lists, presences, the kitchen's order."""
