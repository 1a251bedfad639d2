"""Sessions on a machine whose profile, role or policies are not known: neither open nor closed, and never left out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from review.graph import UNKNOWN, Invoke, Options
from review.reach import Kind
from review.tests.graph_builder import Builder, Json, Made
from review.tests.parts import allowing, machine, network, trust
from review.tests.reach.test_unknown_owners import traced
from review.tests.reach.test_unknown_references import CASES

SESSIONS = allowing("ssmmessages:*", "ssm:*")
DENIED = Json({"Statement": [{"Effect": "Deny", "Action": ["ssmmessages:*", "ssm:*"], "Resource": "*"}]})
MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"
ELSEWHERE = "arn:aws:iam::123456789012:policy/elsewhere"
INLINE, ATTACHED = "iam/rolePolicy:RolePolicy", "iam/rolePolicyAttachment:RolePolicyAttachment"


def verdict(build: Builder, *invokes: Invoke) -> str:
    ways = [way for way in traced(build, *invokes).paths if way.kind is Kind.PEOPLE]
    return "none" if not ways else "no" if not ways[0].open else "cannot tell" if ways[0].uncertainty else "open"


def stack(build: Builder, *, template: bool = False, **inputs: Any) -> Made:
    """A machine with a way out, and its role, by a profile of its own or of its template."""
    net = network(build)
    role = build("iam/role:Role", "role", **{"assumeRolePolicy": trust("ec2.amazonaws.com"), **inputs})
    profile = build("iam/instanceProfile:InstanceProfile", "profile", role=role.name)
    out = [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]
    members = build("ec2/securityGroup:SecurityGroup", "members", vpcId=net.vpc.id, egress=out)
    placed: dict[str, Any] = {"subnetId": net.private[0].id, "vpcSecurityGroupIds": [members.id]}
    own: dict[str, Any] = {"iamInstanceProfile": profile.name}
    if template:
        named = build("ec2/launchTemplate:LaunchTemplate", "template", iamInstanceProfile={"name": profile.name})
        own = {"launchTemplate": {"id": named.id}}
    machine(build, "server", **own, **placed)
    return role


def ignoring(build: Builder, name: str, key: str, **changes: Any) -> None:
    one = next(resource for resource in build.resources.values() if resource.name == name)
    options = Options(ignore_changes=(key,)) if key else one.options
    build.resources[one.urn] = replace(one, options=options, **changes)


def unresolved(build: Builder, name: str, key: str, value: Any) -> None:
    one = next(resource for resource in build.resources.values() if resource.name == name)
    edges = {other: urns for other, urns in one.property_dependencies.items() if other != key}
    build.resources[one.urn] = replace(one, inputs={**one.inputs, key: value}, property_dependencies=edges)


POLICIES: dict[str, tuple[Callable[[Builder, Made], object], str]] = {
    "nothing": (lambda build, role: None, "none"),
    "known": (lambda build, role: build(ATTACHED, "one", role=role.name, policyArn=MANAGED), "open"),
    "of another action": (
        lambda build, role: build(INLINE, "one", role=role.name, policy=allowing("s3:GetObject")),
        "none",
    ),
    "AWS's own that allows others": (
        lambda build, role: build(
            ATTACHED,
            "one",
            role=role.name,
            policyArn=MANAGED.replace("AmazonSSMManagedInstanceCore", "AmazonS3FullAccess"),
        ),
        "cannot tell",
    ),
    "denied beside an unknown one": (
        lambda build, role: (
            build(INLINE, "deny", role=role.name, policy=DENIED),
            build(INLINE, "one", role=role.name, policy=UNKNOWN),
        ),
        "none",
    ),
    "inline and unknown": (lambda build, role: build(INLINE, "one", role=role.name, policy=UNKNOWN), "cannot tell"),
    "attached and unknown": (
        lambda build, role: build(ATTACHED, "one", role=role.name, policyArn=UNKNOWN),
        "cannot tell",
    ),
    "attached and elsewhere": (
        lambda build, role: build(ATTACHED, "one", role=role.name, policyArn=ELSEWHERE),
        "cannot tell",
    ),
    "attached with others": (
        lambda build, role: build("iam/policyAttachment:PolicyAttachment", "one", roles=[role.name], policyArn=MANAGED),
        "cannot tell",
    ),
}


@pytest.mark.parametrize("case", POLICIES)
def test_a_policy_of_the_role(build: Builder, case: str) -> None:
    attach, expected = POLICIES[case]
    attach(build, stack(build))
    assert verdict(build) == expected


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"managedPolicyArns": [MANAGED]}, "open"),
        ({"managedPolicyArns": [UNKNOWN]}, "cannot tell"),
        ({"managedPolicyArns": UNKNOWN}, "cannot tell"),
        ({"inlinePolicies": UNKNOWN}, "cannot tell"),
        ({"inlinePolicies": [{"name": "one", "policy": UNKNOWN}]}, "cannot tell"),
    ],
)
def test_policies_that_the_role_names(build: Builder, inputs: Any, expected: str) -> None:
    stack(build, **inputs)
    assert verdict(build) == expected


@pytest.mark.parametrize("key", ["managedPolicyArns", "inlinePolicies"])
def test_policies_that_aws_may_have_changed(build: Builder, key: str) -> None:
    stack(build)
    ignoring(build, "role", key)
    assert verdict(build) == "cannot tell"


def test_a_role_that_is_only_read(build: Builder) -> None:
    stack(build)
    ignoring(build, "role", "", existing=True)
    assert verdict(build) == "cannot tell"


@CASES
@pytest.mark.parametrize(
    ("kind", "policy"),
    [(INLINE, {"policy": SESSIONS}), (INLINE, {"policy": UNKNOWN}), (ATTACHED, {"policyArn": MANAGED})],
)
def test_a_policy_of_an_unknown_role(
    kind: str, policy: Any, reference: Any, invokes: tuple[Invoke, ...], expected: str
) -> None:
    build = Builder()
    stack(build)
    build(kind, "one", role=reference, **policy)
    assert verdict(build, *invokes) == ("none" if expected == "no" else expected)


def test_a_policy_of_an_unknown_role_that_allows_no_sessions(build: Builder) -> None:
    stack(build)
    build(INLINE, "one", role=UNKNOWN, policy=allowing("s3:GetObject"))
    assert verdict(build) == "none"


@pytest.mark.parametrize("value", [UNKNOWN, "profile-of-another-stack"])
@pytest.mark.parametrize(("name", "key"), [("server", "iamInstanceProfile"), ("profile", "role")])
def test_a_profile_or_role_that_the_graph_does_not_hold(build: Builder, name: str, key: str, value: Any) -> None:
    stack(build)
    assert verdict(build) == "none"
    unresolved(build, name, key, value)
    assert verdict(build) == "cannot tell"


def test_a_profile_of_the_template(build: Builder) -> None:
    build(ATTACHED, "one", role=stack(build, template=True).name, policyArn=MANAGED)
    assert verdict(build) == "open"


@pytest.mark.parametrize("identifier", [UNKNOWN, "lt-0123456789abcdef0"])
def test_a_template_that_the_graph_does_not_hold(build: Builder, identifier: Any) -> None:
    stack(build)
    unresolved(build, "server", "iamInstanceProfile", None)
    assert verdict(build) == "none"
    unresolved(build, "server", "launchTemplate", {"id": identifier})
    assert verdict(build) == "cannot tell"


@pytest.mark.parametrize(("value", "expected"), [(True, "open"), (False, "none"), (UNKNOWN, "cannot tell")])
def test_a_service_that_may_allow_exec(value: Any, expected: str) -> None:
    build, net = Builder.of(network)
    out = [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]
    members = build("ec2/securityGroup:SecurityGroup", "members", vpcId=net.vpc.id, egress=out)
    place = {"subnets": [net.private[0].id], "securityGroups": [members.id]}
    role = build("iam/role:Role", "role", name="role", assumeRolePolicy="{}")
    build(ATTACHED, "one", role=role.name, policyArn=MANAGED)
    task = build(
        "ecs/taskDefinition:TaskDefinition", "task", family="t", containerDefinitions="[]", taskRoleArn=role.arn
    )
    build(
        "ecs/service:Service", "tasks", taskDefinition=task.arn, enableExecuteCommand=value, networkConfiguration=place
    )
    assert verdict(build) == expected


@pytest.mark.parametrize(("cidr", "expected"), [("0.0.0.0/0", "open"), ("10.0.0.0/16", "no"), (UNKNOWN, "cannot tell")])
def test_an_agent_whose_way_out_is_not_known(cidr: Any, expected: str) -> None:
    build, role = Builder.of(stack)
    build(ATTACHED, "one", role=role.name, policyArn=MANAGED)
    unresolved(build, "members", "egress", [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": [cidr]}])
    assert verdict(build) == expected


@pytest.mark.parametrize("name", ["server", "door"])
@pytest.mark.parametrize("value", [UNKNOWN, "subnet-0123456789abcdef0"])
def test_a_connect_endpoint_that_may_be_in_the_vpc_of_the_machine(name: str, value: Any) -> None:
    build, net = Builder.of(network)
    every = [{"protocol": "-1", "fromPort": 0, "toPort": 0, "cidrBlocks": ["0.0.0.0/0"]}]
    members = build("ec2/securityGroup:SecurityGroup", "members", vpcId=net.vpc.id, ingress=every, egress=every)
    machine(build, "server", subnetId=net.private[0].id, vpcSecurityGroupIds=[members.id])
    door: dict[str, Any] = {"subnetId": net.private[0].id, "securityGroupIds": [members.id]}
    build("ec2transitgateway/instanceConnectEndpoint:InstanceConnectEndpoint", "door", **door)
    assert verdict(build) == "open"
    unresolved(build, name, "subnetId", value)
    unresolved(build, name, "vpcSecurityGroupIds" if name == "server" else "securityGroupIds", [UNKNOWN])
    assert verdict(build) == "cannot tell"
