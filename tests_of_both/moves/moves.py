"""Moves from one config to another, with what is expected of each."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from review.compare.engine.order import Verb

_ROUTE: Final = {"path": "/orders", "methods": ["GET"], "authorization": "iam"}
_OTHER: Final = {"path": "/items", "methods": ["GET"], "authorization": "iam"}
_BASE: Final[dict[str, Any]] = {
    "topology": "public-proxy",
    "network": {"egress": "nat-instance"},
    "backend": {"kind": "ec2", "image": "traefik/whoami:v1.11.0", "port": 80},
    "api": {"kind": "rest", "routes": [_ROUTE]},
}


def _with(base: Mapping[str, Any], **sections: Any) -> dict[str, Any]:
    """A config with keys of its sections written over."""
    made = copy.deepcopy(dict(base))
    for name, value in sections.items():
        made[name] = {**made.get(name, {}), **value} if isinstance(value, Mapping) else value
    return made


_HTTP: Final = _with(_BASE, api={"kind": "http"})
_LINK: Final = _with(_BASE, topology="vpc-link", ingress={"kind": "alb"})
_NLB: Final = _with(_LINK, ingress={"kind": "nlb"})
_LINK_HTTP: Final = _with(_LINK, api={"kind": "http"})
_PRIVATE: Final = _with(_BASE, topology="private-api")
_GREETER: Final = {**_BASE, "backend": {"kind": "greeter"}, "network": {"egress": "none"}}
_FARGATE: Final = _with(_LINK, backend={"kind": "fargate"})
_CLOUD_MAP: Final = _with(_FARGATE, ingress={"kind": "cloud-map"}, api={"kind": "http"})
_REGISTERED: Final = _with(_CLOUD_MAP, backend={"kind": "ec2"})
_BALANCED: Final = _with(_FARGATE, api={"kind": "http"})
_FLEET: Final = _with(_LINK, backend={"count": 2})
_SCALED: Final = _with(_LINK, backend={"scaling": {"minimum": 2, "maximum": 6, "cpuPercent": 60}})
_SCALED_FARGATE: Final = _with(_SCALED, backend={"kind": "fargate"})
_PROTECTED: Final = _with(_LINK, ingress={"deletionProtection": True})
_EXISTING: Final = {
    "vpcId": "vpc-0a1b2c3d4e5f60718",
    "subnetIds": ["subnet-0a1b2c3d4e5f60718", "subnet-0b1c2d3e4f5061728"],
    "egress": "nat-gateway",
}
_ADOPTED: Final = {**_BASE, "network": _EXISTING}
_ADOPTED_LINK: Final = {**_LINK, "network": _EXISTING}
_DOMAIN: Final = {"name": "api.example.com", "zoneId": "Z0123456789ABCDEFGHIJ"}
_OTHER_DOMAIN: Final = {**_DOMAIN, "name": "other.example.com"}
_PLAN: Final = {"keys": ["acme"], "throttle": {"rate": 50, "burst": 100}, "quota": {"limit": 1000, "period": "DAY"}}
_KEYS: Final = _with(
    _BASE, api={"routes": [{**_ROUTE, "authorization": "none", "keyRequired": True}], "plans": {"partners": _PLAN}}
)
_POOL: Final = {"pool": {"kind": "jwt", "issuer": "https://issuer.example.com", "audiences": ["a"]}}
_JWT: Final = _with(_HTTP, api={"authorizers": _POOL, "routes": [{**_ROUTE, "authorization": "pool"}]})
_STREAM: Final = _with(_BASE, api={"routes": [{**_ROUTE, "streaming": True, "timeoutMilliseconds": 60_000}]})
_NEWER: Final = {"image": "traefik/whoami:v1.10.0"}


def _egress(*ways: str) -> dict[str, Any]:
    return _with(_BASE, network={"egress": ways[0] if len(ways) == 1 else list(ways)})


def _routes(*routes: Mapping[str, Any], base: Mapping[str, Any] = _BASE) -> dict[str, Any]:
    return _with(base, api={"routes": list(routes)})


def _domain(base: Mapping[str, Any], domain: Mapping[str, Any] = _DOMAIN) -> dict[str, Any]:
    return _with(base, api={"domain": domain})


@dataclass(frozen=True)
class Move:
    """From one config to another, and what is expected of it."""

    before: Mapping[str, Any]
    after: Mapping[str, Any]
    calls: str = "not cut"
    replaced: str = ""
    """Names, separated by spaces."""
    order: str = ""
    """Steps of which each must come before the next, separated by ` < `; `replace` makes what `delete old` deletes."""

    @property
    def steps(self) -> list[str]:
        """The same, as the comparison writes them."""
        words = {"replace ": f"{Verb.CREATE_REPLACEMENT} ", "delete old ": f"{Verb.DELETE_REPLACED} "}
        steps = [step for step in self.order.split(" < ") if step]
        for word, verb in words.items():
            steps = [verb + step.removeprefix(word) if step.startswith(word) else step for step in steps]
        return steps


_CERTIFICATE: Final = "front-certificate front-certificate-proof front-certificate-validation"
_ENDS: Final = "the path ends"
_DEPLOYED: Final = "front-deployment"
_SWITCHED: Final = "replace front-deployment < update front-stage"
_NEW_BALANCER: Final = "ingress-listener ingress-standby ingress-targets"
_NEW_PORT: Final = "backend-from-alb-egress backend-from-alb-ingress ingress-targets"
_STAGE: Final = "front-deployment front-settings front-stage"

_IN_ANOTHER_VPC: Final = (
    "network-vpc network-default-group network-internet network-public-routes network-public-ipv4 "
    "network-dynamodb network-s3 "
    + " ".join(
        f"network-private-{at} network-private-{at}-routes network-private-{at}-association network-private-{at}-ipv4 "
        f"network-public-{at} network-public-{at}-association"
        for at in (1, 2)
    )
    + " backend-group backend-to-http-ipv4-egress backend-to-https-ipv4-egress"
)
_OTHER_RANGE: Final = {"cidr": "10.8.0.0/16"}
_ALARMS: Final = {"emails": ["a@example.com", "b@example.com"]}
_RANGES: Final = {"allowCidrs": ["192.168.0.0/24", "192.168.1.0/24"]}

# fmt: off
MOVES: Final[dict[str, Move]] = {
    # --- topologies
    "public-proxy → vpc-link": Move(_BASE, _LINK, replaced=_DEPLOYED,
        order=f"create backend-registration < create ingress-listener < {_SWITCHED} < delete proxy-function"),
    "vpc-link → public-proxy": Move(_LINK, _BASE, replaced=_DEPLOYED,
        order=f"create proxy-function < create front-invokes-backend < {_SWITCHED} < delete ingress-listener"),
    "public-proxy → private-api": Move(_BASE, _PRIVATE, _ENDS, f"{_STAGE} front-invokes-backend"),
    "private-api → public-proxy": Move(_PRIVATE, _BASE, _ENDS, f"{_STAGE} front-invokes-backend"),
    "vpc-link → private-api": Move(_LINK, _PRIVATE, _ENDS, _STAGE),
    "private-api → vpc-link": Move(_PRIVATE, _LINK, _ENDS, _STAGE),
    "a balancer put before the instance": Move(_BASE, _with(_BASE, ingress={"kind": "alb"}),
        replaced="proxy-to-backend-egress proxy-to-backend-ingress",
        order="create backend-registration < create ingress-listener < update proxy-function < "
        "delete old proxy-to-backend-ingress"),
    "greeter → instance": Move(_GREETER, _BASE, replaced="front-deployment front-invokes-backend",
        order="create backend-instance < create proxy-function < replace front-invokes-backend < "
        f"{_SWITCHED} < delete backend-function"),
    "instance → greeter": Move(_BASE, _GREETER, replaced="front-deployment front-invokes-backend",
        order=f"create backend-function < replace front-invokes-backend < {_SWITCHED} < delete proxy-function"),
    "a route streams": Move(_BASE, _STREAM, replaced=_DEPLOYED, order=f"update proxy-function < {_SWITCHED}"),
    "the last stream of the forwarder is whole again": Move(_STREAM, _BASE, "cut", _DEPLOYED,
        f"update proxy-function < {_SWITCHED}"),
    # --- kinds of API, and domains
    "REST → HTTP": Move(_BASE, _HTTP, _ENDS, "front-invokes-backend"),
    "HTTP → REST": Move(_HTTP, _BASE, _ENDS, "front-invokes-backend"),
    "REST → HTTP, with a domain": Move(_domain(_BASE), _domain(_HTTP), "cut", "front-mapping front-invokes-backend"),
    "HTTP → REST, with a domain": Move(_domain(_HTTP), _domain(_BASE), "cut", "front-mapping front-invokes-backend"),
    "a domain added": Move(_BASE, _domain(_BASE), _ENDS, _DEPLOYED),
    "a domain added beside the API's own address": Move(_BASE,
        _domain(_BASE, {**_DOMAIN, "disableDefaultEndpoint": False})),
    "a domain removed": Move(_domain(_BASE), _BASE, _ENDS, _DEPLOYED),
    "a domain renamed": Move(_domain(_BASE), _domain(_BASE, _OTHER_DOMAIN), _ENDS,
        f"{_CERTIFICATE} front-domain front-ipv4 front-ipv6 front-mapping"),
    "another base path of a domain": Move(_domain(_BASE, {**_DOMAIN, "basePath": "v1"}),
        _domain(_BASE, {**_DOMAIN, "basePath": "v2"}), _ENDS),
    "a base path of a domain added": Move(_domain(_BASE), _domain(_BASE, {**_DOMAIN, "basePath": "v1"}), _ENDS),
    "a variable of a path renamed, HTTP": Move(_routes({**_ROUTE, "path": "/orders/{id}"}, base=_HTTP),
        _routes({**_ROUTE, "path": "/orders/{no}"}, base=_HTTP)),
    "an HTTP API's domain added": Move(_HTTP, _domain(_HTTP), _ENDS),
    "an HTTP API's domain renamed": Move(_domain(_HTTP), _domain(_HTTP, _OTHER_DOMAIN), _ENDS,
        f"{_CERTIFICATE} front-domain front-ipv4 front-ipv6 front-mapping"),
    "another stage": Move(_BASE, _with(_BASE, api={"stage": "v2"}), _ENDS,
        "front-invokes-backend front-settings front-stage"),
    # --- what is before the backend
    "ALB → NLB": Move(_LINK, _NLB, replaced=f"{_DEPLOYED} backend-registration {_NEW_BALANCER}",
        order="create ingress-nlb < replace backend-registration < replace ingress-listener < "
        f"{_SWITCHED} < delete ingress-alb"),
    "NLB → ALB": Move(_NLB, _LINK, replaced=f"{_DEPLOYED} backend-registration {_NEW_BALANCER}",
        order=f"replace backend-registration < replace ingress-listener < {_SWITCHED} < delete ingress-nlb"),
    "several instances, ALB → NLB": Move(_FLEET, _with(_NLB, backend={"count": 2}),
        replaced=f"{_DEPLOYED} backend-group-of-instances {_NEW_BALANCER}",
        order="replace ingress-standby < replace backend-group-of-instances < replace ingress-listener < "
        f"{_SWITCHED} < delete old backend-group-of-instances"),
    "Fargate, ALB → NLB": Move(_FARGATE, _with(_FARGATE, ingress={"kind": "nlb"}),
        replaced=f"{_DEPLOYED} backend-service {_NEW_BALANCER}",
        order=f"replace ingress-standby < replace backend-service < replace ingress-listener < {_SWITCHED} < "
        "delete old backend-service"),
    "ALB → Cloud Map": Move(_BALANCED, _CLOUD_MAP,
        order="create backend-registered-service < update front-to-backend-for-iam < delete backend-service"),
    "Cloud Map → ALB": Move(_CLOUD_MAP, _BALANCED,
        order="create backend-service < create ingress-listener < update front-to-backend-for-iam < "
        "delete backend-registered-service"),
    "a protected balancer, ALB → NLB": Move(_PROTECTED, _with(_NLB, ingress={"deletionProtection": True}), "refused",
        f"{_DEPLOYED} backend-registration {_NEW_BALANCER}"),
    "deletion protection on": Move(_LINK, _PROTECTED),
    "another port of the listener": Move(_LINK, _with(_LINK, ingress={"port": 8081}),
        replaced=f"{_DEPLOYED} ingress-listener ingress-link-to-listener-egress ingress-link-to-listener-ingress",
        order=f"replace ingress-listener < {_SWITCHED} < delete old ingress-listener"),
    "another port of an HTTP API's listener": Move(_LINK_HTTP, _with(_LINK_HTTP, ingress={"port": 8081}),
        replaced="ingress-listener ingress-link-to-listener-egress ingress-link-to-listener-ingress",
        order="replace ingress-listener < update front-to-backend-for-iam < delete old ingress-listener"),
    # --- the backend's kind, number, port, image and size
    "EC2 → Fargate": Move(_LINK, _FARGATE, replaced="ingress-targets",
        order="replace ingress-targets < update ingress-standby < create backend-service < "
        "update ingress-listener < delete backend-registration < delete backend-instance"),
    "Fargate → EC2": Move(
        _FARGATE,
        _LINK,
        replaced="ingress-targets",
        order="update ingress-standby < create backend-registration < update ingress-listener < delete backend-service",
    ),
    "EC2 → Fargate, NLB": Move(
        _NLB,
        _with(_NLB, backend={"kind": "fargate"}),
        replaced="ingress-targets",
        order="update ingress-standby < create backend-service < update ingress-listener < delete backend-registration",
    ),
    "EC2 → Fargate, Cloud Map": Move(_REGISTERED, _CLOUD_MAP,
        order="create backend-registered-service < delete backend-registration"),
    "EC2 → Fargate, a protected balancer": Move(_PROTECTED, _with(_PROTECTED, backend={"kind": "fargate"}),
        replaced="ingress-targets"),
    "one instance → several": Move(_LINK, _FLEET,
        order="create backend-group-of-instances < delete backend-registration"),
    "several instances → one": Move(_FLEET, _LINK,
        order="create backend-registration < delete backend-group-of-instances"),
    "more instances": Move(_FLEET, _with(_FLEET, backend={"count": 3})),
    "a higher minimum of instances that scale": Move(_SCALED,
        _with(_SCALED, backend={"scaling": {"minimum": 3, "maximum": 6, "cpuPercent": 60}})),
    "several instances → instances that scale": Move(_FLEET, _SCALED),
    "more Fargate copies": Move(_FARGATE, _with(_FARGATE, backend={"count": 3})),
    "another port of an instance": Move(_BASE, _with(_BASE, backend={"port": 8080}),
        replaced="backend-instance proxy-to-backend-egress proxy-to-backend-ingress",
        order="replace backend-instance < update proxy-function < delete old backend-instance"),
    "another port of a balanced instance": Move(_LINK, _with(_LINK, backend={"port": 8080}),
        replaced=f"backend-instance backend-registration {_NEW_PORT}",
        order="update ingress-standby < replace backend-registration < update ingress-listener < "
        "delete old backend-registration"),
    "another port of several instances": Move(_FLEET, _with(_FLEET, backend={"port": 8080}),
        replaced=f"backend-group-of-instances backend-template {_NEW_PORT}",
        order="update ingress-standby < replace backend-group-of-instances < update ingress-listener < "
        "delete old backend-group-of-instances"),
    "another port of Fargate": Move(
        _FARGATE,
        _with(_FARGATE, backend={"port": 8080}),
        replaced=f"backend-service backend-task {_NEW_PORT}",
        order="update ingress-standby < replace backend-service < update ingress-listener < delete old backend-service",
    ),
    "another port, Cloud Map": Move(_CLOUD_MAP, _with(_CLOUD_MAP, backend={"port": 8080}),
        replaced="backend-task backend-from-cloud-map-egress backend-from-cloud-map-ingress",
        order="update backend-registered-service < delete old backend-from-cloud-map-ingress"),
    "another image of an instance": Move(_BASE, _with(_BASE, backend=_NEWER), replaced="backend-instance",
        order="replace backend-instance < update proxy-function < delete old backend-instance"),
    "another image of a balanced instance": Move(_LINK, _with(_LINK, backend=_NEWER),
        replaced="backend-instance backend-registration",
        order="replace backend-registration < delete old backend-registration < delete old backend-instance"),
    "another image of a registered instance": Move(_REGISTERED, _with(_REGISTERED, backend=_NEWER),
        replaced="backend-instance backend-registration",
        order="replace backend-instance < replace backend-registration < delete old backend-instance"),
    "another image of several instances": Move(_FLEET, _with(_FLEET, backend=_NEWER),
        replaced="backend-group-of-instances backend-template",
        order="replace backend-template < replace backend-group-of-instances < delete old backend-group-of-instances"),
    "another image of instances that scale": Move(_SCALED, _with(_SCALED, backend=_NEWER),
        replaced="backend-group-of-instances backend-template backend-scale-by-cpu",
        order="replace backend-group-of-instances < replace backend-scale-by-cpu < "
        "delete old backend-scale-by-cpu < delete old backend-group-of-instances"),
    "another port of instances that scale": Move(_SCALED, _with(_SCALED, backend={"port": 8080}),
        replaced=f"backend-group-of-instances backend-template backend-scale-by-cpu {_NEW_PORT}",
        order="replace backend-group-of-instances < replace backend-scale-by-cpu < update ingress-listener < "
        "delete old backend-group-of-instances"),
    "another port of Fargate copies that scale": Move(_SCALED_FARGATE, _with(_SCALED_FARGATE, backend={"port": 8080}),
        replaced=f"backend-service backend-task backend-scaling backend-scale-by-cpu {_NEW_PORT}",
        order="replace backend-service < replace backend-scaling < update ingress-listener < "
        "delete old backend-service"),
    "another image of Fargate": Move(_FARGATE, _with(_FARGATE, backend=_NEWER), replaced="backend-task",
        order="update backend-service"),
    "another environment of an instance": Move(_BASE, _with(_BASE, backend={"environment": {"MODE": "fast"}}),
        replaced="backend-instance",
        order="replace backend-instance < update proxy-function < delete old backend-instance"),
    "another health check": Move(_FARGATE, _with(_FARGATE, backend={"healthCheckPath": "/healthz"})),
    "another instance type": Move(_BASE, _with(_BASE, backend={"instanceType": "t4g.small"}),
        replaced="backend-instance",
        order="replace backend-instance < update proxy-function < delete old backend-instance"),
    "another processor of an instance": Move(_BASE, _with(_BASE, backend={"instanceType": "t3.micro"}),
        replaced="backend-instance",
        order="replace backend-instance < update proxy-function < delete old backend-instance"),
    "another type of an instance with a script of its own": Move(
        _with(_BASE, backend={"image": None, "userData": "#!/bin/bash"}),
        _with(_BASE, backend={"image": None, "userData": "#!/bin/bash", "instanceType": "t4g.small"}), "cut"),
    "another type of several instances": Move(_FLEET, _with(_FLEET, backend={"instanceType": "t4g.small"}),
        replaced="backend-group-of-instances backend-template",
        order="replace backend-group-of-instances < delete old backend-group-of-instances"),
    "another size of Fargate": Move(_FARGATE, _with(_FARGATE, backend={"cpu": 512, "memory": 1024}),
        replaced="backend-task"),
    "Fargate → some of it on Spot": Move(_with(_FARGATE, backend={"count": 2}),
        _with(_FARGATE, backend={"count": 2, "spot": {}}), replaced="backend-task",
        order="create backend-capacity < create backend-spot-1-service < delete backend-service"),
    "more Fargate copies on demand, some on Spot": Move(_with(_FARGATE, backend={"count": 3, "spot": {}}),
        _with(_FARGATE, backend={"count": 3, "spot": {"onDemand": 2}}),
        order="create backend-spot-2-service < delete backend-spot-1-service"),
    "another range of the network": Move(_BASE, _with(_BASE, network=_OTHER_RANGE),
        replaced=f"{_IN_ANOTHER_VPC} backend-instance proxy-group proxy-to-backend-egress proxy-to-backend-ingress",
        order="create network-nat-10.8.0.0-16-association < replace network-private-1-ipv4 < update proxy-function < "
        "delete network-nat-association"),
    "another disk of an instance": Move(_BASE, _with(_BASE, backend={"diskGib": 20}), replaced="backend-instance"),
    # --- ways out: docs/choosing.md has each to each
    "NAT instance → NAT gateway": Move(_BASE, _egress("nat-gateway"),
        order="create network-nat-gateway-1 < update network-private-1-ipv4 < delete network-nat-instance"),
    "NAT gateways in each zone → regional": Move(
        _with(_egress("nat-gateway"), network={"natGateways": "one-per-zone"}),
        _with(_egress("nat-gateway"), network={"natGateways": "regional"}),
        order="create network-nat-gateway-regional < update network-private-1-ipv4 < delete network-nat-gateway-1 < "
        "delete network-public-1"),
    "regional NAT gateway → one": Move(_with(_egress("nat-gateway"), network={"natGateways": "regional"}),
        _egress("nat-gateway"),
        order="create network-nat-gateway-1 < update network-private-1-ipv4 < delete network-nat-gateway-regional"),
    "NAT instance → regional NAT gateway": Move(_BASE,
        _with(_egress("nat-gateway"), network={"natGateways": "regional"}),
        order="create network-nat-gateway-regional < update network-private-1-ipv4 < delete network-nat-instance"),
    "NAT gateway → NAT instance": Move(_egress("nat-gateway"), _BASE),
    "NAT instance → IPv6 as well": Move(_BASE, _egress("nat-instance", "ipv6")),
    "another type of the NAT instance": Move(_BASE,
        _with(_BASE, network={"natInstance": {"instanceType": "t4g.micro"}})),
    "another processor of the NAT instance": Move(_BASE,
        _with(_BASE, network={"natInstance": {"instanceType": "t3.nano"}}), replaced="network-nat-instance",
        order="delete, to replace network-nat-instance < replace network-nat-instance"),
    # --- the network
    "own network → adopted": Move(_BASE, _ADOPTED,
        replaced="backend-group backend-instance backend-to-http-ipv4-egress backend-to-https-ipv4-egress proxy-group "
        "proxy-to-backend-egress proxy-to-backend-ingress",
        order="replace backend-instance < update proxy-function < delete network-vpc"),
    "adopted network → own": Move(_ADOPTED, _BASE,
        replaced="backend-group backend-instance backend-to-http-ipv4-egress backend-to-https-ipv4-egress proxy-group "
        "proxy-to-backend-egress proxy-to-backend-ingress",
        order="replace backend-instance < update proxy-function < delete old backend-instance"),
    "own network → adopted, VPC link": Move(_LINK, _ADOPTED_LINK,
        replaced=f"{_DEPLOYED} backend-group backend-instance backend-registration backend-from-alb-egress "
        "backend-from-alb-ingress backend-to-http-ipv4-egress backend-to-https-ipv4-egress ingress-alb "
        "ingress-alb-group ingress-link ingress-link-group ingress-link-to-listener-egress "
        f"ingress-link-to-listener-ingress {_NEW_BALANCER}",
        order=f"replace ingress-alb < replace backend-registration < replace ingress-listener < {_SWITCHED} < "
        "delete network-vpc"),
    "a zone added": Move(_BASE, _with(_BASE, network={"zones": 3})),
    "a zone added, with a VPC link": Move(_LINK_HTTP, _with(_LINK_HTTP, network={"zones": 3}), replaced="ingress-link",
        order="replace ingress-link < update front-to-backend-for-iam < delete old ingress-link"),
    "a zone added, with a REST API's VPC link": Move(_LINK, _with(_LINK, network={"zones": 3}),
        replaced=f"{_DEPLOYED} ingress-link", order=f"replace ingress-link < {_SWITCHED} < delete old ingress-link"),
    "a zone removed, with copies in it": Move(_with(_BALANCED, network={"zones": 3}, backend={"count": 3}),
        _with(_BALANCED, network={"zones": 2}, backend={"count": 3}), calls="cut", replaced="ingress-link"),
    "copies leave a zone": Move(_with(_BALANCED, network={"zones": 3}, backend={"count": 3}),
        _with(_BALANCED, network={"zones": 3}, backend={"count": 3, "zones": 2})),
    "a zone removed, once copies have left it": Move(
        _with(_BALANCED, network={"zones": 3}, backend={"count": 3, "zones": 2}),
        _with(_BALANCED, network={"zones": 2}, backend={"count": 3, "zones": 2}), replaced="ingress-link"),
    "a zone added, with an NLB": Move(_NLB, _with(_NLB, network={"zones": 3})),
    # --- the API
    "a route added": Move(_BASE, _routes(_ROUTE, _OTHER), replaced=_DEPLOYED),
    "a route removed": Move(_routes(_ROUTE, _OTHER), _BASE, replaced=_DEPLOYED),
    "a route moved": Move(_BASE, _routes(_OTHER), replaced=_DEPLOYED),
    "an HTTP route added": Move(_HTTP, _routes(_ROUTE, _OTHER, base=_HTTP)),
    "an HTTP route removed": Move(_routes(_ROUTE, _OTHER, base=_HTTP), _HTTP),
    "an HTTP route moved": Move(_HTTP, _routes(_OTHER, base=_HTTP),
        order="create front-get-items < delete front-get-orders"),
    "another authorization": Move(_BASE, _routes({**_ROUTE, "authorization": "none"}), replaced=_DEPLOYED),
    "an authorizer added": Move(_HTTP, _JWT, order="create front-pool < update front-get-orders"),
    "an authorizer removed": Move(_JWT, _HTTP, order="update front-get-orders < delete front-pool"),
    "API keys added": Move(_BASE, _KEYS, replaced=_DEPLOYED),
    "API keys removed": Move(_KEYS, _BASE, replaced=_DEPLOYED),
    "an API key added": Move(_KEYS, _with(_KEYS, api={"plans": {"partners": {**_PLAN, "keys": ["acme", "globex"]}}})),
    "another throttle": Move(_BASE, _with(_BASE, api={"throttle": {"rate": 10, "burst": 5}})),
    "a route's throttle added": Move(_BASE, _routes({**_ROUTE, "throttle": {"rate": 1, "burst": 2}})),
    "an HTTP API's throttle": Move(_HTTP, _with(_HTTP, api={"throttle": {"rate": 10, "burst": 5}})),
    "another retention": Move(_BASE, _with(_BASE, api={"logs": {"retentionDays": 90}})),
    "published versions": Move(_BASE, _with(_BASE, proxy={"publishVersions": True}),
        replaced=f"{_DEPLOYED} front-invokes-backend",
        order=f"create proxy-alias < replace front-invokes-backend < {_SWITCHED} < delete old front-invokes-backend"),
    # --- lists
    "a plan renamed": Move(_KEYS, _with(_KEYS, api={"plans": {"others": _PLAN}}), calls="cut",
        replaced="front-key-acme-member"),
    "an alarm recipient taken out": Move(_with(_BASE, protection={"alarms": _ALARMS}),
        _with(_BASE, protection={"alarms": {"emails": ["b@example.com"]}})),
    "a range taken out of a private API": Move(
        _with(_GREETER, topology="private-api", api={"kind": "rest", "private": _RANGES}), _with(_GREETER,
        topology="private-api", api={"kind": "rest", "private": {"allowCidrs": ["192.168.1.0/24"]}})),
    "a web ACL added": Move(_BASE, _with(_BASE, protection={"waf": {}})),
    "addresses let through the web ACL": Move(_with(_BASE, protection={"waf": {}}),
        _with(_BASE, protection={"waf": {"allow": ["203.0.113.0/24", "2001:db8::/32"]}})),
    "tags of the provider": Move(_BASE, {**_BASE, "aws:defaultTags": {"tags": {"team": "a"}}}),
}
# fmt: on
