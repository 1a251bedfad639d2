"""Images of the stack as backends: which container it is, and what Docker is called with."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from review.aws import types
from review.aws.model import AwsModel
from review.serve.backends import BackendError, Container, container_of
from review.serve.stack import Options
from review.serve.testing import serving
from review.tests.serve.conftest import Backend, listening
from tests import plain_http
from tests.stacks import graph_of, graph_with

pytestmark = pytest.mark.xdist_group("serve")
DOCKER = """#!/bin/sh
echo "$@" >> {log}
case "$1" in
  run) echo c0ffee ;;
  port) echo 127.0.0.1:{port} ;;
esac
"""


@pytest.fixture
def backend() -> Iterator[int]:
    with listening(Backend) as port:
        yield port


@pytest.mark.parametrize("stack", ["prod", "examples/private-ec2.yaml"])
def test_the_image_of_the_backend_runs_and_goes(
    stack: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: int
) -> None:
    """Only the backend's: other machines, such as a NAT instance, have none."""
    log = tmp_path / "log"
    program = tmp_path / "docker"
    program.write_text(DOCKER.format(log=log, port=backend))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with serving(graph_of(stack), Options(containers=True)) as served:
        line = next(served.routes())
        assert plain_http.get(line.url, headers=line.headers).text == "mine"
    ran, port, killed, removed = log.read_text().splitlines()
    assert ran.startswith("run --detach --rm --publish 127.0.0.1::")
    assert port.startswith("port c0ffee ")
    assert (killed, removed) == ("kill c0ffee", "rm --force c0ffee")


def test_the_container_of_an_instance_is_read_from_its_boot_script() -> None:
    config = {"image": "nginx:1.29", "port": 80, "environment": {"A": "b c"}, "command": ["serve", "--now"]}
    graph = graph_with({"topology": "public-proxy", "backend": {"kind": "ec2", **config}})
    (machine,) = (one for one in graph.of_type(*types.INSTANCE) if one.name == "backend-instance")
    assert container_of(AwsModel(graph), machine) == Container("nginx:1.29", 80, {"A": "b c"}, ("serve", "--now"))


def test_a_container_that_cannot_run_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    graph = graph_of("examples/webhook.yaml")
    (machine,) = (one for one in graph.of_type(*types.INSTANCE) if one.name == "backend-instance")
    with pytest.raises(BackendError, match="gets files at boot"):
        container_of(AwsModel(graph), machine)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(BackendError, match="docker or podman"), serving(graph_of("prod"), Options(containers=True)):
        pass


def test_the_reason_of_docker_is_shown(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "docker"
    reason = "docker: no space left.\n\nRun 'docker run --help' for more information"
    program.write_text(f'#!/bin/sh\necho "{reason}" >&2\nexit 125\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(BackendError, match="no space left"), serving(graph_of("prod"), Options(containers=True)):
        pass
