"""Version of the components, for `pulumi package add` and pip alike. Semantic: CHANGELOG.md has the reasons."""

VERSION = "0.1.0"
REPOSITORY = "OWNER/REPOSITORY"
"""Owner and name at GitHub, as the documents have them: `make release ARGS="--repository owner/name"` fills it in."""
