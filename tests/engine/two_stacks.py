"""Two stacks that share something: one domain by base paths, or one network. Each lives and ends without the other."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from .cli import Engine
from .cycle import Stage, stage
from .existing_resources import CERTIFICATE, REGION
from .read_back import client

_UP: Final = ("up", "--yes", "--skip-preview")
_SAME: Final = ("preview", "--expect-no-changes")
_DOMAIN: Final = "shared.example.com"
_ROUTES: Final = [{"path": "/", "authorization": "iam"}]


def on_one_domain(engine: Engine) -> Iterator[Stage]:
    """A REST API that declares the domain, and an HTTP API that maps a base path of it."""
    named = {"name": _DOMAIN, "certificateArn": CERTIFICATE, "basePath": "orders"}
    other = {"name": _DOMAIN, "existing": True, "basePath": "stock"}
    greeter = {"aws:region": REGION, "topology": "public-proxy", "backend": {"kind": "greeter"}}
    yield from _up(engine, "first", greeter | {"api": {"domain": named, "routes": _ROUTES}})
    yield from _up(engine, "second", greeter | {"api": {"kind": "http", "domain": other, "routes": _ROUTES}})
    yield _found("both are mapped", {"orders", "stock"}, _mapped(engine))
    yield from _beside(engine)
    yield _found("the first is mapped as before", {"orders"}, _mapped(engine))
    yield from _ended(engine, "first")


def in_one_network(engine: Engine) -> Iterator[Stage]:
    """A stack with a network and endpoints, and another that names them by the first one's outputs."""
    image = {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80}
    stack = {"aws:region": REGION, "topology": "public-proxy", "backend": image, "api": {"routes": _ROUTES}}
    yield from _up(engine, "first", stack | {"network": {"egress": "nat-instance", "endpoints": ["logs"]}})
    outputs = json.loads(engine.run("stack", "output", "--json", stack="first").text)
    adopted = {key: outputs[key] for key in ("vpcId", "subnetIds", "egress")}
    yield from _up(engine, "second", stack | {"network": {**adopted, "existingEndpoints": outputs["endpoints"]}})
    endpoints = [each["urn"] for each in engine.state("second") if each["type"] == "aws:ec2/vpcEndpoint:VpcEndpoint"]
    yield _found("the second makes no endpoint", set(), set(endpoints))
    yield from _beside(engine)
    left = client(engine, "ec2").describe_vpc_endpoints(Filters=[{"Name": "vpc-id", "Values": [outputs["vpcId"]]}])
    services = {endpoint["ServiceName"].removeprefix(f"com.amazonaws.{REGION}.") for endpoint in left["VpcEndpoints"]}
    yield _found("the first one's endpoints are there", {*outputs["endpoints"]}, services)
    yield from _ended(engine, "first")


def _up(engine: Engine, name: str, config: dict[str, Any]) -> Iterator[Stage]:
    engine.write_stack(name, json.dumps({"config": config}))
    engine.run("stack", "init", name)
    yield stage(f"up of the {name}", engine.run(*_UP, stack=name))


def _beside(engine: Engine) -> Iterator[Stage]:
    """Neither changes by the other, and the second goes without the first."""
    for name in ("first", "second"):
        yield stage(f"nothing is planned for the {name}", engine.run(*_SAME, stack=name))
        yield stage(f"up of the {name} again", engine.run(*_UP, "--expect-no-changes", stack=name))
    yield from _ended(engine, "second")
    yield stage("nothing is planned for the first one by itself", engine.run(*_SAME, stack="first"))
    refreshed = engine.run("refresh", "--yes", "--skip-preview", stack="first")
    yield stage(
        "nothing of the first has drifted", refreshed, [f"{step.name} has drifted" for step in refreshed.changes]
    )


def _ended(engine: Engine, name: str) -> Iterator[Stage]:
    outcome = engine.run("destroy", "--yes", "--skip-preview", stack=name)
    left = [record["urn"].rpartition("::")[2] for record in engine.state(name)]
    yield stage(f"destroy of the {name}", outcome, [f"{resource} is left" for resource in left])


def _mapped(engine: Engine) -> set[str]:
    mappings = client(engine, "apigatewayv2").get_api_mappings(DomainName=_DOMAIN)["Items"]
    return {mapping.get("ApiMappingKey", "") for mapping in mappings}


def _found(name: str, wanted: set[str], names: set[str]) -> Stage:
    faults = [] if names == wanted else [f"{sorted(names)} in place of {sorted(wanted)}"]
    return Stage(name=name, seconds=0, steps=0, faults=faults)
