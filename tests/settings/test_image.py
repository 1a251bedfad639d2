"""`python -m gatehouse.stack.image` changes the image in a stack file and nothing else."""

from pathlib import Path

import pytest

from components.stack.image import main

OLD, NEW = (f"111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:{digit * 64}" for digit in "12")
FILES = {
    "block": "# shop\nconfig:\n  backend:\n    port: 80 # of the container\n    image: {}\n  api: {{kind: rest}}\n",
    "flow": "config: {{topology: vpc-link, backend: {{ image: {}, port: 80 }}}}\n",
    "quoted": "config:\n  backend:\n    image: '{}'\n",
    "namespaced": "encryptionsalt: v1:x\nconfig:\n  shop:backend:\n    image: {} # of dev\n",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return tmp_path


def run(project: Path, *arguments: str) -> int:
    return main([*arguments, "--project", str(project)])


@pytest.mark.parametrize("shape", FILES)
def test_only_the_image_changes(project: Path, shape: str, capsys: pytest.CaptureFixture[str]) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_text(FILES[shape].format("shop:latest"))
    assert run(project, "dev", NEW) == 0
    assert file.read_text() == FILES[shape].replace("'{}'", "{}").format(NEW)
    assert capsys.readouterr().out == f"{NEW}\n"
    assert run(project, "dev", NEW) == 0
    assert "has this image already" in capsys.readouterr().out


def test_the_ends_of_lines_stay_and_other_encodings_are_refused(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "Pulumi.dev.yaml"
    file.write_bytes(FILES["block"].format(OLD).replace("\n", "\r\n").encode())
    assert run(project, "dev", NEW) == 0
    assert file.read_bytes() == FILES["block"].format(NEW).replace("\n", "\r\n").encode()
    file.write_bytes(b"a\xff")
    assert run(project, "dev", NEW) == 2
    assert "is no UTF-8 text; nothing was written" in capsys.readouterr().err


def test_a_stack_takes_the_image_of_another(project: Path) -> None:
    (project / "Pulumi.dev.yaml").write_text(FILES["flow"].format(NEW))
    (project / "Pulumi.prod.yaml").write_text(FILES["block"].format(OLD))
    assert run(project, "prod", "--from", "dev") == 0
    assert (project / "Pulumi.prod.yaml").read_text() == FILES["block"].format(NEW)


@pytest.mark.parametrize(
    ("text", "image", "message"),
    [
        (FILES["block"].format(OLD), "shop:latest", "got 'shop:latest'; an image by its digest"),
        (FILES["block"].format(OLD), f"{NEW}\n", "an image by its digest"),
        ("config: {backend: {url: http://10.0.0.1}}\n", NEW, "has no backend.image"),
        ("config:\n  backend:\n    image:\n      secure: x\n", NEW, "has no backend.image in plain text"),
        ("config: [\n", NEW, "is no YAML: line 2"),
        ("config:\n  backend:\n    image: >-\n      a/b:1\n    port: 80\n", NEW, "write it on one line"),
        ("config:\n  backend:\n    image:\n    port: 80\n", NEW, "write it on one line"),
        ("config:\n  backend: {image: &i a/b:1, environment: {I: *i}}\n", NEW, "write it on one line"),
        ("config:\n  backend: {image: a}\n  shop:backend: {image: b}\n", NEW, "backend is given twice"),
        (None, NEW, "No such file"),
    ],
)
def test_what_cannot_be_written_is_refused(
    project: Path, text: str | None, image: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "Pulumi.dev.yaml"
    if text is not None:
        file.write_text(text)
    assert run(project, "dev", image) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "nothing was written" in said
    assert text is None or file.read_text() == text
