"""How a shape of made-up outputs is written: templates by output name, filled in by `Declared.fill`, in order."""

from __future__ import annotations

Shape = dict[str, str | int]


def regional(service: str, resource: str, **more: str | int) -> Shape:
    """A resource whose id is its ARN, as with most services."""
    arn = f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}"
    return {"id": arn, "arn": "{id}", **more}


def named(service: str, resource: str, **more: str | int) -> Shape:
    """A resource whose id is its name; `resource` is the last part of its ARN."""
    return {
        "id": "{name}",
        "name": "{name}",
        "arn": f"arn:{{partition}}:{service}:{{region}}:{{account}}:{resource}",
        **more,
    }


def ec2(prefix: str, kind: str, **more: str | int) -> Shape:
    """A resource of EC2: `prefix-0` and 16 hexadecimal digits."""
    return {
        "id": f"{prefix}-0{{x16}}",
        "arn": f"arn:{{partition}}:ec2:{{region}}:{{account}}:{kind}/{{id}}",
        **more,
    }
