"""Facts in the names of instance types."""

import json
import re
from typing import get_args

import pulumi_aws as aws
import pytest

from components.facts.aws_names import is_instance_type, suggest_instance_type
from components.facts.instance_types import (
    Architecture,
    describe_boot_obstacle,
    find_architecture,
    is_accelerated,
    is_burstable,
)
from tools.aws_names import FILE, build_names

ARM64 = """
t4g.nano mac2.metal mac2-m2.metal mac-m4.metal p6e-gb200.36xlarge m7g.large c7gn.2xlarge r8gd.metal-24xl im4gn.large
is4gen.large g5g.xlarge a1.large
"""
X86 = "t3.micro mac1.metal t3a.nano m7i-flex.large g4dn.xlarge g5.xlarge c7i.large u-6tb1.metal inf2.xlarge"


@pytest.mark.parametrize("name", [*ARM64.split(), *X86.split()])
def test_graviton_and_apple_are_arm64_and_the_rest_is_x86(name: str) -> None:
    assert find_architecture(name) == ("arm64" if name in ARM64.split() else "x86_64")


def test_only_the_t_family_runs_on_credits() -> None:
    found = {name: is_burstable(name) for name in ("t4g.nano", "t2.micro", "m7g.medium", "trn1.2xlarge")}
    assert found == {"t4g.nano": True, "t2.micro": True, "m7g.medium": False, "trn1.2xlarge": False}


def test_accelerated_series_are_distinguished_among_all_that_the_sdk_lists() -> None:
    names = [kind.value for kind in aws.ec2.InstanceType]
    assert {find_architecture(name) for name in names} == set(get_args(Architecture))
    series = {
        wanted: {re.split(r"[-\d]", one)[0] for one in names if is_accelerated(one) is wanted}
        for wanted in (True, False)
    }
    assert series[True] == {"cg", "dl", "f", "g", "gr", "inf", "p", "trn", "vt"}
    # A new series fails here: look at AWS's page whether it has accelerators.
    assert series[False] <= {*"acdhimrtxz", "hpc", "im", "is", "mac", "u", "hs", "hi", "cc", "cr"}


SIZES = "nano, micro, small, medium, large, xlarge"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        *((name, SIZES) for name in ("t4g.mirco", "t9.huge", "t4g.xxlarge", "m7g.2large", "m7g.1xlarge", "m7g.metal-")),
        *((name, r"t4g\.micro") for name in ("", "t4g", "t4g.", "nano.t4g", "T4G.nano", "t4g nano")),
    ],
)
def test_what_ec2_has_not_is_refused_with_what_it_has(name: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        find_architecture(name)


@pytest.mark.parametrize(("name", "words"), [("a1.medium", "Amazon Linux 2023"), ("mac2.metal", "dedicated host")])
def test_types_that_no_ordinary_instance_runs_on_are_named(name: str, words: str) -> None:
    assert words in describe_boot_obstacle(name)
    assert describe_boot_obstacle("t4g.nano") == describe_boot_obstacle("m7g.large") == ""


def test_the_lists_are_those_of_the_pinned_sdk() -> None:
    assert json.loads(FILE.read_text()) == build_names()


@pytest.mark.parametrize(
    ("name", "remedy"),
    [
        ("t5.micro", "did you mean"),
        ("t4g.4xlarge", "t4g has the sizes"),
        ("m99g.large", "did you mean m"),
        ("c7g.nano", "c7g has the sizes"),
    ],
)
def test_types_that_aws_does_not_have_are_refused_with_those_that_it_has(name: str, remedy: str) -> None:
    assert not is_instance_type(name)
    assert remedy in suggest_instance_type(name)
