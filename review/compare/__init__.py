"""Compares two evaluations: what is added, changed, replaced, and whether traffic is cut."""
