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
    found = yaml.safe_load(Path(__file__).with_name(file).read_text())
    keys = ("key", "allowed", "remedy")
    return [(bases.get(one.get("over"), {}) | one["config"], *(one[key] for key in keys)) for one in found]


WRONG: list[Wrong] = [
    *written("wrong_configs.yaml", {"FARGATE": FARGATE, "EXISTING": EXISTING, "PRIVATE": PRIVATE}),
    # config over BASE, key, words of what is allowed, words of what to do
    ({"topology": "public"}, "topology", "public-proxy, vpc-link, private-api", "did you mean public-proxy?"),
    ({"topology": "public_proxy"}, "topology", "public-proxy, vpc-link, private-api", "did you mean public-proxy?"),
    ({"topology": "websocket"}, "topology", "public-proxy, vpc-link, private-api", ""),
    ({"backend": {"kind": "fargat", "image": "nginx"}}, "backend.kind", "ec2, fargate", "did you mean fargate?"),
    ({"backend": {"image": "nginx", "platform": "linux-arm64"}}, "backend.platform", "amd64", "mean linux/arm64?"),
    ({"network": {"egress": "nat_gateway"}}, "network.egress[0]", "nat-instance", "did you mean nat-gateway?"),
    (FARGATE | {"ingress": {"kind": "cloudmap"}}, "ingress.kind", "one of alb, nlb", "did you mean cloud-map?"),
    ({"api": {"kind": "REST"}}, "api.kind", "one of rest, http", "did you mean rest?"),
    ({"api": {"routes": [route(methods=["PSOT"])]}}, "api.routes[0].methods[0]", "POST", "did you mean POST?"),
    ({"api": {"routes": [route(authorization="aim")]}}, "api.routes[0].authorization", "none, iam", "mean iam?"),
    ({"api": {"routes": [route(timeout=9)]}}, "api.routes[0].timeout", "path", "did you mean timeoutMilliseconds?"),
    ({"api": {"routes": [route(target="backnd")]}}, "api.routes[0].target", "one of backend", "mean backend?"),
    ({"api": {"policy": {"allow": ["github_hooks"]}}}, "api.policy.allow[0]", "lists", "did you mean github-hooks?"),
    ({"api": {"policy": {"allow": ["github-hook"]}}}, "api.policy.allow[0]", "lists", "did you mean github-hooks?"),
    ({"backend": {"image": "nginx", "access": "sesion-manager"}}, "backend.access", "bastion", "mean session-manager?"),
    ({"proxy": {"logLevel": "info"}}, "proxy.logLevel", "DEBUG", "did you mean INFO?"),
    ({"topology": None}, "topology", "public-proxy", ""),
    ({"netwrk": {}}, "netwrk", "network", "did you mean network?"),
    ({"egress": "ipv6"}, "egress", "network", "did you mean network.egress?"),
    ({"keyRequired": True}, "keyRequired", "a key of api:", "did you mean api.routes[].keyRequired?"),
    ({"quota": {}}, "quota", "a key of api:", "did you mean api.plans.NAME.quota?"),
    ({"acknowledgePublic": True}, "acknowledgePublic", "protection", "did you mean protection.acknowledgePublic?"),
    ({"routes": []}, "routes", "api", "did you mean api.routes?"),
    ({"image": "nginx:1.29"}, "image", "backend", "did you mean backend.image?"),
    ({"network": "wide"}, "network", "a map", ""),
    ({"network": {"cidr": "10.0.0.0/30"}}, "network.cidr", "2 zones", "AWS takes VPC ranges"),
    ({"network": {"cidr": "10.0.0.7/16"}}, "network.cidr", "first address", "10.0.0.0/16"),
    ({"network": {"cidr": "ten"}}, "network.cidr", "IPv4 range", ""),
    ({"network": {"cidr": "10.0.0.0/26", "zones": 6}}, "network.cidr", "6 zones", "smallest range that fits"),
    ({"network": {"cidr": "172.17.0.0/16"}}, "network.cidr", "2 zones", "Docker"),
    ({"network": {"zones": 9}}, "network.zones", "1 to 6", ""),
    ({"backend": {"image": "nginx", "instanceType": "t9.huge"}}, "backend.instanceType", "t4g.nano", "nano, micro"),
    ({"backend": {"image": "nginx", "instanceType": "small"}}, "backend.instanceType", "t4g.nano", "nano, micro"),
    ({"backend": {"image": "vllm", "instanceType": "g5.xlarge"}}, "backend.instanceType", "no driver", "imageId"),
    ({"network": {"zones": "two"}}, "network.zones", "1 to 6", ""),
    ({"network": {"zones": ["eu-west-1a", "eu-west-1a"]}}, "network.zones", "each member once", "eu-west-1a"),
    ({"backend": {"userData": "#!/bin/sh", "command": ["a"]}}, "backend.command", "only beside image", "give image"),
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
    ({"backend": {"image": "nginx:1.29", "files": {"/a/../b": "x"}}}, "backend.files./a/../b", "no part . or ..", ""),
    ({"backend": {"image": "nginx:1.29", "files": {"app.conf": ""}}}, "backend.files.app.conf", "absolute path", ""),
    ({"network": {"egress": ["auto", "ipv6"]}}, "network.egress", "auto", "auto and none go with no other"),
    ({"network": {"egress": "nat"}}, "network.egress[0]", "nat-instance", ""),
    ({"network": {"egress": ["none", "ipv6"]}}, "network.egress", "none", "auto and none go with no other"),
    ({"network": {"egress": ["s3-packages", "ipv6"]}}, "network.egress", "none", "no other mode"),
    ({"network": {"egres": "none"}}, "network.egres", "egress", "did you mean egress?"),
    ({"network": {"egress": "nat-instance", "natGateways": "one"}}, "network.natGateways", "nat-gateway", "take out"),
    ({"network": {"vpcId": "vpc-0123456789abcdef0"}}, "network.subnetIds", "required", ""),
    ({"network": {"subnetIds": ["subnet-0123456789abcdef0"]}}, "network.vpcId", "required", ""),
    (EXISTING | {"network": EXISTING["network"] | {"cidr": "10.0.0.0/16"}}, "network.cidr", "vpcId", ""),
    (EXISTING | {"backend": {"url": "10.1.2.3:8080"}}, "backend.url", "http(s)://", "http://10.1.2.3:8080"),
    (EXISTING | {"backend": {"url": "http://10.1.2.3:0"}}, "backend.url", "http(s)://", "1 to 65535"),
    (EXISTING | {"backend": {"url": "http://10.1.2.3:70000"}}, "backend.url", "http(s)://", "1 to 65535"),
    (EXISTING | {"backend": {"url": "http://user:word@host"}}, "backend.url", "http(s)://", "user name"),
    (EXISTING | {"backend": {"url": "http://host/?a=b"}}, "backend.url", "http(s)://", "query"),
    (EXISTING | {"backend": {"url": "ftp://host"}}, "backend.url", "http(s)://", ""),
    (EXISTING | {"backend": {"url": "http://10.1.2.3:8080\n"}}, "backend.url", "http(s)://", "printable ASCII"),
    (EXISTING | {"backend": {"url": "http://10.1.2.3/\x1b[2J"}}, "backend.url", "http(s)://", "printable ASCII"),
    ({"backend": {"url": "http://10.1.2.3"}}, "backend.url", "can reach it", "network.vpcId"),
    ({"backend": {}}, "backend", "image or userData", "nginx"),
    ({"backend": {"kind": "ec3"}}, "backend.kind", "ec2, fargate, url, listener, greeter", ""),
    ({"backend": {"image": "nginx", "userData": "x"}}, "backend.userData", "not both", "take one out"),
    ({"backend": {"image": "http://nginx"}}, "backend.image", "an image", "without a scheme"),
    ({"backend": {"image": "nginx", "port": 0}}, "backend.port", "1 to 65,535", ""),
    ({"backend": {"image": "nginx", "port": 70000}}, "backend.port", "1 to 65,535", ""),
    ({"backend": {"image": "nginx", "port": "http"}}, "backend.port", "a whole number", ""),
    ({"backend": {"image": "nginx", "count": 2}}, "backend.count", "behind a load balancer", "ingress"),
    ({"network": {"endpoints": ["execute-api"]}}, "network.endpoints", "other services", "private-api"),
    ({"network": {"endpoints": ["ECR API"]}}, "network.endpoints[0]", "short name", ""),
    (FARGATE | {"backend": {"kind": "fargate", "image": "s3://b-1/a.tar.gz"}}, "backend.image", "registry", "use EC2"),
    (FARGATE | {"backend": {"kind": "fargate", "image": "nginx", "build": "app"}}, "backend.build", "not both", ""),
    (FARGATE | {"ingress": {"kind": "alb", "certificateArn": CERTIFICATE}}, "ingress.serverName", "together", ""),
    (FARGATE | {"ingress": {"kind": "alb", "port": 443}}, "ingress.port", "certificate", "port 80"),
    (FARGATE | {"network": {"zones": 1}}, "network.zones", "two zones", "nlb"),
    ({"topology": "public-proxy", "backend": {"kind": "fargate", "image": "nginx"}}, "ingress", "Fargate", "alb"),
    ({"network": {"cidr": "8.8.0.0/16"}}, "network.cidr", "10.0.0.0/8", "on the internet"),
    ({"network": {"endpoints": ["s4"]}}, "network.endpoints[0]", "short name", "did you mean s3?"),
    (EXISTING | {"backend": {"url": "http://8.8.8.8"}}, "backend.url", "http(s)://", "on the internet"),
    (EXISTING | {"backend": {"url": "http://localhost:3000"}}, "backend.url", "http(s)://", "forwarder itself"),
    (EXISTING | {"backend": {"url": "http://[::1]:3000"}}, "backend.url", "http(s)://", "forwarder itself"),
    (EXISTING | {"backend": {"url": "http://169.254.169.254"}}, "backend.url", "http(s)://", "no backend"),
    ({"protection": {"waf": {"managedRules": ["common"]}}}, "protection.waf.largeBodies", "8 KB", "largeBodies: true"),
    (PRIVATE | {"consumer": {"access": "bastion"}}, "consumer.access", "one of session-manager, instance-connect", ""),
    ({"protection": {"waf": {"largeBodies": True}}}, "protection.waf.largeBodies", "common", "take it out"),
    ({"api": {"routes": [route(path="/a~b")]}}, "api.routes[0].path", "REST", "kind: http"),
    ({"backend": {"image": "nginx", "environment": {"PORT": 80}}}, "backend.environment.PORT", "text", "quote it"),
    ({"api": {"kind": "\x1b[31mred"}}, "api.kind", "rest, http", ""),
    ({"aws:region": "eu-west1"}, "aws:region", "region of AWS", "eu-west-1"),
    ({"api": {"cors": {"origins": ["https://a.example.com"]}}}, "api.cors", "preflightOnly", "api.kind: http"),
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
    ({"consumer": {"access": "session-manager"}}, "consumer", "private-api", "take it out"),
    (PRIVATE | {"api": {"private": {"vpcEndpointIds": ["vpce-1"]}}}, "api.private.vpcEndpointIds[0]", "vpce-", ""),
    (PRIVATE | {"api": {"policy": {"allow": ["10.0.0.0/8"]}}}, "api.policy", "api.private", "vpcEndpointIds"),
    (PRIVATE | {"api": KEYED}, "api.routes[0].keyRequired", "beside an authorization", "iam"),
    ({"proxy": {"memory": 64}}, "proxy.memory", "128 to 10,240", ""),
    ({"proxy": {"timeoutSeconds": 2, "meanMilliseconds": 9}}, "proxy.timeoutSeconds", "not both", "take one out"),
    ({"proxy": {"webhook": {"secret": "plain"}}}, "proxy.webhook.secret", "encrypted", "--secret"),
    ({"api": {"throttle": {"rate": -1}}}, "api.throttle.rate", "above 0", ""),
    ({"api": {"throttle": "none"}}, "api.throttle", "rate, burst, or off", "write off"),
    ({"api": {"throttle": False}}, "api.throttle", "rate, burst, or off", "write off"),
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
    ({"api": {"policy": {"allow": ["gitlab-hooks"]}}}, "api.policy.allow[0]", "github-hooks", ""),
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
    ({"api": {"policy": {"allow": ["2001:db8::/32"]}}}, "api.policy.allow", "an IPv4 range among them", "or a domain"),
    ({"api": {"policy": {"deny": ["0.0.0.0/0"]}}}, "api.policy.deny", "leave a part", "all calls are denied"),
    ({"api": {"policy": {}}}, "api.policy", "ranges to allow", "take it out"),
    ({"api": {"throttle": "off"}}, "api.routes[0]", "throttle", 'acknowledgePublic: ["GET HEAD POST PUT /forward", "'),
    ({"api": KEYED, "protection": {"acknowledgePublic": "yes"}}, "protection.acknowledgePublic", "a list", "take it"),
    ({"protection": {"acknowledgePublic": False}}, "protection.acknowledgePublic", "a list", "take it out"),
    ({"protection": {"acknowledgePublic": ["GET /later"]}}, "protection.acknowledgePublic[0]", "", "a later route"),
    ({"protection": {"acknowledgePublic": "GET /x"}}, "protection.acknowledgePublic", "a list of routes such as", ""),
    ({"protection": {"acknowledgePublic": [{"reason": "x"}]}}, "protection.acknowledgePublic[0].route", "text", ""),
    ({"api": {"domain": {"name": "api.example.com"}}}, "api.domain", "certificateArn, or zoneId", ""),
    ({"api": {"logs": {"retentionDays": 29}}}, "api.logs.retentionDays", "CloudWatch Logs offers", "30 days"),
    ({"protection": {"waive": [{"rule": "LOG-03", "reason": "no"}]}}, "protection.waive[0].reason", "10", ""),
    ({"protection": {"budget": {"monthlyUsd": 0, "emails": ["a@b.c"]}}}, "protection.budget.monthlyUsd", "above 0", ""),
    ({"ingress": {"kind": "elb"}}, "ingress.kind", "alb, nlb, cloud-map", ""),
    ({"topology": "vpc-link"}, "ingress", "alb, nlb or cloud-map", "ingress: {kind: alb}"),
    ({"topology": "private-api", "api": HTTP}, "api.kind", "HTTP APIs cannot be private", "rest"),
    ({"network": {"cidr": "10.0.0.0/28", "zones": 1}}, "network.cidr", "room for one zone", "a /26"),
    ({"backend": {"image": "nginx", "port": 22}}, "backend.port", "SSH server", "8080"),
    ({"backend": {"image": "nginx", "port": 53}}, "backend.port", "name resolver", "8080"),
    ({"backend": {"userData": "#!/bin/sh", "port": 22}}, "backend.port", "SSH server", "8080"),
    ({"backend": {"userData": "echo hi"}}, "backend.userData", "cloud-init reads", "#!/bin/bash"),
    ({"backend": {"userData": "\n#!/bin/sh\n"}}, "backend.userData", "cloud-init reads", "#!/bin/bash"),
    ({"backend": {"image": "nginx", "port": True}}, "backend.port", "1 to 65,535", ""),
    ({"backend": {"image": "nginx", "count": True}}, "backend.count", "1 to 1,000", ""),
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
