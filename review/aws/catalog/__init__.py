"""Facts about AWS resource types: role in traffic, names, costs and IAM actions."""
