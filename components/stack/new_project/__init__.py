"""Writes a project of one's own, or a stack file in one that exists: `gatehouse new`."""

from .command import main

__all__ = ["main"]
