"""The model of AWS over one graph: networks, load balancers, APIs, roles, and what each resource type means."""
