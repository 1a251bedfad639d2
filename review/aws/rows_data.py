"""Rows of the catalog: databases, caches and file systems, and resources with a policy or list of their own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from .row import FREE, NO_TRAFFIC, Row

ROWS: Final[Mapping[str, Row]] = {
    "aws:acmpca/policy:Policy": Row(cost=FREE),
    "aws:backup/vaultPolicy:VaultPolicy": Row(cost=FREE),
    "aws:cloudwatch/eventBusPolicy:EventBusPolicy": Row(cost=FREE),
    "aws:cloudwatch/eventPermission:EventPermission": Row(cost=FREE),
    "aws:cloudwatch/logDestinationPolicy:LogDestinationPolicy": Row(cost=FREE),
    "aws:codeartifact/domainPermissions:DomainPermissions": Row(cost=FREE),
    "aws:codeartifact/repositoryPermissionsPolicy:RepositoryPermissionsPolicy": Row(cost=FREE),
    "aws:codebuild/resourcePolicy:ResourcePolicy": Row(cost=FREE),
    "aws:dynamodb/resourcePolicy:ResourcePolicy": Row(cost=FREE),
    "aws:ecr/registryPolicy:RegistryPolicy": Row(cost=FREE),
    "aws:ecrpublic/repository:Repository": Row(),
    "aws:ecrpublic/repositoryPolicy:RepositoryPolicy": Row(cost=FREE),
    "aws:efs/fileSystem:FileSystem": Row(role=NO_TRAFFIC),
    "aws:efs/mountTarget:MountTarget": Row(role="data store"),
    "aws:elasticache/cluster:Cluster": Row(role="data store"),
    "aws:elasticache/parameterGroup:ParameterGroup": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:elasticache/replicationGroup:ReplicationGroup": Row(role="data store"),
    "aws:elasticache/serverlessCache:ServerlessCache": Row(role="data store"),
    "aws:elasticache/subnetGroup:SubnetGroup": Row(role="store subnet group", cost=FREE),
    "aws:glacier/vault:Vault": Row(),
    "aws:glue/resourcePolicy:ResourcePolicy": Row(cost=FREE),
    "aws:kinesis/resourcePolicy:ResourcePolicy": Row(cost=FREE),
    "aws:kms/externalKey:ExternalKey": Row(),
    "aws:kms/replicaKey:ReplicaKey": Row(),
    "aws:msk/cluster:Cluster": Row(role="data store"),
    "aws:oam/sinkPolicy:SinkPolicy": Row(cost=FREE),
    "aws:rds/clusterInstance:ClusterInstance": Row(role="data store"),
    "aws:rds/clusterParameterGroup:ClusterParameterGroup": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:rds/parameterGroup:ParameterGroup": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:rds/subnetGroup:SubnetGroup": Row(role="store subnet group", cost=FREE),
    "aws:redshift/cluster:Cluster": Row(role="data store"),
    "aws:redshift/parameterGroup:ParameterGroup": Row(role=NO_TRAFFIC, cost=FREE),
    "aws:redshift/subnetGroup:SubnetGroup": Row(role="store subnet group", cost=FREE),
    "aws:redshiftserverless/workgroup:Workgroup": Row(role="data store"),
    "aws:s3/accessPoint:AccessPoint": Row(),
    "aws:s3/objectCopy:ObjectCopy": Row(),
    "aws:s3control/accessPointPolicy:AccessPointPolicy": Row(cost=FREE),
    "aws:s3control/bucketPolicy:BucketPolicy": Row(cost=FREE),
    "aws:s3control/multiRegionAccessPointPolicy:MultiRegionAccessPointPolicy": Row(cost=FREE),
    "aws:s3control/objectLambdaAccessPointPolicy:ObjectLambdaAccessPointPolicy": Row(cost=FREE),
    "aws:schemas/registryPolicy:RegistryPolicy": Row(cost=FREE),
    "aws:ses/identityPolicy:IdentityPolicy": Row(cost=FREE),
    "aws:sesv2/emailIdentityPolicy:EmailIdentityPolicy": Row(cost=FREE),
    "aws:xray/resourcePolicy:ResourcePolicy": Row(cost=FREE),
}
