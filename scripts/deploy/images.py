"""Images are named by digest: a tag may mean another image tomorrow."""

from __future__ import annotations

import re

from botocore.exceptions import ClientError

from scripts.operations.errors import DENIED, OperationError, code
from scripts.operations.screen import say
from scripts.operations.target import Target

BY_DIGEST = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/"
    r"(?P<repository>[a-z0-9][a-z0-9._/-]*)@(?P<digest>sha256:[0-9a-f]{64})"
)


def checked(target: Target, image: str) -> str:
    """The image, if it is named by digest and the registry has it.

    :raises OperationError: when not
    """
    match = BY_DIGEST.fullmatch(image)
    if match is None:
        raise OperationError(
            f"IMAGE={image} names no image of ECR by digest, so it may be another one tomorrow. Nothing was changed. "
            f"Find the digest of a tag: {_how(target, image)} ; then IMAGE=<repository>@sha256:..."
        )
    if (match["account"], match["region"]) == (target.account, target.region):
        _ask_registry(target, match["repository"], match["digest"])
    else:
        say(f"The image is in account {match['account']}, {match['region']}: whether it exists is not checked.")
    return image


def _ask_registry(target: Target, repository: str, digest: str) -> None:
    """:raises OperationError: when the registry says that it has no such image"""
    try:
        found = target.client("ecr").describe_images(repositoryName=repository, imageIds=[{"imageDigest": digest}])
    except ClientError as error:
        if code(error) in DENIED:
            say(f"These credentials may not look into {repository}: whether the image exists is not checked.")
            return
        if code(error) not in ("ImageNotFoundException", "RepositoryNotFoundException"):
            raise
        found = {}
    if not found.get("imageDetails"):
        newest = (
            f"aws ecr describe-images --repository-name {repository} --region {target.region} "
            "--query 'sort_by(imageDetails,&imagePushedAt)[-5:].[imageDigest,imageTags]'"
        )
        raise OperationError(f"{repository} has no image {digest}. Nothing was changed. See what it has: {newest}")


def _how(target: Target, image: str) -> str:
    """The command that tells the digest of the tag in ``image``."""
    name, _, tag = image.rpartition("/")[2].partition("@")[0].partition(":")
    return (
        f"aws ecr describe-images --repository-name {name or 'sparta'} --image-ids imageTag={tag or '<tag>'} "
        f"--region {target.region} --query 'imageDetails[0].imageDigest' --output text"
    )
