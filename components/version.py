"""Version of the components, for `pulumi package add` and pip alike. Semantic: CHANGELOG.md says why it moved."""

VERSION = "0.1.0"
