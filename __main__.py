"""Gatehouse: a private backend on AWS, reachable through API Gateway and through nothing else."""

from components import stack

stack.run()
