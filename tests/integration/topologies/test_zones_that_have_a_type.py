"""Instance types that a zone does not have: refused before anything is created.

https://github.com/terraform-aws-modules/terraform-aws-ec2-instance/issues/68, longhorn/longhorn-tests#1130,
ned1313/Getting-Started-Terraform#44, compiler-explorer/infra#601
"""

from typing import Any

import pytest

from tests.helpers import mocks as answers
from tests.helpers.stacks import graph_with

TOKEN = "aws:ec2/getInstanceTypeOfferings:getInstanceTypeOfferings"
API = {"kind": "http", "routes": [{"path": "/", "methods": ["GET"], "authorization": "iam"}]}


def stack(zones: Any) -> Any:
    network = {"zones": zones, "egress": "nat-instance"}
    backend = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80}
    return graph_with(
        {"aws:region": "us-east-1", "topology": "public-proxy", "network": network, "backend": backend, "api": API}
    )


@pytest.fixture(autouse=True)
def offered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(answers.ANSWERS, TOKEN, lambda *_: {"id": "x", "locations": ["us-east-1b", "us-east-1a"]})


def test_a_zone_without_the_type_is_refused_for_each_machine() -> None:
    with pytest.raises(Exception, match="2 mistakes") as refused:
        stack(["us-east-1c", "us-east-1a"])
    message = str(refused.value)
    assert "gatehouse:backend.instanceType" in message
    assert "gatehouse:network.natInstance.instanceType" in message
    assert "is offered in us-east-1a, us-east-1b" in message


def test_a_zone_in_which_nothing_runs_may_lack_the_type() -> None:
    assert stack(["us-east-1a", "us-east-1c"]).resources
