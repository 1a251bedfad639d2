"""Rules of domains, their certificates, and their TLS versions."""

import re
from collections.abc import Iterator

from ....facts import container_image
from ..api import Api
from ..ingress import Ingress
from ..mistakes import NOTHING, Mistake
from ..topology import Topology
from ..unknown import certain
from .rule import mistake, only_with, rule


@rule
def private_domain_brings_its_certificate(topology: Topology, api: Api) -> Iterator[Mistake]:
    domain = api.domain
    if domain is None or topology is not Topology.PRIVATE_API:
        return
    if not domain.certificate_arn:
        remedy = "request it once yourself: only a public zone can validate it"
        yield mistake("api.domain.certificateArn", NOTHING, "a certificate with a private domain", remedy)
    if domain.existing:
        yield mistake("api.domain.existing", "true", "false with topology private-api", "give each API its own name")
    if domain.zone_id:
        remedy = "take it out: the name gets a private zone of its own"
        yield mistake("api.domain.zoneId", domain.zone_id, "no public zone with topology private-api", remedy)
    if domain.truststore:
        allowed = "no mutual TLS with a private API: AWS offers none"
        yield mistake("api.domain.truststore", domain.truststore, allowed, "use authorization: iam")


@rule
def only_public_apis_have_a_second_entry(topology: Topology, api: Api) -> Iterator[Mistake]:
    if api.domain and topology is Topology.PRIVATE_API:
        allowed = "only with a public API: a private API's own name resolves only inside the VPC"
        remedy = "take it out; with api.private.privateDns: false the API's own name does not resolve at all"
        yield from only_with("api.domain", api.domain, ["disable_default_endpoint"], allowed, remedy)


@rule
def certificates_and_functions_lie_in_the_region(
    api: Api, ingress: Ingress | None, region: str | None
) -> Iterator[Mistake]:
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
        match = arn and re.match(r"arn:[^:]+:(acm|lambda):([^:]*):", certain(arn))
        if match and region and match[2] != region:
            what, do = ("certificate", "request or import") if match[1] == "acm" else ("function", "deploy")
            what = "layer" if ":layer:" in certain(arn) else what
            allowed = f"a {what} of {region}, the region of the stack; this one lies in {match[2]}"
            yield mistake(key, arn, allowed, f"{do} it in {region}")
    for key, function in functions.items():
        image = container_image.parse(certain(function.image)) if function.image else None
        if image and region and image.region != region:
            allowed = f"an image in ECR of {region}, the region of the stack; this one lies in {image.region}"
            yield mistake(f"api.{key}.image", function.image, allowed, f"push it to a repository in {region}")
