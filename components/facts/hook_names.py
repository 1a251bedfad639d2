"""Ends of the names of resource hooks. The review knows by them what a hook does, since no preview runs it.

https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
"""

from typing import Final

WAITS: Final = "waits-until-it-answers"
"""It holds the engine until a new resource answers, and calls AWS for that."""
ONLY_GROWS: Final = "disk-only-grows"
REFUSES_CHANGES: Final = "refuses-changes"
WITHOUT_CALLS: Final = (ONLY_GROWS, REFUSES_CHANGES)
"""These compare inputs, and refuse an update."""
