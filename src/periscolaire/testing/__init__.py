"""For people who test: Hypothesis strategies, naive oracles, state machines, conformance suites, one module a topic."""
