"""The statements of programs: whom they admit, who logs in, where they lead, and their rights in AWS."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from ..compute.backend_args import BackendArgs, EgressArgs, ProgramArgs
from ..compute.called_servers import CalledServerArgs
from ..facts import container_image, egress_modes, limits
from ..iam.permission_args import PermissionArgs
from .references import refer, refer_each
from .statement import Statement, drop_absent, make_set

_DOWNLOADS = (limits.HTTP_PORT, limits.HTTPS_PORT)


def state_ec2(spec: Any) -> Statement:
    """Returns the statement of an Ec2Backend."""
    own = {**_state_sessions(spec), **_state_image(spec.image)}
    if spec.log_retention_days is not None:
        own["logs"] = True
    return _state_backend(spec, _state_logins(spec), own)


def state_fargate(spec: Any) -> Statement:
    """Returns the statement of a FargateBackend, in which only ECS Exec opens a shell."""
    own = {"repository": "own"} if spec.build is not None else _state_image(spec.image)
    sessions = {"sessions": True} if spec.execute_command else {}
    statement = _state_backend(
        spec, {"by": "ecs-exec"} if spec.execute_command else {}, {"logs": True, **own, **sessions}
    )
    return {**statement, **drop_absent(notifies=refer(spec.alarm_topic_arn, "Topic"))}


def state_consumer(spec: Any) -> Statement:
    """Returns the statement of an ApiConsumer, from which people call private APIs."""
    called = {
        name: {"port": limits.HTTPS_PORT, "group": refer(group, "SecurityGroup")}
        for name, group in sorted(spec.calls_security_group_ids.items())
    }
    return drop_absent(
        people=_state_logins(spec),
        leads=_state_egress(spec, _DOWNLOADS, called, spec.egress),
        rights=_state_sessions(spec),
    )


def state_function(spec: Any) -> Statement:
    """Returns the statement of an ApiFunction. Whoever calls it, calls it through an API, an event or its own URL."""
    if spec.vpc_id is None:
        return {"leads": {"anywhere": True}, "rights": _state_rights(spec, logs=True)}
    calls, rights = _state_calls(spec.calls), _state_rights(spec, logs=True, interfaces=True)
    if not spec.calls_aws:
        return {"leads": drop_absent(network=refer(spec.vpc_id, "Vpc"), calls=calls), "rights": rights}
    # AWS services are called over IPv4 only.
    out = egress_modes.NAT & {*spec.egress}
    return {"leads": _state_egress(spec, (limits.HTTPS_PORT,), calls, out), "rights": rights}


def state_greeter() -> Statement:
    """Returns the statement of a Greeter: its code calls nothing, and no network keeps it from that."""
    return {"leads": {"anywhere": True}, "rights": {"logs": True}}


def _state_backend(spec: BackendArgs, people: Statement, own: Mapping[str, Any]) -> Statement:
    registers = refer(spec.target_group_arn, "TargetGroup") or refer(spec.registry_arn, "Service")
    return drop_absent(
        port=spec.port,
        placed=refer_each(spec.subnet_ids, "Subnet"),
        admits={name: refer(group, "SecurityGroup") for name, group in sorted(spec.callers.items())},
        registers=registers,
        people=people,
        leads=_state_egress(spec, (*_DOWNLOADS, *spec.internet_ports), _state_calls(spec.calls), spec.egress),
        rights=_state_rights(spec, **own),
    )


def _state_sessions(spec: Any) -> dict[str, Any]:
    """Session Manager's agent registers the machine by a right of its role."""
    return {"sessions": True} if spec.access == "session-manager" else {}


def _state_image(image: Any) -> dict[str, Any]:
    """The repository or the object that a role may read. An image that is an output lies in ECR."""
    if not isinstance(image, str):
        return {} if image is None else {"repository": refer(image, "Repository", "Image")}
    parsed = container_image.parse(image)
    match parsed.place:
        case container_image.Place.S3:
            return {"image": f"{parsed.bucket}/{parsed.key}"}
        case container_image.Place.ECR:
            return {"repository": f"{parsed.registry}/{parsed.repository}"}
    return {}


def _state_logins(spec: Any) -> Statement:
    return drop_absent(
        by=None if spec.access == "none" else spec.access,
        through=refer(spec.ssh_from, "SecurityGroup"),
    )


def _state_egress(spec: EgressArgs, ports: Sequence[int], calls: Statement, out: Collection[str]) -> Statement:
    """The modes of the network, the ports that the program's own group opens, endpoints, and servers by name."""
    gateways = {"dynamodb": spec.dynamodb_prefix_list_id, "s3": spec.s3_prefix_list_id}
    return drop_absent(
        network=refer(getattr(spec, "vpc_id", None), "Vpc"),
        out=make_set(out),
        ports=make_set({*ports}) if egress_modes.reaches_internet(out) else None,
        gateways=make_set(name for name, prefix_list in gateways.items() if prefix_list is not None),
        endpoints=make_set(spec.endpoint_services) if spec.endpoint_security_group_id is not None else None,
        endpoints_at=refer(spec.endpoint_security_group_id, "SecurityGroup"),
        existing_endpoints=make_set(spec.existing_endpoint_services) if spec.endpoint_cidr is not None else None,
        existing_at=refer(spec.endpoint_cidr, "Vpc"),
        calls=calls,
    )


def _state_calls(calls: Mapping[str, CalledServerArgs]) -> Statement:
    return {
        name: drop_absent(
            port=refer(server.port), group=refer(server.security_group_id, "SecurityGroup"), range=server.cidr
        )
        for name, server in sorted(calls.items())
    }


def _state_rights(spec: ProgramArgs, **own: Any) -> Statement:
    """Rights in AWS by name, in the words of the arguments. Managed policies stand in it by their ARN only."""
    keys = [*getattr(spec, "kms_key_arns", ())]
    return drop_absent(
        **own,
        permissions={name: _state_permission(one) for name, one in sorted(spec.permissions.items())},
        secrets={name: refer(arn) for name, arn in sorted(getattr(spec, "secrets", {}).items())},
        keys=refer_each(keys, "Key") if keys else None,
        policies={name: refer(arn, "Policy") for name, arn in sorted(spec.policy_arns.items())},
    )


def _state_permission(permission: PermissionArgs) -> Statement:
    return drop_absent(
        kind=permission.kind,
        name=refer(permission.name),
        allow=make_set(permission.allow),
        key=refer(permission.kms_key, "Key"),
    )
