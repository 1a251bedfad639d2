"""Parts of NatInstance: the boot script and the alarms."""
