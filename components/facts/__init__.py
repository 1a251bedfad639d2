"""Facts that the program and the review share: limits of AWS, defaults, and lists of regions, hosts, images and sizes.

Nothing here imports another part of the project. Each of the two wheels has a copy of this folder, so that a program
and the review of it may have different versions.

Each fact names its source where it stands. If you change one, read the source again and change its day here.
"""

from typing import Final

READ_ON: Final = {
    "aws_names": "2026-11-29",
    "aws_permissions": "2026-11-26",
    "container_image": "2026-11-23",
    "egress_modes": "2026-11-28",
    "endpoint_policies": "2026-11-23",
    "endpoint_ports": "2026-11-28",
    "endpoint_services": "2026-11-28",
    "fargate_sizes": "2026-11-28",
    "instance_types": "2026-11-22",
    "limits": "2026-11-28",
    "registries": "2026-11-21",
    "route_paths": "2026-11-27",
}
"""Days on which the sources of each module were read last.

Of `limits`, those of VPC links, resource policies, Lambda's time-outs and sizes of disks; the others by 23 November.
Lists in JSON have a day for each entry.
"""
