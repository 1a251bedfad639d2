"""A resource that the review does not read, beside a stack of Gatehouse's resources, and what is true then."""

from dataclasses import dataclass

from review.tests.helpers.steps import Step, find_line


@dataclass(frozen=True, kw_only=True)
class Beside:
    """A stack, by its name in `STACKS`, and beside it a resource that the review does not read, `unread_resource`."""

    stack: str
    unread_resource: Step
    place: str
    """The line that it stands in, `foreign_cases.py:31`."""
    truth: str
    """`cannot tell`: the report says that it does not read the resource, and that it refers to what was read.
    `none`: nothing that the review says is changed. `read`: the resource is of a type that is read."""
    line: str
    """A pattern that a line of the report matches, with known outputs and with unknown ones."""
    rule: str
    """A rule that fails."""


def beside(stack: str, unread_resource: Step, *, truth: str, line: str = "", rule: str = "") -> Beside:
    """What is true of a stack with one resource more."""
    return Beside(stack=stack, unread_resource=unread_resource, place=find_line(), truth=truth, line=line, rule=rule)
