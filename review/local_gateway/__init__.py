"""Serves the APIs of an evaluated stack on 127.0.0.1: `gatehouse try`."""
