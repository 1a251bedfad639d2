"""What a user of the library writes, for `test_typing.py`: it is read by mypy, and never run."""

import pulumi
from gatehouse import (
    ApiFront,
    ApiFrontArgs,
    Ec2Backend,
    FargateBackend,
    PrivateIngress,
    PrivateNetwork,
    RouteArgs,
    ServerlessProxy,
    UrlBackend,
)

made: list[pulumi.Output[str]] = []
network = PrivateNetwork("network", {"zones": ["eu-west-1a"], "egress": ["ipv6"]})
ServerlessProxy(
    "in-own-subnets",
    {"vpc_id": network.vpc_id, "subnet_ids": made, "url": "http://10.0.0.1", "backend_cidrs": ["10.0.0.0/16"]},
)
ServerlessProxy(
    "in-the-networks",
    {"vpc_id": "vpc-1", "subnet_ids": network.private_subnet_ids, "url": made[0], "port": 80, "architecture": "arm64"},
)
ingress = PrivateIngress("ingress", {"kind": "alb", "link": "v2", "vpc_id": "vpc-1", "subnet_ids": made})
backend = Ec2Backend("backend", {"vpc_id": "vpc-1", "subnet_ids": made, "image": "nginx:1.29", **ingress.registration})
FargateBackend("tasks", {"vpc_id": "vpc-1", "subnet_ids": made, "image": "nginx:1.29", **ingress.registration})
for endpoint in (ingress.endpoint, backend.endpoint, UrlBackend("found", {"url": "http://10.0.0.1"}).endpoint):
    ServerlessProxy("proxy", {"vpc_id": "vpc-1", "subnet_ids": made, **endpoint})
route: RouteArgs = {"path": "/", "methods": ["GET"], "target": "own"}
args: ApiFrontArgs = {"kind": "http", "routes": (route,), "targets": {"own": {"invoke_arn": made[0]}}}
url: pulumi.Output[str] = ApiFront("front", args).url

# Each of these is an error, which mypy must find: an ignore that is not needed is one too.
route["methods"] = ["get"]  # type: ignore[list-item] # wrong on purpose
args["kind"] = "soap"  # type: ignore[typeddict-item] # wrong on purpose
PrivateNetwork("network", {"zone": ["eu-west-1a"]})  # type: ignore[typeddict-unknown-key] # wrong on purpose
PrivateNetwork("network", {"egress": ["nat"]})  # type: ignore[list-item] # wrong on purpose
