"""IAM policies: statements, and the permissions of a program, divided over the policies that a role holds."""
