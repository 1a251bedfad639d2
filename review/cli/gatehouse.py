"""The command `gatehouse`, as pip installs it: one word for each thing that it does."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from ..aws.component_facts import VERSION
from . import command

_COMMANDS: Final[Mapping[str, tuple[str, Callable[[Sequence[str], str], int]]]] = {
    "review": ("what a stack would build, cost and expose, without an account", command.main),
}
"""By name: a sentence for the help, and a function of the arguments and the command's full name."""


def main() -> int:
    """Run the command that the first argument names. Returns its exit status."""
    name, *rest = [*sys.argv[1:], "--help"]
    if name == "--version":
        print(f"gatehouse {VERSION}")
        return command.OK
    if name in _COMMANDS:
        _, run = _COMMANDS[name]
        return run(rest[:-1], f"gatehouse {name}")
    width = max(map(len, _COMMANDS))
    listed = "\n".join(f"  {each:{width}}  {sentence}" for each, (sentence, _) in _COMMANDS.items())
    usage = f"usage: gatehouse COMMAND …\n\n{listed}\n\ngatehouse COMMAND --help describes one; gatehouse --version"
    if name in ("--help", "-h"):
        print(usage)
        return command.OK
    print(f"gatehouse: there is no command {name!r}\n{usage}", file=sys.stderr)
    return command.FAULT
