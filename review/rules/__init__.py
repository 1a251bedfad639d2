"""The rules, in one registry, and the check of a graph against them."""

import importlib
import pkgutil
from typing import Final

from .check import Finding, Status, Tally, check, count_rules
from .registry import RULES, Rule, Severity

# Each file registers its rules when it is imported; the reference only writes them down.
for _file in pkgutil.iter_modules(__path__):
    if _file.name != "reference":
        importlib.import_module(f"{__name__}.{_file.name}")

_OWN: Final = dict(RULES)


def list_changed_rules() -> list[str]:
    """IDs of rules that a program took out of the registry, replaced or added. A report by other rules is an error."""
    return sorted(name for name in {*_OWN, *RULES} if RULES.get(name) is not _OWN.get(name))


__all__ = ["RULES", "Finding", "Rule", "Severity", "Status", "Tally", "check", "count_rules", "list_changed_rules"]
