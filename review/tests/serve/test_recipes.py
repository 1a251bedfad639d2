"""Recipes of the cookbook, called: the meant caller passes, and the others do not."""

import json

import pytest

from review.tests.helpers import plain_http
from review.tests.serve.conftest import Shared
from review.tests.serve.test_serving import signature

pytestmark = pytest.mark.slow
ROLE = {"X-Gatehouse-Principal": "arn:aws:iam::123456789012:role/nightly"}


def called(shared: Shared, stack: str, method: str, path: str, *, known: bool = True) -> tuple[int, str]:
    """The answer to a call as a caller who is meant sends it, or as anybody does."""
    served = shared(f"examples/{stack}.yaml")
    routes = {f"{line.method} {line.path}": line for line in served.routes()}
    route = routes.get(f"{method} {path}") or routes[f"ANY {path}"]
    host = {name: value for name, value in route.headers.items() if name.lower() == "host"}
    name = next(iter(host.values()), "")
    signed = signature(method, route.url, route.signed, host=name) | ROLE if route.signed else {}
    answer = plain_http.request(method, route.url, headers={**signed, **route.headers} if known else host)
    return answer.status_code, answer.text


@pytest.mark.parametrize(
    ("stack", "method", "path", "refused"),
    [
        pytest.param(*case, marks=pytest.mark.xdist_group(f"examples/{case[0]}.yaml"))
        for case in [
            ("instead-of-public-balancer", "GET", "/", 401),
            ("scheduled", "POST", "/jobs/nightly", 403),
            ("webhook-second-sender", "POST", "/stripe", 401),
            ("two-regions", "GET", "/orders", 403),
            ("functions", "GET", "/orders", 403),
            ("own-login", "GET", "/", 200),  # The backend decides.
        ]
    ],
)
def test_only_the_meant_caller_passes(shared: Shared, stack: str, method: str, path: str, refused: int) -> None:
    assert called(shared, stack, method, path)[0] == 200
    assert called(shared, stack, method, path, known=False)[0] == refused


@pytest.mark.xdist_group("examples/functions.yaml")
def test_functions_have_their_environment(shared: Shared) -> None:
    _, answer = called(shared, "functions", "GET", "/orders")
    document = json.loads(answer)
    assert document["secret"] == "orders-db-AbCdEf"
    status, quote = called(shared, "functions", "POST", "/quotes")
    assert (status, json.loads(quote)["topic"]) == (202, "arn:aws:sns:eu-west-1:111122223333:quotes")
    (layers,) = [line for line in shared("examples/functions.yaml").stack.not_served() if "layers" in line]
    assert layers == "function-quotes-function: layers is not served."
