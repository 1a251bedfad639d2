"""Several services behind one API: what each has, what all share, and what stays when one comes or goes."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from components.recording.values import Secret, reveal
from components.testing.recorder import Graph
from tests.helpers.declare import assert_tidy, names, one
from tests.helpers.stacks import ADOPTED, graph_with

FARGATE = {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80}
SECRET = {"secure": "v1:a:text"}


def route(path: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "methods": ["ANY"], "authorization": "iam", **more}


def linked(*services: str, **more: Any) -> dict[str, Any]:
    """vpc-link with `backend` and these services."""
    routes = [route("/"), *(route(f"/{name}", target=name) for name in services)]
    backends = {"backends": dict.fromkeys(services, FARGATE)} if services else {}
    shared = {"topology": "vpc-link", "backend": FARGATE, "ingress": {"kind": "alb"}, **backends}
    return {**shared, "api": {"kind": "http", "routes": routes}, **more}


def inputs_of(graph: Graph) -> dict[str, Any]:
    """Resources by URN, without those of the API, whose definition has all routes."""
    own = (resource for resource in graph if "ApiFront" not in resource.urn)
    # The archive of the code is made anew for each run.
    return {one.urn: {key: value for key, value in one.inputs.items() if key != "code"} for one in own}


@pytest.mark.parametrize(
    "shared",
    [
        {"network": {}},
        {"ingress": {"kind": "cloud-map"}},
        {
            "ingress": {"kind": "nlb"},
            "api": {"kind": "rest", "routes": [route("/"), route("/orders", target="orders")]},
        },
        {"topology": "public-proxy"},
    ],
    ids=["alb", "cloud-map", "nlb and REST", "forwarders"],
)
def test_a_stack_that_grows_keeps_what_it_has_and_a_service_goes_alone(shared: Mapping[str, Any]) -> None:
    rest = shared.get("api", {}).get("kind") == "rest"
    alone = graph_with({**linked(), **shared, **({"api": {"kind": "rest", "routes": [route("/")]}} if rest else {})})
    grown = graph_with({**linked("orders"), **shared})
    before, after = inputs_of(alone), inputs_of(grown)
    changed = {urn for urn in before if before[urn] != after.get(urn)}
    assert changed <= {urn for urn in before if urn.endswith("::destroy-protection")}
    assert all("orders" in urn.rpartition("::")[2] for urn in after.keys() - before.keys())
    assert_tidy(grown)
    # One link, one load balancer.
    for kind in ("LoadBalancer", "VpcLink"):
        assert len(names(grown, kind)) == len(names(alone, kind)) <= 1
    if "network" in shared:
        third = inputs_of(graph_with({**linked("users", "orders"), **shared}))
        assert {urn: third[urn] for urn in after if "destroy" not in urn} == {
            urn: after[urn] for urn in after if "destroy" not in urn
        }


@pytest.mark.parametrize(
    "shared",
    [
        {},
        {"ingress": {"kind": "cloud-map"}},
        {"ingress": {"kind": "nlb"}, "api": {"kind": "rest"}},
        {"topology": "public-proxy"},
    ],
    ids=["alb", "cloud-map", "nlb and REST", "forwarders"],
)
def test_services_are_equal(shared: Mapping[str, Any]) -> None:
    """Without `backend` none is the first: each may go, and `backend` too."""

    def declare(*services: str, first: bool = False) -> dict[str, Any]:
        config = linked(*services, **{key: value for key, value in shared.items() if key != "api"})
        config["api"] |= shared.get("api", {})
        if not first:
            del config["backend"], config["api"]["routes"][0]
        graph = graph_with(config)
        assert_tidy(graph)
        # Marks, and no resource: the component's own arguments say whether it has a backend.
        marks = ("::destroy-protection", "PrivateIngress::ingress")
        return {urn: inputs for urn, inputs in inputs_of(graph).items() if not urn.endswith(marks)}

    both = declare("orders", "users")
    for whole, rest, gone in (
        (both, declare("users"), "orders"),
        (both, declare("orders"), "users"),
        (declare("orders", "users", first=True), both, ""),
    ):
        assert {urn: whole[urn] for urn in rest} == rest
        assert all(gone in urn.rpartition("::")[2] for urn in whole.keys() - rest.keys())


def test_an_ingress_without_backend_says_what_it_lacks() -> None:
    graph = graph_with({key: value for key, value in linked("orders").items() if key != "backend"} | {
        "api": {"kind": "http", "routes": [route("/orders", target="orders")]}
    })  # fmt: skip
    assert names(graph, "Listener") == ["orders-listener", "orders-standby"]
    assert graph.exports["targetGroupArn"] == ""


def test_each_route_leads_to_the_listener_of_its_service() -> None:
    graph = graph_with(linked("orders", "users"))
    integrations = {each.inputs["integrationUri"] for each in graph if each.kind == "Integration"}
    listeners = {name: one(graph, "Listener", f"{name}-listener") for name in ("ingress", "orders", "users")}
    assert integrations == {listener.state["arn"] for listener in listeners.values()}
    assert len({listener.inputs["port"] for listener in listeners.values()}) == 3
    for name, listener in listeners.items():
        (action,) = listener.inputs["defaultActions"]
        assert action["targetGroupArn"] == one(graph, "TargetGroup", f"{name}-targets").state["arn"]
    rule = one(graph, "SecurityGroupEgressRule", "orders-link-to-listener-egress")
    assert rule.inputs["fromPort"] == rule.inputs["toPort"] == listeners["orders"].inputs["port"]


def proxied(**more: Any) -> dict[str, Any]:
    """public-proxy with a service of each kind, each with a webhook of its own."""
    return {
        "topology": "public-proxy",
        "backend": {"image": "traefik/whoami:v1.11.0", "port": 80, "access": "none"},
        "backends": {
            "shop": {
                "url": "http://10.20.30.40:8080",
                "cidrs": ["10.20.30.40/32"],
                "webhook": {"scheme": "standard", "secret": SECRET},
            }
        },
        "proxy": {"memory": 256, "webhook": {"scheme": "github", "secret": SECRET}},
        "api": {"routes": [{"path": "/a", "methods": ["POST"]}, {"path": "/b", "methods": ["POST"], "target": "shop"}]},
        **more,
    }


def test_each_service_has_a_forwarder_that_reaches_it_alone_and_checks_its_own_webhook() -> None:
    graph = graph_with(proxied(), secret=("backends", "proxy"))
    for name, scheme, address in (("proxy", "github", None), ("shop-proxy", "standard", "http://10.20.30.40:8080")):
        function = one(graph, "Function", f"{name}-function").inputs
        variables = function["environment"]["variables"]
        assert (function["memorySize"], variables["WEBHOOK_SCHEME"]) == (256, scheme)
        assert isinstance(variables["WEBHOOK_SECRET"], Secret)
        assert address in (None, reveal(variables["BACKEND_URL"]))
    egress = {each.name: each.inputs for each in graph if each.kind == "SecurityGroupEgressRule"}
    assert {rule["cidrIpv4"] for name, rule in egress.items() if name.startswith("shop-proxy-")} == {"10.20.30.40/32"}
    body = json.loads(reveal(one(graph, "RestApi").inputs["body"]))
    called = {
        path: operation["post"]["x-amazon-apigateway-integration"]["uri"] for path, operation in body["paths"].items()
    }
    assert "/shop-proxy-function/" in called["/b"]
    assert "/proxy-function/" in called["/a"]


def test_outputs_name_the_services() -> None:
    graph = graph_with(linked("orders"))
    assert (
        graph.exports["services"]["orders"]["cluster"] == one(graph, "Cluster", "orders-backend-cluster").state["name"]
    )


def list_edges(graph: Graph) -> set[tuple[str, str, int]]:
    """Pairs of security groups of which one may call the other, by name, with the port; both rules are there."""
    groups = {each.state["id"]: each.name for each in graph if each.kind == "SecurityGroup"}
    edges: dict[str, set[tuple[str, str, int]]] = {"SecurityGroupEgressRule": set(), "SecurityGroupIngressRule": set()}
    for each in graph:
        peer = each.inputs.get("referencedSecurityGroupId")
        if each.kind in edges and peer in groups:
            own, other = groups[each.inputs["securityGroupId"]], groups[peer]
            pair = (own, other) if each.kind == "SecurityGroupEgressRule" else (other, own)
            edges[each.kind].add((*pair, each.inputs["fromPort"]))
    outward, inward = edges.values()
    assert outward == inward
    return outward


def calling(**more: Any) -> dict[str, Any]:
    """vpc-link with two services that call each other, and one that calls nobody."""
    config = linked("orders", "users")
    orders = {**FARGATE, "callsServices": ["backend"], "environment": {"A": "b"}, "name": "orders.internal.example.com"}
    return config | {
        "backend": {**FARGATE, "callsServices": ["orders", "users"]},
        "backends": {"orders": orders, "users": FARGATE},
        **more,
    }


def read_environment(graph: Graph, task: str) -> dict[str, str]:
    (container,) = json.loads(reveal(one(graph, "TaskDefinition", task).inputs["containerDefinitions"]))
    return {each["name"]: each["value"] for each in container["environment"]}


def test_a_service_reaches_only_the_services_that_it_names_by_group_and_address() -> None:
    graph = graph_with(calling())
    quiet = graph_with(linked("orders", "users"))
    ports = {name: one(graph, "Listener", f"{name}-listener").inputs["port"] for name in ("ingress", "orders", "users")}
    assert list_edges(graph) - list_edges(quiet) == {
        ("backend-group", "ingress-alb-group", ports["orders"]),
        ("backend-group", "ingress-alb-group", ports["users"]),
        ("orders-backend-group", "ingress-alb-group", ports["ingress"]),
    }
    balancer = one(graph, "LoadBalancer").state["dnsName"]
    assert read_environment(graph, "backend-task") == {
        "ORDERS_URL": f"http://orders.internal.example.com:{ports['orders']}",
        "USERS_URL": f"http://{balancer}:{ports['users']}",
    }
    assert read_environment(graph, "orders-backend-task") == {"A": "b", "BACKEND_URL": f"http://{balancer}:80"}
    assert read_environment(graph, "users-backend-task") == {}
    assert_tidy(graph)


def test_callers_use_the_name_of_the_certificate_and_it_resolves() -> None:
    certificate = "arn:aws:acm:eu-west-1:111122223333:certificate/x"
    tls = {"kind": "alb", "certificateArn": certificate, "serverName": "internal.example.com", "port": 443}
    graph = graph_with(calling(ingress=tls))
    ports = {name: one(graph, "Listener", f"{name}-listener").inputs["port"] for name in ("orders", "users")}
    assert read_environment(graph, "backend-task") == {
        "ORDERS_URL": f"https://orders.internal.example.com:{ports['orders']}",
        "USERS_URL": f"https://internal.example.com:{ports['users']}",
    }
    assert {each.inputs["name"] for each in graph if each.kind == "Record"} == {
        "internal.example.com",
        "orders.internal.example.com",
    }


@pytest.mark.parametrize("zone_id", [None, "Z0123456789ABC"])
def test_the_private_name_of_a_service_leads_to_its_load_balancer(zone_id: str | None) -> None:
    named = {**FARGATE, "name": "orders.internal.example.com", **({"zoneId": zone_id} if zone_id else {})}
    graph = graph_with(linked("orders", backends={"orders": named}))
    record = one(graph, "Record", "orders-backend-name-record").inputs
    (alias,) = record["aliases"]
    balancer = one(graph, "LoadBalancer").state
    assert (alias["name"], alias["zoneId"]) == (balancer["dnsName"], balancer["zoneId"])
    if zone_id:
        assert (record["zoneId"], names(graph, "Zone")) == (zone_id, [])
    else:
        zone = one(graph, "Zone", "orders-backend-name-zone")
        assert record["zoneId"] == zone.state["zoneId"]
        assert zone.inputs["name"] == record["name"] == "orders.internal.example.com"
        assert zone.inputs["vpcs"] == [{"vpcId": ADOPTED["vpcId"]}]


def test_instances_call_each_other_by_private_names() -> None:
    image = {"image": "traefik/whoami:v1.11.0", "port": 80, "access": "none"}
    graph = graph_with(
        {
            "topology": "public-proxy",
            "backend": {**image, "name": "first.internal.example.com", "callsServices": ["orders"]},
            "backends": {
                "orders": {
                    **image,
                    "port": 8080,
                    "name": "orders.internal.example.com",
                    "callsServices": ["backend"],
                }
            },
            "api": {"routes": [route("/"), route("/orders", target="orders")]},
        }
    )
    assert {("backend-group", "orders-backend-group", 8080), ("orders-backend-group", "backend-group", 80)} <= (
        list_edges(graph)
    )
    record = one(graph, "Record", "orders-backend-name-record").inputs
    assert record["records"] == [one(graph, "Instance", "orders-backend-instance").state["privateIp"]]
    script = one(graph, "Instance", "backend-instance").inputs["userData"]
    assert "ORDERS_URL" in reveal(script)
    assert "http://orders.internal.example.com:8080" in reveal(script)


def test_services_of_one_cloud_map_namespace_admit_only_the_link() -> None:
    graph = graph_with(linked("orders", ingress={"kind": "cloud-map"}))
    (namespace,) = (each for each in graph if each.kind == "PrivateDnsNamespace")
    services = {each.name: each for each in graph if each.type == "aws:servicediscovery/service:Service"}
    assert set(services) == {"ingress-service", "orders-service"}
    assert {each.inputs["dnsConfig"]["namespaceId"] for each in services.values()} == {namespace.state["id"]}
    called = {each.inputs["integrationUri"] for each in graph if each.kind == "Integration"}
    assert called == {each.state["arn"] for each in services.values()}
    registries = [reveal(each.inputs["serviceRegistries"]) for each in graph if "serviceRegistries" in each.inputs]
    assert {each["registryArn"] for each in registries} == called
    assert list_edges(graph) == {
        ("ingress-link-group", "backend-group", 80),
        ("ingress-link-group", "orders-backend-group", 80),
    }


def test_a_service_may_have_a_name_of_sixteen_letters() -> None:
    assert "orders-and-sales-backend-service" in names(graph_with(linked("orders-and-sales")), "Service")


def test_the_api_calls_a_service_once_the_rules_of_its_listener_are_there() -> None:
    graph = graph_with(linked("items"))
    rules = {rule.urn for rule in graph if rule.name.startswith("items-link-to-listener-")}
    integration = next(each for each in graph if each.kind == "Integration" and "items" in each.name)
    assert len(rules) == 2
    assert rules <= {*integration.dependencies}
