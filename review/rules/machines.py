"""Machines, tasks and functions as they are set up."""

import difflib
from collections.abc import Iterator

from ..aws.catalog import types
from ..aws.compute.architecture import sdk_instance_types
from ..facts import instance_types
from ..graph import Resource
from ..graph.given import is_ignored, not_read
from ..graph.reading import CannotTell, as_text, require_input
from ..reach import Reach
from .registry import Severity, rule


@rule("EC2-01", Severity.HIGH, on=types.BOOTED)
def metadata_asks_for_tokens(reach: Reach, resource: Resource) -> Iterator[str]:
    """Instance metadata requires a session token (IMDSv2).

    Why: With version 1 one forged request through a proxy on the machine reads the credentials of its role.
    Remedy: Set metadata_options.http_tokens to required. If it is not set, image and account decide.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
    """
    if require_input(resource, "metadataOptions", "httpEndpoint") == "disabled":
        return
    template = reach.model.machines.template(resource) if resource.type in types.INSTANCE else None
    tokens = require_input(resource, "metadataOptions", "httpTokens")
    if tokens is None and template is not None:
        tokens = require_input(template, "metadataOptions", "httpTokens")
    if tokens is None:
        question = f"whether {resource.name} requires a token depends on its image and the account's default"
        raise CannotTell(f"{question}; set metadata_options.http_tokens to required")
    if tokens != "required":
        yield f"{resource.name} answers metadata requests without a token"


@rule("FIT-21", Severity.HIGH, on=types.BOOTED)
def instance_type_exists(resource: Resource) -> Iterator[str]:
    """A machine's instance type is one that EC2 has.

    Why: EC2 refuses any other. A type that the program's AWS SDK does not list is misspelt, or newer than the SDK.
    Remedy: Take the name from aws ec2 describe-instance-types.
    https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
    """
    kind = as_text(require_input(resource, "instanceType"))
    if not kind:
        return
    try:
        instance_types.architecture(kind)
    except ValueError as problem:
        yield f"{resource.name} is a {kind}: {problem}"
        return
    listed_types = sdk_instance_types()
    if listed_types and kind not in listed_types:
        near = difflib.get_close_matches(kind, listed_types, n=1)
        hint = f" (did you mean {near[0]}?)" if near else ""
        raise CannotTell(f"the program's AWS SDK lists no {kind}{hint}: it is misspelt, or newer than the SDK")


@rule("TRAP-02", Severity.HIGH, on=types.INSTANCE, program_only=True)
def check_of_the_interface_is_left_alone(reach: Reach, resource: Resource) -> Iterator[str]:
    """A machine that takes its network interface by primary_network_interface leaves the interface's check alone.

    Why: The provider's next update turns the source and destination check on again: a NAT instance then forwards
    nothing, and no health check shows it.
    Remedy: Add sourceDestCheck to ignore_changes of the instance.
    https://github.com/hashicorp/terraform-provider-aws/issues/44768
    """
    if resource.inputs.get("primaryNetworkInterface") is None or is_ignored(resource, "sourceDestCheck"):
        return
    for interface in reach.model.graph.of_type(*types.INTERFACE):
        named = interface.urn in resource.property_dependencies.get("primaryNetworkInterface", ())
        if named and interface.inputs.get("sourceDestCheck") is False:
            yield f"the second update turns the source and destination check of {interface.name} on again"


@rule("ECS-03", Severity.LOW, on=types.SERVICE)
def no_exec(resource: Resource) -> Iterator[str]:
    """No shell into containers is enabled.

    Why: ECS Exec gives a root shell in the container to every identity with one IAM permission.
    Remedy: Leave enable_execute_command off and switch it on for the day it is needed.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    if require_input(resource, "enableExecuteCommand") is True:
        yield f"{resource.name} lets people into its containers"


def may(reach: Reach, role: Resource, action: str) -> bool:
    """Whether a role allows an action. Raises CannotTell if a policy of it may allow it and is not known."""
    roles = reach.model.roles
    if roles.allowing(role, action) is not None:
        return True
    if doubt := not_read(role):
        raise CannotTell(doubt)
    if (by := roles.may_allow(role, action)) is not None:
        raise CannotTell(f"whether {by.name} allows {action} to {role.name} is not known")
    return False
