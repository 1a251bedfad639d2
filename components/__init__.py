"""Reusable components: a private AWS backend behind API Gateway, and behind nothing else."""

from .alerts import Alerts, AlertsArgs
from .api.args.alarms import AlarmsArgs
from .api.args.api_front import ApiFrontArgs
from .api.args.authorizers import AuthorizerArgs
from .api.args.cors import CorsArgs
from .api.args.domains import DomainArgs, PrivateDomainArgs, RoutingArgs
from .api.args.firewall import FirewallArgs
from .api.args.plans import PlanArgs, QuotaArgs
from .api.args.routes import RouteArgs, ThrottleArgs
from .api_consumer import ApiConsumer, ApiConsumerArgs
from .api_front import ApiFront
from .api_function import ApiFunction, ApiFunctionArgs
from .arguments.connections import TargetArgs
from .arguments.errors import ArgumentError, ArgumentErrors
from .arguments.keywords import refuse_unknown_keywords
from .compute.backend_args import BackendLogsArgs, Ec2ScalingArgs, FargateScalingArgs
from .compute.called_servers import CalledServerArgs
from .compute.ec2_args import Ec2BackendArgs
from .compute.fargate_args import FargateBackendArgs, FargateSpotArgs
from .ec2_backend import Ec2Backend
from .existing_ingress import ExistingIngress, ExistingIngressArgs
from .facts import version
from .fargate_backend import FargateBackend
from .function.webhook import WebhookArgs
from .greeter import Greeter, GreeterArgs
from .iam.permission_args import PermissionArgs
from .ingress.ingress_args import PrivateIngressArgs
from .nat_instance import NatInstance, NatInstanceArgs
from .network.network_args import NatInstanceSizeArgs, PrivateNetworkArgs
from .private_api_endpoint import PrivateApiEndpoint, PrivateApiEndpointArgs
from .private_ingress import PrivateIngress
from .private_network import PrivateNetwork
from .serverless_proxy import ServerlessProxy, ServerlessProxyArgs
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
    "BackendLogsArgs",
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

refuse_unknown_keywords([*COMPONENTS, *(globals()[name] for name in __all__ if name.endswith("Args"))])
