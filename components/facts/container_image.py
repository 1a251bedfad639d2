"""Image references: where an image lies, and what a host must reach and may do to get it.

A reference is an image in a registry, as `docker pull` takes it, or `s3://bucket/key`: a tarball that `docker save`
wrote, compressed or not.
"""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from .egress_modes import Need
from .hosts_over_ipv6 import answers_over_ipv6
from .registries import find_registry_host

# Without `*`, which a policy of IAM reads as any text.
_TARBALL: Final = re.compile(r"s3://(?P<bucket>[a-z0-9][a-z0-9.-]{1,61}[a-z0-9])/(?P<key>[A-Za-z0-9!_.'()/=+@-]+)")

# https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
_ECR: Final = re.compile(
    r"(?P<account>\d{12})\.(?P<service>dkr[.-]ecr)\.(?P<region>[a-z]{2}(?:-[a-z]+)+-\d)\."
    r"(?P<domain>amazonaws\.com(?:\.cn)?|on\.aws|on\.amazonwebservices\.com\.cn)/"
    r"(?P<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?P<version>(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?)"
)
# Also a misspelt one, or one of a partition that Gatehouse does not serve: nothing would allow the pull.
_LIKE_ECR: Final = re.compile(r"\d+\.dkr[.-]ecr.*")
_DUAL_STACK_DOMAINS: Final = {"amazonaws.com": "on.aws", "amazonaws.com.cn": "on.amazonwebservices.com.cn"}
_ECR_PUBLIC: Final = re.compile(r"(public\.ecr\.aws|ecr-public\.aws\.com)/")

# https://github.com/distribution/reference
_REFERENCE: Final = re.compile(
    r"(?:[A-Za-z0-9.-]+(?::\d+)?/)?[a-z0-9]+(?:(?:[._]|__|-+|/)[a-z0-9]+)*"
    r"(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?"
)


class Place(StrEnum):
    """Where an image lies."""

    S3 = "s3"
    ECR = "ecr"
    ECR_PUBLIC = "ecr-public"
    REGISTRY = "registry"


@dataclass(frozen=True)
class Image:
    """An image reference, taken apart."""

    reference: str
    place: Place
    bucket: str = ""
    key: str = ""
    account: str = ""
    region: str = ""
    repository: str = ""

    @property
    def registry(self) -> str:
        """Host that a login is for; empty if none is needed."""
        return self.reference.partition("/")[0] if self.place is Place.ECR else ""

    @property
    def needs(self) -> frozenset[Need]:
        """Services that a host must reach to get it, besides its bucket."""
        if self.place is Place.REGISTRY and answers_over_ipv6(find_registry_host(self.reference)):
            return frozenset({Need.DUAL_STACK_IMAGE})
        return _NEEDS[self.place]

    def to_ipv6_name(self) -> "Image":
        """The same image by a name that has IPv6 addresses, where AWS gives it one."""
        if self.place is Place.ECR_PUBLIC:
            return replace(self, reference=_ECR_PUBLIC.sub("ecr-public.aws.com/", self.reference))
        match = _ECR.fullmatch(self.reference)
        if match is None or match["domain"] not in _DUAL_STACK_DOMAINS:
            return self
        host = f"{match['account']}.dkr-ecr.{match['region']}.{_DUAL_STACK_DOMAINS[match['domain']]}"
        return replace(self, reference=f"{host}/{match['repository']}{match['version']}")


_NEEDS: Final = {
    Place.S3: frozenset[Need](),
    Place.ECR: frozenset({Need.ECR_IMAGE}),
    Place.ECR_PUBLIC: frozenset({Need.PUBLIC_ECR_IMAGE}),
    Place.REGISTRY: frozenset({Need.PUBLIC_IMAGE}),
}


def has_version(reference: str) -> bool:
    """Whether a reference has a digest, or a tag other than `latest`, which is the tag of one that has none."""
    tag = reference.rpartition("/")[2].partition(":")[2]
    return "@" in reference or tag not in ("", "latest")


def check_ecr(reference: str) -> None:
    """Raises ValueError for text that names no image in Amazon ECR."""
    if not _ECR.fullmatch(reference):
        raise ValueError("an image in Amazon ECR: push it there")


def parse(reference: str) -> Image:
    """Take a reference apart. Raises ValueError, saying what would do, for text that names no image."""
    if reference.startswith("s3:"):
        tarball = _TARBALL.fullmatch(reference)
        if tarball is None:
            raise ValueError("a tarball is named s3://bucket/key.tar.gz, without * and white space")
        return Image(reference, Place.S3, bucket=tarball["bucket"], key=tarball["key"])
    if match := _ECR.fullmatch(reference):
        return Image(
            reference, Place.ECR, account=match["account"], region=match["region"], repository=match["repository"]
        )
    if _LIKE_ECR.match(reference):
        raise ValueError(
            "an image in ECR is named account.dkr.ecr.region.amazonaws.com/repository:tag, in China with .cn"
        )
    if "://" in reference:
        raise ValueError("an image is named without a scheme (registry/name:tag), or s3://bucket/key.tar.gz")
    if not _REFERENCE.fullmatch(reference):
        raise ValueError("an image is named like registry/name:tag, name:tag or s3://bucket/key.tar.gz")
    return Image(reference, Place.ECR_PUBLIC if _ECR_PUBLIC.match(reference) else Place.REGISTRY)
