"""Machines and tasks as they are set up."""

from collections.abc import Iterator

from ..aws.catalog import types
from ..graph import Resource
from ..graph.evidence import is_ignored
from ..graph.reading import Doubt, as_text, require_declared_input
from ..paths import Reachability
from .registry import Message, Severity, rule


@rule("EC2-01", Severity.HIGH, on=types.BOOTED)
def require_metadata_tokens(reach: Reachability, resource: Resource) -> Iterator[Message]:
    """Instance metadata requires a session token (IMDSv2).
    Why: With version 1, one forged request through a proxy on the machine reads the role's credentials.
    Remedy: Set metadata_options.http_tokens to required. If it is not set, image and account decide.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/configuring-instance-metadata-options.html
    """
    if require_declared_input(resource, "metadataOptions", "httpEndpoint") == "disabled":
        return
    template = reach.model.machines.find_template(resource) if resource.type in types.INSTANCE else None
    tokens = require_declared_input(resource, "metadataOptions", "httpTokens")
    if tokens is None and template is not None:
        tokens = require_declared_input(template, "metadataOptions", "httpTokens")
    if tokens is None:
        question = f"whether {resource.name} requires a token depends on its image and the account's default"
        yield Doubt(f"{question}; set metadata_options.http_tokens to required")
    elif tokens != "required":
        yield f"{resource.name} answers metadata requests without a token"


@rule("TRAP-02", Severity.HIGH, on=types.INSTANCE, program_only=True)
def require_ignored_source_dest_check(reach: Reachability, resource: Resource) -> Iterator[str]:
    """An instance with primary_network_interface ignores changes of sourceDestCheck.
    Why: The provider's next update turns the source/destination check on again: a NAT instance then forwards nothing.
    Remedy: Add sourceDestCheck to ignore_changes of the instance.
    https://github.com/hashicorp/terraform-provider-aws/issues/44768
    """
    if resource.inputs.get("primaryNetworkInterface") is None or is_ignored(resource, "sourceDestCheck"):
        return
    taken = resource.property_dependencies.get("primaryNetworkInterface", ())
    for interface in reach.model.graph.list_by_type(*types.INTERFACE):
        if interface.urn in taken and interface.inputs.get("sourceDestCheck") is False:
            yield f"the second update turns the source and destination check of {interface.name} on again"


@rule("ECS-03", Severity.LOW, on=types.SERVICE)
def forbid_exec(resource: Resource) -> Iterator[str]:
    """ECS Exec is off.
    Why: ECS Exec gives a root shell in the container to every identity with one IAM permission.
    Remedy: Leave enable_execute_command off and switch it on for the day it is needed.
    https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
    """
    if require_declared_input(resource, "enableExecuteCommand") is True:
        yield f"{resource.name} lets people into its containers"


@rule("COST-01", Severity.LOW, on=types.INSTANCE)
def require_limited_credits(resource: Resource) -> Iterator[str]:
    """A burstable machine cannot buy unlimited CPU credits.
    Why: By default, T3 and T4g instances buy CPU credits without a limit: $0.04 per vCPU and hour.
    Remedy: Set credit_specification.cpu_credits to standard; an alarm on CPUCreditBalance shows when it is too small.
    https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/burstable-performance-instances-unlimited-mode.html
    """
    instance_type = as_text(require_declared_input(resource, "instanceType"))
    credits = require_declared_input(resource, "creditSpecification", "cpuCredits")
    # T2 has limited credits by default, T3 and T4g have not.
    asks_for_unlimited = instance_type.startswith("t2.") and credits == "unlimited"
    if asks_for_unlimited or (instance_type.startswith(("t3.", "t3a.", "t4g.")) and credits != "standard"):
        yield f"{resource.name} buys CPU credits without a limit"
