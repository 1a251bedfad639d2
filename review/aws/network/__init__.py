"""Networks: addresses, routes, security groups, load balancers and names."""
