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
from .public_addresses import Private, unless

_CLUSTER: Final = "aws:rds/cluster:Cluster"
_CLUSTERS: Final = {
    "aws:rds/clusterInstance:ClusterInstance": _CLUSTER,
    "aws:neptune/clusterInstance:ClusterInstance": "aws:neptune/cluster:Cluster",
}
_BROKERS: Final = "brokerNodeGroupInfo"
_BROKER_ACCESS: Final = (_BROKERS, "connectivityInfo", "publicAccess", "type")
_SERVER_ADDRESSES: Final = ("endpointDetails", "addressAllocationIds")
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
    port: int | None = None
    """Its default port; None if that depends on its engine."""


def _value(key: str, written: Any) -> Any:
    return tuple(written.split(".")) if key in _PATHS else written


_FILE: Final[dict[str, Any]] = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
STORES: Final[dict[str, DataStore]] = {
    token: DataStore(**{key: _value(key, one) for key, one in facts.items()})
    for token, facts in _FILE["stores"].items()
}
"""By type, from data_stores.json."""
_BROKER_PORTS: Final = (9194, 9198)
"""Ports at which brokers take connections from the internet: from TLS on to IAM.
https://docs.aws.amazon.com/msk/latest/developerguide/port-info.html"""


def settings_of(graph: Graph, resource: Resource) -> Resource:
    """The resource that holds groups and port: of a cluster's instance, its cluster if the graph holds it."""
    if resource.type not in _CLUSTERS:
        return resource
    return first(graph, resource, "clusterIdentifier", types=(_CLUSTERS[resource.type],)) or resource


def private(resource: Resource) -> Private:
    """Grounds for the statement that it has no public address; None if it has one."""
    path = STORES[resource.type].public
    if not path:
        return (by_type(resource),)
    access = given(resource, *path)
    if path == _SERVER_ADDRESSES:
        return None if access.value(absent=[], unknown=[]) else (access.ground(),)
    if path != _BROKER_ACCESS:
        return unless(access, True)
    return None if access.value(absent="", unknown="") == "SERVICE_PROVIDED_EIPS" else (access.ground(),)


def ports(graph: Graph, resource: Resource) -> tuple[int, int] | None:
    """First and last port that it listens on; None if that is not known."""
    if resource.type == "aws:msk/cluster:Cluster":
        return _BROKER_PORTS
    holder = settings_of(graph, resource)
    by_engine = STORES[resource.type].port or _FILE["engines"].get(text(held(holder, "engine")))
    port = given(holder, "port").value(absent=by_engine, unknown=None)
    found = integer(port)
    return None if found is None else (found, found)
