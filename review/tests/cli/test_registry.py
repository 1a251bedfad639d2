"""What `doctor --images` learns from a registry, which is a socket on 127.0.0.1 here."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from review.registry import RegistryError, processors
from tests.helpers.stacks import ROOT

LINUX = [{"platform": {"os": "linux", "architecture": one}} for one in ("amd64", "arm64")]
UNKNOWN = {"platform": {"os": "unknown", "architecture": "unknown"}}
DOCUMENTS: dict[str, Any] = {
    "/v2/team/both/manifests/1.0": {"manifests": [*LINUX, UNKNOWN]},
    "/v2/team/single/manifests/latest": {"config": {"digest": "sha256:c0"}},
    "/v2/team/single/blobs/sha256:c0": {"os": "linux", "architecture": "amd64"},
    "/v2/team/digest/manifests/sha256:d1": {"manifests": LINUX[:1]},
    "/v2/team/odd/manifests/latest": [1],
    "/v2/team/token/manifests/latest": {"manifests": LINUX},
    "/token?service=here&scope=pull": {"token": "anybody"},
}


class Registry(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        wants = "/token/" in self.path and self.headers["Authorization"] != "Bearer anybody"
        closed = "/closed/" in self.path
        document = DOCUMENTS.get(self.path)
        self.send_response(401 if wants or closed else 200 if document is not None else 404)
        assert isinstance(self.server, HTTPServer)
        port = self.server.server_port
        kind = f'Bearer realm="http://127.0.0.1:{port}/token",service="here",scope="pull"' if wants else "Basic"
        self.send_header("WWW-Authenticate", kind)
        self.end_headers()
        self.wfile.write(json.dumps(document).encode())

    def log_message(self, format: str, *args: Any) -> None: ...


@pytest.fixture(scope="module")
def host() -> Iterator[str]:
    with HTTPServer(("127.0.0.1", 0), Registry) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield f"127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("image", "built"),
    [
        ("team/both:1.0", ["arm64", "x86_64"]),
        ("team/single", ["x86_64"]),
        ("team/digest@sha256:d1", ["x86_64"]),
        ("team/token", ["arm64", "x86_64"]),
    ],
)
def test_an_image_names_its_processors(host: str, image: str, built: list[str]) -> None:
    assert processors(f"{host}/{image}") == built


@pytest.mark.parametrize(
    ("image", "reason"),
    [("team/none", "no such image"), ("team/closed/x", "wants credentials"), ("team/odd", "no manifest")],
)
def test_what_is_not_known_has_a_reason(host: str, image: str, reason: str) -> None:
    with pytest.raises(RegistryError, match=reason):
        processors(f"{host}/{image}")


def test_nobody_who_answers_is_a_reason_too() -> None:
    with pytest.raises(RegistryError):
        processors("127.0.0.1:1/team/app")


@pytest.mark.slow
def test_doctor_compares_with_what_runs_the_image(host: str, tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: shop\nruntime: python\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    task = "aws.ecs.TaskDefinition('{0}', family='{0}', requires_compatibilities=['FARGATE'], {1}\n"
    task += "    container_definitions=json.dumps([{{'name': 'web', 'image': '{2}/team/single'}}]))\n"
    arm = "runtime_platform={'cpu_architecture': 'ARM64'},"
    program = task.format("fits", "", host) + task.format("fails", arm, host)
    (tmp_path / "__main__.py").write_text(f"import json\nimport pulumi_aws as aws\n{program}")
    command = [sys.executable, "-m", "review.cli", "doctor", "--images", "--project", str(tmp_path)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout
    built = f"image {host}/team/single: built for x86_64 (its registry was asked)"
    answers = dict(line.split(None, 1)[::-1] for line in said.splitlines() if "image 127" in line)
    assert answers == {built: "fine", f"{built}; the stack runs it on arm64": "wrong"}
