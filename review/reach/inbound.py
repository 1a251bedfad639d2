"""Paths of requests: from each source over APIs, forwarders and listeners to the program that answers."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from ..callers.callers import find_checks
from ..callers.order import admits_nobody, is_open
from ..graph.prose import join_names
from .path import INTERNET, Hop, Path, make_traffic
from .statements import Part, Statements, describe
from .ways import Call, CallGroup, complete_needs, group_calls, list_calls
from .words import Words, describe_needs, describe_signature

BACKENDS: Final = ("Ec2Backend", "FargateBackend")
_SERVICES: Final = ("PrivateIngress", "ServiceIngress", "ServiceRegistry")
_HTTPS: Final = 443


class Inbound:
    """Follows the calls of each API, and the connections that backends admit besides."""

    def __init__(self, statements: Statements) -> None:
        self._statements = statements

    def list_paths(self) -> Iterator[Path]:
        """Yields paths by source: APIs, then backends without an API."""
        for api in self._statements.list_of("ApiFront"):
            for group in group_calls(api, list_calls(api, self.find_checks)):
                yield from self._trace_group(api, group)
        for backend in self._statements.list_of(*BACKENDS):
            admitted = self._list_admitted(backend)
            reason = f"{backend.name} admits {f'only {join_names(admitted)}' if admitted else 'nobody'}"
            path = Path(source=INTERNET, target=backend.name, backend=backend.resource)
            yield path.close(reason, self._statements.list_members(backend))

    def follow(self, api: Part, way: Mapping[str, Any]) -> Iterator[Path]:
        """Yields the paths of a way from its API on."""
        call = Call("", "", way, complete_needs(api, way, self.find_checks(api, way)))
        yield from self._follow(Path(source=api.name), CallGroup((call,), api.get_map("to", way["to"]), False))

    def follow_forwarder(self, proxy: Part) -> Iterator[Path]:
        """Yields the paths from a forwarder on."""
        yield from self._follow_forwarder(Path(source=proxy.name), proxy)

    def find_checks(self, api: Part, way: Mapping[str, Any]) -> Mapping[str, Any] | None:
        """The signature that the target of a way asks this way's callers for; None if it asks for none."""
        target = self._statements.find(api.get("to", way["to"], "function"))
        return None if target is None else find_checks(way.get("needs", {}), target.statement)

    def _trace_group(self, api: Part, group: CallGroup) -> Iterator[Path]:
        hop = self._make_api_hop(api, group)
        for source in self._list_sources(api, group):
            path = source.add(hop)
            if not source.blocked_by and admits_nobody(group.needs):
                missing = (
                    "a key, and no plan has one" if group.needs.get("keys") == {} else "an address that no list admits"
                )
                path = path.close(f"{api.name} requires {missing}", self._statements.list_members(api))
            yield from self._follow(path, group)

    def _make_api_hop(self, api: Part, group: CallGroup) -> Hop:
        kind = str(api.get("kind"))
        shown = {key: part for key, part in group.needs.items() if key != "signature"}
        words = describe_needs(shown, group.describe_rate(kind), self._statements.name)
        if group.routes:
            words.insert(0, Words.same(group.routes))
        if is_open(group.needs):
            words.insert(1 if group.routes else 0, Words.same("anyone"))
        short, full = (", ".join(getattr(word, form) for word in words) for form in ("short", "full"))
        return self._make_hop(api, api.name, short, full, group.needs)

    def _make_hop(self, part: Part, name: str, label: str = "", full: str = "", needs: Any = None) -> Hop:
        members = self._statements.list_members(part)
        return Hop(name, label, full or label, part.resource, members, needs or {})

    def _list_sources(self, api: Part, group: CallGroup) -> Iterator[Path]:
        """The internet; of a private API, who can call its endpoints."""
        start = Path(source=INTERNET)
        if api.get("kind") != "private":
            yield start
            return
        reason = f"{api.name} is private: it has no address outside its endpoints"
        yield start.close(reason, self._statements.list_members(api))
        through = group.needs.get("through", {})
        for key, reference in through.get("endpoints", {}).items():
            yield from self._list_entries(api, key, reference)
        for key, reference in through.get("vpcs", {}).items():
            vpc = key if reference is True else self._statements.name(reference)
            yield Path(source=f"endpoints in {vpc} (outside this stack)")

    def _list_entries(self, api: Part, key: str, reference: Any) -> Iterator[Path]:
        associated, domain = api.get_map("at", "endpoints"), api.get("at", "privateDomain", "endpoint")
        # By what it refers to: two endpoints may have one name.
        is_alias = key in associated if reference is True else reference in associated.values()
        part = self._statements.find(reference)
        if part is None or part.kind != "PrivateApiEndpoint":
            name = key if reference is True else self._statements.name(reference)
            path = Path(source=name if self._statements.is_ambiguous(reference) else f"{name} (outside this stack)")
            yield path.add(Hop("Route 53 alias")) if is_alias else path
            return
        names = ["domain"] if domain == reference else []
        names += ["private DNS"] if part.get("privateDns") else []
        names += ["Route 53 alias"] if is_alias else []
        label = ", ".join(names or ["header x-apigw-api-id"])
        hop = self._make_hop(part, f"execute-api {part.name}".removesuffix(" endpoint") + " endpoint", label)
        for path in self._list_callers(part):
            yield path.add(make_traffic(_HTTPS), hop)

    def _list_callers(self, endpoint: Part) -> Iterator[Path]:
        """Who can open a connection to an endpoint."""
        if endpoint.get("admits") == "unknown":
            doubt = f"whom the existing endpoint {endpoint.name} admits is not known"
            yield Path(source="anything in its VPC").doubt(doubt)
            return
        admits = endpoint.get_map("admits")
        if "vpc" in admits:
            yield Path(source="anything in the VPC")
        yield from (Path(source=cidr) for cidr in admits.get("ranges", {}))
        for group in admits.get("groups", {}).values():
            yield self._make_group_source(group)
        for prefix_list in admits.get("prefixLists", {}).values():
            yield Path(source=f"addresses in {self._statements.name(prefix_list)}")
        for client in self._statements.all:
            called = client.get_map("leads", "calls").values()
            if any(self._statements.may_lead(call.get("group"), endpoint) for call in called):
                yield Path(source=client.name, origin=client.resource)

    def _make_group_source(self, group: Any) -> Path:
        """The members of a security group: a component of the stack, or anything else."""
        part = self._statements.find(group)
        if part is None:
            return Path(source=f"members of {describe(self._statements.graph, group)}")
        return Path(source=part.name, origin=part.resource)

    def _follow(self, path: Path, group: CallGroup) -> Iterator[Path]:
        """From an API to the end of the path."""
        target = group.target
        if "function" in target:
            yield from self._follow_function(path, group, target["function"])
            return
        link = self._statements.find(target.get("link"))
        if link is not None and link.kind == "ExistingIngress":
            yield self._follow_existing(path, link, target.get("listener") or link.get("listener"))
            return
        stated = target.get("listener") or target.get("url")
        listens = None if link is None else self._statements.find(stated)
        hop = Hop("a VPC link outside this stack") if link is None else self._make_hop(link, f"{link.name} link")
        path = path.add(hop)
        if listens is None:
            end = self._statements.name(stated)
            yield path.end(end).doubt(self._explain(stated, f"what answers behind {end}"))
        else:
            yield from self._follow_listener(path, listens)

    def _follow_function(self, path: Path, group: CallGroup, reference: Any) -> Iterator[Path]:
        function = self._statements.find(reference)
        if function is None:
            name = self._statements.name(reference)
            yield path.end(name).doubt(self._explain(reference, f"what {name} does"))
        elif function.kind == "ServerlessProxy":
            words = describe_signature(group.needs["signature"]) if "signature" in group.needs else Words.same("")
            hop = self._make_hop(function, function.name, words.short, words.full, group.needs)
            yield from self._follow_forwarder(path.add(hop), function)
        else:
            hop = self._make_hop(function, function.name)
            yield path.add(hop).end(function.name, function.resource)

    def _follow_forwarder(self, path: Path, proxy: Part) -> Iterator[Path]:
        """To the one backend that a forwarder calls."""
        to = proxy.get_map("to")
        port, called = to.get("port"), self._statements.find(to.get("group"))
        traffic = make_traffic(self._statements.name(port))
        if called is None or called.kind not in (*BACKENDS, *_SERVICES):
            url = self._find_url(proxy)
            is_in = f"is in {self._statements.name(to['group'])} and " if "group" in to else ""
            doubt = self._explain(to.get("url"), f"whether {url} {is_in}admits {proxy.name} on {traffic}")
            yield path.add(traffic).end(url).doubt(doubt)
        elif called.kind in _SERVICES:
            listeners = [called, *self._list_shared(called)]
            listens = next((one for one in listeners if one.get("port") == port), called)
            yield from self._follow_listener(path, listens)
        else:
            yield path.add(traffic, self._make_hop(called, called.name)).end(called.name, called.resource)

    def _explain(self, reference: Any, doubt: str) -> str:
        """The reason for a doubt about the end of a path."""
        if self._statements.is_ambiguous(reference):
            return "which of them the deployment chooses"
        return f"{doubt}, which no component states"

    def _find_url(self, proxy: Part) -> str:
        """The server that a forwarder calls, in words; a made-up address is none."""
        url = proxy.get("to", "url")
        stated = [part for part in self._statements.list_of("UrlBackend") if part.get("url") == url]
        if isinstance(url, str):
            return url
        return stated[0].name if len(stated) == 1 else self._statements.name(url)

    def _list_shared(self, ingress: Part) -> list[Part]:
        """Further services behind the same balancer."""
        services = self._statements.list_of("ServiceIngress", "ServiceRegistry")
        return [one for one in services if self._statements.find(one.get("shares")) is ingress]

    def _follow_existing(self, path: Path, ingress: Part, listener: Any) -> Path:
        is_own = ingress.get("link") == "own"
        hop = self._make_hop(ingress, f"{ingress.name} link") if is_own else Hop("a VPC link outside this stack")
        doubt = "whether its load balancer admits the link, and what answers behind it"
        return path.add(hop).end(self._statements.name(listener)).doubt(doubt)

    def _follow_listener(self, path: Path, listens: Part) -> Iterator[Path]:
        """Over a listener or a registry to the backends that register there, and that admit it."""
        shared = self._statements.find(listens.get("shares")) or listens
        kind, port = listens.get("kind"), listens.get("port")
        name = f"{listens.name} registry" if kind == "cloud-map" else f"{shared.name} {kind}"
        path = path.add(*([make_traffic(port)] if port else []), self._make_hop(shared, name))
        backends = [one for one in self._statements.list_of(*BACKENDS) if self._registers(one, listens)]
        if not backends:
            yield path.end(name).doubt(f"what registers with {name}, which no component states")
        for backend in backends:
            hops = make_traffic(listens.get("toPort")), self._make_hop(backend, backend.name)
            arrived = path.add(*hops).end(backend.name, backend.resource)
            if self._statements.is_ambiguous(backend.get("registers")):
                arrived = arrived.doubt(f"whether {backend.name} registers with {name}")
            admits = backend.get_map("admits").values()
            if not any(self._statements.find(group) is shared for group in admits):
                unstated = [group for group in admits if self._statements.find(group) is None]
                reason = f"{backend.name} does not admit {name}"
                yield (
                    arrived.doubt(f"whether {reason}")
                    if unstated
                    else arrived.close(reason, self._statements.list_members(backend))
                )
            else:
                yield arrived

    def _registers(self, backend: Part, listens: Part) -> bool:
        return self._statements.may_lead(backend.get("registers"), listens)

    def _list_admitted(self, backend: Part) -> list[str]:
        """Names of all that a backend admits, by its own statement and by those of its callers."""
        found = [self._name_admitted(group) for group in backend.get_map("admits").values()]
        may_lead = self._statements.may_lead
        proxies, calls = (self._statements.list_of(kind) for kind in ("ServerlessProxy", "ServiceCall"))
        found += [proxy.name for proxy in proxies if may_lead(proxy.get("to", "group"), backend)]
        found += [self._statements.name(call.get("from")) for call in calls if may_lead(call.get("to"), backend)]
        if through := backend.get("people", "through"):
            found.append(self._name_admitted(through))
        return [*dict.fromkeys(found)]

    def _name_admitted(self, group: Any) -> str:
        part = self._statements.find(group)
        if part is None:
            return f"members of {describe(self._statements.graph, group)}"
        if part.kind == "PrivateNetwork":
            return "the Instance Connect endpoint"
        kind = part.get("kind")
        return part.name if part.kind not in _SERVICES else f"{part.name} {'link' if kind == 'cloud-map' else kind}"
