"""The version of pulumi-aws that policies in the body of a REST API need."""

import re
from collections.abc import Iterator
from importlib import metadata
from typing import Final

from ..arguments.errors import ArgumentError

# With older providers, a policy that changes only in the body keeps its old value, or is removed.
# https://github.com/hashicorp/terraform-provider-aws/pull/48118
REQUIRED: Final = (7, 51)


def check_sdk_version(component: str, key: str) -> Iterator[ArgumentError]:
    """The mistake of an argument that makes a policy, if the installed SDK brings an older provider."""
    installed = metadata.version("pulumi-aws")
    numbers = tuple(map(int, re.findall(r"\d+", installed)[:2]))
    if numbers < REQUIRED:
        want = f"pulumi-aws {'.'.join(map(str, REQUIRED))} or newer: older providers lose changes of the policy"
        yield ArgumentError(component, key, f"pulumi-aws {installed}", want)
