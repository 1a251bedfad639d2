"""Gatehouse: a private backend on AWS, reachable through API Gateway and through nothing else."""

import pulumi

from settings import load
from topologies import build

for name, value in build(load()).items():
    pulumi.export(name, value)
