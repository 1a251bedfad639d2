"""The gateway endpoints' policies, read back as IAM reads them."""

import pytest

from components.facts.endpoint_policies import build_open_policy, build_own_tables_policy, build_read_only_policy
from tests.helpers.policies import Decision, allows

REGIONS = ("us-east-1", "eu-west-1", "ap-southeast-2")

PACKAGES = (
    "al2023-repos-{}-de612dc2/core/mirrors/latest/aarch64/mirror.list",
    "amazonlinux-2-repos-{}/2/core/latest/x86_64/mirror.list",
    "amazonlinux.{}.amazonaws.com/2/core/2.0/x86_64/repodata/repomd.xml",
    "packages.{}.amazonaws.com/2018.03/main/mirror.list",
    "repo.{}.amazonaws.com/2018.03/main/mirror.list",
)


def decision(policy: object, bucket_and_key: str, action: str = "s3:GetObject", partition: str = "aws") -> Decision:
    return allows(policy, principal="*", action=action, resource=f"arn:{partition}:s3:::{bucket_and_key}")


def closed(region: str, *, packages: bool = True, ecr_layers: bool = False, buckets: tuple[str, ...] = ()) -> object:
    return build_read_only_policy(
        partition="aws", region=region, packages=packages, ecr_layers=ecr_layers, buckets=list(buckets)
    )


@pytest.mark.parametrize("region", REGIONS)
def test_each_bucket_is_admitted_where_it_is_asked_for(region: str) -> None:
    layer, image = f"prod-{region}-starport-layer-bucket/layer", "images/releases/app.tar.gz"
    packages, layers = closed(region), closed(region, packages=False, ecr_layers=True, buckets=("images",))
    for key in PACKAGES:
        assert decision(packages, key.format(region)).allowed
        assert decision(layers, key.format(region)) is Decision.SILENT
        for other_region in set(REGIONS) - {region}:
            assert decision(packages, key.format(other_region)) is Decision.SILENT
    for key in (layer, image):
        assert decision(packages, key) is Decision.SILENT
        assert decision(layers, key).allowed
        for action in ("PutObject", "DeleteObject", "GetObjectAcl", "PutObjectAcl"):
            assert decision(layers, key, f"s3:{action}") is Decision.SILENT
    for other in ("somebodys-bucket/key", "al2023-repos-evil/key", "images-of-others/app.tar.gz"):
        assert decision(packages, other) is decision(layers, other) is Decision.SILENT
    assert decision(layers, "images", "s3:ListBucket") is Decision.SILENT


def test_another_partition_has_arns_of_its_own() -> None:
    region, key = "us-gov-west-1", PACKAGES[0].format("us-gov-west-1")
    policy = build_read_only_policy(partition="aws-us-gov", region=region, packages=True, ecr_layers=False, buckets=[])
    assert decision(policy, key, partition="aws-us-gov").allowed
    assert decision(policy, key) is Decision.SILENT


def test_a_network_on_the_internet_is_not_held_back() -> None:
    assert decision(build_open_policy(), "anybodys-bucket/key", "s3:PutObject").allowed


def test_tables_of_other_accounts_and_regions_stay_out_of_reach() -> None:
    policy = build_own_tables_policy(partition="aws", region="eu-west-1", account="111111111111")
    for table, expected in {
        "eu-west-1:111111111111:table/orders": Decision.ALLOW,
        "eu-west-1:222222222222:table/orders": Decision.SILENT,
        "us-east-1:111111111111:table/orders": Decision.SILENT,
    }.items():
        assert allows(policy, action="dynamodb:PutItem", resource=f"arn:aws:dynamodb:{table}") is expected
