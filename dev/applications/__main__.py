"""Call applications in six frameworks behind each topology that `gatehouse try` serves, and count what works.

    python -m venv /tmp/frameworks && /tmp/frameworks/bin/pip install fastapi flask django uvicorn python-multipart
    npm install --prefix /tmp/frameworks express multer
    GATEHOUSE_FRAMEWORKS=/tmp/frameworks python -m dev.applications

An application whose framework is missing is named and left out. The status is 1 if a check fails.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import yaml
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from dev.server_process import server_process
from review.graph import Graph
from review.serve.authorization import ACCESS_KEY_ID, SECRET_ACCESS_KEY
from review.serve.certificate import Certificate
from review.serve.stack import Options
from review.serve.testing import Served, serving
from tests.stacks import ROOT, graph_of, graph_with

VARIABLE: Final = "GATEHOUSE_FRAMEWORKS"
STACKS: Final = (
    "dev", "prod", "examples/http-alb-ec2.yaml", "examples/http-cloudmap-fargate.yaml",
    "examples/rest-alb-fargate.yaml", "examples/rest-nlb-ec2.yaml", "examples/private-ec2.yaml",
    "examples/public-to-private.yaml", "examples/jwt-http.yaml", "examples/rest-nlb-fargate.yaml",
    "examples/existing-backend.yaml", "examples/internal-api.yaml", "examples/existing-vpc.yaml",
    "examples/web-app.yaml", "examples/ipv6-out.yaml",
)  # fmt: skip
_APPS: Final = Path(__file__).with_name("apps")
_FILE: Final = bytes(range(256)) * 64
_BOUNDARY: Final = "of-a-test"


def commands(frameworks: Path, folder: Path, file: Path) -> Iterator[tuple[str, Callable[[int], Sequence[str]]]]:
    """Name of each application, and the command that starts it on a port."""
    python = str(frameworks / "bin" / "python")
    for name in ("fastapi", "flask", "django"):
        yield name, partial(_command, [python, str(_APPS / f"{name}_app.py")], str(file))
    yield "streaming", partial(_command, [sys.executable, str(_APPS / "streaming.py")], str(file))
    if (node := shutil.which("node")) and (frameworks / "node_modules" / "express").exists():
        yield "express", partial(_command, [node, str(_APPS / "express_app.cjs")], str(file))
    else:
        print("express: node or the package is missing")
    if go := shutil.which("go"):
        program = folder / "server"
        subprocess.run([go, "build", "-o", str(program), str(_APPS / "server.go")], check=True)
        yield "go", partial(_command, [str(program)], str(file))
    else:
        print("go: it is not on the PATH")


def _command(started: list[str], file: str, port: int) -> list[str]:
    return [*started, str(port), file]


class Caller:
    """Calls an application through a route of a stack, with the headers and the signature that it requires."""

    def __init__(self, served: Served, tls: Certificate) -> None:
        paths = [line for line in served.routes() if line.path.endswith("{proxy+}")]
        self._line = next(line for line in paths if line.method in ("ANY", "GET"))
        self.root = self._line.url.removesuffix("/proxy")
        self._client = httpx.Client(verify=tls.trusted(), trust_env=False, timeout=60)

    def __call__(self, method: str, path: str, body: bytes = b"", **headers: str) -> httpx.Response:
        url, sent = self.root + path, {**self._line.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        if self._line.signed:
            made = AWSRequest(method, url, headers=sent, data=body)
            keys = Credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
            SigV4Auth(keys, "execute-api", self._line.signed).add_auth(made)
            sent = dict(made.headers.items())
        self._client.cookies.clear()
        return self._client.request(method, url, headers=sent, content=body)


def graph_at_root(name: str) -> Graph:
    """The graph of a stack whose routes are at `/`, where the applications have theirs."""
    file = ROOT / name
    if not file.is_file() or "path: /orders" not in file.read_text(encoding="utf-8"):
        return graph_of(name)
    return graph_with(yaml.safe_load(file.read_text(encoding="utf-8").replace("path: /orders", "path: /"))["config"])


def checks(call: Caller, app: str) -> Iterator[tuple[str, bool, Any]]:
    """Each check by name, whether it passes, and what was seen."""
    form, extra = b"name=ann", {"Content_Type": "application/x-www-form-urlencoded"}
    if app == "django":
        got = call("GET", "/form")
        form += f"&csrfmiddlewaretoken={got.text}".encode()
        # What a browser sends with a form of the same site.
        extra |= {"Cookie": f"csrftoken={got.cookies.get('csrftoken')}", "Origin": _origin(call.root)}
    answer = call("POST", "/form", form, **extra)
    location = answer.headers.get("location", "")
    yield "form", (answer.status_code, location.endswith("/done/ann")) == (303, True), (answer, answer.text[:200])
    answer = call("GET", "/cookies")
    yield "cookies", len(answer.headers.get_list("set-cookie")) == 2, answer.headers
    part = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n'
    part += "Content-Type: application/octet-stream\r\n\r\n"
    body = part.encode() + _FILE + f"\r\n--{_BOUNDARY}--\r\n".encode()
    answer = call("POST", "/upload", body, Content_Type=f"multipart/form-data; boundary={_BOUNDARY}")
    yield "upload", answer.text.strip('"') == hashlib.sha256(_FILE).hexdigest(), (answer, answer.text[:200])
    answer = call("GET", "/file", Range="bytes=16-31")
    ranged = (answer.status_code, answer.content, answer.headers.get("content-range"))
    yield "range", ranged == (206, _FILE[16:32], f"bytes 16-31/{len(_FILE)}"), ranged
    answer = call("GET", "/events")
    kind = answer.headers.get("content-type", "").split(";")[0]
    told = "".join(f"data: {number}\n\n" for number in range(3))
    yield "events", (answer.text, kind) == (told, "text/event-stream"), kind
    answer = call("GET", "/slash")
    location = answer.headers.get("location", "")
    # Through a link, REST APIs send the load balancer's name as the host: applications redirect there, on AWS too.
    own = location.startswith("/") or _origin(location) == _origin(call.root) or ".amazonaws.com" in _origin(location)
    absolute = location if own else ""
    # Express serves the path without its slash as well.
    passed = answer.text == "slash" or (300 < answer.status_code < 309 and absolute.endswith("/slash/"))
    yield "redirect", passed, (answer, location)


def _origin(url: str) -> str:
    return "/".join(url.split("/")[:3])


def main() -> int:
    """Run all checks. Returns the status."""
    if not (frameworks := os.environ.get(VARIABLE, "")):
        print(f"{VARIABLE}: set it to an environment with the frameworks", file=sys.stderr)
        return 2
    failed = total = 0
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    quiet["env"] = {**os.environ, "NODE_PATH": str(Path(frameworks) / "node_modules")}
    with tempfile.TemporaryDirectory() as made, Certificate() as tls:
        file = Path(made, "file.bin")
        file.write_bytes(_FILE)
        for app, command in commands(Path(frameworks), Path(made), file):
            with server_process(command, **quiet) as address:
                for name in STACKS:
                    options = Options(backends=[f"http://{address}"], tls=tls, clock=iter(range(0, 10**9, 60)).__next__)
                    with serving(graph_at_root(name), options) as served:
                        for check, passed, seen in checks(Caller(served, tls), app):
                            total, failed = total + 1, failed + (not passed)
                            if not passed:
                                print(f"{app} behind {name}: {check}: {seen} {served.traces[-1].note}")
    print(f"{total - failed} of {total} checks passed")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
