"""Parts of PrivateNetwork and NatInstance: subnets, egress, endpoints."""
