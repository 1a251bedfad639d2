"""`--strict` fails if a call loses its last requirement that proves an identity."""

from typing import Any, Final

import pytest

from review.tests.helpers.graph_reports import compare_graphs
from review.tests.helpers.stacks import remembered

SECRET: Final = {"secure": "v1:drawn:text"}
POLICY: Final = {"policy": {"allow": ["203.0.113.0/24"]}}
PLANS: Final = {"plans": {"partners": {"keys": ["acme"]}}}
FUNCTION: Final = {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:gate"}
GATE: Final = {"authorizers": {"gate": {"kind": "lambda", "function": FUNCTION}}}
JWT: Final = {"authorizers": {"own": {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}}}
DOMAIN: Final = {"name": "api.example.com", "zoneId": "Z0123456789ABCDEFGHIJ", "disableDefaultEndpoint": True}
CERTIFICATE: Final = "a client certificate"


def stack(api: dict[str, Any], **route: Any) -> dict[str, Any]:
    """A config with one route."""
    proxy = {"proxy": api.pop("proxy")} if "proxy" in api else {}
    backend = {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80}
    routes = [{"path": "/orders", "methods": ["GET"], "includeSubpaths": False, **route}]
    return {"topology": "public-proxy", "backend": backend, "api": {"kind": "rest", "routes": routes, **api}, **proxy}


IAM: Final = stack({}, authorization="iam")
KEY: Final = stack({**PLANS}, keyRequired=True)
RANGE: Final = stack({**POLICY}, authorization="none")
SIGNED: Final = {"proxy": {"webhook": {"scheme": "github", "secret": SECRET}}}
PRIVATE: Final = {"topology": "private-api", "backend": {"kind": "greeter"}}
ACKNOWLEDGED: Final = {"protection": {"acknowledgePublic": ["GET /orders"]}}


@pytest.mark.parametrize(
    ("before", "after", "fails", "heading"),
    [
        (IAM, KEY, True, "requires IAM: GET (now requires a key)"),
        (stack({**PLANS}, authorization="iam", keyRequired=True), KEY, True,
         "requires IAM: GET (still requires a key)"),
        (IAM, RANGE, True, "requires IAM: GET (now requires an allowed address)"),
        (IAM, stack({**GATE}, authorization="gate"), False, "requires IAM: GET (now requires an authorizer)"),
        (stack({**GATE}, authorization="gate"), KEY, True, "requires an authorizer: GET (now requires a key)"),
        (stack({"kind": "http", **JWT}, authorization="own"), stack({"kind": "http"}, authorization="iam"), False,
         "requires JWT: GET (now requires IAM)"),
        (KEY, RANGE, False, "requires a key: GET (now requires an allowed address)"),
        (KEY, IAM, False, "requires a key: GET (now requires IAM)"),
        (stack({**SIGNED, **POLICY}), RANGE, True, "checks a signature: GET (still requires an allowed address)"),
        (stack({"domain": {**DOMAIN, "truststore": "s3://trusted-by-us/trust.pem"}, **PLANS}, keyRequired=True),
         stack({"domain": DOMAIN, **PLANS}, keyRequired=True), True,
         "requires a client certificate: GET (still requires a key)"),
        (IAM | PRIVATE, stack({}) | PRIVATE, True, "requires IAM: GET (still requires a VPC endpoint)"),
        # The method is written otherwise: GET was a part of ANY.
        (stack({}, methods=["ANY"], authorization="iam"), KEY, True, "requires IAM: GET (now requires a key)"),
        (IAM, stack({**PLANS}, methods=["ANY"], keyRequired=True), True, "requires IAM: ANY (now requires a key)"),
        # Another stage: the calls are the same, and their address is another one.
        (IAM, stack({**PLANS, "stage": "v2"}, keyRequired=True), True, "requires IAM: GET (now requires a key)"),
        # What opens to anyone fails by that, unless the stack acknowledges it.
        (IAM, stack({}, authorization="none") | ACKNOWLEDGED, False, "Opens to anyone: GET /orders of front"),
    ],
)  # fmt: skip
def test_a_call_that_loses_its_last_proof_of_an_identity_fails(
    before: dict[str, Any], after: dict[str, Any], fails: bool, heading: str
) -> None:
    found = compare_graphs(remembered(before), remembered(after))
    assert heading in found.heading.replace(" /orders (", " (")
    assert [text for text in found.failures if "requires: " in text or "requires key" in text] == found.failures
    assert bool(found.failures) == fails
