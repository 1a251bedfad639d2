"""Version of the components, for `pulumi package add` and pip alike. Semantic: CHANGELOG.md has the reasons."""

VERSION = "0.1.0"
