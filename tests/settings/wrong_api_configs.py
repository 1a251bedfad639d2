"""Wrong configs of the API as data, besides those of `wrong_configs.py`."""

from typing import Any

from tests.settings.wrong_configs import CERTIFICATE, EXISTING, FARGATE, HTTP, PRIVATE, route, written

JWT = {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}
FUNCTION = {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:decides"}
DECIDES = {"kind": "lambda", "function": FUNCTION}
DOMAIN = {"name": "api.example.com", "certificateArn": CERTIFICATE}
FORWARDED = {"routes": [route(target="proxy")]}


def guarded(**authorizer: Any) -> dict[str, Any]:
    return {"routes": [route(authorization="people")], "authorizers": {"people": authorizer}}


POOL = "cognito-idp.eu-west-1.amazonaws.com/eu-west-1_EXAMPLE"
ISSUERS = {
    "https://shop.eu.auth0.com": "Auth0's ends with a slash: https://shop.eu.auth0.com/",
    f"https://{POOL}/": "without a slash at the end",
    f"https://{POOL.replace('eu-west-1_', 'eu-west-2_')}": "https://cognito-idp.REGION.amazonaws.com/POOL_ID",
    "https://shop.auth.eu-west-1.amazoncognito.com": "where people sign in",
    "https://id.example.com/.well-known/openid-configuration": "write its `issuer`",
    "http://id.example.com": "",
}
"""Issuers that no token has, with the remedy."""
RIGHT_ISSUERS = (f"https://{POOL}", "https://shop.eu.auth0.com/", "https://id.example.com", "https://id.example.com/")


LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051"
BALANCED: dict[str, Any] = EXISTING | {"topology": "vpc-link", "backend": {"listenerArn": LISTENER}}
OWN_FUNCTION: dict[str, Any] = {
    "functions": {"orders": {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:orders"}},
    "routes": [route(target="orders")],
}

MANY = {"policyArns": [f"arn:aws:iam::111122223333:policy/p{index}" for index in range(11)]}


def owned(**function: Any) -> dict[str, Any]:
    """A stack with a function of its own, whose other keys are `function`."""
    code = {} if {"zip", "image"} & function.keys() else {"folder": "handlers/greeter"}
    api = {"functions": {"orders": code | function}, "routes": [route(target="orders")]}
    return {"api": api, "backend": {}, "aws:region": "eu-west-1"}


SERVER = {"securityGroupId": "sg-0a1b2c3d", "port": 5432}
LAYER = "arn:aws:lambda:eu-west-1:111122223333:layer:tools:{}"
ECR = "111122223333.dkr.ecr.{}.amazonaws.com/orders:1"
READ = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders"
OF_A_FUNCTION: list[tuple[dict[str, Any], str, str, str]] = [
    # keys of the function, key, words of what is allowed, words of what to do
    ({"arn": FUNCTION["arn"]}, "", "one of arn, folder, zip and image", "keep one of arn, folder"),
    ({"zip": "nowhere.zip"}, ".zip", "a ZIP archive that exists", "build it"),
    ({"zip": "README.md"}, ".zip", "a ZIP archive that exists", "build it"),
    ({"image": "nginx:1.29"}, ".image", "an image in Amazon ECR", ""),
    ({"image": ECR.format("eu-north-1")}, ".image", "ECR of eu-west-1", "a repository in eu-west-1"),
    ({"image": ECR.format("eu-west-1"), "runtime": "python3.13"}, ".runtime", "an image has its own", "take it out"),
    ({"image": ECR.format("eu-west-1"), "layers": [LAYER.format(1)]}, ".layers", "an image has its own", "take it out"),
    ({"layers": ["tools"]}, ".layers[0]", "the ARN of a layer's version", "list-layer-versions"),
    ({"layers": [LAYER.format(one) for one in range(6)]}, ".layers", "", ""),
    ({"layers": [LAYER.format(1).replace("eu-west-1", "us-east-1")]}, ".layers[0]", "a layer of eu-west-1", "deploy"),
    ({"environment": {"AWS_REGION": "x"}}, ".environment.AWS_REGION", "Lambda does not set itself", "rename it"),
    ({"environment": {"A": "x"}}, ".environment.A", "two characters or more", "rename it"),
    ({"environment": {"_AB": "x"}}, ".environment._AB", "two characters or more", "rename it"),
    ({"environment": {"AB": "x" * 4096}}, ".environment", "at most 4,096 bytes", "into a secret"),
    ({"environment": {"AB": 5}}, ".environment.AB", "a text", "quote it"),
    ({"secrets": {"A": "hunter2"}}, ".secrets.A", "the ARN of a Secrets Manager secret", "put-parameter"),
    ({"secrets": {"AB": f"{READ}:key::"}}, ".secrets.AB", "the ARN of a whole secret", f"write {READ}"),
    ({"secrets": {"AB": READ}, "environment": {"AB": "x"}}, ".secrets.AB", "not in both", "rename one"),
    ({"calls": {"db": SERVER}}, ".calls", "only with vpc: true", "add vpc: true"),
    ({"vpc": True}, ".vpc", "calls something", "name the servers in calls"),
    ({"vpc": True, "calls": {"db": {"port": 5432}}}, ".calls.db", "securityGroupId or cidr", "name the group"),
    ({"vpc": True, "calls": {"db": SERVER | {"cidr": "10.0.0.0/8"}}}, ".calls.db", "only one of them", "narrower"),
    ({"vpc": True, "calls": {"db": SERVER | {"port": 0}}}, ".calls.db.port", "from 1 to 65,535", ""),
    ({"architecture": "arm"}, ".architecture", "one of arm64, x86_64", "did you mean arm64"),
]
NAMED = {"name": "api.example.com", "zoneId": "Z0123456789ABC"}
OF_ROUTING: list[tuple[dict[str, Any], str, str, str]] = [
    # keys of domain.routing, key, words of what is allowed, words of what to do
    ({"policy": "latency", "weight": 5}, ".weight", "only with policy weighted", "take it out"),
    ({"policy": "weighted"}, ".weight", "required with policy weighted", "add weight"),
    ({"policy": "failover"}, ".failover", "required with policy failover", "add failover"),
    ({"policy": "failover", "failover": "primary"}, ".healthCheckId", "a health check of the primary", "name one"),
    ({"policy": "nearest"}, ".policy", "one of latency, weighted, failover", ""),
]
OPEN_CALL = {"vpc": True, "calls": {"web": {"cidr": "0.0.0.0/0", "port": 443}}}

_BASES = {"FARGATE": FARGATE, "EXISTING": EXISTING, "PRIVATE": PRIVATE, "BALANCED": BALANCED}
WRONG: list[tuple[dict[str, Any], str, str, str]] = [
    *written("wrong_api_configs.yaml", _BASES),
    # config over BASE, key, words of what is allowed, words of what to do
    *((owned(**keys), f"api.functions.orders{key}", allowed, do) for keys, key, allowed, do in OF_A_FUNCTION),
    *(
        ({"api": {"domain": NAMED | {"routing": keys}}}, f"api.domain.routing{key}", allowed, do)
        for keys, key, allowed, do in OF_ROUTING
    ),
    (
        owned(vpc=True, secrets={"AB": READ.replace("eu-west-1", "us-east-1")}) | {"network": {"egress": "none"}},
        "api.functions.orders.secrets.AB",
        "a secret of eu-west-1",
        "copy it to eu-west-1",
    ),
    *(
        ({"api": HTTP | guarded(**JWT | {"issuer": issuer})}, "api.authorizers.people.issuer", "`iss` claim", remedy)
        for issuer, remedy in ISSUERS.items()
    ),
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
                "authorizers": {f"a{number}": DECIDES for number in range(11)},
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
    # Whether a route needs a backend is not known.
    (FARGATE | {"backend": FARGATE["backend"] | MANY}, "backend.policyArns", "10 at most", "join several"),
    (
        {"api": {**OWN_FUNCTION, "functions": {"orders": {"folder": "handlers/greeter", **MANY}}}},
        "api.functions.orders.policyArns",
        "10 at most",
        "join several",
    ),
]

JWT = {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["a"]}
TOKENS: dict[str, Any] = HTTP | {
    "authorizers": {"users": JWT},
    "routes": [route(methods=["ANY"], authorization="users")],
}
APP: dict[str, Any] = {"origins": ["https://app.example.com"]}
WRONG += [
    ({"api": {"routes": [route(path="/github-webhook/")]}}, "api.routes[0].path", "/forward", "write /github-webhook:"),
    ({"api": TOKENS | {"cors": {**APP, "headers": ["X-Own"]}}}, "api.cors.headers", "with Authorization", "take out"),
    ({"api": TOKENS | {"cors": {**APP, "headers": ["*"]}}}, "api.cors.headers", "with Authorization", "take out"),
    ({"api": TOKENS | {"cors": {**APP, "methods": ["OPTIONS"]}}}, "api.cors.methods", "GET, HEAD", "take out"),
    (
        {"api": TOKENS | {"routes": [route(methods=["GET", "OPTIONS"], authorization="users")], "cors": APP}},
        "api.routes[0].methods",
        "without OPTIONS",
        "take out OPTIONS",
    ),
]

SOUND: list[dict[str, Any]] = [
    *({"api": HTTP | guarded(**JWT | {"issuer": issuer})} for issuer in RIGHT_ISSUERS),
    {"api": TOKENS | {"cors": APP}},
    {"api": {"timeoutQuotaMilliseconds": 60_000, "routes": [route(timeoutMilliseconds=60_000)]}},
    {"api": {"timeoutQuotaMilliseconds": 60_000}, "proxy": {"timeoutSeconds": 60}},
    {"api": {"domain": DOMAIN | {"name": "*.example.com"}}},
    {"api": {"domain": DOMAIN | {"truststore": "s3://bucket/a.pem", "truststoreVersion": "x.1"}}},
    {"api": {"routes": [route(path="/ping")]}},
    {"backend": {"userData": "#!/bin/sh", "instanceType": "g5.xlarge", "imageId": "ami-0a1b2c3d"}},
    {"api": HTTP | {"cors": {"origins": ["https://*"]}}},
    EXISTING | {"api": FORWARDED},
    FARGATE | {"topology": "private-api", "api": FORWARDED, "ingress": {"kind": "alb", "port": 81}},
    PRIVATE | {"api": {"private": {"allowCidrs": [f"10.9.{number}.0/24" for number in range(59)]}}},
    PRIVATE | {"api": {"private": {"allowVpc": False, "allowCidrs": [f"10.9.{n}.0/24" for n in range(60)]}}},
    PRIVATE | {"api": {"private": {"allowVpc": False, "allowCidrs": ["10.0.0.0/16"]}}},
    BALANCED,
    BALANCED | {"topology": "private-api"},
    {"api": OWN_FUNCTION, "backend": {}},
    owned(vpc=True, calls={"db": SERVER}),
    {"api": {"domain": NAMED | {"routing": {"policy": "weighted", "weight": 0}}}},
    {"api": {"domain": NAMED | {"routing": {"policy": "failover", "failover": "secondary"}}}},
    {"api": {"throttle": "off", "routes": [route(authorization="iam")]}},
    owned(image=ECR.format("eu-west-1"), environment={"AB": "x"}),
    owned(**OPEN_CALL),
    PRIVATE | {"api": OWN_FUNCTION, "backend": {}},
]
