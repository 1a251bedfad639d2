"""The EC2 backend: reached by nobody unasked, calling only what the network offers, allowed only its own image."""

from typing import Any

import pulumi
import pytest

from components.ec2_backend import Ec2Backend
from components.testing.recorder import Graph
from tests.components.arguments_of_each import BASE
from tests.helpers.declare import ProgramError, assert_tidy, changed, declare, inputs, names, one, refusal
from tests.helpers.policies import allows

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1.0"
REPOSITORY = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/password"
PLACE: dict[str, Any] = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001", "subnet-00000002"]}
CALLABLE: dict[str, Any] = {**PLACE, "s3_prefix_list_id": "pl-fa1b59dc", "dynamodb_prefix_list_id": "pl-f635d913"}
ARGS: dict[str, Any] = {**CALLABLE, "image": "nginx:1.29", "egress": ["nat-instance"]}
TABLES = "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"


def backend(*, known: bool = True, **changes: Any) -> Graph:
    def program() -> None:
        made = Ec2Backend("backend", changed(ARGS, changes))
        for output in ("url", "port", "instance_ids", "private_ip", "health_check_path", "target_type"):
            pulumi.export(output, getattr(made, output))

    return declare(program, known=known)


def egress_rules(graph: Graph) -> set[tuple[str, int]]:
    """Whom the backend may call, on which port."""
    return {
        (next(rule.inputs[key] for key in _PEERS if key in rule.inputs), int(rule.inputs["fromPort"]))
        for rule in graph
        if rule.kind == "SecurityGroupEgressRule"
    }


_PEERS = ("cidrIpv4", "cidrIpv6", "prefixListId", "referencedSecurityGroupId")


def test_children_are_tidy_and_outputs_say_where_it_is() -> None:
    graph = backend(port=9000, health_check_path="/health")
    assert_tidy(graph)
    policy, profile, instance = (one(graph, kind) for kind in ("RolePolicy", "InstanceProfile", "Instance"))
    assert graph.exports == {
        "instance_ids": [instance.id],
        "url": f"http://{instance.state['privateIp']}:9000",
        "port": 9000,
        "private_ip": instance.state["privateIp"],
        "health_check_path": "/health",
        "target_type": "instance",
    }
    # The instance waits for its permissions.
    assert policy.urn in profile.dependencies
    assert profile.urn in instance.dependencies
    # Dual-stack names are for networks without IPv4.
    for egress, dual_stack in ((["ipv6"], True), (["ipv6", "nat-instance"], False), (["nat-gateway"], False)):
        script = one(backend(egress=egress, image=ECR), "Instance").inputs["userData"]
        assert ("dkr-ecr.eu-west-1.on.aws" in script) is dual_stack


def test_nobody_is_let_in_and_the_machine_is_hardened() -> None:
    graph = backend(instance_connect_security_group_id="sg-8ae5542d", bastion_security_group_id="sg-8ae5542d")
    assert names(graph, "SecurityGroupIngressRule") == []
    instance = inputs(graph)["backend-instance"]
    assert instance.pop("userData").startswith("#!/bin/bash")
    assert instance == {
        "ami": "ami-0123456789abcdef0",
        "instanceType": "t4g.micro",
        "subnetId": "subnet-00000001",
        "associatePublicIpAddress": False,
        "vpcSecurityGroupIds": [one(graph, "SecurityGroup").id],
        "iamInstanceProfile": "backend-profile",
        "metadataOptions": {"httpEndpoint": "enabled", "httpTokens": "required", "httpPutResponseHopLimit": 1},
        "rootBlockDevice": {
            "encrypted": True,
            "volumeType": "gp3",
            "volumeSize": 8,
            "deleteOnTermination": True,
            "tags": {"Name": "backend-disk"},
        },
        "creditSpecification": {"cpuCredits": "standard"},
        "maintenanceOptions": {"autoRecovery": "default"},
        "userDataReplaceOnChange": True,
    }
    assert inputs(backend(egress=["ipv6"]))["backend-instance"]["ipv6AddressCount"] == 1
    script = "#!/bin/bash\necho hello\n"
    assert inputs(backend(image=None, user_data=script))["backend-instance"]["userData"] == script


LISTS = {("pl-fa1b59dc", 443), ("pl-f635d913", 443)}
IPV4, IPV6 = ({(cidr, 443), (cidr, 80)} for cidr in ("0.0.0.0/0", "::/0"))


@pytest.mark.parametrize(
    ("egress", "rules"),
    [
        ([], LISTS),
        (["s3-packages"], LISTS),
        (["ipv6"], IPV6 | LISTS),
        (["nat-instance"], IPV4),
        (["nat-gateway", "ipv6"], IPV4 | IPV6),
    ],
)
def test_it_may_call_what_the_network_offers_and_no_more(egress: list[str], rules: set[tuple[str, int]]) -> None:
    # An image of its own: without egress no container's image could be fetched.
    own: dict[str, Any] = {"image": None, "image_id": "ami-00000001", "disk_gib": 8}
    assert egress_rules(backend(egress=egress, **own)) == rules
    if not egress:
        alone: dict[str, Any] = {"s3_prefix_list_id": None, "dynamodb_prefix_list_id": None}
        assert egress_rules(backend(egress=egress, **own, **alone)) == set()


TARBALL_IMAGE = {"egress": [], "image": "s3://images/app.tar.gz"}
GHCR = "ghcr.io/a/b:1"


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"egress": []}, False),
        ({"egress": ["s3-packages"]}, False),
        ({"egress": ["ipv6"]}, True),  # Docker Hub answers over IPv6
        ({"egress": ["ipv6"], "image": GHCR}, False),
        ({"egress": ["nat-gateway"], "image": GHCR}, True),
        ({"egress": [], "image": ECR, "endpoint_services": ["ecr.api", "ecr.dkr"]}, True),
        ({"egress": [], "image": ECR, "endpoint_services": ["ecr.api"]}, False),
        (TARBALL_IMAGE, True),
        ({**TARBALL_IMAGE, "s3_prefix_list_id": None}, False),
    ],
)
def test_an_image_that_nothing_leads_to_is_refused_with_the_remedy(given: dict[str, Any], allowed: bool) -> None:
    if allowed:
        assert names(backend(**given), "Instance") == ["backend-instance"]
        return
    message = str(refusal(lambda: Ec2Backend("backend", changed(ARGS, given))))
    assert "image: got" in message
    assert "an image that the backend can fetch" in message
    # What was passed already is not advised.
    assert ("**network.client()" in message) is not bool({**ARGS, **given}["egress"])


def test_endpoints_are_an_edge_of_two_rules() -> None:
    graph = backend(endpoint_security_group_id="sg-dc1d25b0")
    assert ("sg-dc1d25b0", 443) in egress_rules(graph)
    inward = one(graph, "SecurityGroupIngressRule").inputs
    assert inward["securityGroupId"] == "sg-dc1d25b0"
    assert inward["referencedSecurityGroupId"] == one(graph, "SecurityGroup").id


@pytest.mark.parametrize("access", ["instance-connect", "bastion"])
def test_ssh_is_open_to_one_named_group_alone(access: str) -> None:
    group: dict[str, Any] = {f"{access.replace('-', '_')}_security_group_id": "sg-8ae5542d"}
    graph = backend(access=access, logs="off", **group)
    rule = one(graph, "SecurityGroupIngressRule").inputs
    assert (rule["fromPort"], rule["toPort"], rule["referencedSecurityGroupId"]) == (22, 22, "sg-8ae5542d")
    assert names(graph, "RolePolicy") == []


def test_the_container_uses_the_role_only_when_it_is_given_something_to_do() -> None:
    graph = backend(policy_arns={"tables": TABLES}, access="none", logs="off")
    assert one(graph, "Instance").inputs["metadataOptions"]["httpPutResponseHopLimit"] == 2
    assert one(graph, "RolePolicyAttachment").inputs["policyArn"] == TABLES
    assert names(graph, "RolePolicy") == []


def test_the_machine_image_fits_the_processor_and_stays() -> None:
    def asked(graph: Graph) -> list[str]:
        return [invoke.arguments["name"] for invoke in graph.invokes if invoke.token.endswith("getParameter")]

    assert asked(backend()) == ["/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"]
    assert asked(backend(instance_type="t3.micro"))[0].endswith("-x86_64")
    assert one(backend(), "Instance").options.ignore_changes == ("ami",)
    assert one(backend(image_id="ami-0123456789abcdef0", disk_gib=8), "Instance").options.ignore_changes == ()


# --- permissions


def policy(graph: Graph) -> str:
    document: str = one(graph, "RolePolicy").inputs["policy"]
    return document


TARBALL = "arn:aws:s3:::images/releases"
PULL = ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability")


@pytest.mark.parametrize(
    ("changes", "allowed", "denied"),
    [
        (
            {"image": ECR, "access": "none"},
            [*((action, REPOSITORY) for action in PULL), ("ecr:GetAuthorizationToken", "*")],
            [*((action, f"{REPOSITORY}2") for action in PULL), ("ecr:PutImage", REPOSITORY)],
        ),
        (
            {"image": "s3://images/releases/app.tar.gz", "access": "none"},
            [("s3:GetObject", f"{TARBALL}/app.tar.gz")],
            [("s3:GetObject", f"{TARBALL}/other"), ("s3:PutObject", f"{TARBALL}/app.tar.gz")],
        ),
        (
            {"secrets": {"TOKEN": SECRET, "PASSWORD": PARAMETER}, "access": "none"},
            [("secretsmanager:GetSecretValue", SECRET), ("ssm:GetParameter", PARAMETER)],
            [("secretsmanager:GetSecretValue", f"{SECRET}2"), ("ssm:GetParameter", SECRET)],
        ),
        ({}, [("ssmmessages:OpenDataChannel", "*")], [("ecr:GetAuthorizationToken", "*")]),
    ],
    ids=["image", "tarball", "secrets", "sessions"],
)
def test_the_role_may_do_what_it_needs_and_no_more(
    changes: dict[str, Any], allowed: list[tuple[str, str]], denied: list[tuple[str, str]]
) -> None:
    document = policy(backend(**changes))
    for action, resource in allowed:
        assert allows(document, action=action, resource=resource).allowed, (action, resource)
    for action, resource in denied:
        assert not allows(document, action=action, resource=resource).allowed, (action, resource)
    sessions = allows(document, action="ssmmessages:OpenDataChannel").allowed
    assert sessions is ("access" not in changes)


# --- what it runs


def with_output(value: str) -> Graph:
    return declare(lambda: Ec2Backend("backend", {**ARGS, "image": pulumi.Output.from_input(value)}))


def test_an_output_is_an_image_of_ecr() -> None:
    assert allows(policy(with_output(ECR)), action="ecr:BatchGetImage", resource=REPOSITORY).allowed
    with pytest.raises(ProgramError, match="an image that is an output lies in ECR"):
        with_output("nginx")


def test_a_secret_in_the_plain_environment_is_refused_and_not_shown() -> None:
    def program() -> None:
        Ec2Backend("backend", {**ARGS, "environment": {"PASSWORD": pulumi.Output.secret("open sesame")}})

    with pytest.raises(ProgramError, match=r"environment\.PASSWORD: got '\(secret\)'; keep it in") as refused:
        declare(program)
    assert "sesame" not in str(refused.value)


def test_values_that_are_known_later_reach_the_container() -> None:
    def program() -> None:
        group = pulumi.CustomResource("aws:ec2/securityGroup:SecurityGroup", "other", {"name": "database"})
        Ec2Backend("backend", {**ARGS, "environment": {"GROUP": group.id, "LEVEL": "debug"}})

    graph = declare(program)
    script = one(graph, "Instance").inputs["userData"]
    assert f'"GROUP": "{one(graph, "SecurityGroup", "other").id}"' in script
    assert '"LEVEL": "debug"' in script


def test_an_output_without_a_subnet_is_refused_once_it_is_known() -> None:
    def program() -> None:
        args: Any = {**BASE[Ec2Backend], "subnet_ids": pulumi.Output.from_input([])}
        Ec2Backend("backend", args)

    with pytest.raises(ProgramError, match=r"Ec2Backend: subnet_ids: got \[\]; a list of 1 to 16"):
        declare(program)
