"""Orders: an HTTP API with IAM, a VPC link, an internal load balancer and two containers."""

from components import (
    ApiFront,
    ApiFrontArgs,
    FargateBackend,
    FargateBackendArgs,
    PrivateIngress,
    PrivateIngressArgs,
    PrivateNetwork,
    PrivateNetworkArgs,
    RouteArgs,
    ThrottleArgs,
)

network = PrivateNetwork("network", PrivateNetworkArgs(zones=["eu-west-1a", "eu-west-1b"], egress=["nat-instance"]))
ingress = PrivateIngress(
    "ingress",
    PrivateIngressArgs(
        kind="alb",
        link="v2",
        vpc_id=network.vpc_id,
        subnet_ids=network.private_subnet_ids,
        backend_port=8080,
        health_check_path="/health",
    ),
)
backend = FargateBackend(
    "backend",
    FargateBackendArgs(
        image="111122223333.dkr.ecr.eu-west-1.amazonaws.com/catalog:1.4.0",
        count=2,
        **network.client(),
        **ingress.registration,
    ),
)
front = ApiFront(
    "front",
    ApiFrontArgs(
        kind="http",
        routes=[RouteArgs(path="/orders", methods=["GET"], target="orders", authorization="iam")],
        targets={"orders": ingress.target()},
        throttle=ThrottleArgs(rate=50, burst=25),
    ),
)
