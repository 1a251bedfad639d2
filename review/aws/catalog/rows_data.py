"""Rows of the catalog: databases, caches and file systems, and resources with a policy or list of their own."""

from collections.abc import Mapping
from typing import Final

from .row import NO_TRAFFIC, Row, by_use, charged, hourly, named, regional

ROWS: Final[Mapping[str, Row]] = {
    "backup.Vault": Row(NO_TRAFFIC, cost=by_use("what is stored"), mock=named("backup", "backup-vault:{name}")),
    "efs.FileSystem": Row(NO_TRAFFIC, cost=charged("file_system")),
    "eks.Cluster": Row("kubernetes cluster", cost=hourly("eks-cluster", "EKS cluster")),
    "eks.NodeGroup": Row("kubernetes nodes", cost=charged("node_group")),
    "elasticache.Cluster": Row("data store", cost=charged("cache")),
    "elasticache.ReplicationGroup": Row("data store", cost=charged("cache_group")),
    "elasticsearch.Domain": Row("data store", cost=charged("search"), policy="accessPolicies", mock={}),
    "kinesis.Stream": Row(mock=regional("kinesis", "stream/{name}", name="{name}")),
    "msk.Cluster": Row("data store", cost=charged("brokers")),
    "msk.ServerlessCluster": Row("data store", cost=hourly("msk-serverless", "MSK Serverless cluster")),
    "opensearch.Domain": Row("data store", cost=charged("search"), policy="accessPolicies", mock={}),
    "rds.ClusterInstance": Row("data store", cost=charged("cluster_instance")),
    "redshift.Cluster": Row("data store", cost=charged("warehouse")),
}
