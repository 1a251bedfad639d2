"""Certificates of the program, and names that they are for or not."""

from typing import Any

from review.tests.graph_builder import Builder, Declare
from review.tests.rules.cases import fault, quiet


def domain(name: str, *, key: str = "regionalCertificateArn", waits: bool = False, **certificate: Any) -> Declare:
    """A domain with a certificate, whose validation it perhaps waits for."""

    def declare(build: Builder) -> None:
        arn = build("acm/certificate:Certificate", "proof", **certificate).arn
        if waits:
            arn = build("acm/certificateValidation:CertificateValidation", "valid", certificateArn=arn).certificateArn
        named: dict[str, Any] = {"domainName": name, key: arn}
        build("apigateway/domainName:DomainName", "it", **named)

    return declare


PLAIN: Any = {"domainName": "www.example.com"}
WIDE: Any = {"domainName": "example.com", "subjectAlternativeNames": ["*.example.com"]}
fault("FIT-52", at="it", message="it has the name api.example.com, and proof is for www.example.com")(
    domain("api.example.com", **PLAIN)
)
fault("FIT-52", at="it", message="api.example.com")(domain("api.example.com", key="certificateArn", **PLAIN))
fault("FIT-52", at="it", message="it has the name a.b.example.com, and proof is for example.com and *.example.com")(
    domain("a.b.example.com", **WIDE)
)
fault("FIT-52", at="it", message="proof is for *.example.com")(domain("example.com", domainName="*.example.com"))
fault("FIT-52", at="it", message="has the name *.example.com")(domain("*.example.com", waits=True, **PLAIN))
quiet("FIT-52")(domain("WWW.example.com", waits=True, **PLAIN))
quiet("FIT-52")(domain("a.example.com", **WIDE))
quiet("FIT-52")(domain("example.org", certificateBody="pem", privateKey="pem"))  # its names are in the text


@quiet("FIT-52")
def _(build: Builder) -> None:
    """A certificate of another stack is for names that are not known."""
    there = "arn:aws:acm:us-east-1:123456789012:certificate/a"
    named: dict[str, Any] = {"domainName": "api.example.com", "regionalCertificateArn": there}
    build("apigateway/domainName:DomainName", "it", **named)
