"""The checks of a component that do not depend on its arguments alone: its name and its options."""

from typing import Any

import pulumi

from ..arguments.errors import as_errors, refuse
from .accepted_options import find_option_faults
from .child_names import check_name


def check_declaration(component: str, name: str, settings: Any, opts: pulumi.ResourceOptions | None) -> None:
    """Raises ArgumentError for options that would do nothing, and for a name of which AWS would refuse a resource's.

    `settings` are the component's checked arguments, which decide what it declares.
    """
    refuse(as_errors(component, find_option_faults(opts)))
    check_name(component, name, settings)
