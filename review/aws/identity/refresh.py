"""Refresh the documents of AWS's own IAM policies, and which of them call no function: `make managed-policies`.

moto, the emulator of `make engine`, ships them as IAM lists them.
"""

import ast
import json
import textwrap
from collections.abc import Mapping
from importlib.metadata import files, version
from pathlib import Path
from typing import Any, Final

from ...graph.reading import as_list
from ..catalog import catalog
from .callers import ANYBODY
from .iam import evaluate_policy

FILE: Final = Path(catalog.__file__).with_name("managed_policies.json")
WITHOUT_CALLS: Final = FILE.with_name("managed_without_calls.json")
_PATHS: Final = ("/", "/job-function/", "/service-role/")
"""Those that a program may attach; AWS's services attach the others themselves."""
_LONGEST: Final = 3_000
"""Characters of a document. A longer one, such as ReadOnlyAccess, stays unknown: the table would be twice as large."""


def format_table(listed: Mapping[str, Any], release: str) -> str:
    """The table, a policy in each line, without what names a statement and decides nothing."""
    policies = {
        f"{policy['Path'].removeprefix('/')}{name}": [
            {key: value for key, value in statement.items() if key != "Sid"}
            for statement in as_list(policy["Document"]["Statement"])
        ]
        for name, policy in listed.items()
        if policy["Path"] in _PATHS
    }
    texts = {name: json.dumps(statements, separators=(",", ":")) for name, statements in policies.items()}
    lines = (f'  "{name}": {text}' for name, text in sorted(texts.items()) if len(text) <= _LONGEST)
    return f'{{\n {_format_head(listed, release)},\n "policies": {{\n' + ",\n".join(lines) + "\n }\n}\n"


def format_names(listed: Mapping[str, Any], release: str) -> str:
    """The names of the policies that let nobody call a function of Lambda."""
    names = (
        f"{policy['Path'].removeprefix('/')}{name}"
        for name, policy in listed.items()
        if policy["Path"] in _PATHS
        and evaluate_policy(policy["Document"], caller=ANYBODY, action="lambda:InvokeFunction").refused
    )
    lines = textwrap.wrap(" ".join(sorted(names)), 116, break_long_words=False, break_on_hyphens=False)
    texts = ",\n".join(f"  {json.dumps(line)}" for line in lines)
    return f'{{\n {_format_head(listed, release)},\n "policies": [\n{texts}\n ]\n}}\n'


def _format_head(listed: Mapping[str, Any], release: str) -> str:
    newest = max(policy["UpdateDate"] for policy in listed.values())
    return json.dumps({"source": f"moto {release}", "newest": newest[:10]})[1:-1]


def _read_moto_policies() -> Any:
    """What moto has in a module of one text. Raises StopIteration where it is not installed."""
    module = next(file for file in files("moto") or () if file.name == "aws_managed_policies.py")
    (text,) = (node.value for node in ast.parse(module.read_text()).body if isinstance(node, ast.Assign))
    return json.loads(ast.literal_eval(text))


if __name__ == "__main__":
    for file, form in ((FILE, format_table), (WITHOUT_CALLS, format_names)):
        file.write_text(form(_read_moto_policies(), version("moto")), encoding="utf-8")
