"""Paths against an independent judge of single packets, over drawn networks: no wrong "no", and no wrong "open"."""

import os
import random
from collections import Counter

import pytest

from review.tests.helpers.stack_parts import paths
from review.tests.paths.packets import declared, drawn, probes
from review.tests.paths.test_cases import truth

DRAWS = int(os.environ.get("GATEHOUSE_DRAWS", "400"))


@pytest.mark.parametrize("seed", range(4))
def test_reach_agrees_with_single_packets(seed: int) -> None:
    draw = random.Random(seed)
    counted: Counter[str] = Counter()
    for _ in range(DRAWS // 4):
        network = drawn(draw)
        passing = [probe for probe in probes(network) if network.answers(*probe)]
        ways = [way for way in paths(declared(network).graph()) if "internet" in way.source]
        found = truth(ways).replace("none", "closed")
        counted[found] += 1
        assert found == ("open" if passing else "closed"), (network, [*map(str, ways)], passing[:3])
    assert min(counted["open"], counted["closed"]) > DRAWS // 80
