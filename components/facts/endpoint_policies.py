"""Which buckets a network reaches through its S3 gateway endpoint.

The buckets that hold Amazon Linux packages and ECR's image layers differ by region; their names are AWS's.
https://docs.aws.amazon.com/vpc/latest/privatelink/vpc-endpoints-s3.html
https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

_POLICY_VERSION: Final = "2012-10-17"

# Amazon Linux 2023, Amazon Linux 2 (two generations of buckets) and the first Amazon Linux.
PACKAGE_BUCKETS: Final = (
    "al2023-repos-{region}-de612dc2",
    "amazonlinux-2-repos-{region}",
    "amazonlinux.{region}.amazonaws.com",
    "packages.{region}.amazonaws.com",
    "repo.{region}.amazonaws.com",
)
ECR_LAYER_BUCKET: Final = "prod-{region}-starport-layer-bucket"


def build_open_policy() -> dict[str, Any]:
    """Every bucket of the region, for a network that has internet access.

    Buckets of other regions and all other hosts are reachable through its NAT or over IPv6. A narrower policy would not
    prevent that, and would only break access to buckets of the own region.
    """
    return _policy_document([{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}])


def build_read_only_policy(
    *,
    partition: str,
    region: str,
    packages: bool,
    ecr_layers: bool,
    buckets: Sequence[str],
    permitted: Sequence[Mapping[str, Any]] = (),
) -> dict[str, Any]:
    """Read access to only the named buckets, and what roles in the network are `permitted` for S3.

    `packages` admits the Amazon Linux repositories, `ecr_layers` the bucket where ECR keeps image layers.
    Downloads of packages and layers are not signed by an identity of this account, so the principal is `*` and the
    bucket decides.
    """
    admitted = [*(PACKAGE_BUCKETS if packages else ()), *([ECR_LAYER_BUCKET] if ecr_layers else [])]
    names = [name.format(region=region) for name in admitted] + list(buckets)
    resources = [f"arn:{partition}:s3:::{name}/*" for name in dict.fromkeys(names)]
    read = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": resources}
    return _policy_document([*([read] if resources else []), *_endpoint_statements(permitted, "s3")])


def build_own_tables_policy(
    *, partition: str, region: str, account: str, permitted: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """The DynamoDB tables of this account, for a network without internet: no table elsewhere takes what it holds.

    Except those that roles in the network are `permitted` to call.
    """
    tables = f"arn:{partition}:dynamodb:{region}:{account}:table/*"
    own = {"Effect": "Allow", "Principal": "*", "Action": "dynamodb:*", "Resource": tables}
    other_accounts = [
        {**statement, "Resource": arns}
        for statement in permitted
        for named in [statement["Resource"]]
        if (arns := [arn for arn in ([named] if isinstance(named, str) else named) if f":{account}:" not in arn])
    ]
    return _policy_document([own, *_endpoint_statements(other_accounts, "dynamodb")])


def _endpoint_statements(permitted: Sequence[Mapping[str, Any]], service: str) -> list[dict[str, Any]]:
    """Statements of roles as an endpoint's policy has them. A call of KMS does not pass the endpoint."""
    return [{**one, "Principal": "*"} for one in permitted if str(one["Action"][0]).startswith(f"{service}:")]


def _policy_document(statements: list[dict[str, Any]]) -> dict[str, Any]:
    return {"Version": _POLICY_VERSION, "Statement": statements}
