"""For each component, the fewest arguments that it takes."""

from typing import Any

from components import (
    Alerts,
    ApiConsumer,
    ApiFront,
    ApiFunction,
    Ec2Backend,
    ExistingIngress,
    FargateBackend,
    Greeter,
    NatInstance,
    PrivateApiEndpoint,
    PrivateIngress,
    PrivateNetwork,
    ServerlessProxy,
    UrlBackend,
)
from tests.components.front import ARGS as FRONT

LISTENER = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener/app/x/0a1b2c3d4e5f6071/8a9b0c1d2e3f4051"
VPC: dict[str, Any] = {"vpc_id": "vpc-00000001", "subnet_ids": ["subnet-00000001"]}
CIDR = {"vpc_cidr": "10.0.0.0/16"}
PROGRAM = {**VPC, "image": "nginx:1.29", "egress": ["nat-instance"]}
ADOPTED = {**VPC, "zones": None}
BASE: dict[type, dict[str, Any]] = {
    ApiConsumer: {**VPC, "egress": ["ipv6"], "calls_security_group_ids": {"endpoint": "sg-c4420f7b"}},
    ApiFront: FRONT,
    Alerts: {},
    ApiFunction: {"folder": "examples/functions/orders"},
    Ec2Backend: PROGRAM,
    ExistingIngress: {
        **VPC,
        **CIDR,
        "listener_arn": LISTENER,
    },
    FargateBackend: PROGRAM,
    Greeter: {},
    NatInstance: {"vpc_id": "vpc-00000001", **CIDR, "subnet_id": "subnet-00000001"},
    PrivateApiEndpoint: {**VPC, **CIDR},
    PrivateIngress: {**VPC, "kind": "nlb", "link": "v2", "backend_port": 8080},
    PrivateNetwork: {"zones": ["eu-west-1a", "eu-west-1b"]},
    ServerlessProxy: {**VPC, "url": "http://10.0.1.2:8080", "backend_security_group_id": "sg-8fe5c971"},
    UrlBackend: {"url": "http://a"},
}
