"""Outputs that follow from inputs or from other resources by more than a template."""

import ipaddress
from collections.abc import Callable, Mapping
from typing import Any, Final
from uuid import UUID

from ...graph import UNKNOWN, Secret, reveal
from .location import Declared
from .sdk_types import properties

Made = Mapping[str, Mapping[str, Any]]
"""State of what was made so far, by id."""
Compute = Callable[[Declared, dict[str, Any], Made], Mapping[str, Any]]


def vpc(declared: Declared, made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    outputs = {"mainRouteTableId": made["defaultRouteTableId"]}
    if declared.given("assignGeneratedIpv6CidrBlock", False) is True:
        generated = f"2a05:d018:{declared.digits('six', 3)}:{declared.digits('six', 2)}00::/56"
        return {**outputs, "ipv6CidrBlock": generated}
    return {**outputs, "ipv6AssociationId": "", "ipv6CidrBlock": declared.given("ipv6CidrBlock", "")}


def subnet(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    zones = declared.location.zones
    by_id = {"": next(iter(zones)), **{zone_id: zone for zone, zone_id in zones.items()}}
    zone = declared.given("availabilityZone", by_id.get(str(declared.given("availabilityZoneId", "")), UNKNOWN))
    zone_id = declared.given("availabilityZoneId", zones.get(str(zone), UNKNOWN))
    # A subnet with no IPv6 range has no association of one.
    six = {} if "ipv6CidrBlock" in declared.inputs else {"ipv6CidrBlockAssociationId": ""}
    return {"availabilityZone": zone, "availabilityZoneId": zone_id, **six}


def default_group(declared: Declared, _made: dict[str, Any], others: Made) -> Mapping[str, Any]:
    vpc_state = others.get(declared.given("vpcId"), {})
    return {"id": vpc_state["defaultSecurityGroupId"]} if "defaultSecurityGroupId" in vpc_state else {}


def _or(key: str, default: Any, output: str = "") -> Compute:
    """An input that has a default. The output has its name, or another."""
    return lambda declared, _made, _others: {output or key: declared.given(key, default)}


def address_in(subnet_state: Mapping[str, Any], declared: Declared) -> str:
    """An address of the subnet, past the four that AWS keeps at its start and before its last."""
    cidr = reveal(subnet_state.get("cidrBlock"))
    network = ipaddress.ip_network(cidr if isinstance(cidr, str) else "10.0.0.0/24", strict=False)
    room = max(network.num_addresses - 5, 1)
    return str(network[4 + int(declared.digits("address", 8), 16) % room if room > 1 else 0])


def instance(declared: Declared, _made: dict[str, Any], others: Made) -> Mapping[str, Any]:
    primary = declared.given("primaryNetworkInterface", {})
    interface = others.get(reveal(primary.get("networkInterfaceId")), {}) if isinstance(primary, Mapping) else {}
    location = others.get(interface.get("subnetId") or declared.given("subnetId"), {})
    address = declared.given("privateIp", interface.get("privateIp") or address_in(location, declared))
    public = declared.given("associatePublicIpAddress", location.get("mapPublicIpOnLaunch", False)) is True
    return {
        "privateIp": address,
        "privateDns": _private_name(address, declared),
        "availabilityZone": location.get("availabilityZone", f"{declared.location.region}a"),
        "subnetId": interface.get("subnetId") or declared.given("subnetId"),
        "publicIp": public_address(declared) if public else "",
        "publicDns": "",
        **({"primaryNetworkInterfaceId": interface["id"]} if interface else {}),
    }


def interface(declared: Declared, _made: dict[str, Any], others: Made) -> Mapping[str, Any]:
    location = others.get(declared.given("subnetId"), {})
    given = declared.given("privateIps", [])
    address = given[0] if isinstance(given, list) and given else address_in(location, declared)
    return {
        "privateIp": address,
        "privateIps": [address],
        "privateDnsName": _private_name(address, declared),
        "macAddress": ":".join(declared.digits("mac", 12)[i : i + 2] for i in range(0, 12, 2)),
    }


def public_address(declared: Declared) -> str:
    """An address that no host has: 203.0.113.0/24 is for documentation (RFC 5737)."""
    return f"203.0.113.{int(declared.digits('public', 4), 16) % 254 + 1}"


def elastic_address(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    address, location = public_address(declared), declared.location
    name = f"ec2-{address.replace('.', '-')}.{location.region}.compute.{location.suffix}"
    return {"publicIp": address, "publicDns": name}


def nat_gateway(declared: Declared, _made: dict[str, Any], others: Made) -> Mapping[str, Any]:
    address = others.get(declared.given("allocationId"), {}).get("publicIp", "")
    return {"publicIp": address, "privateIp": address_in(others.get(declared.given("subnetId"), {}), declared)}


def _private_name(address: Any, declared: Declared) -> Any:
    if not isinstance(address, str):
        return UNKNOWN
    region = declared.location.region
    domain = "ec2.internal" if region == "us-east-1" else f"{region}.compute.internal"
    return f"ip-{address.replace('.', '-')}.{domain}"


def endpoint(declared: Declared, made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    service = declared.given("serviceName")
    if declared.given("vpcEndpointType", "Gateway") == "Gateway":
        return {"cidrBlocks": ["192.0.2.0/24"], "dnsEntries": [], "networkInterfaceIds": []}
    subnets = declared.given("subnetIds", [])
    count = len(subnets) if isinstance(subnets, list) else 1
    region, _, name = str(service).rpartition("com.amazonaws.")[2].partition(".")
    domain = f"{name}.{region}.{declared.location.region}.vpce.{declared.location.suffix}"
    host = f"{made['id']}-{declared.digits('dns', 8)}.{domain}"
    return {
        "prefixListId": "",
        "dnsEntries": [{"dnsName": host, "hostedZoneId": "Z7HUB22UULQXV"}],
        "networkInterfaceIds": [f"eni-0{declared.digits(f'eni{number}', 16)}" for number in range(count)],
    }


def balancer(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    location, name = declared.location, declared.physical
    kind = {"network": "net", "gateway": "gwy"}.get(declared.given("loadBalancerType", "application"), "app")
    tail = f"loadbalancer/{kind}/{name}/{declared.digits('id', 16)}"
    arn = location.arn("elasticloadbalancing", tail)
    inner = "internal-" if declared.given("internal", False) is True and kind == "app" else ""
    host = f"{inner}{name}-{int(declared.digits('dns', 8), 16)}"
    zone = "elb." + location.region if kind == "net" else location.region + ".elb"
    return {
        "id": arn,
        "arn": arn,
        "name": name,
        "arnSuffix": tail.removeprefix("loadbalancer/"),
        "dnsName": f"{host}.{zone}.{location.suffix}",
        "zoneId": "Z0" + declared.digits("zone", 12).upper(),
        "loadBalancerType": declared.given("loadBalancerType", "application"),
    }


def _under(key: str, old: str, new: str) -> Compute:
    """An ARN that continues the one in an input."""

    def outputs(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
        parent = declared.given(key)
        arn = f"{parent.replace(old, new)}/{declared.digits('id', 16)}" if isinstance(parent, str) else UNKNOWN
        return {"id": arn, "arn": arn}

    return outputs


def certificate(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    arn = declared.location.arn("acm", f"certificate/{UUID(declared.digits('id', 32))}")
    others = declared.given("subjectAlternativeNames", [])
    names = [declared.given("domainName"), *(others if isinstance(others, list) else [])]
    options = [
        {
            "domainName": name,
            "resourceRecordName": f"_{declared.digits(str(name), 32)}.{str(name).removeprefix('*.')}.",
            "resourceRecordType": "CNAME",
            "resourceRecordValue": f"_{declared.digits(f'{name} value', 32)}.acm-validations.aws.",
        }
        for name in dict.fromkeys(map(reveal, names))
    ]
    return {"id": arn, "arn": arn, "status": "ISSUED", "domainValidationOptions": options}


def http_stage(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    end = "" if declared.physical == "$default" else "{name}"
    outputs = {
        **dict.fromkeys(("id", "name"), "{name}"),
        "arn": "arn:{partition}:apigateway:{region}::/apis/{apiId}/stages/{name}",
        "executionArn": "arn:{partition}:execute-api:{region}:{account}:{apiId}/{name}",
        "invokeUrl": "https://{apiId}.execute-api.{region}.{suffix}/" + end,
    }
    return {key: declared.fill(template, key, {}) for key, template in outputs.items()}


def api_domain(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    configuration = declared.given("domainNameConfiguration", {})
    if not isinstance(configuration, Mapping):
        return {}
    location = declared.location
    target = f"d-{declared.digits('target', 10)}.execute-api.{location.region}.{location.suffix}"
    return {"domainNameConfiguration": {**configuration, "targetDomainName": target, "hostedZoneId": "Z2OJLYMUO9EFXC"}}


def function(declared: Declared, made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    if declared.given("publish", False) is not True:
        return {}
    qualified = f"{made['arn']}:1"
    return {
        "version": "1",
        "qualifiedArn": qualified,
        "qualifiedInvokeArn": str(made["qualifiedInvokeArn"]).replace(f"{made['arn']}:$LATEST", qualified),
    }


def deployment(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    """Before version 7 of the SDK a deployment may make a stage, and has its address, which ends in `/` without one."""
    stage = declared.given("stageName", "")
    if not (stage or "executionArn" in properties(declared.type)):
        return {}
    end = "/{stageName}" if stage else "/"
    arn = "arn:{partition}:execute-api:{region}:{account}:{restApi}" + end
    url = "https://{restApi}.execute-api.{region}.{suffix}" + end
    return {"executionArn": declared.fill(arn, "", {}), "invokeUrl": declared.fill(url, "", {})}


def search_domain(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
    name = declared.given("domainName", declared.physical)
    arn = declared.location.arn("es", f"domain/{name}")
    return {"id": arn, "arn": arn, "domainName": name}


def _managed_password(prefix: str) -> Compute:
    """The secret that RDS makes for a password it manages, whose ARN programs hand to what reads it.

    https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-secrets-manager.html
    """

    def outputs(declared: Declared, _made: dict[str, Any], _others: Made) -> Mapping[str, Any]:
        if declared.given("manageMasterUserPassword", False) is not True:
            return {"masterUserSecrets": []}
        arn = declared.location.arn
        name = f"{prefix}-{UUID(declared.digits('secret', 32))}-{declared.digits('end', 6)}"
        key = declared.given("masterUserSecretKmsKeyId", arn("kms", f"key/{UUID(declared.digits('key', 32))}"))
        secret = {"secretArn": arn("secretsmanager", f"secret:rds!{name}"), "kmsKeyId": key, "secretStatus": "active"}
        return {"masterUserSecrets": [secret]}

    return outputs


COMPUTED: Final[dict[str, Compute]] = {
    # An account whose settings are only read has no log role yet, so that a program shows what it declares then.
    "aws:apigateway/account:Account": _or("cloudwatchRoleArn", ""),
    "aws:apigateway/deployment:Deployment": deployment,
    "aws:rds/instance:Instance": _managed_password("db"),
    "aws:rds/cluster:Cluster": _managed_password("cluster"),
    "aws:ec2/vpc:Vpc": vpc,
    "aws:ec2/subnet:Subnet": subnet,
    "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup": default_group,
    "aws:ec2/securityGroup:SecurityGroup": _or("description", "Managed by Pulumi"),
    "aws:ec2/instance:Instance": instance,
    "aws:ec2/networkInterface:NetworkInterface": interface,
    "aws:ec2/eip:Eip": elastic_address,
    "aws:ec2/natGateway:NatGateway": nat_gateway,
    "aws:ec2/vpcEndpoint:VpcEndpoint": endpoint,
    "aws:lb/loadBalancer:LoadBalancer": balancer,
    "aws:lb/listener:Listener": _under("loadBalancerArn", ":loadbalancer/", ":listener/"),
    "aws:lb/listenerRule:ListenerRule": _under("listenerArn", ":listener/", ":listener-rule/"),
    "aws:acm/certificate:Certificate": certificate,
    "aws:apigatewayv2/stage:Stage": http_stage,
    "aws:apigatewayv2/domainName:DomainName": api_domain,
    "aws:lambda/function:Function": function,
    "aws:apigateway/apiKey:ApiKey": lambda key, _made, _others: {
        "value": Secret(key.given("value", key.digits("value", 40)))
    },
    "aws:elasticsearch/domain:Domain": search_domain,
    "aws:opensearch/domain:Domain": search_domain,
    "random:index/randomPassword:RandomPassword": lambda _key, made, _others: {"result": Secret(made["result"])},
    # As after its creation: later the engine keeps the first value. An unknown input stays unknown.
    "pulumi:index:Stash": _or("input", UNKNOWN, output="output"),
}
