"""What PrivateIngress is made of: balancers and the registry."""
