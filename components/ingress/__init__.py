"""Parts of PrivateIngress: balancers and the registry."""
