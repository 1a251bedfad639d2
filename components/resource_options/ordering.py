"""Order between resources that no value expresses."""

from typing import Any, TypeVar

import pulumi

T = TypeVar("T")


def add_dependencies(value: pulumi.Input[T], *resources: pulumi.Resource) -> pulumi.Output[T]:
    """Returns `value`, whose users wait for `resources`, and are deleted before `resources` on destroy.

    An instance needs its subnet's routes at first boot, although its inputs name only the subnet. URNs are known in
    every preview, so unlike other outputs of the resources they leave a known value known. If a preview did not know a
    subnet's ID, it would announce that everything in the subnet is replaced.
    """

    def pick_value(values: list[Any]) -> T:
        kept: T = values[0]
        return kept

    return pulumi.Output.all(value, *(resource.urn for resource in resources)).apply(pick_value)
