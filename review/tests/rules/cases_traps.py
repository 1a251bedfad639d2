"""Traps of the AWS provider, planted and avoided."""

from review.graph import Options
from review.tests.graph_builder import Builder
from review.tests.rules.cases import fault, quiet


def machine(build: Builder, *, check: bool, options: Options | None = None) -> None:
    interface = build("ec2/networkInterface:NetworkInterface", "door", subnetId="subnet-1", sourceDestCheck=check)
    primary = {"networkInterfaceId": interface.id}
    build("ec2/instance:Instance", "nat", ami="ami-1", primaryNetworkInterface=primary, options=options)


fault("TRAP-02", at="nat", message="turns the source and destination check of door on again")(
    lambda build: machine(build, check=False)
)
quiet("TRAP-02")(lambda build: machine(build, check=False, options=Options(ignore_changes=("sourceDestCheck",))))
quiet("TRAP-02")(lambda build: machine(build, check=False, options=Options(ignore_changes=("*",))))
quiet("TRAP-02")(lambda build: machine(build, check=False, options=Options(ignore_changes=('["sourceDestCheck"]',))))
fault("TRAP-02", at="nat", message="turns the source and destination check of door on again")(
    lambda build: machine(build, check=False, options=Options(ignore_changes=("ami",)))
)
quiet("TRAP-02")(lambda build: machine(build, check=True))
