"""Certificates of the program, and names that they are for or not."""

from typing import Any

from review.tests.graph_builder import Builder, Declare
from review.tests.rules.cases import fault, quiet


def site(*aliases: str, waits: bool = False, **certificate: Any) -> Declare:
    """A distribution with a certificate, whose validation it perhaps waits for."""

    def declare(build: Builder) -> None:
        arn = build("acm/certificate:Certificate", "proof", **certificate).arn
        if waits:
            arn = build("acm/certificateValidation:CertificateValidation", "valid", certificateArn=arn).certificateArn
        names: Any = [*aliases]
        build(
            "cloudfront/distribution:Distribution", "site", aliases=names, viewerCertificate={"acmCertificateArn": arn}
        )

    return declare


def domain(kind: str, key: str, *path: str, **more: Any) -> Declare:
    """A domain `api.example.com` whose certificate, for another name, is the input at a path."""

    def declare(build: Builder) -> None:
        value: Any = build("acm/certificate:Certificate", "proof", domainName="www.example.com").arn
        for part in reversed(path[1:]):
            value = {part: value}
        build(kind, "it", **{key: "api.example.com", path[0]: value}, **more)

    return declare


PLAIN: Any = {"domainName": "www.example.com"}
WIDE: Any = {"domainName": "example.com", "subjectAlternativeNames": ["*.example.com"]}
fault("FIT-52", at="site", message="site has the name example.com, and proof is for www.example.com")(
    site("www.example.com", "example.com", **PLAIN)
)
fault("FIT-52", at="site", message="site has the name a.b.example.com, and proof is for example.com and *.example.com")(
    site("a.b.example.com", "b.example.com", **WIDE)
)
fault("FIT-52", at="site", message="proof is for *.example.com")(site("example.com", domainName="*.example.com"))
fault("FIT-52", at="site", message="has the name *.example.com")(site("*.example.com", waits=True, **PLAIN))
fault("FIT-52", at="it", message="it has the name api.example.com, and proof is for www.example.com")(
    domain("apigatewayv2/domainName:DomainName", "domainName", "domainNameConfiguration", "certificateArn")
)
fault("FIT-52", at="it", message="api.example.com")(
    domain("apigateway/domainName:DomainName", "domainName", "regionalCertificateArn")
)
fault("FIT-52", at="it", message="api.example.com")(
    domain("apigateway/domainName:DomainName", "domainName", "certificateArn")
)
fault("FIT-52", at="it", message="api.example.com")(
    domain("cognito/userPoolDomain:UserPoolDomain", "domain", "certificateArn", userPoolId="pool")
)
quiet("FIT-52")(site("WWW.example.com", waits=True, **PLAIN))
quiet("FIT-52")(site("example.com", "a.example.com", "*.example.com", **WIDE))
quiet("FIT-52")(site(**PLAIN))
quiet("FIT-52")(site("example.org", certificateBody="pem", privateKey="pem"))  # its names are in the text
quiet("FIT-52")(
    domain(
        "apigateway/domainName:DomainName",
        "domainName",
        "regionalCertificateArn",
        ownershipVerificationCertificateArn="arn:aws:acm:eu-west-1:123456789012:certificate/a",
    )
)


@quiet("FIT-52")
def _(build: Builder) -> None:
    """A certificate of another stack is for names that are not known."""
    there = "arn:aws:acm:us-east-1:123456789012:certificate/a"
    names: Any = ["example.com"]
    build("cloudfront/distribution:Distribution", "site", aliases=names, viewerCertificate={"acmCertificateArn": there})
