"""Reusable components: a private AWS backend behind API Gateway, and behind nothing else."""

from .alerts import Alerts, AlertsArgs
from .api_consumer import ApiConsumer, ApiConsumerArgs
from .api_front import ApiFront
from .api_front_args import (
    AlarmsArgs,
    ApiFrontArgs,
    AuthorizerArgs,
    CorsArgs,
    DomainArgs,
    FirewallArgs,
    PlanArgs,
    PrivateDomainArgs,
    QuotaArgs,
    RouteArgs,
    RoutingArgs,
    TargetArgs,
    ThrottleArgs,
)
from .api_function import ApiFunction, ApiFunctionArgs, CalledServerArgs
from .arguments import ArgumentError, ArgumentErrors
from .aws_permissions import PermissionArgs
from .ec2_backend import Ec2Backend, Ec2BackendArgs, Ec2ScalingArgs
from .existing_ingress import ExistingIngress, ExistingIngressArgs
from .facts import version
from .fargate_backend import FargateBackend, FargateBackendArgs, FargateScalingArgs, FargateSpotArgs
from .greeter import Greeter, GreeterArgs
from .nat_instance import NatInstance, NatInstanceArgs
from .private_api_endpoint import PrivateApiEndpoint, PrivateApiEndpointArgs
from .private_ingress import PrivateIngress, PrivateIngressArgs
from .private_network import NatInstanceSizeArgs, PrivateNetwork, PrivateNetworkArgs
from .serverless_proxy import ServerlessProxy, ServerlessProxyArgs, WebhookArgs
from .url_backend import UrlBackend, UrlBackendArgs

VERSION = version.VERSION

COMPONENTS = (
    Alerts,
    ApiConsumer,
    ApiFront,
    Ec2Backend,
    ExistingIngress,
    FargateBackend,
    ApiFunction,
    Greeter,
    NatInstance,
    PrivateApiEndpoint,
    PrivateIngress,
    PrivateNetwork,
    ServerlessProxy,
    UrlBackend,
)
"""Components that the package offers to programs in other languages."""

__all__ = [
    "COMPONENTS",
    "VERSION",
    "AlarmsArgs",
    "Alerts",
    "AlertsArgs",
    "ApiConsumer",
    "ApiConsumerArgs",
    "ApiFront",
    "ApiFrontArgs",
    "ApiFunction",
    "ApiFunctionArgs",
    "ArgumentError",
    "ArgumentErrors",
    "AuthorizerArgs",
    "CalledServerArgs",
    "CorsArgs",
    "DomainArgs",
    "Ec2Backend",
    "Ec2BackendArgs",
    "Ec2ScalingArgs",
    "ExistingIngress",
    "ExistingIngressArgs",
    "FargateBackend",
    "FargateBackendArgs",
    "FargateScalingArgs",
    "FargateSpotArgs",
    "FirewallArgs",
    "Greeter",
    "GreeterArgs",
    "NatInstance",
    "NatInstanceArgs",
    "NatInstanceSizeArgs",
    "PermissionArgs",
    "PlanArgs",
    "PrivateApiEndpoint",
    "PrivateApiEndpointArgs",
    "PrivateDomainArgs",
    "PrivateIngress",
    "PrivateIngressArgs",
    "PrivateNetwork",
    "PrivateNetworkArgs",
    "QuotaArgs",
    "RouteArgs",
    "RoutingArgs",
    "ServerlessProxy",
    "ServerlessProxyArgs",
    "TargetArgs",
    "ThrottleArgs",
    "UrlBackend",
    "UrlBackendArgs",
    "WebhookArgs",
]
