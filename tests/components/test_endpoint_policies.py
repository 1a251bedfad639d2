"""The gateway endpoints' policies, read back as IAM reads them."""

import pytest

from components.facts.endpoint_policies import open_policy, own_tables_policy, read_only_policy
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
    return read_only_policy(
        partition="aws", region=region, packages=packages, ecr_layers=ecr_layers, buckets=list(buckets)
    )


@pytest.mark.parametrize("region", REGIONS)
def test_the_package_buckets_of_the_region_are_admitted_and_no_others(region: str) -> None:
    policy = closed(region)
    for key in PACKAGES:
        assert decision(policy, key.format(region)).allowed
        for elsewhere in set(REGIONS) - {region}:
            assert decision(policy, key.format(elsewhere)) is Decision.SILENT
    for other in ("somebodys-bucket/key", f"prod-{region}-starport-layer-bucket/layer", "al2023-repos-evil/key"):
        assert decision(policy, other) is Decision.SILENT


@pytest.mark.parametrize("region", REGIONS)
@pytest.mark.parametrize("action", ["s3:PutObject", "s3:DeleteObject", "s3:GetObjectAcl", "s3:PutObjectAcl"])
def test_nothing_can_be_written(region: str, action: str) -> None:
    policy = closed(region, ecr_layers=True, buckets=("images",))
    for key in (PACKAGES[0].format(region), "images/app.tar.gz", f"prod-{region}-starport-layer-bucket/layer"):
        assert decision(policy, key, action) is Decision.SILENT


@pytest.mark.parametrize("region", REGIONS)
def test_layers_and_named_buckets_are_admitted_when_asked(region: str) -> None:
    policy = closed(region, packages=False, ecr_layers=True, buckets=("images",))
    assert decision(policy, f"prod-{region}-starport-layer-bucket/layer").allowed
    assert decision(policy, "images/releases/app.tar.gz").allowed
    assert decision(policy, "images-of-others/app.tar.gz") is Decision.SILENT
    assert decision(policy, PACKAGES[0].format(region)) is Decision.SILENT
    assert decision(policy, "images", "s3:ListBucket") is Decision.SILENT


def test_another_partition_has_arns_of_its_own() -> None:
    policy = read_only_policy(
        partition="aws-us-gov", region="us-gov-west-1", packages=True, ecr_layers=False, buckets=[]
    )
    assert decision(policy, PACKAGES[0].format("us-gov-west-1"), partition="aws-us-gov").allowed
    assert decision(policy, PACKAGES[0].format("us-gov-west-1")) is Decision.SILENT


def test_a_network_on_the_internet_is_not_held_back() -> None:
    assert decision(open_policy(), "anybodys-bucket/key", "s3:PutObject").allowed


def test_tables_of_other_accounts_and_regions_stay_out_of_reach() -> None:
    policy = own_tables_policy(partition="aws", region="eu-west-1", account="111111111111")
    for table, expected in {
        "eu-west-1:111111111111:table/orders": Decision.ALLOW,
        "eu-west-1:222222222222:table/orders": Decision.SILENT,
        "us-east-1:111111111111:table/orders": Decision.SILENT,
    }.items():
        assert allows(policy, action="dynamodb:PutItem", resource=f"arn:aws:dynamodb:{table}") is expected
