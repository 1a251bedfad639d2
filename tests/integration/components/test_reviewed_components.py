"""What the review reads of components: boot scripts, and the actions that a preview needs."""

from pathlib import Path

import pytest
import yaml

from review.aws.catalog.types import INSTANCE, LAUNCH_TEMPLATE
from review.aws.compute.user_data import INPUTS, decode_script
from review.graph.reading import get_declared_input
from review.permissions import build_permissions
from review.tests.helpers.stacks import EXAMPLES, ROOT, graph_of, graph_with
from tests.components.boot import boot
from tests.components.test_existing_endpoints import config_with_endpoints
from tests.components.test_user_data import DOCKER, seen_by_docker


@pytest.mark.slow
@pytest.mark.parametrize("stack", EXAMPLES)
def test_the_containers_of_examples_get_what_their_files_have(stack: str, tmp_path: Path) -> None:
    backend = yaml.safe_load((ROOT / stack).read_text())["config"].get("backend", {})
    graph = graph_of(stack)
    machines = [one for one in graph if one.type in (*INSTANCE, *LAUNCH_TEMPLATE) and "userData" in str(one.inputs)]
    machines = [machine for machine in machines if "backend" in machine.name]
    if "image" not in backend or backend.get("kind") in ("fargate", "url"):
        assert not machines
        return
    given = [get_declared_input(machine, key) for machine in machines for key in INPUTS]
    (script,) = {decode_script(text) for text in given if isinstance(text, str)}
    booted = boot(tmp_path, script, programs={"docker": DOCKER})
    assert booted.status == 0, booted.console
    secrets = backend.get("secrets", {})
    found = seen_by_docker(tmp_path, booted, {arn: f"value of {name}" for name, arn in secrets.items()})
    own = found["variables"]
    own.pop("AWS_USE_DUALSTACK_ENDPOINT", None)
    assert own == backend.get("environment", {}) | {name: f"value of {name}" for name in secrets}
    assert found["command"] == backend.get("command", [])
    for path, text in backend.get("files", {}).items():
        assert booted.file(f"/var/lib/backend{path}") == text + "\n"


def test_a_preview_may_look_up_the_endpoints_that_the_vpc_has() -> None:
    graph = graph_with(config_with_endpoints("ecr.api", "ecr.dkr", "logs", "s3"))
    assert {"ec2:DescribeVpcEndpoints", "ec2:DescribeSecurityGroupRules"} <= {
        action for policy in build_permissions(graph).preview for one in policy["Statement"] for action in one["Action"]
    }
