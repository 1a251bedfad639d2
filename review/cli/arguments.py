"""The command line of `python -m review`."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Final

OK, STRICT, FAULT = 0, 1, 2  # exit statuses
FORMATS: Final = ("text", "markdown", "json")
_EPILOG: Final = """\
It runs the program in a process of its own, with the stack's real configuration: no account, no credentials
and no Pulumi CLI are needed, AWS is not called, and nothing is compared with what is deployed.
With --plan it runs no program, and reads the file that the CLI wrote.

exit status: 0, 1 if --strict finds a rule that failed (with --against or --plan: what became worse, by the facts
in docs/comparing.md), 2 if the program or a file of the project is at fault
"""
FAILED: Final = "failed"
UNKNOWN_TOO: Final = "unknown"  # what `--strict` makes an error: failed rules, or also what is undecided


def add_project(made: argparse.ArgumentParser) -> None:
    folder = "folder of Pulumi.yaml; else the nearest above this one"
    made.add_argument("--project", type=Path, metavar="DIR", help=folder)


def add_stacks(made: argparse.ArgumentParser) -> None:
    stacks = "a stack by name, or a file that is read as one; all stacks of the project where none is given"
    made.add_argument("stacks", nargs="*", metavar="STACK", help=stacks)


def add_run(made: argparse.ArgumentParser) -> None:
    add = made.add_argument
    add("--timeout", type=float, default=120, metavar="SECONDS", help="end a program that takes longer (120)")
    add_environment(made)


def add_environment(made: argparse.ArgumentParser) -> None:
    meaning = "an environment variable that the program also gets"
    made.add_argument("--env", action="append", default=[], metavar="NAME", help=meaning)


def parse(made: argparse.ArgumentParser, arguments: Sequence[str]) -> argparse.Namespace:
    """The options of a command line. `--strict` may have a value only after `=`, as a stack may follow it."""
    return made.parse_args([f"--strict={FAILED}" if argument == "--strict" else argument for argument in arguments])


def build_command_parser(name: str, description: str, epilog: str, strict: str) -> argparse.ArgumentParser:
    """A parser with the options of every command that reports. `strict` is what `--strict` makes an error."""
    form = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog=name, description=description, epilog=epilog, formatter_class=form)
    add = made.add_argument
    add_project(made)
    add("--format", choices=FORMATS, default="text", help="text (the default), markdown or json")
    add("--strict", choices=(FAILED, UNKNOWN_TOO), default="", metavar="", help=f"exit 1 {strict}")
    return made


def build_parser(name: str) -> argparse.ArgumentParser:
    about = "What a stack would build, what it would cost, and who could reach what, before anybody pays."
    made = build_command_parser(
        name,
        about,
        _EPILOG,
        "if a rule failed; --strict=unknown: also if a fact about calls, network or rights is undecided",
    )
    add = made.add_argument
    add_stacks(made)
    add("--against", metavar="REV", help="show what changes from a git revision, folder (./ or /), stack or stack file")
    add("--hold-against-all", action="store_true", help="also look for names that other stacks of the project declare")
    add("--only-changes", action="store_true", help="with --against or --plan: leave the report out after the changes")
    printed = "review what `pulumi preview --json --show-sames --show-replacement-steps` printed, in any language"
    add("--plan", default="", metavar="FILE", help=f"{printed}, with what the update changes; - is the standard input")
    add(
        "--verbose",
        action="store_true",
        help="text with the rules of each path, the outputs, and all that is compared or free",
    )
    add("--usage", default="", metavar="requests=5M,…", help="assumptions about a month, for the cost")
    add_run(made)
    add("--color", choices=("auto", "always", "never"), default="auto", help="of text")
    return made
