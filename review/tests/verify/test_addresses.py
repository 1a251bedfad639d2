"""Checks that call a machine's address, and the addresses that a state may name."""

import contextlib
import errno
import socket
import threading
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import pytest

from review.aws.model.model import AwsModel
from review.graph import Graph
from review.reach import trace
from review.tests.verify.test_calls import elsewhere, stack
from review.verify import calls
from review.verify.calls import Caller
from review.verify.check import Status
from tests.helpers.stacks import graph_of


def addressed(key: str, port: int) -> Graph:
    """A stack whose machine has this machine's address, and whose backend has this port."""
    graph = graph_of("examples/rest-nlb-ec2.yaml")
    changed = {}
    for resource in graph:
        state = {
            name: value
            for name, value in resource.state.items()
            if name not in ("publicIp", "privateIp", "dnsName", "ipv6Addresses")
        }
        inputs = dict(resource.inputs)
        if resource.kind == "Instance":
            state[key] = "127.0.0.1"
        if resource.kind in ("TargetGroup", "Listener"):
            inputs["port"] = port
        if resource.kind == "SecurityGroupIngressRule":
            inputs |= {"fromPort": port, "toPort": port}
        changed[resource.urn] = replace(resource, state=state, inputs=inputs)
    return replace(graph, resources=changed)


def noting(note: Callable[[Any], object], position: int | None = 0) -> Callable[..., bool]:
    """A probe that notes what it is called with, and to which nothing answers."""

    def probe(*called: Any) -> bool:
        note(called if position is None else called[position])
        return False

    return probe


def hosts(graph: Graph, key: str) -> dict[str, list[tuple[str, bool]]]:
    """The address of the machine, as AWS answered."""
    return {resource.urn: [("127.0.0.1", key == "privateIp")] for resource in graph if resource.kind == "Instance"}


@pytest.mark.parametrize(("key", "status"), [("publicIp", "failed"), ("privateIp", "not read")])
def test_a_machine_that_answers_from_here(key: str, status: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        graph = addressed(key, listening.getsockname()[1])
        (check,) = calls.unreachable(graph, trace(AwsModel(graph)), hosts(graph, key))
    assert check.status.value == status


def test_a_machine_that_does_not_answer_from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_gets_out", lambda _: True)
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    graph = addressed("publicIp", port)
    (check,) = calls.unreachable(graph, trace(AwsModel(graph)), hosts(graph, "publicIp"))
    assert check.status is Status.PASSED


def test_a_machine_behind_an_api_is_called_and_one_on_the_internet_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    called: list[str] = []
    monkeypatch.setattr(calls, "_answers", noting(called.append))
    graph = graph_of("examples/nat-instance.yaml")
    machine = next(resource for resource in graph if resource.name == "backend-instance")
    addresses = {machine.urn: [("203.0.113.9", False)]}
    reach = trace(AwsModel(graph))
    assert machine.urn in reach.public
    (check,) = calls.unreachable(graph, reach, addresses)
    assert check.status is Status.PASSED
    assert set(called) == {"203.0.113.9"}
    # As a review has a machine with a public address and an open security group.
    path: Any = SimpleNamespace(open=True, source="internet", hops=[SimpleNamespace(resource=machine)])
    opened: Any = SimpleNamespace(inbound=[path])
    assert [*calls.unreachable(graph, opened, addresses)] == []


@pytest.mark.parametrize("ports", [(1, 65_535), (-1, -1), (70_000, 70_000), (10**30, 10**30)])
def test_only_single_ports_are_probed(ports: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A rule for a range or for every port names none on which something listens, nor does a number that is no port."""
    called: set[int] = set()
    monkeypatch.setattr(calls, "_answers", noting(called.add, 1))
    graph = addressed("publicIp", 8080)
    (rule,) = (resource for resource in graph if resource.kind == "SecurityGroupIngressRule")
    ranged = replace(rule, inputs={**rule.inputs, "fromPort": ports[0], "toPort": ports[1]})
    graph = replace(graph, resources={**graph.resources, rule.urn: ranged})
    (check,) = calls.unreachable(graph, trace(AwsModel(graph)), hosts(graph, "publicIp"))
    assert (check.status, called) == (Status.PASSED, {8080})


def test_addresses_are_called_at_the_same_time(monkeypatch: pytest.MonkeyPatch) -> None:
    together = threading.Barrier(2)
    # One after the other, the first would wait for the second in vain.
    monkeypatch.setattr(calls, "_answers", lambda *_: together.wait(timeout=30) < 0)
    graph = addressed("publicIp", 8080)
    (machine,) = hosts(graph, "publicIp")
    checks = [
        *calls.unreachable(graph, trace(AwsModel(graph)), {machine: [("203.0.113.1", False), ("203.0.113.2", False)]})
    ]
    assert [check.status for check in checks] == [Status.PASSED] * 2


def test_ports_that_a_limit_leaves_out_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every address is called on the first port before one is called on the second."""
    called: list[tuple[str, int]] = []
    monkeypatch.setattr(calls, "_answers", noting(called.append, None))
    monkeypatch.setattr(calls, "_CONNECTIONS", 3)
    graph = addressed("publicIp", 8080)
    group = next(resource for resource in graph if resource.kind == "SecurityGroupIngressRule")
    more = {
        f"urn:{port}": replace(group, urn=f"urn:{port}", inputs={"fromPort": port, "toPort": port})
        for port in (22, 9000)
    }
    graph = replace(graph, resources={**graph.resources, **more})
    (machine,) = hosts(graph, "publicIp")
    addresses = [(f"203.0.113.{last}", False) for last in (1, 2)]
    first, second = [f"{graph.resources[machine].name} at {host}" for host, _ in addresses]
    checks = [*calls.unreachable(graph, trace(AwsModel(graph)), {machine: addresses})]
    assert sorted(called) == [("203.0.113.1", 22), ("203.0.113.1", 8080), ("203.0.113.2", 22)]
    assert [(check.status.value, check.about, check.message) for check in checks] == [
        ("passed", first, "does not answer from here on 22, 8080, and AWS does on 443"),
        ("not read", first, "not called on 9000: one run makes 3 connections"),
        ("passed", second, "does not answer from here on 22, and AWS does on 443"),
        ("not read", second, "not called on 8080, 9000: one run makes 3 connections"),
    ]


def test_an_address_that_is_not_called_at_all_is_not_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_answers", lambda *called: pytest.fail(str(called)))
    monkeypatch.setattr(calls, "_CONNECTIONS", 0)
    graph = addressed("publicIp", 8080)
    checks = calls.unreachable(graph, trace(AwsModel(graph)), hosts(graph, "publicIp"))
    assert [check.status for check in checks] == [Status.NOT_READ]


def test_addresses_of_an_api() -> None:
    graph = graph_of("examples/own-domain.yaml")
    (api,) = AwsModel(graph).apis.all
    assert any("api.example.com/" in url for url in calls.urls(graph, api, graph.resources))


@pytest.mark.parametrize(
    "url",
    [
        "http://{host}/live",
        "https://{host}.example.com/live",
        "https://{host}@example.com/",
        "https://example.com/{host}/",
    ],
)
def test_a_state_cannot_name_the_host_that_gets_credentials(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *sent: pytest.fail(str(sent)))
    graph = stack(authorization="none", keyRequired=True)
    (api,) = AwsModel(graph).apis.all
    host = f"{api.resource.id}.execute-api.{graph.region}.amazonaws.com"
    assert [*calls.urls(elsewhere(graph, f"https://{host}/live"), api, graph.resources)] == [f"https://{host}/live"]
    named = elsewhere(graph, url.format(host=host))
    checks = [*calls.checks(AwsModel(named), Caller(key="key-of-a-test"), graph.resources)]
    assert [check.message for check in checks] == ["the state has no address that AWS confirmed"]


@pytest.mark.parametrize("path", [".example.com/x", "@example.com/x", ":1@example.com/", "\\x"])
def test_a_route_cannot_name_the_host_that_gets_credentials(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *sent: pytest.fail(str(sent)))
    graph = graph_of("examples/jwt-http.yaml")
    key = {"routeKey": f"GET {path}"}
    routes = (resource for resource in graph if resource.kind == "Route" and "routeKey" in resource.inputs)
    changed = {one.urn: replace(one, inputs={**one.inputs, **key}, state={**one.state, **key}) for one in routes}
    assert changed
    named = replace(graph, resources={**graph.resources, **changed})
    (api,) = AwsModel(named).apis.all
    host = f"{api.resource.id}.execute-api.{graph.region}.amazonaws.com"
    checks = [*calls.checks(AwsModel(elsewhere(named, f"https://{host}/")), Caller(token="t"), graph.resources)]
    assert {check.message for check in checks} == {"the route's path does not begin with /"}


@pytest.mark.parametrize("example", ["examples/own-domain.yaml", "examples/rest-nlb-ec2.yaml"])
def test_nothing_is_called_that_aws_did_not_confirm(example: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "_send", lambda *sent: pytest.fail(str(sent)))
    monkeypatch.setattr(calls, "_answers", lambda *called: pytest.fail(str(called)))
    graph = graph_of(example)
    assert {one.status for one in calls.checks(AwsModel(graph), Caller(key="k", token="t"), ())} == {Status.NOT_READ}
    assert [*calls.unreachable(graph, trace(AwsModel(graph)), {})] == []


@pytest.mark.parametrize(
    ("error", "gets_out", "answers"),
    [
        (ConnectionRefusedError(), True, False),
        (ConnectionRefusedError(), False, None),
        (TimeoutError(), True, False),
        (TimeoutError(), False, None),
        (OSError(errno.ENETUNREACH, "unreachable"), True, None),
        (OSError(errno.EHOSTUNREACH, "unreachable"), True, None),
    ],
)
def test_only_silence_and_a_refusal_are_answers(
    error: OSError, gets_out: bool, answers: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A runner without IPv6 would pass each IPv6 address."""

    def connect(*_: Any) -> None:
        raise error

    monkeypatch.setattr(socket, "socket", lambda *_: contextlib.nullcontext(Mock(connect=connect)))
    monkeypatch.setattr(calls, "_gets_out", lambda _: gets_out)
    assert calls._answers("127.0.0.1", 80) is answers


@pytest.mark.parametrize(("takes", "answers"), [((False, True), True), ((False, None), None), ((False, False), False)])
def test_every_address_of_a_name_is_called(
    takes: tuple[bool | None, ...], answers: bool | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (str(at), 80)) for at in range(len(takes))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: listed)
    monkeypatch.setattr(calls, "_takes", lambda _, address: takes[int(address[0])])
    assert calls._answers("lb.invalid", 80) is answers


def test_a_name_that_does_not_resolve_is_no_answer() -> None:
    assert calls._answers("lb.invalid", 80) is None
    assert calls._answers("a..b", 80) is None
