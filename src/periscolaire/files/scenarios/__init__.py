"""Scenario files: what a clerk writes to say who does what, and what must follow."""
