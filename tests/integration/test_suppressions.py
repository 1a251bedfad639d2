"""Every suppression of a check has its reason, in one form: `# noqa: S105 # a name`, `# type: ignore[misc] # …`."""

import io
import re
import subprocess
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from review.tests.helpers.stacks import ROOT

SUPPRESSION = re.compile(r"#\s*(noqa|type:\s*ignore|pragma:\s*no)")
WITH_REASON = re.compile(
    r"# (noqa: [A-Z]+\d+(, [A-Z]+\d+)*|type: ignore\[[a-z-]+(, [a-z-]+)*\]|pragma: no \w+) # \S.*", re.DOTALL
)


BOOTED = Path("components/user_data/container_start.py")
"""Its text is part of instances' user data, so another comment would replace them. Its reasons follow a hyphen."""


def without_reason(text: str) -> Iterator[str]:
    """The comments of a module that suppress a check and say no reason."""
    if SUPPRESSION.search(text):
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            match = SUPPRESSION.search(token.string) if token.type == tokenize.COMMENT else None
            if match and not WITH_REASON.fullmatch(token.string[match.start() :]):
                yield f"{token.start[0]}: {token.string}"


def test_every_suppression_has_its_reason() -> None:
    listed = subprocess.run(["git", "ls-files", "-z", "*.py"], cwd=ROOT, capture_output=True, text=True, check=True)
    files = [Path(name) for name in listed.stdout.split("\0") if name and Path(name) != BOOTED]
    assert files
    bare = [f"{path}:{one}" for path in files for one in without_reason((ROOT / path).read_text(encoding="utf-8"))]
    assert bare == []


@pytest.mark.parametrize(
    "comment",
    [
        "# noqa",
        "# noqa: S105",
        "# noqa: S105 - a name",
        "# noqa: S105 (a name)",
        "# type: ignore # ours",
        "# type: ignore[misc]",
        "# pragma: no cover",
    ],
)
def test_a_suppression_without_its_reason_is_found(comment: str) -> None:
    assert list(without_reason(f"x = 1  {comment}\n"))
    assert not list(without_reason(f'x = "{comment}"\n'))


def test_a_reason_follows_the_suppression() -> None:
    assert not list(
        without_reason("x = 1  # noqa: S105, S106 # a name\ny = 2  # type: ignore[no-any-return] # a name\n")
    )
