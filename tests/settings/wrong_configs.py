"""Stacks to change, and wrong configs as data: what is laid over a stack, the key, and words of the message."""

from pathlib import Path
from typing import Any, Final, NamedTuple

import yaml

Config = dict[str, Any]


class Wrong(NamedTuple):
    """A wrong config with its only mistake: its key, words of what is allowed and of what to do, and how it is read."""

    config: Config
    key: str
    allowed: str
    remedy: str
    got: str = ""
    secret: tuple[str, ...] = ()
    project: str = "gatehouse"


BASE: Config = {"topology": "public-proxy", "backend": {"image": "nginx:1.29"}}
EXISTING: Config = {
    "topology": "public-proxy",
    "network": {"vpcId": "vpc-0123456789abcdef0", "subnetIds": ["subnet-0123456789abcdef0"]},
    "backend": {"url": "http://10.1.2.3:8080"},
}
FARGATE: Config = {
    "topology": "vpc-link",
    "backend": {"kind": "fargate", "image": "nginx:1.29"},
    "ingress": {"kind": "alb"},
}
PRIVATE: Config = {"topology": "private-api", "backend": {"kind": "greeter"}}
LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051"
BALANCED: Config = EXISTING | {"topology": "vpc-link", "backend": {"listenerArn": LISTENER}}
_STACKS: Final = {"EXISTING": EXISTING, "FARGATE": FARGATE, "PRIVATE": PRIVATE, "BALANCED": BALANCED}

HTTP = {"kind": "http"}
ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1.0"
KEYED: Config = {"routes": [{"path": "/a", "keyRequired": True}], "plans": {"callers": {"keys": ["first"]}}}


def route(**keys: Any) -> Config:
    return {"path": "/forward", "methods": ["GET"], **keys}


def guarded(**authorizer: Any) -> Config:
    return {"routes": [route(authorization="people")], "authorizers": {"people": authorizer}}


def owned(**function: Any) -> Config:
    """A stack with a function of its own, whose other keys are `function`."""
    code = {} if {"zip", "image"} & function.keys() else {"folder": "handlers/greeter"}
    api = {"functions": {"orders": code | function}, "routes": [route(target="orders")]}
    return {"api": api, "backend": {}, "aws:region": "eu-west-1"}


JWT = {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}
APP: Config = {"origins": ["https://app.example.com"]}
TOKENS: Config = HTTP | {"authorizers": {"users": JWT}, "routes": [route(methods=["ANY"], authorization="users")]}
_DECIDES = {"kind": "lambda", "function": {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:decides"}}
_LAYERS = [f"arn:aws:lambda:eu-west-1:111122223333:layer:tools:{number}" for number in range(6)]
_POLICIES = {"policyArns": [f"arn:aws:iam::111122223333:policy/p{number}" for number in range(11)]}
_WIDE = [{"path": "/signed", "authorization": "iam"}, *(route(path=f"/{'a' * 60}{number}") for number in range(90))]
_RANGES = [f"10.{number // 250}.{number % 250}.0/24" for number in range(600)]
_KEYED_ROUTES = [route(path=f"/r{number}", keyRequired=True) for number in range(11)]
_THROTTLES = {f"GET /r{number}": {"rate": 1, "burst": 1} for number in range(11)}
_STREAMS = [route(path=f"/a/long/way/to/{number}", timeoutMilliseconds=60_000) for number in range(20)]
_FIVE = ("billing", "mail", "orders", "search", "users")
_CALLED: Config = {"kind": "ec2", "image": "nginx:1.29", "platform": "linux/arm64"}
_CALLING_FIVE: Config = {
    "topology": "vpc-link",
    "ingress": {"kind": "alb"},
    "backend": _CALLED | {"callsServices": [*_FIVE], "files": {"/a": "a" * 2_900}},
    "backends": dict.fromkeys(_FIVE, _CALLED),
    "api": {"routes": [route(), *(route(path=f"/{name}", target=name) for name in _FIVE)]},
}
"""A boot script that is too long by the addresses of the services."""

_LONG: Final[list[tuple[Config, str, str, str]]] = [
    ({"backend": {"image": "nginx", "environment": {"A": "x" * 17_000}}}, "backend.environment", "16,384 bytes", ""),
    ({"backend": {"image": "nginx", "files": {"/a": "a" * 16_000}}}, "backend.files", "16,384 bytes", "values in S3"),
    (_CALLING_FIVE, "backend.files", "16,384 bytes", "values in S3"),
    ({"backend": {"userData": "#!/bin/sh\n#" + "a" * 16_384}}, "backend.userData", "16,384 bytes", "S3 or SSM"),
    (FARGATE | {"backend": FARGATE["backend"] | _POLICIES}, "backend.policyArns", "10 at most", "join several"),
    (owned(**_POLICIES), "api.functions.orders.policyArns", "10 at most", "join several"),
    (owned(layers=_LAYERS), "api.functions.orders.layers", "", ""),
    (owned(environment={"AB": "x" * 4096}), "api.functions.orders.environment", "at most 4,096 bytes", "a secret"),
    (
        {"api": {"routes": _KEYED_ROUTES, "plans": {"callers": {"keys": ["a"], "routeThrottles": _THROTTLES}}}},
        "api.plans.callers.routeThrottles",
        "20 methods",
        "includeSubpaths: false",
    ),
    ({"api": {"policy": {"allow": _RANGES}}}, "api.policy", "8,192 characters", "AWS WAF"),
    (
        {"api": {"policy": {"allow": ["192.0.2.0/24"]}, "routes": _WIDE}},
        "api.policy",
        "8,192 characters",
        "neighbouring ranges",
    ),
    (PRIVATE | {"api": {"routes": _WIDE}}, "api.routes", "8,192 characters", "includeSubpaths: true"),
    ({"api": {"streaming": True, "routes": _STREAMS}}, "api.routes", "512 characters", "ANY"),
    (
        {"api": HTTP | guarded(**JWT | {"audiences": [str(number) for number in range(51)]})},
        "api.authorizers.people.audiences",
        "“Audiences per authorizer”",
        "take some out",
    ),
    (
        {
            "api": {
                "routes": [route(path=f"/{number}", authorization=f"a{number}") for number in range(11)],
                "authorizers": {f"a{number}": _DECIDES for number in range(11)},
            }
        },
        "api.authorizers",
        "“Authorizers per API”",
        "take some out",
    ),
    (
        PRIVATE | {"api": {"private": {"allowCidrs": [f"10.9.{number}.0/24" for number in range(60)]}}},
        "api.private.allowCidrs",
        "“Inbound or outbound rules per security group”",
        "",
    ),
]


def _read(row: dict[str, Any]) -> Wrong:
    """A row of the YAML file beside this one, whose configs are spelled as in stack files."""
    config = _STACKS.get(row.pop("over", ""), {}) | row.pop("config")
    return Wrong(config=config, secret=tuple(row.pop("secret", ())), **row)


_ROWS: Final = yaml.load(Path(__file__).with_suffix(".yaml").read_text(), yaml.CSafeLoader)
WRONG: Final[list[Wrong]] = [*map(_read, _ROWS), *(Wrong(*row) for row in _LONG)]

POOL = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE"
_ISSUERS = (POOL, "https://shop.eu.auth0.com/", "https://id.example.com", "https://id.example.com/")
_DOMAIN = {"name": "api.example.com", "zoneId": "Z0123456789ABC"}
_CERTIFIED = {"name": "api.example.com", "certificateArn": "arn:aws:acm:eu-west-1:111122223333:certificate/x"}
_NEARBY = [f"10.9.{number}.0/24" for number in range(60)]

SOUND: Final[list[Config]] = [
    _CALLING_FIVE | {"backend": {**_CALLING_FIVE["backend"], "callsServices": []}},
    *({"api": HTTP | guarded(**JWT | {"issuer": issuer})} for issuer in _ISSUERS),
    {"api": TOKENS | {"cors": APP}},
    {"api": {"timeoutQuotaMilliseconds": 60_000, "routes": [route(timeoutMilliseconds=60_000)]}},
    {"api": {"timeoutQuotaMilliseconds": 60_000}, "proxy": {"timeoutSeconds": 60}},
    {"api": HTTP, "proxy": {"timeoutSeconds": 30}},
    {"api": {"domain": _CERTIFIED | {"name": "*.example.com"}}},
    {"api": {"domain": _CERTIFIED | {"truststore": "s3://bucket/a.pem", "truststoreVersion": "x.1"}}},
    {"api": {"domain": _DOMAIN | {"routing": {"policy": "weighted", "weight": 0}}}},
    {"api": {"domain": _DOMAIN | {"routing": {"policy": "failover", "failover": "secondary"}}}},
    {"api": {"throttle": "off", "routes": [route(path="/ping", authorization="iam")]}},
    {"api": HTTP | {"cors": {"origins": ["https://*"]}}},
    {"backend": {"userData": "#!/bin/sh", "instanceType": "g5.xlarge", "imageId": "ami-0a1b2c3d", "diskGib": 30}},
    EXISTING | {"api": {"routes": [route(target="proxy")]}},
    FARGATE
    | {"topology": "private-api", "api": {"routes": [route(target="proxy")]}, "ingress": {"kind": "alb", "port": 81}},
    PRIVATE | {"api": {"private": {"allowCidrs": _NEARBY[:59]}}},
    PRIVATE | {"api": {"private": {"allowVpc": False, "allowCidrs": _NEARBY}}},
    PRIVATE | {"api": {"private": {"allowVpc": False, "allowCidrs": ["10.0.0.0/16"]}}},
    BALANCED,
    BALANCED | {"topology": "private-api"},
    owned(vpc=True, calls={"db": {"securityGroupId": "sg-0a1b2c3d", "port": 5432}}) | {"network": EXISTING["network"]},
    owned(vpc=True, calls={"web": {"cidr": "0.0.0.0/0", "port": 443}}),
    owned(image=ECR.replace("app:1.0", "orders:1"), environment={"AB": "x"}),
    PRIVATE | owned(),
    # https://github.com/ministryofjustice/modernisation-platform/pull/5020
    {"network": {"endpoints": ["kinesis-firehose", "kinesis-streams", "emr-containers", "ssm-contacts"]}},
    {"network": {"endpoints": ["email-smtp"], "requiredHosts": ["email-smtp.eu-west-1.amazonaws.com"]}},
    owned(vpc=True, calls={"mail": {"cidr": "203.0.113.9/32", "port": 587}})
    | {"backend": {"image": "nginx:1.29"}, "network": {"requiredHosts": ["smtp.example.com"]}},
    {"network": {"requiredHosts": ["smtp.example.net:587", "a.example.com:443", "db.example.com:5432"]}},
    {"network": {"endpoints": ["email-smtp"], "requiredHosts": ["email-smtp.eu-west-1.amazonaws.com:587"]}},
    {"backend": {"image": "nginx:1.29", "calls": {"db": {"securityGroupId": "sg-0a1b2c3d", "port": 5432}}}}
    | {"network": {**EXISTING["network"], "egress": "nat-gateway"}},
    FARGATE | {"backend": {**FARGATE["backend"], "calls": {"db": {"cidr": "10.9.0.0/24", "port": 5432}}}},
    owned(vpc=True, calls={"mail": {"cidr": "8.8.8.0/24", "port": 587}})
    | {"backend": {"kind": "greeter"}, "network": {"requiredHosts": ["smtp.example.com:587"]}},
]
