"""A container image built from a folder and pushed to a repository of its own.

The repository is scanned on push, and the last ten images are kept ($0.10 a GB and month).
https://docs.aws.amazon.com/AmazonECR/latest/userguide/what-is-ecr.html
"""

from __future__ import annotations

import json
from typing import Final

import pulumi
import pulumi_aws as aws

from ..resource_options.scope import Scope

_KEPT_IMAGES: Final = 10
_PLATFORMS: Final = {"arm64": "linux/arm64", "x86_64": "linux/amd64"}


def build_image(scope: Scope, folder: str, architecture: str) -> pulumi.Output[str]:
    """Returns the reference of the image, by digest. Needs Docker with buildx where Pulumi runs."""
    # Only here: it is slow to import, and few stacks build.
    import pulumi_awsx as awsx

    repository = aws.ecr.Repository(
        f"{scope.name}-repository",
        image_scanning_configuration=aws.ecr.RepositoryImageScanningConfigurationArgs(scan_on_push=True),
        # Images belong to the stack: they go with it.
        force_delete=True,
        tags=scope.build_tags("repository"),
        opts=scope.child_options(),
    )
    aws.ecr.LifecyclePolicy(
        f"{scope.name}-repository-lifecycle",
        repository=repository.name,
        policy=json.dumps(
            {
                "rules": [
                    {
                        "rulePriority": 1,
                        "description": f"Keep the last {_KEPT_IMAGES} images",
                        "selection": {
                            "tagStatus": "any",
                            "countType": "imageCountMoreThan",
                            "countNumber": _KEPT_IMAGES,
                        },
                        "action": {"type": "expire"},
                    }
                ]
            }
        ),
        opts=scope.child_options(),
    )
    image = awsx.ecr.Image(
        f"{scope.name}-image",
        repository_url=repository.repository_url,
        context=folder,
        # The builder's own processor otherwise, which need not be the task's.
        platform=_PLATFORMS[architecture],
        opts=scope.child_options(),
    )
    return image.image_uri
