"""What PrivateNetwork and NatInstance are made of: subnets, ways out, endpoints."""
