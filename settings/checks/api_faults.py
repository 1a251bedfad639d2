"""Mistakes that the components refuse as well, by the same functions."""

import re
from collections.abc import Iterable, Iterator

from pydantic.alias_generators import to_camel

from components.api import faults
from components.api.routes import VariablesClashError
from facts.limits import LAMBDA_AUTHORIZER_SECONDS, REST_API_TIMEOUT_MILLISECONDS

from ..api import Api
from ..ingress import Ingress
from ..mistakes import Mistake
from ..protection import Protection
from ..topology import Topology
from .proxy import uses_link
from .rule import mistake, rule

_NAME = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")


def _mistakes(section: str, found: Iterable[faults.Fault]) -> Iterator[Mistake]:
    for fault in found:
        texts = (_NAME.sub(lambda name: to_camel(name[0]), text) for text in (fault.key, fault.allowed, fault.remedy))
        key, allowed, remedy = texts
        yield mistake(f"{section}.{key}", fault.got, allowed, remedy)


@rule
def api_is_one_that_aws_takes(api: Api) -> Iterator[Mistake]:
    spec, http = api.spec, api.kind == "http"
    kinds = {name: (authorizer.kind, authorizer.audiences) for name, authorizer in spec.authorizers.items()}
    yield from _mistakes(
        "api", faults.of_routes(spec.routes, http=http, quota_milliseconds=spec.timeout_quota_milliseconds)
    )
    yield from _mistakes("api", faults.of_authorizers(kinds, http=http))
    yield from _mistakes("api", faults.of_plans({name: plan.names for name, plan in spec.plans.items()}))
    if spec.cors is not None:
        yield from _mistakes("api", faults.of_cors(spec.cors, http=http))
    if http and api.timeout_quota_milliseconds is not None:
        yield mistake(
            "api.timeoutQuotaMilliseconds",
            api.timeout_quota_milliseconds,
            "only with a REST API: AWS does not raise the timeout of HTTP APIs",
            "take it out",
        )


@rule
def prefix_is_stripped_everywhere(topology: Topology, ingress: Ingress | None, api: Api) -> Iterator[Mistake]:
    if not uses_link(topology, ingress, api):
        return
    try:
        linked = [made for made in api.operations if made.route.target == "backend"]
    except VariablesClashError:
        return  # another rule reports it
    yield from _mistakes("api", faults.of_prefix(api.stripped_prefix, linked))


@rule
def firewall_is_one_that_aws_takes(protection: Protection) -> Iterator[Mistake]:
    if waf := protection.waf:
        yield from _mistakes("protection.waf", faults.of_firewall(waf.managed_rules, waf.allow))


@rule
def authorizers_answer_in_time(api: Api) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""
    longest = LAMBDA_AUTHORIZER_SECONDS if api.kind == "http" else REST_API_TIMEOUT_MILLISECONDS // 1000
    for name, authorizer in api.authorizers.items():
        decides = authorizer.function
        if decides is not None and decides.timeout_seconds > longest:
            yield mistake(
                f"api.authorizers.{name}.function.timeoutSeconds",
                decides.timeout_seconds,
                f"at most {longest}: API Gateway waits no longer for an authorizer",
                "lower it",
            )
