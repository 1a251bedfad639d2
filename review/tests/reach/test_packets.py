"""Reach beside an independent judge of single packets, over drawn networks: no wrong "no", and no wrong "open"."""

import os
import random
from collections import Counter

import pytest

from review.tests.reach.packets import declared, drawn, probes
from review.tests.reach.test_unknown_is_not_absent import answer, ways

DRAWS = int(os.environ.get("GATEHOUSE_DRAWS", "400"))


@pytest.mark.parametrize("seed", range(4))
def test_reach_agrees_with_single_packets(seed: int) -> None:
    draw = random.Random(seed)
    counted: Counter[str] = Counter()
    for _ in range(DRAWS // 4):
        network = drawn(draw)
        build = declared(network)
        passing = [probe for probe in probes(network) if network.answers(*probe)]
        found = answer(build)
        counted[found] += 1
        assert found == ("open" if passing else "no"), (network, ways(build), passing[:3])
    print(dict(counted))
    assert min(counted["open"], counted["no"]) > DRAWS // 80
