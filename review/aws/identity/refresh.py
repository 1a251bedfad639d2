"""Refresh the documents of AWS's own IAM policies: `make managed-policies`.

moto, the emulator of `make engine`, ships them as IAM lists them.
"""

import ast
import json
from collections.abc import Mapping
from importlib.metadata import files, version
from pathlib import Path
from typing import Any, Final

from ...graph.reading import as_list
from ..catalog import catalog

FILE: Final = Path(catalog.__file__).with_name("managed_policies.json")
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
    newest = max(policy["UpdateDate"] for policy in listed.values())
    head = json.dumps({"source": f"moto {release}", "newest": newest[:10]})[1:-1]
    return f'{{\n {head},\n "policies": {{\n' + ",\n".join(lines) + "\n }\n}\n"


def _read_moto_policies() -> Any:
    """What moto has in a module of one text. Raises StopIteration where it is not installed."""
    module = next(file for file in files("moto") or () if file.name == "aws_managed_policies.py")
    (text,) = (node.value for node in ast.parse(module.read_text()).body if isinstance(node, ast.Assign))
    return json.loads(ast.literal_eval(text))


if __name__ == "__main__":
    FILE.write_text(format_table(_read_moto_policies(), version("moto")), encoding="utf-8")
