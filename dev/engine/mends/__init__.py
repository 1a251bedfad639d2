"""Calls of the provider that moto does not have, or answers differently from AWS.

Each mend is small and names what AWS does. If more is needed, the plugin answers (aws_plugin/pretended.py).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from . import (
    api_gateway,
    balancers,
    budgets,
    containers,
    deployments,
    documents,
    functions,
    health,
    machines,
    network,
    private_domains,
    scaling,
    tasks,
)

MENDS: Final[Sequence[Callable[[], None]]] = (
    network.subnets_with_ipv6,
    deployments.services_that_run,
    deployments.deployments_that_fail,
    deployments.sizes_of_tasks,
    network.routes_of_gateway_endpoints,
    network.regional_nat_gateways,
    machines.interfaces_left_by_instances,
    containers.tags_of_scalable_targets,
    scaling.policies_of_groups,
    budgets.subscribers_of_budgets,
    api_gateway.stages_of_usage_plans,
    machines.checks_of_instances,
    machines.groups_of_instances,
    machines.addresses_of_instances,
    machines.recovery_of_instances,
    network.descriptions_of_rules,
    network.rules_of_every_protocol,
    network.zones_of_networks,
    network.records_that_were_deleted,
    functions.logging_of_functions,
    functions.versions_of_functions,
    containers.deployments_of_services,
    health.targets_that_never_answer,
    tasks.tasks_of_services,
    api_gateway.default_addresses_of_apis,
    api_gateway.domains_with_client_certificates,
    api_gateway.domains_of_both_versions,
    api_gateway.updates_of_the_second_version,
    api_gateway.tags_of_rest_apis,
    documents.documents_of_rest_apis,
    private_domains.private_domains,
    balancers.protected_balancers,
    balancers.private_link_rules_of_balancers,
    machines.data_of_launch_templates,
    machines.disks_that_grow,
    health.consoles_of_instances,
)


def mend() -> None:
    """Apply every mend to the moto of this process."""
    for each in MENDS:
        each()
