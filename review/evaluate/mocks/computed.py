"""Outputs that follow from inputs or from other resources: by templates of `declared.json`, or by a function."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from ...graph import reveal
from .template import Facts

DECLARED: Final[Mapping[str, Mapping[str, Any]]] = json.loads(
    Path(__file__).with_name("declared.json").read_text(encoding="utf-8")
)
"""By type, templates of outputs that follow from inputs or from other resources, in place of those of the catalog."""
Compute = Callable[[Facts], Mapping[str, Any]]


def endpoint(facts: Facts) -> Mapping[str, Any]:
    if facts.given("vpcEndpointType", "Gateway") == "Gateway":
        return {"cidrBlocks": ["192.0.2.0/24"], "dnsEntries": [], "networkInterfaceIds": []}
    subnets = facts.given("subnetIds", [])
    count = len(subnets) if isinstance(subnets, list) else 1
    region, _, name = str(facts.given("serviceName")).rpartition("com.amazonaws.")[2].partition(".")
    domain = f"{name}.{region}.{facts.location.region}.vpce.{facts.location.suffix}"
    host = f"{facts.known['id']}-{facts.digits('dns', 8)}.{domain}"
    return {
        "prefixListId": "",
        "dnsEntries": [{"dnsName": host, "hostedZoneId": "Z7HUB22UULQXV"}],
        "networkInterfaceIds": [f"eni-0{facts.digits(f'eni{number}')}" for number in range(count)],
    }


def certificate(facts: Facts) -> Mapping[str, Any]:
    others = facts.given("subjectAlternativeNames", [])
    names = [facts.given("domainName"), *(others if isinstance(others, list) else [])]
    options = [
        {
            "domainName": name,
            "resourceRecordName": f"_{facts.digits(name, 32)}.{str(name).removeprefix('*.')}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": f"_{facts.digits(f'{name} value', 32)}.acm-validations.aws.",
        }
        for name in dict.fromkeys(map(reveal, names))
    ]
    return {"domainValidationOptions": options}


def api_domain(facts: Facts) -> Mapping[str, Any]:
    configuration = facts.given("domainNameConfiguration", {})
    if not isinstance(configuration, Mapping):
        return {}
    target = f"d-{facts.digits('target', 10)}.execute-api.{facts.location.region}.{facts.location.suffix}"
    return {"domainNameConfiguration": {**configuration, "targetDomainName": target, "hostedZoneId": "Z2OJLYMUO9EFXC"}}


COMPUTED: Final[dict[str, Compute]] = {
    "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
    "aws:acm/certificate:Certificate": certificate,
    "aws:apigatewayv2/domainName:DomainName": api_domain,
}
