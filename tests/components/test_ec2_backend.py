"""The EC2 backend: reached by nobody unasked, calling only what the network offers, allowed only its own image."""

import json
from typing import Any

import pulumi
import pytest

from components.ec2_backend import Ec2Backend
from tests.helpers.declare import assert_tidy, declare, names, one, refusal
from tests.helpers.declared import Graph, ProgramError
from tests.helpers.policies import allows

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1.0"
REPOSITORY = "arn:aws:ecr:eu-west-1:123456789012:repository/team/app"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:token-AbCdEf"
PARAMETER = "arn:aws:ssm:eu-west-1:123456789012:parameter/password"
CALLABLE: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "s3_prefix_list_id": "pl-s3",
    "dynamodb_prefix_list_id": "pl-dynamodb",
}


def arguments(**changes: Any) -> Any:
    """A backend's arguments; None takes one away."""
    given = {**CALLABLE, "image": "nginx:1.29", "egress": ["nat-instance"], **changes}
    return {key: value for key, value in given.items() if value is not None}


def backend(*, known: bool = True, **changes: Any) -> Graph:
    def program() -> None:
        made = Ec2Backend("backend", arguments(**changes))
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
    instance = one(graph, "Instance")
    assert graph.exports["instance_ids"] == [instance.id]
    assert graph.exports["url"] == f"http://{instance.state['privateIp']}:9000"
    assert (graph.exports["port"], graph.exports["health_check_path"]) == (9000, "/health")
    assert graph.exports["target_type"] == "instance"


def test_nobody_is_let_in_unless_somebody_says_so() -> None:
    graph = backend()
    assert names(graph, "SecurityGroupIngressRule") == []
    instance = one(graph, "Instance").inputs
    assert instance["associatePublicIpAddress"] is False
    assert instance["subnetId"] == "subnet-1"
    assert instance["vpcSecurityGroupIds"] == [one(graph, "SecurityGroup").id]
    assert "keyName" not in instance


@pytest.mark.parametrize(
    ("egress", "rules"),
    [
        ([], {("pl-s3", 443), ("pl-dynamodb", 443)}),
        (["s3-packages"], {("pl-s3", 443), ("pl-dynamodb", 443)}),
        (["ipv6"], {("::/0", 443), ("::/0", 80), ("pl-s3", 443), ("pl-dynamodb", 443)}),
        (["nat-instance"], {("0.0.0.0/0", 443), ("0.0.0.0/0", 80)}),
        (["nat-gateway", "ipv6"], {("0.0.0.0/0", 443), ("0.0.0.0/0", 80), ("::/0", 443), ("::/0", 80)}),
    ],
)
def test_it_may_call_what_the_network_offers_and_no_more(egress: list[str], rules: set[tuple[str, int]]) -> None:
    # An image of its own: without egress no container's image could be fetched.
    assert egress_rules(backend(egress=egress, image=None, image_id="ami-1")) == rules


def test_without_any_endpoint_and_egress_it_may_call_nobody() -> None:
    alone: dict[str, Any] = {"egress": [], "image": None, "image_id": "ami-1"}
    assert egress_rules(backend(s3_prefix_list_id=None, dynamodb_prefix_list_id=None, **alone)) == set()


@pytest.mark.parametrize(
    ("given", "allowed"),
    [
        ({"egress": []}, False),
        ({"egress": ["s3-packages"]}, False),
        ({"egress": ["ipv6"]}, True),  # Docker Hub answers over IPv6
        ({"egress": ["ipv6"], "image": "ghcr.io/a/b:1"}, False),
        ({"egress": ["nat-gateway"], "image": "ghcr.io/a/b:1"}, True),
        ({"egress": [], "image": ECR, "endpoint_services": ["ecr.api", "ecr.dkr"]}, True),
        ({"egress": [], "image": ECR, "endpoint_services": ["ecr.api"]}, False),
        ({"egress": [], "image": "s3://images/app.tar.gz"}, True),
        ({"egress": [], "image": "s3://images/app.tar.gz", "s3_prefix_list_id": None}, False),
    ],
)
def test_an_image_that_nothing_leads_to_is_refused_with_the_remedy(given: dict[str, Any], allowed: bool) -> None:
    if allowed:
        assert names(backend(**given), "Instance") == ["backend-instance"]
        return
    message = str(refusal(lambda: Ec2Backend("backend", {**CALLABLE, "image": "nginx:1.29", **given})))
    assert "image: got" in message
    assert "an image that the backend can fetch" in message
    assert "**network.client()" in message


def test_endpoints_are_an_edge_of_two_rules() -> None:
    graph = backend(endpoint_security_group_id="sg-endpoints")
    assert ("sg-endpoints", 443) in egress_rules(graph)
    inward = one(graph, "SecurityGroupIngressRule").inputs
    assert inward["securityGroupId"] == "sg-endpoints"
    assert inward["referencedSecurityGroupId"] == one(graph, "SecurityGroup").id


@pytest.mark.parametrize(
    ("access", "group"),
    [
        ("instance-connect", {"instance_connect_security_group_id": "sg-door"}),
        ("bastion", {"bastion_security_group_id": "sg-door"}),
    ],
)
def test_ssh_is_open_to_one_named_group_alone(access: str, group: dict[str, Any]) -> None:
    graph = backend(access=access, **group)
    rule = one(graph, "SecurityGroupIngressRule").inputs
    assert (rule["fromPort"], rule["toPort"]) == (22, 22)
    assert rule["referencedSecurityGroupId"] == "sg-door"
    assert names(graph, "RolePolicy") == []


def test_a_group_for_ssh_is_not_opened_when_access_is_another() -> None:
    graph = backend(instance_connect_security_group_id="sg-door", bastion_security_group_id="sg-door")
    assert names(graph, "SecurityGroupIngressRule") == []


def test_the_machine_is_hardened() -> None:
    inputs = one(backend(), "Instance").inputs
    assert inputs["metadataOptions"]["httpTokens"] == "required"
    assert inputs["metadataOptions"]["httpPutResponseHopLimit"] == 1
    disk = inputs["rootBlockDevice"]
    assert (disk["encrypted"], disk["volumeType"], disk["volumeSize"]) == (True, "gp3", 8)
    assert inputs["creditSpecification"] == {"cpuCredits": "standard"}
    assert inputs["userDataReplaceOnChange"] is True


def test_the_container_uses_the_role_only_when_it_is_given_something_to_do() -> None:
    graph = backend(policy_arns={"tables": "arn:aws:iam::aws:policy/AmazonDynamoDBReadOnlyAccess"}, access="none")
    assert one(graph, "Instance").inputs["metadataOptions"]["httpPutResponseHopLimit"] == 2
    assert one(graph, "RolePolicyAttachment").inputs["policyArn"].endswith("AmazonDynamoDBReadOnlyAccess")
    assert names(graph, "RolePolicy") == []


def test_the_machine_image_fits_the_processor_and_stays() -> None:
    def asked(graph: Graph) -> list[str]:
        return [invoke.arguments["name"] for invoke in graph.invokes if invoke.token.endswith("getParameter")]

    assert asked(backend()) == ["/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"]
    assert asked(backend(instance_type="t3.micro"))[0].endswith("-x86_64")
    assert one(backend(), "Instance").options.ignore_changes == ("ami",)
    assert one(backend(image_id="ami-0123456789abcdef0"), "Instance").options.ignore_changes == ()


def test_an_ipv6_address_is_asked_for_where_there_is_a_way_out_by_it() -> None:
    assert one(backend(egress=["ipv6"]), "Instance").inputs["ipv6AddressCount"] == 1
    assert "ipv6AddressCount" not in one(backend(egress=["nat-instance"]), "Instance").inputs


@pytest.mark.parametrize(
    ("egress", "dual_stack"), [(["ipv6"], True), (["ipv6", "nat-instance"], False), (["nat-gateway"], False)]
)
def test_dual_stack_names_are_for_networks_without_ipv4(egress: list[str], dual_stack: bool) -> None:
    script = one(backend(egress=egress, image=ECR), "Instance").inputs["userData"]
    assert ("dkr-ecr.eu-west-1.on.aws" in script) is dual_stack


# --- permissions


def policy(graph: Graph) -> str:
    document: str = one(graph, "RolePolicy").inputs["policy"]
    return document


def test_an_image_of_ecr_is_pulled_from_its_own_repository() -> None:
    document = policy(backend(image=ECR, access="none"))
    for action in ("ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:BatchCheckLayerAvailability"):
        assert allows(document, action=action, resource=REPOSITORY).allowed
        assert not allows(document, action=action, resource=f"{REPOSITORY}2").allowed
    assert allows(document, action="ecr:GetAuthorizationToken").allowed
    assert not allows(document, action="ecr:PutImage", resource=REPOSITORY).allowed
    assert not allows(document, action="ssmmessages:OpenDataChannel").allowed


def test_a_tarball_is_the_only_object_that_may_be_read() -> None:
    document = policy(backend(image="s3://images/releases/app.tar.gz", access="none"))
    assert allows(document, action="s3:GetObject", resource="arn:aws:s3:::images/releases/app.tar.gz").allowed
    assert not allows(document, action="s3:GetObject", resource="arn:aws:s3:::images/releases/other").allowed
    assert not allows(document, action="s3:PutObject", resource="arn:aws:s3:::images/releases/app.tar.gz").allowed


def test_secrets_are_read_by_name() -> None:
    document = policy(backend(secrets={"TOKEN": SECRET, "PASSWORD": PARAMETER}, access="none"))
    assert allows(document, action="secretsmanager:GetSecretValue", resource=SECRET).allowed
    assert allows(document, action="ssm:GetParameter", resource=PARAMETER).allowed
    assert not allows(document, action="secretsmanager:GetSecretValue", resource=f"{SECRET}2").allowed
    assert not allows(document, action="ssm:GetParameter", resource=SECRET).allowed


def test_sessions_are_allowed_when_they_are_the_way_in() -> None:
    document = policy(backend())
    assert allows(document, action="ssmmessages:OpenDataChannel").allowed
    assert len(json.loads(document)["Statement"]) == 1
    assert names(backend(access="none"), "RolePolicy") == []


def test_the_instance_waits_for_its_permissions() -> None:
    graph = backend()
    assert one(graph, "RolePolicy").urn in one(graph, "InstanceProfile").dependencies
    assert one(graph, "InstanceProfile").urn in one(graph, "Instance").dependencies


# --- what it runs


def test_a_script_is_run_as_it_is() -> None:
    script = "#!/bin/bash\necho hello\n"
    assert one(backend(image=None, user_data=script), "Instance").inputs["userData"] == script


def test_an_output_is_an_image_of_ecr() -> None:
    def program() -> None:
        made = pulumi.Output.from_input(ECR)
        Ec2Backend(
            "backend", {"vpc_id": "vpc-1", "subnet_ids": ["subnet-1"], "image": made, "egress": ["nat-instance"]}
        )

    assert allows(policy(declare(program)), action="ecr:BatchGetImage", resource=REPOSITORY).allowed

    def other() -> None:
        Ec2Backend(
            "backend",
            {
                "vpc_id": "vpc-1",
                "subnet_ids": ["subnet-1"],
                "image": pulumi.Output.from_input("nginx"),
                "egress": ["nat-instance"],
            },
        )

    with pytest.raises(ProgramError, match="an image that is an output lies in ECR"):
        declare(other)


def test_a_secret_in_the_plain_environment_is_refused_and_not_shown() -> None:
    def program() -> None:
        secret = pulumi.Output.secret("open sesame")
        environment: dict[str, pulumi.Input[str]] = {"PASSWORD": secret}
        Ec2Backend(
            "backend",
            {
                "vpc_id": "vpc-1",
                "subnet_ids": ["subnet-1"],
                "image": "nginx",
                "egress": ["nat-instance"],
                "environment": environment,
            },
        )

    with pytest.raises(ProgramError, match=r"environment\.PASSWORD: got '\(secret\)'; keep it in") as refused:
        declare(program)
    assert "sesame" not in str(refused.value)


def test_values_that_are_known_later_reach_the_container() -> None:
    def program() -> None:
        group = pulumi.CustomResource("aws:ec2/securityGroup:SecurityGroup", "other", {"name": "database"})
        Ec2Backend(
            "backend",
            {
                "vpc_id": "vpc-1",
                "subnet_ids": ["subnet-1"],
                "image": "nginx",
                "egress": ["nat-instance"],
                "environment": {"GROUP": group.id, "LEVEL": "debug"},
            },
        )

    graph = declare(program)
    script = one(graph, "Instance").inputs["userData"]
    assert f'"GROUP": "{one(graph, "SecurityGroup", "other").id}"' in script
    assert '"LEVEL": "debug"' in script


@pytest.mark.parametrize(
    ("changes", "key", "want"),
    [
        ({"image": None}, "image", "image, user_data or image_id"),
        ({"user_data": "#!/bin/sh"}, "user_data", "not both"),
        ({"image": None, "user_data": "echo hi"}, "user_data", "begin a script with #!/bin/bash"),
        ({"port": 22}, "port", "its SSH server has this one"),
        ({"image": "https://x"}, "image", "without a scheme"),
        ({"image": None, "user_data": "x" * 20_000}, "user_data", "EC2 takes 16384"),
        ({"image": None, "user_data": "#!/bin/sh", "environment": {"A": "b"}}, "environment", "only beside image"),
        ({"secrets": {"LD_PRELOAD": SECRET}}, "secrets.LD_PRELOAD", "take another"),
        ({"environment": {"A": "b"}, "secrets": {"A": SECRET}}, "secrets.A", "not in both"),
        ({"secrets": {"A": "hunter2"}}, "secrets.A", "the ARN of"),
        ({"port": 0}, "port", "1 to 65,535"),
        ({"container_port": 70_000}, "container_port", "1 to 65,535"),
        ({"health_check_path": "health"}, "health_check_path", "begins with /"),
        ({"instance_type": "micro"}, "instance_type", "t4g.micro"),
        ({"instance_type": "g5.xlarge"}, "instance_type", "without GPU"),
        ({"instance_type": "g5.xlarge", "image_id": "ami-1"}, "instance_type", "not passed to a container"),
        ({"disk_gib": 4}, "disk_gib", "needs 8 GiB"),
        ({"cpu_credits": "plenty"}, "cpu_credits", "one of standard, unlimited"),
        ({"egress": ["internet"]}, "egress[0]", "one of s3-packages, ipv6"),
        ({"access": "ssh"}, "access", "one of session-manager"),
        ({"access": "instance-connect"}, "instance_connect_security_group_id", "endpoint's group"),
        ({"access": "bastion"}, "bastion_security_group_id", "bastion's group"),
        ({"subnets": ["subnet-1"]}, "subnets", "did you mean 'subnet_ids'"),
    ],
)
def test_wrong_arguments_are_refused_before_anything_is_declared(changes: dict[str, Any], key: str, want: str) -> None:
    error = str(refusal(lambda: Ec2Backend("backend", arguments(**changes))))
    assert f"Ec2Backend: {key}: " in error
    assert want in error
    assert "hunter2" not in error
