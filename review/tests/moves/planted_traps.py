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
PRIVATE: dict[str, Any] = {**PUBLIC, "topology": "private-api"}
CLOUD_MAP: dict[str, Any] = {
    "topology": "vpc-link",
    "backend": FARGATE,
    "ingress": {"kind": "cloud-map"},
    "api": {"kind": "http", "routes": [ROUTE]},
}
BALANCED: dict[str, Any] = {**CLOUD_MAP, "ingress": {"kind": "alb"}}
SCALED: dict[str, Any] = {**BALANCED, "backend": {**FARGATE, "scaling": {"maximum": 2, "cpuPercent": 50}}}
SPOT: dict[str, Any] = {**BALANCED, "backend": {**FARGATE, "count": 2, "spot": {}}}
WALLED: dict[str, Any] = {**GREETER, "protection": {"waf": {}}}
VERSIONS: dict[str, Any] = {**NAT, "proxy": {"publishVersions": True}}

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


PLANTED = [
    Planted(
        type="aws:ec2/instance:Instance",
        key="primaryNetworkInterface",
        file="components/nat_instance.py",
        lines={'always = ["sourceDestCheck"]': "always: list[str] = []"},
        config=NAT,
        at="network-nat-instance",
        says="TRAP-02",
    ),
    Planted(
        type=SERVICE,
        key="healthCheckCustomConfig",
        file=MAP,
        lines={'health_check_custom_config={"failure_threshold": 1}': "health_check_custom_config={}"},
        config=CLOUD_MAP,
        at="ingress-service",
        says="TRAP-01",
    ),
    Planted(
        type=SERVICE,
        key="healthCheckConfig",
        file=MAP,
        lines={"force_destroy=True": "force_destroy=True, health_check_config={}"},
        config=CLOUD_MAP,
        at="ingress-service",
        says="TRAP-01",
    ),
    Planted(
        type=SERVICE,
        key="dnsConfig",
        file=MAP,
        lines={"dns_config=aws.servicediscovery.ServiceDnsConfigArgs": "dns_config=(lambda **_: {})"},
        config=CLOUD_MAP,
        at="ingress-service",
        says="TRAP-01",
    ),
    Planted(
        type="aws:apigatewayv2/apiMapping:ApiMapping",
        key="domainName",
        file="components/api/custom_domain.py",
        lines={FIRST: ")"},
        config=PUBLIC,
        at="front-mapping",
        says="TRAP-03",
    ),
    Planted(
        type="aws:wafv2/webAclAssociation:WebAclAssociation",
        key="resourceArn",
        file="components/api/web_acl.py",
        lines={FIRST: ")"},
        config=WALLED,
        at="front-web-acl-stage",
        says="TRAP-03",
    ),
    Planted(
        type=SERVICE,
        key="name",
        file=MAP,
        lines={'f"{scope.name}-service"': 'f"{scope.name}-registry"'},
        config=CLOUD_MAP,
        before=CLOUD_MAP,
        at="ingress-registry",
        says="is created while ingress-service has the same name and namespaceId",
    ),
    Planted(
        type="aws:servicediscovery/privateDnsNamespace:PrivateDnsNamespace",
        key="name",
        file=MAP,
        # With a fixed name, and under another logical name after a change.
        lines={
            '"{scope.name}-namespace"': "\"{scope.name}-{pulumi.Config().require_object('backend')['port']}\"",
            "vpc=vpc_id,": 'vpc=vpc_id, name="backend.internal",',
        },
        config=CLOUD_MAP | {"backend": {**FARGATE, "port": 81}},
        before=CLOUD_MAP,
        deployed_with_it=True,
        at="ingress-81",
        says="is created while ingress-80 has the same name and vpc",
    ),
    Planted(
        type="aws:lambda/alias:Alias",
        key="name",
        file="components/serverless_proxy.py",
        lines={'f"{name}-alias"': 'f"{name}-current"'},
        config=VERSIONS,
        before=VERSIONS,
        at="proxy-current",
        says="is created while proxy-alias has the same name and functionName",
    ),
    Planted(
        type="aws:appautoscaling/target:Target",
        key="resourceId",
        file="components/compute/fargate_scaling.py",
        lines={'f"{scope.name}-scaling"': 'f"{scope.name}-copies"'},
        config=SCALED,
        before=SCALED,
        at="backend-copies",
        says="is created while backend-scaling has the same resourceId",
    ),
    Planted(
        type="aws:apigatewayv2/domainName:DomainName",
        key="domainName",
        file="components/api/custom_domain.py",
        lines={'f"{spec.name}-domain",\n        domain_name=': 'f"{spec.name}-{spec.kind}-domain", domain_name='},
        config={**PUBLIC, "api": {**PUBLIC["api"], "kind": "http"}},
        before=PUBLIC,
        at="-domain",
        says="is created while front-domain has the same domainName",
    ),
    Planted(
        type="aws:apigateway/restApi:RestApi",
        key="endpointConfiguration.types",
        file="components/api/rest_api.py",
        lines={'f"{spec.name}-private-api"': 'f"{spec.name}-api"'},
        config={**GREETER, "topology": "private-api"},
        before=GREETER,
        at="front-api",
        says="cannot change endpointConfiguration.types in place",
    ),
    Planted(
        type="aws:ecs/service:Service",
        key="capacityProviderStrategies",
        file="components/fargate_backend.py",
        lines={'name = f"spot-{settings.on_demand}-{name}"': "pass"},
        config=SPOT,
        before=BALANCED,
        at="backend-service",
        says="cannot change capacityProviderStrategies in place",
    ),
    Planted(
        type="aws:apigateway/domainName:DomainName",
        key="endpointConfiguration.types",
        file="components/api/private_domain.py",
        lines={'f"{spec.name}-private-domain"': 'f"{spec.name}-domain"'},
        config=PRIVATE,
        before=PUBLIC,
        at="front-domain",
        says="",
    ),
    Planted(
        type="aws:ecs/service:Service",
        key="healthCheckGracePeriodSeconds",
        file="components/fargate_backend.py",
        lines={'name = "registered-service" if': 'name = "service" if', 'replace_on_changes=["loadBalancers"],': ""},
        config=BALANCED,
        before=CLOUD_MAP,
        deployed_with_it=True,
        at="backend-service",
        says="healthCheckGracePeriodSeconds",
    ),
]
