"""Jobs: a REST API with IAM in front of the forwarder and a private instance."""

from components import (
    ApiFront,
    ApiFrontArgs,
    Ec2Backend,
    Ec2BackendArgs,
    PrivateNetwork,
    PrivateNetworkArgs,
    RouteArgs,
    ServerlessProxy,
    ServerlessProxyArgs,
    ThrottleArgs,
)

network = PrivateNetwork("network", PrivateNetworkArgs(zones=["eu-west-1a"], egress=["nat-gateway"]))
backend = Ec2Backend(
    "backend", Ec2BackendArgs(image="public.ecr.aws/docker/library/nginx:1.29", port=80, **network.client())
)
proxy = ServerlessProxy(
    "proxy",
    ServerlessProxyArgs(
        vpc_id=network.vpc_id, subnet_ids=network.private_subnet_ids, **backend.endpoint, mean_milliseconds=300
    ),
)
front = ApiFront(
    "front",
    ApiFrontArgs(
        kind="rest",
        routes=[RouteArgs(path="/jobs", methods=["POST"], target="proxy", authorization="iam")],
        targets={"proxy": proxy.target},
        throttle=ThrottleArgs(rate=50, burst=25),
    ),
)
