"""What decides on the account in which a provider works: its resources there are others, of other owners.

https://www.pulumi.com/registry/packages/aws/installation-configuration/
"""

from collections.abc import Mapping
from typing import Any, Final

from ..graph import Graph, Origin, Resource, revealed

_ACCOUNT: Final = (
    *("profile", "assumeRole", "assumeRoles", "assumeRoleWithWebIdentity", "accessKey", "secretKey", "token"),
    *("sharedConfigFiles", "sharedCredentialsFiles", "allowedAccountIds", "forbiddenAccountIds", "endpoints"),
)


def account_of(graph: Graph, resource: Resource) -> Mapping[str, Any] | None:
    """Inputs of a resource's provider that decide on the account; None if the graph does not hold them."""
    explicit = graph.resources.get(resource.provider.rpartition("::")[0])
    if explicit is None and (resource.provider or graph.origin is not Origin.PROGRAM):
        return None
    config = {key.removeprefix("aws:"): value for key, value in graph.config.items() if key.startswith("aws:")}
    given = config if explicit is None else explicit.inputs
    return {key: revealed(given[key]) for key in _ACCOUNT if given.get(key) is not None}
