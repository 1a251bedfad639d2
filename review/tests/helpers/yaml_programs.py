"""Programs of tests that are written in YAML: a list of steps, each a part by its name, a resource, or a change.

- `network`, or `{network: {egress: none}}`: a part, with what it takes.
- `{ec2/eip address: {instance: $server.id}}`: a resource, of `aws:ec2/eip:Eip`, by its name.
- `{change server: {userData: x}}`: other inputs; one that is null is gone. Likewise `{ignore server: [tags]}`,
  `{read: server}`, `{another server: subnetId}`, `{remove: [server]}`, `{config: {}}`, `{exports: {}}`, and
  `{lookup TOKEN: RESULT}`.

In what is written, `$name.key` is an output, also within a text as `${name.key}`; `$unknown` is not known;
`$word` and, within a text, `$(word)` are what a case gives for the word; `$$` at the start of a text is a dollar sign.
`{$json: …}`, `{$secret: …}`, `{$calls: FUNCTION}` (an operation), `{$allow: [ACTION]}` (a policy) and others make one.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import yaml

from review.graph import STACK_REFERENCE, UNKNOWN, Invoke, Options, Secret
from review.tests.helpers import private_stacks, stack_parts
from review.tests.helpers.graph_builder import Builder, Declare, Json, Made

Given = Mapping[str, Any]
OUTPUT, WITHIN = re.compile(r"\$([\w-]+)\.(\w+)"), re.compile(r"\$\{([\w-]+)\.(\w+)\}")
WORD, WORD_WITHIN = re.compile(r"\$(\w+)"), re.compile(r"\$\((\w+)\)")


def read(file: Path) -> Any:
    return yaml.load(file.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


def program(steps: list[Any], given: Given | None = None) -> Declare:
    """Declares what the steps say, with what a case gives for their words."""

    def declare(build: Builder) -> None:
        for step in steps:
            take(build, step, given or {})

    return declare


def take(build: Builder, step: Any, given: Given) -> None:
    if isinstance(step, str) and WORD.fullmatch(step):
        for inner in given[step[1:]]:
            take(build, inner, given)
        return
    entries = {step: {}} if isinstance(step, str) else step
    for written_key, written in entries.items():
        key, inputs = _text(written_key, given), value(build, written, given)
        word, _, name = key.partition(" ")
        if word in PARTS:
            names = (name,) if name else ()
            PARTS[word](build, *names, **inputs) if isinstance(inputs, dict) else PARTS[word](build, *names, inputs)
        else:
            build(kind(word), name, **inputs)


def kind(word: str) -> str:
    """The type that is meant by `ec2/eip`."""
    module = word.partition("/")[2]
    return word if ":" in word else f"{word}:{module[0].upper()}{module[1:]}"


def value(build: Builder, written: Any, given: Given) -> Any:
    if isinstance(written, dict):
        made = {_text(key, given): value(build, inner, given) for key, inner in written.items()}
        word = next(iter(made), "")
        return MAKERS[word](build, **{"of": made.pop(word), **made}) if word in MAKERS else made
    if isinstance(written, list):
        return [value(build, inner, given) for inner in written]
    return _resolved(build, written, given) if isinstance(written, str) else written


def _resolved(build: Builder, text: str, given: Given) -> Any:
    if text.startswith("$$"):
        return text[1:]
    if text == "$unknown":
        return UNKNOWN
    if word := WORD.fullmatch(text):
        return value(build, given[word[1]], given)
    if output := OUTPUT.fullmatch(text):
        return getattr(named(build, output[1]), output[2])
    text = _text(text, given)
    if not WITHIN.search(text):
        return text
    whole: Any = ""
    end = 0
    for reference in WITHIN.finditer(text):
        whole = whole + text[end : reference.start()] + getattr(named(build, reference[1]), reference[2])
        end = reference.end()
    return whole + text[end:]


def _text(text: Any, given: Given) -> Any:
    if not isinstance(text, str):
        return text
    if (word := WORD.fullmatch(text)) and word[1] in given:
        return given[word[1]]
    return WORD_WITHIN.sub(lambda match: str(given[match[1]]), text)


def named(build: Builder, name: str) -> Made:
    resource = resource_of(build, name)
    return Made(resource.urn, resource.state)


def resource_of(build: Builder, name: str) -> Any:
    return next(resource for resource in build.resources.values() if resource.name == name)


def net(build: Builder) -> SimpleNamespace:
    """What `network` declared."""
    private = [named(build, f"private-{number}") for number in (1, 2)]
    tables = [named(build, f"private-{number}-routes") for number in (1, 2)]
    apart = {"public": "public", "outside": "public-routes", "gateway": "internet", "vpc": "vpc"}
    return SimpleNamespace(private=private, tables=tables, **{key: named(build, name) for key, name in apart.items()})


def changed(build: Builder, name: str, **inputs: Any) -> None:
    resource = resource_of(build, name)
    made = Builder(known=build.known)
    made.resources, token = dict(build.resources), resource.type
    again = made.resources[made(token, f"{name}-again", **inputs).urn]
    after = {key: held for key, held in {**resource.inputs, **again.inputs}.items() if held is not None}
    edges = {key: urns for key, urns in resource.property_dependencies.items() if key not in inputs}
    edges |= again.property_dependencies
    state = {**resource.state, **again.inputs}
    build.resources[resource.urn] = replace(resource, inputs=after, state=state, property_dependencies=edges)


def ignoring(build: Builder, name: str, keys: list[str]) -> None:
    resource = resource_of(build, name)
    build.resources[resource.urn] = replace(resource, options=Options(ignore_changes=tuple(keys)))


def only_read(build: Builder, name: str) -> None:
    """Makes a resource one that the program reads by its id."""
    resource = resource_of(build, name)
    kept = {key: held for key, held in resource.state.items() if key in ("id", "arn")}
    build.resources[resource.urn] = replace(resource, existing=True, inputs={}, state=kept)


def existing(build: Builder, name: str) -> None:
    """Makes a resource one that exists already, of which all is known that was written."""
    build.resources[resource_of(build, name).urn] = replace(resource_of(build, name), existing=True)


def of_another_stack(build: Builder, name: str, key: str) -> None:
    """Makes an input an output of another stack."""
    other = build(STACK_REFERENCE, "another").urn
    resource = resource_of(build, name)
    edges = {**resource.property_dependencies, key: (other,)}
    changes: Any = {"inputs": {**resource.inputs, key: UNKNOWN}, "property_dependencies": edges}
    build.resources[resource.urn] = replace(resource, **changes)


def removed(build: Builder, names: list[str]) -> None:
    for name in names:
        del build.resources[resource_of(build, name).urn]


def looked_up(build: Builder, token: str, id: str, name: str = "found") -> None:
    build.invokes = (*build.invokes, Invoke(f"aws:{token}", {"name": name}, {"id": id, "name": name}))


def _rule(direction: str) -> Callable[..., None]:
    declare = getattr(stack_parts, direction)

    def rule(build: Builder, name: str, *, of: Any, port: int | None = None, **inputs: Any) -> None:
        is_name = isinstance(of, str) and not of.startswith("sg-")
        declare(build, name, named(build, of) if is_name else SimpleNamespace(id=of), port, **inputs)

    return rule


def role(build: Builder, name: str, *, service: str = "ec2", **inputs: Any) -> Made:
    return build("iam/role:Role", name, **{"assumeRolePolicy": stack_parts.trust(f"{service}.amazonaws.com"), **inputs})


def behind(build: Builder) -> SimpleNamespace:
    return SimpleNamespace(group=named(build, "backend-group"), server=named(build, "backend"))


def public(build: Builder, **inputs: Any) -> None:
    """A machine with a public address in a public subnet, whose group `members` has no rules."""
    there = stack_parts.network(build, egress="none")
    members = stack_parts.group(build, there.vpc, "members")
    given = {"subnetId": there.public.id, "vpcSecurityGroupIds": [members.id], "associatePublicIpAddress": True}
    stack_parts.machine(build, "server", **{**given, **inputs})


def private(build: Builder, *, egress: str = "none", **inputs: Any) -> None:
    """A machine in a private subnet, whose group `members` has no rules."""
    there = stack_parts.network(build, egress=egress)
    members = stack_parts.group(build, there.vpc, "members")
    stack_parts.machine(
        build, "server", **{"subnetId": there.private[0].id, "vpcSecurityGroupIds": [members.id], **inputs}
    )


def invoke(build: Builder, name: str, *, api: str, function: str, path: str = "/*/*") -> None:
    inputs: dict[str, Any] = {
        "sourceArn": named(build, api).executionArn + path,
        "function": named(build, function).name,
    }
    principal: dict[str, Any] = {"action": "lambda:InvokeFunction", "principal": "apigateway.amazonaws.com"}
    build("lambda/permission:Permission", name, **principal, **inputs)


def http_route(build: Builder, name: str, *, api: str, to: Any, key: Any, **inputs: Any) -> None:
    """A route of an HTTP API to a function."""
    of_api = named(build, api).id
    proxy = {"integrationType": "AWS_PROXY", "integrationUri": to}
    made = build("apigatewayv2/integration:Integration", f"{name}-to", apiId=of_api, **proxy)
    build("apigatewayv2/route:Route", name, apiId=of_api, routeKey=key, target="integrations/" + made.id, **inputs)


def acl(build: Builder, name: str, *, of: list[Any], inward: list[Any], outward: Any = None, **inputs: Any) -> None:
    """A network ACL of some subnets; a line allows everything from anywhere but for what is written of it."""
    whole = {"action": "allow", "cidrBlock": stack_parts.ANYWHERE, "protocol": "-1"}
    lines: dict[str, Any] = {
        key: [line if line is UNKNOWN else {**whole, "ruleNo": 100 + at, **line} for at, line in enumerate(given)]
        for key, given in (("ingress", inward), ("egress", [{}] if outward is None else outward))
    }
    subnets = [place if place is UNKNOWN else named(build, place).id for place in of]
    build("ec2/networkAcl:NetworkAcl", name, subnetIds=subnets, **lines, **inputs)


def gateway_route(
    build: Builder, name: str, *, of: Any = "public-routes", to: Any = stack_parts.ANYWHERE, **by: Any
) -> None:
    """A route, by the internet gateway if nothing else is named."""
    known = {resource.name for resource in build.resources.values()}
    table = named(build, of).id if isinstance(of, str) and of in known else of
    key = "destinationIpv6CidrBlock" if isinstance(to, str) and ":" in to else "destinationCidrBlock"
    way: dict[str, Any] = by or {"gatewayId": named(build, "internet").id}
    build("ec2/route:Route", name, routeTableId=table, **{key: to}, **way)


def front_of(build: Builder, server: str | None = None, **inputs: Any) -> None:
    """A public balancer `front` with one target."""
    stack_parts.public_front(build, net(build), named(build, server) if server else None, **inputs)


def firewall(build: Builder, of: str, *, default: str, action: str, of_set: str = "") -> None:
    """A web ACL with one rule, on an IP set or on a country, before what `of NAME` names."""
    some: Any = {"geoMatchStatement": {"countryCodes": ["DE"]}}
    if of_set:
        some = {"ipSetReferenceStatement": {"arn": named(build, of_set).arn}}
    rules = [{"name": "one", "priority": 1, "action": {action: {}}, "statement": some}]
    made = build("wafv2/webAcl:WebAcl", "firewall", scope="REGIONAL", defaultAction={default: {}}, rules=rules)
    on = named(build, of.removeprefix("of ")).arn
    build("wafv2/webAclAssociation:WebAclAssociation", "firewall-on", resourceArn=on, webAclArn=made.arn)


PARTS: dict[str, Callable[..., object]] = {
    "network": stack_parts.network,
    "proxy_stack": stack_parts.proxy_stack,
    "link_stack": private_stacks.link_stack,
    "private_stack": private_stacks.private_stack,
    "public": public,
    "private": private,
    "backend": lambda build, **inputs: stack_parts.backend(build, net(build), **inputs),
    "forwarder": lambda build, **inputs: stack_parts.forwarder(build, net(build), behind(build), **inputs),
    "balancer": lambda build, kind="application", **inputs: stack_parts.balancer(build, net(build), kind, **inputs),
    "attach": lambda build, to, server: stack_parts.attach(build, named(build, to), named(build, server)),
    "endpoint": lambda build, service, **inputs: private_stacks.endpoint(build, net(build), service, **inputs),
    "edge": lambda build, name, of, to, port: stack_parts.edge(build, named(build, of), named(build, to), port, name),
    "machine": stack_parts.machine,
    "nat_machine": lambda build: stack_parts.nat_machine(build, named(build, "nat-interface")),
    "profile": stack_parts.profile,
    "group": lambda build, name, **inputs: stack_parts.group(build, named(build, "vpc"), name, **inputs),
    "ingress": _rule("ingress"),
    "egress": _rule("egress"),
    "subnet": lambda build, name, cidr, zone: stack_parts.subnet(build, named(build, "vpc"), name, cidr, zone),
    "table": lambda build, name, of: stack_parts.table(build, named(build, "vpc"), name, named(build, of)),
    "acl": acl,
    "front_of": front_of,
    "firewall": firewall,
    "route": gateway_route,
    "role": role,
    "rest": stack_parts.rest,
    "http": stack_parts.http,
    "invoke": invoke,
    "http_route": http_route,
    "change": changed,
    "ignore": ignoring,
    "read": lambda build, name: only_read(build, name),
    "existing": existing,
    "another": of_another_stack,
    "remove": removed,
    "config": lambda build, **entries: build.config.update(entries),
    "exports": lambda build, **entries: build.exports.update(build.resolved(entries)),
    "lookup": looked_up,
}
MAKERS: dict[str, Callable[..., Any]] = {
    "$json": lambda build, of: Json(of),
    "$secret": lambda build, of: Secret(of),
    "$calls": lambda build, of, key=True: stack_parts.calls(named(build, of), key=key),
    "$allow": lambda build, of, resource="*": stack_parts.allowing(*of, resource=resource),
    "$trust": lambda build, of: stack_parts.trust(of),
    "$statements": lambda build, of: Json({"Version": "2012-10-17", "Statement": of}),
    "$sealed": lambda build, of: private_stacks.policy_of(*of),
}
