"""Requests that come by resources which reach does not trace: no path, and no promise that there is none."""

from typing import Any

import pytest

from review.aws.model.model import AwsModel
from review.graph import UNKNOWN
from review.reach import Kind, unread
from review.tests.graph_builder import Builder, Json, Made
from review.tests.parts import group, machine, network, paths, public
from review.tests.reach.test_unknown_is_not_absent import answer, read_only, ways


def private_machine(build: Builder) -> Made:
    net = network(build, egress="none")
    members = group(build, net.vpc, "members")
    return machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id])


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        ("globalaccelerator/endpointGroup:EndpointGroup", {"endpointConfigurations": []}),
        ("elasticbeanstalk/environment:Environment", {}),
        ("command:local:Command", {"create": "aws ec2 authorize-security-group-ingress"}),
        ("aws-native:ec2:SecurityGroupIngress", {}),
    ],
)
def test_a_machine_that_something_untraced_may_lead_to(build: Builder, kind: str, inputs: dict[str, Any]) -> None:
    private_machine(build)
    assert answer(build) == "no"
    build(kind, "other", **inputs)
    assert answer(build) == "cannot tell"
    assert any("other" in line for line in ways(build))


def test_what_leads_to_no_machine_changes_nothing(build: Builder) -> None:
    private_machine(build)
    build("rds/instance:Instance", "db")
    build("random:index/randomPet:RandomPet", "pet")
    assert answer(build) == "no"


@pytest.mark.parametrize("elsewhere", ["read", "named by its id", "declared"])
@pytest.mark.parametrize("rest", [True, False])
def test_a_route_on_an_api_that_exists(build: Builder, elsewhere: str, rest: bool) -> None:
    kind = "apigateway/restApi:RestApi" if rest else "apigatewayv2/api:Api"
    api = build(kind, "api", protocolType=None if rest else "HTTP")
    chosen = "a1b2c3d4e5" if elsewhere == "named by its id" else api.id
    if rest:
        root: dict[str, Any] = {"resourceId": "abc", "httpMethod": "ANY", "authorization": "NONE"}
        build("apigateway/method:Method", "admin", restApi=chosen, **root)
    else:
        build("apigatewayv2/route:Route", "admin", apiId=chosen, routeKey="POST /admin")
    if elsewhere == "read":
        read_only(build, api)
    names = {name for found in unread(AwsModel(build.graph())).values() for name in found}
    assert ("admin" in names) is (elsewhere != "declared")


@pytest.mark.parametrize(
    ("authorization", "expected"),
    [("AWS_IAM", "(its own URL, IAM)"), ("NONE", "(its own URL, anyone)"), (UNKNOWN, "(cannot tell: which auth")],
)
def test_the_authorization_of_a_function_url(build: Builder, authorization: Any, expected: str) -> None:
    function = build("lambda/function:Function", "f", role="r")
    url: dict[str, Any] = {"functionName": function.name, "authorizationType": authorization}
    build("lambda/functionUrl:FunctionUrl", "url", **url)
    (line,) = [str(path) for path in paths(build.graph()) if path.kind is Kind.INBOUND]
    assert expected in line


ALL_USERS = "http://acs.amazonaws.com/groups/global/AllUsers"
OWNER = "http://acs.amazonaws.com/groups/s3/LogDelivery"


def to(principal: Any) -> Any:
    return UNKNOWN if principal is UNKNOWN else Json({"Statement": {"Effect": "Allow", "Principal": principal}})


def granting(uri: Any) -> dict[str, Any]:
    return {"accessControlPolicy": {"grants": [{"permission": "READ", "grantee": {"type": "Group", "uri": uri}}]}}


EVERYBODY, ONE = "*", {"AWS": "arn:aws:iam::123456789012:root"}
UNBLOCKED = {"publicAccessBlockConfiguration": {"restrictPublicBuckets": False}}
PUBLIC_BY_ITSELF: list[Any] = [
    # An access point blocks public access by default.
    ("s3/accessPoint:AccessPoint", *({"policy": to(one), **UNBLOCKED} for one in (EVERYBODY, ONE, UNKNOWN))),
    (
        "s3/accessPoint:AccessPoint",
        {"policy": to(EVERYBODY), **UNBLOCKED},
        {"policy": to(EVERYBODY)},
        {"policy": UNKNOWN, **UNBLOCKED},
    ),
    *(
        (kind, *({key: to(principal)} for principal in (EVERYBODY, ONE, UNKNOWN)))
        for kind, key in (
            ("s3control/accessPointPolicy:AccessPointPolicy", "policy"),
            ("s3/bucket:Bucket", "policy"),
            ("ecrpublic/repositoryPolicy:RepositoryPolicy", "policy"),
            ("cloudwatch/eventBusPolicy:EventBusPolicy", "policy"),
            ("dynamodb/resourcePolicy:ResourcePolicy", "policy"),
            ("backup/vaultPolicy:VaultPolicy", "policy"),
            ("codeartifact/domainPermissions:DomainPermissions", "policyDocument"),
        )
    ),
    ("cloudwatch/eventPermission:EventPermission", *({"principal": one} for one in ("*", "123456789012", UNKNOWN))),
    (
        "ssm/document:Document",
        *({"permissions": {"type": "Share", "account_ids": one}} for one in ("All", "123456789012", UNKNOWN)),
    ),
    *(
        (kind, *({"acl": acl} for acl in ("public-read", "private", UNKNOWN)))
        for kind in (
            "s3/bucketObject:BucketObject",
            "s3/bucketObjectv2:BucketObjectv2",
            "s3/objectCopy:ObjectCopy",
            "s3/bucketAcl:BucketAcl",
        )
    ),
    ("s3/bucketAcl:BucketAcl", *(granting(uri) for uri in (ALL_USERS, OWNER, UNKNOWN))),
    ("s3/bucket:Bucket", *({"grants": [{"type": "Group", "uri": uri}]} for uri in (ALL_USERS, OWNER, UNKNOWN))),
]


@pytest.mark.parametrize(("kind", "opened", "closed", "unknown"), PUBLIC_BY_ITSELF, ids=lambda one: str(one)[:40])
def test_what_is_public_by_itself_is_a_path(build: Builder, kind: str, opened: Any, closed: Any, unknown: Any) -> None:
    build(kind, "public", **opened)
    build(kind, "closed", **closed)
    build(kind, "unknown", **unknown)
    assert unread(AwsModel(build.graph())) == {}
    # Whether AWS takes a public policy or list of a bucket depends on what it does with new buckets.
    certain = "cannot tell" if "s3" in kind else "yes"
    assert public(build.graph()) == {"public": certain, "unknown": "cannot tell"}


def test_a_type_that_no_list_has_is_judged_by_its_policy(build: Builder) -> None:
    """An input that cannot be read may hold something else, such as the lifecycle of images."""
    build(
        "s3control/accessGrantsInstanceResourcePolicy:AccessGrantsInstanceResourcePolicy", "open", policy=to(EVERYBODY)
    )
    build(
        "s3control/accessGrantsInstanceResourcePolicy:AccessGrantsInstanceResourcePolicy",
        "closed",
        resourcePolicy=to(ONE),
    )
    build("ecr/lifecyclePolicy:LifecyclePolicy", "lifecycle", policy=UNKNOWN)
    build("iam/groupPolicy:GroupPolicy", "group", policy=Json({"Statement": {"Effect": "Allow", "Action": "*"}}))
    assert public(build.graph()) == {"open": "cannot tell"}
