"""Resources of another region or account than the stack's, which can never work."""

from collections.abc import Iterator, Mapping, Sequence

from ....facts import container_image
from ....facts.foreign_resources import Place, find_obstacle, parse_place
from ..api import Api
from ..backend import Backend, Listener
from ..ingress import Ingress
from ..mistakes import Mistake
from ..protection import Protection
from ..unknown import require_known
from .rule import make_mistake, register


@register
def check_functions(api: Api, region: str | None, accounts: Sequence[str]) -> Iterator[Mistake]:
    functions = api.all_functions
    named = {f"api.{key}.arn": function.arn for key, function in functions.items()}
    yield from _check("function", named, region, accounts)
    layers = {f"api.{key}.layers[{at}]": arn for key, one in functions.items() for at, arn in enumerate(one.layers)}
    yield from _check("layer", layers, region, accounts)
    for key, function in functions.items():
        image = container_image.parse(require_known(function.image)) if function.image else None
        if image is not None:
            place = Place(image.region, image.account)
            yield from _check_place("image", f"api.{key}.image", function.image, place, region, accounts)


@register
def check_domain_certificates(api: Api, region: str | None, accounts: Sequence[str]) -> Iterator[Mistake]:
    named = {
        "api.domain.certificateArn": api.domain and api.domain.certificate_arn,
        "api.domain.ownershipVerificationCertificateArn": api.domain
        and api.domain.ownership_verification_certificate_arn,
    }
    yield from _check("certificate", named, region, accounts)


@register
def check_ingress_certificate(
    ingress: Ingress | None, region: str | None, accounts: Sequence[str]
) -> Iterator[Mistake]:
    named = {"ingress.certificateArn": ingress and ingress.certificate_arn}
    yield from _check("certificate", named, region, accounts)


@register
def check_listener_place(backend: Backend, region: str | None, accounts: Sequence[str]) -> Iterator[Mistake]:
    named = {"backend.listenerArn": backend.listener_arn if isinstance(backend, Listener) else None}
    yield from _check("listener", named, region, accounts)


@register
def check_topic(protection: Protection, region: str | None, accounts: Sequence[str]) -> Iterator[Mistake]:
    named = {"protection.alarms.topicArn": protection.alarms and protection.alarms.topic_arn}
    yield from _check("topic", named, region, accounts)


def _check(kind: str, named: Mapping[str, object], region: str | None, accounts: Sequence[str]) -> Iterator[Mistake]:
    for key, arn in named.items():
        if arn:
            yield from _check_place(kind, key, arn, parse_place(str(require_known(arn))), region, accounts)


def _check_place(
    kind: str, key: str, got: object, place: Place, region: str | None, accounts: Sequence[str]
) -> Iterator[Mistake]:
    if (found := find_obstacle(kind, place, region, accounts)) is not None:
        yield make_mistake(key, got, *found)
