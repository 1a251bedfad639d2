"""Besides connections and rights: routes, endpoints, listeners, invocations, schedules, alarms, limits and names."""

import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from components.facts import egress_modes
from components.facts.limits import ACCOUNT_BURST, ACCOUNT_RATE
from components.recording.resources import Resource
from tests.helpers.policies import allows
from tests.oracle.stack import Fact, Stack, plain, statements_of

_GROUPS = {
    "common": "AWSManagedRulesCommonRuleSet",
    "known-bad-inputs": "AWSManagedRulesKnownBadInputsRuleSet",
    "ip-reputation": "AWSManagedRulesAmazonIpReputationList",
    "anonymous-ip": "AWSManagedRulesAnonymousIpList",
    "sql-injection": "AWSManagedRulesSQLiRuleSet",
}
_CARRIERS = {"natGatewayId": "nat-gateway", "networkInterfaceId": "nat-instance", "egressOnlyGatewayId": "ipv6"}


_CLIENTS = ("Ec2Backend", "FargateBackend", "ApiFunction", "ApiConsumer")


def read_surroundings(stack: Stack) -> set[Fact]:
    return {fact for component, _ in stack.of(*_KINDS) for fact in _read(stack, component)}


def _read(stack: Stack, component: Resource) -> Iterator[Fact]:
    name, of = component.name, partial(stack.children, component)
    public = {plain(one)["routeTableId"] for one in of("Route") if "gatewayId" in one.inputs}
    for route in map(plain, of("Route")):
        if route.get("routeTableId") not in public:
            yield from ((name, "route", carrier) for key, carrier in _CARRIERS.items() if key in route)
    for endpoint in map(plain, of("VpcEndpoint")):
        service = ".".join(endpoint["serviceName"].split(".")[3:])
        yield name, "endpoint", service, endpoint["vpcEndpointType"]
        if "privateDnsEnabled" in endpoint and service == "execute-api":
            yield name, "private DNS", endpoint["privateDnsEnabled"]
            yield name, "accounts", "own" if _is_own(endpoint["policy"]) else "any"
    yield from ((name, "instance connect") for _ in of("InstanceConnectEndpoint"))
    yield from ((name, "shell by", "ecs-exec") for one in of("Service") if plain(one).get("enableExecuteCommand"))
    for permission in map(plain, of("Permission")):
        asks = "authorizers" in str(permission["sourceArn"])
        yield name, "invokes", _owner_name(stack, permission["function"]), permission.get("qualifier"), asks
        assert permission["principal"] == "apigateway.amazonaws.com"
    for schedule in of("Schedule"):
        every = re.fullmatch(r"rate\((.+)\)", plain(schedule)["scheduleExpression"])
        assert every is not None
        yield name, "schedule", schedule.name.removeprefix(f"{name}-"), every[1]
    for alarm in map(plain, of("MetricAlarm")):
        for action in (*alarm.get("alarmActions", ()), *alarm.get("okActions", ())):
            yield (name, "reboots") if ":automate:" in action else (name, "notifies", stack.name(action))
    for record in map(plain, of("Record")):
        if any(record["zoneId"] == zone.state.get("zoneId") for zone in of("Zone")) or component.kind == "PrivateName":
            yield name, "name", record["name"]
    yield from ((name, "in", stack.name(plain(group)["vpcId"])) for group in of("SecurityGroup")[:1])
    yield from ((name, "range", plain(vpc)["cidrBlock"]) for vpc in of("Vpc"))
    at = {
        id_ for rule in of("SecurityGroupEgressRule") for id_ in [plain(rule).get("referencedSecurityGroupId")] if id_
    }
    for endpoint in map(plain, stack.list_all("VpcEndpoint")):
        if component.kind in _CLIENTS and at & {*endpoint.get("securityGroupIds", ())}:
            yield name, "calls", ".".join(endpoint["serviceName"].split(".")[3:])
    if component.kind in _CLIENTS[:3]:
        yield from ((name, "calls", service) for service in _list_gateways(stack, component))
    yield from _read_registrations(stack, component)
    yield from _read_limits(stack, component)


def _list_gateways(stack: Stack, component: Resource) -> Iterator[str]:
    """Services whose gateway endpoint is on the routes of a backend in a VPC of the stack, and passes its rules."""
    rules = [plain(rule) for rule in stack.children(component, "SecurityGroupEgressRule")]
    https = [rule for rule in rules if rule["fromPort"] == 443]
    for endpoint in stack.list_all("VpcEndpoint"):
        if endpoint.inputs["vpcEndpointType"] == "Gateway" and any(stack.list_all("Vpc")):
            lists = {endpoint.state["prefixListId"]}
            if any(rule.get("cidrIpv4") == "0.0.0.0/0" or rule.get("prefixListId") in lists for rule in https):
                yield endpoint.inputs["serviceName"].rpartition(".")[2]


def _owner_name(stack: Stack, function: Any) -> str:
    named = stack.name(function)
    by_name = [each for each in stack.list_all("Function") if function in (each.state.get("name"), each.id)]
    owner = stack.owner(by_name[0].urn if by_name else named)
    return owner.name if owner is not None else named


def _is_own(policy: Any) -> bool:
    return all(":123456789012:" in arn for one in statements_of(policy) for arn in one["Resource"])


def _read_registrations(stack: Stack, component: Resource) -> Iterator[Fact]:
    of = partial(stack.children, component)
    for listener in of("Listener"):
        if not listener.name.endswith("-standby"):
            [action] = plain(listener)["defaultActions"]
            targets = stack.graph.resources[stack.name(action["targetGroupArn"])]
            yield component.name, "listens", plain(listener)["port"], targets.inputs["port"]
    for service in map(plain, of("Service", "Group", "TargetGroupAttachment")):
        balanced = [one["targetGroupArn"] for one in service.get("loadBalancers") or ()]
        registry = service.get("serviceRegistries") or {}
        balanced += [
            *(service.get("targetGroupArns") or ()),
            service.get("targetGroupArn"),
            registry.get("registryArn"),
        ]
        yield from ((component.name, "registers", stack.name(one)) for one in balanced if one)
    for instance in of("Instance"):
        if instance.type.startswith("aws:servicediscovery/"):
            services = [
                one.urn
                for one in stack.list_all("Service")
                if one.id == plain(instance)["serviceId"]
                or str(one.state.get("arn", "")).endswith(f"/{plain(instance)['serviceId']}")
            ]
            yield component.name, "registers", services[0]


def _read_limits(stack: Stack, component: Resource) -> Iterator[Fact]:
    name, of = component.name, partial(stack.children, component)
    for acl in map(plain, of("WebAcl")):
        for rule in acl["rules"]:
            statement = rule["statement"]
            if rate := statement.get("rateBasedStatement"):
                yield name, "firewall", "rate", rate["limit"]
            if group := statement.get("managedRuleGroupStatement"):
                yield name, "firewall", "rules", group["name"]
                yield from ((name, "firewall", "large bodies") for _ in group.get("ruleActionOverrides") or ())
    yield from ((name, "firewall", "allow", cidr) for one in map(plain, of("IpSet")) for cidr in one["addresses"])
    for settings in map(plain, of("MethodSettings")):
        found, path = settings["settings"], settings["methodPath"].replace("~1", "/")
        if "throttlingRateLimit" in found:
            way, _, method = path.rpartition("/")
            key = "*" if path == "*/*" else f"{method} {way}"
            yield name, "rate", key, found["throttlingRateLimit"], found["throttlingBurstLimit"]
    for stage in of("Stage"):
        given = plain(stage)
        default = given.get("defaultRouteSettings", {})
        own = [(each["routeKey"], each) for each in given.get("routeSettings") or ()]
        for key, each in [("*", default), *own] if default else own:
            limits = each["throttlingRateLimit"], each["throttlingBurstLimit"]
            if limits != (ACCOUNT_RATE, ACCOUNT_BURST):
                yield name, "rate", key, *limits


def state_surroundings(stack: Stack) -> set[Fact]:
    return {fact for component, one in stack.of(*_KINDS) for fact in _state(stack, component, one)}


def _state(stack: Stack, component: Resource, one: Any) -> Iterator[Fact]:
    name = component.name
    if one.get("vpc") == "own":
        carrier = egress_modes.find_ipv4_carrier([*one.get("out", {})])
        yield from (
            (name, "route", each) for each in (carrier, "ipv6" if "ipv6" in one.get("out", {}) else None) if each
        )
    if component.kind == "PrivateNetwork":
        yield from ((name, "endpoint", service, "Gateway") for service in one.get("gateways", {}))
        yield from ((name, "endpoint", service, "Interface") for service in one.get("endpoints", {}))
    if component.kind == "PrivateApiEndpoint" and one["admits"] != "unknown":
        yield name, "endpoint", "execute-api", "Interface"
        yield name, "private DNS", one["privateDns"]
        yield from ((name, "accounts", each) for each in one["accounts"])
    if one.get("instanceConnect"):
        yield (name, "instance connect")
    if one.get("people", {}).get("by") == "ecs-exec":
        yield name, "shell by", "ecs-exec"
    yield from ((name, "schedule", key, each["every"]) for key, each in one.get("schedules", {}).items())
    yield from [(name, "reboots")] if one.get("reboots") else []
    yield from [(name, "notifies", stack.name_of(one["notifies"]))] if "notifies" in one else []
    for named in (one.get("name"), one.get("at", {}).get("privateDomain", {}).get("name")):
        yield from [(name, "name", stack.name_of(named))] if named else []
    if "toPort" in one and one["kind"] != "cloud-map":
        yield name, "listens", one["port"], one["toPort"]
    yield from [(name, "registers", stack.name_of(one["registers"]))] if "registers" in one else []
    if component.kind == "ApiFront":
        yield from _state_api(stack, name, one)
    if stack.children(component, "SecurityGroup"):
        network = one.get("network") or one.get("leads", {}).get("network") or one.get("vpc")
        vpcs = [vpc.urn for vpc in stack.children(component, "Vpc")] if network == "own" else stack.names(network)
        yield from ((name, "in", vpc) for vpc in vpcs)
    yield from [(name, "range", one["range"])] if "range" in one else []
    if component.kind in _CLIENTS:
        yield from ((name, "calls", service) for service in one["leads"].get("endpoints", {}))
        has_network = component.kind in _CLIENTS[:3] and any(stack.list_all("Vpc"))
        yield from ((name, "calls", service) for service in one["leads"].get("gateways", {}) if has_network)
        groups = [
            stack.owner(stack.names(call["group"])[0])
            for call in one["leads"].get("calls", {}).values()
            if "group" in call
        ]
        yield from ((name, "calls", "execute-api") for each in groups if each and each.kind == "PrivateApiEndpoint")
    assert one.get("out", {}).keys() <= {*egress_modes.EGRESS_MODES}


def _state_api(stack: Stack, name: str, api: Any) -> Iterator[Fact]:
    for target in api["to"].values():
        if "function" in target:
            owner, alias = _name_function(stack, target["function"])
            if "alias" in target:
                alias = stack.graph.resources[stack.name_of(target["alias"])].inputs["name"]
            yield name, "invokes", owner, alias, False
    for way in api["ways"].values():
        caller = (way.get("needs") or {}).get("caller") or {}
        if "function" in caller.get("lambda", {}):
            yield name, "invokes", *_name_function(stack, caller["lambda"]["function"]), True
    if firewall := api.get("firewall"):
        yield name, "firewall", "rate", firewall["requestsPerFiveMinutes"]
        yield from ((name, "firewall", "rules", _GROUPS[each]) for each in firewall.get("rules", {}))
        yield from ((name, "firewall", "allow", cidr) for cidr in firewall.get("allow", {}))
        yield from (
            [(name, "firewall", "large bodies")]
            if "largeBodies" in firewall and "common" in firewall.get("rules", {})
            else []
        )


def _name_function(stack: Stack, reference: Any) -> tuple[str, str | None]:
    """The component of a function, or its ARN, and the alias at the end of the ARN."""
    if isinstance(reference, Mapping):
        return next(owner.name for urn in reference["of"] if (owner := stack.owner(urn)) is not None), None
    base, alias = re.fullmatch(r"((?:arn(?::[^:]*){6})|[^:]*)(?::(.+))?", str(reference)).groups()  # type: ignore[union-attr]
    return _owner_name(stack, base), alias


_KINDS = (
    *("ApiFront", "ServerlessProxy", "PrivateIngress", "ServiceIngress", "ServiceRegistry", "ExistingIngress"),
    *("Ec2Backend", "FargateBackend", "ApiFunction", "Greeter", "ApiConsumer"),
    *("PrivateNetwork", "NatInstance", "PrivateApiEndpoint", "ServiceCall", "PrivateName"),
)


def list_wrong_rates(stack: Stack) -> list[str]:
    """Calls whose throttle is another one than their way states."""
    wrong, found = [], {}
    for _, _, *rest in (fact for fact in read_surroundings(stack) if fact[1] == "rate"):
        found[rest[0]] = tuple(rest[1:])
    for _, api in stack.of("ApiFront"):
        for key, way in api["ways"].items():
            method, _, path = key.partition(" ")
            for one in (path, *([f"{path.rstrip('/')}/{{proxy+}}"] if way.get("below") else [])):
                stated = (way["rate"]["rate"], way["rate"]["burst"]) if "rate" in way else None
                if found.get(f"{method} {one}", found.get("*")) != stated:
                    wrong.append(key)
    return wrong


def list_wrong_endpoint_policies(stack: Stack) -> list[str]:
    """Calls that the policy of a gateway endpoint decides otherwise than the network states."""
    wrong = []
    for network, statement in stack.of("PrivateNetwork"):
        for endpoint in map(plain, stack.children(network, "VpcEndpoint")):
            if endpoint["vpcEndpointType"] == "Gateway":
                for action, arn, is_stated in _list_probes(endpoint["serviceName"], endpoint["policy"], statement):
                    if allows(endpoint["policy"], action=action, resource=arn).allowed != is_stated:
                        wrong.append(f"{action} {arn}")
    return wrong


def _list_buckets(policy: Any) -> set[str]:
    """Buckets of the account that a policy names; those of AWS have a region in their names."""
    arns = [arn for one in statements_of(policy) for arn in one["Resource"] if arn.startswith("arn:aws:s3:::")]
    return {arn.removeprefix("arn:aws:s3:::").partition("/")[0] for arn in arns if "eu-west-1" not in arn}


def _list_probes(service: str, policy: Any, statement: Any) -> Iterator[tuple[str, str, bool]]:
    """Actions on resources, and whether the statement lets them pass."""
    region, only = service.split(".")[2], statement.get("only")
    permitted = [*(only or {}).get("permissions", {}).values()]
    if service.endswith(".s3"):
        named = {one["name"]: one["allow"] for one in permitted if one["kind"] == "bucket"}
        read = {*(only or {}).get("buckets", {}), *(name for name, words in named.items() if "read" in words)}
        for bucket in {*read, *named, *_list_buckets(policy), "a-bucket-of-others"}:
            yield "s3:GetObject", f"arn:aws:s3:::{bucket}/key", only is None or bucket in read
            writes = "write" in named.get(bucket, {})
            yield "s3:PutObject", f"arn:aws:s3:::{bucket}/key", only is None or writes
        packages = f"arn:aws:s3:::al2023-repos-{region}-de612dc2/key"
        yield "s3:GetObject", packages, only is None or "packages" in only
        layers = f"arn:aws:s3:::prod-{region}-starport-layer-bucket/key"
        yield "s3:GetObject", layers, only is None or "ecrLayers" in only
        return
    yield "dynamodb:PutItem", f"arn:aws:dynamodb:{region}:123456789012:table/any", True
    tables = {one["name"] for one in permitted if one["kind"] == "table" and one["name"].startswith("arn:")}
    yield "dynamodb:PutItem", f"arn:aws:dynamodb:{region}:999988887777:table/any", only is None
    yield from (("dynamodb:DescribeTable", arn, True) for arn in tables)
