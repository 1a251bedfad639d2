"""An existing VPC with several IPv4 ranges: rules for the whole VPC admit each of them.

https://github.com/chime/terraform-aws-alternat/pull/46, https://github.com/RaJiska/terraform-aws-fck-nat/issues/9
"""

from typing import Any

import pulumi
import pytest

from components import PrivateNetwork
from tests.helpers import mocks as answers
from tests.helpers.declare import ProgramError, declare
from tests.helpers.stacks import graph_with

VPC = "vpc-0123456789abcdef0"
SUBNETS = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
FIRST, SECOND, TAKEN_AWAY = "10.20.0.0/16", "100.64.0.0/16", "100.65.0.0/16"
STATES = {FIRST: "associated", SECOND: "associated", TAKEN_AWAY: "disassociated"}
RANGES = [{"cidrBlock": cidr, "state": state, "associationId": cidr} for cidr, state in STATES.items()]
IAM = {"path": "/", "methods": ["ANY"], "authorization": "iam"}
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:prod/db-AbCdEf"
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/x/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051"
FUNCTION = {"folder": "handlers/greeter", "vpc": True, "secrets": {"DB_SECRET": SECRET}}


@pytest.fixture(autouse=True)
def ranges(monkeypatch: pytest.MonkeyPatch) -> None:
    """A VPC with two ranges and one that was taken away; its subnets are in the second."""
    own = {"vpc": {"cidrBlock": FIRST, "cidrBlockAssociations": RANGES}, "subnet": {"vpcId": VPC}}
    tokens = {"vpc": "aws:ec2/getVpc:getVpc", "subnet": "aws:ec2/getSubnet:getSubnet"}
    for name, token in tokens.items():
        usual, fields = answers.usual(token), own[name]

        def answer(mocks: Any, asked: Any, usual: Any = usual, fields: Any = fields, name: str = name) -> Any:
            more = {"cidrBlock": f"100.64.{SUBNETS.index(asked['id'])}.0/24"} if name == "subnet" else {}
            return {**usual(mocks, asked), **fields, **more}

        monkeypatch.setitem(answers.ANSWERS, token, answer)


def admitted(graph: Any, kind: str, part: str) -> set[str]:
    """The ranges of a kind of rules whose names have a part."""
    rules = [resource for resource in graph if resource.kind == kind and part in resource.name]
    return {rule.inputs["cidrIpv4"] for rule in rules if rule.inputs.get("cidrIpv4")}


def stack(**config: Any) -> Any:
    network = {"vpcId": VPC, "subnetIds": SUBNETS, **config.pop("network", {})}
    return graph_with({"aws:region": "eu-west-1", "network": network, **config})


def test_the_endpoints_of_aws_services_admit_every_range() -> None:
    api = {"kind": "http", "functions": {"a": FUNCTION}, "routes": [{**IAM, "target": "a"}]}
    graph = stack(topology="public-proxy", network={"endpoints": ["secretsmanager"]}, api=api)
    assert admitted(graph, "SecurityGroupIngressRule", "endpoints-from") == {FIRST, SECOND}


def test_a_private_api_admits_every_range() -> None:
    backend = {"kind": "greeter"}
    graph = stack(topology="private-api", backend=backend, api={"routes": [IAM]})
    assert admitted(graph, "SecurityGroupIngressRule", "endpoint-") == {FIRST, SECOND}


def test_a_forwarder_may_call_an_url_in_every_range() -> None:
    backend = {"kind": "url", "url": "http://app.internal:8080"}
    graph = stack(topology="public-proxy", backend=backend, api={"kind": "http", "routes": [IAM]})
    assert admitted(graph, "SecurityGroupEgressRule", "proxy-to-") == {FIRST, SECOND}


def test_a_link_may_call_a_listener_in_every_range() -> None:
    backend = {"kind": "listener", "listenerArn": LISTENER}
    graph = stack(topology="vpc-link", backend=backend, api={"kind": "http", "routes": [IAM]})
    assert admitted(graph, "SecurityGroupEgressRule", "ingress-link-to-") == {FIRST, SECOND}


def test_a_subnet_outside_the_first_range_is_refused_if_the_others_cannot_be_known() -> None:
    """The number of rules cannot depend on an output."""
    args: dict[str, Any] = {"subnet_ids": SUBNETS, "endpoints": ["ssm"]}
    with pytest.raises(ProgramError, match=r"100.64.0.0/24, outside 10.20.0.0/16, the first range of the VPC"):
        declare(lambda: PrivateNetwork("network", {**args, "vpc_id": pulumi.Output.from_input(VPC)}))
    assert admitted(
        declare(lambda: PrivateNetwork("network", {**args, "vpc_id": VPC})), "SecurityGroupIngressRule", "endpoints"
    ) == {FIRST, SECOND}


# https://github.com/buildkite/elastic-ci-stack-for-aws/issues/1512, https://github.com/docker-archive/for-aws/issues/117
@pytest.mark.parametrize(
    ("backend", "refused"),
    [
        ({"kind": "ec2", "image": "nginx:1.29"}, True),
        ({"kind": "ec2", "userData": "#!/bin/sh\necho"}, False),
        ({"kind": "url", "url": "http://app.internal:8080"}, False),
    ],
)
@pytest.mark.parametrize("place", ["first", "second"])
def test_a_container_is_refused_in_a_vpc_with_dockers_own_range(
    monkeypatch: pytest.MonkeyPatch, backend: dict[str, Any], refused: bool, place: str
) -> None:
    usual = answers.ANSWERS["aws:ec2/getVpc:getVpc"]

    def answer(mocks: Any, asked: Any) -> Any:
        further = [{"cidrBlock": "172.17.64.0/20", "state": "associated", "associationId": "a"}, *RANGES]
        own = {"cidrBlock": "172.17.0.0/16"} if place == "first" else {"cidrBlockAssociations": further}
        return {**usual(mocks, asked), **own}

    monkeypatch.setitem(answers.ANSWERS, "aws:ec2/getVpc:getVpc", answer)
    config = {
        "topology": "public-proxy",
        "network": {"egress": "nat-gateway"},
        "backend": backend,
        "api": {"kind": "http", "routes": [IAM]},
    }
    if not refused:
        assert stack(**config).resources
        return
    with pytest.raises(Exception, match=r"172\.17\.0\.0/16, which Docker uses inside every instance"):
        stack(**config)


@pytest.mark.parametrize(("state", "cidr"), [("associated", "2600:1f18::/56"), ("disassociated", ""), ("failed", "")])
def test_an_ipv6_range_that_was_taken_away_is_none(state: str, cidr: str, monkeypatch: pytest.MonkeyPatch) -> None:
    usual = answers.usual("aws:ec2/getVpc:getVpc")
    block = {"ipv6CidrBlock": "2600:1f18::/56", "state": state, "associationId": "a"}

    def answer(mocks: Any, asked: Any) -> Any:
        return {**usual(mocks, asked), "ipv6CidrBlockAssociations": [block]}

    monkeypatch.setitem(answers.ANSWERS, "aws:ec2/getVpc:getVpc", answer)

    def program() -> None:
        found = PrivateNetwork("network", {"vpc_id": VPC, "subnet_ids": SUBNETS})
        pulumi.export("cidr", found.ipv6_cidr)

    assert declare(program).exports["cidr"] == cidr
