"""AWS permissions of programs: those of a container or of a function."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from ...arguments.marks import ReadAs
from ...arguments.names import PolicyArn


def name_policies(arns: Sequence[str]) -> dict[str, str]:
    """Returns the managed policies by names that only they have: their account and path."""
    return {arn.split(":", 4)[4]: arn for arn in arns}


PolicyArns = Annotated[Mapping[str, str], ReadAs(Sequence[PolicyArn], name_policies)]
