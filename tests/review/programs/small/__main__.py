import pulumi
import pulumi_aws as aws


class Home(pulumi.ComponentResource):
    def __init__(self, name, opts=None):
        super().__init__("small:index:Home", name, {}, opts)
        child = pulumi.ResourceOptions(parent=self)
        self.vpc = aws.ec2.Vpc(f"{name}-vpc", cidr_block="10.0.0.0/16", tags={"Name": name}, opts=child)
        self.subnets = [
            aws.ec2.Subnet(
                f"{name}-{n}", vpc_id=self.vpc.id, cidr_block=f"10.0.{n}.0/24", availability_zone=zone, opts=child
            )
            for n, zone in enumerate(aws.get_availability_zones(state="available").names[:2])
        ]
        self.register_outputs({"vpc_id": self.vpc.id})


home = Home("home", pulumi.ResourceOptions(protect=True, retain_on_delete=True))
server = aws.ec2.Instance(
    "server",
    ami=aws.ssm.get_parameter_output(name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64").value,
    instance_type="t4g.micro",
    subnet_id=home.subnets[0].id,
)
pulumi.export("address", server.private_ip)
pulumi.export("size", pulumi.Config().require_int("size"))
