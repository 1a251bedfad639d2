"""The SDK in the program's process: what is replaced in it, and stand-ins for values that the review does not have.

It runs by the program's Python and SDK, as the recorder does. So it imports only Python's library, and `pulumi` with
what that requires.
"""

from pathlib import Path

FOLDERS = {"HOME": "home", "TMPDIR": "tmp"}
"""Folders in the folder of a process, by the variables that name them."""
COMPONENTS = "gatehouse"
"""The package of the components where it is installed."""


def has_own_components(program: Path) -> bool:
    """Whether a program has a module of that name in its folder, which only its own runs may import."""
    return any((program / name).exists() for name in (COMPONENTS, f"{COMPONENTS}.py"))
