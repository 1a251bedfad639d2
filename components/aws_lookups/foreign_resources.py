"""Resources of another region or account than the stack's, which AWS would refuse half way."""

from collections.abc import Iterator, Mapping

import pulumi

from ..arguments.errors import as_errors, refuse
from ..arguments.faults import Fault
from ..facts.foreign_resources import find_obstacle, parse_place
from .account import read_allowed_accounts


def refuse_foreign_resources(component: str, kind: str, named: Mapping[str, object], parent: pulumi.Resource) -> None:
    """Raises ArgumentError for ARNs that are known. `named` has them by their arguments."""
    faults = (fault for key, arn in named.items() for fault in find_foreign_resource(kind, key, arn, parent))
    refuse(as_errors(component, faults))


def find_foreign_resource(kind: str, key: str, arn: object, parent: pulumi.Resource) -> Iterator[Fault]:
    """Yields a resource of `kind` that can never work in the stack. An output passes."""
    # The region and the accounts of a provider that the program passes cannot be read.
    if not isinstance(arn, str) or parent.get_provider("aws:lambda/permission:Permission") is not None:
        return
    region = pulumi.Config("aws").get("region")
    if (found := find_obstacle(kind, parse_place(arn), region, read_allowed_accounts())) is not None:
        yield Fault(key, arn, *found)
