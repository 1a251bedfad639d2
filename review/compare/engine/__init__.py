"""What Pulumi and the AWS provider will do: steps, replacements, refusals and waits."""
