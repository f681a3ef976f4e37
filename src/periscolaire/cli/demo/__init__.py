"""The demonstration: one commune, from its rules file to what remains to recover, told in a hundred lines."""
