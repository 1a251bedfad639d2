"""Rules of domains, their certificates, and their TLS versions."""

import re
from collections.abc import Iterator

from ....facts import container_image
from ..api import Api
from ..ingress import Ingress
from ..mistakes import NOTHING, Mistake
from ..topology import Topology
from ..unknown import require_known
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


@register
def check_regions(api: Api, ingress: Ingress | None, region: str | None) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/acm/latest/userguide/acm-regions.html, and AddPermission of Lambda."""
    functions = api.all_functions
    layers = {f"{key}.layers[{at}]": arn for key, one in functions.items() for at, arn in enumerate(one.layers)}
    named = {
        "api.domain.certificateArn": api.domain and api.domain.certificate_arn,
        "api.domain.ownershipVerificationCertificateArn": api.domain
        and api.domain.ownership_verification_certificate_arn,
        "ingress.certificateArn": ingress and ingress.certificate_arn,
        **{f"api.{key}.arn": function.arn for key, function in functions.items()},
        **{f"api.{key}": arn for key, arn in layers.items()},
    }
    for key, arn in named.items():
        match = arn and re.match(r"arn:[^:]+:(acm|lambda):([^:]*):", require_known(arn))
        if match and region and match[2] != region:
            what, do = ("certificate", "request or import") if match[1] == "acm" else ("function", "deploy")
            what = "layer" if ":layer:" in require_known(arn) else what
            allowed = f"a {what} of {region}, the region of the stack; this one lies in {match[2]}"
            yield make_mistake(key, arn, allowed, f"{do} it in {region}")
    for key, function in functions.items():
        image = container_image.parse(require_known(function.image)) if function.image else None
        if image and region and image.region != region:
            allowed = f"an image in ECR of {region}, the region of the stack; this one lies in {image.region}"
            yield make_mistake(f"api.{key}.image", function.image, allowed, f"push it to a repository in {region}")
