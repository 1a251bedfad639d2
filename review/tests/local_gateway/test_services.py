"""Several services behind one API: each call arrives at the service of its route, and proves what that service asks."""

import copy
from typing import Any

import pytest
import yaml

from review.tests.helpers import plain_http
from review.tests.helpers.stacks import ROOT, graph_with
from review.tests.local_gateway.calling import stack


def config_of(example: str) -> dict[str, Any]:
    config: dict[str, Any] = yaml.safe_load((ROOT / "examples" / example).read_text(encoding="utf-8"))["config"]
    return config


def test_three_services_answer_behind_one_load_balancer() -> None:
    config = copy.deepcopy(config_of("three-services.yaml"))
    for route in config["api"]["routes"]:
        del route["authorization"]
    with stack(graph_with(config)) as served:
        for path, service in (("/", "backend"), ("/orders", "orders-backend"), ("/users", "users-backend")):
            line = served.route("ANY", path)
            assert plain_http.post(line.url, headers=line.headers).status_code == 200
            names = [name for name, _ in served.traces[-1].hops]
            assert names[1:] == ["ingress link", "ingress alb", service]


@pytest.mark.parametrize(("path", "other"), [("/github", "/shop"), ("/shop", "/github")])
def test_each_service_takes_the_signature_of_its_own_sender(path: str, other: str) -> None:
    with stack(graph_with(config_of("two-webhooks.yaml"))) as served:
        line, foreign = served.route("POST", path), served.route("POST", other)
        assert plain_http.post(line.url, headers=line.headers).status_code == 200
        address = {name: value for name, value in line.headers.items() if "signature" not in name.lower()}
        address = {name: value for name, value in address.items() if "hmac" not in name.lower()}
        assert plain_http.post(line.url, headers={**foreign.headers, **address}).status_code == 401
