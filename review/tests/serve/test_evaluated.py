"""The evaluation of a stack that is then served: its files, and programs that fail."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from review.evaluate.problems import ProgramError
from review.evaluate.project_file import Project, load
from review.graph import UNKNOWN, reveal
from review.serve.evaluated import evaluated
from review.serve.unpacked import Sources, UnsupportedRuntimeError

ARCHIVES = """
import atexit, pathlib, shutil, tempfile, pulumi, pulumi_aws as aws
folder = tempfile.mkdtemp()
atexit.register(shutil.rmtree, folder)
(pathlib.Path(folder) / "main.py").write_text("")
aws.lambda_.Function("f", role="r", code=pulumi.FileArchive(folder))
aws.ssm.Parameter("p", type="String", value=pulumi.Config().require("word"))
pulumi.export("tenancy", aws.ec2.Vpc("v", cidr_block="10.0.0.0/16").instance_tenancy)
"""
BUILT = """
import os, pathlib, zipfile
import pulumi, pulumi_aws as aws

pathlib.Path("dist/below").mkdir(parents=True)
pathlib.Path("dist/main.py").write_text("built")
pathlib.Path("dist/below/out").symlink_to("/etc/hostname")
pathlib.Path("dist/below/in").symlink_to("../main.py")
with zipfile.ZipFile("built.zip", "w") as archive:
    archive.writestr("main.py", "zipped")
pathlib.Path("mixed/new.py").write_text("new")
pathlib.Path("mixed/gone.py").unlink()
os.symlink("/etc/hostname", "passwords")
codes = {
    "folder": pulumi.FileArchive("./dist"),
    "archive": pulumi.FileArchive(os.path.abspath("built.zip")),
    "mixed": pulumi.FileArchive("mixed"),
    "file": pulumi.AssetArchive({"main.py": pulumi.FileAsset("dist/main.py"), "in": pulumi.FileArchive("dist/below")}),
    "whole": pulumi.FileArchive("untouched"),
    "link": pulumi.AssetArchive({"link": pulumi.FileAsset("passwords")}),
}
for name, code in codes.items():
    aws.lambda_.Function(name, role="r", runtime="python3.13", handler="main.handler", code=code)
"""


def project(folder: Path, program: str) -> Project:
    (folder / "Pulumi.yaml").write_text("name: small\nruntime: python\n")
    (folder / "Pulumi.dev.yaml").write_text("config: {small:word: {secure: v1:an:encrypted-value}}\n")
    (folder / "__main__.py").write_text(program)
    return load(folder)


@pytest.mark.slow
def test_files_that_a_program_makes_stay_in_the_folder_of_the_evaluation(tmp_path: Path) -> None:
    (tmp_path / "program").mkdir()
    # A path that fits into a socket's.
    with TemporaryDirectory(prefix="review-") as short:
        folder = Path(short).resolve()
        graph = evaluated(project(tmp_path / "program", ARCHIVES), "dev", folder)
        (code,) = (reveal(resource.inputs["code"]) for resource in graph if "code" in resource.inputs)
        # What the program wrote is gone with its process: the review keeps a copy.
        assert {folder} <= {*Path(code.path).parents} & {*Path(code.copy).parents}
        assert (Path(code.copy) / "main.py").is_file()
    (word,) = (reveal(resource.inputs["value"]) for resource in graph if "value" in resource.inputs)
    assert (type(word), word) == (str, "secretThatTheReviewCannotOpen")
    # There is one unknown value in each process.
    assert graph.exports["tenancy"] is UNKNOWN


def test_files_that_a_program_builds_in_its_repository_can_be_read_after_it(tmp_path: Path) -> None:
    root = tmp_path / "program"
    for name, text in (("mixed/old.py", "old"), ("mixed/gone.py", "gone"), ("untouched/main.py", "mine")):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    with TemporaryDirectory(prefix="review-") as short:
        graph = evaluated(project(root, BUILT), "dev", Path(short).resolve())
        assert sorted(path.name for path in root.iterdir()) == [
            "Pulumi.dev.yaml", "Pulumi.yaml", "__main__.py", "mixed", "untouched",
        ]  # fmt: skip
        unpacked: dict[str, dict[str, str] | str] = {}
        for function in graph.of_type("aws:lambda/function:Function"):
            folder = Path(short, function.name)
            folder.mkdir()
            try:
                Sources(roots=graph.roots).unpack(reveal(function.inputs["code"]), folder)
                files = (path for path in sorted(folder.rglob("*")) if path.is_file())
                unpacked[function.name] = {str(path.relative_to(folder)): path.read_text() for path in files}
            except (OSError, UnsupportedRuntimeError) as error:
                unpacked[function.name] = type(error).__name__
        copied = {one.name: bool(reveal(one.inputs["code"]).copy) for one in graph if "code" in one.inputs}
    assert unpacked == {
        "folder": {"main.py": "built", "below/in": "built"},
        "archive": {"main.py": "zipped"},
        "mixed": {"old.py": "old", "new.py": "new"},
        "file": {"main.py": "built", "in/in": "built"},
        "whole": {"main.py": "mine"},
        "link": "FileNotFoundError",
    }
    assert (copied["mixed"], copied["whole"]) == (True, False)


@pytest.mark.parametrize(
    ("program", "sentence"),
    [
        ("raise ValueError('line one\\nline two')", "line one\nline two"),
        ("import os\nos._exit(3)", "ended its process with status 3"),
    ],
)
def test_a_program_that_fails_or_ends_says_so(tmp_path: Path, program: str, sentence: str) -> None:
    with TemporaryDirectory(prefix="review-") as short, pytest.raises(ProgramError, match=sentence):
        evaluated(project(tmp_path, program), "dev", Path(short).resolve())
