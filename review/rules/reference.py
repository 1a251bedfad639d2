"""The list of all rules, written from the registry.

`python -m review.rules.reference` writes review/docs/rules.md. With `--check` it writes nothing, and fails if the
document is out of date.
"""

import sys
from pathlib import Path
from typing import Final

from . import RULES, Rule

DOCUMENT: Final = Path(__file__).parents[1] / "docs" / "rules.md"
_HEAD: Final = """\
# Rules

The rules of the review and of the [policy pack](policy-pack.md), written from the code by `make docs`. A failed rule
prints its remedy. To waive a rule, name it with a reason in [`protection.waive`](../../docs/settings.md#protection).

The pack judges a rule for the whole stack, at the end of the preview and of the update, except those marked *resource*
(at each resource, before it is created or updated) and *only review*.

"""


def build_document() -> str:
    rules = "".join(_format_rule(RULES[name]) for name in sorted(RULES))
    return f"{_HEAD.rstrip()}\n{rules}"


def _format_rule(rule: Rule) -> str:
    """A heading, at which links of reports lead, and the rule with its reason."""
    mark = (", resource" if rule.alone else "") if rule.in_pack else ", only review"
    return f"\n### {rule.id}\n\n**{rule.title}.** {rule.severity.value}{mark}. {rule.why} [Source]({rule.source})\n"


def build_texts() -> dict[Path, str]:
    """The document with its text."""
    return {DOCUMENT: build_document()}


def main() -> int:
    """Returns the exit status. The review has no other file that is written from its code."""
    text = build_document()
    if "--check" not in sys.argv:
        DOCUMENT.write_text(text, encoding="utf-8")
    elif DOCUMENT.read_text(encoding="utf-8") != text:
        sys.stderr.write(f"{DOCUMENT} is out of date: run `make docs`\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
