"""Machine images that are not Amazon Linux: their own root device and size decide, by EC2's answer."""

from typing import Any, Final

import pytest

from components import ApiConsumer, Ec2Backend, NatInstance
from components.testing import Mocks
from components.testing.recorder import Graph
from tests.components.arguments_of_each import BASE
from tests.helpers import mocks
from tests.helpers.declare import ProgramError, changed, declare, evaluate, one, refusal

_AMI: Final = "ami-0a1b2c3d4e5f60718"
_OWN: Final[dict[str, Any]] = {"image": None, "image_id": _AMI, "disk_gib": 100}
_SEVERAL: Final[dict[str, Any]] = {**_OWN, "count": 2, "target_group_arn": "arn"}


def declared(component: Any, args: dict[str, Any], **facts: Any) -> Graph:
    """A component, with EC2's answer about the image."""
    mocks = Mocks(lookups={"aws:ec2/getAmi:getAmi": facts})
    return evaluate(lambda: component("made", changed(BASE[component], args)), mocks)


def root(device: str, gib: int) -> dict[str, Any]:
    """The parts of an answer about the root disk, after a data disk."""
    disks = {"/dev/sdf": 500, device: gib}
    blocks = [{"deviceName": name, "ebs": {"volume_size": str(size)}} for name, size in disks.items()]
    return {"rootDeviceName": device, "blockDeviceMappings": blocks}


# https://github.com/terraform-aws-modules/terraform-aws-eks/issues/281 and #1714, chime/terraform-aws-alternat#56,
# runs-on/runs-on#207, attacksurge/ax#63, mitodl/salt-ops#289
@pytest.mark.parametrize("device", ["/dev/sda1", "/dev/xvda", "xvda", "/dev/nvme0n1"])
def test_the_disk_of_a_group_is_the_images_root_device(device: str) -> None:
    template = one(declared(Ec2Backend, _SEVERAL, **root(device, 30)), "LaunchTemplate")
    (mapping,) = template.inputs["blockDeviceMappings"]
    assert mapping["deviceName"] == device
    assert (mapping["ebs"]["volumeSize"], mapping["ebs"]["encrypted"]) == (100, "true")


def test_amazon_linux_is_not_looked_up_by_its_id() -> None:
    graph = declared(Ec2Backend, {"count": 2, "target_group_arn": "arn"}, **root("/dev/sda1", 30))
    assert one(graph, "LaunchTemplate").inputs["blockDeviceMappings"][0]["deviceName"] == "/dev/xvda"


# https://github.com/openshift/origin-ci-tool/issues/153, https://github.com/scylladb/scylladb/issues/6999
_REFUSED: Final = [
    ({**root("/dev/sda1", 101)}, "disk_gib: got 100; at least 101: the disk holds the snapshot"),
    ({"rootDeviceType": "instance-store"}, "whose root device is an EBS volume"),
    ({"architecture": "x86_64"}, "an image for arm64, the processor of t4g."),
]
_MACHINES: Final = [
    (Ec2Backend, _OWN),
    (Ec2Backend, _SEVERAL),
    (NatInstance, {"image_id": _AMI, "disk_gib": 100}),
    (ApiConsumer, {"image_id": _AMI, "disk_gib": 100}),
]


@pytest.mark.parametrize(("component", "args"), _MACHINES)
@pytest.mark.parametrize(("facts", "want"), _REFUSED)
def test_an_image_that_the_instance_cannot_start_from_is_refused(
    component: Any, args: dict[str, Any], facts: dict[str, Any], want: str
) -> None:
    with pytest.raises(ProgramError) as refused:
        declared(component, args, **facts)
    assert want in str(refused.value)


@pytest.mark.parametrize(("component", "args"), _MACHINES)
def test_a_named_image_needs_the_size_of_its_disk(component: Any, args: dict[str, Any]) -> None:
    """Eight GiB beside an image that needs 30 fail in the middle of an update: InvalidBlockDeviceMapping."""
    error = str(refusal(lambda: component("made", changed(BASE[component], {**args, "disk_gib": None}))))
    assert "disk_gib: " in error
    assert "the size of the disk for the image" in error


@pytest.mark.parametrize("size", [100, 30])
def test_an_image_that_fits_is_started(size: int) -> None:
    found = root("/dev/sda1", 30)
    graph = declared(Ec2Backend, {**_OWN, "disk_gib": size}, **found, architecture="arm64")
    instance = one(graph, "Instance").inputs
    assert (instance["ami"], instance["rootBlockDevice"]["volumeSize"]) == (_AMI, size)


def test_an_image_that_the_region_lacks_is_refused_in_our_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(_context: Any, _asked: Any) -> dict[str, Any]:
        raise mocks.LookupRefusedError("Your query returned no results. Please change your search criteria")

    monkeypatch.setitem(mocks.ANSWERS, "aws:ec2/getAmi:getAmi", answer)
    with pytest.raises(ProgramError, match=f"image_id: got '{_AMI}'; AWS finds no machine image"):
        declare(lambda: Ec2Backend("made", changed(BASE[Ec2Backend], _OWN)))
