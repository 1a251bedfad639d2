"""A network and a Fargate service as programs without Gatehouse's components declare them."""

import pulumi
import pulumi_aws as aws


def trust(service):
    return aws.iam.get_policy_document(
        statements=[{"actions": ["sts:AssumeRole"], "principals": [{"type": "Service", "identifiers": [service]}]}]
    ).json


def network():
    vpc = aws.ec2.Vpc(
        "main", cidr_block="10.20.0.0/16", enable_dns_support=True, enable_dns_hostnames=True, tags={"Name": "main"}
    )
    igw = aws.ec2.InternetGateway("igw", vpc_id=vpc.id)
    public_rt = aws.ec2.RouteTable("public-rt", vpc_id=vpc.id)
    aws.ec2.Route("public-default", route_table_id=public_rt.id, destination_cidr_block="0.0.0.0/0", gateway_id=igw.id)
    public, private = [], []
    for i, az in enumerate(["eu-west-1a", "eu-west-1b"]):
        s = aws.ec2.Subnet(
            f"public-{az}",
            vpc_id=vpc.id,
            cidr_block=f"10.20.{i}.0/24",
            availability_zone=az,
            map_public_ip_on_launch=True,
        )
        aws.ec2.RouteTableAssociation(f"public-{az}", subnet_id=s.id, route_table_id=public_rt.id)
        public.append(s)
    eip = aws.ec2.Eip("nat-eip", domain="vpc")
    nat = aws.ec2.NatGateway(
        "nat",
        allocation_id=eip.allocation_id,
        subnet_id=public[0].id,
        connectivity_type="public",
        opts=pulumi.ResourceOptions(depends_on=[igw]),
    )
    private_rt = aws.ec2.RouteTable("private-rt", vpc_id=vpc.id)
    aws.ec2.Route(
        "private-default", route_table_id=private_rt.id, destination_cidr_block="0.0.0.0/0", nat_gateway_id=nat.id
    )
    for i, az in enumerate(["eu-west-1a", "eu-west-1b"]):
        s = aws.ec2.Subnet(f"private-{az}", vpc_id=vpc.id, cidr_block=f"10.20.{10 + i}.0/24", availability_zone=az)
        aws.ec2.RouteTableAssociation(f"private-{az}", subnet_id=s.id, route_table_id=private_rt.id)
        private.append(s)
    return vpc, private


def fargate(vpc, private, tg, lb_group, wait=None, image="nginx:1.27"):
    cluster = aws.ecs.Cluster("cluster", settings=[{"name": "containerInsights", "value": "enabled"}])
    logs = aws.cloudwatch.LogGroup("app", retention_in_days=14)
    execution = aws.iam.Role("execution", assume_role_policy=trust("ecs-tasks.amazonaws.com"))
    aws.iam.RolePolicyAttachment(
        "execution",
        role=execution.name,
        policy_arn="arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy",
    )
    task_role = aws.iam.Role("task", assume_role_policy=trust("ecs-tasks.amazonaws.com"))
    sg = aws.ec2.SecurityGroup("app", vpc_id=vpc.id, description="app")
    if lb_group is not None:
        aws.vpc.SecurityGroupIngressRule(
            "app-in",
            security_group_id=sg.id,
            ip_protocol="tcp",
            from_port=8080,
            to_port=8080,
            referenced_security_group_id=lb_group.id,
        )
    aws.vpc.SecurityGroupEgressRule("app-out", security_group_id=sg.id, ip_protocol="-1", cidr_ipv4="0.0.0.0/0")
    td = aws.ecs.TaskDefinition(
        "app",
        family="app",
        cpu="256",
        memory="512",
        network_mode="awsvpc",
        requires_compatibilities=["FARGATE"],
        execution_role_arn=execution.arn,
        task_role_arn=task_role.arn,
        runtime_platform={"cpu_architecture": "X86_64", "operating_system_family": "LINUX"},
        container_definitions=pulumi.Output.json_dumps(
            [
                {
                    "name": "app",
                    "image": image,
                    "essential": True,
                    "portMappings": [{"containerPort": 8080, "protocol": "tcp"}],
                    "logConfiguration": {
                        "logDriver": "awslogs",
                        "options": {
                            "awslogs-group": logs.name,
                            "awslogs-region": "eu-west-1",
                            "awslogs-stream-prefix": "app",
                        },
                    },
                }
            ]
        ),
    )
    service = aws.ecs.Service(
        "app",
        cluster=cluster.arn,
        task_definition=td.arn,
        desired_count=2,
        launch_type="FARGATE",
        platform_version="LATEST",
        enable_execute_command=False,
        health_check_grace_period_seconds=60,
        deployment_circuit_breaker={"enable": True, "rollback": True},
        network_configuration={
            "subnets": [s.id for s in private],
            "security_groups": [sg.id],
            "assign_public_ip": False,
        },
        opts=pulumi.ResourceOptions(depends_on=wait or []),
        **tg,
    )
    target = aws.appautoscaling.Target(
        "scale",
        service_namespace="ecs",
        scalable_dimension="ecs:service:DesiredCount",
        resource_id=pulumi.Output.concat("service/", cluster.name, "/", service.name),
        min_capacity=2,
        max_capacity=6,
    )
    aws.appautoscaling.Policy(
        "scale",
        policy_type="TargetTrackingScaling",
        service_namespace=target.service_namespace,
        scalable_dimension=target.scalable_dimension,
        resource_id=target.resource_id,
        target_tracking_scaling_policy_configuration={
            "target_value": 60,
            "predefined_metric_specification": {"predefined_metric_type": "ECSServiceAverageCPUUtilization"},
        },
    )
    return sg
