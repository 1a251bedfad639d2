"""Configs drawn from the settings' own models: a stack file of the examples, with keys set as their types allow."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml
from hypothesis import strategies as st

from components.stack.settings.api import Api
from components.stack.settings.backend import KINDS, Ec2, choose_model
from components.stack.settings.consumer import Consumer
from components.stack.settings.ingress import Ingress
from components.stack.settings.network import AdoptedNetwork, NewNetwork
from components.stack.settings.protection import Protection
from components.stack.settings.proxy import Proxy
from components.stack.settings.section import Section, build_json_schema
from tests.helpers.stacks import EXAMPLES, ROOT

_ARN: Final = "arn:aws:{}:eu-west-1:111122223333:{}"
_ID: Final = "0a1b2c3d4e5f60718"
_SECURE: Final = {"secure": "v1:drawn:text"}
# Values of each kind of text, by the words of its messages. A kind without an entry fails the draw.
TEXTS: Final[Mapping[str, tuple[Any, ...]]] = {
    "a domain name such as api.example.com or *.example.com": ("api.example.com", "*.example.com", "quay.io"),
    "a domain name such as api.example.com": ("api.example.com", "deep.api.example.org", "quay.io", "ghcr.io"),
    "a name of at most 32 letters, digits and hyphens that begins with a small letter": (
        *("one", "iam", "backend", "none", "other", "proxy", "key", "api-key", "a", "a-b", "b-c", "c"),
        *("backend-5000-ms", "root", "settings", "x--y"),
    ),
    "none, iam, or a name of at most 32 letters, digits and hyphens that begins with a small letter": (
        *("none", "iam", "one", "other", "a", "a-b", "b-c", "key", "IAM"),
    ),
    "a path such as /forward or /orders/{id}": (
        *("/", "/a", "/a/{id}", "/a/{name}", "/a/b", "/a~b", "/{id}", "/a-b", "/a-b/c", "/a/b/c", "/a/id", "/a/proxy"),
        *("/root", "/a/{proxy}", "/a/{id}/{id}", "/v1", "/v1/a", "/v1/{id}", "/ping", "/a:b", "/a::b", "/a_b"),
    ),
    "a path that begins with /": ("/", "/healthz", "/a/b/", "/a", "/v1", "/a-b"),
    "a range such as 203.0.113.0/24, or one of github-hooks": ("203.0.113.0/24", "2001:db8::/32", "github-hooks"),
    "an ARN such as arn:aws:acm:eu-west-1:111122223333:certificate/…": (_ARN.format("acm", "certificate/x"),),
    "an ARN such as arn:aws:cognito-idp:eu-west-1:111122223333:userpool/eu-west-1_a1B2c3D4e": (
        _ARN.format("cognito-idp", "userpool/eu-west-1_x"),
    ),
    "an ARN such as arn:aws:iam::aws:policy/AmazonPollyReadOnlyAccess": (
        *("arn:aws:iam::aws:policy/AmazonPollyReadOnlyAccess", "arn:aws:iam::111122223333:policy/a/b"),
    ),
    "the ARN of an SNS topic": (_ARN.format("sns", "alarms"),),
    "the ARN of a KMS key": (
        _ARN.format("kms", "key/1234abcd-12ab-34cd-56ef-1234567890ab"),
        _ARN.format("kms", "key/x"),
    ),
    "an ARN such as arn:aws:lambda:eu-west-1:111122223333:function:greeter": (_ARN.format("lambda", "function:x"),),
    "an EC2 instance type such as t4g.nano": ("t4g.small", "t3.nano", "m7g.large"),
    "an IPv4 or IPv6 range such as 203.0.113.0/24": (
        *("203.0.113.0/24", "10.9.0.0/16", "2001:db8::/32", "0.0.0.0/0", "::/0"),
    ),
    "an IPv4 range such as 10.0.0.0/16": ("10.1.0.0/16", "192.168.0.0/20", "172.17.0.0/16", "8.8.0.0/16"),
    "a host such as api.example.com, or host:port such as smtp.example.com:587": (
        *("api.example.com", "smtp.example.com:587", "redis.internal.example.com:6379"),
    ),
    "an absolute path of letters, digits, . _ and -, with no part . or ..": ("/etc/app/app.conf",),
    "an e-mail address": ("someone@example.com",),
    "the name of a header: letters, digits, . _ and -": ("Authorization", "X-Token", "x_y", "."),
    "the name of a header, or *": ("*", "X-Token", "Authorization"),
    "the version ID of an S3 object": ("1", "x.Y_z-3"),
    "a Lambda runtime such as python3.13 or nodejs22.x": ("python3.13", "nodejs22.x"),
    "an encrypted text (`pulumi config set --secret --path …`)": (_SECURE,),
    "an encrypted text of 20 to 128 letters and digits": (_SECURE,),
    "the `iss` claim of the tokens: an https:// URL without query": (
        *("https://issuer.example.com", "https://a.eu.auth0.com/", "https://a.eu.auth0.com"),
    ),
    "http(s)://host[:port][/base]": ("http://10.1.2.3:8080", "https://app.invalid/base", "http://[fd00::5]"),
    "letters, digits, - and _, 128 at most": ("live", "v1"),
    "module and function, such as handler.handler, or index.handler of Node": ("handler.handler",),
    "an image in Amazon ECR, such as 111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1": (
        "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1",
    ),
    "the ARN of a layer's version, arn:aws:lambda:eu-west-1:111122223333:layer:tools:3": (
        _ARN.format("lambda", "layer:tools:3"),
    ),
    "one of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, ANY": ("GET", "POST", "OPTIONS", "ANY"),
    "one part of a path, without a slash: letters, digits, _ . and -, and neither . nor ..": (
        *("", "v1", "a", ".", "..", "-", "a.b_c"),
    ),
    "s3://bucket/key": ("s3://bucket-of-mine/trust.pem",),
    "the ARN of a Secrets Manager secret or of an SSM parameter": (
        _ARN.format("ssm", "parameter/x"),
        _ARN.format("ssm", "parameter//x"),
        _ARN.format("secretsmanager", "secret:x"),
        _ARN.format("secretsmanager", "secret:x-AbCdEf"),
        _ARN.format("secretsmanager", "secret:x-AbCdEf:key::"),
    ),
    "the id of a Route 53 zone, which begins with Z": ("Z0123456789ABC",),
    "the id of a VPC endpoint, vpce- and 8 to 17 hexadecimal digits": (f"vpce-{_ID}",),
    "the id of a VPC, vpc- and 8 to 17 hexadecimal digits": (f"vpc-{_ID}",),
    "the id of a machine image, ami- and 8 to 17 hexadecimal digits": (f"ami-{_ID}",),
    "the id of a route table, rtb- and 8 to 17 hexadecimal digits": (f"rtb-{_ID}",),
    "the id of a prefix list, pl- and 8 to 17 hexadecimal digits": (f"pl-{_ID}",),
    "the ID of a Route 53 health check": ("0123abcd-0123-4567-89ab-0123456789ab",),
    "the ID of a VPC link of the second version, such as a1b2c3": ("a1b2c3",),
    "the ARN of a listener of an ALB or NLB,"
    " arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/shop/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051": (
        _ARN.format("elasticloadbalancing", f"listener/app/shop/{_ID}/{_ID}"),
        _ARN.format("elasticloadbalancing", f"listener/net/shop/{_ID}/{_ID}"),
    ),
    "the id of a rule, such as LOG-03": ("LOG-03", "API-01"),
    "the id of a security group, sg- and 8 to 17 hexadecimal digits": (f"sg-{_ID}",),
    "the id of a subnet, subnet- and 8 to 17 hexadecimal digits": (f"subnet-{_ID}", "subnet-0f1e2d3c4b5a69788"),
    "the id of an AWS account, 12 digits": ("222233334444",),
    "the name of a zone such as eu-west-1a": ("eu-west-1a", "eu-west-1b"),
    "the name of an S3 bucket, not its ARN or URL": ("bucket-of-mine",),
    "the short name of an AWS service, such as ecr.api or logs": ("ecr.api", "ecr.dkr", "logs", "ssm", "s3", "s4"),
    "the name of an environment variable": ("NAME",),
    "a variable of AWS's list without `$context.`, such as xrayTraceId or authorizer.claims.email": (
        *("xrayTraceId", "wafResponseCode", "dataProcessed", "authorizer.claims.email"),
    ),
}
_BY_NAME: Final[Mapping[str, tuple[Any, ...]]] = {
    "port": (1, 22, 80, 81, 443, 1023, 1024, 8080, 65_535),
    "zones": (1, 2, 3, ["eu-west-1a", "eu-west-1b"]),
    "throttle": ({"rate": 5, "burst": 2}, "off"),
    "quota": ({"limit": 9}, "off"),
    # Most words and kinds do not fit: those that do are drawn together.
    "permissions": (
        {"orders": {"kind": "table", "name": "orders", "allow": ["read", "write"]}},
        {
            "a": {"kind": "bucket", "name": "files-of-mine", "allow": ["list"]},
            "a-b": {"kind": "queue", "name": "a", "allow": ["send"]},
        },
        {"model": {"kind": "model", "name": "anthropic.claude-3-haiku-20240307-v1:0", "allow": ["invoke"]}},
        {"key": {"kind": "key", "name": "orders", "allow": ["read"]}},
    ),
    "image": (
        "nginx:1.29",
        "ghcr.io/a/b:1",
        "s3://bucket-of-mine/app.tar.gz",
        f"{'1' * 12}.dkr.ecr.eu-west-1.amazonaws.com/a:1",
    ),
    "origins": (["*"], ["https://*"], ["https://a.example.com"], ["a.example.com"], ["https://*", "http://x:8080"]),
    "scopes": ([], ["read"], [f"s{number}" for number in range(11)]),
    "audiences": (["gate"], [f"a{number}" for number in range(51)]),
    "managedRules": (["common"], ["common", "common"], ["ip-reputation", "sql-injection"]),
    "allowCidrs": ([], ["10.9.0.0/16"], [f"10.9.{number}.0/24" for number in range(60)]),
    "folder": ("examples/nowhere",),
    "build": ("examples",),
    "userData": ("#!/bin/sh\necho ready",),
    "bodySchema": ({"type": "object"}, {"type": "objekt"}, {"$ref": "#/nope"}),
    "routeThrottles": ({"GET /a": {"rate": 1, "burst": 1}},),
    "waive": ([{"rule": "LOG-03", "reason": "drawn by a test"}],),
}
_SECTIONS: Final[Mapping[str, type[Section]]] = {
    "ingress": Ingress,
    "proxy": Proxy,
    "api": Api,
    "protection": Protection,
    "consumer": Consumer,
}


def configs() -> st.SearchStrategy[dict[str, Any]]:
    """A config that is nearly one of the examples."""
    return st.sampled_from(EXAMPLES).map(_config_of).flatmap(_changed)


def _config_of(example: str) -> dict[str, Any]:
    config = yaml.safe_load((ROOT / example).read_text())["config"]
    return {key: value for key, value in config.items() if key != "aws:region"}


def _changed(config: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    models = dict(_SECTIONS)
    backend = config.get("backend", {})
    models["backend"] = choose_model(backend) or Ec2
    models["network"] = AdoptedNetwork if "vpcId" in config.get("network", {}) else NewNetwork
    topologies = st.sampled_from(["public-proxy", "vpc-link", "private-api"])
    topology = st.one_of(*[st.just(config["topology"])] * 4, topologies)
    keys = st.lists(st.sampled_from(sorted(models)), min_size=1, max_size=3, unique=True)

    def with_keys(sections: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        drawn = {name: _some(models[name]) for name in sections}
        return st.tuples(st.fixed_dictionaries(drawn), topology).map(lambda found: _merged(config, *found))

    return keys.flatmap(with_keys)


def _merged(config: dict[str, Any], drawn: dict[str, dict[str, Any]], topology: str) -> dict[str, Any]:
    whole = {**config, "topology": topology}
    for section, keys in drawn.items():
        if keys:
            whole[section] = {**config.get(section, {}), **keys}
    return whole


def strategies() -> Iterator[st.SearchStrategy[Any]]:
    """What is drawn for each key of each section."""
    for model in [*_SECTIONS.values(), *KINDS.values(), NewNetwork, AdoptedNetwork]:
        for name, schema in build_json_schema(model)["properties"].items():
            yield _value(schema, name)


def _some(model: type[Section]) -> st.SearchStrategy[dict[str, Any]]:
    """A few of a section's keys."""
    root = build_json_schema(model)
    names = st.lists(st.sampled_from(sorted(root["properties"])), max_size=2, unique=True)

    def values(chosen: list[str]) -> st.SearchStrategy[dict[str, Any]]:
        return st.fixed_dictionaries({name: _value(root["properties"][name], name) for name in chosen})

    return names.flatmap(values)


def _value(schema: Mapping[str, Any], name: str) -> st.SearchStrategy[Any]:
    if name in _BY_NAME:
        return st.sampled_from(_BY_NAME[name])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    match schema.get("type"):
        case "boolean":
            return st.booleans()
        case "integer" if "words" in schema:
            return st.sampled_from([1, 30, 365])
        case "integer" | "number":
            low = schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1)
            return st.integers(low, min(schema.get("maximum", low + 500), low + 500))
        case "array":
            least = schema.get("minItems", 0)
            # Routes are told apart only beside others.
            most = 4 if name == "routes" else 2
            return st.lists(_value(schema["items"], ""), min_size=least, max_size=max(least, most))
        case "object" if "properties" in schema:
            return _whole(schema)
        case "object":
            texts = TEXTS[schema.get("propertyNames", {}).get("words", "the name of an environment variable")]
            inner = _value(schema.get("additionalProperties", {"type": "string"}), "")
            return st.dictionaries(st.sampled_from(texts), inner, max_size=2)
    if "words" not in schema:
        return st.sampled_from(["text", "another text"])
    return st.sampled_from(TEXTS[schema["words"]])


def _whole(schema: Mapping[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """An object with its required keys and some of the others."""
    fields = {name: _value(node, name) for name, node in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(required, optional=fields)
