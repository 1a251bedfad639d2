"""`gatehouse answers` against moto's server: real calls of boto3, and a review that relies on the answers."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from unittest.mock import patch

import boto3
import pytest
import yaml

from review.cli import answers, command
from review.tests.helpers.in_process.evaluation import InThisProcess
from review.tests.helpers.stacks import ROOT
from tests.helpers.server_process import server_process

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("moto")]
ACCOUNT = "123456789012"
REGION = "eu-west-1"
ABSENT = "vpc-00000000000000000"
Run = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Variables that lead boto3 to moto's server. The server runs in this environment if that has moto."""
    packages = [] if find_spec("moto") else [f"PYTHONPATH={install_moto(tmp_path_factory.mktemp('moto'))}"]
    command = ["env", *packages, sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p"]
    with server_process(lambda port: [*command, str(port)]) as (port, _):
        kept = {key: value for key, value in os.environ.items() if not key.startswith("AWS_")}
        keys = {"AWS_ACCESS_KEY_ID": "testing", "AWS_SECRET_ACCESS_KEY": "testing"}
        yield {**kept, **keys, "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}


def install_moto(folder: Path) -> Path:
    """Installs moto's server, with the locked versions of its packages, into a folder."""
    (pinned,) = re.findall(r"^moto.*$", (ROOT / "tests/engine/requirements.txt").read_text(), re.MULTILINE)
    uv = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", sys.executable]
    subprocess.run([*uv, "--target", folder, "--constraint", ROOT / "requirements.lock", pinned], check=True)
    return folder


@pytest.fixture(scope="module")
def ids(environment: Mapping[str, str]) -> dict[str, str]:
    """IDs of a network with a NAT gateway, an internal load balancer and endpoints, by those of the examples."""
    session = boto3.Session("testing", "testing", region_name=REGION)
    ec2 = session.client("ec2", endpoint_url=environment["AWS_ENDPOINT_URL"])
    elb = session.client("elbv2", endpoint_url=environment["AWS_ENDPOINT_URL"])
    vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc_id, EnableDnsHostnames={"Value": True})
    first, second, public = (
        ec2.create_subnet(VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")["Subnet"][
            "SubnetId"
        ]
        for number, zone in enumerate("aba")
    )
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    nat = ec2.create_nat_gateway(SubnetId=public, AllocationId=address)["NatGateway"]["NatGatewayId"]
    # The first subnet has a table of its own, and the second one follows the main table.
    own = ec2.create_route_table(VpcId=vpc_id)["RouteTable"]["RouteTableId"]
    ec2.associate_route_table(RouteTableId=own, SubnetId=first)
    filters = [{"Name": "vpc-id", "Values": [vpc_id]}]
    tables = [table["RouteTableId"] for table in ec2.describe_route_tables(Filters=filters)["RouteTables"]]
    for table_id in tables:
        ec2.create_route(RouteTableId=table_id, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=nat)
    make_endpoints(ec2, vpc_id, [first, second], tables)
    group = ec2.create_security_group(GroupName="balancer", Description="x", VpcId=vpc_id)["GroupId"]
    balancer = elb.create_load_balancer(
        Name="shop", Subnets=[first, second], SecurityGroups=[group], Scheme="internal", Type="application"
    )["LoadBalancers"][0]["LoadBalancerArn"]
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}
    listener = elb.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[action])
    return {
        "vpc-0a1b2c3d4e5f60718": vpc_id,
        "subnet-0a1b2c3d4e5f60718": first,
        "subnet-0b1c2d3e4f5061728": second,
        "sg-0a1b2c3d4e5f60718": group,
        "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051": (
            listener["Listeners"][0]["ListenerArn"]
        ),
    }


def make_endpoints(ec2: Any, vpc_id: str, subnet_ids: list[str], table_ids: list[str]) -> None:
    group = ec2.create_security_group(GroupName="endpoints", Description="x", VpcId=vpc_id)["GroupId"]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "10.0.0.0/16"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[https])
    for service in ("s3", "dynamodb"):
        ec2.create_vpc_endpoint(
            VpcId=vpc_id,
            ServiceName=f"com.amazonaws.{REGION}.{service}",
            VpcEndpointType="Gateway",
            RouteTableIds=table_ids,
        )
    ec2.create_vpc_endpoint(
        VpcId=vpc_id,
        ServiceName=f"com.amazonaws.{REGION}.logs",
        VpcEndpointType="Interface",
        SubnetIds=subnet_ids,
        SecurityGroupIds=[group],
        PrivateDnsEnabled=True,
    )


def write_project(folder: Path, ids: Mapping[str, str], *names: str, **config: object) -> Path:
    """A project whose stacks are these examples, with the IDs that moto made."""
    (folder / "Pulumi.yaml").write_text("name: gatehouse\nruntime: python\n")
    (folder / "__main__.py").write_text("from components import stack\n\nstack.run()\n")
    for name in names:
        text = (ROOT / "examples" / f"{name}.yaml").read_text()
        for written, found in ids.items():
            text = text.replace(written, found)
        document = yaml.safe_load(text)
        document["config"] |= config
        (folder / f"Pulumi.{name}.yaml").write_text(yaml.safe_dump(document))
    return folder


def run(environment: Mapping[str, str], project: Path, *words: str) -> tuple[int, str]:
    paths = os.pathsep.join([str(ROOT), environment.get("PYTHONPATH", "")])
    words = (sys.executable, "-m", "review.cli", *words, "--project", str(project))
    variables = {**environment, "PYTHONPATH": paths}
    done = subprocess.run(words, env=variables, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def run_here(environment: Mapping[str, str], monkeypatch: pytest.MonkeyPatch, capsys: Any) -> Iterator[Run]:
    """The same in this process, and the programs too."""
    mains = {"answers": answers, "review": command}
    for module in mains.values():
        monkeypatch.setattr(module, "Launcher", partial(InThisProcess, reimport=False))

    def run(project: Path, word: str, *words: str) -> tuple[int, str]:
        return mains[word].main([*words, "--project", str(project)], word), "".join(capsys.readouterr())

    with patch.dict(os.environ, environment, clear=True):
        yield run


def test_a_verdict_rests_on_what_aws_answered(
    run_here: Run, environment: dict[str, str], ids: dict[str, str], tmp_path: Path
) -> None:
    project = write_project(tmp_path, ids, "existing-balancer", "existing-vpc", "second-stack")
    written = "# Ours.\nsecrets: { token: stand-in }\n"
    (project / "review.answers.yaml").write_text(written)
    status, text = run_here(project, "answers")
    assert (status, text.startswith("review.answers.yaml: ")) == (0, True), text
    content = (project / "review.answers.yaml").read_text()
    assert content.startswith(written)
    entries = yaml.safe_load(content)["asked"]
    assert {(entry["account"], entry["region"]) for entry in entries} == {(ACCOUNT, REGION)}
    asked = {entry["lookup"].rpartition(":")[2] for entry in entries}
    assert {"getVpc", "getSubnet", "getRouteTable", "getLoadBalancer", "getListener", "getVpcEndpoint"} <= asked
    assert {"getSecurityGroupRule", "getParameter"} <= asked
    for stack in ("existing-balancer", "existing-vpc", "second-stack"):
        status, text = run_here(project, "review", stack, "--strict=unknown")
        assert status == 0, text
        # Which groups an existing load balancer admits is its owner's.
        assert ("cannot tell whether a call arrives" in text) is (stack == "existing-balancer")
    assert run(environment, project, "answers", "--check") == (0, "nothing has changed\n")


def test_what_has_changed_since_is_listed(run_here: Run, ids: dict[str, str], tmp_path: Path) -> None:
    project = write_project(tmp_path, ids, "existing-vpc")
    assert run_here(project, "answers")[0] == 0
    path = project / "review.answers.yaml"
    path.write_text(path.read_text().replace("mapPublicIpOnLaunch: false", "mapPublicIpOnLaunch: true", 1))
    before = path.read_text()
    status, text = run_here(project, "answers", "existing-vpc", "--check")
    assert status == 1
    assert "mapPublicIpOnLaunch: true → false" in text
    assert path.read_text() == before


def test_another_account_is_refused(run_here: Run, ids: dict[str, str], tmp_path: Path) -> None:
    project = write_project(tmp_path, ids, "existing-vpc", **{"aws:allowedAccountIds": ["444455556666"]})
    status, text = run_here(project, "answers")
    assert (status, text) == (
        2,
        f"existing-vpc: the credentials are of the account {ACCOUNT}, and aws:allowedAccountIds has 444455556666; "
        "use others\n",
    )
    assert not (project / "review.answers.yaml").exists()


def test_an_id_that_does_not_exist_is_named_once(
    environment: dict[str, str], ids: dict[str, str], tmp_path: Path
) -> None:
    changed = {**ids, "vpc-0a1b2c3d4e5f60718": ABSENT}
    project = write_project(tmp_path, changed, "existing-vpc")
    status, text = run(environment, project, "answers")
    assert status == 2
    assert "Traceback" not in text
    assert [line for line in text.splitlines() if ABSENT in line and "network.vpcId" in line], text
    assert not (project / "review.answers.yaml").exists()


def test_bad_credentials_are_one_message(ids: dict[str, str], environment: dict[str, str], tmp_path: Path) -> None:
    project = write_project(tmp_path, ids, "existing-vpc")
    without = {key: value for key, value in environment.items() if "KEY" not in key}
    without |= {"AWS_EC2_METADATA_DISABLED": "true", "HOME": str(tmp_path)}
    status, text = run(without, project, "answers")
    assert (status, len(text.splitlines())) == (2, 1), text
    assert "credentials" in text
    assert not (project / "review.answers.yaml").exists()
