"""Where an API is and what its keys and browsers may do, and what a forwarder checks: inputs, and statements."""

import json
import re
from collections.abc import Iterator
from typing import Any

from components.recording.resources import Resource
from components.recording.values import reveal
from tests.oracle.stack import Fact, Stack, plain

_CHECKS = ("scheme", "header", "algorithm", "encoding", "prefix", "signed", "timestampHeader", "idHeader")


def read_addresses(stack: Stack) -> set[Fact]:
    """Addresses, keys, pages and signatures by the inputs of resources."""
    found = {(front.name, *fact) for front, _ in stack.of("ApiFront") for fact in _read_api(stack, front)}
    for proxy, _ in stack.of("ServerlessProxy"):
        [function] = stack.children(proxy, "Function")
        variables = {key: str(value) for key, value in plain(function)["environment"]["variables"].items()}
        found |= {(proxy.name, *fact) for fact in _read_variables(variables)}
        found |= {(proxy.name, "alias", plain(one)["name"]) for one in stack.children(proxy, "Alias")}
    for network, _ in stack.of("PrivateNetwork"):
        modes = [plain(one).get("availabilityMode", "zonal") for one in stack.children(network, "NatGateway")]
        found |= {(network.name, "NAT gateways", *modes)} if modes else set()
    return found


def _read_api(stack: Stack, front: Resource) -> Iterator[Fact]:
    def of(*kinds: str) -> list[Any]:
        return [plain(each) for each in stack.children(front, *kinds)]

    [api] = of("RestApi", "Api")
    if api.get("disableExecuteApiEndpoint") is not True:
        yield "at", "own"
    yield from (("at", "stage", one["stageName"]) for one in of("Stage") if "stageName" in one)
    for mapping in of("ApiMapping", "BasePathMapping"):
        yield "at", mapping["domainName"], mapping.get("apiMappingKey") or mapping.get("basePath") or ""
    for domain in of("DomainName"):
        if trust := domain.get("mutualTlsAuthentication"):
            yield "trusts", trust["truststoreUri"], trust.get("truststoreVersion")
    endpoints = (api.get("endpointConfiguration") or {}).get("vpcEndpointIds") or ()
    yield from (("at endpoint", stack.name(each)) for each in endpoints)
    yield from (("access", stack.name(one["accessAssociationSource"])) for one in of("DomainNameAccessAssociation"))
    for member in of("UsagePlanKey"):
        key = stack.graph.resources[stack.name(member["keyId"])]
        plan = plain(stack.graph.resources[stack.name(member["usagePlanId"])])
        rate, quota = plan.get("throttleSettings") or {}, plan.get("quotaSettings") or {}
        name = key.name.removeprefix(f"{front.name}-key-")
        yield "key", name, "value" in key.inputs, rate.get("rateLimit"), quota.get("limit"), quota.get("period")
        for limit in (one for stage in plan["apiStages"] for one in stage.get("throttles") or ()):
            path, _, method = limit["path"].rpartition("/")
            yield "key", name, f"{method} {path}", limit["rateLimit"], limit["burstLimit"]
    yield from _read_body(api)
    origins = _read_origins(api)
    yield from (("origin", origin) for origin in origins)
    for one in of("MethodSettings") if origins else ():
        if one["methodPath"] == "*/*" and "throttlingRateLimit" in (settings := one["settings"]):
            yield "origins", settings["throttlingRateLimit"], settings["throttlingBurstLimit"]


def _read_body(api: Any) -> Iterator[Fact]:
    """Calls whose answers stream, and for how long."""
    for path, item in json.loads(reveal(api["body"]))["paths"].items() if "body" in api else ():
        for method, operation in item.items():
            integration = operation["x-amazon-apigateway-integration"]
            if integration.get("responseTransferMode") == "STREAM":
                name = "ANY" if method.startswith("x-") else method.upper()
                yield "streams", f"{name} {path}", integration["timeoutInMillis"] / 1000


def _read_origins(api: Any) -> set[str]:
    """Pages that may read answers: of an HTTP API by its settings, else by the template of the preflight answer."""
    if "corsConfiguration" in api:
        return {*api["corsConfiguration"]["allowOrigins"]}
    found = set()
    for item in json.loads(reveal(api["body"]))["paths"].values() if "body" in api else ():
        if "options" in item and item["options"]["x-amazon-apigateway-integration"]["type"] == "mock":
            template = json.dumps(item["options"]["x-amazon-apigateway-integration"]["responses"])
            found |= {*re.findall(r"\$origin == '([^']+)'", template)} or {"*"}
    return found


def _read_variables(variables: dict[str, str]) -> Iterator[Fact]:
    yield "url", variables["BACKEND_URL"]
    yield from [("identity",)] if variables.get("IDENTITY") == "true" else []
    for key in _CHECKS:
        words = re.sub("([A-Z])", r"_\1", key).upper()
        if value := variables.get(f"WEBHOOK_{words}"):
            yield "checks", key, value
    yield from [("checks", "previousSecret")] if "WEBHOOK_PREVIOUS_SECRET" in variables else []
    signs = variables.get("WEBHOOK_SCHEME") in ("stripe", "slack", "standard")
    if signs or "{timestamp}" in variables.get("WEBHOOK_SIGNED", ""):
        yield "checks", "toleranceSeconds", variables["WEBHOOK_TOLERANCE_SECONDS"]


def state_addresses(stack: Stack) -> set[Fact]:
    """The same by the statements."""
    found = {(front.name, *fact) for front, one in stack.of("ApiFront") for fact in _state_api(stack, one)}
    for proxy, one in stack.of("ServerlessProxy"):
        found |= {(proxy.name, *fact) for fact in _state_proxy(stack, proxy, one)}
    for network, one in stack.of("PrivateNetwork"):
        if "natGateways" in one:
            zones = len([each for each in stack.children(network, "Subnet") if "-private-" in each.name])
            modes = {"one": ["zonal"], "one-per-zone": ["zonal"] * zones, "regional": ["regional"]}[one["natGateways"]]
            found.add((network.name, "NAT gateways", *modes))
    return found


def _state_api(stack: Stack, one: Any) -> Iterator[Fact]:
    at = one["at"]
    yield from [("at", "own")] if at.get("own") else []
    yield from [("at", "stage", at["stage"])] if "stage" in at else []
    for key in ("domain", "privateDomain"):
        yield from [("at", at[key]["name"], at[key].get("basePath", ""))] if key in at else []
    for key, part in at.get("endpoints", {}).items():
        yield "at endpoint", stack.name_of(part) if part is not True else stack.name(key)
    yield from [("access", stack.name_of(at["privateDomain"]["endpoint"]))] if "privateDomain" in at else []
    for name, key in one.get("keys", {}).items():
        quota = key.get("quota", {})
        yield (
            "key",
            name,
            key["value"] == "given",
            key.get("rate", {}).get("rate"),
            quota.get("limit"),
            quota.get("period"),
        )
        for route, limit in key.get("routes", {}).items():
            for call in _list_calls(route, one["ways"].get(route, {})):
                yield "key", name, call, limit["rate"], limit["burst"]
    for route, way in one["ways"].items():
        yield from (("streams", call, way["streams"]) for call in _list_calls(route, way) if "streams" in way)
    preflight = one.get("preflight", {})
    yield from (("origin", origin) for origin in preflight.get("origins", {}))
    if limit := preflight.get("rate"):
        yield "origins", limit["rate"], limit["burst"]
    trust = at.get("domain", {}).get("certificate")
    yield from [("trusts", trust["truststore"], trust.get("version"))] if trust else []
    assert all(
        way["needs"]["certificate"] == trust for way in one["ways"].values() if "certificate" in way.get("needs", {})
    )


def _list_calls(route: str, way: Any) -> list[str]:
    return [route, f"{route.rstrip('/')}/{{proxy+}}"] if way.get("below") else [route]


def _state_proxy(stack: Stack, proxy: Resource, one: Any) -> Iterator[Fact]:
    url = one["to"]["url"]
    if isinstance(url, str):
        yield "url", url
    else:
        # The resource is what the URL comes from; its text is in the function.
        assert "of" in url or url == {"secret": True}
        yield from (fact[1:] for fact in read_addresses(stack) if fact[:2] == (proxy.name, "url"))
    yield from [("alias", one["alias"])] if "alias" in one else []
    yield from [("identity",)] if one.get("identity") else []
    for key, value in one.get("checks", {}).items():
        yield ("checks", key) if key == "previousSecret" else ("checks", key, str(value))
