"""The model of AWS over one graph: networks, load balancers, APIs, roles, and facts about resource types."""
