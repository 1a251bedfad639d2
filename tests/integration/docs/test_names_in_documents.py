"""Files, folders, settings, rules and targets that the documents name exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from review.rules import RULES
from review.tests.helpers.stacks import ROOT
from tools import settings_reference

_BUILT = (".venv", ".git", "build")
FILES = [path for path in ROOT.rglob("*") if not any(part in _BUILT for part in path.relative_to(ROOT).parts)]
DOCUMENTS = sorted(path for path in FILES if path.suffix == ".md")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
# What users have, what a run writes, and a placeholder.
OF_USERS = {
    *("package-lock.json", "prices.yaml"),
    *("conftest.py", "serverless.yml", "template.yaml", "requirements-dev.txt", "review.answers.yaml", "probes.yaml"),
    *("trust.json", "Pulumi.green.yaml", "Pulumi.shop.yaml", "app/"),
    *("build/engine.json", "comment.md", "review.md", "prove-records/DATE.json"),
}


def settings() -> set[str]:
    """The keys of a stack file with their sections, as settings.md has them."""
    found, section, same = set(), "", {}
    for line in settings_reference.REFERENCE.read_text().splitlines():
        if heading := re.match(r"## (\w+)", line):
            section = heading[1]
        elif row := re.match(r"- `([^`]+)` \(", line):
            found.add(f"{section}.{row[1]}")
            if other := re.search(r"Keys as in `([\w.]+)`", line):
                same[f"{section}.{row[1]}."] = f"{other[1]}."
    return found | {key.replace(of, alike, 1) for alike, of in same.items() for key in found if key.startswith(of)}


NAMES_OF_FILES = {path.name for path in FILES}
FOLDERS = {path.name for path in FILES if path.is_dir()}
SETTINGS = settings()
SECTIONS = {key.partition(".")[0] for key in SETTINGS}
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
_SUFFIX = re.compile(r"\.(py|md|ya?ml|sh|json|txt|toml)$")


def unknown_names(text: str, document: Path) -> Iterator[str]:
    """Quoted names that lead nowhere. What has no form of a file, a key, a rule or a target is not looked at."""
    for word in QUOTED.findall(FENCE.sub("", text)):
        yield from unknown_files(word, document)
        key = re.fullmatch(r"(?:gatehouse:)?([a-z]\w*(?:\.[a-z]\w*)+)", word)
        is_other = _SUFFIX.search(word) or word.endswith(".example.com")
        if key and key[1].partition(".")[0] in SECTIONS and not is_other and key[1] not in SETTINGS:
            yield word
        target = re.match(r"make ([a-z-]+)", word)
        if target and target[1] not in TARGETS:
            yield word
    families = "|".join({rule.partition("-")[0] for rule in RULES})
    yield from (rule for rule in re.findall(rf"\b(?:{families})-\d\d\b", text) if rule not in RULES)


def unknown_files(word: str, document: Path) -> Iterator[str]:
    """A file of the repository by its name, or a path from the root, the document's folder, or one above it."""
    if word in OF_USERS or not re.fullmatch(r"[\w.-]*\w[\w.-]*(/[\w.-]+)*/?", word):
        return
    if "/" not in word.removesuffix("/"):
        # An address of permissions.md: a file that `pulumi` writes for each command.
        if word.endswith("/"):
            yield from () if word[:-1] in FOLDERS else (word,)
        elif _SUFFIX.search(word) and word not in NAMES_OF_FILES and not re.fullmatch(r"dev-\w+-1\.json", word):
            yield word
    elif (word.partition("/")[0] in FOLDERS or _SUFFIX.search(word)) and not any(
        (folder / word).exists() for folder in document.parents
    ):
        yield word


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_document_names_what_exists(document: Path) -> None:
    assert list(unknown_names(document.read_text(), document)) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`components/gone.py`", ["components/gone.py"]),
        ("`components/nat_instance.py`, `nat_instance.py`", []),
        ("`gone.py`", ["gone.py"]),
        ("`backend.imagge` and `gatehouse:api.kind`", ["backend.imagge"]),
        ("API-99 and API-02", ["API-99"]),
        ("`make previewed`, `make preview STACK=dev`", ["make previewed"]),
        ("```sh\nmake previewed\n```", []),
    ],
)
def test_a_name_that_leads_nowhere_is_found(text: str, wrong: list[str]) -> None:
    assert list(unknown_names(text, ROOT / "docs" / "page.md")) == wrong
