"""Evaluates a Pulumi program without an engine: reads the project and its stack, runs it, records what it declares."""
