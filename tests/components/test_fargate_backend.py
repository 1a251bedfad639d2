"""Fargate: as whom it runs, who reaches it, what AWS lets go together."""

import json
from typing import Any

import pytest

from components.facts.fargate_sizes import MEMORY_FOR_CPU, check
from components.fargate_backend import FargateBackend
from components.recording.values import reveal
from components.testing.recorder import Graph
from tests.helpers.declare import changed, declare, inputs, names, one
from tests.helpers.policies import Decision, allows

ECR = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/app:1.0"
ARGS: dict[str, Any] = {
    "vpc_id": "vpc-00000001",
    "subnet_ids": ["subnet-00000001"],
    "image": ECR,
    "egress": ["nat-instance"],
    "callers": {"ingress": "sg-d89a7850"},
    "target_group_arn": "arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/x/1",
}


def fargate(known: bool = True, **changes: Any) -> Graph:
    return declare(lambda: FargateBackend("backend", changed(ARGS, changes)), known=known)


EVERYTHING: dict[str, Any] = {
    "scaling": {"minimum": 2, "maximum": 4, "cpu_percent": 60, "memory_percent": 70, "requests_per_target": 1000},
    "request_count_label": "app/x/1/targetgroup/y/2",
    "execute_command": True,
    "secrets": {
        "TOKEN": "arn:aws:ssm:eu-west-1:111122223333:parameter/token",
        "WORD": "arn:aws:secretsmanager:eu-west-1:111122223333:secret:w-a1B2c3:password::",
    },
    "environment": {"MODE": "fast"},
    "egress": ["nat-gateway"],
    "policy_arns": {"read": "arn:aws:iam::aws:policy/ReadOnlyAccess"},
}


def test_copies_beyond_those_on_demand_run_on_spot_and_have_two_minutes_to_end() -> None:
    graph = fargate(count=3, spot={"on_demand": 2})
    service, providers = one(graph, "Service"), one(graph, "ClusterCapacityProviders")
    # A new deployment each time would start all copies again at each update.
    assert not {"launchType", "forceNewDeployment"} & service.inputs.keys()
    first, second = service.inputs["capacityProviderStrategies"]
    assert (first["capacityProvider"], first["base"]) == ("FARGATE", 2)
    assert (second["capacityProvider"], second["weight"]) == ("FARGATE_SPOT", 99)
    assert providers.inputs["capacityProviders"] == ["FARGATE", "FARGATE_SPOT"]
    assert providers.urn in service.dependencies
    assert container(graph)["stopTimeout"] == 120
    all_of_them = one(fargate(spot={"on_demand": 0}), "Service").inputs["capacityProviderStrategies"]
    assert [entry["capacityProvider"] for entry in all_of_them] == ["FARGATE_SPOT"]
    assert names(fargate(), "ClusterCapacityProviders") == []


def container(graph: Graph) -> dict[str, Any]:
    document: list[dict[str, Any]] = json.loads(reveal(one(graph, "TaskDefinition").inputs["containerDefinitions"]))
    assert len(document) == 1
    return document[0]


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
    task = {key: value for key, value in one(graph, "TaskDefinition").inputs.items() if key != "tags"}
    del task["containerDefinitions"], task["family"]
    assert task == {
        "cpu": "256",
        "memory": "512",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "runtimePlatform": {"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
        "executionRoleArn": one(graph, "Role", "backend-execution-role").state["arn"],
        "taskRoleArn": one(graph, "Role", "backend-task-role").state["arn"],
    }
    # The program itself may do nothing unasked.
    assert names(graph, "RolePolicy") == ["backend-execution-permissions"]
    assert one(graph, "RolePolicy").urn in one(graph, "TaskDefinition").dependencies
    given = container(fargate(**EVERYTHING))
    assert given["environment"] == [{"name": "MODE", "value": "fast"}]
    assert [secret["name"] for secret in given["secrets"]] == ["TOKEN", "WORD"]


def test_the_service_whole() -> None:
    graph = fargate()
    service = {key: value for key, value in one(graph, "Service").inputs.items() if key != "tags"}
    assert service == {
        "cluster": one(graph, "Cluster").state["arn"],
        "taskDefinition": one(graph, "TaskDefinition").state["arn"],
        "desiredCount": 1,
        "launchType": "FARGATE",
        "networkConfiguration": {
            "subnets": ["subnet-00000001"],
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
    # Otherwise an unchanged update would take a failed service for complete, send calls to it and delete the old one.
    assert one(graph, "Service").options.replace_on_changes == ("loadBalancers", "#initerror")
    rule, outward = one(graph, "SecurityGroupIngressRule").inputs, inputs(graph)["backend-from-ingress-egress"]
    assert (rule["referencedSecurityGroupId"], rule["fromPort"], rule["toPort"]) == ("sg-d89a7850", 8080, 8080)
    assert outward["securityGroupId"] == "sg-d89a7850"
    listed = one(fargate(target_group_arn=None, registry_arn="arn:registry"), "Service").inputs
    assert listed["serviceRegistries"] == {"registryArn": "arn:registry", "containerName": "app", "containerPort": 8080}
    assert not {"loadBalancers", "healthCheckGracePeriodSeconds"} & listed.keys()


def policy(graph: Graph, name: str) -> Any:
    return json.loads(reveal(one(graph, "RolePolicy", name).inputs["policy"]))


def test_the_execution_role_pulls_its_image_and_reads_its_secrets() -> None:
    document = policy(fargate(**EVERYTHING), "backend-execution-permissions")
    repository = "arn:aws:ecr:eu-west-1:111122223333:repository/"
    for action, resource, decision in (
        ("ecr:BatchGetImage", f"{repository}app", Decision.ALLOW),
        ("ecr:BatchGetImage", f"{repository}other", Decision.SILENT),
        ("ecr:PutImage", f"{repository}app", Decision.SILENT),
        ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:111122223333:parameter/token", Decision.ALLOW),
        ("ssm:GetParameters", "arn:aws:ssm:eu-west-1:111122223333:parameter/other", Decision.SILENT),
        (
            "secretsmanager:GetSecretValue",
            "arn:aws:secretsmanager:eu-west-1:111122223333:secret:w-a1B2c3",
            Decision.ALLOW,
        ),
    ):
        assert allows(document, action=action, resource=resource) is decision, (action, resource)
    document = policy(fargate(image="nginx:1.29"), "backend-execution-permissions")
    assert allows(document, action="ecr:GetAuthorizationToken", resource="*") is Decision.SILENT


def test_a_shell_is_opened_only_when_asked_for() -> None:
    graph = fargate(**EVERYTHING)
    assert one(graph, "Service").inputs["enableExecuteCommand"] is True
    document = policy(graph, "backend-execute-command")
    for action in ("CreateControlChannel", "CreateDataChannel", "OpenControlChannel", "OpenDataChannel"):
        assert allows(document, action=f"ssmmessages:{action}", resource="*") is Decision.ALLOW
    # Tasks start after and stop before the permissions of their program.
    granted = {one(graph, "RolePolicy", "backend-execute-command").urn, one(graph, "RolePolicyAttachment").urn}
    assert granted <= {*one(graph, "TaskDefinition").dependencies}


def test_scaling_has_bounds_and_takes_over_the_number() -> None:
    graph = fargate(**EVERYTHING)
    service, cluster = one(graph, "Service"), one(graph, "Cluster").state["name"]
    target = {key: value for key, value in one(graph, "Target").inputs.items() if key != "tags"}
    assert target == {
        "minCapacity": 2,
        "maxCapacity": 4,
        "serviceNamespace": "ecs",
        "scalableDimension": "ecs:service:DesiredCount",
        "resourceId": f"service/{cluster}/{service.state['name']}",
    }
    assert service.inputs["desiredCount"] == 2
    assert service.options.ignore_changes == ("desiredCount",)
    policies = graph.of_type("aws:appautoscaling/policy:Policy")
    kept = {each.name: each.inputs["targetTrackingScalingPolicyConfiguration"] for each in policies}
    wanted = {"backend-scale-by-cpu": 60, "backend-scale-by-memory": 70, "backend-scale-by-requests": 1000}
    assert {name: tracked["targetValue"] for name, tracked in kept.items()} == wanted
    metric = kept["backend-scale-by-requests"]["predefinedMetricSpecification"]
    assert metric == {"predefinedMetricType": "ALBRequestCountPerTarget", "resourceLabel": "app/x/1/targetgroup/y/2"}
    assert not names(fargate(), "Target")
    # The update waits until as many copies answer as the service wants, and scaling decides about that.
    assert [reveal(one(made, "Stash").inputs["input"])["count"] for made in (graph, fargate(count=3))] == [None, 3]


def test_a_folder_is_built_for_the_tasks_processor() -> None:
    graph = fargate(image=None, build="examples", architecture="x86_64")
    image = one(graph, "Image")
    assert image.type == "awsx:ecr:Image"
    assert image.inputs["platform"] == "linux/amd64"
    assert one(graph, "Repository").inputs["imageScanningConfiguration"]["scanOnPush"] is True
    document = policy(graph, "backend-execution-permissions")
    assert any("ecr:BatchGetImage" in statement["Action"] for statement in document["Statement"])


def test_sizes_are_those_that_aws_allows_together() -> None:
    for cpu, sizes in MEMORY_FOR_CPU.items():
        for memory in sizes:
            check(cpu, memory)
    for cpu, memory, words in (
        (256, 4096, "nearest is 2048"),
        (300, 512, "cpu is one of"),
        (1024, 1024, "2048 to 8192"),
        (4096, 8000, "8192"),
    ):
        with pytest.raises(ValueError, match=words):
            check(cpu, memory)
