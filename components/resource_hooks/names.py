"""Names of resource hooks. The ends of the names are in `facts/hook_names.py`."""

import pulumi


def name_hook(component: pulumi.Resource, name: str, suffix: str) -> str:
    """Name of a resource hook. It has the component's type, because the engine accepts each name once, and components
    of different types may have the same name."""
    return f"{type(component).__name__}-{name}-{suffix}"
