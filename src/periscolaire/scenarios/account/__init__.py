"""The family's account in a scenario: each screen of the guide is a step, played through the use cases."""
