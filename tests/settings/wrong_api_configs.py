"""Wrong configs of the API as data, besides those of `wrong_configs.py`."""

from typing import Any

from tests.settings.wrong_configs import CERTIFICATE, EXISTING, FARGATE, HTTP, KEYED, PRIVATE, route, written

JWT = {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["gate"]}
FUNCTION = {"arn": "arn:aws:lambda:eu-west-1:111122223333:function:decides"}
DECIDES = {"kind": "lambda", "function": FUNCTION}
DOMAIN = {"name": "api.example.com", "certificateArn": CERTIFICATE}
FORWARDED = {"routes": [route(target="proxy")]}


def guarded(**authorizer: Any) -> dict[str, Any]:
    return {"routes": [route(authorization="people")], "authorizers": {"people": authorizer}}


def pages(**cors: Any) -> dict[str, Any]:
    return {"cors": {"origins": ["https://a.example.com"], "preflightOnly": True, **cors}}


def body(**schema: Any) -> dict[str, Any]:
    return {"routes": [route(bodySchema=schema)]}


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
BOTH = {"routes": [route(), route(path="/b", target="proxy")]}
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
        {"api": {"domain": DOMAIN | {"routing": {"policy": "latency"}}}},
        "api.domain.routing",
        "only with zoneId",
        "add zoneId",
    ),
    (
        owned(**OPEN_CALL) | {"network": {"egress": "none"}},
        "api.functions.orders.calls.web",
        "a network whose egress reaches it",
        "network.egress: [nat-instance]",
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
        {
            "topology": "vpc-link",
            "ingress": {"kind": "alb"},
            "api": {"identity": True, "routes": [route(authorization="iam")]},
        },
        "api.identity",
        "false on a REST API with a VPC link",
        "through the forwarder, or use kind http",
    ),
    ({"api": {"domain": DOMAIN | {"basePath": ".."}}}, "api.domain.basePath", "neither . nor ..", ""),
    ({"api": {"domain": DOMAIN | {"basePath": "."}}}, "api.domain.basePath", "neither . nor ..", ""),
    (
        {"api": KEYED | {"plans": {"a": {"keys": ["x"], "quota": {"limit": 2_147_483_648}}}}},
        "api.plans.a.quota.limit",
        "1 to 2,147,483,647",
        "",
    ),
    ({"api": {"routes": [route(path="/a/{proxy}")]}}, "api.routes[0].path", "another name than {proxy}", ""),
    ({"api": {"routes": [route(path="/{id}/{id}")]}}, "api.routes[0].path", "{id} is in it twice", ""),
    (
        {"api": HTTP | {"routes": [route(path="/o/{id}"), route(path="/o/{no}", methods=["POST"])]}},
        "api.routes",
        "one name for the variable",
        "write {id} in both",
    ),
    ({"api": {"routes": [route(path="/a"), route(path="/a")]}}, "api.routes[1]", "routes[0] has it", "take one out"),
    (
        {"api": {"routes": [route(timeoutMilliseconds=40_000)]}},
        "api.routes[0].timeoutMilliseconds",
        "at most 29000",
        "timeoutQuotaMilliseconds",
    ),
    ({"api": HTTP | {"timeoutQuotaMilliseconds": 60_000}}, "api.timeoutQuotaMilliseconds", "REST API", "take it out"),
    (
        {
            "api": HTTP
            | {"routes": [route(authorization="people", scopes=list("abcdefghijk"))]}
            | {"authorizers": {"people": JWT}}
        },
        "api.routes[0].scopes",
        "“Scopes per route”",
        "take some out",
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
        {"api": HTTP | guarded(**DECIDES | {"function": {"folder": "examples", "timeoutSeconds": 11}})},
        "api.authorizers.people.function.timeoutSeconds",
        "at most 10",
        "lower it",
    ),
    (
        {"api": guarded(**DECIDES | {"function": {"folder": "examples", "timeoutSeconds": 30}})},
        "api.authorizers.people.function.timeoutSeconds",
        "at most 29",
        "lower it",
    ),
    (
        {"api": guarded(**DECIDES | {"identityHeaders": ["X Bad:Header"]})},
        "api.authorizers.people.identityHeaders[0]",
        "the name of a header",
        "",
    ),
    (
        {"api": guarded(**DECIDES | {"function": {"folder": "examples", "runtime": "python9.9"}})},
        "api.authorizers.people.function.runtime",
        "a Lambda runtime",
        "",
    ),
    (
        {"api": guarded(**DECIDES | {"function": {"arn": "arn:aws:lambda:eu-west-1:111122223333:layer:x:1"}})},
        "api.authorizers.people.function.arn",
        ":function:",
        "",
    ),
    (
        {"api": guarded(**DECIDES | {"function": FUNCTION | {"memory": 256}})},
        "api.authorizers.people.function.memory",
        "only with folder",
        "take it out",
    ),
    (
        {"api": HTTP | guarded(**JWT | {"cacheSeconds": 60})},
        "api.authorizers.people.cacheSeconds",
        "only with kind: lambda",
        "take it out",
    ),
    ({"api": body(type="objekt")}, "api.routes[0].bodySchema", "JSON schema", "array, boolean, integer"),
    (
        {"api": body(properties={"a": {"$ref": "#/nope"}})},
        "api.routes[0].bodySchema",
        "keywords that API Gateway validates",
        "write out",
    ),
    (
        {"api": body(properties={"size": {"const": 3}})},
        "api.routes[0].bodySchema",
        "keywords that API Gateway validates",
        "in the backend",
    ),
    (
        {"api": KEYED | {"plans": {"a": {"keys": ["x", "x"]}}}},
        "api.plans.a.keys",
        "each member once",
        "take the repetition of x out",
    ),
    (
        {"api": KEYED | {"plans": {"a": {"keys": ["x"]}, "b": {"keys": ["x"]}}}},
        "api.plans.b.keys",
        "a key of the plan a",
        "rename one",
    ),
    ({"api": pages(origins=["*"], credentials=True)}, "api.cors.origins", "by name with credentials", "name the pages"),
    (
        {"api": HTTP | {"cors": {"origins": ["https://*"], "credentials": True}}},
        "api.cors.origins",
        "by name with credentials",
        "name the pages",
    ),
    ({"api": pages(origins=["https://*.example.com"])}, "api.cors.origins", "literally", ""),
    ({"api": pages(origins=["a.example.com"])}, "api.cors.origins", "as browsers send it", "https://a.example.com?"),
    (
        {"api": pages(origins=["https://a.example.com/app"])},
        "api.cors.origins",
        "as browsers",
        "https://a.example.com?",
    ),
    ({"api": pages(headers=["*"], credentials=True)}, "api.cors.headers", "headers by name", "name the headers"),
    ({"api": pages(headers=["X A"])}, "api.cors.headers[0]", "the name of a header", ""),
    (FARGATE | {"api": FORWARDED}, "topology", "no route uses", "public-proxy"),
    (
        FARGATE | {"ingress": {"kind": "cloud-map", "port": 8080}, "api": HTTP},
        "ingress.port",
        "only with alb or nlb",
        "take it out",
    ),
    (
        FARGATE
        | {"ingress": {"kind": "cloud-map"}, "api": HTTP | {"routes": [route(), route(path="/b", target="proxy")]}},
        "api.routes[1].target",
        "one of backend",
        "ingress.kind alb or nlb",
    ),
    (
        {"backend": {"kind": "greeter"}, "api": FORWARDED},
        "api.routes[0].target",
        "one of backend",
        "a greeter has none",
    ),
    (PRIVATE | {"api": FORWARDED}, "api.routes[0].target", "one of backend", "a greeter has none"),
    (
        PRIVATE | {"api": {"private": {"allowCidrs": [f"10.9.{number}.0/24" for number in range(60)]}}},
        "api.private.allowCidrs",
        "“Inbound or outbound rules per security group”",
        "",
    ),
    # Whether a route needs a backend is not known.
    ({"api": OWN_FUNCTION | {"quotas": "off"}, "backend": {}}, "api.quotas", "one of the keys", ""),
    ({"api": OWN_FUNCTION, "backend": {}, "proxy": {"memory": 256}}, "proxy", "only if a request", "take it out"),
    (
        {"api": OWN_FUNCTION, "backend": {}, "topology": "vpc-link"},
        "topology",
        "public-proxy if no route uses the VPC link",
        "",
    ),
    ({"api": OWN_FUNCTION, "backend": {}, "ingress": {"kind": "alb"}}, "ingress", "only for a backend", "take out"),
    (BALANCED | {"api": BOTH}, "api.routes[1].target", "one of backend", "a listener only as backend.url"),
    (
        BALANCED | {"backend": {"listenerArn": LISTENER, "image": "nginx"}},
        "backend.image",
        "one of the keys kind, linkId, listenerArn, securityGroupId, serverName",
        "",
    ),
    (FARGATE | {"backend": FARGATE["backend"] | MANY}, "backend.policyArns", "10 at most", "join several"),
    (
        {"api": {**OWN_FUNCTION, "functions": {"orders": {"folder": "handlers/greeter", **MANY}}}},
        "api.functions.orders.policyArns",
        "10 at most",
        "join several",
    ),
    (
        BALANCED | {"backend": {"listenerArn": LISTENER, "linkId": "a1b2c3", "securityGroupId": "sg-0a1b2c3d"}},
        "backend.securityGroupId",
        "linkId or securityGroupId, not both",
        "take one out",
    ),
    (
        {"api": {"domain": DOMAIN, "routes": [route(path="/ping")]}},
        "api.routes[0].path",
        "another path with a domain",
        "/healthz",
    ),
    (
        {"api": {"domain": DOMAIN | {"truststoreVersion": "1"}}},
        "api.domain.truststoreVersion",
        "only with truststore",
        "",
    ),
    (
        PRIVATE | {"api": {"domain": DOMAIN | {"name": "*.example.com"}}},
        "api.domain.name",
        "one name",
        "api.example.com",
    ),
    ({"api": {"domain": DOMAIN | {"name": "a.*.example.com"}}}, "api.domain.name", "*.example.com", ""),
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
