"""Names of resource hooks. The ends of the names are in `facts/hook_names.py`."""

import pulumi


def name_hook(component: pulumi.Resource, name: str, end: str) -> str:
    """Name of a resource hook. The engine takes each once, and components of several types may have the same name."""
    return f"{type(component).__name__}-{name}-{end}"
