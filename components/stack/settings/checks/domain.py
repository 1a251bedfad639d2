"""Rules of domains, their certificates, and their TLS versions."""

from collections.abc import Iterator

from ..api import Api
from ..mistakes import NOTHING, Mistake
from ..topology import Topology
from .rule import make_mistake, refuse_fields, register


@register
def check_private_domain(topology: Topology, api: Api) -> Iterator[Mistake]:
    domain = api.domain
    if domain is None or topology is not Topology.PRIVATE_API:
        return
    if not domain.certificate_arn:
        remedy = "request it once yourself: only a public zone can validate it"
        yield make_mistake("api.domain.certificateArn", NOTHING, "a certificate with a private domain", remedy)
    if domain.existing:
        yield make_mistake(
            "api.domain.existing", "true", "false with topology private-api", "give each API its own name"
        )
    if domain.zone_id:
        remedy = "take it out: the name gets a private zone of its own"
        yield make_mistake("api.domain.zoneId", domain.zone_id, "no public zone with topology private-api", remedy)
    if domain.truststore:
        allowed = "no mutual TLS with a private API: AWS offers none"
        yield make_mistake("api.domain.truststore", domain.truststore, allowed, "use authorization: iam")


@register
def check_default_endpoint(topology: Topology, api: Api) -> Iterator[Mistake]:
    if api.domain and topology is Topology.PRIVATE_API:
        allowed = "only with a public API: a private API's own name resolves only inside the VPC"
        remedy = "take it out; with api.private.privateDns: false the API's own name does not resolve at all"
        yield from refuse_fields("api.domain", api.domain, ["disable_default_endpoint"], allowed, remedy)
