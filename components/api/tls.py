"""The oldest TLS that an API and its domain speak, as API Gateway names it.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies.html
"""

from typing import Final

SECURITY_POLICIES: Final = {"1.2": "TLS_1_2", "1.3": "SecurityPolicy_TLS13_1_3_2025_09"}
