"""Mock outputs of a resource: ids, ARNs and names shaped like AWS's."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from ...aws.catalog.catalog import Shape, find_row, normalize_token
from ...graph import reveal
from .location import Location
from .template import Facts

DECLARED: Final[dict[str, Mapping[str, Any]]] = json.loads(Path(__file__).with_name("declared.json").read_bytes())
"""By type, templates of outputs that follow from inputs or from other resources, in place of those of the catalog."""
_NAMING: Final = ("name", "bucket", "identifier", "keyName")  # inputs by which a program chooses a name for AWS


class Resources:
    """Made-up states of one run, so that one resource's outputs can follow from another's."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.made: dict[str, Mapping[str, Any]] = {}

    def answer(self, key: str, type_: str, name: str, inputs: Mapping[str, Any], region: str) -> dict[str, Any]:
        """Outputs of a new resource. `key` is what stacks of a project share of its URN, for one id in all."""
        facts = Facts(replace(self.location, region=region), inputs, self.made, f"{key}\n")
        # The name that AWS would show: the one given, else Pulumi's automatic one.
        names = (value for key in _NAMING if isinstance(value := reveal(inputs.get(key)), str) and value)
        prefix = reveal(inputs.get("namePrefix"))
        shown = next(names, f"{prefix if isinstance(prefix, str) else name + '-'}{facts.make_digits('name', 7)}")
        facts.known["name"] = shown
        kind, shape = normalize_token(type_), find_row(type_).mock
        shapes = (_guess(type_) if shape is None else shape, DECLARED.get(kind, {}))
        outputs = facts.fill({output: template for shape in shapes for output, template in shape.items()})
        if isinstance(outputs.get("id"), str):
            self.made[outputs["id"]] = {**inputs, **outputs}
        return outputs

    def read(self, identity: str, key: str, type_: str, name: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """Outputs of a resource that exists already and that the program reads by id."""
        outputs = self.answer(key, type_, name, inputs, self.location.region)
        if isinstance(made_id := outputs.get("id"), str) and made_id:
            # Values that were derived from the made-up ID are derived from the real one.
            derived = {output: value for output, value in outputs.items() if isinstance(value, str)}
            outputs |= {output: value.replace(made_id, identity) for output, value in derived.items()}
        self.made[identity] = {**inputs, **outputs}
        return outputs


def _guess(type_: str) -> Shape:
    """Outputs of a type that the review does not know: an ID and, of AWS's types, an ARN and a name."""
    package, _, kind = type_.partition(":")
    if package == "pulumi":
        return {"id": "{x8}-{x4}-{x4}-{x4}-{x12}"}
    resource = kind.rpartition(":")[2].lower()
    arn = f"arn:{{partition}}:{kind.partition('/')[0]}:{{region}}:{{account}}:{resource}/{{id}}"
    return {"id": f"{resource}-{{x16}}", **({"arn": arn, "name": "{name}"} if package == "aws" else {})}
