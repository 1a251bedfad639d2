"""The component provider as the engine runs it: a process of its own, over gRPC."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
import pytest
from google.protobuf import empty_pb2, struct_pb2
from pulumi.runtime.proto import (
    engine_pb2_grpc,
    errors_pb2,
    provider_pb2,
    provider_pb2_grpc,
    resource_pb2,
    resource_pb2_grpc,
    status_pb2,
)

from components.facts.version import VERSION
from tests.helpers.stacks import ROOT

pytestmark = pytest.mark.xdist_group("provider")


class Monitor(resource_pb2_grpc.ResourceMonitorServicer):
    """The part of the engine that a component calls which declares nothing but itself."""

    def SupportsFeature(self, request: Any, context: Any) -> Any:
        return resource_pb2.SupportsFeatureResponse(hasSupport=False)

    def RegisterResource(self, request: Any, context: Any) -> Any:
        return resource_pb2.RegisterResourceResponse(urn=f"urn:pulumi:s::p::{request.type}::{request.name}")

    def RegisterResourceOutputs(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


class Engine(engine_pb2_grpc.EngineServicer):
    def Log(self, request: Any, context: Any) -> Any:
        return empty_pb2.Empty()


@pytest.fixture(scope="module")
def monitor() -> Iterator[str]:
    server = grpc.server(ThreadPoolExecutor(2))
    resource_pb2_grpc.add_ResourceMonitorServicer_to_server(Monitor(), server)
    engine_pb2_grpc.add_EngineServicer_to_server(Engine(), server)
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None)


@pytest.fixture(scope="module")
def provider(monitor: str) -> Iterator[Any]:
    command = [sys.executable, str(ROOT / "components"), monitor]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        with grpc.insecure_channel(f"127.0.0.1:{process.stdout.readline().strip()}") as channel:
            yield provider_pb2_grpc.ResourceProviderStub(channel)
        process.terminate()


def test_it_serves_under_its_own_name(provider: Any) -> None:
    schema = json.loads(provider.GetSchema(provider_pb2.GetSchemaRequest()).schema)
    assert (schema["name"], schema["version"]) == ("gatehouse", VERSION)
    assert provider.GetPluginInfo(empty_pb2.Empty()).version == VERSION


def request_of(monitor: str, component: str, inputs: dict[str, Any]) -> Any:
    values = struct_pb2.Struct()
    values.update(inputs)
    return provider_pb2.ConstructRequest(
        project="p", stack="s", type=f"gatehouse:index:{component}", name="a", inputs=values, monitorEndpoint=monitor
    )


def test_a_component_is_constructed(provider: Any, monitor: str) -> None:
    made = provider.Construct(request_of(monitor, "UrlBackend", {"url": "http://10.0.0.1:8080"}))
    assert made.urn == "urn:pulumi:s::p::gatehouse:index:UrlBackend::a"
    assert dict(made.state)["cidrs"][0] == "10.0.0.1/32"
    assert dict(made.state)["port"] == 8080


def refused(provider: Any, monitor: str, component: str, inputs: dict[str, Any]) -> dict[str, str]:
    """The properties that the engine names, with their reasons."""
    request = request_of(monitor, component, inputs)
    with pytest.raises(grpc.RpcError) as failed:
        provider.Construct(request)
    assert failed.value.code() is grpc.StatusCode.INVALID_ARGUMENT, failed.value.details()
    metadata = dict(failed.value.trailing_metadata())
    (packed,) = status_pb2.Status.FromString(metadata["grpc-status-details-bin"]).details
    found = errors_pb2.InputPropertiesError()
    assert packed.Unpack(found)
    return {error.property_path: error.reason for error in found.errors}


PROXY = {
    "vpcId": "vpc-00000001",
    "subnetIds": ["subnet-00000001"],
    "url": "http://10.0.0.1:8080",
    "backendCidrs": ["10.0.0.1/32"],
}


def output(**value: Any) -> dict[str, Any]:
    """An output of another resource, as the engine sends it: without a value in a preview."""
    signature, of_outputs = "4dabf18193072939515e22adb298388d", "d0e6a833031e9bbcd3f4e8bde6ca49a4"
    return {signature: of_outputs, "dependencies": ["urn:pulumi:s::p::t::other"], **value}


PLACE = {"vpcId": "vpc-00000001", "subnetIds": ["subnet-00000001"]}
ROUTE = {"path": "/a", "methods": ["GET", "got"], "target": "t", "throttle": {"rate": 1, "burst": 2.5}}


@pytest.mark.parametrize(
    ("component", "inputs", "errors"),
    [
        (
            "ServerlessProxy",
            {**PROXY, "port": 70000, "timeoutSeconds": 0, "webhook": {"scheme": "gitea", "secret": "x" * 16}},
            {
                "port": "got 70000; a whole number from 1 to 65,535",
                "timeoutSeconds": "got 0; a whole number from 1 to 300",
                "webhook.scheme": "got 'gitea'; one of github, stripe, slack, gitlab",
            },
        ),
        # In the words of other languages.
        (
            "PrivateNetwork",
            {"vpcId": "vpc-00000001"},
            {"subnetIds": "got None; a network that exists is named by vpcId and subnetIds, both"},
        ),
        (
            "Ec2Backend",
            {**PLACE, "image": "nginx:1.29", "egress": ["nat-instance"], "port": output(value=80)},
            {
                "port": "got 'an Output'; a plain value: it decides what is declared; take an output "
                "of another stack by way of the config"
            },
        ),
        (
            "ApiFront",
            {"kind": "http", "routes": [ROUTE], "targets": {"t": {}}},
            {"routes[0].methods[1]": "got 'got'", "routes[0].throttle.burst": "got 2.5"},
        ),
    ],
    ids=["several", "one", "an output", "in lists"],
)
def test_mistakes_reach_other_languages_with_property_and_reason(
    provider: Any, monitor: str, component: str, inputs: dict[str, Any], errors: dict[str, str]
) -> None:
    found = refused(provider, monitor, component, inputs)
    assert found.keys() == errors.keys()
    assert [key for key, words in errors.items() if not found[key].startswith(words)] == [], found


@pytest.mark.parametrize("value", [{}, {"value": 8080}])
def test_a_port_may_be_an_output_of_another_resource(provider: Any, monitor: str, value: dict[str, Any]) -> None:
    request = request_of(monitor, "ServerlessProxy", {**PROXY, "url": output(), "port": output(**value)})
    request.dryRun = True
    assert provider.Construct(request).urn == "urn:pulumi:s::p::gatehouse:index:ServerlessProxy::a"


@pytest.mark.parametrize(("value", "taken"), [({"value": ["nat-instance"]}, True), ({}, False)])
def test_the_networks_egress_may_be_its_output(provider: Any, monitor: str, value: dict[str, Any], taken: bool) -> None:
    """Beside a mistake, so that nothing is declared."""
    found = refused(
        provider, monitor, "FargateBackend", {**PLACE, "image": "nginx:1.29", "count": 0, "egress": output(**value)}
    )
    assert ("egress" not in found) == taken, found
    assert "count" in found
