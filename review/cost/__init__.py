"""Monthly cost of a stack, from its captured resources and one dated table of prices."""

from .estimate import Estimate, Line, estimate
from .usage import Usage, UsageError

__all__ = ["Estimate", "Line", "Usage", "UsageError", "estimate"]
