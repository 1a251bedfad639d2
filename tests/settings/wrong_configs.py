"""Wrong configs as data: what is laid over a right one, and what the message names."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

BASE: dict[str, Any] = {"topology": "public-proxy", "backend": {"image": "nginx:1.29"}}
EXISTING: dict[str, Any] = {
    "topology": "public-proxy",
    "network": {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]},
    "backend": {"url": "http://10.1.2.3:8080"},
}
HTTP = {"kind": "http"}


ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1.0"
CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/x"
SECRET = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:db-AbCdEf"
FARGATE: dict[str, Any] = {
    "topology": "vpc-link",
    "backend": {"kind": "fargate", "image": "nginx:1.29"},
    "ingress": {"kind": "alb"},
}
PRIVATE: dict[str, Any] = {"topology": "private-api", "backend": {"kind": "greeter"}}
MANY = [f"10.{number // 250}.{number % 250}.0/24" for number in range(600)]
KEYED: dict[str, Any] = {"routes": [{"path": "/a", "keyRequired": True}], "plans": {"callers": {"keys": ["first"]}}}


OWN: dict[str, Any] = {
    "routes": [{"path": "/a", "methods": ["GET"], "target": "own"}],
    "functions": {"own": {"folder": "nowhere"}},
}


def route(**keys: Any) -> dict[str, Any]:
    return {"path": "/forward", "methods": ["GET"], **keys}


Wrong = tuple[dict[str, Any], str, str, str]


def written(file: str, bases: Mapping[str, dict[str, Any]]) -> list[Wrong]:
    """Those of a YAML file beside this one, whose configs are spelled as in stack files, `over` one of the bases."""
    document = yaml.load(Path(__file__).with_name(file).read_text(), yaml.CSafeLoader)
    keys = ("key", "allowed", "remedy")
    return [(bases.get(one.get("over"), {}) | one["config"], *(one[key] for key in keys)) for one in document]


WRONG: list[Wrong] = [
    *written("wrong_configs.yaml", {"FARGATE": FARGATE, "EXISTING": EXISTING, "PRIVATE": PRIVATE}),
    # config over BASE, key, words of what is allowed, words of what to do
    ({"api": {"routes": [route(methods=["PSOT"])]}}, "api.routes[0].methods[0]", "POST", "did you mean POST?"),
    ({"api": {"routes": [route(authorization="aim")]}}, "api.routes[0].authorization", "none, iam", "mean iam?"),
    ({"api": {"routes": [route(timeout=9)]}}, "api.routes[0].timeout", "path", "did you mean timeoutMilliseconds?"),
    ({"api": {"routes": [route(target="backnd")]}}, "api.routes[0].target", "one of backend", "mean backend?"),
    ({"topology": None}, "topology", "public-proxy", ""),
    *(
        ({"backend": {"image": "nginx", key: {"A": text}}}, f"backend.{key}", "at most 16,384 bytes", "")
        for key, text in (("environment", "x" * 17_000),)
    ),
    (
        {"backend": {"image": "nginx:1.29", "files": {"/a": "a" * 16_000}}},
        "backend.files",
        "16,384 bytes",
        "keep long values in S3",
    ),
    ({"backend": {"userData": "#!/bin/sh\n#" + "a" * 16_384}}, "backend.userData", "16,384 bytes", "S3 or SSM"),
    (EXISTING | {"network": EXISTING["network"] | {"cidr": "10.0.0.0/16"}}, "network.cidr", "vpcId", ""),
    (EXISTING | {"backend": {"url": "http://10.1.2.3/\x1b[2J"}}, "backend.url", "http(s)://", "printable ASCII"),
    (FARGATE | {"ingress": {"kind": "alb", "certificateArn": CERTIFICATE}}, "ingress.serverName", "together", ""),
    ({"api": {"routes": [route(path="/a~b")]}}, "api.routes[0].path", "REST", "kind: http"),
    ({"api": {"kind": "\x1b[31mred"}}, "api.kind", "rest, http", ""),
    (
        {
            "api": {
                "routes": [route(path=f"/r{number}", keyRequired=True) for number in range(11)],
                "plans": {
                    "callers": {
                        "keys": ["first"],
                        "routeThrottles": {f"GET /r{number}": {"rate": 1, "burst": 1} for number in range(11)},
                    }
                },
            }
        },
        "api.plans.callers.routeThrottles",
        "20 methods",
        "includeSubpaths: false",
    ),
    (PRIVATE | {"api": KEYED}, "api.routes[0].keyRequired", "beside an authorization", "iam"),
    ({"api": {"routes": [route(throttle="off")]}}, "api.routes[0].throttle", "the keys rate, burst", ""),
    ({"api": {"routes": [route(methods=["FETCH"])]}}, "api.routes[0].methods[0]", "GET", ""),
    ({"api": {"routes": [route(path="forward")]}}, "api.routes[0].path", "/forward", "did you mean /forward?"),
    ({"api": {"routes": [route(path="for ward")]}}, "api.routes[0].path", "/forward", ""),
    ({"api": {"routes": [route(path="//forward")]}}, "api.routes[0].path", "/forward", ""),
    ({"api": {"routes": [route(), route()]}}, "api.routes[1]", "once", "take one out"),
    ({"api": {"routes": [route(methods=["ANY", "GET"])]}}, "api.routes[0].methods", "only ANY", ""),
    ({"api": {"routes": [route(target="nowhere")]}}, "api.routes[0].target", "backend, proxy", "api.functions"),
    ({"api": OWN}, "api.functions.own.folder", "a folder that exists, relative to Pulumi.yaml", "create it"),
    ({"api": {"routes": [route(authorization="who")]}}, "api.routes[0].authorization", "none, iam", "authorizers"),
    ({"api": {"routes": [route(keyRequired=True)]}}, "api.routes[0].keyRequired", "usage plan", "api.plans"),
    ({"api": HTTP | {"routes": [route(keyRequired=True)]}}, "api.routes[0].keyRequired", "REST", "JWT or IAM"),
    ({"api": HTTP | {"policy": {"allow": ["github-hooks"]}}}, "api.policy", "REST", "Lambda authorizer"),
    ({"api": HTTP, "protection": {"waf": {}}}, "protection.waf", "REST", "CloudFront"),
    ({"api": HTTP | {"stage": "live"}}, "api.stage", "REST", "$default"),
    ({"api": {"policy": {"allow": MANY}}}, "api.policy", "8,192 characters", "AWS WAF"),
    (
        {
            "api": {
                "policy": {"allow": ["192.0.2.0/24"]},
                "routes": [
                    {"path": "/signed", "authorization": "iam"},
                    *({"path": f"/{'a' * 60}{number}", "methods": ["GET"]} for number in range(90)),
                ],
            }
        },
        "api.policy",
        "8,192 characters",
        "neighbouring ranges",
    ),
    (
        PRIVATE
        | {
            "api": {
                "routes": [
                    {"path": "/signed", "authorization": "iam"},
                    *({"path": f"/{'a' * 60}{number}", "methods": ["GET"]} for number in range(90)),
                ]
            }
        },
        "api.routes",
        "8,192 characters",
        "includeSubpaths: true",
    ),
    ({"api": KEYED, "protection": {"acknowledgePublic": "yes"}}, "protection.acknowledgePublic", "a list", "take it"),
    ({"topology": "private-api", "api": HTTP}, "api.kind", "HTTP APIs cannot be private", "rest"),
    *(
        (
            FARGATE | {"ingress": {"kind": "cloud-map", key: value}, "api": HTTP},
            f"ingress.{key}",
            "Cloud Map has no listener",
            "take it out",
        )
        for key, value in (
            ("port", 8080),
            ("serverName", "a.example.com"),
            ("deregistrationDelaySeconds", 5),
            ("deletionProtection", True),
        )
    ),
]
