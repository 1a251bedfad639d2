"""Charges of databases, caches, search domains and file systems: their nodes by the hour, and their storage."""

from collections.abc import Iterator
from typing import Final

from ..aws.network.data_stores import settings_of
from ..graph import UNKNOWN, Resource
from ..graph.reading import number, peek, text
from .charge import Charge, Context, by_use, hourly, monthly, several, times

SEARCH_NODE: Final = "m4.large.search"
"""Instance type of a search domain if none is given:
https://docs.aws.amazon.com/opensearch-service/latest/APIReference/API_ClusterConfig.html"""
MASTERS: Final = 3
SERVERLESS: Final = "db.serverless"


def database(resource: Resource, _context: Context) -> Iterator[Charge]:
    """A database instance by its engine, class and zones, and its storage."""
    several = peek(resource, "multiAz")
    zones = "multi-az-" if several is True else ""
    engine, kind = text(peek(resource, "engine")), text(peek(resource, "instanceClass"))
    count = None if several is UNKNOWN else 1
    note = "whether it is in several zones is not known" if count is None else ""
    yield hourly(f"rds-{zones}{engine}-{kind}", count, f"{kind} {engine}" + (" in two zones" if zones else ""), note)
    by_rate = peek(resource, "iops") is not None
    volume = text(peek(resource, "storageType")) or ("io1" if by_rate else "gp2")
    size = number(peek(resource, "allocatedStorage"))
    yield monthly(f"rds-storage-{zones}{volume}", size if count else None, _gigabytes(volume, size))
    if by_rate and volume != "gp3":
        yield Charge(item=f"rds-rate-{volume}", quantity=None, label="provisioned I/O")


def cluster(resource: Resource, _context: Context) -> Iterator[Charge]:
    """The storage of an Aurora cluster, by what is stored; the three instances of a cluster in several zones."""
    engine, kind = text(peek(resource, "engine")), text(peek(resource, "dbClusterInstanceClass"))
    if engine.startswith("aurora"):
        note = "by what is stored, and by requests"
        yield by_use(f"aurora-storage{_optimized(resource)}", "Aurora storage", note=note)
    else:
        yield hourly(f"rds-cluster-{engine}-{kind}", 3, f"3 × {kind} {engine}")


def cluster_instance(resource: Resource, context: Context) -> Iterator[Charge]:
    """An instance of an Aurora cluster; a serverless one by its smallest capacity."""
    engine, kind = text(peek(resource, "engine")), text(peek(resource, "instanceClass"))
    holder = settings_of(context.model.graph, resource)
    optimized = _optimized(holder)
    if kind == SERVERLESS:
        least = number(peek(holder, "serverlessv2ScalingConfiguration", "minCapacity"))
        note = "the least that it has; more with its load"
        yield hourly(f"aurora-capacity{optimized}", least, "Aurora capacity units", note)
    else:
        yield hourly(f"rds-{engine}-{kind}{optimized}", label=f"{kind} {engine}")


def cache(resource: Resource, _context: Context) -> Iterator[Charge]:
    """The nodes of a cache; a member of a replication group is counted there."""
    if peek(resource, "replicationGroupId") is None:
        yield _nodes(resource, text(peek(resource, "engine")), _or(resource, 1, "numCacheNodes"))


def cache_group(resource: Resource, _context: Context) -> Iterator[Charge]:
    """The nodes of a replication group: so many, or shards with their replicas."""
    shards, replicas = _or(resource, 1, "numNodeGroups"), _or(resource, 0, "replicasPerNodeGroup")
    whole = number(peek(resource, "numCacheClusters"))
    known = times(shards, None if replicas is None else replicas + 1)
    unknown = peek(resource, "numCacheClusters") is UNKNOWN
    yield _nodes(resource, text(peek(resource, "engine")) or "redis", None if unknown else whole or known)


def search(resource: Resource, _context: Context) -> Iterator[Charge]:
    """The nodes of a search domain: those that hold data, dedicated masters, warm ones, and the disks of the first."""
    nodes = "clusterConfig"
    count = _or(resource, 1, nodes, "instanceCount")
    yield _searching(text(peek(resource, nodes, "instanceType")) or SEARCH_NODE, count)
    for flag, kind, number_of, otherwise in (
        ("dedicatedMasterEnabled", "dedicatedMasterType", "dedicatedMasterCount", MASTERS),
        ("warmEnabled", "warmType", "warmCount", None),
    ):
        if peek(resource, nodes, flag) is True:
            yield _searching(text(peek(resource, nodes, kind)), _or(resource, otherwise, nodes, number_of))
    if peek(resource, "ebsOptions", "ebsEnabled") is True:
        volume = text(peek(resource, "ebsOptions", "volumeType")) or "gp2"
        size = number(peek(resource, "ebsOptions", "volumeSize"))
        whole = times(size, count)
        yield monthly(f"opensearch-storage-{volume}", whole, _gigabytes(volume, whole))


def file_system(resource: Resource, _context: Context) -> Iterator[Charge]:
    """A file system by what is stored, and the throughput that is provisioned."""
    zone = "-one-zone" if peek(resource, "availabilityZoneName") is not None else ""
    yield by_use(f"efs-storage{zone}", "file storage", note="by what is stored")
    if text(peek(resource, "throughputMode")) == "provisioned":
        rate = number(peek(resource, "provisionedThroughputInMibps"))
        yield monthly("efs-throughput", rate, "throughput", "less what comes with the files")


def _nodes(resource: Resource, engine: str, count: float | None) -> Charge:
    kind = text(peek(resource, "nodeType"))
    return _counted(f"elasticache-{engine}-{kind}", count, f"{kind} {engine}")


def _searching(kind: str, count: float | None) -> Charge:
    return _counted(f"opensearch-{kind.removesuffix('.search').removesuffix('.elasticsearch')}", count, kind)


def _counted(item: str, count: float | None, what: str) -> Charge:
    return hourly(item, count, several(count, what), "the number of nodes is not known" if count is None else "")


def _optimized(aurora: Resource) -> str:
    return "-io-optimized" if text(peek(aurora, "storageType")) == "aurora-iopt1" else ""


def _or(resource: Resource, otherwise: float | None, *path: str) -> float | None:
    """A number, or what AWS takes if it is not given. None if it is not known."""
    value = peek(resource, *path)
    return otherwise if value is None else number(value)


def _gigabytes(kind: str, size: float | None) -> str:
    return f"{kind} of unknown size" if size is None else f"{kind} {size:g} GB"
