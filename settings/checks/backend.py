"""Rules of the backend."""

import ipaddress
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from components.compute import container_host
from components.user_data import check_kind, check_size
from facts import fargate_sizes, instance_types
from facts.container_image import parse
from facts.egress_modes import leads_out_over_ipv6_alone
from facts.limits import INSTANCE_PORTS, USER_DATA_BYTES

from ..backend import PLATFORMS, Backend, Container, Ec2, Fargate, Greeter, Url
from ..egress import modes
from ..ingress import Ingress
from ..mistakes import HIDDEN, NOTHING, Mistake
from ..network import AdoptedNetwork, NewNetwork
from ..topology import Topology
from .rule import given, mistake, rule, written

# arn:aws:secretsmanager:region:account:secret:name
_COLONS_OF_A_SECRET: Final = 6


@rule
def ec2_runs_one_thing(backend: Backend) -> Iterator[Mistake]:
    if not isinstance(backend, Ec2):
        return
    if backend.image and backend.user_data:
        yield mistake("backend.userData", backend.user_data, "image or userData, not both", "take one out")
    if not backend.image and not backend.user_data:
        yield mistake(
            "backend",
            NOTHING,
            "image or userData for an instance, url for a backend that exists, or another kind",
            "for example backend: {image: nginx:1.29, port: 80}",
        )


@rule
def instance_has_its_ports(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Ec2) and not backend.image_id and backend.port in INSTANCE_PORTS:
        yield mistake(
            "backend.port",
            backend.port,
            f"another port: {INSTANCE_PORTS[backend.port]} has this one on the instance",
            "use 8080, for example",
        )


@rule
def accelerators_need_a_driver(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Ec2) and backend.accelerator_without_driver:
        yield mistake(
            "backend.instanceType",
            backend.machine,
            instance_types.WITHOUT_ACCELERATOR,
            "use a type such as m7g.large, or imageId with the driver and userData in place of image",
        )


@rule
def platform_fits_the_processor(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Container) and backend.platform and PLATFORMS[backend.platform] is not backend.processor:
        yield mistake(
            "backend.platform",
            backend.platform,
            f"the platform of its processor, which is {backend.processor}",
            "use an image for that processor, or take out "
            + ("instanceType" if isinstance(backend, Ec2) else "architecture"),
        )


@rule
def container_settings_need_an_image(backend: Backend) -> Iterator[Mistake]:
    if not isinstance(backend, Ec2) or backend.image:
        return
    for field in ("environment", "secrets", "command", "files", "platform"):
        if value := getattr(backend, field):
            yield mistake(
                f"backend.{field}",
                # Names only: a value may be a secret.
                ", ".join(value) if isinstance(value, dict) else value if isinstance(value, str) else "set",
                "only beside image, whose container gets it",
                "give image",
            )


@rule
def variables_mean_one_thing(backend: Backend) -> Iterator[Mistake]:
    if not isinstance(backend, Container):
        return
    for name in sorted(backend.environment.keys() & backend.secrets.keys()):
        yield mistake(f"backend.secrets.{name}", "set", "a variable in environment or in secrets, not in both")
    for key, names in (("environment", backend.environment), ("secrets", backend.secrets)):
        for name in names if isinstance(backend, Ec2) else ():
            try:
                container_host.check_environment_name(name, secret=key == "secrets")
            except ValueError as error:
                yield mistake(f"backend.{key}.{name}", "set", "another name", str(error))


@rule
def files_are_in_folders(backend: Backend) -> Iterator[Mistake]:
    if not isinstance(backend, Ec2):
        return
    for path in backend.files:
        if inside := [other for other in backend.files if other.startswith(f"{path}/")]:
            yield mistake(f"backend.files.{path}", "set", f"a file or a folder: {inside[0]} is in it", "rename one")


@rule
def boot_script_fits(backend: Backend, network: NewNetwork | AdoptedNetwork) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-add-user-data.html"""
    if not isinstance(backend, Ec2):
        return
    key = "backend.userData"
    try:
        if backend.image:
            container = container_host.Container(
                parse(backend.image),
                backend.port,
                backend.port,
                backend.health_check_path,
                backend.environment,
                backend.secrets,
                command=backend.command,
                files=backend.files,
            )
            key = f"backend.{container_host.longest_part(container)}"
            container_host.boot_script(
                container, "ap-southeast-1", dual_stack=leads_out_over_ipv6_alone(modes(network))
            )
        elif backend.user_data:
            check_size(backend.user_data)
    except ValueError as error:
        yield mistake(key, "too long", f"what fits into {USER_DATA_BYTES:,} bytes", str(error))


@rule
def script_is_one_that_runs(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Ec2) and backend.user_data and not (backend.image or backend.image_id):
        try:
            check_kind(backend.user_data)
        except ValueError as error:
            yield mistake("backend.userData", HIDDEN, "a script or another format that cloud-init reads", str(error))


@rule
def fargate_runs_one_image(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Fargate) and bool(backend.image) == bool(backend.build):
        if backend.build:
            yield mistake("backend.build", backend.build, "image or build, not both", "take one out")
        else:
            yield mistake("backend.image", NOTHING, "image or build", "for example backend.image: nginx:1.29")


@rule
def spot_has_copies(backend: Backend) -> Iterator[Mistake]:
    if not isinstance(backend, Fargate) or backend.spot is None:
        return
    most = backend.scaling.maximum if backend.scaling else backend.count or 1
    if backend.spot.on_demand >= most:
        yield mistake(
            "backend.spot.onDemand",
            backend.spot.on_demand,
            f"fewer than the {most} that there are at most",
            "lower it, raise count or scaling.maximum, or take out spot",
        )


@rule
def scaling_has_room(backend: Backend) -> Iterator[Mistake]:
    if not isinstance(backend, Container) or backend.scaling is None:
        return
    scaling = backend.scaling
    if scaling.minimum > scaling.maximum:
        yield mistake("backend.scaling.minimum", scaling.minimum, f"at most the maximum, {scaling.maximum}")
    if backend.count is not None:
        yield mistake(
            "backend.count", backend.count, "count or scaling, not both", "scaling.minimum is the count to begin with"
        )
    if scaling.cpu_percent is scaling.memory_percent is scaling.requests_per_target is None:
        yield mistake(
            "backend.scaling",
            written(backend, "scaling"),
            "at least one of cpuPercent, memoryPercent, requestsPerTarget",
            "name what moves the number of copies, cpuPercent: 60 for example",
        )


@rule
def copies_need_a_balancer(backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    if (
        isinstance(backend, Ec2)
        and (backend.scaling or (backend.count or 1) > 1)
        and (ingress is None or ingress.kind == "cloud-map")
    ):
        yield mistake(
            "backend.count" if backend.count else "backend.scaling",
            backend.count or written(backend, "scaling"),
            "more than one instance only behind a load balancer",
            "add ingress: {kind: alb}",
        )


@rule
def requests_are_counted_by_an_alb(backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    wanted = isinstance(backend, Container) and backend.scaling and backend.scaling.requests_per_target
    if wanted and (ingress is None or ingress.kind != "alb"):
        yield mistake(
            "backend.scaling.requestsPerTarget",
            wanted,
            "only behind ingress.kind: alb, which counts requests",
            "use cpuPercent",
        )


@rule
def instances_count_no_memory(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Ec2) and backend.scaling and backend.scaling.memory_percent:
        yield mistake(
            "backend.scaling.memoryPercent",
            backend.scaling.memory_percent,
            "only with kind: fargate: EC2 reports no memory use of its own",
            "use cpuPercent",
        )


@rule
def fargate_has_a_size_that_aws_offers(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Fargate):
        try:
            fargate_sizes.check(backend.cpu, backend.memory)
        except ValueError as error:
            key = "backend.memory" if backend.cpu in fargate_sizes.MEMORY_FOR_CPU else "backend.cpu"
            got = backend.memory if key.endswith("memory") else backend.cpu
            yield mistake(key, got, "a pair of cpu and memory that Fargate offers", str(error))


@rule
def existing_backend_needs_its_network(
    topology: Topology, backend: Backend, network: NewNetwork | AdoptedNetwork
) -> Iterator[Mistake]:
    if not isinstance(backend, Url):
        return
    if topology is Topology.VPC_LINK:
        yield mistake(
            "backend.url",
            backend.url,
            "ec2 or fargate with topology vpc-link, which registers targets",
            "use topology: public-proxy",
        )
    elif isinstance(network, NewNetwork):
        yield mistake(
            "backend.url",
            backend.url,
            "a URL only with a network that can reach it",
            "give network.vpcId and network.subnetIds: a new VPC has no way to a backend that exists elsewhere",
        )


@rule
def url_has_one_way_out(backend: Backend) -> Iterator[Mistake]:
    if isinstance(backend, Url) and backend.cidrs and backend.security_group_id:
        yield mistake(
            "backend.cidrs", ", ".join(backend.cidrs), "cidrs or securityGroupId, not both", "the group is narrower"
        )


@rule
def cidrs_cover_the_url(backend: Backend) -> Iterator[Mistake]:
    if not isinstance(backend, Url):
        return
    ranges = [ipaddress.ip_network(cidr) for cidr in backend.cidrs]
    try:
        address = ipaddress.ip_address((urlsplit(backend.url).hostname or "").partition("%")[0])
    except ValueError:
        return
    if ranges and not any(address in found for found in ranges):
        yield mistake(
            "backend.cidrs",
            ", ".join(backend.cidrs),
            f"ranges with {address}, the address of backend.url",
            "the forwarder may call nothing else: add it, or take cidrs out",
        )


@rule
def greeter_needs_no_link(topology: Topology, backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    if isinstance(backend, Greeter) and (topology is Topology.VPC_LINK or ingress is not None):
        yield mistake(
            "backend.kind",
            "greeter",
            "a greeter straight behind the API: it is a Lambda, nothing to balance",
            "use topology: public-proxy or private-api, and no ingress",
        )


@rule
def something_checks_the_health(backend: Backend, ingress: Ingress | None) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/cloud-map/latest/api/API_HealthCheckCustomConfig.html"""
    registered = ingress is not None and ingress.kind == "cloud-map"
    if isinstance(backend, Fargate) and registered and given(backend, "health_check_path"):
        yield mistake(
            "backend.healthCheckPath",
            backend.health_check_path,
            "only behind alb or nlb, which call it: Cloud Map lists a task as soon as its container runs",
            "take it out, or use ingress.kind: alb",
        )


@rule
def secrets_are_read_whole_by_instances(backend: Backend) -> Iterator[Mistake]:
    """https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html"""
    if not isinstance(backend, Ec2):
        return
    for name, arn in backend.secrets.items():
        if ":secretsmanager:" in arn and arn.count(":") > _COLONS_OF_A_SECRET:
            whole = ":".join(arn.split(":")[: _COLONS_OF_A_SECRET + 1])
            yield mistake(
                f"backend.secrets.{name}",
                arn,
                "the ARN of a whole secret with kind: ec2; a JSON key, stage or version needs kind: fargate",
                f"write {whole}, and keep the value in a secret of its own",
            )
