"""Rows of the catalog: databases, caches and file systems, and resources with a policy or list of their own."""

from collections.abc import Mapping
from typing import Final

from .row import NO_TRAFFIC, Row, alike, charged, free, hourly

ROWS: Final[Mapping[str, Row]] = {
    **alike(
        free(policy="policy"),
        "acmpca.Policy backup.VaultPolicy cloudwatch.EventBusPolicy codebuild.ResourcePolicy "
        "dynamodb.ResourcePolicy ecr.RegistryPolicy ecrpublic.RepositoryPolicy glue.ResourcePolicy "
        "kinesis.ResourcePolicy oam.SinkPolicy s3control.AccessPointPolicy s3control.BucketPolicy "
        "s3control.ObjectLambdaAccessPointPolicy schemas.RegistryPolicy ses.IdentityPolicy "
        "sesv2.EmailIdentityPolicy",
    ),
    **alike(
        free(policy="policyDocument"),
        "codeartifact.DomainPermissions codeartifact.RepositoryPermissionsPolicy xray.ResourcePolicy",
    ),
    **alike(
        Row("data store"),
        "dax.Cluster dms.ReplicationInstance docdb.Cluster elasticache.ServerlessCache memorydb.Cluster mq.Broker "
        "neptune.Cluster neptune.ClusterInstance rds.Proxy redshiftserverless.Workgroup transfer.Server",
    ),
    **alike(
        free("store subnet group"),
        "dax.SubnetGroup dms.ReplicationSubnetGroup docdb.SubnetGroup elasticache.SubnetGroup memorydb.SubnetGroup "
        "neptune.SubnetGroup rds.SubnetGroup redshift.SubnetGroup",
    ),
    **alike(
        free(NO_TRAFFIC),
        "efs.FileSystemPolicy eks.AccessEntry eks.AccessPolicyAssociation eks.Addon eks.PodIdentityAssociation "
        "elasticache.ParameterGroup rds.ClusterParameterGroup rds.ParameterGroup redshift.ParameterGroup",
    ),
    **alike(
        Row("public service"),
        "amplify.App amplify.Branch apprunner.Service lightsail.ContainerServiceDeploymentVersion lightsail.Database "
        "lightsail.Distribution lightsail.Instance lightsail.Lb",
    ),
    **alike(Row(policy="policy"), "kms.ExternalKey kms.ReplicaKey s3.AccessPoint"),
    "cloudwatch.EventPermission": free(),
    "cloudwatch.LogDestinationPolicy": free(policy="accessPolicy"),
    "docdb.ClusterInstance": Row(NO_TRAFFIC),
    "ecrpublic.Repository": Row(),
    "efs.FileSystem": Row(NO_TRAFFIC, cost=charged("file_system")),
    "efs.MountTarget": free("data store"),
    "eks.Cluster": Row("kubernetes cluster", cost=hourly("eks-cluster", "EKS cluster")),
    "eks.FargateProfile": Row("kubernetes nodes"),
    "eks.NodeGroup": Row("kubernetes nodes", cost=charged("node_group")),
    "elasticache.Cluster": Row("data store", cost=charged("cache")),
    "elasticache.ReplicationGroup": Row("data store", cost=charged("cache_group")),
    "elasticsearch.Domain": Row("data store", cost=charged("search"), policy="accessPolicies", mock={}),
    "elasticsearch.DomainPolicy": free("search policy", policy="accessPolicies"),
    "glacier.Vault": Row(policy="accessPolicy"),
    "lightsail.InstancePublicPorts": free("public ports"),
    "msk.Cluster": Row("data store", cost=charged("brokers")),
    "msk.ServerlessCluster": Row("data store", cost=hourly("msk-serverless", "MSK Serverless cluster")),
    "opensearch.Domain": Row("data store", cost=charged("search"), policy="accessPolicies", mock={}),
    "opensearch.DomainPolicy": free("search policy", policy="accessPolicies"),
    "rds.ClusterInstance": Row("data store", cost=charged("cluster_instance")),
    "redshift.Cluster": Row("data store", cost=charged("warehouse")),
    "s3.ObjectCopy": Row(),
    "s3control.MultiRegionAccessPointPolicy": free(policy="details.policy"),
}
