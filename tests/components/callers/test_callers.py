"""Who is admitted by what is stated: each need with a caller who has it, and with callers who do not."""

import asyncio
import dataclasses
from collections.abc import Iterator
from typing import Any

import pulumi
import pytest

from components import ApiFront, ServerlessProxy
from components.callers.callers import Caller, admits
from components.testing import Mocks
from tests.components.front import made

JWT = {"issuer": "https://login.example.com", "audiences": {"shop": True}, "scopes": {"read": True, "write": True}}
ENTRY = {"endpoints": {"vpce-1": True, "entry": {"of": ["urn"]}}, "vpcs": {"vpc-1": True}}
IAM = {"accounts": {"own": True}, "otherAccounts": {"222233334444": True}}
NEEDS: list[tuple[dict[str, Any], list[Caller], list[Caller]]] = [
    ({}, [Caller(), Caller(key="me")], []),
    ({"keys": {"me": True}}, [Caller(key="me")], [Caller(), Caller(key="you")]),
    ({"keys": {}}, [], [Caller(), Caller(key="me")]),
    (
        {"caller": {"iam": IAM}},
        [Caller(account="own"), Caller(account="222233334444")],
        [Caller(), Caller(account="1")],
    ),
    (
        {"caller": {"jwt": JWT}},
        [Caller(token_scopes=["read"]), Caller(token_scopes=["write", "x"], audience="shop")],
        [
            *(Caller(), Caller(token_scopes=[]), Caller(token_scopes=["x"])),
            *(Caller(token_scopes=["read"], issuer="x"), Caller(token_scopes=["read"], audience="x")),
        ],
    ),
    (
        {"caller": {"cognito": {"pools": {"users": {"of": ["urn"]}}}}},
        [Caller(token_scopes=[]), Caller(token_scopes=[], pool="users")],
        [Caller(), Caller(token_scopes=[], pool="others"), Caller(token_scopes=["x"], pool="users")],
    ),
    (
        {"caller": {"cognito": {"pools": {"users": {"of": ["urn"]}}, "scopes": {"read": True}}}},
        [Caller(token_scopes=["read"])],
        [Caller(), Caller(token_scopes=[]), Caller(token_scopes=["x"])],
    ),
    ({"caller": {"lambda": {"function": "decides"}}}, [Caller(authorized=True)], [Caller()]),
    (
        {"addresses": {"api": {"203.0.113.0/24": True}}, "notAddresses": {"203.0.113.9/32": True}},
        [Caller(address="203.0.113.8")],
        [Caller(), Caller(address="203.0.113.9"), Caller(address="198.51.100.1")],
    ),
    ({"notAddresses": {"203.0.113.9/32": True}}, [Caller()], [Caller(address="203.0.113.9")]),
    (
        {"through": ENTRY},
        [Caller(endpoint="vpce-1"), Caller(endpoint="entry"), Caller(vpc="vpc-1", endpoint="x")],
        [Caller(), Caller(endpoint="vpce-2"), Caller(vpc="vpc-2")],
    ),
    ({"certificate": {"truststore": "s3://a/b"}}, [Caller(certificate=True)], [Caller()]),
    ({"signature": {"scheme": "github"}}, [Caller(signed=True)], [Caller()]),
]


@pytest.mark.parametrize(("needs", "admitted", "refused"), NEEDS)
def test_a_need_admits_those_who_have_it(needs: Any, admitted: list[Caller], refused: list[Caller]) -> None:
    assert all(admits(needs, caller) for caller in admitted)
    assert not any(admits(needs, caller) for caller in refused)


def test_what_is_not_known_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="whether endpoint vpce-1 is admitted is not known"):
        admits({"through": {"endpoints": {"unknown": {"unknown": True}}}}, Caller(endpoint="vpce-1"))
    assert not admits({"through": {"endpoints": {"unknown": {"unknown": True}}}}, Caller())


@pytest.fixture
def mocks() -> Iterator[Mocks]:
    """Mocks, and the end of the loop that they leave to the thread."""
    yield Mocks()
    asyncio.get_event_loop().close()
    asyncio.set_event_loop(None)


def test_a_programs_own_test_asks_whom_its_api_admits(mocks: Mocks) -> None:
    mocks.run(lambda: made(routes=[{"path": "/a", "methods": ["GET"], "target": "backend", "authorization": "iam"}]))
    api = mocks.reach("front")
    assert [api.admits("GET", "/a", caller) for caller in (Caller(), Caller(account="own"))] == [False, True]
    assert not api.admits("POST", "/a", Caller(account="own"))
    with pytest.raises(LookupError, match="back is no ApiFront of the program, which has: front"):
        mocks.reach("back")


def make_proxy(name: str, **more: Any) -> ServerlessProxy:
    return ServerlessProxy(
        name,
        {
            "vpc_id": "vpc-0a1b2c3d4e5f60718",
            "subnet_ids": ["subnet-0a1b2c3d4e5f60718"],
            "url": "http://10.20.30.40:8080",
            "backend_cidrs": ["10.20.30.40/32"],
            **more,
        },
    )


def test_a_signature_of_a_forwarder_is_a_need_unless_the_caller_is_identified(mocks: Mocks) -> None:
    def program() -> None:
        proxy, unsigned = make_proxy("proxy", webhook={"secret": "a-secret-of-a-sender"}), make_proxy("unsigned")
        chosen: Any = {
            key: pulumi.Output.all(getattr(unsigned.target, key), getattr(proxy.target, key)).apply(
                lambda both: both[1]
            )
            for key in ("function_name", "invoke_arn")
        }
        routes = [
            {"path": path, "methods": ["POST"], "target": target, "authorization": authorization}
            for path, target, authorization in (
                ("/hooks", "proxy", "none"),
                ("/own", "proxy", "iam"),
                ("/chosen", "chosen", "none"),
            )
        ]
        targets = {"proxy": proxy.target, "chosen": dataclasses.replace(proxy.target, **chosen)}
        ApiFront("front", {"kind": "rest", "routes": routes, "targets": targets})

    mocks.run(program)
    api = mocks.reach("front")
    assert [api.admits("POST", "/hooks", caller) for caller in (Caller(), Caller(signed=True))] == [False, True]
    assert api.admits("POST", "/own", Caller(account="own"))
    with pytest.raises(ValueError, match="whether the call needs a signature is not known"):
        api.admits("POST", "/chosen", Caller(signed=True))
