"""The answer of a check of the running stack."""

import enum
from dataclasses import dataclass


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


def passed(about: str, message: str) -> Check:
    return Check(Status.PASSED, about, message)


def failed(about: str, message: str, remedy: str) -> Check:
    return Check(Status.FAILED, about, message, remedy)


def not_read(about: str, message: str, remedy: str = "") -> Check:
    return Check(Status.NOT_READ, about, message, remedy)
