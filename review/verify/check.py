"""The answer of a check of the running stack."""

import enum
from dataclasses import dataclass
from functools import partial


class Status(enum.StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    NOT_READ = "not read"


@dataclass(frozen=True)
class Check:
    status: Status
    about: str
    """The resource or the route."""
    message: str
    remedy: str = ""


passed, failed, not_read = (partial(Check, status) for status in Status)
