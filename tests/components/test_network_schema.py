"""Network and backend serve programs in other languages: the component provider understands their arguments."""

import json

from components.ec2_backend import Ec2Backend
from components.nat_instance import NatInstance
from components.private_network import PrivateNetwork
from components.provider import GatehouseProvider

COMPONENTS = [PrivateNetwork, NatInstance, Ec2Backend]


def test_the_schema_has_every_argument_and_output_with_words() -> None:
    schema = json.loads(GatehouseProvider(COMPONENTS, "0.0.0").schema or "")
    for component in COMPONENTS:
        found = schema["resources"][f"gatehouse:index:{component.__name__}"]
        assert found["isComponent"]
        assert set(found["properties"]) == {camel(name) for name in component.__annotations__}
        assert all(entry.get("description") for entry in found["inputProperties"].values())
        assert all(entry.get("description") for entry in found["properties"].values())
    assert schema["types"]["gatehouse:index:NatInstanceSize"]["properties"].keys() == {
        "instanceType",
        "diskGib",
        "imageId",
    }


def test_only_what_cannot_be_guessed_is_required() -> None:
    resources = json.loads(GatehouseProvider(COMPONENTS, "0.0.0").schema or "")["resources"]
    required = {name.rpartition(":")[2]: set(entry["requiredInputs"]) for name, entry in resources.items()}
    assert required == {
        "PrivateNetwork": set(),
        "NatInstance": {"vpcId", "vpcCidr", "subnetId"},
        "Ec2Backend": {"vpcId", "subnetIds"},
    }


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
