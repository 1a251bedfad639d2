"""The image in a stack file, by its digest: `python -m gatehouse.stack.image dev REPOSITORY@sha256:…` writes it.

A workflow commits the file then, so that git holds what runs. `--from dev` takes the image of another stack file: so a
release goes from one stack to the next. Comments and everything else in the file stay.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import yaml

from .settings.stack_file import find_entries

OK: Final = 0
FAULT: Final = 2
_BY_DIGEST: Final = re.compile(r"[a-z0-9][a-z0-9._:/-]*@sha256:[0-9a-f]{64}")


class ImageError(Exception):
    """A reason why no image is written."""


def main(arguments: Sequence[str]) -> int:
    """Run the command. Returns its exit status."""
    options = _build_parser().parse_args(arguments)
    target = options.project / f"Pulumi.{options.stack}.yaml"
    try:
        image = options.image or find_image(
            _read_text(options.project / f"Pulumi.{options.source}.yaml"), options.source
        )
        text = _read_text(target)
        changed = replace_image(text, image, options.stack)
    except ImageError as reason:
        print(f"image: {reason}; nothing was written", file=sys.stderr)
        return FAULT
    target.write_bytes(changed.encode("utf-8"))
    print(image if changed != text else f"{target.name} has this image already")
    return OK


def find_image(text: str, stack: str) -> str:
    """Returns the image of the backend in a stack file's text. Raises ImageError if it has none."""
    return str(_find_image_node(text, stack).value)


def replace_image(text: str, image: str, stack: str) -> str:
    """The stack file's text with another image of the backend. Raises ImageError if it has none, or for a mere tag."""
    if not _BY_DIGEST.fullmatch(image):
        raise ImageError(f"got {image!r}; an image by its digest, such as repository/name@sha256:… with 64 digits")
    node = _find_image_node(text, stack)
    start, end = node.start_mark.index, node.end_mark.index
    image_text = text[start:end]
    if not image_text or image_text[0] in "|>&!":
        raise ImageError(
            f"Pulumi.{stack}.yaml writes backend.image as {image_text[:1] or 'nothing'!r}; write it on one line"
        )
    return text[:start] + image + text[end:]


def _find_image_node(text: str, stack: str) -> yaml.ScalarNode:
    """Returns the place of `backend.image` in the text."""
    try:
        document = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise ImageError(f"Pulumi.{stack}.yaml is no YAML: line {line}") from error
    node = _find_value(_find_value(_find_value(document, "config"), "backend"), "image")
    if not isinstance(node, yaml.ScalarNode):
        raise ImageError(f"Pulumi.{stack}.yaml has no backend.image in plain text: write one first, of any tag")
    return node


def _find_value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    """Returns the value of a key. Raises ImageError for one that is given twice."""
    found = find_entries(node, name)
    if len(found) > 1:
        raise ImageError(f"the key {name} is given twice")
    return found[0][1] if found else None


def _read_text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")  # with the ends of its lines
    except OSError as error:
        raise ImageError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ImageError(f"{path} is no UTF-8 text") from error


def _build_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gatehouse.stack.image",
        description="Write the image of a stack's backend into its stack file.",
        epilog="exit status: 0, or 2 if nothing could be written",
        allow_abbrev=False,
    )
    parser.add_argument("stack", metavar="STACK", help="name of the stack whose file is changed")
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("image", nargs="?", metavar="IMAGE", help="the image by its digest")
    source.add_argument("--from", dest="source", metavar="STACK", help="the stack whose image is taken")
    parser.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="folder of Pulumi.yaml")
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
