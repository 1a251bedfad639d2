"""What decides on the account in which a provider works: its resources there are others, of other owners.

https://www.pulumi.com/registry/packages/aws/installation-configuration/
"""

from collections.abc import Mapping
from typing import Any, Final

from ...graph import Graph, Origin, Resource, revealed

_ACCOUNT: Final = (
    *("profile", "assumeRole", "assumeRoles", "assumeRoleWithWebIdentity", "accessKey", "secretKey", "token"),
    *("sharedConfigFiles", "sharedCredentialsFiles", "allowedAccountIds", "forbiddenAccountIds", "endpoints"),
)


def of_another_account(before: tuple[Graph, Resource], after: tuple[Graph, Resource]) -> list[str]:
    """Inputs that decide on the account and differ between the providers of a resource, where both are known."""
    was, now = _account(*before), _account(*after)
    if before[0].origin is not after[0].origin or was is None or now is None:
        return []
    return sorted(key for key in {*was, *now} if was.get(key) != now.get(key))


def _account(graph: Graph, resource: Resource) -> Mapping[str, Any] | None:
    """Inputs of a resource's provider that decide on the account; None if the graph does not hold them."""
    explicit = graph.resources.get(resource.provider.rpartition("::")[0])
    unknown = explicit is None and (resource.provider or graph.origin is not Origin.PROGRAM)
    if unknown or not resource.type.startswith("aws:"):
        return None
    config = {key.removeprefix("aws:"): value for key, value in graph.config.items() if key.startswith("aws:")}
    given = config if explicit is None else explicit.inputs
    return {key: revealed(given[key]) for key in _ACCOUNT if given.get(key) is not None}
