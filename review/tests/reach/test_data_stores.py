"""Databases, caches and file systems as ends of paths: open, closed, and not known."""

from types import SimpleNamespace
from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN
from review.reach import Kind, unread
from review.tests.graph_builder import Builder
from review.tests.parts import ANYWHERE, group, ingress, network, paths, subnet

DATABASES = {
    "rds/instance:Instance": ("rds/subnetGroup:SubnetGroup", "dbSubnetGroupName", {"engine": "postgres"}, 5432),
    "rds/cluster:Cluster": ("rds/subnetGroup:SubnetGroup", "dbSubnetGroupName", {"engine": "mysql"}, 3306),
    "redshift/cluster:Cluster": ("redshift/subnetGroup:SubnetGroup", "clusterSubnetGroupName", {}, 5439),
}


def database(build: Builder, kind: str, *, private: bool = False, rule: int | None = None, **inputs: Any) -> None:
    parts, key, own, port = DATABASES[kind]
    net = network(build)
    members = group(build, net.vpc, "members")
    ingress(build, "from-anywhere", members, port if rule is None else rule, cidrIpv4=ANYWHERE)
    subnets = build(parts, "subnets", subnetIds=[(net.private[0] if private else net.public).id])
    given = {key: subnets.name, "vpcSecurityGroupIds": [members.id], "publiclyAccessible": True, **own, **inputs}
    build(kind, "store", **given)


def ways(build: Builder) -> list[str]:
    found = [path for path in paths(build.graph()) if path.kind is not Kind.OUTBOUND]
    return [str(path) for path in found if path.source == "internet"]


@pytest.mark.parametrize("kind", DATABASES)
def test_a_public_database_is_the_end_of_an_open_path(build: Builder, kind: str) -> None:
    database(build, kind)
    assert ways(build) == [f"internet → tcp {DATABASES[kind][3]} → store"]
    assert unread(AwsModel(build.graph())) == {}


@pytest.mark.parametrize("kind", DATABASES)
@pytest.mark.parametrize("closed", [{"publiclyAccessible": False}, {"private": True}, {"rule": 22}, {"port": 9999}])
def test_a_database_that_lacks_one_thing_is_closed(build: Builder, kind: str, closed: Any) -> None:
    database(build, kind, **closed)
    assert ways(build) == []


@pytest.mark.parametrize(
    "unknown", [{"publiclyAccessible": UNKNOWN}, {"vpcSecurityGroupIds": UNKNOWN}, {"port": UNKNOWN, "rule": 22}]
)
def test_whether_a_database_is_open_may_be_unknown(build: Builder, unknown: Any) -> None:
    database(build, "rds/instance:Instance", **unknown)
    (line,) = ways(build)
    assert "cannot tell" in line


def placed(build: Builder) -> SimpleNamespace:
    net = network(build)
    members = group(build, net.vpc, "members")
    ingress(build, "from-anywhere", members, None, ipProtocol="-1", cidrIpv4=ANYWHERE)
    return SimpleNamespace(group=members, public=net.public, other=subnet(build, net.vpc, "other", "10.0.9.0/24", "b"))


@pytest.mark.parametrize("public", [True, False])
def test_an_instance_of_a_cluster_has_the_groups_of_the_cluster(public: bool) -> None:
    build, at = Builder.of(placed)
    subnets = build("rds/subnetGroup:SubnetGroup", "subnets", subnetIds=[at.public.id])
    inputs: dict[str, Any] = {
        "engine": "aurora-mysql",
        "dbSubnetGroupName": subnets.name,
        "vpcSecurityGroupIds": [at.group.id],
    }
    cluster = build("rds/cluster:Cluster", "cluster", **inputs)
    build("rds/clusterInstance:ClusterInstance", "one", clusterIdentifier=cluster.id, publiclyAccessible=public)
    assert ways(build) == (["internet → every port → one"] if public else [])


@pytest.mark.parametrize(("access", "is_open"), [("SERVICE_PROVIDED_EIPS", True), ("DISABLED", False)])
def test_brokers_may_be_public(access: str, is_open: bool) -> None:
    build, at = Builder.of(placed)
    nodes = {"clientSubnets": [at.public.id], "securityGroups": [at.group.id]}
    info: dict[str, Any] = {"brokerNodeGroupInfo": {**nodes, "connectivityInfo": {"publicAccess": {"type": access}}}}
    build("msk/cluster:Cluster", "brokers", **info)
    assert ways(build) == (["internet → every port → brokers"] if is_open else [])


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("elasticache/cluster:Cluster", lambda at: {"securityGroupIds": [at.group.id]}),
        ("elasticache/replicationGroup:ReplicationGroup", lambda at: {"securityGroupIds": [at.group.id]}),
        ("efs/mountTarget:MountTarget", lambda at: {"subnetId": at.public.id, "securityGroups": [at.group.id]}),
    ],
)
def test_caches_and_file_systems_have_no_public_address(build: Builder, kind: str, inputs: Any) -> None:
    build(kind, "store", **inputs(placed(build)))
    assert ways(build) == []
    assert unread(AwsModel(build.graph())) == {}
