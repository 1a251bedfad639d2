"""Every API of a graph, read from OpenAPI bodies and from routes alike."""

import functools
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from ...graph import UNKNOWN, Graph, Resource
from ...graph.answers import YES, Answer, combine_answers, make_doubt
from ...graph.evidence import (
    Evidence,
    contains_unknown,
    get_deployed_input,
    list_with_unknown_owner,
    make_input_evidence,
    read_flag,
)
from ...graph.graph import group_pairs
from ...graph.reading import (
    as_list,
    as_mapping,
    as_text,
    find_first_referenced,
    find_referenced,
    find_referring,
    get_output,
)
from ..catalog import types
from .api import Api, ApiKind, Call, Firewall, Integration, Requirement
from .calls import Calls
from .definitions import read_definition
from .web_acls import describe_firewalls, restricts_callers

MAPPINGS: Final = (
    (types.BASE_PATH_MAPPING, ("restApi",)),
    (types.API_MAPPING, ("apiId",)),
)
"""Types that map a domain to an API, each with the input that names the API."""
DEPLOYMENT: Final = "aws:apigateway/deployment:Deployment"
STAGES: Final = ((types.REST_STAGE, ("restApi",)), (types.HTTP_STAGE, ("apiId",)))
"""The stages of an API, by the input that names it."""


class Apis:
    """The APIs of a graph, with their stages, domains, policies and calls."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.calls = Calls(graph)
        rest_apis, http_apis = graph.list_by_type(*types.REST_API), graph.list_by_type(*types.HTTP_API)
        self.all = [*map(self._read_rest_api, rest_apis), *map(self._read_http_api, http_apis)]
        self._by_urn = {api.resource.urn: api for api in self.all}

    def find(self, resource: Resource) -> Api:
        return self._by_urn[resource.urn]

    def list_integrations(self, resource: Resource) -> list[Integration]:
        """Integrations that a resource declares, one or a body's; each place once."""
        return list(self._declared.get(resource.urn, {}).values())

    @functools.cached_property
    def _declared(self) -> dict[str, dict[tuple[str, ...], Integration]]:
        integrations: dict[str, dict[tuple[str, ...], Integration]] = defaultdict(dict)
        for api in self.all:
            for call in api.calls:
                integrations[call.integration.resource.urn].setdefault(call.integration.key, call.integration)
        return integrations

    def _read_rest_api(self, api: Resource) -> Api:
        kinds = as_list(get_deployed_input(api, "endpointConfiguration", "types"))
        stages = find_referring(self._graph, api, types.REST_STAGE, "restApi")
        body = read_definition(self._graph, api)
        self._read_deployments(api, stages)
        firewalls = tuple(map(self._find_firewall, stages))
        word, uncertain = describe_firewalls(self._graph, firewalls)
        return self._build_api(
            api,
            kind=ApiKind.PRIVATE if "PRIVATE" in kinds else ApiKind.REST,
            calls=(*self.calls.read_body(api, body), *self.calls.read_methods(api)),
            stages=tuple(stages),
            policies=tuple(self._list_policies(api, body)),
            policy_evidence=tuple(self._list_policy_evidence(api)),
            private=make_doubt(f"whether {api.name} is private" * (UNKNOWN in kinds)),
            blocked=make_doubt(
                *(f"whether {link.name} blocks callers of {api.name}" for link in self._acls_of_any_stage)
            ),
            firewalls=firewalls,
            firewall_word=word,
            firewall_answer=make_doubt(f"what the web ACL of {api.name} blocks" * uncertain),
            throttles=tuple(find_referring(self._graph, api, types.METHOD_SETTINGS, "restApi")),
        )

    def _read_deployments(self, api: Resource, stages: Sequence[Resource]) -> None:
        """Asks for the deployment of each stage that serves the API as it is declared. Any other stays unread.

        Nothing serves the deployments of an API that has no stage, so there it asks for each.
        """
        declared = [
            deployment
            for deployment in self._graph.list_by_type(DEPLOYMENT)
            if api.urn in deployment.property_dependencies.get("restApi", ())
            or (api.id is not UNKNOWN and deployment.state.get("restApi") == api.id)
        ]
        may_have_stage = stages or list_with_unknown_owner(
            self._graph, types.REST_STAGE, "restApi", types=types.REST_API
        )
        for deployment in declared:
            # Older providers make a stage of this name with it.
            if not may_have_stage and "stageName" not in deployment.inputs:
                get_deployed_input(deployment, "restApi")
        for stage in stages:
            named, made = stage.state.get("deployment", UNKNOWN), stage.property_dependencies.get("deployment", ())
            served = [
                one for one in declared if (one.urn in made if named is UNKNOWN else one.state.get("id") == named)
            ]
            if served and len(declared) == 1:
                get_deployed_input(stage, "deployment")
                get_deployed_input(served[0], "restApi")

    def _build_api(
        self, api: Resource, calls: Iterable[Call], private: Answer = YES, blocked: Answer = YES, **parts: Any
    ) -> Api:
        """An API with the parts that both types declare alike, and the doubts about the others."""
        graph, closed = self._graph, read_flag(api, "disableExecuteApiEndpoint", absent=False)
        made_up = f"arn:{graph.partition}:execute-api:{api.region or graph.region}:{graph.account}:api"
        domains, foreign_mappings = self._find_domains(api)
        address = make_doubt(f"whether the default address of {api.name} is on" * (closed is None))
        return Api(
            resource=api,
            arn=as_text(get_output(api, "executionArn")) or made_up,
            default_endpoint_closed=closed,
            calls=tuple(calls),
            domains=domains,
            foreign_mappings=foreign_mappings,
            answer=combine_answers(private, address, blocked),
            **parts,
        )

    def _read_http_api(self, api: Resource) -> Api:
        stages = tuple(find_referring(self._graph, api, types.HTTP_STAGE, "apiId"))
        # HTTP APIs have no keys: a scheme that names one is passed over.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-vs-rest.html
        body = self.calls.read_body(api, read_definition(self._graph, api))
        operations = [replace(call, requires=call.requires - {Requirement.KEY}) for call in body]
        calls, is_socket = self.calls.by_route.get(api.urn, []), get_deployed_input(api, "protocolType") == "WEBSOCKET"
        if is_socket:
            # https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-control-access.html
            # AWS looks at the authorization of $connect only: who is connected may send to every route.
            connect = next((call for call in calls if call.path == "$connect"), None)
            needs, unproven = (connect.requires, connect.unproven) if connect else (frozenset[Requirement](), {})
            calls = [replace(call, requires=needs, unproven=unproven) for call in calls]
        return self._build_api(
            api,
            kind=ApiKind.WEBSOCKET if is_socket else ApiKind.HTTP,
            calls=(*operations, *self.calls.read_quick_create(api), *calls),
            # An API made with `target` gets its stage and route from AWS.
            stages=stages or ((api,) if get_deployed_input(api, "target") is not None else ()),
            throttles=stages,
        )

    def _list_policies(self, api: Resource, body: Any) -> Iterator[Any]:
        """The policy of a resource of its own, of the API's argument, else of the body."""
        if separate := find_referring(self._graph, api, types.REST_POLICY, "restApiId"):
            yield self._read_separate_policy(api, body, separate)
        elif list_with_unknown_owner(self._graph, types.REST_POLICY, "restApiId", types=types.REST_API):
            yield UNKNOWN
        elif (policy := get_deployed_input(api, "policy")) is not None:
            yield _as_text(policy)
        elif body is UNKNOWN:
            yield UNKNOWN
        elif isinstance(body, Mapping) and body.get("x-amazon-apigateway-policy"):
            policy = body["x-amazon-apigateway-policy"]
            yield policy if contains_unknown(policy) else _as_text(policy)

    def _read_separate_policy(self, api: Resource, body: Any, separate: Sequence[Resource]) -> Any:
        """The policy of a resource of its own; `UNKNOWN` if there is another one, or if deployments may not have it."""
        policy = get_deployed_input(separate[0], "policy")
        others = (*separate[1:], get_deployed_input(api, "policy"), as_mapping(body).get("x-amazon-apigateway-policy"))
        deployments = find_referring(self._graph, api, (DEPLOYMENT,), "restApi")
        is_deployed = all(separate[0].urn in deployment.dependencies for deployment in deployments)
        is_only = body is not UNKNOWN and not any(other is not None for other in others)
        return _as_text(policy) if is_only and is_deployed else UNKNOWN

    def _list_policy_evidence(self, api: Resource) -> Iterator[Evidence]:
        separate = find_referring(self._graph, api, types.REST_POLICY, "restApiId")
        yield from (make_input_evidence(one, "policy") for one in separate)
        yield make_input_evidence(api, "policy")
        if get_deployed_input(api, "policy") is None:
            yield make_input_evidence(api, "body")

    @functools.cached_property
    def _acls_of_any_stage(self) -> list[Resource]:
        """Associations that may give any stage a web ACL that blocks callers."""
        protected = (*types.REST_STAGE, *types.LOAD_BALANCER)
        resources = list_with_unknown_owner(self._graph, types.ACL_ASSOCIATION, "resourceArn", types=protected)
        acls = ((link, self._find_web_acl(link)) for link in resources)
        return [link for link, acl in acls if acl is None or restricts_callers(self._graph, acl) is not False]

    def _find_firewall(self, stage: Resource) -> Firewall:
        links = find_referring(self._graph, stage, types.ACL_ASSOCIATION, "resourceArn")
        return Firewall(stage, links[0], self._find_web_acl(links[0])) if links else Firewall(stage, None, None)

    def _find_web_acl(self, link: Resource) -> Resource | None:
        return find_first_referenced(self._graph, link, "webAclArn", types=types.WEB_ACL)

    def _find_domains(self, api: Resource) -> tuple[tuple[Resource, ...], tuple[Resource, ...]]:
        """Domains of an API, and mappings of other domains to it.

        Mappings of either kind may send calls to an API, REST or HTTP.
        """
        domains, foreign_mappings = dict[str, Resource](), list[Resource]()
        for link in (
            resource for kinds, path in MAPPINGS for resource in find_referring(self._graph, api, kinds, *path)
        ):
            by_name = self._domains_by_name.get(as_text(get_deployed_input(link, "domainName")), [])
            resources = by_name or find_referenced(self._graph, link, "domainName", types=types.REST_DOMAIN)
            own = {domain.urn: domain for domain in resources if not domain.existing}
            domains |= own
            foreign_mappings += [] if own else [link]
        return tuple(domains.values()), tuple(foreign_mappings)

    @functools.cached_property
    def _domains_by_name(self) -> dict[str, list[Resource]]:
        domains = self._graph.list_by_type(*types.REST_DOMAIN)
        return group_pairs(
            (name, domain) for domain in domains if (name := as_text(get_deployed_input(domain, "domainName")))
        )


def _as_text(policy: Any) -> Any:
    """A policy as text, also where it came as a mapping; `UNKNOWN` where a part of it is."""
    if policy is UNKNOWN or isinstance(policy, str):
        return policy
    try:
        return json.dumps(policy)
    except TypeError:
        return UNKNOWN
