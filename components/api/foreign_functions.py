"""Functions of another account or region, to which the program cannot add the permission that an API needs."""

from __future__ import annotations

import pulumi

from ..aws_lookups.foreign_resources import refuse_foreign_resources
from .api_spec import ApiSpec

_COMPONENT = "ApiFront"


def check_places(spec: ApiSpec, front: pulumi.Resource) -> None:
    """Raises ArgumentError for functions and certificates that are known before anything is declared."""
    named: dict[str, object] = {f"targets.{name}": target.function_name for name, target in spec.targets.items()}
    named |= {f"authorizers.{name}": authorizer.function_name for name, authorizer in spec.authorizers.items()}
    functions = {f"{key}.function_name": function for key, function in named.items()}
    refuse_foreign_resources(_COMPONENT, "function", functions, front)
    certificates = {
        f"{place}.{key}": getattr(domain, key, None)
        for place, domain in {"domain": spec.domain, "private_domain": spec.private_domain}.items()
        for key in ("certificate_arn", "ownership_verification_certificate_arn")
    }
    refuse_foreign_resources(_COMPONENT, "certificate", certificates, front)


def refuse_foreign(key: str, function: pulumi.Input[str], front: pulumi.Resource) -> pulumi.Output[str]:
    """The same function. If it is an output, it is checked when its value is known."""

    def check(known: str) -> str:
        refuse_foreign_resources(_COMPONENT, "function", {f"{key}.function_name": known}, front)
        return known

    return pulumi.Output.from_input(function).apply(check)
