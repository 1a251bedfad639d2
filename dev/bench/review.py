"""How the time of a review grows with the resources of a stack.

For programs of different size it measures, in one process each: declaring the resources once on the mocked runtime,
and reviewing the captured graph (paths, rules, cost, diagram, text). The goal is a review of a thousand resources in
less than three times the time of declaring them.

    python dev/bench/review.py [--sizes 100,300,1000]
"""

from __future__ import annotations

import argparse
import gc
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from review.cli.command import GARBAGE  # noqa: E402 (after the path is set)
from review.evaluate.project_file import load  # noqa: E402
from review.evaluate.runner import Evaluation, run  # noqa: E402
from review.evaluate.stack_file import read_stack  # noqa: E402
from review.report.render.text import plain  # noqa: E402
from review.report.report import report  # noqa: E402

GOAL: Final = 3.0

UNIT: Final = """
    group = aws.ec2.SecurityGroup(f"group-{n}", vpc_id=vpc.id)
    aws.vpc.SecurityGroupIngressRule(f"in-{n}", security_group_id=group.id, ip_protocol="tcp", from_port=80, to_port=80,
        referenced_security_group_id=before.id)
    aws.vpc.SecurityGroupEgressRule(f"out-{n}", security_group_id=before.id, ip_protocol="tcp", from_port=80,
        to_port=80, referenced_security_group_id=group.id)
    role = aws.iam.Role(f"role-{n}", assume_role_policy=TRUST)
    profile = aws.iam.InstanceProfile(f"profile-{n}", role=role.name)
    aws.ec2.Instance(f"server-{n}", ami="ami-1", instance_type="t4g.nano", subnet_id=subnet.id,
        vpc_security_group_ids=[group.id], iam_instance_profile=profile.name,
        metadata_options={"http_tokens": "required"})
    aws.cloudwatch.LogGroup(f"logs-{n}", retention_in_days=14)
    aws.cloudwatch.MetricAlarm(f"alarm-{n}", comparison_operator="GreaterThanThreshold", evaluation_periods=1)
    aws.ssm.Parameter(f"parameter-{n}", type="String", value="x")
    aws.sns.Topic(f"topic-{n}")
    before = group
"""

PROGRAM: Final = """
import pulumi_aws as aws

TRUST = ('{{"Statement": [{{"Effect": "Allow", "Principal": {{"Service": "ec2.amazonaws.com"}}, '
         '"Action": "sts:AssumeRole"}}]}}')
vpc = aws.ec2.Vpc("vpc", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("subnet", vpc_id=vpc.id, cidr_block="10.0.0.0/20")
before = aws.ec2.SecurityGroup("first", vpc_id=vpc.id)
for n in range({units}):
{unit}
"""
_PER_UNIT: Final = 10


def measure(resources: int) -> tuple[int, float, float]:
    """Resources, seconds to declare them, seconds to review them."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "Pulumi.yaml").write_text("name: large\nruntime: python\n")
        (root / "Pulumi.dev.yaml").write_text("config: {'aws:region': eu-west-1}\n")
        (root / "__main__.py").write_text(PROGRAM.format(units=resources // _PER_UNIT, unit=UNIT))
        project = load(root)
        stack = read_stack(project, "dev")
        # What is loaded once is not what is measured: the SDK's modules, and the rules.
        warm = run(project, stack)
        report(Evaluation(warm, warm))
        start = time.perf_counter()
        graph = run(project, stack)
        declared = time.perf_counter()
        plain(report(Evaluation(graph, graph)))
        return len(graph.resources), declared - start, time.perf_counter() - declared


def main() -> int:
    """Print a line for each size."""
    gc.set_threshold(GARBAGE)  # as the command does
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--sizes", default="100,300,1000")
    ratio = 0.0
    print(f"{'resources':>10} {'declare':>10} {'review':>10} {'ratio':>7}")
    for size in options.parse_args().sizes.split(","):
        count, declared, reviewed = measure(int(size))
        ratio = reviewed / declared
        print(f"{count:>10} {declared:>9.2f}s {reviewed:>9.2f}s {ratio:>7.2f}")
    print(f"goal: a ratio below {GOAL:g} at the largest size")
    return 0 if ratio < GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
