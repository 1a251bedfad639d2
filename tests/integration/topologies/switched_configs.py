"""Configs that together have every key of the settings, and for each key the pair with it and without it."""

import functools
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml

from components.stack.settings.section import keys_of, parts
from components.stack.settings.sections import SECTIONS
from review.tests.helpers.stacks import EXAMPLES, ROOT
from tests.integration.topologies.test_list_changes import CASES, with_members

_SECRET: Final = {"secure": "v1:drawn:text"}
_IAM: Final = {"path": "/", "authorization": "iam"}
_ARN: Final = "arn:aws:{}:eu-west-1:111122223333:{}"
_IMAGE: Final = {"image": "traefik/whoami:v1.11.0", "platform": "linux/arm64", "port": 80}
_TLS: Final = {"port": 443, "certificateArn": _ARN.format("acm", "certificate/x"), "serverName": "app.example.com"}
_ADOPTED: Final = {
    "vpcId": "vpc-0a1b2c3d4e5f60718",
    "subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
}
_KEY: Final = "1234abcd-12ab-34cd-56ef-1234567890ab"
_BUCKET: Final = {
    "kind": "bucket",
    "name": "reports-of-mine",
    "allow": ["read"],
    "kmsKey": _ARN.format("kms", f"key/{_KEY}"),
}
_CODE: Final = {
    "folder": "handlers/greeter",
    "handler": "handler.handler",
    "memory": 256,
    "runtime": "python3.13",
    "timeoutSeconds": 7,
    "permissions": {"own": _BUCKET},
    "policyArns": ["arn:aws:iam::aws:policy/AmazonPollyReadOnlyAccess"],
    "architecture": "x86_64",
    "environment": {"AA": "x"},
    "secrets": {"BB": _ARN.format("secretsmanager", "secret:x")},
    "vpc": True,
    "calls": {
        "a": {"securityGroupId": "sg-0a1b2c3d4e5f60718", "port": 5432},
        "b": {"cidr": "10.9.0.0/24", "port": 5432},
    },
}
_ECR: Final = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders:1"
_OWN: Final = {"kind": "lambda", "function": _CODE, "cacheSeconds": 60, "identityHeaders": ["X-Token"]}
_THROTTLE: Final = {"rate": 5, "burst": 2}
_PLAN: Final = {
    "throttle": _THROTTLE,
    "quota": {"limit": 9, "period": "WEEK"},
    "keys": ["a"],
    "keyValues": {"b": _SECRET},
    "routeThrottles": {"GET /a": _THROTTLE},
}
_DOMAIN: Final = {"name": "api.example.com", "basePath": "v1", "disableDefaultEndpoint": False}
_TRUST: Final = {
    "certificateArn": _ARN.format("acm", "certificate/x"),
    "ownershipVerificationCertificateArn": _ARN.format("acm", "certificate/y"),
    "truststore": "s3://bucket-of-mine/trust.pem",
    "truststoreVersion": "1",
}
_LOGS: Final = {"retentionDays": 7, "execution": "ERROR", "accountRole": False}
_WAIVE: Final = [{"rule": "LOG-03", "reason": "drawn by a test", "resource": "front-*"}]
_LIMITS: Final = {
    "emails": ["a@example.com"],
    "serverErrorPercent": 1,
    "clientErrorPercent": 2,
    "latencyMilliseconds": 9,
    "requestsPerFiveMinutes": 8,
}
_WAF: Final = {
    "requestsPerFiveMinutes": 900,
    "managedRules": ["common"],
    "allow": ["203.0.113.0/24"],
    "largeBodies": True,
}
# Sections with keys that no example has.
MORE: Final[tuple[dict[str, Any], ...]] = (
    {
        "topology": "vpc-link",
        "network": {"cidr": "10.1.0.0/16", "zones": 3, "egress": "nat-gateway", "natGateways": "one-per-zone"},
        "backend": {
            **_IMAGE,
            **{"kind": "fargate", "architecture": "arm64", "cpu": 512, "memory": 2048, "executeCommand": True},
            "logRetentionDays": 7,
            "command": ["--verbose"],
            "environment": {"NAME": "text"},
            "secrets": {"OTHER": _ARN.format("ssm", "parameter/x")},
            "scaling": {"maximum": 4, "minimum": 2, "cpuPercent": 50, "memoryPercent": 60, "requestsPerTarget": 90},
            "spot": {"onDemand": 0},
        },
        "ingress": {"kind": "alb", **_TLS, "deregistrationDelaySeconds": 120, "deletionProtection": True},
        "api": {
            **{"kind": "rest", "stage": "v1", "streaming": True, "tracing": True, "stripPrefix": "/a", "logs": _LOGS},
            "routes": [{"path": "/a", "keyRequired": True, "bodySchema": {"type": "object"}, "throttle": _THROTTLE}],
            "plans": {"gold": _PLAN},
            "throttle": "off",
        },
        "protection": {"waive": _WAIVE, "waf": _WAF, "alarms": _LIMITS},
    },
    {
        "topology": "vpc-link",
        "network": {"zones": 3, "egress": "nat-instance", "natInstance": {"instanceType": "t4g.small", "diskGib": 8}},
        "backend": {**_IMAGE, "kind": "fargate", "count": 3, "spot": {"onDemand": 2}},
        "ingress": {"kind": "nlb", **_TLS},
        "api": {"kind": "http", "identity": True, "routes": [{**_IAM, "timeoutMilliseconds": 9000}]},
    },
    {
        "topology": "vpc-link",
        "network": {"zones": 3, "egress": "nat-gateway", "flowLogsRetentionDays": 7},
        "backend": {
            **{"kind": "ec2", "imageId": "ami-0a1b2c3d4e5f60718", "instanceType": "t4g.small", "diskGib": 20},
            **{"userData": "#!/bin/sh\necho ready", "access": "instance-connect", "healthCheckPath": "/healthz"},
            "count": 2,
        },
        "ingress": {"kind": "nlb", **_TLS},
        "api": {
            "kind": "rest",
            "authorizers": {"own": _OWN},
            "routes": [{"path": "/", "authorization": "own"}],
            "domain": {**_DOMAIN, **_TRUST},
        },
    },
    {
        "topology": "public-proxy",
        "network": {"egress": "nat-instance", "endpoints": ["ecr.api", "ecr.dkr", "logs"], "endpointZones": "all"},
        "backend": {
            **{"kind": "ec2", **_IMAGE, "access": "session-manager", "count": 1, "files": {"/etc/a": "text"}},
            "secrets": {"OTHER": _ARN.format("ssm", "parameter/x")},
            "kmsKeyArns": [_ARN.format("kms", "key/x")],
            "permissions": {"own": _BUCKET},
        },
        "ingress": {"kind": "alb", **_TLS},
        "proxy": {
            **{"architecture": "x86_64", "forwardHost": "client", "logLevel": "DEBUG", "logRetentionDays": 7},
            **{"memory": 256, "precompiled": False, "publishVersions": True},
            **{"reservedConcurrency": 5, "rewriteRedirects": False, "timeoutSeconds": 5, "keepWarm": True},
        },
        "api": {
            "kind": "rest",
            "timeoutQuotaMilliseconds": 60_000,
            "identity": True,
            "functions": {
                "other": {"arn": _ARN.format("lambda", "function:orders:live")},
                "own": _CODE,
                "image": {"image": _ECR},
            },
            "authorizers": {"own": _OWN},
            "routes": [
                {"path": "/a", "authorization": "own"},
                {"path": "/b", "target": "other"},
                {"path": "/c", "target": "own"},
                {"path": "/d", "target": "image"},
            ],
            "policy": {"allow": ["203.0.113.0/24"], "deny": ["203.0.113.7/32"]},
        },
        "protection": {"budget": {"monthlyUsd": 9, "emails": ["a@example.com"]}, "alarms": _LIMITS},
    },
    {
        "topology": "public-proxy",
        "network": _ADOPTED,
        "backend": {"url": "http://app.internal:8080", "cidrs": ["10.9.0.0/16"]},
        "proxy": {
            "webhook": {"scheme": "stripe", "secret": _SECRET, "previousSecret": _SECRET, "toleranceSeconds": 60}
        },
        "api": {
            "kind": "http",
            "routes": [{"path": "/a", "methods": ["POST", "PUT"]}],
            "cors": {
                **{"origins": ["https://app.example.com"], "methods": ["POST", "PUT"], "headers": ["X-A"]},
                **{"exposeHeaders": ["X-B"], "credentials": True, "maxAgeSeconds": 60},
            },
        },
    },
    {
        "topology": "public-proxy",
        "backend": {"kind": "greeter", "logLevel": "DEBUG", "logRetentionDays": 7},
        "api": {
            "cors": {"origins": ["https://app.example.com"], "preflightOnly": True},
            "routes": [_IAM],
            "logs": _LOGS,
            "callerAccountIds": ["222233334444"],
        },
    },
    {
        "topology": "vpc-link",
        "network": _ADOPTED,
        "backend": {
            "listenerArn": _ARN.format("elasticloadbalancing", "listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051"),
            "linkId": "a1b2c3",
            "serverName": "app.example.com",
        },
        "api": {"kind": "rest", "routes": [_IAM]},
    },
    {
        "topology": "private-api",
        "network": {**_ADOPTED, "egress": "none"},
        "backend": {"kind": "greeter"},
        "consumer": {"access": "session-manager", "instanceType": "t4g.micro"},
        "api": {"routes": [{"path": "/a"}], "private": {"endpointId": "vpce-0a1b2c3d4e5f60718", "privateDns": False}},
    },
    {
        "topology": "private-api",
        "backend": {"kind": "greeter"},
        "api": {"routes": [{"path": "/a"}], "private": {"allowVpc": False, "allowCidrs": ["10.0.0.0/24"]}},
    },
    {
        "topology": "public-proxy",
        "network": {"egress": "nat-instance", "natInstance": {"diskGib": 8, "imageId": "ami-0a1b2c3d4e5f60718"}},
        "backend": {**_IMAGE, "kind": "fargate", "build": "examples", "image": None},
        "ingress": {"kind": "alb"},
        "api": {"routes": [_IAM]},
    },
)


def _keys(place: str, model: Any) -> Iterator[str]:
    yield from (f"{place}.{alias}" for alias in keys_of(model))
    for inner, part in parts(model):
        yield from _keys(f"{place}.{inner}", part)


ALL_KEYS: Final = frozenset(
    key for name, (_, models) in SECTIONS.items() for model in models.values() for key in _keys(name, model)
)
_MAPS: Final = frozenset(key[: at.start()] for key in ALL_KEYS for at in re.finditer(r"\.NAME\b", key))


@functools.cache
def pairs() -> Mapping[str, list[tuple[str, list[str]]]]:
    """For each key, configs as JSON: with it, and without it in the ways to try. One for each kind of stack."""
    found: dict[str, dict[tuple[str, ...], tuple[str, list[str]]]] = {}
    examples = (yaml.safe_load((ROOT / example).read_text())["config"] for example in EXAMPLES)
    listed = (with_members(config, path, [*pool[:1]]) for path, (config, pool) in CASES.items())
    for config in itertools.chain(MORE, examples, listed):
        config.pop("aws:region", None)
        for path in _paths(config):
            place = _placed(path)
            if place in ALL_KEYS:
                kind = (config["topology"], *(str(_kind(config, name)) for name in ("backend", "ingress", "api")))
                value = json.dumps(_at(config, path)) if place in _TOGGLES else ""
                pair = json.dumps(config), [json.dumps(one) for one in _without(config, path)]
                found.setdefault(place, {}).setdefault((*kind, value), pair)
    return {key: [*each.values()] for key, each in found.items()}


_TOGETHER: Final = (
    *({"port", "certificateArn", "serverName"}, {"cpu", "memory"}, {"diskGib", "imageId", "userData", "instanceType"}),
    *({"scaling", "spot"}, {"endpoints", "endpointZones"}, {"truststore", "truststoreVersion"}),
    *({"scaling", "count"}, {"vpc", "calls"}),
)
"""Keys that only go together."""
# Keys of which each value is another toggle.
_TOGGLES: Final = ("network.egress", "ingress.kind", "backend.access", "api.logs.execution")


def _kind(config: Mapping[str, Any], section: str) -> object:
    found = config.get(section, {})
    return found.get("kind", "url" if "url" in found else "")


def _paths(node: Any) -> Iterator[tuple[str | int, ...]]:
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in members:
        yield (key,)
        yield from ((key, *path) for path in _paths(value))


def _placed(path: tuple[str | int, ...]) -> str:
    """The path as the settings' reference names it."""
    place = ""
    for part in path:
        if isinstance(part, int):
            place += "[]"
        else:
            place = f"{place}.NAME" if place in _MAPS else f"{place}.{part}" if place else part
    return place


def _at(node: Any, path: tuple[str | int, ...]) -> Any:
    return functools.reduce(lambda inner, part: inner[part], path, node)


def _without(config: Mapping[str, Any], path: tuple[str | int, ...]) -> Iterator[dict[str, Any]]:
    """The config without the key; then without what goes with it; then without the section that it is in."""
    section, name = path[:-1], path[-1]
    others = next(({*group} - {name} for group in _TOGETHER if name in group), set())
    for place, names in ((section, {name}), (section, {name, *others}), (path[:-2], {*section[-1:]})):
        whole: dict[str, Any] = json.loads(json.dumps(config))
        node = _at(whole, place)
        for each in names:
            node.pop(each, None) if isinstance(node, dict) else node.remove(node[each])
        yield whole
