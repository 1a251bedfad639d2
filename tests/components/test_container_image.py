"""Image references taken apart."""

import pytest

from components.facts.container_image import Place, parse
from components.facts.egress_modes import Need

ECR = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/app:1.0"


@pytest.mark.parametrize(
    ("reference", "place", "needs"),
    [
        ("s3://images/releases/app-1.0.tar.gz", Place.S3, set()),
        (ECR, Place.ECR, {Need.ECR_IMAGE}),
        ("123456789012.dkr-ecr.eu-west-1.on.aws/app@sha256:" + "0" * 64, Place.ECR, {Need.ECR_IMAGE}),
        ("123456789012.dkr.ecr.us-gov-west-1.amazonaws.com/app", Place.ECR, {Need.ECR_IMAGE}),
        ("public.ecr.aws/nginx/nginx:1.27", Place.ECR_PUBLIC, {Need.PUBLIC_ECR_IMAGE}),
        ("nginx", Place.REGISTRY, {Need.DUAL_STACK_IMAGE}),
        ("team/app:1.0", Place.REGISTRY, {Need.DUAL_STACK_IMAGE}),
        ("docker.io/team/app:1.0", Place.REGISTRY, {Need.DUAL_STACK_IMAGE}),
        ("quay.io/team/app", Place.REGISTRY, {Need.DUAL_STACK_IMAGE}),
        ("ghcr.io/team/app", Place.REGISTRY, {Need.PUBLIC_IMAGE}),
        ("localhost/app", Place.REGISTRY, {Need.PUBLIC_IMAGE}),
        ("registry.invalid:5000/team/app:1.0", Place.REGISTRY, {Need.PUBLIC_IMAGE}),
    ],
)
def test_where_an_image_lies_and_what_it_takes_to_get_it(reference: str, place: Place, needs: set[Need]) -> None:
    image = parse(reference)
    assert (image.place, set(image.needs)) == (place, needs)
    assert image.reference == reference


@pytest.mark.parametrize(
    ("reference", "over_ipv6"),
    [
        (ECR, "123456789012.dkr-ecr.eu-west-1.on.aws/team/app:1.0"),
        ("public.ecr.aws/nginx/nginx:1.27", "ecr-public.aws.com/nginx/nginx:1.27"),
        (
            "1" * 12 + ".dkr.ecr.cn-north-1.amazonaws.com.cn/app",
            "1" * 12 + ".dkr-ecr.cn-north-1.on.amazonwebservices.com.cn/app",
        ),
        ("nginx:1.27", "nginx:1.27"),
        ("s3://images/app.tar", "s3://images/app.tar"),
    ],
)
def test_the_name_over_ipv6_is_another_name_of_the_same_image(reference: str, over_ipv6: str) -> None:
    image = parse(reference).to_ipv6_name()
    assert image.reference == over_ipv6
    assert image.to_ipv6_name() == image
    assert image.repository == parse(reference).repository


NO_IMAGES = """
s3://images s3://Images/app.tar https://registry.invalid/app:1.0 Nginx:1.27 nginx:$(id) -v/etc:/etc
"""


@pytest.mark.parametrize("reference", ["", "s3://images/app; rm -rf x", "nginx:1.27 --privileged", *NO_IMAGES.split()])
def test_text_that_names_no_image_is_refused(reference: str) -> None:
    with pytest.raises(ValueError, match=r"named"):
        parse(reference)
