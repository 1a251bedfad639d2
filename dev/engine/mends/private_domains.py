"""What moto's private domains of API Gateway lack."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote


def private_domains() -> None:
    """A private domain has an ID, an ARN with it, and a policy; endpoints are associated with it by that ARN."""
    from moto.apigateway.models import DomainName
    from moto.apigateway.responses import APIGatewayResponse
    from moto.apigateway.urls import url_paths
    from moto.moto_api._internal import mock_random

    create, show = APIGatewayResponse.create_domain_name, DomainName.to_json
    other_tags = APIGatewayResponse.get_tags

    def create_domain_name(self: Any) -> Any:
        status, headers, _ = create(self)
        name = self._get_param("domainName")
        domain = self.backend.get_domain_name(name)
        if "PRIVATE" in (domain.endpoint_configuration or {}).get("types", ()):
            identifier = mock_random.get_random_hex(10)
            account, region = self.backend.account_id, self.backend.region_name
            arn = f"arn:aws:apigateway:{region}:{account}:/domainnames/{name}+{identifier}"
            domain.private = {"domainNameId": identifier, "domainNameArn": arn, "policy": self._get_param("policy")}
        return status, headers, json.dumps(domain.to_json())

    def associations(self: Any) -> dict[str, Any]:
        held: dict[str, Any] = vars(self.backend).setdefault("domain_name_access_associations", {})
        return held

    def create_association(self: Any) -> tuple[int, dict[str, str], str]:
        given = json.loads(self.body)
        arn = given["domainNameArn"].replace("/domainnames/", "/domainnameaccessassociations/domainname/")
        made = {"domainNameAccessAssociationArn": f"{arn}/vpcesource/{given['accessAssociationSource']}", **given}
        associations(self)[made["domainNameAccessAssociationArn"]] = made
        return 201, {}, json.dumps(made)

    def get_associations(self: Any) -> str:
        return json.dumps({"item": list(associations(self).values())})

    def delete_association(self: Any) -> tuple[int, dict[str, str], str]:
        associations(self).pop(unquote(self.path).partition("/domainnameaccessassociations/")[2])
        return 202, {}, "{}"

    def get_tags(self: Any) -> Any:
        _, _, arn = unquote(self.path).partition("/tags/")
        if "/domainnameaccessassociations/" not in arn:
            return other_tags(self)
        return json.dumps({"tags": associations(self)[arn].get("tags", {})})

    APIGatewayResponse.get_tags = get_tags
    APIGatewayResponse.create_domain_name = create_domain_name
    DomainName.to_json = lambda self: {**show(self), **vars(self).get("private", {})}
    APIGatewayResponse.create_domain_name_access_association = create_association
    APIGatewayResponse.get_domain_name_access_associations = get_associations
    APIGatewayResponse.delete_domain_name_access_association = delete_association
    name = "domainnameaccessassociations"
    for path in (f"{name}$", f"{name}/(?P<arn>.+)$", f"tags/(?P<arn>[^/]+/{name}/.+)$"):
        url_paths[f"{{0}}/{path}"] = APIGatewayResponse.dispatch
