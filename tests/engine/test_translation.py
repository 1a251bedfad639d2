"""The plugin's pure translation, by a schema made here: no binary and no emulator."""

from __future__ import annotations

from typing import Any

import pytest

from tests.engine.aws_plugin import autonaming, cty, names, wire
from tests.engine.aws_plugin.proposed import proposed
from tests.engine.aws_plugin.protocol import MESSAGES
from tests.engine.aws_plugin.schema import Attribute, Block, Nested, Schema
from tests.engine.aws_plugin.translate import Translation, TranslationError

INSTANCE = "aws:ec2/instance:Instance"


def attribute(kind: Any = "string", *, computed: bool = False, optional: bool = True) -> Attribute:
    return Attribute(type=kind, required=False, optional=optional, computed=computed, sensitive=False, write_only=False)


BLOCK = Block(
    {
        "ami": attribute(computed=True),
        "arn": attribute(computed=True, optional=False),
        "source_dest_check": attribute("bool"),
        "tags": attribute(["map", "string"]),
        "vpc_security_group_ids": attribute(["set", "string"], computed=True),
    },
    {
        # Terraform has a list of at most one where the SDK has an object, and a set where it has a list.
        "root_block_device": Nested(Block({"volume_size": attribute("number", computed=True)}, {}), "list", 1),
        "ebs_block_device": Nested(Block({"device_name": attribute(), "iops": attribute("number")}, {}), "set", 0),
    },
)
TRANSLATION = Translation("aws_instance", Schema(1, BLOCK), names.types_of_resource(INSTANCE))


def test_inputs_become_config_and_state_becomes_outputs() -> None:
    inputs = {
        "ami": cty.UNKNOWN,
        "sourceDestCheck": "false",
        "tags": {"theName": "a"},
        "vpcSecurityGroupIds": ["sg-2", "sg-1", "sg-2"],
        "rootBlockDevice": {"volumeSize": 8.0},
        "ebsBlockDevices": [{"deviceName": "b"}, {"deviceName": "a", "iops": "3"}],
    }
    config = TRANSLATION.config(inputs)
    assert config == {
        "ami": cty.UNKNOWN,
        "arn": None,
        "source_dest_check": False,
        "tags": {"theName": "a"},
        "vpc_security_group_ids": ["sg-1", "sg-2"],
        "root_block_device": [{"volume_size": 8}],
        "ebs_block_device": [{"device_name": "a", "iops": 3}, {"device_name": "b", "iops": None}],
    }
    assert TRANSLATION.outputs(config) == {
        "ami": cty.UNKNOWN,
        "sourceDestCheck": False,
        "tags": {"theName": "a"},
        "vpcSecurityGroupIds": ["sg-1", "sg-2"],
        "rootBlockDevice": {"volumeSize": 8},
        "ebsBlockDevices": [{"deviceName": "a", "iops": 3}, {"deviceName": "b"}],
    }


@pytest.mark.parametrize(
    ("inputs", "path"),
    [
        ({"nonsense": 1}, "nonsense"),
        ({"rootBlockDevice": {"nonsense": 1}}, "rootBlockDevice.nonsense"),
        ({"ebsBlockDevices": [{"deviceName": "a"}, {"iops": "many"}]}, "ebsBlockDevices[1].iops"),
        ({"sourceDestCheck": "perhaps"}, "sourceDestCheck"),
    ],
)
def test_a_mistake_names_the_property(inputs: dict[str, Any], path: str) -> None:
    with pytest.raises(TranslationError) as caught:
        TRANSLATION.config(inputs)
    assert caught.value.path == path


def test_paths_of_terraform_become_paths_of_properties() -> None:
    assert TRANSLATION.property_path(("root_block_device", 0, "volume_size")) == "rootBlockDevice.volumeSize"
    assert TRANSLATION.property_path(("ebs_block_device", 1, "device_name")) == "ebsBlockDevices[1].deviceName"


def test_what_the_provider_computes_stays_as_it_is_and_what_a_program_drops_goes() -> None:
    prior = {
        **BLOCK.empty(),
        "ami": "ami-1",
        "arn": "arn:1",
        "source_dest_check": False,
        "root_block_device": [{"volume_size": 8}],
        "ebs_block_device": [{"device_name": "b", "iops": 3}],
    }
    config = {
        **BLOCK.empty(),
        "root_block_device": [{"volume_size": None}],
        "ebs_block_device": [{"device_name": "a", "iops": None}, {"device_name": "b", "iops": 3}],
    }
    made = proposed(BLOCK, prior, config)
    assert (made["ami"], made["arn"], made["source_dest_check"]) == ("ami-1", "arn:1", None)
    assert made["root_block_device"] == [{"volume_size": 8}]
    assert made["ebs_block_device"] == [{"device_name": "a", "iops": None}, {"device_name": "b", "iops": 3}]


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (INSTANCE, "aws_instance"),
        ("aws:lb/loadBalancer:LoadBalancer", "aws_lb"),
        ("aws:apigateway/restApi:RestApi", "aws_api_gateway_rest_api"),
        ("aws:servicediscovery/service:Service", "aws_service_discovery_service"),
        ("aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule", "aws_vpc_security_group_ingress_rule"),
        ("aws:fsx/openZfsVolume:OpenZfsVolume", "aws_fsx_openzfs_volume"),
        ("aws:opensearch/serverlessCollection:ServerlessCollection", "aws_opensearchserverless_collection"),
    ],
)
def test_types_have_terraforms_names(token: str, expected: str) -> None:
    known = {
        "aws_instance",
        "aws_lb",
        "aws_api_gateway_rest_api",
        "aws_service_discovery_service",
        "aws_service",
        expected,
    }
    assert names.type_name(token, known) == expected


def test_a_type_that_the_provider_lacks_is_an_error() -> None:
    with pytest.raises(KeyError):
        names.type_name("aws:ec2/nothing:Nothing", {"aws_instance"})


def test_values_survive_both_wires() -> None:
    value = {"a": [1, "b", None, cty.UNKNOWN], "c": {"d": True}}
    assert cty.unpack(cty.pack(value)) == value
    sent = wire.message({"plain": 1, "hidden": wire.Secret({"x": cty.UNKNOWN})})
    read = wire.plain(sent)
    assert read == {"plain": 1, "hidden": wire.Secret({"x": cty.UNKNOWN})}
    assert wire.has_secret(read)
    assert wire.opened(read) == {"plain": 1, "hidden": {"x": cty.UNKNOWN}}


def test_names_leave_room_for_their_digits_or_are_refused() -> None:
    assert names.requires_name("aws:route53/record:Record")
    assert not names.requires_name("aws:lb/loadBalancer:LoadBalancer")
    name = autonaming.made_name("aws_lb", "x" * 24, b"seed")
    assert len(name) == 32
    assert name == autonaming.made_name("aws_lb", "x" * 24, b"seed")
    assert name != autonaming.made_name("aws_lb", "x" * 24, b"another")
    with pytest.raises(autonaming.TooLongError):
        autonaming.made_name("aws_lb", "x" * 25, b"seed")


def test_messages_have_the_protocols_numbers() -> None:
    asked = MESSAGES["PlanRequest"](type_name="t", prior_private=b"p")
    # A tag is the field's number, three bits to the left, and 2 for what has a length.
    assert asked.SerializeToString() == bytes([1 << 3 | 2, 1]) + b"t" + bytes([5 << 3 | 2, 1]) + b"p"


def test_an_instance_of_rds_is_none_of_ec2() -> None:
    assert names.type_name("aws:rds/instance:Instance", ["aws_instance", "aws_db_instance"]) == "aws_db_instance"


def test_a_lookup_has_the_name_of_its_resource_if_no_rule_finds_one() -> None:
    known = {"aws_lb", "aws_lb_listener", "aws_ami"}.__contains__
    lookups = {"lb/getLoadBalancer": "aws_lb", "lb/getListener": "aws_lb_listener", "ec2/getAmi": "aws_ami"}
    for module, expected in lookups.items():
        assert names.lookup_name(f"aws:{module}:{module.partition('/')[2]}", known) == expected
