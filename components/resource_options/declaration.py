"""The checks of a component that do not depend on its arguments alone: its name, its options and its region."""

from collections.abc import Iterator, Mapping
from typing import Any

import pulumi

from ..arguments.errors import ArgumentError, as_errors, refuse
from ..arguments.faults import Fault
from ..arguments.located import find_misplaced
from ..aws_lookups.account import find_stated_region, read_allowed_accounts
from ..facts import limits
from ..facts.regions import find_refusal
from .accepted_options import find_option_faults
from .child_names import check_name
from .scope import read_default_tags


def check_declaration(component: str, name: str, settings: Any, opts: pulumi.ResourceOptions | None) -> None:
    """Raises ArgumentError for options that would do nothing, for a name of which AWS would refuse a resource's, and
    for what AWS lacks in the region.

    `settings` are the component's checked arguments, which decide what it declares.
    """
    refuse(as_errors(component, find_option_faults(opts)))
    check_name(component, name, settings)
    provider = _find_provider(opts)
    tags = {"Name", *getattr(settings, "tags", {}), *(read_default_tags() if provider is None else ())}
    if len(tags) > limits.TAGS:
        allowed = f"at most {limits.TAGS} tags of a resource, `Name` and aws:defaultTags among them"
        refuse(as_errors(component, [Fault("tags", f"{len(tags)} tags", allowed, "take some out")]))
    if provider is None:
        refuse(_find_errors(component, settings, find_stated_region(), read_allowed_accounts()))
    elif isinstance(region := getattr(provider, "region", None), pulumi.Output):
        region.apply(lambda known: refuse(_find_errors(component, settings, known, ())))


def _find_errors(
    component: str, settings: Any, region: str | None, accounts: tuple[str, ...]
) -> Iterator[ArgumentError]:
    if region and (refused := find_refusal(region)):
        yield from as_errors(component, [Fault("region", region, *refused)])
        return
    yield from as_errors(component, find_misplaced(settings, region, accounts))
    find = getattr(settings, "find_region_faults", None)
    if region and find:
        yield from as_errors(component, find(region))


def _find_provider(opts: pulumi.ResourceOptions | None) -> pulumi.ProviderResource | None:
    """The AWS provider that the program passes to the component. None if it takes the default provider."""
    if opts is None:
        return None
    given: Any = opts.providers or ()
    one: pulumi.ProviderResource | None
    listed = [*given.values()] if isinstance(given, Mapping) else [given] if hasattr(given, "package") else [*given]
    for one in (opts.provider, *listed):
        if one is not None and one.package == "aws":
            return one
    if opts.parent is None:
        return None
    return opts.parent.get_provider("aws:ec2/instance:Instance")
