"""The addresses that a stack prints, beside those of its stages and domains."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from .cli import Engine

_STAGES: Final = ("aws:apigateway/stage:Stage", "aws:apigatewayv2/stage:Stage")
_REST_API: Final = "aws:apigateway/restApi:RestApi"
_MAPPINGS: Final = {
    "aws:apigateway/basePathMapping:BasePathMapping": "basePath",
    "aws:apigatewayv2/apiMapping:ApiMapping": "apiMappingKey",
}


def outputs(engine: Engine, stack: str) -> Iterator[str]:
    """Where `apiUrl` or `curl` has another address than AWS."""
    printed = json.loads(engine.run("stack", "output", "--json", "--show-secrets", stack=stack).text)
    yield from differences(printed, addresses(engine.state(stack)))


def addresses(resources: Sequence[Mapping[str, Any]]) -> list[str]:
    """The URLs of a stack's domains, or of its stages if it has no domain."""
    domains, stages = [], []
    for resource in resources:
        outputs = resource.get("outputs", {})
        if resource["type"] in _STAGES:
            stages += _stage_addresses(outputs, resources)
        elif resource["type"] in _MAPPINGS:
            path = outputs.get(_MAPPINGS[resource["type"]]) or ""
            domains.append(f"https://{outputs['domainName']}/{path}".rstrip("/"))
    return domains or stages


def _stage_addresses(stage: Mapping[str, Any], resources: Sequence[Mapping[str, Any]]) -> list[str]:
    """A stage's URL; behind the VPC endpoints of a private API, a name with the endpoint's id resolves everywhere."""
    url = str(stage["invokeUrl"]).rstrip("/")
    api = str(stage.get("restApi", ""))
    apis = {each["outputs"]["id"]: each["outputs"] for each in resources if each["type"] == _REST_API}
    endpoints = apis.get(api, {}).get("endpointConfiguration", {}).get("vpcEndpointIds") or ()
    return [url, *(url.replace(f"//{api}.", f"//{api}-{endpoint}.") for endpoint in endpoints)]


def differences(printed: Mapping[str, Any], addresses: Sequence[str]) -> Iterator[str]:
    """One sentence for each output that is wrong."""
    url = str(printed.get("apiUrl", ""))
    if url.rstrip("/") not in addresses:
        yield f"apiUrl is {url!r}, and the API's address is {' or '.join(addresses)}"
    if not any(f"'{address}" in str(printed.get("curl", "")) for address in addresses):
        yield f"curl is {printed.get('curl')!r}, and the API's address is {' or '.join(addresses)}"
