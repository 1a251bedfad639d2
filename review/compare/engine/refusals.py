"""Why AWS or the engine will refuse a change, which the graphs show before anything is deployed."""

from collections.abc import Container, Iterator
from math import inf
from typing import Any, Final

from ...aws.catalog import types
from ...aws.catalog.tables import table
from ...aws.catalog.traps import Kind, Trap, of_kind
from ...aws.compute.containers import containers_of
from ...aws.network.dns import plain_name
from ...graph import UNKNOWN, Resource
from ...graph.given import held, is_ignored
from ...graph.graph import grouped
from ...graph.prose import few
from ...graph.reading import CannotTell, MalformedDocument, first, integer, items, peek, pointed, spread, text, within
from ...reach.sites import no_host
from .collisions import collisions
from .order import ENDS
from .replacements import falls, is_near, version
from .side import Changed, Side, is_part
from .update import Update

_CONTAINERS: Final = "https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html"
_RECORDS: Final = "https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html"
_EDGE: Final = "https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-edge-delete-replicas.html"
_ORIGINS: Final = "https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_Origin.html"
_LISTENERS: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_ModifyListener.html"
_GROUPS: Final = "https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html"
_PLACES: Final = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBSubnetGroup.html"
_IN_PLACE: Final = tuple(f"aws:{service}/subnetGroup:SubnetGroup" for service in ("rds", "docdb", "neptune"))
"""Types of groups of subnets that do not leave their VPC."""
_PROTECTION: Final = table("holds_data")["protected"]  # by type, the input that refuses a deletion, and its value


def refusals(update: Update, before: Side, after: Side) -> Iterator[str]:
    """A sentence for each step that will be refused, with what to do first."""
    holding = {resource.type for resource in (*update.olds.values(), *update.removed)}
    for resource in update.removed:
        yield from protected(resource, "is deleted")
        yield from _in_use(update, resource)
    for change in update.changed:
        fate = "is deleted first" if change.resource.urn in update.deleted_first else "is replaced"
        yield from protected(change.old, fate) if change.replacing else ()
        yield from (f"{said} ({trap.source})" for trap, said in trapped(change, holding))
        yield from _in_use(update, change.old, change.resource.urn) if change.replacing else ()
        yield from _in_another_network(change, update, after)
    for resource in (after.graph.resources.get(resource.urn, resource) for resource in update.touched):
        old = update.olds.get(resource.urn)
        # What stands already is no reason to refuse.
        had = {*_contradicting(old, before)} if old is not None else ()
        yield from (said for said in _contradicting(resource, after) if said not in had)
    yield from _at_the_edge(update, before)
    yield from _beside_another(update, after)
    yield from _of_two_balancers(update, before, after)
    yield from dict.fromkeys(collisions(update, before, after))


def _at_the_edge(update: Update, before: Side) -> Iterator[str]:
    """A function that CloudFront runs, and whose replicas it deletes hours after the last association has gone."""
    gone = {resource.urn for resource in update.deleted if not held(resource, "skipDestroy")}
    inner = ("lambdaFunctionAssociations", "lambdaArn")
    for distribution in before.graph.of_type(*types.DISTRIBUTION):
        for behavior in ("defaultCacheBehavior", "orderedCacheBehaviors"):
            for function in pointed(before.graph, distribution, behavior, *inner, types=types.FUNCTION):
                if function.urn in gone:
                    said = f"{function.name} is deleted while {distribution.name} has replicas of it"
                    remedy = "set skip_destroy, or remove the function in a later update"
                    yield f"{said}, which go hours later: Lambda refuses; {remedy} ({_EDGE})"


def _contradicting(resource: Resource, side: Side) -> Iterator[str]:
    """Why AWS refuses a resource as the program has it, new or changed."""
    yield from _no_such_container(resource, side)
    yield from _without_tls(resource)
    if resource.type in types.DISTRIBUTION and (name := no_host(resource)):
        yield f"{resource.name} has an origin {name}, which is no name of a host: CloudFront refuses ({_ORIGINS})"


def _no_such_container(service: Resource, after: Side) -> Iterator[str]:
    """A service whose load balancer names a container, a port or a kind of targets that its definition has not."""
    definition = first(after.graph, service, "taskDefinition", types=types.TASK_DEFINITION)
    if service.type not in types.SERVICE or definition is None:
        return
    try:
        known = {
            (within(container, "name"), integer(port))
            for container in containers_of(definition)
            for port in (None, *spread(within(container, "portMappings"), "containerPort"))
        }
    except (CannotTell, MalformedDocument):
        return
    for entry in items(held(service, "loadBalancers")):
        group = after.graph.find(within(entry, "targetGroupArn"), *types.TARGET_GROUP)
        kind = (held(group, "targetType") or "instance") if group is not None else ""
        if group is not None and kind in ("instance", "lambda") and held(definition, "networkMode") == "awsvpc":
            said = f"{service.name} runs {definition.name} on awsvpc, and {group.name} takes targets of type {kind}"
            yield f"{said}: ECS refuses; set target_type to ip ({_CONTAINERS})"
        name, port = within(entry, "containerName"), integer(within(entry, "containerPort"))
        sure = known and isinstance(name, str) and port is not None and not any(UNKNOWN in pair for pair in known)
        if sure and (name, port) not in known:
            lacks = f"port {port} of container {name}" if (name, None) in known else f"container {name}"
            said = f"{service.name} sends calls to {lacks}, which {definition.name} has not: ECS refuses"
            yield f"{said}; let containers and load_balancers name the same ({_CONTAINERS})"


def _without_tls(listener: Resource) -> Iterator[str]:
    """A listener that becomes one without TLS and keeps the TLS policy that the program leaves out."""
    plain = held(listener, "protocol") in ("HTTP", "TCP", "UDP", "TCP_UDP")
    if listener.type in types.LISTENER and plain and isinstance(held(listener, "sslPolicy"), str):
        said = f"{listener.name} is without TLS and keeps its sslPolicy: AWS refuses"
        yield f"{said}; replace the listener ({_LISTENERS})"


def _beside_another(update: Update, after: Side) -> Iterator[str]:
    """A CNAME, the alias for a whole name, beside another record of the name or at the top of a zone."""
    stays = [(record, "") for record in after.graph.of_type(*types.DNS_RECORD)]
    leaves = [(one, "; set delete_before_replace") for one in update.left_to_the_end if one.type in types.DNS_RECORD]
    at = grouped((_record(record)[:2], (record, remedy)) for record, remedy in (*stays, *leaves))
    news = *update.added, *(change.resource for change in update.replaced)
    for one in (record for record in news if record.type in types.DNS_RECORD and all(_record(record))):
        zone, name, kind = _record(one)
        home = first(after.graph, one, "zoneId", types=()) if kind == "CNAME" else None
        if home is not None and name == plain_name(held(home, "name")):
            yield f"{one.name} is a CNAME at the top of a zone, {name}: Route 53 refuses; use an alias ({_RECORDS})"
        for other, remedy in at[zone, name]:
            beside = _record(other)[2]
            if beside and kind != beside and "CNAME" in (kind, beside):
                apart = f"; remove {other.name} in an update of its own first"
                yield (
                    f"{one.name} ({kind}) gets the name of {other.name} ({beside}), {name}: Route 53 refuses; a name "
                    f"with a CNAME has no other record{apart if remedy and other.name != one.name else remedy} "
                    f"({_RECORDS})"
                )


def _record(record: Resource) -> tuple[str, str, str]:
    """The zone, the name and the type of a DNS record, empty for what is not known."""
    return text(held(record, "zoneId")), plain_name(held(record, "name")), text(held(record, "type")).upper()


def _of_two_balancers(update: Update, before: Side, after: Side) -> Iterator[str]:
    """A listener, or a rule of one, that sends calls to a target group while another load balancer still does."""
    stays = {old.urn: new.urn for old, new in update.pairs if new.urn not in update.renewed}
    stays |= {resource.urn: resource.urn for resource in before.graph if resource.existing}
    early = {old.urn for old, new in update.pairs if new.urn in update.deleted_first}
    at = {step.resource.urn: step.number for step in update.order if step.verb not in ENDS}
    sends = _sending(after)
    for (old, group), balancer in _sending(before).items():
        until = at.get(stays[old], inf) if old in stays and (stays[old], stays.get(group)) not in sends else inf
        others = (new for new, to in sends if to == stays.get(group) and at.get(new, inf) <= until and old not in early)
        for urn in others:
            if (other := sends[urn, stays[group]]).urn != stays.get(balancer.urn):
                new, name = after.graph.resources[urn].name, after.graph.resources[stays[group]].name
                user = balancer.name if balancer.name != other.name else f"the old {balancer.name}"
                yield (
                    f"{new} of {other.name} sends calls to {name} while {user} still does: AWS refuses, "
                    f"since a target group has one load balancer; let {name} be replaced as well ({_GROUPS})"
                )


def _sending(side: Side) -> dict[tuple[str, str], Resource]:
    """Load balancers by the URNs of a listener, or of a rule of one, and of a target group that it names."""
    balancers = side.reach.model.balancers
    return {
        (holder.urn, group.urn): balancer
        for balancer in side.graph.of_type(*types.LOAD_BALANCER)
        for listener in balancers.listeners(balancer)
        for holder in (listener, *balancers.rules(listener))
        for group in balancers.groups_of([holder])
    }


def protected(resource: Resource, fate: str) -> Iterator[str]:
    """Why the engine, or AWS, refuses to delete a resource, whatever it holds."""
    if resource.options.retain_on_delete:
        return
    if resource.options.protect:
        yield f"{resource.name} {fate}, but is protected: take `protect` off in an update of its own first"
    key, value = _PROTECTION.get(resource.type, ("", None))
    late = ", when what uses it has the new one already" if fate.startswith("is replaced") else ""
    if key and resource.inputs.get(key) == value:
        yield f"{resource.name} {fate}, but {key} is on: AWS refuses{late}; turn it off in an update of its own first"
    soft = [row["input"] for row in table("holds_data")["types"].get(resource.type, {}).get("softens", ())]
    skips, name = (resource.inputs.get(key) for key in ("skipFinalSnapshot", "finalSnapshotIdentifier"))
    if "skipFinalSnapshot" in soft and skips in (None, False) and name is None:
        without = f"without skipFinalSnapshot and finalSnapshotIdentifier the provider refuses{late}"
        yield f"{resource.name} {fate}, but {without}; set one of them in an update of its own first"


def _in_use(update: Update, old: Resource, urn: str = "") -> Iterator[str]:
    """A deletion that others prevent: that stay until their own, or go on using it, since they ignore what names it.

    `urn` is that of its replacement.
    """
    for trap in of_kind(Kind.IN_USE, old.type):
        named = ((*pair, [key for key, urns in pair[0].property_dependencies.items() if old.urn in urns])
                 for pair in update.pairs if pair[0].type in trap.users)  # fmt: skip
        users = [user for user in named if user[2]]
        goes = not old.options.retain_on_delete
        first = goes and urn in update.deleted_first and old.inputs.get(trap.unless) is not True
        if names := [user.name for user, new, _ in users if first and new.urn not in update.deleted_first]:
            said = f"{old.name} is deleted before it is replaced, and is still used by {few(names)}"
            yield f"{said}: AWS refuses; {trap.remedy} ({trap.source})"
        for user, new, keys in users if goes else ():
            if (ignored := [key for key in keys if is_ignored(new, key)]) and new.urn not in update.renewed:
                said = f"{old.name} is deleted, and {user.name} keeps using it, since it ignores {few(ignored)}"
                yield f"{said}: AWS refuses; do not ignore it ({trap.source})"


def _in_another_network(change: Changed, update: Update, after: Side) -> Iterator[str]:
    """Subnets of a new VPC, or other ones, for what stays where it is."""
    if change.resource.type not in _IN_PLACE or change.replacing:
        return
    resources = pointed(after.graph, change.resource, "subnetIds", types=types.SUBNET)
    vpcs = {vpc.urn: vpc.name for subnet in resources if (vpc := after.reach.model.network.vpc(subnet)) is not None}
    if vpcs and vpcs.keys() <= {*update.renewed, *(resource.urn for resource in update.added)}:
        said = f"gets subnets of another VPC ({few([*vpcs.values()])})"
    else:
        was, now = ({*each.property_dependencies.get("subnetIds", ())} for each in (change.old, change.resource))
        pairs = (pair for pair in update.pairs if pair[1].urn not in update.renewed and pair[0].type not in _IN_PLACE)
        users = [old.name for old, _ in pairs if change.old.urn in old.dependencies]
        said = f"loses each subnet that {few(users)} may be in" if was and now and was.isdisjoint(now) and users else ""
    if said:
        yield f"{change.resource.name} {said}: AWS refuses; give it another logical name ({_PLACES})"


def trapped(one: Changed, holding: Container[str] = ()) -> Iterator[tuple[Trap, str]]:
    """Changes in place that AWS refuses. `holding` has the types of what the stack has before."""
    kind, name = one.resource.type, one.resource.name
    for trap in of_kind(Kind.NOT_TOGETHER, kind) if not one.replacing else ():
        if {*trap.inputs} <= one.inputs and any(one.old.inputs.get(key) is None for key in trap.inputs):
            inputs = " and ".join(trap.inputs)
            yield trap, f"{name} changes {inputs} in one update, which AWS refuses: {trap.remedy}"
    for trap in of_kind(Kind.NEVER_IN_PLACE, kind):
        hit = next((difference for difference in one.properties if is_part(difference.name, trap.inputs)), None)
        # The provider looks at an input that lifts a refusal before it looks at what replaces.
        goes = not one.replacing or trap.unless
        beside = not trap.beside or any(kind in holding for kind in trap.beside)
        on = not trap.was or peek(one.old, *trap.was.split(".")) is not False
        if on and beside and goes and hit is not None and one.resource.inputs.get(trap.unless) is not True:
            yield trap, f"{name} cannot change {hit.name} in place: {trap.remedy}"
    kinds = (Kind.ONLY_GROWS, Kind.IN_STEPS, Kind.NEW_MAJOR, Kind.NEXT_MINOR, Kind.IN_ORDER)
    moving = [trap for which in kinds for trap in of_kind(which, kind) if not one.replacing]
    differing = [difference.name for difference in one.properties]
    for trap, key in ((row, key) for row in moving for key in row.inputs if is_part(key, differing)):
        before, after = (peek(resource, *key.split(".")) for resource in (one.old, one.resource))
        was, now = (_major(one.resource, value) for value in (before, after))
        apart = peek(one.resource, "blueGreenUpdate", "enabled") in (None, False)  # else by another machine
        steps = {step: at for at, step in enumerate(trap.steps)}
        mode = before or next(iter(steps), "")  # one that is left out stays
        if trap.kind is Kind.ONLY_GROWS and falls(before, after):
            change = f"falls from {before} to {after}, which"
        elif trap.kind is Kind.IN_STEPS and not is_near(before, after):
            change = f"goes from {before} to {after} in one step, and more than twice or less than half"
        elif trap.kind is Kind.NEW_MAJOR and apart and was < now[: len(was)] and not peek(one.resource, trap.unless):
            change = f"becomes {after}, a major version that"
        elif trap.kind is Kind.NEXT_MINOR and was[:1] == now[:1] and abs(sum(now[1:]) - sum(was[1:])) > 1:
            change = f"goes from {before} to {after} and skips a minor version, which"
        elif steps and {mode, after} <= steps.keys() and steps[after] - steps[mode] not in (0, 1):
            change = f"goes from {mode} to {after}, which"
        else:
            continue
        yield trap, f"{name}: {key} {change} AWS refuses: {trap.remedy}"


def _major(database: Resource, written: Any) -> tuple[int, ...]:
    """The numbers of a version that are its major version: the first one of PostgreSQL 10 and newer, else two."""
    numbers, engine = version(written), peek(database, "engine")
    sure = isinstance(engine, str) or not database.type.startswith("aws:rds/")
    return numbers[: 1 if not sure or ("postgres" in str(engine) and numbers[:1] >= (10,)) else 2]
