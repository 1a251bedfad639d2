"""Databases, caches, search domains and file systems in the bill: what is known, and what stays unknown."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.cost import estimate
from review.graph import UNKNOWN
from review.tests.graph_builder import Builder

LARGE = {"engine": "mysql", "instanceClass": "db.t3.large", "allocatedStorage": 20}
SEARCH = {"clusterConfig": {"instanceType": "c4.2xlarge.search", "instanceCount": 3}}
WARM = {"warmEnabled": True, "warmType": "ultrawarm1.medium.search", "warmCount": 2}
MASTERS = {"dedicatedMasterEnabled": True, "dedicatedMasterType": "c4.8xlarge.search", "dedicatedMasterCount": 1}
SHARDS = {"nodeType": "cache.m4.large", "numNodeGroups": 4, "replicasPerNodeGroup": 3}
AURORA: dict[str, Any] = {"engine": "aurora-mysql"}


def bill(kind: str, **inputs: Any) -> dict[str, float | None]:
    """Dollars a month in us-east-1, by item."""
    build = Builder()
    build(kind, "store", region="us-east-1", **inputs)
    lines = estimate(AwsModel(build.graph())).lines
    return {line.item: None if line.amount is None else round(line.amount, 2) for line in lines}


@pytest.mark.parametrize(
    ("kind", "inputs", "expected"),
    [
        ("rds/instance:Instance", LARGE, {"rds-mysql-db.t3.large": 99.28, "rds-storage-gp2": 2.3}),
        (
            "rds/instance:Instance",
            {**LARGE, "multiAz": True, "storageType": "gp3"},
            {"rds-multi-az-mysql-db.t3.large": 198.56, "rds-storage-multi-az-gp3": 4.6},
        ),
        (
            "rds/instance:Instance",
            {**LARGE, "multiAz": UNKNOWN},
            {"rds-mysql-db.t3.large": None, "rds-storage-gp2": None},
        ),
        # provisioned I/O, and a class of which the table has no price
        (
            "rds/instance:Instance",
            {**LARGE, "iops": 1200},
            {"rds-mysql-db.t3.large": 99.28, "rds-storage-io1": 2.5, "rds-rate-io1": None},
        ),
        (
            "rds/instance:Instance",
            {**LARGE, "instanceClass": "db.x9.large", "allocatedStorage": UNKNOWN},
            {"rds-mysql-db.x9.large": None, "rds-storage-gp2": None},
        ),
        ("rds/cluster:Cluster", AURORA, {"aurora-storage": 0.0}),
        ("rds/cluster:Cluster", {**AURORA, "storageType": "aurora-iopt1"}, {"aurora-storage-io-optimized": 0.0}),
        (
            "rds/cluster:Cluster",
            {"engine": "postgres", "dbClusterInstanceClass": "db.m5d.large"},
            {"rds-cluster-postgres-db.m5d.large": None},
        ),
        (
            "rds/clusterInstance:ClusterInstance",
            {**AURORA, "instanceClass": "db.r4.large"},
            {"rds-aurora-mysql-db.r4.large": 211.7},
        ),
        (
            "elasticache/cluster:Cluster",
            {"engine": "redis", "nodeType": "cache.m4.large"},
            {"elasticache-redis-cache.m4.large": 113.88},
        ),
        ("elasticache/cluster:Cluster", {"replicationGroupId": "group"}, {}),
        ("elasticache/replicationGroup:ReplicationGroup", SHARDS, {"elasticache-redis-cache.m4.large": 1822.08}),
        (
            "elasticache/replicationGroup:ReplicationGroup",
            {"nodeType": "cache.r5.4xlarge", "numCacheClusters": 3},
            {"elasticache-redis-cache.r5.4xlarge": 3775.56},
        ),
        (
            "elasticache/replicationGroup:ReplicationGroup",
            {"nodeType": "cache.r5.4xlarge", "numCacheClusters": UNKNOWN},
            {"elasticache-redis-cache.r5.4xlarge": None},
        ),
        (
            "opensearch/domain:Domain",
            {
                "clusterConfig": {**SEARCH["clusterConfig"], **WARM, **MASTERS},
                "ebsOptions": {"ebsEnabled": True, "volumeSize": 400, "volumeType": "gp3"},
            },
            {
                "opensearch-c4.2xlarge": 1285.53,
                "opensearch-c4.8xlarge": 1713.31,
                "opensearch-ultrawarm1.medium": 347.48,
                "opensearch-storage-gp3": 146.4,
            },
        ),
        ("elasticsearch/domain:Domain", {}, {"opensearch-m4.large": None}),
        ("efs/fileSystem:FileSystem", {}, {"efs-storage": 0.0}),
        (
            "efs/fileSystem:FileSystem",
            {"availabilityZoneName": "a", "throughputMode": "provisioned", "provisionedThroughputInMibps": 10},
            {"efs-storage-one-zone": 0.0, "efs-throughput": 60.0},
        ),
    ],
)
def test_what_a_store_costs(kind: str, inputs: dict[str, Any], expected: dict[str, float | None]) -> None:
    """Amounts as infracost's published outputs have them, and nothing where the table has no price."""
    assert bill(kind, **inputs) == expected


@pytest.mark.parametrize(
    ("storage", "items"), [(None, {"aurora-capacity": 43.8}), ("aurora-iopt1", {"aurora-capacity-io-optimized": 58.4})]
)
def test_a_serverless_instance_costs_at_least_its_smallest_capacity(
    storage: str | None, items: dict[str, float]
) -> None:
    build = Builder()
    scaling = {"minCapacity": 0.5, "maxCapacity": 4}
    cluster = build(
        "rds/cluster:Cluster", "cluster", **AURORA, storageType=storage, serverlessv2ScalingConfiguration=scaling
    )
    member: dict[str, Any] = {**AURORA, "instanceClass": "db.serverless", "clusterIdentifier": cluster.id}
    build("rds/clusterInstance:ClusterInstance", "one", region="us-east-1", **member)
    lines = {line.item: line.amount for line in estimate(AwsModel(build.graph())).lines if line.resource.name == "one"}
    assert lines == pytest.approx(items)
