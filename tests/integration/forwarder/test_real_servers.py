"""Applications of three kinds, each by its usual server, behind the forwarder and behind VPC links.

Express is found in `build/node_modules` (`npm install --prefix build express@5.2.1`), or through NODE_PATH.
"""

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from review.graph import Graph
from review.local_gateway.stack import Options
from review.local_gateway.testing import Served, serve_graph
from review.tests.helpers import plain_http
from review.tests.helpers.stacks import ROOT, graph_with
from review.tests.local_gateway.calling import signature
from tests.forwarder.setting import ask, event, front
from tests.helpers.server_process import server_process

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("servers")]

SERVERS = Path(__file__).parent / "servers"
NODE_PATH = os.pathsep.join(filter(None, [str(ROOT / "build/node_modules"), os.environ.get("NODE_PATH")]))
NAMES = ("X-Authenticated-Userid", "X-Authenticated-Principal", "X-Credential-Identifier", "X-Real-IP")


def command(kind: str, port: int) -> list[str]:
    """How the server is started. Skips the test if it is not installed."""
    if kind == "express":
        node = shutil.which("node")
        known = [node or "node", "-e", "require.resolve('express')"]
        if node is None or subprocess.run(known, env={**os.environ, "NODE_PATH": NODE_PATH}, check=False).returncode:
            pytest.skip("node or its package express is not installed")
        return [node, str(SERVERS / "express_app.js"), str(port)]
    module = {"wsgi": "gunicorn", "asgi": "uvicorn"}[kind]
    if importlib.util.find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    if kind == "wsgi":
        bind = ["--bind", f"127.0.0.1:{port}", "--threads", "2", "--keep-alive", "5", "--log-level", "error"]
        return [sys.executable, "-m", "gunicorn", *bind, "wsgi_app:app"]
    return [sys.executable, "-m", "uvicorn", "--port", str(port), "--log-level", "error", "asgi_app:app"]


@pytest.fixture(scope="module", params=["wsgi", "asgi", "express"])
def server(request: pytest.FixtureRequest) -> Iterator[str]:
    """The URL of a server of each kind."""
    environment = os.environ | {"NODE_PATH": NODE_PATH}
    with server_process(partial(command, request.param), cwd=SERVERS, env=environment) as (port, _):
        yield f"http://127.0.0.1:{port}"


def forged() -> dict[str, str]:
    return {spelling: "forged" for name in NAMES for spelling in (name.lower(), name.replace("-", "_").lower())}


def by_domain(below: str) -> dict[str, Any]:
    given = event("rest_custom_domain") | {"path": f"/v1/forward/{below}", "pathParameters": {"proxy": below}}
    given["requestContext"]["path"] = given["path"]
    return given


def by_stage(below: str) -> dict[str, Any]:
    given = by_domain(below) | {"path": f"/forward/{below}"}
    given["requestContext"] |= {"path": f"/live/forward/{below}", "stage": "live"}
    return given


def by_http_api(below: str) -> dict[str, Any]:
    path = f"/live/forward/{below}"
    return event("http_2_named_stage") | {"rawPath": path, "pathParameters": {"proxy": below}}


def by_mapped_http_api(below: str) -> dict[str, Any]:
    given = by_http_api(below) | {"rawPath": f"/forward/{below}"}
    given["requestContext"]["domainName"] = "api.example.com"
    return given


@pytest.mark.parametrize(
    ("made", "prefix"),
    [
        (by_stage, "/live/forward"),
        (by_domain, "/v1/forward"),
        (by_http_api, "/live/forward"),
        (by_mapped_http_api, "/v1/forward"),
    ],
    ids=["stage", "domain", "http", "http-domain"],
)
def test_behind_the_forwarder(server: str, made: Callable[[str], dict[str, Any]], prefix: str) -> None:
    given = made("orders")
    variables = {"STRIP_PREFIX": "/forward", "IDENTITY": "true", "CUSTOM_DOMAIN": "api.example.com/v1"}
    forwarder = front(server, TIMEOUT_SECONDS="5", **variables)
    claims = {"claims": {"sub": "user-1", "scope": "read"}}
    is_2 = given.get("version") == "2.0"
    for place in ("headers", "multiValueHeaders"):
        if place in given:
            given[place] |= {name: [value] if "multi" in place else value for name, value in forged().items()}
    given["requestContext"]["authorizer"] = {"jwt": claims} if is_2 else claims
    said = httpx.Response(200, text=ask(forwarder, given)["body"]).json()
    assert said["path"] == "/orders"
    headers = said["headers"]
    assert headers["x-forwarded-prefix"] == prefix
    assert headers["x-authenticated-userid"] == "sub:user-1"
    assert headers["x-real-ip"] == "198.51.100.7"
    assert "forged" not in str(headers)
    del given["requestContext"]["authorizer"]
    assert "user-1" not in ask(forwarder, given)["body"]
    redirected = ask(forwarder, made("orders/go"))
    fields = redirected.get("headers") or {key: value[0] for key, value in redirected["multiValueHeaders"].items()}
    assert {key.lower(): value for key, value in fields.items()}["location"] == f"{prefix}/login"


def declared(kind: str) -> Graph:
    """A stack with a forwarder, or with a link and an API of this kind."""
    routes = [{"path": "/forward", "methods": ["ANY"], "authorization": "iam"}]
    api = {"kind": "rest" if kind == "proxy" else kind, "stripPrefix": "/forward", "routes": routes}
    link = {"topology": "vpc-link", "ingress": {"kind": "alb" if kind == "http" else "nlb"}}
    backend = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80}
    return graph_with({"topology": "public-proxy", "backend": backend, "api": api, **({} if kind == "proxy" else link)})


def called(stack: Served, path: str) -> httpx.Response:
    line = stack.route("ANY", "/forward/{proxy+}")
    url = f"{stack.url()}{line.url.removeprefix(stack.url()).partition('/forward')[0]}{path}"
    signed = signature("GET", url, line.signed, host=line.headers.get("Host", ""))
    return plain_http.get(url, headers={**line.headers, **forged(), **signed})


@pytest.mark.parametrize(
    ("kind", "prefix"), [("rest", "/live/forward"), ("http", "/forward"), ("proxy", "/live/forward")]
)
def test_in_a_served_stack(server: str, kind: str, prefix: str) -> None:
    with serve_graph(declared(kind), Options(backends=[server])) as stack:
        answer = called(stack, "/forward/orders/a%20b?q=1")
        assert answer.status_code == 200, (answer.text, stack.traces[-1].note)
        said = answer.json()
        assert said["path"] == "/orders/a b"
        assert said["query"] == "q=1"
        headers = said["headers"]
        assert headers["x-forwarded-prefix"] == prefix
        names = {name.lower() for name in NAMES}
        identified = {name: value for name, value in headers.items() if name in names}
        if kind == "rest":
            # A REST API's link passes on what the caller wrote, and nothing tells the backend otherwise.
            assert identified == dict.fromkeys(names, "forged")
        else:
            assert identified["x-authenticated-principal"].startswith("arn:aws:")
            assert identified["x-real-ip"] == "198.51.100.7"
            assert "forged" not in str(identified)
        redirected = called(stack, "/forward/orders/go")
        # API Gateway cannot rewrite the headers of an answer behind a VPC link.
        assert redirected.headers["location"] == (f"{prefix}/login" if kind == "proxy" else "/login")
