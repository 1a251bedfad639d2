"""Resource hooks of Pulumi: their names, hooks that refuse an update, and the AWS clients of those that call AWS.

https://www.pulumi.com/docs/iac/concepts/resources/options/hooks/
"""
