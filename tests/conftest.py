"""Settings of every test."""

from hypothesis import settings

# Time is measured by the benchmarks, never by a test: a shared machine may stop any example for a while.
settings.register_profile("periscolaire", deadline=None)
settings.load_profile("periscolaire")
