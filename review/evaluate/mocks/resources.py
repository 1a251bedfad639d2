"""Mock outputs of a resource: ids, ARNs and names shaped like AWS's."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import Any

from ...aws.catalog.catalog import canonical, row
from ...aws.catalog.row import Shape
from ...aws.catalog.tables import table
from ...graph import UNKNOWN
from .computed import COMPUTED
from .location import Declared, Location
from .sdk_types import properties


class Resources:
    """Made-up states of one run, so that one resource's outputs can follow from another's."""

    def __init__(self, location: Location) -> None:
        self.location = location
        self.made: dict[str, Mapping[str, Any]] = {}

    def answer(self, key: str, type_: str, name: str, inputs: Mapping[str, Any], region: str) -> dict[str, Any]:
        """Outputs of a new resource, `id` among them; all others stay unknown.

        `key` is what two stacks of a project share of a URN, so that a resource has the same id in both.
        """
        declared = Declared(
            key=key, type=type_, name=name, inputs=inputs, location=replace(self.location, region=region)
        )
        outputs: dict[str, Any] = {}
        shape = row(type_).mock
        for output, template in (_guess(type_) if shape is None else shape).items():
            outputs[output] = _filled(template, declared, output, outputs)
        if compute_more := COMPUTED.get(canonical(type_)):
            with suppress(TypeError, ValueError):  # AWS would refuse such an input, and nothing follows from it
                outputs |= compute_more(declared, outputs, self.made)
        for output, template in table("outputs").get(canonical(type_), {}).items():
            outputs[output] = _filled(template, declared, output, outputs)
        outputs = {output: value for output, value in outputs.items() if value is not UNKNOWN}
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


def _filled(template: Any, declared: Declared, output: str, made: Mapping[str, Any]) -> Any:
    if isinstance(template, list):
        return [_filled(item, declared, f"{output}{at}", made) for at, item in enumerate(template)]
    if isinstance(template, Mapping):
        return {key: _filled(item, declared, f"{output}.{key}", made) for key, item in template.items()}
    return declared.fill(template, output, made) if isinstance(template, str) else template


def _guess(type_: str) -> Shape:
    """Of a type that no shape is known for: an id, and an ARN if its class has one."""
    package, _, kind = type_.partition(":")
    if package == "pulumi":
        return {"id": "{x8}-{x4}-{x4}-{x4}-{x12}"}
    resource = kind.rpartition(":")[2].lower()
    arn = f"arn:{{partition}}:{kind.partition('/')[0]}:{{region}}:{{account}}:{resource}/{{id}}"
    more = {"arn": arn, "name": "{name}"} if package == "aws" else {}
    # SDKs of Node.js do not report what their classes have.
    known = properties(type_) or more
    return {"id": f"{resource}-{{x16}}", **{key: text for key, text in more.items() if key in known}}
