"""What moto's instances, launch templates and groups of instances lack."""

from __future__ import annotations

from typing import Any, Final

_SMALLER: Final = "The target volume size must be greater than or equal to the existing size of the volume."


def interfaces_left_by_instances() -> None:
    """A terminated instance lets go of the interfaces that are not deleted with it."""
    from moto.ec2.models.instances import Instance

    original = Instance.terminate

    def terminate(self: Any) -> Any:
        left = [each for each in self.nics.values() if not each.delete_on_termination]
        state = original(self)
        for each in left:
            # The instance goes on naming it: moto describes a terminated instance by its interfaces.
            each.instance = each.attachment_id = each.attach_time = each.device_index = None
            each.status = "available"
        return state

    Instance.terminate = terminate


def checks_of_instances() -> None:
    """An instance shows the source/destination check of its first interface."""
    from moto.ec2.models.instances import Instance

    original = Instance.__init__

    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        if 0 in self.nics:
            self.source_dest_check = self.nics[0].source_dest_check

    Instance.__init__ = made


def groups_of_instances() -> None:
    """An instance has the groups of its first interface, and loses them by no change of another attribute."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface
    from moto.ec2.models.instances import Instance
    from moto.ec2.responses import EC2Response

    original = EC2Response._security_grp_instance_attribute_handler

    def groups(self: Any) -> Any:
        nics = vars(self).get("nics") or {}
        return nics[0]._group_set if 0 in nics else vars(self)["_given_groups"]

    def given(self: Any, value: Any) -> None:
        vars(self)["_given_groups"] = value
        if 0 in (vars(self).get("nics") or {}):
            self.nics[0]._group_set = value

    def named(self: Any) -> bool:
        return bool(original(self)) if self._get_param("Groups") else True

    Instance.security_groups = property(groups, given)
    EC2Response._security_grp_instance_attribute_handler = named
    NetworkInterface.group_set = property(lambda self: self._group_set)


def addresses_of_instances() -> None:
    """An interface without a public address has no association, and gets the IPv6 addresses that a launch counts."""
    from moto.ec2.models.elastic_network_interfaces import NetworkInterface
    from moto.ec2.models.instances import Instance

    association, prepare = NetworkInterface.association, Instance.prep_nics

    def prepared(self: Any, specified: list[dict[str, Any]], **kwargs: Any) -> None:
        first = next((each for each in specified if int(each["DeviceIndex"]) == 0), {})
        if kwargs.get("ipv6_address_count") is None and first.get("Ipv6AddressCount"):
            kwargs["ipv6_address_count"] = int(first["Ipv6AddressCount"])
        prepare(self, specified, **kwargs)

    NetworkInterface.association = property(lambda self: association.fget(self) or None)
    Instance.prep_nics = prepared


def recovery_of_instances() -> None:
    """An instance shows whether EC2 recovers it."""
    from moto.ec2.models.instances import Instance
    from moto.ec2.responses import EC2Response

    original = EC2Response.run_instances

    def run(self: Any) -> Any:
        answer = original(self)
        if recovery := self._get_param("MaintenanceOptions.AutoRecovery"):
            for instance in answer.result.instances:
                instance.maintenance_options = {"AutoRecovery": recovery}
        return answer

    Instance.maintenance_options = {"AutoRecovery": "default"}
    EC2Response.run_instances = run


def data_of_launch_templates() -> None:
    """A template gives instances none of its own tags, and user data of later versions is in the form of the first."""
    from moto.ec2.models.launch_templates import LaunchTemplateVersion
    from moto.ec2.utils import parse_user_data

    original = LaunchTemplateVersion.__init__

    def made(self: Any, template: Any, number: int, data: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        given = data.get("TagSpecifications")
        if given:
            kept = [each for each in given if each.get("ResourceType") != "launch-template"]
            data = {**data, "TagSpecifications": kept}
        script = data.get("UserData")
        if isinstance(script, str):
            data = {**data, "UserData": parse_user_data(script)}
        original(self, template, number, data, *args, **kwargs)

    LaunchTemplateVersion.__init__ = made


def disks_that_grow() -> None:
    """A disk cannot become smaller, and EC2 shows only the latest modification of a disk.

    https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ModifyVolume.html
    """
    from moto.ec2.exceptions import EC2ClientError
    from moto.ec2.models import EC2Backend

    modify = EC2Backend.modify_volume

    def modify_volume(self: Any, volume_id: str, target_size: Any = None, *args: Any, **kwargs: Any) -> Any:
        volume = self.get_volume(volume_id)
        if target_size is not None and int(target_size) < int(volume.size):
            raise EC2ClientError("InvalidParameterValue", _SMALLER)
        volume.modifications.clear()
        return modify(self, volume_id, target_size, *args, **kwargs)

    EC2Backend.modify_volume = modify_volume
