"""What the provider asks of AWS and moto does not answer, or answers otherwise than AWS does.

Each mend is small and says what AWS does; whatever needs more is pretended by the plugin (aws_plugin/pretended.py).
"""

from __future__ import annotations

import datetime
import json
import uuid
from collections.abc import Callable, Sequence
from typing import Any, Final
from unittest.mock import patch


def _subnets_with_ipv6() -> None:
    """A subnet's IPv6 association has a state of one word, and DescribeSubnets can be filtered by it."""
    from moto.ec2.models.subnets import Subnet

    original = Subnet.get_filter_value

    def filter_value(self: Any, filter_name: str, method_name: str | None = None) -> Any:
        if filter_name == "ipv6-cidr-block-association.association-id":
            return list(self.ipv6_cidr_block_associations)
        return original(self, filter_name, method_name)

    def associations(self: Any) -> list[dict[str, Any]]:
        return [
            {**each, "ipv6CidrBlockState": {"state": each["ipv6CidrBlockState"]["State"]}}
            for each in self.ipv6_cidr_block_associations.values()
            if each["ipv6CidrBlockState"]["State"] == "associated"
        ]

    Subnet.get_filter_value = filter_value
    Subnet.ipv6_cidr_block_association_set = property(associations)


def _services_that_run() -> None:
    """Every task that an ECS service wants runs at once, by a deployment that ended before anybody asked.

    The provider waits for a deployment that began after its own call by ListServiceDeployments, which moto lacks.
    """
    from moto.ecs.models import EC2ContainerServiceBackend, Service

    original = Service.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        _settle(self)

    Service.__init__ = made
    Service.__setattr__ = _with_settled_count
    update = EC2ContainerServiceBackend.update_service

    def updated(self: Any, *args: Any, **kwargs: Any) -> Any:
        # A new deployment, where one is forced, ends at once too.
        service = update(self, *args, **kwargs)
        _settle(service)
        return service

    EC2ContainerServiceBackend.update_service = updated


def _settle(service: Any) -> None:
    for deployment in service.deployments:
        deployment.update(
            createdAt=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC),
            desiredCount=service.desired_count,
            runningCount=service.desired_count,
            pendingCount=0,
            rolloutState="COMPLETED",
        )
    object.__setattr__(service, "running_count", service.desired_count)
    object.__setattr__(service, "pending_count", 0)


def _with_settled_count(service: Any, name: str, value: Any) -> None:
    object.__setattr__(service, name, value)
    if name == "desired_count" and "deployments" in vars(service):
        _settle(service)


def _routes_of_gateway_endpoints() -> None:
    """A gateway endpoint puts its route into a table that it is given later, and takes it out of one that it loses."""
    from moto.ec2.models import EC2Backend

    original = EC2Backend.modify_vpc_endpoint

    def modify(self: Any, vpc_id: str, **given: Any) -> None:
        (endpoint,) = self.describe_vpc_endpoints(vpc_end_point_ids=[vpc_id])
        before = set(endpoint.route_table_ids or [])
        original(self, vpc_id, **given)
        listed, after = endpoint.destination_prefix_list_id, set(endpoint.route_table_ids or [])
        if listed:
            for table in after - before:
                self.create_route(table, None, destination_prefix_list_id=listed, gateway_id=endpoint.id)
            for table in before - after:
                self.delete_route(table, listed)

    EC2Backend.modify_vpc_endpoint = modify


def _regional_nat_gateways() -> None:
    """A regional NAT gateway is of a VPC and of no subnet, and has addresses by zone."""
    from moto.core.responses import ActionResult
    from moto.core.utils import utcnow
    from moto.ec2.models.nat_gateways import NatGateway
    from moto.ec2.responses.nat_gateways import NatGateways
    from moto.ec2.utils import add_tag_specification, random_nat_gateway_id

    original = NatGateways.create_nat_gateway

    def create(self: Any) -> Any:
        if self._get_param("AvailabilityMode") != "regional":
            return original(self)
        made = NatGateway.__new__(NatGateway)
        vars(made).update(
            id=random_nat_gateway_id(),
            subnet_id=None,
            vpc_id=self._get_param("VpcId"),
            state="available",
            connectivity_type="public",
            availability_mode="regional",
            auto_provision_zones="disabled",
            auto_scaling_ips="disabled",
            _created_at=utcnow(),
            ec2_backend=self.ec2_backend,
            address_set=[
                {
                    "allocationId": allocation,
                    "availabilityZone": each.get("AvailabilityZone"),
                    "publicIp": self.ec2_backend.address_by_allocation([allocation])[0].public_ip,
                    "status": "succeeded",
                }
                for each in self._get_param("AvailabilityZoneAddresses", [])
                for allocation in each["AllocationIds"]
            ],
        )
        made.add_tags(add_tag_specification(self._get_param("TagSpecifications", [])))
        self.ec2_backend.nat_gateways[made.id] = made
        return ActionResult({"NatGateway": made})

    NatGateways.create_nat_gateway = create


def _interfaces_left_by_instances() -> None:
    """A terminated instance lets go of the interfaces that are not deleted with it."""
    from moto.ec2.models.instances import Instance

    original = Instance.terminate

    def terminate(self: Any) -> Any:
        left = [each for each in self.nics.values() if not each.delete_on_termination]
        state = original(self)
        for each in left:
            # The instance goes on naming it: moto describes a terminated instance by its interfaces.
            each.instance = each.attachment_id = each.attach_time = each.device_index = None
            each.status = "available"
        return state

    Instance.terminate = terminate


def _tags_of_scalable_targets() -> None:
    """Application Auto Scaling lists the tags of a target; moto keeps none."""
    from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse

    original = ApplicationAutoScalingResponse.register_scalable_target
    kept: dict[str, dict[str, str]] = {}

    def register(self: Any) -> str:
        answer = original(self)
        kept.setdefault(json.loads(answer)["ScalableTargetARN"], {}).update(self._get_param("Tags") or {})
        return str(answer)

    def tags(self: Any) -> str:
        return json.dumps({"Tags": kept.get(self._get_param("ResourceARN"), {})})

    ApplicationAutoScalingResponse.register_scalable_target = register
    ApplicationAutoScalingResponse.list_tags_for_resource = tags


def _subscribers_of_budgets() -> None:
    """Budgets names the subscribers of a notification and the tags of a budget."""
    from moto.budgets.responses import BudgetsResponse

    def describe(self: Any) -> str:
        wanted = self._get_param("Notification")
        budget = self.backend.budgets[self._get_param("AccountId")][self._get_param("BudgetName")]
        found = [each.subscribers for each in budget.notifications if _same_notification(each.details, wanted)]
        return json.dumps({"Subscribers": found[0] if found else []})

    original = BudgetsResponse.create_budget
    kept: dict[str, list[dict[str, str]]] = {}

    def create(self: Any) -> str:
        name = self._get_param("Budget")["BudgetName"]
        kept[f"budget/{name}"] = self._get_param("ResourceTags") or []
        return str(original(self))

    def tags(self: Any) -> str:
        return json.dumps({"ResourceTags": kept.get(self._get_param("ResourceARN").rpartition(":")[2], [])})

    BudgetsResponse.create_budget = create
    BudgetsResponse.describe_subscribers_for_notification = describe
    BudgetsResponse.list_tags_for_resource = tags


def _same_notification(one: dict[str, Any], other: dict[str, Any]) -> bool:
    keys = ("NotificationType", "ComparisonOperator", "Threshold", "ThresholdType")
    return all(str(one.get(key)) == str(other.get(key)) for key in keys)


def _stages_of_usage_plans() -> None:
    """A usage plan lets go of a stage that has throttles of its own."""
    from moto.apigateway.models import UsagePlan

    original = UsagePlan.apply_patch_operations

    def apply(self: Any, operations: Any) -> None:
        leaving = [each["value"] for each in operations if each["op"] == "remove" and each["path"] == "/apiStages"]
        for stage in self.api_stages:
            if f"{stage['apiId']}:{stage['stage']}" in leaving:
                stage.pop("throttle", None)
        original(self, operations)

    UsagePlan.apply_patch_operations = apply


def _checks_of_instances() -> None:
    """An instance shows the source/destination check of its first interface."""
    from moto.ec2.models.instances import Instance

    original = Instance.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if 0 in self.nics:
            self.source_dest_check = self.nics[0].source_dest_check

    Instance.__init__ = made


def _groups_of_instances() -> None:
    """An instance has the groups of its first interface, and loses them by no change of another attribute."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface
    from moto.ec2.models.instances import Instance
    from moto.ec2.responses import EC2Response

    original = EC2Response._security_grp_instance_attribute_handler

    def groups(self: Any) -> Any:
        nics = vars(self).get("nics") or {}
        return nics[0]._group_set if 0 in nics else vars(self)["_given_groups"]

    def given(self: Any, value: Any) -> None:
        vars(self)["_given_groups"] = value
        if 0 in (vars(self).get("nics") or {}):
            self.nics[0]._group_set = value

    def named(self: Any) -> bool:
        return bool(original(self)) if self._get_param("Groups") else True

    Instance.security_groups = property(groups, given)
    EC2Response._security_grp_instance_attribute_handler = named
    NetworkInterface.group_set = property(lambda self: self._group_set)


def _addresses_of_instances() -> None:
    """An interface without a public address has no association, and gets the IPv6 addresses that a launch counts."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface
    from moto.ec2.models.instances import Instance

    association, prepare = NetworkInterface.association, Instance.prep_nics

    def prepared(self: Any, specified: list[dict[str, Any]], **kwargs: Any) -> None:
        first = next((each for each in specified if int(each["DeviceIndex"]) == 0), {})
        if kwargs.get("ipv6_address_count") is None and first.get("Ipv6AddressCount"):
            kwargs["ipv6_address_count"] = int(first["Ipv6AddressCount"])
        prepare(self, specified, **kwargs)

    NetworkInterface.association = property(lambda self: association.fget(self) or None)
    Instance.prep_nics = prepared


def _recovery_of_instances() -> None:
    """An instance shows whether EC2 recovers it."""
    from moto.ec2.models.instances import Instance
    from moto.ec2.responses import EC2Response

    original = EC2Response.run_instances

    def run(self: Any) -> Any:
        answer = original(self)
        if recovery := self._get_param("MaintenanceOptions.AutoRecovery"):
            for instance in answer.result.instances:
                instance.maintenance_options = {"AutoRecovery": recovery}
        return answer

    Instance.maintenance_options = {"AutoRecovery": "default"}
    EC2Response.run_instances = run


def _descriptions_of_rules() -> None:
    """A rule has its description whichever kind of peer it names."""
    from moto.ec2.models.security_groups import SecurityGroupRule

    original = SecurityGroupRule.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        lists = (each for each in (*args, *kwargs.values()) if isinstance(each, dict) and "PrefixListId" in each)
        self.of_prefix_list = next(lists, {})

    def description(self: Any) -> Any:
        peers = (self.ip_range, self.source_group, self.of_prefix_list)
        return next((each["Description"] for each in peers if each.get("Description")), None)

    SecurityGroupRule.__init__ = made
    SecurityGroupRule.description = property(description)


def _logging_of_functions() -> None:
    """A function shows where and what it logs."""
    from moto.awslambda.models import LambdaFunction

    original, read, update = (
        LambdaFunction.__init__,
        LambdaFunction.get_configuration,
        LambdaFunction.update_configuration,
    )

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        spec = kwargs.get("spec") or args[1]
        self.logging = spec.get("LoggingConfig")

    def shown(self: Any, on_create: bool = False) -> dict[str, Any]:
        return {**read(self, on_create), **({"LoggingConfig": self.logging} if self.logging else {})}

    def changed(self: Any, updates: dict[str, Any]) -> dict[str, Any]:
        self.logging = updates.get("LoggingConfig", self.logging)
        update(self, updates)
        return shown(self)

    LambdaFunction.__init__ = made
    LambdaFunction.get_configuration = shown
    LambdaFunction.update_configuration = changed


def _versions_of_functions() -> None:
    """The number of a function's version is never used again."""
    from moto.awslambda.models import LambdaFunction

    original = LambdaFunction.set_version
    highest: dict[str, int] = {}

    def numbered(self: Any, version: int) -> None:
        highest[self.function_name] = max(version, highest.get(self.function_name, 0) + 1)
        original(self, highest[self.function_name])

    LambdaFunction.set_version = numbered


def _deployments_of_services() -> None:
    """An ECS service shows how it is deployed."""
    from moto.ecs.responses import EC2ContainerServiceResponse

    names = {
        "deploymentConfiguration": "deployment_configuration",
        "enableECSManagedTags": "enable_ecs_managed_tags",
        "enableExecuteCommand": "enable_execute_command",
        "healthCheckGracePeriodSeconds": "health_check_grace_period_seconds",
    }

    def keeping(original: Any) -> Any:
        def answer(self: Any) -> Any:
            result = original(self)
            for asked, name in names.items():
                if (value := self._get_params().get(asked)) is not None:
                    setattr(result.result["service"], name, value)
            return result

        return answer

    EC2ContainerServiceResponse.create_service = keeping(EC2ContainerServiceResponse.create_service)
    EC2ContainerServiceResponse.update_service = keeping(EC2ContainerServiceResponse.update_service)


def _default_addresses_of_apis() -> None:
    """An API takes its default address back: the word `false` is no true one."""
    from moto.apigateway.models import RestAPI

    original = RestAPI.apply_patch_operations

    def apply(self: Any, operations: Any) -> None:
        original(self, operations)
        for operation in operations:
            if operation["path"] == "/disableExecuteApiEndpoint":
                self.disableExecuteApiEndpoint = operation["value"] == "true"

    RestAPI.apply_patch_operations = apply


def _domains_with_client_certificates() -> None:
    """A domain of API Gateway shows its truststore and how it is reached."""
    from moto.apigateway.models import DomainName
    from moto.apigateway.responses import APIGatewayResponse

    original, read = APIGatewayResponse.create_domain_name, DomainName.to_json
    names = ("mutualTlsAuthentication", "endpointAccessMode")

    def create(self: Any) -> Any:
        status, headers, _ = original(self)
        domain = self.backend.get_domain_name(self._get_param("domainName"))
        domain.more = {name: self._get_param(name) for name in names if self._get_param(name)}
        return status, headers, json.dumps(domain.to_json())

    APIGatewayResponse.create_domain_name = create
    DomainName.to_json = lambda self: {**read(self), **vars(self).get("more", {})}


def _domains_of_both_versions() -> None:
    """API Gateway's two versions know the same domains, and a mapping of the second leads to APIs of the first."""
    from moto.apigateway.models import APIGatewayBackend, apigateway_backends
    from moto.apigatewayv2.models import ApiGatewayV2Backend, DomainName, apigatewayv2_backends

    create, delete = APIGatewayBackend.create_domain_name, APIGatewayBackend.delete_domain_name
    mapping = ApiGatewayV2Backend.create_api_mapping

    def created(self: Any, *args: Any, **kwargs: Any) -> Any:
        made = create(self, *args, **kwargs)
        other = apigatewayv2_backends[self.account_id][self.region_name]
        other.domain_names[made.domain_name] = DomainName(made.domain_name, [], {}, made.tags or {}, other)
        return made

    def deleted(self: Any, name: str) -> None:
        delete(self, name)
        apigatewayv2_backends[self.account_id][self.region_name].domain_names.pop(name, None)

    def mapped(self: Any, api_id: str, *args: Any, **kwargs: Any) -> Any:
        first = apigateway_backends[self.account_id][self.region_name].apis
        with patch.dict(self.apis, {api_id: first[api_id]} if api_id in first else {}):
            return mapping(self, api_id, *args, **kwargs)

    APIGatewayBackend.create_domain_name = created
    APIGatewayBackend.delete_domain_name = deleted
    ApiGatewayV2Backend.create_api_mapping = mapped


def _protected_balancers() -> None:
    """A load balancer with deletion protection is not deleted."""
    from moto.elbv2.exceptions import ELBClientError
    from moto.elbv2.models import ELBv2Backend

    original = ELBv2Backend.delete_load_balancer

    def delete(self: Any, arn: str) -> None:
        balancer = self.load_balancers.get(arn)
        if balancer is not None and balancer.attrs.get("deletion_protection.enabled") == "true":
            raise ELBClientError("OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted: it is protected")
        original(self, arn)

    ELBv2Backend.delete_load_balancer = delete


def _private_link_rules_of_balancers() -> None:
    """A network load balancer shows whether its groups' rules hold for PrivateLink."""
    from moto.elbv2.models import FakeLoadBalancer
    from moto.elbv2.responses import ELBV2Response

    original = ELBV2Response.set_security_groups
    key = "EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic"

    def set_groups(self: Any) -> Any:
        answer = original(self)
        if (value := self._get_param(key)) is not None:
            balancer = self.elbv2_backend.load_balancers[self._get_param("LoadBalancerArn")]
            balancer.enforce_security_group_inbound_rules_on_private_link_traffic = value
            answer.result[key] = value
        return answer

    FakeLoadBalancer.enforce_security_group_inbound_rules_on_private_link_traffic = None
    ELBV2Response.set_security_groups = set_groups


def _tags_in_launch_templates() -> None:
    """A template's own tags are not among those that it gives to instances."""
    from moto.ec2.models.launch_templates import LaunchTemplateVersion

    original = LaunchTemplateVersion.__init__

    def made(self: Any, template: Any, number: int, data: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        given = data.get("TagSpecifications")
        if given:
            kept = [each for each in given if each.get("ResourceType") != "launch-template"]
            data = {**data, "TagSpecifications": kept}
        original(self, template, number, data, *args, **kwargs)

    LaunchTemplateVersion.__init__ = made


def _user_data_of_template_versions() -> None:
    """The second version of a launch template has user data in the form of the first."""
    from moto.ec2.models.launch_templates import LaunchTemplateVersion
    from moto.ec2.utils import parse_user_data

    original = LaunchTemplateVersion.__init__

    def made(self: Any, template: Any, number: int, data: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        script = data.get("UserData")
        if isinstance(script, str):
            data = {**data, "UserData": parse_user_data(script)}
        original(self, template, number, data, *args, **kwargs)

    LaunchTemplateVersion.__init__ = made


def _instance_refreshes() -> None:
    """A group takes the order to refresh its instances; none of them is replaced."""
    from moto.autoscaling.responses import AutoScalingResponse
    from moto.core.responses import ActionResult

    AutoScalingResponse.start_instance_refresh = lambda self: ActionResult({"InstanceRefreshId": str(uuid.uuid4())})
    AutoScalingResponse.describe_instance_refreshes = lambda self: ActionResult({"InstanceRefreshes": []})


def _consoles_of_instances() -> None:
    """A boot script writes its outcome on the console; no machine runs here that could."""
    from moto.ec2.responses import general

    from components.compute.readiness import ANSWERS

    general.SAMPLE_CONSOLE_OUTPUT += f"{ANSWERS} on its port\n"


MENDS: Final[Sequence[Callable[[], None]]] = (
    _subnets_with_ipv6,
    _services_that_run,
    _routes_of_gateway_endpoints,
    _regional_nat_gateways,
    _interfaces_left_by_instances,
    _tags_of_scalable_targets,
    _subscribers_of_budgets,
    _stages_of_usage_plans,
    _checks_of_instances,
    _groups_of_instances,
    _addresses_of_instances,
    _recovery_of_instances,
    _descriptions_of_rules,
    _logging_of_functions,
    _versions_of_functions,
    _deployments_of_services,
    _default_addresses_of_apis,
    _domains_with_client_certificates,
    _domains_of_both_versions,
    _protected_balancers,
    _private_link_rules_of_balancers,
    _tags_in_launch_templates,
    _user_data_of_template_versions,
    _instance_refreshes,
    _consoles_of_instances,
)


def mend() -> None:
    """Apply every mend to the moto of this process."""
    for each in MENDS:
        each()
