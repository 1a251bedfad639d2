"""Each of the provider's traps, as a change of the component that avoids it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

CERTIFICATE = "arn:aws:acm:eu-west-1:111122223333:certificate/x"
ROUTE = {"path": "/orders", "methods": ["GET"], "authorization": "iam"}
FARGATE = {"kind": "fargate", "image": "traefik/whoami:v1.11.0", "port": 80}
NAT: dict[str, Any] = {
    "topology": "public-proxy",
    "network": {"egress": "nat-instance"},
    "backend": {**FARGATE, "kind": "ec2"},
    "api": {"routes": [ROUTE]},
}
GREETER: dict[str, Any] = {"topology": "public-proxy", "backend": {"kind": "greeter"}, "api": {"routes": [ROUTE]}}
DOMAIN = {"name": "api.example.com", "certificateArn": CERTIFICATE}
PUBLIC: dict[str, Any] = {**GREETER, "api": {"routes": [ROUTE], "domain": DOMAIN}}
CLOUD_MAP: dict[str, Any] = {
    "topology": "vpc-link",
    "backend": FARGATE,
    "ingress": {"kind": "cloud-map"},
    "api": {"kind": "http", "routes": [ROUTE]},
}
BALANCED: dict[str, Any] = {**CLOUD_MAP, "ingress": {"kind": "alb"}}
SCALED: dict[str, Any] = {**BALANCED, "backend": {**FARGATE, "scaling": {"maximum": 2, "cpuPercent": 50}}}
WALLED: dict[str, Any] = {**GREETER, "protection": {"waf": {}}}
VERSIONS: dict[str, Any] = {**NAT, "proxy": {"publishVersions": True}}

RANGES = ["192.168.0.0/24", "192.168.1.0/24"]
MAILS = ["a@example.com", "b@example.com"]


def admitting(ranges: list[str]) -> dict[str, Any]:
    """A private API whose endpoint admits these ranges."""
    return {**GREETER, "topology": "private-api", "api": {"routes": [ROUTE], "private": {"allowCidrs": ranges}}}


def leading_to(ranges: list[str]) -> dict[str, Any]:
    """A forwarder to a backend in these ranges."""
    network = {"vpcId": "vpc-0a1b2c3d4e5f60718", "subnetIds": ["subnet-0a1b2c3d4e5f60718"]}
    return {**GREETER, "network": network, "backend": {"url": "http://app.internal", "cidrs": ranges}}


def with_key(plan: str) -> dict[str, Any]:
    """A plan of this name with a key whose value is the caller's."""
    keys = {"keyValues": {"acme": {"secure": "v1:drawn:text"}}}
    return {**GREETER, "api": {"routes": [{"path": "/", "keyRequired": True}], "plans": {plan: keys}}}


SERVICE = "aws:servicediscovery/service:Service"
MAP = "components/ingress/cloud_map.py"
FIRST = ", delete_before_replace=True)"


@dataclass(frozen=True, kw_only=True)
class Planted:
    """Lines of a component with the lines that they must not be, and what is found then."""

    type: str
    key: str
    file: str
    lines: dict[str, str]
    config: dict[str, Any]
    before: dict[str, Any] | None = None
    """The stack that exists, deployed without the fault; None for a rule, which needs no other."""
    deployed_with_it: bool = False
    """Whether that stack was deployed with the fault, which then hits the move from it."""
    at: str
    says: str

    def text(self, root: Path) -> str:
        """The component of a project with the fault. Raises ValueError if it has the lines no more."""
        text = (root / self.file).read_text()
        for line, other in self.lines.items():
            if text.count(line) != 1:
                raise ValueError(f"{self.file} has {line!r} {text.count(line)} times")
            text = text.replace(line, other)
        return text


# fmt: off
PLANTED = [
    Planted(type="aws:ec2/instance:Instance", key="primaryNetworkInterface", file="components/nat_instance.py",
        lines={'always = ["sourceDestCheck"]': "always: list[str] = []"}, config=NAT, at="network-nat-instance",
        says="TRAP-02"),
    Planted(type=SERVICE, key="name", file=MAP, lines={'f"{scope.name}-service"': 'f"{scope.name}-registry"'},
        config=CLOUD_MAP, before=CLOUD_MAP, at="ingress-registry",
        says="is created while ingress-service is there"),
    # With a fixed name, and under another logical name after a change.
    Planted(type="aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace", key="name", file=MAP,
        lines={'"{scope.name}-namespace"': "\"{scope.name}-{pulumi.Config().require_object('backend')['port']}\"",
        "vpc=vpc_id,": 'vpc=vpc_id, name="backend.internal",'}, config=CLOUD_MAP | {"backend": {**FARGATE, "port": 81}},
        before=CLOUD_MAP, deployed_with_it=True, at="ingress-81",
        says="is created while ingress-80 is there"),
    Planted(type="aws:lambda/alias:Alias", key="name", file="components/serverless_proxy.py",
        lines={'f"{name}-alias"': 'f"{name}-current"'}, config=VERSIONS, before=VERSIONS, at="proxy-current",
        says="is created while proxy-alias is there"),
    Planted(type="aws:appautoscaling/target:Target", key="resourceId", file="components/compute/fargate_scaling.py",
        lines={'f"{scope.name}-scaling"': 'f"{scope.name}-copies"'}, config=SCALED, before=SCALED, at="backend-copies",
        says="is created while backend-scaling is there"),
    Planted(type="aws:apigateway/domainName:DomainName", key="domainName", file="components/api/custom_domain.py",
        lines={'f"{spec.name}-domain",\n        domain_name=': 'f"{spec.name}-{spec.kind}-domain", domain_name='},
        config={**PUBLIC, "api": {**PUBLIC["api"], "kind": "http"}}, before=PUBLIC, at="-domain",
        says="is created while front-domain is there"),
    Planted(type="aws:apigateway/restApi:RestApi", key="endpointConfiguration.types", file="components/api/rest_api.py",
        lines={'f"{spec.name}-private-api"': 'f"{spec.name}-api"'}, config={**GREETER, "topology": "private-api"},
        before=GREETER, at="front-api", says="cannot change endpointConfiguration.types in place"),
    Planted(type="aws:ecs/service:Service", key="healthCheckGracePeriodSeconds", file="components/fargate_backend.py",
        lines={'name = "registered-service" if': 'name = "service" if',
        'replace_on_changes=["loadBalancers", "#initerror"],': ""}, config=BALANCED, before=CLOUD_MAP,
        deployed_with_it=True, at="backend-service", says="healthCheckGracePeriodSeconds"),
    Planted(type="aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", key="securityGroupId",
        file="components/private_api_endpoint.py",
        lines={'f"from-{range_name(cidr)}": range_of(cidr) for cidr in self.allow_cidrs':
        'f"from-{at}": range_of(cidr) for at, cidr in enumerate(self.allow_cidrs)'}, config=admitting(RANGES[1:]),
        before=admitting(RANGES), deployed_with_it=True, at="endpoint-from-0-ingress",
        says="is created while endpoint-from-1-ingress is there"),
    Planted(type="aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule", key="securityGroupId",
        file="components/serverless_proxy.py",
        lines={'f"to-{range_name(cidr)}": range_of(cidr) for cidr in self.backend_cidrs':
        'f"to-{at}": range_of(cidr) for at, cidr in enumerate(self.backend_cidrs)'}, config=leading_to(RANGES[1:]),
        before=leading_to(RANGES), deployed_with_it=True, at="proxy-to-0-egress",
        says="is created while proxy-to-1-egress is there"),
    Planted(type="aws:apigateway/apiKey:ApiKey", key="value", file="components/api/usage_plans.py",
        lines={"_key(key, usage_plan, plan": '_key(f"{plan_name}-{key}", usage_plan, plan'}, config=with_key("silver"),
        before=with_key("gold"), deployed_with_it=True, at="front-key-silver", says="is created while front-key-gold"),
    Planted(type="aws:sns/topicSubscription:TopicSubscription", key="endpoint", file="components/alerts.py",
        lines={"for email in settings.emails:": "for at, email in enumerate(settings.emails):",
        "{_digest(email)}": "{at}"}, config=NAT | {"protection": {"alarms": {"emails": MAILS[1:]}}},
        before=NAT | {"protection": {"alarms": {"emails": MAILS}}}, deployed_with_it=True, at="alerts-email-0",
        says="the deletion of alerts-email-1 ends"),
]
# fmt: on
