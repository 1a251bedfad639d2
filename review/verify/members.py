"""What AWS has beside the stack, which is in no state: members of its resources that no resource declares."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, product
from typing import Any, Final

from ..aws.catalog.catalog import token_of
from ..graph import UNKNOWN, Graph, Resource
from ..graph.addresses import network
from ..graph.graph import IDENTIFYING, grouped
from ..graph.reading import items, naming, number, spread, text, within
from ..graph.shown import cut
from ..graph.unread import table
from .accounts import OF_ANOTHER
from .cloud import Cloud, NotRead
from .found import Found
from .table import Read, reads, search

_TARGET, _GROUP = token_of("lb.TargetGroupAttachment"), token_of("autoscaling.Group")
_INSTANCE, _REGISTRY = token_of("servicediscovery.Instance"), token_of("servicediscovery.Service")
_ATTACHMENTS: Final = {
    token_of("autoscaling.Attachment"): ("lbTargetGroupArn",),
    token_of("autoscaling.TrafficSourceAttachment"): ("trafficSource", "identifier"),
}
"""Resources that let a group of machines register with a target group, and their input that names it."""
_SERVICE: Final = token_of("ecs.Service")
_BALANCERS: Final = (
    ("loadBalancers", "targetGroupArn"),
    ("loadBalancers", "advancedConfiguration", "alternateTargetGroupArn"),
    ("serviceRegistries", "registryArn"),
)
_PAIR: Final = ("loadBalancerInfo", "targetGroupPairInfo", "targetGroups", "name")
_TASKS: Final = {
    _SERVICE: ("name", "cluster", _BALANCERS),
    token_of("ecs.TaskSet"): ("service", "cluster", _BALANCERS),
    token_of("codedeploy.DeploymentGroup"): ("ecsService.serviceName", "ecsService.clusterName", (_PAIR,)),
}
"""Resources whose tasks are registered: their service, its cluster, and the inputs that name where."""

_LONGEST: Final = 80
_ADDRESS: Final = "attachments[].details[?name=='private{}Address'][].value"


def undeclared(graph: Graph, cloud: Cloud, found: Found, elsewhere: Mapping[str, str]) -> Iterator[Resource]:
    """Each member that AWS has and no resource declares. `elsewhere` has, by URN, why AWS is not asked."""
    for token, row in ((token, row) for token, rows in reads().items() for row in rows if row.of):
        parents = graph.of_type(*map(token_of, row.of))
        declared = _declared(graph, token, row, parents, elsewhere)
        for parent in parents:
            compared = (row.only and parent.urn in declared) or any(parent.inputs.get(key) for key in row.unless)
            if compared or parent.existing:
                continue
            with found.reading(row.call, parent.name):
                if parent.urn in elsewhere:
                    raise NotRead(elsewhere[parent.urn])
                # What another parent has is not this one's.
                places = ("", parent.urn, _region(graph, parent))
                known = [name for place in places for name in declared.get(place, ())]
                known += _registered(graph, cloud, token, parent)
                if UNKNOWN in known:
                    raise NotRead(f"{row.match} of {token} is not known, so others than these cannot be found")
                listed = (
                    row.ask(cloud, {"account": graph.account, row.by: parent.id, **parent.state}, parent.region) or ()
                )
                if not isinstance(listed, list | tuple):
                    raise NotRead("its answer has another form")
                others = (member for member in listed if not _keys(row, parent, member) & _plain(known))
                yield from (_member(token, row, parent, *each) for each in _named(row, others))


def _declared(
    graph: Graph, token: str, row: Read, parents: Sequence[Resource], elsewhere: Mapping[str, str]
) -> Mapping[str, list[Any]]:
    """What names the declared members, by their parent's URN, or by its region for `anywhere`.

    `UNKNOWN` under "" if one may be any parent's. One that names nothing of the stack is no member here.
    """
    names = defaultdict[str, list[Any]](list)
    keys = {*IDENTIFYING, row.by}
    by_value = grouped((value, each) for each in parents for key in keys if (value := text(each.state.get(key))))
    kinds = {token: {"by": row.by, "match": row.match}, **{token_of(kind): how for kind, how in row.also.items()}}
    for kind, how in kinds.items():
        path = how["by"].split(".")
        for resource in graph.of_type(kind):
            if elsewhere.get(resource.urn, "").startswith(OF_ANOTHER):
                continue
            # Whose account is not known may be here or there.
            identifiers = [UNKNOWN] if resource.urn in elsewhere else items(search(how["match"], resource.state))
            if row.anywhere and not how.get("here"):
                names[_region(graph, resource)] += identifiers
                continue
            values = spread(resource.inputs, *path)
            where = _region(graph, resource)
            near = [each for value in values for each in by_value.get(text(value), ()) if _region(graph, each) == where]
            near = [each for each in near if each.provider == resource.provider] or near
            near = [each for each in near if not _number(resource) or _number(each) in ("", _number(resource))]
            unknown = resource.property_dependencies.get(path[0], ("",)) if UNKNOWN in values else ()
            for urn in {*unknown, *(each.urn for each in near)}:
                names[urn] += identifiers if urn else [UNKNOWN]
    return names


def _number(resource: Resource) -> str:
    """What private domains of one name differ by."""
    return text(resource.state.get("domainNameId"))


def _region(graph: Graph, resource: Resource) -> str:
    """Where its name is unique. Names of IAM and records are so in every region."""
    return "everywhere" if resource.type.startswith(("aws:iam/", "aws:route53/")) else resource.region or graph.region


def _keys(row: Read, parent: Resource, member: Any) -> set[str]:
    given = {**member, "parent": parent.state} if isinstance(member, Mapping) else member
    return _plain(items(search(row.keys or row.id, given)))


def _plain(names: Iterable[Any]) -> set[str]:
    """The names, with the addresses in them in one form: AWS writes IPv6 in its shortest."""
    parts = (name.split(" ") for name in names if isinstance(name, str))
    return {" ".join(str(network(part) or part) for part in each) for each in parts}


def _registered(graph: Graph, cloud: Cloud, token: str, parent: Resource) -> Iterator[str]:
    """Keys of what the stack's own groups of machines and ECS services register with a parent. Raises NotRead."""
    if token not in (_TARGET, _INSTANCE):
        return
    for group in _users(graph, parent, _GROUP, ("targetGroupArns",), ("trafficSources", "identifier")):
        yield from _instances(cloud, group, text(group.state.get("name")) or text(group.id))
    for kind, path in _ATTACHMENTS.items():
        for attachment in _users(graph, parent, kind, path):
            yield from _instances(cloud, attachment, text(attachment.state.get("autoscalingGroupName")))
    for kind, (service, cluster, paths) in _TASKS.items():
        for user in _users(graph, parent, kind, *paths):
            named = {"cluster": cluster, "serviceName": service}
            where = {key: text(within(user.state, *path.split("."))) for key, path in named.items()}
            yield from _tasks(graph, cloud, user, parent, where)


def _tasks(graph: Graph, cloud: Cloud, resource: Resource, parent: Resource, where: Mapping[str, str]) -> Iterator[str]:
    """Names and addresses of tasks in Cloud Map, and their addresses and machines as targets, with the port there."""
    arns = items((cloud.ask("ecs.ListTasks", where, resource.region) or {}).get("taskArns"))
    cloud.made |= {"ecs.DescribeTasks", "ecs.DescribeContainerInstances"}  # `--policy` has them without a task too
    its_service = where["serviceName"].rpartition("/")[2]
    users = (resource, *(each for each in graph.of_type(_SERVICE) if each.state.get("name") == its_service))
    entries = [entry for each in users for entry in spread(each.state, "loadBalancers")]
    # CodeDeploy names the second target group itself.
    entries = [entry for entry in entries if text(parent.id) in str(entry)] or entries
    registries = [entry for each in users for entry in spread(each.state, "serviceRegistries")]
    ports = {number(within(entry, "containerPort")) for entry in entries} - {None}
    named = {number(within(entry, key)) for entry in registries for key in ("port", "containerPort")} - {None}
    for first in range(0, len(arns), 100):
        asked = {"cluster": where["cluster"], "tasks": arns[first : first + 100]}
        tasks = (cloud.ask("ecs.DescribeTasks", asked, resource.region) or {}).get("tasks", ())
        for task in tasks:
            addresses = [[*items(search(_ADDRESS.format(kind), task)), ""] for kind in ("IPv4", "IPv6")]
            if parent.type == _REGISTRY:
                if addresses == [[""], [""]]:
                    raise NotRead("tasks without an interface of their own are there by an address of a machine")
                # Cloud Map names an instance like the task.
                its = text(task.get("taskArn")).rpartition("/")[2]
                ends = product(*addresses, ["", *(f"{port:g}" for port in named)])
                yield from (" ".join(["task", its, *each, ""]) for each in ends)
            yield from (f"{address} {port:g}" for address in chain(*addresses) if address for port in ports)
        # Without an interface of its own a task is a target by its machine, on a port that the machine chose.
        if machines := sorted({text(task.get("containerInstanceArn")) for task in tasks} - {""}):
            asked = {"cluster": where["cluster"], "containerInstances": machines}
            answer = cloud.ask("ecs.DescribeContainerInstances", asked, resource.region) or {}
            hosts = answer.get("containerInstances", ())
            ids = {each.get("containerInstanceArn"): each.get("ec2InstanceId") for each in hosts}
            for task in tasks:
                bound = items(search("containers[].networkBindings[].hostPort", task))
                yield from (f"{ids.get(task.get('containerInstanceArn'))} {port}" for port in bound)


def _users(graph: Graph, parent: Resource, token: str, *paths: tuple[str, ...]) -> Iterable[Resource]:
    return {resource.urn: resource for path in paths for resource in naming(graph, parent, (token,), *path)}.values()


def _instances(cloud: Cloud, resource: Resource, group: str) -> Iterator[str]:
    answer = cloud.ask("autoscaling.DescribeAutoScalingGroups", {"AutoScalingGroupNames": [group]}, resource.region)
    yield from map(str, items(search("AutoScalingGroups[].Instances[].InstanceId", answer or {})))


def _named(row: Read, members: Iterable[Any]) -> Iterator[tuple[str, str, Any]]:
    """Members, each with its ID, or a number behind one that is not unique, and the name that a reader knows it by."""
    ids = Counter[str]()
    for name, same in grouped((text(search(row.name or row.id, member)), member) for member in members).items():
        for one in same:
            own = str(search(row.id, one))
            ids[own] += 1
            own += f" ({ids[own]})" if ids[own] > 1 else ""
            yield own, cut(name if name and len(same) == 1 else own, _LONGEST), one


def _member(token: str, row: Read, parent: Resource, name: str, known: str, member: Any) -> Resource:
    """A member as a resource. What counts and is not read is not known, for it need not be a default."""
    read = {key: search(theirs, member) for key, theirs in row.fields.items()}
    values = {row.by: parent.state.get(row.by, parent.id), **read}
    counting = table()["types"].get(token, frozenset()).difference(*table()["harmless"].values())
    unread = dict.fromkeys(counting - values.keys(), UNKNOWN)
    inputs = {**unread, **{key: value for key, value in values.items() if value not in (None, [])}}
    return Resource(
        urn=f"{parent.urn}::{token}::{name}",
        type=token,
        name=f"{known} of {parent.name}",
        # It belongs to no component of the stack.
        parent=None,
        custom=True,
        inputs=inputs,
        state={**inputs, "id": name},
        property_dependencies={row.by: (parent.urn,)},
        region=parent.region,
    )


def confirmed(graph: Graph, cloud: Cloud, found: Found, elsewhere: Mapping[str, str]) -> None:
    """Note which APIs, domains, machines and load balancers AWS has: a file can name any host."""
    for token, row in ((token, row) for token, rows in reads().items() for row in rows if not row.of):
        for resource in graph.of_type(token):
            with found.reading(row.call, resource.name):
                if resource.urn in elsewhere:
                    raise NotRead(elsewhere[resource.urn])
                if resource.existing or (answer := row.ask(cloud, resource.state, resource.region)) is None:
                    continue
                found.confirmed.add(resource.urn)
                for expression, private in ((row.public, False), (row.private, True)):
                    found.hosts[resource.urn] += [(host, private) for host in items(search(expression, answer)) if host]
