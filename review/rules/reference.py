"""The list of all rules, written from the registry.

`python -m review.rules.reference` writes review/docs/rules.md. With `--check` it writes nothing, and fails if the
document is out of date.
"""

import json
import sys
from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from typing import Final

from . import RULES, Rule

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "rules.md"
_HEAD: Final = """\
# Rules

The rules of the review and of the [policy pack](policy-pack.md), written from the code by `make docs`. A failed rule
prints its remedy. To waive a rule, name it with a reason in [`protection.waive`](../../docs/settings.md#protection).

The column *in the pack* shows when the pack judges a rule: at each *resource* before it is created or updated, or for
the *stack* at the end of the preview and of the update. With *no*, only the review checks it.

"""
_FACTS: Final = Path(__file__).parents[1] / "facts" / "protections.json"
_PROTECTIONS: Final = """\
## Protections

The review, `gatehouse try` and the pack name a protection only if facts of the program prove it. A name, a description
or the mere presence of a resource proves nothing. If such a fact is not known, the answer is "cannot tell".

"""


def build_document() -> str:
    ordered = sorted(RULES.values(), key=lambda rule: rule.id)
    rows = [
        f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity.value} | {_describe_judgement(rule)} | {rule.title} |"
        for rule in ordered
    ]
    table = "\n".join(["| rule | severity | in the pack | holds if |", "|---|---|---|---|", *rows])
    themes = groupby(ordered, key=lambda rule: rule.id.partition("-")[0])
    reasons = "".join(_format_reasons(theme, rules) for theme, rules in themes)
    return f"{_HEAD}{table}\n\n{_PROTECTIONS}{_build_protections_table()}\n\n## Reasons\n{reasons}"


def _build_protections_table() -> str:
    """The table of protections, each with the fact that proves it."""
    table = json.loads(_FACTS.read_text(encoding="utf-8"))
    rows = [f"| {name} | {facts['word'] or '-'} | {facts['proven by']} |" for name, facts in table.items()]
    return "\n".join(["| protection | in a path | proven by |", "|---|---|---|", *rows])


def _format_reasons(theme: str, rules: Iterable[Rule]) -> str:
    """Why the rules of a theme exist, folded."""
    texts = (f"### {rule.id}\n\n{rule.why} [Source]({rule.source})\n\n" for rule in rules)
    return f"\n<details><summary>{theme}</summary>\n\n{''.join(texts)}</details>\n"


def _describe_judgement(rule: Rule) -> str:
    if not rule.in_pack:
        return "no"
    return "resource" if rule.alone else "stack"


def main(arguments: Sequence[str]) -> int:
    if "--check" in arguments:
        current = DOCUMENT.read_text(encoding="utf-8") if DOCUMENT.exists() else ""
        if current != build_document():
            print("review/docs/rules.md is out of date: run python -m review.rules.reference", file=sys.stderr)
            return 1
        return 0
    DOCUMENT.write_text(build_document(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
