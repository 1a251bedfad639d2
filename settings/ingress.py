"""`gatehouse:ingress`: what is between the VPC link, or the forwarder, and the backend."""

from pydantic import Field

from components.argument_types import IngressKind
from facts import defaults
from facts.limits import HTTP_PORT

from .section import Section
from .values import CertificateArn, DomainName, Port


class Ingress(Section):
    """An internal load balancer, or a Cloud Map service."""

    kind: IngressKind = Field(description="alb, nlb (about $16.40 a month each) or cloud-map (about $0.10 a copy)")
    port: Port = Field(HTTP_PORT, description="Port of the listener")
    certificate_arn: CertificateArn | None = Field(
        None, description="Certificate; the listener speaks TLS with it (alb, nlb)"
    )
    server_name: DomainName | None = Field(None, description="Name that the certificate is for; needed with one")
    deregistration_delay_seconds: int = Field(
        defaults.DEREGISTRATION_DELAY_SECONDS,
        ge=0,
        le=3600,
        description="How long a leaving copy may finish its requests",
    )
    deletion_protection: bool = Field(False, description="Refuse to delete the load balancer until this is taken back")
