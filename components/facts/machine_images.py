"""Facts of Amazon Linux 2023 that instances rest on. Other images may differ: see the table in docs/choosing.md.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/device_naming.html
"""

from typing import Final

ARCHITECTURES: Final = ("arm64", "i386", "x86_64")
"""Processors of images, by EC2's names."""

ROOT_DEVICE: Final = "/dev/xvda"
"""Name of the root device of Amazon Linux's images. Those of Ubuntu, Debian and Red Hat have `/dev/sda1`."""
