"""The recipe for two issuers on one path: `make try` runs its authorizer, with issuers of this machine."""

import hmac
import json
import shutil
import time
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import yaml
from joserfc import jwk, jwt

from review.local_gateway.testing import Served
from review.tests.helpers.stacks import PROGRAM, graph_with
from review.tests.local_gateway.calling import asked, stack

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="without node")


class Issuer:
    """An issuer of tokens that publishes its keys on this machine."""

    def __init__(self, running: ExitStack) -> None:
        self.key = jwk.RSAKey.generate_key(2048, {"kid": "one"})
        issuer = self

        class Pages(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                published = {"jwks_uri": f"{issuer.url}/keys"}
                page = {"keys": [issuer.key.as_dict(private=False)]} if self.path == "/keys" else published
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(page).encode())

            def log_message(self, *_: object) -> None: ...

        server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
        self.url = f"http://127.0.0.1:{server.server_port}"
        Thread(target=server.serve_forever, daemon=True).start()
        running.callback(server.server_close)
        running.callback(server.shutdown)

    def sign(self, header: dict[str, Any] | None = None, key: jwk.RSAKey | None = None, **claims: Any) -> str:
        whole = {"iss": self.url, "sub": "a", "aud": "orders", "exp": time.time() + 600, **claims}
        return jwt.encode({"alg": "RS256", "kid": "one", **(header or {})}, whole, key or self.key)


@pytest.fixture(scope="module")
def issuers() -> Iterator[list[Issuer]]:
    with ExitStack() as running:
        yield [Issuer(running) for _ in range(3)]


@pytest.fixture(scope="module")
def served(issuers: list[Issuer]) -> Iterator[Served]:
    config = yaml.safe_load((PROGRAM / "examples/two-issuers.yaml").read_text())["config"]
    function = config["api"]["authorizers"]["people"]["function"]
    assert len(json.loads(function["environment"]["ISSUERS"])) == 2
    function["environment"]["ISSUERS"] = json.dumps({issuer.url: "orders" for issuer in issuers[:2]})
    with stack(graph_with(config)) as running:
        yield running


def status(served: Served, token: str) -> int:
    return asked(served, "/orders", Authorization=f"Bearer {token}")[0]


def test_tokens_of_both_issuers_pass_and_no_others(served: Served, issuers: list[Issuer]) -> None:
    first, second, third = issuers
    for issuer in (first, second):
        # Behind the authorizer is no backend here.
        assert status(served, issuer.sign()) not in (401, 403)
        assert status(served, issuer.sign(aud=["other", "orders"])) not in (401, 403)
    refused = {
        "an issuer that is not named": third.sign(),
        "one issuer's token in the other's name": first.sign(iss=second.url),
        "another audience": first.sign(aud="bills"),
        "expired": first.sign(exp=time.time() - 3_600),
        "no expiry": first.sign(exp=None),
        "not valid yet": first.sign(nbf=time.time() + 3_600),
        "an unknown key": first.sign({"kid": "two"}),
        "another's signature": first.sign(key=third.key),
        "no signature": f"{first.sign().rpartition('.')[0]}.",
        "no token": "x",
        "a prototype for an issuer": first.sign(iss="constructor"),
    }
    assert {why for why, token in refused.items() if status(served, token) != 403} == set()


def test_the_algorithm_is_not_the_tokens_to_choose(served: Served, issuers: list[Issuer]) -> None:
    """The public key, which everybody has, as the secret of HS256; and a token without a signature."""
    _, payload, _ = issuers[0].sign().split(".")
    forged = []
    for algorithm in ("HS256", "none"):
        header = urlsafe_b64encode(json.dumps({"alg": algorithm, "kid": "one"}).encode()).decode().rstrip("=")
        public = issuers[0].key.as_pem(private=False)
        made = hmac.digest(public, f"{header}.{payload}".encode(), "sha256") if algorithm == "HS256" else b""
        forged.append(f"{header}.{payload}.{urlsafe_b64encode(made).decode().rstrip('=')}")
    assert [status(served, token) for token in forged] == [403, 403]
