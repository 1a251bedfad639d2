"""Schemas as the provider's source declares them, in both of its kits."""

from pathlib import Path

import pytest

from tools.go_schemas import ANY, Declared, declared

NAMES = 'package names\nconst (\n\tAttrName = "name"\n\tAttrVPCID = "vpc_id"\n)\n'
SDK = """
package shop

const attrOwner = "owner" // a key of its own

// @SDKResource("aws_shop_stand", name="Stand")
func resourceStand() *schema.Resource {
	older := &schema.Resource{
		Schema: map[string]*schema.Schema{"older": {Type: schema.TypeString, Optional: true, ForceNew: true}},
	}

	return &schema.Resource{
		CustomizeDiff: customdiff.All(sizeFalls),

		SchemaFunc: func() map[string]*schema.Schema {
			return map[string]*schema.Schema{
				names.AttrName: {Type: schema.TypeString, Required: true, ForceNew: true},
				attrOwner:      {Type: schema.TypeString, Optional: true, Computed: true, Description: "a, {b}"},
				"size":         {Type: schema.TypeInt, Optional: true},
				"arn":          {Type: schema.TypeString, Computed: true},
				"policy":       sdkv2.JSONDocumentSchemaOptionalForceNew(),
				"rule":         ruleSchema(),
			}
		},
	}
}

func ruleSchema() *schema.Schema {
	return &schema.Schema{
		Type:     schema.TypeSet,
		Optional: true,
		%(block)s
		Elem: &schema.Resource{
			Schema: map[string]*schema.Schema{
				names.AttrVPCID: {Type: schema.TypeString, Optional: true, ForceNew: true},
				"port":          {Type: schema.TypeInt, Optional: true, %(port)s},
			},
		},
	}
}

func sizeFalls(ctx context.Context, diff *schema.ResourceDiff, meta any) error {
	return %(condition)s
}
"""
FRAMEWORK = """
package shop

// @FrameworkResource("aws_shop_door", name="Door")
func newDoor(context.Context) (resource.ResourceWithConfigure, error) {
	return &doorResource{}, nil
}

type doorResource struct {
	baseResource
}

func (r *baseResource) Schema(ctx context.Context, request resource.SchemaRequest, response *resource.SchemaResponse) {
	response.Schema = schema.Schema{
		Attributes: map[string]schema.Attribute{
			names.AttrName: schema.StringAttribute{
				Required:      true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"colour": schema.StringAttribute{
				Optional:      true,
				PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplaceIfConfigured()},
			},
		},
		Blocks: map[string]schema.Block{
			"lock": schema.ListNestedBlock{
				NestedObject: schema.NestedBlockObject{
					Attributes: map[string]schema.Attribute{
						"key": schema.StringAttribute{Optional: true, Computed: true},
					},
				},
			},
		},
	}
}
"""


def read(
    folder: Path, condition: str = 'diff.ForceNew("size")', *, block: str = "", port: str = ""
) -> dict[str, Declared]:
    files = {
        "names/attr_consts_gen.go": NAMES,
        "internal/service/shop/stand.go": SDK % {"condition": condition, "block": block, "port": port},
        "internal/service/shop/door.go": FRAMEWORK,
        "internal/service/shop/door_test.go": FRAMEWORK.replace("door", "tested"),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return {one.name: one for one in declared(folder)}


def test_both_kits_are_read(tmp_path: Path) -> None:
    """Of each attribute: whether it replaces, whether it keeps a value, and whether there are many of it."""
    found = {
        name: {".".join(one.path): (one.replaces, one.kept, one.many) for one in kind.attributes}
        for name, kind in read(tmp_path).items()
    }
    assert found == {
        "aws_shop_stand": {
            "name": (True, False, False),
            "owner": (False, True, False),
            "size": (False, False, False),
            "policy": (True, False, False),
            "rule": (False, False, True),
            "rule.vpc_id": (True, False, False),
            "rule.port": (False, False, False),
        },
        "aws_shop_door": {
            "name": (True, False, False),
            "colour": (None, False, False),
            "lock": (False, False, True),
            "lock.key": (False, True, False),
        },
    }


@pytest.mark.parametrize(
    ("condition", "conditional"),
    [
        ('diff.ForceNew("size")', "size"),
        ("diff.ForceNew(names.AttrName)", "name"),
        ("diff.ForceNew(key)", ANY),
        ('diff.ForceNew("rule.0.port")', "rule.port"),
        ('customdiff.ForceNewIfChange("rule.0." + side, falls)', "rule"),
    ],
)
def test_what_code_makes_replace_is_conditional(condition: str, conditional: str, tmp_path: Path) -> None:
    assert read(tmp_path, condition)["aws_shop_stand"].conditional == {conditional}


@pytest.mark.parametrize(
    ("port", "rules"),
    [
        ("ForceNew: true", [("rule", True, False)]),
        ("", [("rule", False, True), ("rule.vpc_id", True, False), ("rule.port", False, False)]),
    ],
)
def test_a_block_replaces_by_its_number_unless_all_in_it_does(
    port: str, rules: list[tuple[str, bool, bool]], tmp_path: Path
) -> None:
    attributes = read(tmp_path, block="ForceNew: true,", port=port)["aws_shop_stand"].attributes
    assert [(".".join(one.path), one.replaces, one.counted) for one in attributes if one.path[0] == "rule"] == rules
