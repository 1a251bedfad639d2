"""Parts of PrivateNetwork: subnets, egress, endpoints."""
