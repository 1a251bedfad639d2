"""Certificates of the program, and the names that they are for."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..graph import Resource
from ..graph.given import held_input
from ..graph.prose import listed
from ..graph.reading import as_list, as_text
from ..reach import Reach
from .registry import Severity, rule

_CERTIFICATE: Final = "aws:acm/certificate:Certificate"
_OWNERSHIP: Final = "ownershipVerificationCertificateArn"
"""With it, another certificate shows whose the name is."""


@rule("FIT-52", Severity.HIGH, on=types.REST_DOMAIN)
def certificate_covers_the_name(reach: Reach, resource: Resource) -> Iterator[str]:
    """A custom domain has a certificate that is for its name.

    Why: AWS refuses a name that the certificate does not cover; a star in a certificate stands for one label.
    Remedy: Add the name to subject_alternative_names of the certificate.
    https://docs.aws.amazon.com/apigateway/latest/developerguide/how-to-custom-domains-prerequisites.html
    """
    if held_input(resource, _OWNERSHIP) is not None:
        return
    name = as_text(held_input(resource, "domainName")).lower()
    for key in ("certificateArn", "regionalCertificateArn"):
        certificate = reach.model.graph.find(held_input(resource, key), _CERTIFICATE)
        covered = _names(certificate) if certificate is not None else None
        if certificate is not None and covered and name and not _covers(covered, name):
            yield f"{resource.name} has the name {name}, and {certificate.name} is for {listed(covered)}"


def _names(certificate: Resource) -> list[str] | None:
    """The names that a certificate is for; None if one is not known, or if it is imported."""
    names = [
        as_text(held_input(certificate, "domainName")),
        *map(as_text, as_list(held_input(certificate, "subjectAlternativeNames"))),
    ]
    return [*dict.fromkeys(name.lower() for name in names)] if all(names) else None


def _covers(covered: list[str], name: str) -> bool:
    return name in covered or f"*.{name.partition('.')[2]}" in covered
