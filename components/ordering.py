"""Order between resources that no value expresses."""

from typing import Any, TypeVar

import pulumi

T = TypeVar("T")


def after(value: pulumi.Input[T], *resources: pulumi.Resource) -> pulumi.Output[T]:
    """`value`, by which whoever uses it waits for `resources`, and goes before them when a stack is destroyed.

    An instance needs its subnet's routes at first boot, though it names the subnet alone. URNs are known in every
    preview, so unlike an output of the resources themselves they leave a known value known: a preview that did not know
    a subnet's id would announce that everything in the subnet is replaced.
    """

    def first(values: list[Any]) -> T:
        kept: T = values[0]
        return kept

    return pulumi.Output.all(value, *(resource.urn for resource in resources)).apply(first)
