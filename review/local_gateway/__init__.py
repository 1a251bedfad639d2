"""Serves the APIs of an evaluated stack on 127.0.0.1, for `gatehouse try` and for tests: without rules and reports."""
