"""Certificates of the program, and the names that they are for."""

from collections.abc import Iterator
from typing import Final

from ..aws.catalog import types
from ..aws.catalog.catalog import token_of
from ..graph import Resource
from ..graph.given import held
from ..graph.prose import listed
from ..graph.reading import items, text
from ..reach import Reach
from .registry import ALWAYS, Severity, rule

_CERTIFICATE: Final = "aws:acm/certificate:Certificate"
_NAMED: Final = {
    **dict.fromkeys(types.DISTRIBUTION, ("aliases", "viewerCertificate.acmCertificateArn")),
    **dict.fromkeys(types.REST_DOMAIN, ("domainName", "certificateArn", "regionalCertificateArn")),
    **dict.fromkeys(types.HTTP_DOMAIN, ("domainName", "domainNameConfiguration.certificateArn")),
    token_of("cognito.UserPoolDomain"): ("domain", "certificateArn"),
}
"""By type, the input with its names, and those with its certificate."""
_OWNERSHIP: Final = "ownershipVerificationCertificateArn"
"""With it, another certificate shows whose the name is."""


@rule("FIT-52", Severity.HIGH, on=_NAMED, refused=ALWAYS)
def certificate_covers_the_name(reach: Reach, resource: Resource) -> Iterator[str]:
    """A distribution or a domain has a certificate that is for all of its names.

    Why: AWS refuses a name that the certificate does not cover; a star in a certificate stands for one label.
    Remedy: Add the name to subject_alternative_names of the certificate.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html
    """
    key, *paths = _NAMED[resource.type]
    certificates = (reach.model.graph.find(held(resource, *path.split(".")), _CERTIFICATE) for path in paths)
    shown = [held(resource, _OWNERSHIP), held(resource, "domainNameConfiguration", _OWNERSHIP)]
    for certificate in certificates if shown == [None, None] else ():
        covered = None if certificate is None else _names(certificate)
        names = [text(name).lower() for name in items(held(resource, key))]
        lacking = [name for name in names if name and covered and not _covers(covered, name)]
        if certificate and covered and lacking:
            yield f"{resource.name} has the name {listed(lacking)}, and {certificate.name} is for {listed(covered)}"


def _names(certificate: Resource) -> list[str] | None:
    """The names that a certificate is for; None if one is not known, or if it is imported."""
    names = [text(held(certificate, "domainName")), *map(text, items(held(certificate, "subjectAlternativeNames")))]
    return [*dict.fromkeys(name.lower() for name in names)] if all(names) else None


def _covers(covered: list[str], name: str) -> bool:
    return name in covered or f"*.{name.partition('.')[2]}" in covered
