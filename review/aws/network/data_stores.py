"""Databases, caches, brokers and file systems as ends of connections: their groups, subnets and public addresses.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from ...graph import Graph, Resource
from ...graph.given import by_type, given, held
from ...graph.reading import first, integer, text
from .public_addresses import Private

_CLUSTER: Final = "aws:rds/cluster:Cluster"
_CLUSTERS: Final = {
    "aws:rds/clusterInstance:ClusterInstance": _CLUSTER,
    "aws:neptune/clusterInstance:ClusterInstance": "aws:neptune/cluster:Cluster",
}
_PATHS: Final = ("groups", "subnets", "public")
"""Fields of a store that are paths of inputs."""


@dataclass(frozen=True, kw_only=True)
class DataStore:
    groups: tuple[str, ...] = ("vpcSecurityGroupIds",)
    subnets: tuple[str, ...] = ("subnetIds",)
    subnet_group: str = ""
    """The input that names a subnet group instead of subnets."""
    public: tuple[str, ...] = ()
    """The input that gives it a public address; none of a type that never has one."""
    opens: str = "true"
    """The value of that input with which it has one, in lower case; empty if any value gives one."""
    port: int | None = None
    """Its default port; None if that depends on its engine."""
    ports: tuple[int, int] | None = None
    """First and last of its ports, if no input gives it one."""


def _value(key: str, written: Any) -> Any:
    return tuple(written.split(".") if key in _PATHS else written) if key in (*_PATHS, "ports") else written


_FILE: Final[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
STORES: Final[dict[str, DataStore]] = {
    token: DataStore(**{key: _value(key, fact) for key, fact in facts.items()})
    for token, facts in _FILE["stores"].items()
}
"""By type, from data_stores.json."""


def settings_of(graph: Graph, resource: Resource) -> Resource:
    """The resource that holds groups and port: of a cluster's instance, its cluster if the graph holds it."""
    if resource.type not in _CLUSTERS:
        return resource
    return first(graph, resource, "clusterIdentifier", types=(_CLUSTERS[resource.type],)) or resource


def private(resource: Resource) -> Private:
    """Grounds for the statement that it has no public address; None if it has one."""
    store = STORES[resource.type]
    if not store.public:
        return (by_type(resource),)
    access = given(resource, *store.public)
    value = access.value(absent=None, unknown=None)
    return None if value and str(value).lower() == (store.opens or str(value).lower()) else (access.ground(),)


def ports(graph: Graph, resource: Resource) -> tuple[int, int] | None:
    """First and last port that it listens on; None if that is not known."""
    if STORES[resource.type].ports:
        return STORES[resource.type].ports
    holder = settings_of(graph, resource)
    by_engine = STORES[resource.type].port or _FILE["engines"].get(text(held(holder, "engine")))
    port = given(holder, "port").value(absent=by_engine, unknown=None)
    number = integer(port)
    return None if number is None else (number, number)
