"""Policies of TLS, by which AWS takes only calls of some versions.

https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-list.html
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/secure-connections-supported-viewer-protocols-ciphers.html
"""

import re
from typing import Final

_NAMED: Final = re.compile(r"(?:TLS(?:13)?|FS)[-_]1[-_](\d)|(?:_TLS1|TLSv1\.)(\d)_")
"""The oldest version by name: 1.2 of `ELBSecurityPolicy-TLS13-1-2-2021-06`, 1.3 of `SecurityPolicy_TLS13_2025_EDGE`."""
