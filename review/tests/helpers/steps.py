"""Steps that the small programs of tests are made of: parts, resources, and changes of what earlier steps declared.

`[network(egress="none"), group("members"), resource("ec2/eip", "address", instance=output("server.id"))]` is a program,
which `declare_steps` declares. `output` names an output of a resource of an earlier step, and `UNKNOWN` a value that is
not known.
"""

from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from review.graph import STACK_REFERENCE, UNKNOWN, Invoke, Options
from review.tests.helpers import private_stacks, stack_parts
from review.tests.helpers.graph_builder import Builder, Declare, Late, Made, step

Step = Declare


def declare_steps(steps: Iterable[Step]) -> Declare:
    """One declaration of all steps, in their order."""

    def declare(build: Builder) -> None:
        for each in steps:
            each(build)

    return declare


# Values


def output(place: str) -> Any:
    """An output by the resource's name and its key, `server.id`."""
    name, _, key = place.rpartition(".")
    return Late(lambda build: getattr(find_made(build, name), key))


def calls(function: str, *, key: bool = True) -> Any:
    """An operation that calls a function, and requires a key or nothing."""
    return Late(lambda build: stack_parts.calls(find_made(build, function), key=key))


# Resources that are there


def find_made(build: Builder, name: str) -> Made:
    """A declared resource, to be named in inputs of others."""
    resource = find_resource(build, name)
    return Made(resource.urn, resource.state)


def find_resource(build: Builder, name: str) -> Any:
    for resource in build.resources.values():
        if resource.name == name:
            return resource
    there = ", ".join(resource.name for resource in build.resources.values())
    raise LookupError(f"no step above makes {name}; there are: {there or 'none'}")


def find_network(build: Builder) -> SimpleNamespace:
    """What `network` declared."""
    private = [find_made(build, f"private-{number}") for number in (1, 2)]
    tables = [find_made(build, f"private-{number}-routes") for number in (1, 2)]
    separate = {"public": "public", "outside": "public-routes", "gateway": "internet", "vpc": "vpc"}
    return SimpleNamespace(
        private=private, tables=tables, **{key: find_made(build, name) for key, name in separate.items()}
    )


# Changes of what is declared


@step
def change(build: Builder, name: str, /, **inputs: Any) -> None:
    resource = find_resource(build, name)
    made = Builder(known=build.known)
    made.resources, token = dict(build.resources), resource.type
    again = made.resources[made(token, f"{name}-again", **inputs).urn]
    after = {key: held for key, held in {**resource.inputs, **again.inputs}.items() if held is not None}
    edges = {key: urns for key, urns in resource.property_dependencies.items() if key not in inputs}
    edges |= again.property_dependencies
    state = {**resource.state, **again.inputs}
    build.resources[resource.urn] = replace(resource, inputs=after, state=state, property_dependencies=edges)


@step
def ignore_changes(build: Builder, name: str, *keys: str) -> None:
    resource = find_resource(build, name)
    build.resources[resource.urn] = replace(resource, options=Options(ignore_changes=keys))


@step
def read_only(build: Builder, name: str) -> None:
    """Makes a resource one that the program reads by its id."""
    resource = find_resource(build, name)
    kept = {key: held for key, held in resource.state.items() if key in ("id", "arn")}
    build.resources[resource.urn] = replace(resource, existing=True, inputs={}, state=kept)


@step
def mark_existing(build: Builder, name: str) -> None:
    """Makes a resource one that exists already, of which all is known that was written."""
    build.resources[find_resource(build, name).urn] = replace(find_resource(build, name), existing=True)


@step
def take_from_another_stack(build: Builder, name: str, key: str) -> None:
    """Makes an input an output of another stack."""
    other = build(STACK_REFERENCE, "another").urn
    resource = find_resource(build, name)
    edges = {**resource.property_dependencies, key: (other,)}
    changes: Any = {"inputs": {**resource.inputs, key: UNKNOWN}, "property_dependencies": edges}
    build.resources[resource.urn] = replace(resource, **changes)


@step
def remove(build: Builder, *names: str) -> None:
    for name in names:
        del build.resources[find_resource(build, name).urn]


@step
def look_up(build: Builder, token: str, id: str, name: str = "found") -> None:
    build.invokes = (*build.invokes, Invoke(f"aws:{token}", {"name": name}, {"id": id, "name": name}))


# Parts of programs


def _find_group(build: Builder, of: Any) -> Any:
    """The group of this name, or one that is named by its ID."""
    return find_made(build, of) if isinstance(of, str) and not of.startswith("sg-") else SimpleNamespace(id=of)


@step
def ingress(build: Builder, /, name: str, *, of: Any, port: int | None = None, **inputs: Any) -> None:
    stack_parts.ingress(build, name, _find_group(build, of), port, **inputs)


@step
def egress(build: Builder, /, name: str, *, of: Any, port: int | None = None, **inputs: Any) -> None:
    stack_parts.egress(build, name, _find_group(build, of), port, **inputs)


@step
def role(build: Builder, name: str, /, *, service: str = "ec2", **inputs: Any) -> Made:
    return build("iam/role:Role", name, **{"assumeRolePolicy": stack_parts.trust(f"{service}.amazonaws.com"), **inputs})


def find_backend(build: Builder) -> SimpleNamespace:
    return SimpleNamespace(group=find_made(build, "backend-group"), server=find_made(build, "backend"))


@step
def public(build: Builder, /, **inputs: Any) -> None:
    """A machine with a public address in a public subnet, whose group `members` has no rules."""
    there = stack_parts.network(build, egress="none")
    members = stack_parts.group(build, there.vpc, "members")
    given = {"subnetId": there.public.id, "vpcSecurityGroupIds": [members.id], "associatePublicIpAddress": True}
    stack_parts.machine(build, "server", **{**given, **inputs})


@step
def private(build: Builder, /, *, egress: str = "none", **inputs: Any) -> None:
    """A machine in a private subnet, whose group `members` has no rules."""
    there = stack_parts.network(build, egress=egress)
    members = stack_parts.group(build, there.vpc, "members")
    stack_parts.machine(
        build, "server", **{"subnetId": there.private[0].id, "vpcSecurityGroupIds": [members.id], **inputs}
    )


@step
def invoke(build: Builder, name: str, *, api: str, function: str, path: str = "/*/*") -> None:
    inputs: dict[str, Any] = {
        "sourceArn": find_made(build, api).executionArn + path,
        "function": find_made(build, function).name,
    }
    principal: dict[str, Any] = {"action": "lambda:InvokeFunction", "principal": "apigateway.amazonaws.com"}
    build("lambda/permission:Permission", name, **principal, **inputs)


@step
def http_route(build: Builder, /, name: str, *, api: str, to: Any, key: Any, **inputs: Any) -> None:
    """A route of an HTTP API to a function."""
    of_api = find_made(build, api).id
    proxy = {"integrationType": "AWS_PROXY", "integrationUri": to}
    made = build("apigatewayv2/integration:Integration", f"{name}-to", apiId=of_api, **proxy)
    build("apigatewayv2/route:Route", name, apiId=of_api, routeKey=key, target="integrations/" + made.id, **inputs)


@step
def acl(build: Builder, /, name: str, *, of: list[Any], inward: list[Any], outward: Any = None, **inputs: Any) -> None:
    """A network ACL of some subnets; a line allows everything from anywhere but for what is written of it."""
    whole = {"action": "allow", "cidrBlock": stack_parts.ANYWHERE, "protocol": "-1"}
    lines: dict[str, Any] = {
        key: [line if line is UNKNOWN else {**whole, "ruleNo": 100 + at, **line} for at, line in enumerate(given)]
        for key, given in (("ingress", inward), ("egress", [{}] if outward is None else outward))
    }
    subnets = [place if place is UNKNOWN else find_made(build, place).id for place in of]
    build("ec2/networkAcl:NetworkAcl", name, subnetIds=subnets, **lines, **inputs)


@step
def route(
    build: Builder, /, name: str, *, of: Any = "public-routes", to: Any = stack_parts.ANYWHERE, **by: Any
) -> None:
    """A route, by the internet gateway if nothing else is named."""
    known = {resource.name for resource in build.resources.values()}
    table = find_made(build, of).id if isinstance(of, str) and of in known else of
    key = "destinationIpv6CidrBlock" if isinstance(to, str) and ":" in to else "destinationCidrBlock"
    way: dict[str, Any] = by or {"gatewayId": find_made(build, "internet").id}
    build("ec2/route:Route", name, routeTableId=table, **{key: to}, **way)


@step
def front_of(build: Builder, /, server: str | None = None, **inputs: Any) -> None:
    """A public balancer `front` with one target."""
    stack_parts.public_front(build, find_network(build), find_made(build, server) if server else None, **inputs)


@step
def firewall(build: Builder, of: str, *, default: str, action: str, of_set: str = "") -> None:
    """A web ACL with one rule, on an IP set or on a country, before what `of NAME` names."""
    some: Any = {"geoMatchStatement": {"countryCodes": ["DE"]}}
    if of_set:
        some = {"ipSetReferenceStatement": {"arn": find_made(build, of_set).arn}}
    rules = [{"name": "one", "priority": 1, "action": {action: {}}, "statement": some}]
    made = build("wafv2/webAcl:WebAcl", "firewall", scope="REGIONAL", defaultAction={default: {}}, rules=rules)
    on = find_made(build, of).arn
    build("wafv2/webAclAssociation:WebAclAssociation", "firewall-on", resourceArn=on, webAclArn=made.arn)


# Parts of stacks

network = step(stack_parts.network)
proxy_stack = step(stack_parts.proxy_stack)
link_stack = step(private_stacks.link_stack)
private_stack = step(private_stacks.private_stack)
machine = step(stack_parts.machine)
profile = step(stack_parts.profile)
rest = step(stack_parts.rest)
http = step(stack_parts.http)


@step
def resource(build: Builder, kind: str, name: str, /, **inputs: Any) -> Made:
    """A resource, of the type `aws:ec2/eip:Eip` for `ec2/eip`."""
    module = kind.partition("/")[2]
    return build(kind if ":" in kind else f"{kind}:{module[0].upper()}{module[1:]}", name, **inputs)


@step
def backend(build: Builder, /, **inputs: Any) -> None:
    stack_parts.backend(build, find_network(build), **inputs)


@step
def forwarder(build: Builder, /, **inputs: Any) -> None:
    stack_parts.forwarder(build, find_network(build), find_backend(build), **inputs)


@step
def balancer(build: Builder, /, kind: str = "application", **inputs: Any) -> None:
    stack_parts.balancer(build, find_network(build), kind, **inputs)


@step
def attach(build: Builder, *, to: str, server: str) -> None:
    stack_parts.attach(build, find_made(build, to), find_made(build, server))


@step
def endpoint(build: Builder, service: str, /, **inputs: Any) -> None:
    private_stacks.endpoint(build, find_network(build), service, **inputs)


@step
def edge(build: Builder, name: str, *, of: str, to: str, port: int) -> None:
    stack_parts.edge(build, find_made(build, of), find_made(build, to), port, name)


@step
def nat_machine(build: Builder) -> None:
    stack_parts.nat_machine(build, find_made(build, "nat-interface"))


@step
def group(build: Builder, name: str, /, **inputs: Any) -> None:
    stack_parts.group(build, find_made(build, "vpc"), name, **inputs)


@step
def subnet(build: Builder, name: str, *, cidr: str, zone: str) -> None:
    stack_parts.subnet(build, find_made(build, "vpc"), name, cidr, zone)


@step
def table(build: Builder, name: str, *, of: str) -> None:
    stack_parts.table(build, find_made(build, "vpc"), name, find_made(build, of))


@step
def set_config(build: Builder, entries: dict[str, Any]) -> None:
    build.config.update(entries)


@step
def export(build: Builder, entries: dict[str, Any]) -> None:
    build.exports.update(build.resolved(entries))
