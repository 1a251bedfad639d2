"""What examples find in an account, by the identifiers that they name: a network, a balancer, zones, a certificate."""

from __future__ import annotations

from base64 import b64encode
from typing import Any, Final
from unittest.mock import patch

from .aws_plugin.pretended import ACCOUNT

REGION: Final = "eu-west-1"
_VPC: Final = ("vpc-0a1b2c3d4e5f60718", "10.20.0.0/16")
_SUBNETS: Final = {
    "subnet-0a1b2c3d4e5f60718": ("10.20.30.0/24", "eu-west-1a"),
    "subnet-0b1c2d3e4f5061728": ("10.20.31.0/24", "eu-west-1b"),
}
_PUBLIC: Final = "10.20.0.0/24"
"""Of the subnet that the NAT gateway is in; the others' routes lead to it."""
_ZONES: Final = ("Z0123456789EXAMPLE", "Z0123456789ABCDEFGHIJ")
_DOMAIN: Final = "example.com."
CERTIFICATE: Final = f"arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"
_BALANCER: Final = f"arn:aws:elasticloadbalancing:{REGION}:111122223333:loadbalancer/app/shop/0a1b2c3d4e5f6071"
_LISTENER: Final = f"{_BALANCER.replace(':loadbalancer/', ':listener/')}/8a9b0c1d2e3f4051"
_GROUP: Final = "sg-0a1b2c3d4e5f60718"
_OBJECTS: Final = {"gatehouse-example-trust": "authorities.pem", "gatehouse-example-images": "app-1.0.tar.gz"}


def furnish() -> None:
    """Put all of it into the moto of this process."""
    from moto.acm.models import CertBundle, acm_backends
    from moto.awslambda.models import LayerVersion, lambda_backends
    from moto.ec2.models import ec2_backends
    from moto.elbv2.models import elbv2_backends
    from moto.route53.models import route53_backends
    from moto.s3.models import s3_backends

    _network(ec2_backends[ACCOUNT][REGION])
    _balancer(ec2_backends[ACCOUNT][REGION], elbv2_backends[ACCOUNT][REGION])
    _zone(route53_backends[ACCOUNT]["aws"])
    held = CertBundle.generate_cert("*.example.com", ACCOUNT, REGION)
    held.arn = CERTIFICATE
    acm_backends[ACCOUNT][REGION]._certificates[CERTIFICATE] = held
    layers: Any = lambda_backends[ACCOUNT][REGION]._layers
    for _ in range(3):
        layer = {"LayerName": "tools", "Content": {"ZipFile": b64encode(b"content").decode()}}
        layers.put_layer_version(LayerVersion(layer, "111122223333", REGION))
    storage: Any = s3_backends[ACCOUNT]["aws"]
    for bucket, key in _OBJECTS.items():
        storage.create_bucket(bucket, REGION)
        storage.put_object(bucket, key, b"content")


def _network(network: Any) -> None:
    identifier, block = _VPC
    with patch("moto.ec2.models.vpcs.random_vpc_id", lambda: identifier):
        network.create_vpc(block)
    network.modify_vpc_attribute(identifier, "enable_dns_hostnames", "true")
    for subnet, (addresses, zone) in _SUBNETS.items():
        with patch("moto.ec2.models.subnets.random_subnet_id", lambda each=subnet: each):
            network.create_subnet(identifier, addresses, availability_zone=zone)
    outside = network.create_subnet(identifier, _PUBLIC, availability_zone=zone)
    address = network.allocate_address("vpc")
    gateway = network.create_nat_gateway(outside.id, address.allocation_id)
    (table,) = network.describe_route_tables(filters={"vpc-id": [identifier], "association.main": ["true"]})
    network.create_route(table.id, "0.0.0.0/0", nat_gateway_id=gateway.id)
    # A first stack's endpoints, for the example of a second one.
    for service in ("dynamodb", "s3"):
        name = f"com.amazonaws.{REGION}.{service}"
        network.create_vpc_endpoint(identifier, name, "Gateway", None, [table.id])
    group = network.create_security_group("endpoints", "endpoints", vpc_id=identifier)
    network.authorize_security_group_ingress(group.id, "tcp", "443", "443", [{"CidrIp": block}], vpc_id=identifier)
    network.create_vpc_endpoint(
        identifier,
        f"com.amazonaws.{REGION}.logs",
        "Interface",
        None,
        [],
        subnet_ids=[*_SUBNETS][:1],
        security_group_ids=[group.id],
        private_dns_enabled=True,
    )


def _balancer(network: Any, balancers: Any) -> None:
    with patch("moto.ec2.models.security_groups.random_security_group_id", lambda: _GROUP):
        network.create_security_group("shop", "shop", vpc_id=_VPC[0])
    with patch("moto.elbv2.models.make_arn_for_load_balancer", lambda **_: _BALANCER):
        made = balancers.create_load_balancer("shop", [_GROUP], [*_SUBNETS], scheme="internal")
    answer = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "ContentType": "text/plain"}}
    listener = balancers.create_listener(_BALANCER, "HTTP", "80", "", None, [answer])
    made.listeners.pop(listener.arn)
    listener.arn = _LISTENER
    made.listeners[_LISTENER] = listener


def _zone(names: Any) -> None:
    for identifier in _ZONES:
        with patch("moto.route53.models.create_route53_zone_id", lambda each=identifier, **_: each):
            names.create_hosted_zone(_DOMAIN, private_zone=False)
