"""Asks AWS, read-only, whether what was reviewed is what stands: a third graph, and checks of the running stack."""
