"""For people who test: Hypothesis strategies, naive oracles, state machines, conformance suites, a pytest plugin.

One module per topic (``testing.calendars``, ``testing.limits``, ``testing.storage`` …), each imported only when it is
used: this package itself imports neither Hypothesis nor pytest, which come with the extra ``[testing]``.
"""
