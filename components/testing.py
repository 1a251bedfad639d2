"""Mocks for unit tests of programs that use the components. Import them as `gatehouse.testing`.

The mocks answer as AWS would, as far as the components read the answers. They start no process and call nothing.
https://www.pulumi.com/docs/iac/concepts/testing/unit/
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import pulumi
from pulumi.runtime.mocks import MockMonitor

from .facts import limits

Values = Mapping[str, Any]
"""Outputs of a resource or the result of a lookup, by the provider's names (camelCase)."""

_MAIN_TABLE: Final = "rtb-0123456789abcdef0"
_ZONE_LETTERS: Final = "abc"
_VPC_CIDR: Final = "10.0.0.0/16"


@dataclass(frozen=True)
class Declared:
    """A declared resource or component."""

    type: str
    """Whole type, such as `aws:ec2/route:Route`."""
    name: str
    inputs: Values
    parent: str
    """Name of its parent. Empty at the top of the stack."""
    dependencies: frozenset[str]
    """Names of the resources that it waits for, by `depends_on` or by an input."""
    options: Mapping[str, Any]
    """Options that the program gave, such as `protect` or `ignore_changes`, by their names in Python. Names of inputs
    in them are the provider's (camelCase)."""


class _Monitor(MockMonitor):
    """Notes the options of each registration for the mocks."""

    def __init__(self, mocks: Mocks) -> None:
        super().__init__(mocks)
        self._notes = mocks.requests

    def RegisterResource(self, request: Any) -> Any:  # noqa: N802 # of the engine's protocol
        answer = super().RegisterResource(request)  # type: ignore[no-untyped-call] # of the SDK
        self._notes[request.type, request.name] = request
        return answer


class Mocks(pulumi.runtime.Mocks):
    """Mocks for every component of this package.

    `run` runs a program on them. Resources of other types get an ID, an ARN, a name and their inputs. A lookup that the
    components do not use raises an error that names it.
    """

    region: str
    """Region that lookups return."""
    account: str
    """Account ID that lookups return."""
    vpc_id: str
    """VPC of the subnets that the program looks up."""
    declared: list[pulumi.runtime.MockResourceArgs]
    """Resources in the order of their declaration, with `typ`, `name` and `inputs`. Components are included."""

    def __init__(
        self,
        *,
        region: str = "eu-west-1",
        account: str = "123456789012",
        vpc_id: str = "vpc-0123456789abcdef0",
        outputs: Mapping[str, Values] | None = None,
        lookups: Mapping[str, Values] | None = None,
    ) -> None:
        """Creates the mocks.

        If the program uses an existing VPC, pass its ID as `vpc_id`.
        `outputs` has further outputs by resource type, such as `{"aws:sqs/queue:Queue": {"url": "https://…"}}`.
        `lookups` has results by token, such as `{"aws:ec2/getVpc:getVpc": {"cidrBlock": "10.1.0.0/16"}}`. Both
        replace single values and keep the others.
        """
        self.region = region
        self.account = account
        self.declared = []
        self.requests: dict[tuple[str, str], Any] = {}
        self._outputs = outputs or {}
        self._lookups = lookups or {}
        self.vpc_id = vpc_id
        self._subnets: list[str] = []

    def run(self, program: Callable[[], Any]) -> Any:
        """Runs a program and waits until all its resources are declared. Returns the program's result.

        An Output in the result is returned as its value. Raises errors of the program and of its outputs.
        """
        results: list[Any] = []
        pulumi.runtime.set_mocks(self, monitor=_Monitor(self))
        run = pulumi.runtime.test(lambda: pulumi.Output.from_input(program()).apply(results.append))  # type: ignore[no-untyped-call] # of the SDK
        run()
        return results[0] if results else None

    def inputs(self, kind: str) -> list[Values]:
        """Inputs of all declared resources of a kind. Raises as `resources` does."""
        return [resource.inputs for resource in self.resources(kind)]

    def resources(self, kind: str) -> list[Declared]:
        """All declared resources of a kind, such as `SecurityGroupEgressRule`, or of a whole type.

        Raises LookupError if nothing of the kind was declared, or if two packages share it. The message has the types
        to choose from.
        """
        types = sorted({resource.typ for resource in self.declared})
        found = [one for one in types if kind in (one, one.rpartition(":")[2])]
        if len(found) > 1:
            raise LookupError(f"{kind} is a kind of several packages: name one of {', '.join(found)}")
        if not found:
            raise LookupError(f"nothing of the kind {kind} was declared, only: {', '.join(types) or 'nothing'}")
        return [self._described(resource) for resource in self.declared if resource.typ == found[0]]

    def _described(self, resource: pulumi.runtime.MockResourceArgs) -> Declared:
        request = self.requests.get((resource.typ, resource.name))
        described = Declared(resource.typ, resource.name, resource.inputs, "", frozenset(), {})
        if request is None:
            return described
        parent = "" if "::pulumi:pulumi:Stack::" in request.parent else _name(request.parent)
        dependencies = frozenset(map(_name, request.dependencies))
        return replace(described, parent=parent, dependencies=dependencies, options=_options(request))

    def new_resource(self, args: pulumi.runtime.MockResourceArgs) -> tuple[str, dict[str, Any]]:
        """Records the resource. Returns its ID and outputs."""
        self.declared.append(args)
        # `arn` stands for all ARNs: its form is AWS's, but the kind of resource in it is not.
        service = args.typ.partition(":")[2].partition("/")[0]
        known = {"arn": self._arn(service, args.name), "name": args.name, **self._made(args)}
        return args.resource_id or f"{args.name}-id", {**known, **args.inputs, **self._outputs.get(args.typ, {})}

    def call(self, args: pulumi.runtime.MockCallArgs) -> dict[str, Any]:  # type: ignore[override] # the SDK takes both
        """Returns the result of a lookup. Raises LookupError if there is none."""
        known = self._found(args.token, args.args)
        if known is None and args.token not in self._lookups:
            raise LookupError(f"{args.token} has no result: pass Mocks(lookups={{{args.token!r}: {{…}}}})")
        return {**(known or {}), **self._lookups.get(args.token, {})}

    def _arn(self, service: str, name: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{name}"

    def _made(self, args: pulumi.runtime.MockResourceArgs) -> Values:
        """Outputs that the components read, besides ARN, name and inputs."""
        name, inputs, domain = args.name, args.inputs, f"{self.region}.amazonaws.com"
        invoke = f"arn:aws:apigateway:{self.region}:lambda:path/2015-03-31/functions/{name}/invocations"
        api = {"executionArn": self._arn("execute-api", name), "apiEndpoint": f"https://{name}.execute-api.{domain}"}
        match args.typ:
            case "aws:acm/certificate:Certificate":
                proof = {"resourceRecordName": f"_{name}", "resourceRecordType": "CNAME", "resourceRecordValue": "_x."}
                return {"domainValidationOptions": [{"domainName": inputs.get("domainName"), **proof}]}
            case "aws:apigateway/account:Account":
                return {"cloudwatchRoleArn": ""}
            case "aws:apigateway/domainName:DomainName":
                regional = {"regionalDomainName": f"d-{name}.execute-api.{domain}", "regionalZoneId": "Z0REGIONAL"}
                return {"domainNameId": f"{name}-id", **regional}
            case "aws:apigateway/restApi:RestApi" | "aws:apigatewayv2/api:Api":
                return api
            case "aws:apigateway/stage:Stage":
                url = f"https://{inputs.get('restApi')}.execute-api.{domain}/{inputs.get('stageName')}"
                return {"invokeUrl": url}
            case "aws:ec2/eip:Eip":
                return {"publicIp": _address(name), "allocationId": f"{name}-id"}
            case "aws:ec2/instance:Instance":
                return {"privateIp": "10.0.0.10"}
            case "aws:ec2/launchTemplate:LaunchTemplate":
                return {"latestVersion": 1}
            case "aws:ec2/natGateway:NatGateway":
                return {"publicIp": _address(name)}
            case "aws:ec2/subnet:Subnet":
                return {
                    "availabilityZoneId": self._zone_ids()[_ZONE_LETTERS.find(str(inputs.get("availabilityZone"))[-1])]
                }
            case "aws:ec2/vpc:Vpc":
                return {"ipv6CidrBlock": "2001:db8:1234:1a00::/56", "mainRouteTableId": _MAIN_TABLE}
            case "aws:ec2/vpcEndpoint:VpcEndpoint":
                return {"prefixListId": _prefix_list(inputs.get("serviceName")), "dnsEntries": [self._entry(name)]}
            case "awsx:ecr:Image":
                return {"imageUri": f"{inputs.get('repositoryUrl')}@sha256:{'0' * 64}"}
            case "aws:ecr/repository:Repository":
                return {"repositoryUrl": f"{self.account}.dkr.ecr.{domain}/{name}"}
            case "aws:lambda/alias:Alias" | "aws:lambda/function:Function":
                return {"invokeArn": invoke, "version": "1"}
            case "aws:lb/loadBalancer:LoadBalancer":
                hosts = {"dnsName": f"internal-{name}.elb.{domain}", "zoneId": "Z0BALANCER"}
                return {"arnSuffix": f"app/{name}/0123456789abcdef", **hosts}
            case "aws:lb/targetGroup:TargetGroup":
                return {"arnSuffix": f"targetgroup/{name}/0123456789abcdef"}
            case "aws:servicediscovery/service:Service":
                return {"arn": self._arn("servicediscovery", f"service/{name}-id")}
            case "pulumi:index:Stash":
                return {"output": inputs.get("input")}
            case "aws:route53/record:Record":
                return {"fqdn": inputs.get("name")}
            case "aws:route53/zone:Zone":
                return {"zoneId": "Z0PRIVATE"}
        return {}

    def _entry(self, name: str) -> Values:
        return {"dnsName": f"{name}.execute-api.{self.region}.vpce.amazonaws.com", "hostedZoneId": "Z0ENDPOINT"}

    def _found(self, token: str, args: Values) -> Values | None:
        """Results of the components' lookups.

        A network that exists is private and has a NAT gateway. A listener is that of an internal ALB.
        """
        zones = [self.region + letter for letter in _ZONE_LETTERS]
        match token:
            case "aws:index/getRegion:getRegion":
                return {"id": self.region, "name": self.region, "region": self.region}
            case "aws:index/getPartition:getPartition":
                return {"id": "aws", "partition": "aws", "dnsSuffix": "amazonaws.com"}
            case "aws:index/getCallerIdentity:getCallerIdentity":
                return {"id": self.account, "accountId": self.account, "arn": self._arn("sts", "caller")}
            case "aws:index/getAvailabilityZones:getAvailabilityZones":
                return {"id": self.region, "names": zones, "zoneIds": list(self._zone_ids())}
            case "aws:ssm/getParameter:getParameter":
                return {
                    "id": args.get("name"),
                    "insecureValue": "ami-0123456789abcdef0",
                    "value": "ami-0123456789abcdef0",
                }
            case "aws:ec2/getPrefixList:getPrefixList":
                return {"id": _prefix_list(args.get("name")), "cidrBlocks": ["192.0.2.0/24"]}
            case "aws:ec2/getVpc:getVpc":
                ranges = {"cidrBlock": _VPC_CIDR, "ipv6CidrBlockAssociations": []}
                dns = {"enableDnsSupport": True, "enableDnsHostnames": True}
                return {"id": args.get("id") or self.vpc_id, "mainRouteTableId": _MAIN_TABLE, **ranges, **dns}
            case "aws:ec2/getSubnet:getSubnet":
                return self._subnet(args.get("id") or "subnet-0123456789abcdef0", zones)
            case "aws:ec2/getRouteTables:getRouteTables":
                return {"id": self.region, "ids": [_MAIN_TABLE]}
            case "aws:ec2/getRouteTable:getRouteTable":
                route = {"cidrBlock": "0.0.0.0/0", "natGatewayId": "nat-0123456789abcdef0", "gatewayId": ""}
                return {"id": args.get("routeTableId"), "routes": [route]}
            case "aws:ec2/getVpcEndpoint:getVpcEndpoint":
                return self._endpoint(args)
            case "aws:ec2/getVpcEndpointService:getVpcEndpointService":
                return {
                    "id": args.get("serviceName"),
                    "serviceName": args.get("serviceName"),
                    "availabilityZones": zones,
                }
            case "aws:vpc/getSecurityGroupRules:getSecurityGroupRules":
                return {"id": self.region, "ids": ["sgr-0123456789abcdef0"]}
            case "aws:vpc/getSecurityGroupRule:getSecurityGroupRule":
                source = {"cidrIpv4": _VPC_CIDR, "ipProtocol": "-1", "isEgress": False}
                return {"id": args.get("securityGroupRuleId"), **source}
            case "aws:lb/getListener:getListener":
                # The ARN of a listener has that of its load balancer in it.
                balancer = str(args.get("arn")).replace(":listener/", ":loadbalancer/").rpartition("/")[0]
                return {**args, "id": args.get("arn"), "port": 80, "protocol": "HTTP", "loadBalancerArn": balancer}
            case "aws:lb/getLoadBalancer:getLoadBalancer":
                host = f"internal-found.elb.{self.region}.amazonaws.com"
                place = {"dnsName": host, "vpcId": self.vpc_id, "securityGroups": ["sg-0123456789abcdef0"]}
                return {**args, "id": args.get("arn"), "internal": True, **place}
            case "aws:apigatewayv2/getVpcLink:getVpcLink":
                return {"id": args.get("vpcLinkId"), "subnetIds": ["subnet-0123456789abcdef0"]}
        return None

    def _subnet(self, subnet_id: str, zones: Sequence[str]) -> Values:
        """Each subnet is in another zone, as AWS requires of subnets of one load balancer."""
        if subnet_id not in self._subnets:
            self._subnets.append(subnet_id)
        at = self._subnets.index(subnet_id) % len(zones)
        zone = {"availabilityZone": zones[at], "availabilityZoneId": self._zone_ids()[at]}
        return {"id": subnet_id, "vpcId": self.vpc_id, "cidrBlock": f"10.0.{at}.0/24", "ipv6CidrBlock": "", **zone}

    def _endpoint(self, args: Values) -> Values:
        """An endpoint that exists is available, and everything in its VPC may call it."""
        kinds = [value for asked in args.get("filters") or () for value in asked.get("values") or ()]
        endpoint_id = args.get("id") or "vpce-0123456789abcdef0"
        return {
            "id": endpoint_id,
            "vpcId": args.get("vpcId") or self.vpc_id,
            "serviceName": args.get("serviceName") or f"com.amazonaws.{self.region}.execute-api",
            "vpcEndpointType": kinds[0] if kinds else "Interface",
            "state": "available",
            "privateDnsEnabled": True,
            "policy": "",
            "dnsEntries": [self._entry(str(endpoint_id))],
            "securityGroupIds": ["sg-0123456789abcdef0"],
            "subnetIds": ["subnet-0123456789abcdef0"],
            "routeTableIds": [_MAIN_TABLE],
            "prefixListId": _prefix_list(args.get("serviceName")),
        }

    def _zone_ids(self) -> Sequence[str]:
        served = limits.VPC_LINK_ZONE_IDS.get(self.region, ())
        return [*served, *(f"{self.region}-az{number}" for number in range(len(_ZONE_LETTERS)))][: len(_ZONE_LETTERS)]


def _name(urn: str) -> str:
    return urn.rpartition("::")[2]


def _options(request: Any) -> dict[str, Any]:
    """Options of a registration. An option that was not given is left out."""
    named = {
        "protect": request.protect,
        "retain_on_delete": request.retainOnDelete,
        "ignore_changes": list(request.ignoreChanges),
        "replace_on_changes": list(request.replaceOnChanges),
        "additional_secret_outputs": list(request.additionalSecretOutputs),
    }
    given = {key: value for key, value in named.items() if value}
    if request.deleteBeforeReplaceDefined:
        given["delete_before_replace"] = request.deleteBeforeReplace
    return given


def _address(name: str) -> str:
    """A public address. Each name has another one."""
    return f"203.0.113.{zlib.crc32(name.encode()) % 254 + 1}"


def _prefix_list(service: object) -> str:
    """The ID of AWS's list of a service's addresses."""
    return f"pl-{zlib.crc32(str(service).encode()):08x}"
