"""Tests of each stack file, without an account: `pytest`. docs/library.md of Gatehouse describes the mocks."""

from pathlib import Path

import pytest
import yaml
from gatehouse import stack
from gatehouse.testing import Mocks

FILES = sorted(Path(__file__).parent.glob("Pulumi.*.yaml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_stack_is_built_and_its_security_groups_allow_no_call_from_anywhere(file):
    network = yaml.safe_load(file.read_text())["config"].get("network", {})
    mocks = Mocks(stack_file=file, vpc_id=network.get("vpcId", "vpc-0123456789abcdef0"))
    mocks.run(stack.build)
    rules = [each.inputs for each in mocks.declared if each.typ.endswith(":SecurityGroupIngressRule")]
    assert [rule for rule in rules if rule.get("cidrIpv4") == "0.0.0.0/0" or rule.get("cidrIpv6") == "::/0"] == []
    assert any("apigateway" in each.typ for each in mocks.declared)
