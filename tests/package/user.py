"""What a user of the library writes, for `test_typing.py`: it is read by mypy, and never run."""

import pulumi
from gatehouse import (
    ApiFront,
    ApiFrontArgs,
    Ec2Backend,
    Ec2BackendArgs,
    FargateBackend,
    FargateBackendArgs,
    PrivateIngress,
    PrivateIngressArgs,
    PrivateNetwork,
    PrivateNetworkArgs,
    RouteArgs,
    ServerlessProxy,
    ServerlessProxyArgs,
    TargetArgs,
    UrlBackend,
    UrlBackendArgs,
)

made: list[pulumi.Output[str]] = []
network = PrivateNetwork("network", PrivateNetworkArgs(zones=["eu-west-1a"], egress=["ipv6"]))
ServerlessProxy(
    "in-own-subnets",
    ServerlessProxyArgs(vpc_id=network.vpc_id, subnet_ids=made, url="http://10.0.0.1", backend_cidrs=["10.0.0.0/16"]),
)
ServerlessProxy(
    "in-the-networks",
    ServerlessProxyArgs(
        vpc_id="vpc-00000001", subnet_ids=network.private_subnet_ids, url=made[0], port=80, architecture="arm64"
    ),
)
ingress = PrivateIngress("ingress", PrivateIngressArgs(kind="alb", link="v2", vpc_id="vpc-00000001", subnet_ids=made))
backend = Ec2Backend(
    "backend", Ec2BackendArgs(vpc_id="vpc-00000001", subnet_ids=made, image="nginx:1.29", **ingress.registration)
)
FargateBackend(
    "tasks", FargateBackendArgs(vpc_id="vpc-00000001", subnet_ids=made, image="nginx:1.29", **ingress.registration)
)
found = UrlBackend("found", UrlBackendArgs(url="http://10.0.0.1"))
for endpoint in (ingress.endpoint, backend.endpoint, found.endpoint):
    ServerlessProxy("proxy", ServerlessProxyArgs(vpc_id="vpc-00000001", subnet_ids=made, **endpoint))
# A mapping does as well, and is checked when the program runs.
ServerlessProxy("by-mapping", {"vpc_id": "vpc-00000001", "subnet_ids": made, **found.endpoint})
route = RouteArgs(path="/", methods=["GET"], target="own")
args = ApiFrontArgs(kind="http", routes=(route,), targets={"own": TargetArgs(invoke_arn=made[0])})
url: pulumi.Output[str] = ApiFront("front", args).url

# Each of these is an error, which mypy must find: an ignore that is not needed is one too.
RouteArgs(path="/", methods=["get"], target="own")  # type: ignore[list-item] # wrong on purpose
ApiFrontArgs(kind="soap", routes=(route,), targets={})  # type: ignore[arg-type] # wrong on purpose
PrivateNetworkArgs(zone=["eu-west-1a"])  # type: ignore[call-arg] # wrong on purpose
PrivateNetworkArgs(egress=["nat"])  # type: ignore[list-item] # wrong on purpose
