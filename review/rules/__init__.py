"""The rules, in one registry, and the check of a graph against them."""

import importlib
import pkgutil

from .check import Finding, Status, Tally, check, tally
from .registry import RULES, Rule, Severity

NUMBER = 142
"""Rules that the tool has. A report by fewer is an error: a program can take rules out of the registry."""

# Each file registers its rules when it is imported; the reference only writes them down.
for _file in pkgutil.iter_modules(__path__):
    if _file.name != "reference":
        importlib.import_module(f"{__name__}.{_file.name}")

__all__ = ["NUMBER", "RULES", "Finding", "Rule", "Severity", "Status", "Tally", "check", "tally"]
