"""Fargate: as whom it runs, who reaches it, what AWS lets go together."""

import json
from typing import Any

import pytest

from components.facts.fargate_sizes import MEMORY_FOR_CPU, check
from components.fargate_backend import FargateBackend
from tests.helpers.declare import declare, names, one, refusal
from tests.helpers.declared import Graph, reveal
from tests.helpers.policies import Decision, allows

ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1.0"
ARGS: dict[str, Any] = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1"],
    "image": ECR,
    "egress": ["nat-instance"],
    "callers": {"ingress": "sg-ingress"},
    "target_group_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/x/1",
}


def fargate(known: bool = True, **changes: Any) -> Graph:
    args = {key: value for key, value in (ARGS | changes).items() if value is not None}
    return declare(lambda: FargateBackend("backend", args), known=known)


EVERYTHING: dict[str, Any] = {
    "scaling": {"minimum": 2, "maximum": 4, "cpu_percent": 60, "memory_percent": 70, "requests_per_target": 1000},
    "request_count_label": "app/x/1/targetgroup/y/2",
    "execute_command": True,
    "secrets": {
        "TOKEN": "arn:aws:ssm:eu-west-1:1:parameter/token",
        "WORD": "arn:aws:secretsmanager:eu-west-1:1:secret:w:password::",
    },
    "environment": {"MODE": "fast"},
    "egress": ["nat-gateway"],
    "policy_arns": {"read": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
}


def test_copies_beyond_those_on_demand_run_on_spot_and_have_two_minutes_to_end() -> None:
    graph = fargate(count=3, spot={"on_demand": 2})
    service, providers = one(graph, "Service"), one(graph, "ClusterCapacityProviders")
    assert "launchType" not in service.inputs
    assert "forceNewDeployment" not in service.inputs  # it would start all copies again at each update
    first, second = service.inputs["capacityProviderStrategies"]
    assert (first["capacityProvider"], first["base"]) == ("FARGATE", 2)
    assert (second["capacityProvider"], second["weight"]) == ("FARGATE_SPOT", 99)
    assert providers.inputs["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert providers.urn in service.dependencies
    (container,) = json.loads(reveal(one(graph, "TaskDefinition").inputs["containerDefinitions"]))
    assert container["stopTimeout"] == 120


def test_all_copies_may_run_on_spot_and_none_does_unless_asked_for() -> None:
    spot = one(fargate(spot={"on_demand": 0}), "Service").inputs["capacityProviderStrategies"]
    assert [entry["capacityProvider"] for entry in spot] == ["FARGATE_SPOT"]
    ordinary = fargate()
    assert one(ordinary, "Service").inputs["launchType"] == "FARGATE"
    assert names(ordinary, "ClusterCapacityProviders") == []
    assert "stopTimeout" not in reveal(one(ordinary, "TaskDefinition").inputs["containerDefinitions"])


def test_spot_that_no_copy_could_use_is_refused() -> None:
    error = refusal(lambda: FargateBackend("backend", ARGS | {"spot": {}}))
    assert "spot" in str(error)
    assert "fewer than the maximum number of copies, 1" in str(error)


def test_tasks_have_no_public_address_and_one_caller() -> None:
    graph = fargate()
    network = one(graph, "Service").inputs["networkConfiguration"]
    assert network["assignPublicIp"] is False
    assert network["securityGroups"] == [one(graph, "SecurityGroup").id]
    rule = one(graph, "SecurityGroupIngressRule").inputs
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-ingress", 8080, 8080)
    assert (
        one(graph, "SecurityGroupEgressRule", "backend-from-ingress-egress").inputs["securityGroupId"] == "sg-ingress"
    )


def container(graph: Graph) -> dict[str, Any]:
    document: list[dict[str, Any]] = json.loads(reveal(one(graph, "TaskDefinition").inputs["containerDefinitions"]))
    assert len(document) == 1
    return document[0]


def test_the_task_is_as_small_as_can_be_on_arm() -> None:
    task = one(fargate(), "TaskDefinition").inputs
    assert (task["cpu"], task["memory"]) == ("256", "512")
    assert task["runtimePlatform"]["cpuArchitecture"] == "ARM64"
    assert task["networkMode"] == "awsvpc"


def test_the_container_logs_to_its_own_group() -> None:
    graph = fargate(**EVERYTHING)
    options = container(graph)["logConfiguration"]["options"]
    assert options["awslogs-group"] == one(graph, "LogGroup").state["name"]
    assert options["awslogs-region"] == "eu-west-1"
    assert container(graph)["environment"] == [{"name": "MODE", "value": "fast"}]
    assert [secret["name"] for secret in container(graph)["secrets"]] == ["TOKEN", "WORD"]


def test_the_container_whole() -> None:
    graph = fargate()
    assert container(graph) == {
        "name": "app",
        "image": ECR,
        "essential": True,
        "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
        "environment": [],
        "secrets": [],
        "linuxParameters": {"initProcessEnabled": True},
        "logConfiguration": {
            "logDriver": "awslogs",
            "options": {
                "awslogs-group": one(graph, "LogGroup").state["name"],
                "awslogs-region": "eu-west-1",
                "awslogs-stream-prefix": "backend",
            },
        },
    }
    task = one(graph, "TaskDefinition").inputs
    assert (task["requiresCompatibilities"], task["runtimePlatform"]["operatingSystemFamily"]) == (["FARGATE"], "LINUX")
    assert task["executionRoleArn"] == one(graph, "Role", "backend-execution-role").state["arn"]
    assert one(graph, "RolePolicy").urn in one(graph, "TaskDefinition").dependencies


def test_the_service_whole() -> None:
    graph = fargate()
    service = {key: value for key, value in one(graph, "Service").inputs.items() if key != "tags"}
    assert service == {
        "cluster": one(graph, "Cluster").state["arn"],
        "taskDefinition": one(graph, "TaskDefinition").state["arn"],
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": {
            "subnets": ["subnet-1"],
            "securityGroups": [one(graph, "SecurityGroup").id],
            "assignPublicIp": False,
        },
        "loadBalancers": [{"targetGroupArn": ARGS["target_group_arn"], "containerName": "app", "containerPort": 8080}],
        "healthCheckGracePeriodSeconds": 300,
        "deploymentCircuitBreaker": {"enable": True, "rollback": True},
        "enableExecuteCommand": False,
        "enableEcsManagedTags": True,
        "propagateTags": "SERVICE",
        "waitForSteadyState": True,
    }


def policy(graph: Graph, name: str) -> Any:
    return json.loads(reveal(one(graph, "RolePolicy", name).inputs["policy"]))


def test_the_execution_role_pulls_its_image_and_reads_its_secrets() -> None:
    document = policy(fargate(**EVERYTHING), "backend-execution-permissions")
    repository = "arn:aws:ecr:eu-west-1:111122223333:repository/"
    for action, resource, decision in (
        ("ecr:BatchGetImage", f"{repository}app", Decision.ALLOW),
        ("ecr:BatchGetImage", f"{repository}other", Decision.SILENT),
        ("ecr:PutImage", f"{repository}app", Decision.SILENT),
        ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:1:parameter/token", Decision.ALLOW),
        ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:1:parameter/other", Decision.SILENT),
        ("secretsmanager:GetSecretValue", "arn:aws:secretsmanager:eu-west-1:1:secret:w", Decision.ALLOW),
    ):
        assert allows(document, action=action, resource=resource) is decision, (action, resource)


def test_a_public_image_needs_no_permission_to_pull() -> None:
    document = policy(fargate(image="nginx:1.29"), "backend-execution-permissions")
    assert allows(document, action="ecr:GetAuthorizationToken", resource="*") is Decision.SILENT


def test_the_program_itself_may_do_nothing_unasked() -> None:
    graph = fargate()
    task = one(graph, "TaskDefinition").inputs
    assert task["taskRoleArn"] == one(graph, "Role", "backend-task-role").state["arn"] != task["executionRoleArn"]
    assert names(graph, "RolePolicy") == ["backend-execution-permissions"]
    assert one(graph, "Service").inputs["enableExecuteCommand"] is False


def test_a_shell_is_opened_only_when_asked_for() -> None:
    graph = fargate(**EVERYTHING)
    assert one(graph, "Service").inputs["enableExecuteCommand"] is True
    document = policy(graph, "backend-execute-command")
    for action in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"):
        assert allows(document, action=f"ssmmessages:{action}", resource="*") is Decision.ALLOW


def test_a_failing_deployment_goes_back() -> None:
    service = one(fargate(), "Service").inputs
    assert service["deploymentCircuitBreaker"] == {"enable": True, "rollback": True}
    assert service["waitForSteadyState"] is True
    assert service["healthCheckGracePeriodSeconds"] > 0


def test_copies_register_where_they_are_looked_for() -> None:
    service = one(fargate(), "Service").inputs
    assert service["loadBalancers"][0]["targetGroupArn"] == ARGS["target_group_arn"]
    assert service["loadBalancers"][0]["containerPort"] == 8080
    listed = one(fargate(target_group_arn=None, registry_arn="arn:registry"), "Service").inputs
    assert listed["serviceRegistries"] == {"registryArn": "arn:registry", "containerName": "app", "containerPort": 8080}
    assert "loadBalancers" not in listed
    assert "healthCheckGracePeriodSeconds" not in listed


def test_scaling_has_bounds_and_takes_over_the_number() -> None:
    graph = fargate(**EVERYTHING)
    target = one(graph, "Target").inputs
    assert (target["minCapacity"], target["maxCapacity"]) == (2, 4)
    assert (target["serviceNamespace"], target["scalableDimension"]) == ("ecs", "ecs:service:DesiredCount")
    cluster, made = one(graph, "Cluster").state["name"], one(graph, "Service").state["name"]
    assert target["resourceId"] == f"service/{cluster}/{made}"
    service = one(graph, "Service")
    assert service.inputs["desiredCount"] == 2
    assert service.options.ignore_changes == ("desiredCount",)
    assert names(graph, "Policy") == ["backend-scale-by-cpu", "backend-scale-by-memory", "backend-scale-by-requests"]
    by_requests = one(graph, "Policy", "backend-scale-by-requests").inputs
    metric = by_requests["targetTrackingScalingPolicyConfiguration"]["predefinedMetricSpecification"]
    assert metric == {"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": "app/x/1/targetgroup/y/2"}
    kept = {
        policy.name: policy.inputs["targetTrackingScalingPolicyConfiguration"]["targetValue"]
        for policy in graph.of_type("aws:appautoscaling/policy:Policy")
    }
    assert kept == {"backend-scale-by-cpu": 60, "backend-scale-by-memory": 70, "backend-scale-by-requests": 1000}
    assert not names(fargate(), "Target")


def test_a_folder_is_built_for_the_tasks_processor() -> None:
    graph = fargate(image=None, build="app", architecture="x86_64")
    image = one(graph, "Image")
    assert image.type == "awsx:ecr:Image"
    assert image.inputs["platform"] == "linux/amd64"
    assert one(graph, "Repository").inputs["imageScanningConfiguration"]["scanOnPush"] is True
    document = policy(graph, "backend-execution-permissions")
    assert any("ecr:BatchGetImage" in statement["Action"] for statement in document["Statement"])


@pytest.mark.parametrize(
    ("cpu", "memory"), [(cpu, memory) for cpu, all_of in MEMORY_FOR_CPU.items() for memory in all_of]
)
def test_what_aws_allows_together(cpu: int, memory: int) -> None:
    check(cpu, memory)


@pytest.mark.parametrize(
    ("cpu", "memory", "words"),
    [(256, 4096, "nearest is 2048"), (300, 512, "cpu is one of"), (1024, 1024, "2048 to 8192"), (4096, 8000, "8192")],
)
def test_what_aws_does_not(cpu: int, memory: int, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        check(cpu, memory)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"image": None}, "image or build"),
        ({"build": "app"}, "not both"),
        ({"image": "s3://bucket/app.tar.gz"}, "which loads tarballs"),
        ({"cpu": 256, "memory": 4096}, "nearest is 2048"),
        ({"port": 0}, "1 to 65,535"),
        ({"architecture": "mips"}, "one of arm64, x86_64"),
        ({"egress": ["none"]}, "nat-gateway; an empty list for none"),
        ({"scaling": {"maximum": 2, "requests_per_target": 5}}, "the ALB's label"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, Any], words: str) -> None:
    args = {key: value for key, value in (ARGS | changes).items() if value is not None}
    assert words in str(refusal(lambda: FargateBackend("backend", args)))


def test_tasks_start_after_and_stop_before_the_permissions_of_their_program() -> None:
    graph = fargate(execute_command=True, policy_arns={"read": "arn:aws:iam::aws:policy/ReadOnlyAccess"})
    definition = one(graph, "TaskDefinition")
    granted = {one(graph, "RolePolicy", "backend-execute-command").urn, one(graph, "RolePolicyAttachment").urn}
    assert granted <= {*definition.dependencies}


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"target_group_arn": None, "registry_arn": "arn:aws:servicediscovery:eu-west-1:1:service/srv-1"},
        {"count": 2, "spot": {}},
    ],
)
def test_a_service_whose_deployment_failed_is_replaced_at_the_next_update(changes: dict[str, Any]) -> None:
    """Without it, an unchanged update would treat the service as complete, send calls to it and delete the old one."""
    service = one(fargate(**changes), "Service")
    assert service.options.replace_on_changes == ("loadBalancers", "#initerror")
    assert service.inputs["waitForSteadyState"] is True
