"""What somebody added by hand, which is in no state: members of the stack's resources that no resource declares."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from ..aws.catalog.catalog import token_of
from ..graph import UNKNOWN, Graph, Resource
from ..graph.reading import items, naming, pointed, text
from .cloud import Cloud, NotRead
from .found import Found
from .table import Read, reads, search

_REGISTERED: Final = ("aws:lb/targetGroupAttachment:TargetGroupAttachment", "aws:servicediscovery/instance:Instance")
"""Members that Auto Scaling and ECS register too."""
_GROUP: Final = "aws:autoscaling/group:Group"
_ATTACHMENT: Final = "aws:autoscaling/attachment:Attachment"
_SERVICE: Final = "aws:ecs/service:Service"


def by_hand(graph: Graph, cloud: Cloud, found: Found, elsewhere: Mapping[str, str]) -> Iterator[Resource]:
    """Each member that AWS has and no resource declares. `elsewhere` has, by URN, why AWS is not asked."""
    for token, row in ((token, row) for token, rows in reads().items() for row in rows if row.of):
        naming_it = {token: row.match, **{token_of(kind): match for kind, match in row.also.items()}}
        members = [(each.urn, search(at, each.state)) for kind, at in naming_it.items() for each in graph.of_type(kind)]
        parents = {one.urn: one for one in graph.of_type(*map(token_of, row.of))}
        theirs = {urn: {each.urn for each in naming(graph, one, (token,), row.by)} for urn, one in parents.items()}
        placed = {urn for urns in theirs.values() for urn in urns}
        for parent in parents.values():
            # What another parent has is not this one's.
            known = [name for urn, name in members if urn not in placed or urn in theirs[parent.urn]]
            is_declared = row.only and naming(graph, parent, (token,), row.by)
            if is_declared or parent.existing or any(parent.inputs.get(key) for key in row.unless):
                continue
            with found.reading(row.call, parent.name):
                if parent.urn in elsewhere:
                    raise NotRead(elsewhere[parent.urn])
                if UNKNOWN in known:
                    raise NotRead(f"{row.match} of {token} is not known, so members made by hand cannot be found")
                listed = row.ask(cloud, {row.by: parent.id, **parent.state}, parent.region) or ()
                if not isinstance(listed, list | tuple):
                    raise NotRead("its answer has another form")
                strangers = {str(search(row.id, one)): one for one in listed if search(row.id, one) not in known}
                own = {*_registered(graph, cloud, parent)} if token in _REGISTERED else ()
                yield from (
                    _member(token, row, parent, name, one) for name, one in strangers.items() if name not in own
                )


def _registered(graph: Graph, cloud: Cloud, parent: Resource) -> Iterator[str]:
    """IDs and addresses that the stack's own groups and ECS services register with a parent. Raises NotRead."""
    for group in _users(graph, parent, _GROUP, ("targetGroupArns",), ("trafficSources", "identifier")):
        yield from _instances(cloud, group)
    for attachment in _users(graph, parent, _ATTACHMENT, ("lbTargetGroupArn",)):
        for group in pointed(graph, attachment, "autoscalingGroupName", types=(_GROUP,)):
            yield from _instances(cloud, group)
    keys = (("loadBalancers", "targetGroupArn"), ("serviceRegistries", "registryArn"))
    for service in _users(graph, parent, _SERVICE, *keys):
        where = {"cluster": text(service.state.get("cluster")), "serviceName": text(service.state.get("name"))}
        answer = cloud.ask("ecs.ListTasks", where, service.region)
        arns = items((answer or {}).get("taskArns"))
        cloud.made |= {"ecs.DescribeTasks", "ecs.DescribeContainerInstances"}  # `--policy` has them without a task too
        for first in range(0, len(arns), 100):
            asked = {"cluster": where["cluster"], "tasks": arns[first : first + 100]}
            tasks = (cloud.ask("ecs.DescribeTasks", asked, service.region) or {}).get("tasks", ())
            for task in tasks:
                # Cloud Map names an instance like the task.
                yield text(task.get("taskArn")).rpartition("/")[2]
                details = search(
                    "attachments[].details[?name=='privateIPv4Address' || name=='privateIPv6Address'][].value", task
                )
                yield from map(str, items(details))
            # Without an interface of its own a task is a target by its machine.
            machines = [one for one in {text(task.get("containerInstanceArn")) for task in tasks} if one]
            if machines:
                asked = {"cluster": where["cluster"], "containerInstances": sorted(machines)}
                answer = cloud.ask("ecs.DescribeContainerInstances", asked, service.region)
                yield from map(str, items(search("containerInstances[].ec2InstanceId", answer or {})))


def _users(graph: Graph, parent: Resource, token: str, *paths: tuple[str, ...]) -> Iterable[Resource]:
    return {one.urn: one for path in paths for one in naming(graph, parent, (token,), *path)}.values()


def _instances(cloud: Cloud, group: Resource) -> Iterator[str]:
    asked = {"AutoScalingGroupNames": [text(group.state.get("name")) or text(group.id)]}
    answer = cloud.ask("autoscaling.DescribeAutoScalingGroups", asked, group.region)
    yield from map(str, items(search("AutoScalingGroups[].Instances[].InstanceId", answer or {})))


def _member(token: str, row: Read, parent: Resource, name: str, member: Any) -> Resource:
    values = {key: search(theirs, member) for key, theirs in row.fields.items()}
    # Blocks are left out.
    inputs = {key: value for key, value in values.items() if key.isidentifier() and value not in (None, False, [])}
    inputs[row.by] = parent.state.get(row.by, parent.id)
    return Resource(
        urn=f"{parent.urn}::{token}::{name}",
        type=token,
        name=f"{name} of {parent.name}",
        parent=parent.urn,
        custom=True,
        inputs=inputs,
        state={**inputs, "id": name},
        property_dependencies={row.by: (parent.urn,)},
        region=parent.region,
    )


def confirmed(graph: Graph, cloud: Cloud, found: Found, elsewhere: Mapping[str, str]) -> None:
    """Note which APIs, domains, machines and load balancers AWS has: a file can name any host."""
    for token, row in ((token, row) for token, rows in reads().items() for row in rows if not row.of):
        for one in graph.of_type(token):
            with found.reading(row.call, one.name):
                if one.urn in elsewhere:
                    raise NotRead(elsewhere[one.urn])
                if one.existing or (answer := row.ask(cloud, one.state, one.region)) is None:
                    continue
                found.confirmed.add(one.urn)
                for expression, private in ((row.public, False), (row.private, True)):
                    found.hosts[one.urn] += [(host, private) for host in items(search(expression, answer)) if host]
