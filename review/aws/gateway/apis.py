"""Every API of a graph, read from OpenAPI bodies and from routes alike."""

from dataclasses import replace

from ...graph import Graph, Resource
from ...graph.evidence import (
    get_deployed_input,
)
from ...graph.reading import (
    as_list,
    find_referring,
)
from ..catalog import types
from .api import Api, ApiKind, Requirement
from .calls import Calls
from .definitions import read_definition


class Apis:
    """The APIs of a graph, with their stages and calls."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self.calls = Calls(graph)
        rest_apis, http_apis = graph.list_by_type(*types.REST_API), graph.list_by_type(*types.HTTP_API)
        self.all = [*map(self._read_rest_api, rest_apis), *map(self._read_http_api, http_apis)]
        self._by_urn = {api.resource.urn: api for api in self.all}

    def find(self, resource: Resource) -> Api:
        return self._by_urn[resource.urn]

    def _read_rest_api(self, api: Resource) -> Api:
        kinds = as_list(get_deployed_input(api, "endpointConfiguration", "types"))
        return Api(
            resource=api,
            kind=ApiKind.PRIVATE if "PRIVATE" in kinds else ApiKind.REST,
            calls=(*self.calls.read_body(api, read_definition(self._graph, api)), *self.calls.read_methods(api)),
            stages=tuple(find_referring(self._graph, api, types.REST_STAGE, "restApi")),
            throttles=tuple(find_referring(self._graph, api, types.METHOD_SETTINGS, "restApi")),
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
            needs = connect.requires if connect else frozenset[Requirement]()
            calls = [replace(call, requires=needs) for call in calls]
        return Api(
            resource=api,
            kind=ApiKind.WEBSOCKET if is_socket else ApiKind.HTTP,
            calls=(*operations, *self.calls.read_quick_create(api), *calls),
            # An API made with `target` gets its stage and route from AWS.
            stages=stages or ((api,) if get_deployed_input(api, "target") is not None else ()),
            throttles=stages,
        )
