"""Databases, caches, brokers and file systems as ends of connections: their groups, subnets and public addresses.

https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_VPC.WorkingWithRDSInstanceinaVPC.html
"""

from dataclasses import dataclass, replace
from typing import Final

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
_SERVER: Final = "endpointDetails"
_SERVER_ADDRESSES: Final = (_SERVER, "addressAllocationIds")


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


_CACHE: Final = DataStore(groups=("securityGroupIds",), subnet_group="subnetGroupName")
_DATABASE: Final = DataStore(subnet_group="dbSubnetGroupName", public=("publiclyAccessible",))
_SEARCH: Final = DataStore(groups=("vpcOptions", "securityGroupIds"), subnets=("vpcOptions", "subnetIds"), port=443)
_GRAPH: Final = replace(_DATABASE, subnet_group="neptuneSubnetGroupName", port=8182)
STORES: Final = {
    "aws:dax/cluster:Cluster": replace(_CACHE, port=8111),
    "aws:dms/replicationInstance:ReplicationInstance": replace(_DATABASE, subnet_group="replicationSubnetGroupId"),
    "aws:docdb/cluster:Cluster": DataStore(subnet_group="dbSubnetGroupName", port=27017),
    "aws:elasticsearch/domain:Domain": _SEARCH,
    "aws:memorydb/cluster:Cluster": replace(_CACHE, port=6379),
    "aws:mq/broker:Broker": DataStore(groups=("securityGroups",), public=("publiclyAccessible",)),
    "aws:msk/serverlessCluster:ServerlessCluster": DataStore(
        groups=("vpcConfigs", "securityGroupIds"), subnets=("vpcConfigs", "subnetIds"), port=9098
    ),
    "aws:neptune/cluster:Cluster": replace(_GRAPH, public=()),
    "aws:neptune/clusterInstance:ClusterInstance": _GRAPH,
    "aws:opensearch/domain:Domain": _SEARCH,
    "aws:rds/proxy:Proxy": DataStore(subnets=("vpcSubnetIds",)),
    "aws:rds/instance:Instance": _DATABASE,
    _CLUSTER: _DATABASE,
    "aws:rds/clusterInstance:ClusterInstance": _DATABASE,
    "aws:redshift/cluster:Cluster": replace(_DATABASE, subnet_group="clusterSubnetGroupName", port=5439),
    "aws:redshiftserverless/workgroup:Workgroup": DataStore(
        groups=("securityGroupIds",), public=("publiclyAccessible",), port=5439
    ),
    "aws:msk/cluster:Cluster": DataStore(
        groups=(_BROKERS, "securityGroups"), subnets=(_BROKERS, "clientSubnets"), public=_BROKER_ACCESS
    ),
    "aws:elasticache/cluster:Cluster": _CACHE,
    "aws:elasticache/replicationGroup:ReplicationGroup": _CACHE,
    "aws:elasticache/serverlessCache:ServerlessCache": DataStore(groups=("securityGroupIds",)),
    "aws:efs/mountTarget:MountTarget": DataStore(groups=("securityGroups",), subnets=("subnetId",), port=2049),
    "aws:transfer/server:Server": DataStore(
        groups=(_SERVER, "securityGroupIds"), subnets=(_SERVER, "subnetIds"), public=_SERVER_ADDRESSES, port=22
    ),
}
_ENGINES: Final = {"postgres": 5432, "aurora-postgresql": 5432, "mysql": 3306, "mariadb": 3306, "aurora-mysql": 3306}
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
    by_engine = STORES[resource.type].port or _ENGINES.get(text(held(holder, "engine")))
    port = given(holder, "port").value(absent=by_engine, unknown=None)
    found = integer(port)
    return None if found is None else (found, found)
