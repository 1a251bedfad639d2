"""Who can reach what, joined from the statements of components. Nothing here knows a resource of AWS."""

from .join import Reach, trace

__all__ = ["Reach", "trace"]
