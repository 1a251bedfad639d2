"""Stack files give a program what the CLI would give it, or are refused with every mistake at once."""

import json
import os
import re
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from review.evaluate.problems import StackFileError
from review.evaluate.project_file import Project, load
from review.evaluate.stack_file import STAND_IN, Stack, from_document, list_stacks, read_stack
from review.evaluate.yaml_text import read_mapping

PROJECT = """
name: small
runtime: {name: python, options: {virtualenv: venv}}
config:
  aws:region: eu-west-1
  size: 3
  label:
    type: string
    default: hello
  zones:
    type: array
    items: {type: string}
    default: [a]
  token:
    type: string
    secret: true
    description: no default
"""


def written(tmp_path: Path, project: str = PROJECT, stack: str = "config: {token: {secure: v1:x}}") -> Project:
    (tmp_path / "Pulumi.yaml").write_text(project)
    (tmp_path / "Pulumi.dev.yaml").write_text(stack)
    (tmp_path / "__main__.py").write_text("")
    return load(tmp_path)


def stack_of(tmp_path: Path, text: str, project: str = "name: small\nruntime: python\n") -> Stack:
    return read_stack(written(tmp_path, project, text), "dev")


def refused(tmp_path: Path, text: str, project: str = PROJECT) -> list[str]:
    with pytest.raises(StackFileError) as caught:
        stack_of(tmp_path, text, project)
    return [str(problem) for problem in caught.value.problems]


def test_defaults_foreign_values_and_the_projects_namespace(tmp_path: Path) -> None:
    stack = stack_of(tmp_path, "config: {size: 4, other:thing: x, token: {secure: v1:x}}", PROJECT)
    assert stack.name == "dev"
    assert stack.config == {
        "aws:region": "eu-west-1",
        "small:size": "4",
        "small:label": "hello",
        "small:zones": '["a"]',
        "small:token": STAND_IN,
        "other:thing": "x",
    }
    assert stack.secret_keys == ("small:token",)


def test_an_environment_with_a_usual_name_is_taken_where_the_named_one_is_not_there(tmp_path: Path) -> None:
    """Pulumi's templates name `venv`; the action makes `.venv` if neither is."""
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").touch()
    assert written(tmp_path).virtualenv == tmp_path.resolve() / ".venv"


@pytest.mark.parametrize(
    ("toolchain", "marks", "found"),
    [
        ("uv", ("uv.lock",), True),
        ("uv", ("pyproject.toml",), True),
        ("poetry", ("pyproject.toml",), True),
        ("pip", ("uv.lock", "pyproject.toml"), False),
        ("uv", (), False),
    ],
)
def test_a_member_of_a_workspace_has_the_environment_of_the_whole(
    toolchain: str, marks: tuple[str, ...], found: bool, tmp_path: Path
) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for name in (".venv/bin/python", *marks):
        (tmp_path / name).touch()
    (tmp_path / "infra/shop").mkdir(parents=True)
    project = f"name: small\nruntime: {{name: python, options: {{toolchain: {toolchain}}}}}\n"
    assert written(tmp_path / "infra/shop", project).virtualenv == (tmp_path.resolve() / ".venv" if found else None)


def test_a_value_of_the_stack_wins_whole(tmp_path: Path) -> None:
    project = "name: small\nruntime: python\nconfig: {o: {type: object, default: {a: 1, b: 2}}}\n"
    assert stack_of(tmp_path, "config: {o: {b: 3}}", project).config == {"small:o": '{"b":3}'}
    assert stack_of(tmp_path, "config: {o: {}}", project).notes == ()
    (note,) = stack_of(tmp_path, "config: {o: {}}", project.replace("a: 1, b: 2", "")).notes
    assert "small:o is empty, which does nothing: write one of its keys" in note


@pytest.mark.parametrize(
    ("written_as", "text"),
    [
        ("on", "on"),
        ("yes", "yes"),
        ("True", "true"),
        ("1:30", "1:30"),
        ("2026-09-01", "2026-09-01"),
        ("3", "3"),
        ("3.0", "3"),
        ("1.5", "1.5"),
        ("0x10", "16"),
        ("0o17", "15"),
        ("017", "15"),
        ("1_000", "1000"),
        ("'3'", "3"),
        ("{b: 1, a: [x, null]}", '{"a":["x",null],"b":1}'),
        ("é", "é"),
    ],
)
def test_text_that_the_program_gets(tmp_path: Path, written_as: str, text: str) -> None:
    assert stack_of(tmp_path, f"config: {{k: {written_as}}}").config["small:k"] == text


def test_a_secret_is_never_opened_at_any_depth(tmp_path: Path) -> None:
    text = "config: {o: {list: [{secure: v1:abc}, {secure: v1:abc}], plain: x}, aws:profile: me}"
    stack = stack_of(tmp_path, text)
    assert stack.secret_keys == ("small:o",)
    first, second = (secret.value for secret in stack.parsed["small:o"]["list"])
    assert stack.parsed["small:o"]["plain"] == "x"
    # Values of different places differ, as those of API keys must.
    assert first != second
    assert all(re.fullmatch(f"{STAND_IN}[a-z]{{8}}", value) for value in (first, second))
    assert "v1:abc" not in repr(stack)
    assert any("small:o" in note for note in stack.notes)
    typed = "name: small\nruntime: python\nconfig: {n: {type: integer, secret: true}, b: {type: boolean, secret: true}}"
    stack = stack_of(tmp_path, "config: {n: {secure: v1:x}, b: {secure: v1:y}}", typed)
    assert stack.config == {"small:n": "0", "small:b": "false"}  # each in its declared type


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "config: {label: 3, zones: [1], small:size: 1, size: 2, 'a:b:c': 1}",
            [
                "small:label: got 3; want text",
                "small:zones: got [1]; want a list of string",
                "small:size: given twice",
                "a:b:c: want 'key' or 'namespace:key'",
                "small:token: missing, and Pulumi.yaml requires it: pulumi config set small:token",
            ],
        ),
        (
            "config: {label: null, token: {secure: v1:abc}}",
            ["small:label: want text; it is empty: take it out, or write its value"],
        ),
        ("config: {token: hunter2}", ["must be encrypted"]),
        *(
            (
                f"config: {{token: {{secure: {text}}}}}",
                ["small:token: got '(not shown)'; the text under 'secure' is not"],
            )
            for text in ("whsec_" + "a1B2" * 8, "hunter2", "AKIA" + "A1B2" * 4, "correct horse battery staple")
        ),
        ("config: {token: 4711}", ["token: got '(not shown)'; want text"]),
        # A line that begins so is a command of GitHub's runner: a key writes no line of its own.
        (
            'config: {"a:b:c\\n::error::x": 1, token: {secure: v1:abc}}',
            ["a:b:c ::error::x: want 'key' or 'namespace:key'"],
        ),
        (
            "size: 1\ncolour: red",
            ["token: missing", "size, colour: the CLI does not read this here: put it under `config:`, indented"],
        ),
        ("confg: {token: {secure: v1:abc}}", ["token: missing", "confg: did you mean config?"]),
        (
            "name: small\nruntime: python\nsize: 1\nconfig: {token: {secure: v1:abc}}",
            [
                "name, runtime: the CLI reads this only in Pulumi.yaml: take it out here",
                "size: the CLI does not read this here",
            ],
        ),
    ],
)
def test_mistakes_come_together_with_key_value_and_remedy(tmp_path: Path, text: str, said: list[str]) -> None:
    problems = refused(tmp_path, text)
    assert [one for one in said if not any(one in problem for problem in problems)] == [], problems
    assert len(problems) == len(said)
    assert not any("hunter2" in problem for problem in problems)


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [
        ("integer", "3", True),
        ("integer", "'3'", True),
        ("integer", "3.0", True),
        ("integer", "3.5", False),
        ("integer", "'²'", False),
        ("integer", "true", False),
        ("boolean", "'true'", True),
        ("boolean", "yes", False),
        ("object", "{a: 1}", True),
        ("object", "[a]", False),
        ("string, items: none", "true", False),
        ("array, items: {type: array, items: none}", "[[1]]", True),
    ],
)
def test_types_are_checked_as_leniently_as_the_cli_does(tmp_path: Path, kind: str, value: str, fits: bool) -> None:
    project = f"name: small\nruntime: python\nconfig: {{k: {{type: {kind}, default: null}}}}\n"
    if fits:
        assert stack_of(tmp_path, f"config: {{k: {value}}}", project).config
    else:
        assert refused(tmp_path, f"config: {{k: {value}}}", project)


def test_an_environment_is_noted_and_may_hold_what_is_missing(tmp_path: Path) -> None:
    stack = stack_of(tmp_path, "environment: [shared/dev]\nconfig: {}", PROJECT)
    assert "small:token" not in stack.config
    assert any("shared/dev" in note for note in stack.notes)
    assert any("small:token" in note and "environment" in note for note in stack.notes)
    (note, *_) = stack_of(tmp_path, "environment: [{}, 5, {7: a}]\nconfig: {}", PROJECT).notes
    assert "environment ?, 5, 7:" in note


def test_a_folder_of_stack_files_and_the_list_of_stacks(tmp_path: Path) -> None:
    (tmp_path / "stacks").mkdir()
    for name in ("prod", "dev.eu", "no\n# head", "\x1b[2J"):  # the CLI takes the last two for no stacks
        (tmp_path / "stacks" / f"Pulumi.{name}.yaml").write_text("config: {a: 1}")
    project = written(tmp_path, "name: small\nruntime: python\nstackConfigDir: stacks\n", "")
    assert list_stacks(project) == ["dev.eu", "prod"]
    assert read_stack(project, "prod").config == {"small:a": "1"}
    (tmp_path / "example.yaml").write_text("config: {a: 2}")
    assert read_stack(project, "example.yaml").name == "example"


@pytest.mark.parametrize(
    ("project", "said"),
    [
        ("runtime: python", "name: want letters"),
        ("name: small\nruntime: go", "the review runs Python programs"),
        ("name: small\nruntime: python\nmain: nowhere", "there is no nowhere there to run"),
        ("name: small\nruntime: python\nconfig: {k: {typ: string}}", "unknown attribute"),
        ("name: small\nruntime: python\nconfig: {k: {type: number}}", "want one of string, integer"),
        ("name: small\nruntime: python\nconfig: {k: {type: array}}", "an array declares its items"),
        ("name: small\nruntime: python\nconfig: {k: 1.5}", "quote a number"),
        ("name: small\nruntime: python\nconfig: {aws:k: {type: string, 1: 2}}", "may have a 'value' only"),
        ("name: small\nruntime: python\nconfig: dir\nstackConfigDir: dir", "sets the same"),
        ("name: [", "Pulumi.yaml"),
    ],
)
def test_a_project_file_that_the_cli_would_refuse(tmp_path: Path, project: str, said: str) -> None:
    with pytest.raises(StackFileError, match=r"Pulumi\.yaml") as caught:
        written(tmp_path, project)
    assert said in str(caught.value)


@pytest.mark.parametrize("key", ["main", "stackConfigDir"])
@pytest.mark.parametrize("folder", ["{}/elsewhere", "link", "../elsewhere"])
def test_files_of_another_repository_are_not_read(tmp_path: Path, folder: str, key: str) -> None:
    """A program of another one would be shown the packages that are beside it."""
    project, outside = tmp_path / "project", tmp_path / "elsewhere"
    for path in (project, outside):
        path.mkdir()
    (outside / "__main__.py").touch()
    (project / "link").symlink_to(outside)
    with pytest.raises(StackFileError, match=rf"{key}: .* leads out of the repository"):
        written(project, f"name: small\nruntime: python\n{key}: {folder.format(tmp_path)}\n", "")


def test_a_pipe_is_no_python(tmp_path: Path) -> None:
    (tmp_path / "venv/bin").mkdir(parents=True)
    os.mkfifo(tmp_path / "venv/bin/python")
    assert written(tmp_path, "name: small\nruntime: python\n", "").python == sys.executable


def test_stacks_and_folders_that_do_not_exist(tmp_path: Path) -> None:
    project = written(tmp_path)
    with pytest.raises(StackFileError, match="no such file"):
        read_stack(project, "other.yaml")
    with pytest.raises(StackFileError, match=r"no Pulumi\.yaml here"):
        load(tmp_path / "none")


BY_ALIASES = "x0: &x0 a\n" + "".join(f"x{n}: &x{n} {'[' * 50}*x{n - 1}{']' * 50}\n" for n in range(1, 41))
"""As deep as Python's own functions do not go."""


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\nb: {c: 1, c: 2}\na: 2\nd: [{e: 1, e: 2}]", "column 11: the key 'c' is given twice\n  line 3, column 1"),
        ("- list", "want a mapping of keys, in lines such as `key: value`, got list"),
        ("a: [", "line 1, column 5: expected the node content, but found '<stream end>'"),
        ("a: {x: [1]}\nb: {c: [1, 2\nd: 3", "in the [ of line 2, column 8"),
        ("a:\n  b: {c: 1\n  d: 2", "in the { of line 2, column 6"),
        ('a:\n  kind: "rest\n  b: 1\n', "in the quotes of line 2, column 9"),
        ("? [1, {a: b}]\n: 2", "unhashable"),
        ("a:\n\tx: 1", "line 2, column 1: a tab: indent with spaces, which is all that YAML allows"),
        ("a: " + "[" * 1000 + "]" * 1000, "it is nested too deeply to be read"),
        ("a: !!bool on-call", "'on-call' is neither true nor false"),
        (BY_ALIASES, "its aliases stand for more than 100,000 values, or for more than 200 levels"),
        ('a: "\\ud800"', "surrogates not allowed"),
    ],
    ids=[
        "twice",
        "list",
        "unfinished",
        "bracket",
        "brace",
        "quotes",
        "key",
        "tab",
        "deep",
        "boolean",
        "deep by aliases",
        "half",
    ],
)
def test_files_that_are_not_one_mapping(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "Pulumi.dev.yaml"
    path.write_text(text)
    with pytest.raises(StackFileError, match=re.escape(message)) as caught:
        read_mapping(path)
    assert "<unicode string>" not in str(caught.value)


def test_a_link_out_of_the_repository_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "project").mkdir()
    for target in ("key", "../key"):
        (tmp_path / "project" / target).write_text("a: 1")
        (tmp_path / "project" / f"{len(target)}.yaml").symlink_to(target)
    assert read_mapping(tmp_path / "project/3.yaml") == {"a": 1}
    with pytest.raises(StackFileError, match=r"it is .*key, which is outside of the repository"):
        read_mapping(tmp_path / "project/6.yaml")


def test_pipes_and_large_files_are_no_stack_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "large.yaml").touch()
    os.truncate(tmp_path / "large.yaml", 3 << 30)
    for name in ("pipe.yaml", "large.yaml"):
        with pytest.raises(StackFileError, match="it is a pipe, or has more than 1 MiB"):
            read_mapping(tmp_path / name)


@pytest.mark.parametrize("key", ["main", "stackConfigDir", "virtualenv"])
def test_a_path_with_a_character_of_no_path_is_an_error(key: str, tmp_path: Path) -> None:
    options, named = (f'{{{key}: "a\\0b"}}', "") if key == "virtualenv" else ("{}", f'{key}: "a\\0b"')
    with pytest.raises(StackFileError, match=rf"{key}: .*no path has this character"):
        written(tmp_path, f"name: small\nruntime: {{name: python, options: {options}}}\n{named}\n", "")


@pytest.mark.parametrize("text", ["!!python/object/apply:id []", "!!binary ////", "!!set {a}", "0x" + "f" * 9999])
def test_no_tag_constructs_an_object(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.yaml"
    path.write_text(f"a: {text}")
    with pytest.raises(StackFileError):
        read_mapping(path)


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5).filter(lambda key: key != "secure"), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_any_plain_value_reaches_the_program_unchanged(value: object) -> None:
    project = Project(name="small", root=Path(), main=Path(), stack_dir=Path(), virtualenv=None, declarations={})
    stack = from_document(project, "dev", {"config": {"k": value}})
    text = stack.config["small:k"]
    assert stack.parsed["small:k"] == value
    assert (text if isinstance(value, str) else json.loads(text)) == value


def test_a_file_that_does_not_exist_is_refused_with_the_one_that_is_most_like_it(tmp_path: Path) -> None:
    project = written(tmp_path)
    (tmp_path / "examples").mkdir()
    (tmp_path / "examples" / "webhook.yaml").write_text("config: {}\n")
    for slip in ("examples/webhok.yaml", "examples/webhook"):
        with pytest.raises(StackFileError, match=r"no such file; did you mean examples/webhook\.yaml\?"):
            read_stack(project, slip)
    with pytest.raises(StackFileError, match=r"no such file$"):
        read_stack(project, "examples/entirely-different.yaml")
