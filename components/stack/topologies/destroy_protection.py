"""Refuses `pulumi destroy` of a protected stack before anything is deleted.

AWS's protection is on the load balancer, which `pulumi destroy` reaches after the API, its stage and the service: the
outage is there by then. The engine refuses to delete what has Pulumi's `protect`, and deletes dependents first. So a
resource without a counterpart in AWS depends on all others and has that mark.
https://www.pulumi.com/docs/iac/concepts/resources/options/protect/
"""

from collections.abc import Sequence

import pulumi

from ..settings import Settings


class DestroyProtection(pulumi.ComponentResource):
    """The first resource that `pulumi destroy` would delete."""

    def __init__(self, protect: bool, protected: Sequence[pulumi.Resource]) -> None:
        """Declare it after `protected`, and after the children of components among them."""
        options = pulumi.ResourceOptions(protect=protect, depends_on=[*protected])
        super().__init__("gatehouse:index:DestroyProtection", "destroy-protection", None, options)
        self.register_outputs({})


def collect_top_level_resources() -> list[pulumi.Resource]:
    """Returns a list to which each resource without a parent is added once it is declared."""
    resources: list[pulumi.Resource] = []

    def note(args: pulumi.ResourceTransformationArgs) -> None:
        if args.opts.parent is None:
            resources.append(args.resource)

    pulumi.runtime.register_stack_transformation(note)
    return resources


def declare_destroy_protection(settings: Settings, declared: Sequence[pulumi.Resource]) -> None:
    """Declare it for a stack with a balancer, last.

    Protected or not, since the engine refuses to delete it with its mark, and to take the mark off is an update.
    """
    ingress = settings.ingress
    if ingress is not None and ingress.kind != "cloud-map":
        DestroyProtection(ingress.deletion_protection, declared)
