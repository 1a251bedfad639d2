"""Asks AWS, read-only, whether what stands runs as declared. The drift is the engine's answer."""
