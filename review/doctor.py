"""`gatehouse doctor` and `make doctor`: what a machine lacks for a preview and a deployment, each with its remedy.

It runs before anything is installed and under any Python 3, so it uses the standard library and old syntax alone. It
asks nothing over the network; with `--aws` it asks AWS and names each call, with `--images` it asks registries. Four
answers: fine, wrong, not looked at, and what only a deployment needs.
"""

import argparse
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Callable, List, Optional, Sequence, Tuple

Answer = Tuple[str, str, str]
"""One of the four, what it is about, and its remedy."""

FINE, WRONG, UNSEEN, LATER = "fine", "wrong", "not looked at", "for pulumi up"
ABSENT = "not on the PATH"
OLDEST_PYTHON = (3, 11)
SECONDS = 20
# Where the package is that this file is in.
_ABOVE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
# A new account may have far fewer than the usual 1,000. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
UNRESERVED_EXECUTIONS = 100
# By default, and each can be raised: amazon-vpc-limits, load-balancer-limits, limits of API Gateway. A call's answer
# begins with what is counted; the types of the stack are beside it.
COUNTED = (
    ("VPCs", "ec2 describe-vpcs", ("aws:ec2/vpc:Vpc",), 5),
    ("Elastic IP addresses", "ec2 describe-addresses", ("aws:ec2/eip:Eip",), 5),
    ("interface endpoints", "ec2 describe-vpc-endpoints", ("aws:ec2/vpcEndpoint:VpcEndpoint",), 50),
    ("load balancers", "elbv2 describe-load-balancers", ("aws:lb/loadBalancer:LoadBalancer",), 50),
    ("custom domains", "apigateway get-domain-names", ("aws:apigateway/domainName:DomainName",), 120),
    ("VPC links", "apigatewayv2 get-vpc-links", ("aws:apigatewayv2/vpcLink:VpcLink",), 10),
)
LOG_POLICY = "AWSLogDeliveryWrite20150319"
# https://docs.aws.amazon.com/step-functions/latest/dg/bp-cwl.html
LOG_POLICY_CHARACTERS = 5120


def main(arguments: Sequence[str], name: str) -> int:
    """Prints an answer for each thing; returns 1 if one of them is wrong."""
    parser = argparse.ArgumentParser(prog=name, description="Report what this machine lacks, each with its remedy.")
    parser.add_argument("--aws", action="store_true", help="ask AWS about credentials and quotas (aws CLI, 11 calls)")
    parser.add_argument("--images", action="store_true", help="ask registries what images are built for, anonymously")
    parser.add_argument("--project", type=Path, default=Path(), metavar="DIR", help="folder of Pulumi.yaml; else here")
    given = parser.parse_args(arguments)
    if hasattr(sys.stdout, "reconfigure"):  # nothing to write to if stdout is closed
        sys.stdout.reconfigure(errors="replace")
    project = Project(given.project)
    answers = [_python(), _venv()]
    if project.ours:
        answers.append(_program("make", "it runs the project's commands", "apt install make"))
    answers.append(_program("git", "`--against` compares with a revision", "apt install git"))
    answers += [_environment(project), _pulumi(project), *_backend(project), *_region(project)]
    answers += _images(given.images, project)
    answers += _aws(given.aws, project, name + (" ARGS=--aws" if name.startswith("make") else " --aws"))
    lines = []
    for answer, text, remedy in answers:
        lines.append("{:{}}  {}".format(answer, len(UNSEEN), text))
        if remedy:
            lines.append(" " * (len(UNSEEN) + 2) + "do: " + remedy)
    wrong, later = (sum(answer == each for answer, _, _ in answers) for each in (WRONG, LATER))
    said = "{} wrong, of {}".format(wrong, len(answers)) if wrong else "nothing is wrong"
    lines.append("\n" + said + ("; pulumi up needs {} more, a review does not".format(later) if later else ""))
    return _written(lines) or (1 if wrong else 0)


def _written(lines: List[str]) -> int:
    """Exit status of printing: 1 if the output is a full disk or a pipe that nobody reads."""
    try:
        print("\n".join(lines), flush=True)
    except (OSError, ValueError):
        # Python would try to flush it again when it ends.
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 # it stays open until Python ends
        return 1
    return 0


class Project:
    """What the files of a folder tell of its project, read without a YAML parser; `root` is None without one."""

    def __init__(self, folder: Path) -> None:
        try:
            here = folder.absolute()
        except OSError:  # the current folder was deleted
            here = Path("/")
        above = [here] + list(here.parents)
        files = [path / name for path in above for name in ("Pulumi.yaml", "Pulumi.yml") if _is_file(path / name)]
        self.root = files[0].parent if files else None  # type: Optional[Path]
        self.text = _text(files[0]) if files else ""
        # Not by a file of it, which a stranger's project could bring: programs of ours are started.
        self.ours = bool(files) and os.path.realpath(str(files[0].parent)) == os.path.realpath(_ABOVE)
        block = re.search(r"^runtime:(.*(?:\n[ \t]+.*)*)", self.text, re.MULTILINE)
        inner = block.group(1) if block else ""
        runtime = re.search(r"\bname:\s*['\"]?([\w-]+)", inner) or re.match(r"[ \t]*['\"]?([\w-]+)", inner)
        self.runtime = runtime.group(1) if runtime else ""
        self.main = (re.findall(r"^main:[ \t]*['\"]?([^\s'\"#]+)", self.text, re.MULTILINE) + ["."])[0]

    @property
    def environment(self) -> Optional[Path]:
        """The folder of its virtual environment, as the review looks for it."""
        named = re.search(r"\bvirtualenv:\s*['\"]?([^\s'\",}]+)", self.text)
        folders = ([named.group(1)] if named else []) + ["venv", ".venv"]
        paths = [self.root / one for one in folders if self.root and _is_file(self.root / one / "bin" / "python")]
        return paths[0] if paths else None

    @property
    def stacks(self) -> List[Path]:
        named = re.search(r"^(?:stackConfigDir|config):[ \t]*['\"]?([^\s'\"{#]+)", self.text, re.MULTILINE)
        folder = self.root / (named.group(1) if named else ".") if self.root else None
        try:
            return sorted(path for end in ("yaml", "yml") for path in folder.glob("Pulumi.*." + end)) if folder else []
        except OSError:
            return []


def _python() -> Answer:
    version = "Python {}.{}.{}".format(*sys.version_info[:3])
    if sys.version_info >= OLDEST_PYTHON:
        return FINE, version, ""
    # pyenv puts versions on the PATH that are not active, and do not run
    newer = next((one for one in map("python3.{}".format, range(30, 10, -1)) if _run([one, "--version"])[0] == 0), "")
    if newer:
        return FINE, "{}; make takes {}".format(version, newer), ""
    return WRONG, version + ": 3.11 or later is needed", "install one, or name it: make PYTHON=/path/to/python3.12"


def _venv() -> Answer:
    # Without a PATH Python does not know its own place. Isolated, or it would import modules of the current folder.
    if _run([sys.executable or "python3", "-I", "-c", "import venv, ensurepip"])[0] == 0:
        return FINE, "virtual environments can be made", ""
    remedy = "apt install python3.{}-venv".format(sys.version_info[1])
    return WRONG, "this Python cannot make virtual environments", remedy


def _program(name: str, why: str, remedy: str) -> Answer:
    executable = shutil.which(name)
    if executable:
        return FINE, "{}: {}".format(name, executable), ""
    return WRONG, "{} is not on the PATH: {}".format(name, why), remedy + ", or your system's own way"


def _environment(project: Project) -> Answer:
    if project.root is None:
        return UNSEEN, "no Pulumi.yaml here or above, so no project was looked at", "name its folder with --project"
    if project.runtime == "nodejs":
        return _packages(project.root / project.main)
    if project.runtime != "python":
        text = "a program in {}: the review does not run it".format(project.runtime or "no known language")
        return UNSEEN, text, "review what `pulumi preview --json` prints, with --plan"
    home = project.environment
    if home is None and project.ours:
        return UNSEEN, "no virtual environment in .venv yet", "make preview: it makes one, 400 MB, in two minutes"
    if home is None:
        listed = (project.root / "requirements.txt").is_file()
        packages = " && .venv/bin/pip install -r requirements.txt" if listed else ", and the program's packages there"
        remedy = "python3 -m venv .venv" + packages
        return UNSEEN, "the project has no virtual environment; the review uses the active one, or its own", remedy
    needs = "pulumi_aws" if project.ours else "pulumi"
    named = home.name + (" has pulumi and pulumi-aws" if project.ours else " has pulumi")
    # Looked for and not imported: a stranger's project may bring this Python.
    if any(home.glob("lib*/python3*/site-packages/" + needs)):
        return FINE, "virtual environment: " + named, ""
    if project.ours:
        return WRONG, "the virtual environment lacks pulumi or pulumi-aws", "make preview: it mends the environment"
    return WRONG, "the virtual environment {} lacks pulumi".format(home.name), "install the program's packages there"


def _packages(program: Path) -> Answer:
    """Node.js and the SDK, where Node.js looks for it: beside the program, or above."""
    if not shutil.which("node"):
        return WRONG, "Node.js is not on the PATH: the program runs in it", "install it from https://nodejs.org"
    sdk = Path("node_modules", "@pulumi", "pulumi", "package.json")
    if any(_is_file(above / sdk) for above in [program] + list(program.parents)):
        return FINE, "Node.js, and the program's packages", ""
    return WRONG, "the program's packages are not installed", "npm install, or the project's own way, in its folder"


def _is_file(path: Path) -> bool:
    """Whether there is such a file; False where this user may not look, for which pathlib raises."""
    return os.path.isfile(str(path))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _pulumi(project: Project) -> Answer:
    least = re.search(r'^requiredPulumiVersion:\s*"?>=\s*(\d+(?:\.\d+)*)', project.text, re.MULTILINE)
    code, said = _run(["pulumi", "version"])
    page = "https://www.pulumi.com/docs/iac/download-install/"
    if code is None:
        return LATER if said == ABSENT else WRONG, "the Pulumi CLI: " + said, page
    match = re.search(r"\d+(\.\d+)+", said)
    if code or not match:
        return WRONG, "the Pulumi CLI does not run: " + _last(said), "install it again"
    if least and [*map(int, match.group().split("."))] < [*map(int, least.group(1).split("."))]:
        text = "Pulumi CLI {}: the project needs {} or later".format(match.group(), least.group(1))
        return WRONG, text, "install a newer one: " + page
    return FINE, "Pulumi CLI " + match.group(), ""


def _backend(project: Project) -> List[Answer]:
    """Where the state is kept, and what protects its secrets; from files and the environment alone."""
    named = re.search(r"^backend:\s*\n\s+url:\s*(\S+)", project.text, re.MULTILINE)
    url = os.environ.get("PULUMI_BACKEND_URL") or (named.group(1) if named else "")
    home = Path(os.environ.get("PULUMI_HOME") or os.path.expanduser("~/.pulumi"))
    url = url or _field(_text(home / "credentials.json"), "current", "")
    url = url or ("https://api.pulumi.com" if os.environ.get("PULUMI_ACCESS_TOKEN") else "")
    if not url:
        return [(LATER, "no place for the state of stacks", "pulumi login, or pulumi login s3://a-bucket-of-yours")]
    # A password may hold a slash or an @, and parameters may be keys.
    shown = re.sub(r"//.*@", "//", url.partition("?")[0])
    answers = [(FINE, "state of stacks: " + shown, "")]
    if not url.startswith("http"):
        known = any(os.environ.get("PULUMI_CONFIG_PASSPHRASE" + end) is not None for end in ("", "_FILE"))
        text = "passphrase of the stacks' secrets: "
        remedy = "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE, or type it each time"
        asked = (UNSEEN, text + "the CLI asks for it, unless a key of KMS is used", remedy)
        answers.append((FINE, text + "set", "") if known else asked)
    return answers


def _region(project: Project) -> List[Answer]:
    stacks = project.stacks
    if project.root is None:
        return []
    without = [path.name for path in stacks if not re.search(r"aws:region['\"]?:\s*\S", _text(path))]
    fallback = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
    if stacks and not without:
        return [(FINE, "region: every stack file names one", "")]
    if fallback:
        return [(FINE, "region: {}, from the environment".format(fallback), "")]
    what = ", ".join(without) + " has no aws:region" if without else "no stack file and no $AWS_REGION names one"
    if project.ours:
        return [(WRONG, "region: " + what, "write `aws:region: eu-west-1` under `config:`, or make new")]
    # A program may use no AWS, or set the region itself.
    return [(UNSEEN, "AWS region: " + what, "if the program needs one: pulumi config set aws:region eu-west-1")]


def _images(ask: bool, project: Project) -> List[Answer]:
    """Whether container images are built for the processors that run them."""
    if not ask or project.runtime != "python":
        return []
    stacks, said = _reviewed(project)
    if stacks is None:
        return [(UNSEEN, "container images: the review gives no answer: " + _last(said), "make preview shows why")]
    wanted = sorted({(image["image"], image["processor"]) for stack in stacks for image in stack.get("images", ())})
    return [_image(image, processor) for image, processor in wanted]


def _image(image: str, processor: str) -> Answer:
    registry = importlib.import_module((__package__ + "." if __package__ else "") + "registry")
    try:
        built = registry.processors(image)
    except registry.RegistryError as reason:
        return UNSEEN, "image {}: its registry was asked: {}".format(image, reason), "it must be built for " + processor
    text = "image {}: built for {} (its registry was asked)".format(image, " and ".join(built) or "no Linux")
    if processor in built:
        return FINE, text, ""
    text += "; the stack runs it on " + processor
    return WRONG, text, "build it for {}, or set backend.platform".format(processor)


def _aws(ask: bool, project: Project, command: str) -> List[Answer]:
    config = Path(os.environ.get("AWS_CONFIG_FILE") or os.path.expanduser("~/.aws/config"))
    shared = Path(os.environ.get("AWS_SHARED_CREDENTIALS_FILE") or os.path.expanduser("~/.aws/credentials"))
    names = ("AWS_ACCESS_KEY_ID", "AWS_PROFILE", "AWS_WEB_IDENTITY_TOKEN_FILE", "AWS_CONTAINER_CREDENTIALS_FULL_URI")
    places = [name for name in names if os.environ.get(name)] + [str(one) for one in (shared, config) if _is_file(one)]
    if not ask:
        sentence = "found in {}, and not tried".format(", ".join(places))
        where = sentence if places else "none found, which an instance's role may replace"
        credentials = (UNSEEN, "AWS credentials: " + where, command + " asks AWS whose they are")
        return [credentials, (UNSEEN, "AWS quotas", command + " asks AWS for them")]
    code, said = _run(["aws", "sts", "get-caller-identity", "--output", "json"])
    asked = " (asked: sts get-caller-identity)"
    if code is None:
        return [(WRONG, "AWS credentials: the aws CLI: " + said, "install it"), (UNSEEN, "AWS quotas", "")]
    if code:
        remedy = "aws sso login, aws configure, or AWS_PROFILE=…"
        return [(WRONG, "AWS credentials: " + _last(said) + asked, remedy), (UNSEEN, "AWS quotas", "")]
    arn = _field(said, "Arn", "an answer without Arn")
    return [(FINE, "AWS credentials: " + arn + asked, "")] + _quotas(project)


def _quotas(project: Project) -> List[Answer]:
    named = [re.search(r"aws:region['\"]?:\s*['\"]?([a-z0-9-]+)", _text(path)) for path in project.stacks]
    region = next((match.group(1) for match in named if match), "") or os.environ.get("AWS_REGION", "")
    where = ["--region", region] if region else []
    asked = " in {} (asked: {})".format
    answers = []  # type: List[Answer]
    code, said = _run(["aws", "lambda", "get-account-settings", "--output", "json", *where])
    text = asked(region or "the default region", "lambda get-account-settings")
    free = re.search(r'"UnreservedConcurrentExecutions":\s*(\d+)', said)
    if code or not free:
        answers.append((UNSEEN, "Lambda's concurrency" + text + ": " + _last(said), ""))
    else:
        enough = int(free.group(1)) > UNRESERVED_EXECUTIONS
        what = "proxy.reservedConcurrency" if project.ours else "a function's reserved concurrency"
        remedy = "" if enough else what + " cannot be set: ask Service Quotas for more"
        answers.append((FINE if enough else WRONG, "Lambda runs {} at once".format(free.group(1)) + text, remedy))
    reports = _reviewed(project)[0] if project.runtime == "python" else []
    adds = [report.get("declared", {}) for report in reports or []]
    for what, call, types, most in COUNTED:
        code, said = _run(["aws"] + call.split() + ["--output", "json"] + where)
        text = asked(region or "the default region", call)
        try:
            used = len(next(iter(json.loads(said).values())))
        except (ValueError, StopIteration, AttributeError, TypeError):
            answers.append((UNSEEN, what + text + ": " + _last(said), ""))
            continue
        added = max([sum(counts.get(kind, 0) for kind in types) for counts in adds] or [0])
        more = ", and a stack here has {}".format(added) if added else ""
        counted = "{} {}, of {} by default{}".format(used, what, most, more) + text
        remedy = "ask Service Quotas whether your account's quota is higher; else delete one"
        # The account's own quota may have been raised, and the stack's own may be among those counted.
        answers.append((FINE, counted, "") if used + max(added, 1) <= most else (UNSEEN, counted, remedy))
    left_out = any("aws:apigateway/stage:Stage" in one and "aws:apigateway/account:Account" not in one for one in adds)
    return answers + _shared(where, asked, region or "the default region", left_out, project.ours)


def _reviewed(project: Project) -> Tuple[Optional[List[Any]], str]:
    """The reports on the stacks by the project's own review: this Python may have none. None with what it printed."""
    python = str(project.environment / "bin" / "python") if project.ours and project.environment else sys.executable
    command_line = [python, "-m", __package__ or "review", "--format", "json", "--project", str(project.root)]
    said = _run(command_line, cwd=_ABOVE, stderr=subprocess.DEVNULL)[1]
    try:
        document = json.loads(said)
    except ValueError:
        return None, said
    return document if isinstance(document, list) else [document], said


def _shared(where: List[str], asked: Callable[[str, str], str], at: str, left_out: bool, ours: bool) -> List[Answer]:
    """Settings that all stacks of the region share: the policy of delivered logs, the log role, policies of a role."""
    answers = []  # type: List[Answer]
    code, said = _run(["aws", "logs", "describe-resource-policies", "--output", "json"] + where)
    text = asked(at, "logs describe-resource-policies")
    try:
        policies = {one["policyName"]: one["policyDocument"] for one in json.loads(said)["resourcePolicies"]}
        size = len(policies.get(LOG_POLICY, ""))
        counted = "the policy of delivered logs has {} characters, of {}".format(size, LOG_POLICY_CHARACTERS) + text
        remedy = "delete entries of log groups that are gone from " + LOG_POLICY + ", or HTTP APIs cannot be deployed"
        answers.append((WRONG, counted, remedy) if size > LOG_POLICY_CHARACTERS * 0.8 else (FINE, counted, ""))
    except (ValueError, KeyError, TypeError):
        answers.append((UNSEEN, "the policy of delivered logs" + text + ": " + _last(said), ""))
    code, said = _run(["aws", "apigateway", "get-account", "--output", "json"] + where)
    role = _field(said, "cloudwatchRoleArn", "")
    text = asked(at, "apigateway get-account")
    if code:
        answers.append((UNSEEN, "the role for logs of REST APIs" + text + ": " + _last(said), ""))
    else:
        makes = "none, and a stack here makes none" if left_out else "none, the first stack makes it"
        lacks = (WRONG, "set a role, or api.logs.accountRole: true") if ours else (UNSEEN, "stages with logs need one")
        mark, remedy = (FINE, "") if role or not left_out else lacks
        answers.append((mark, "the role for logs of REST APIs: " + (role or makes) + text, remedy))
    code, said = _run(["aws", "iam", "get-account-summary", "--output", "json"])
    most = re.search(r'"AttachedPoliciesPerRoleQuota":\s*(\d+)', said)
    text = asked("the account", "iam get-account-summary")
    sentence = "a role takes {} managed policies".format(most.group(1)) if most else "managed policies of a role"
    return answers + [(FINE if most else UNSEEN, sentence + text + ("" if most else ": " + _last(said)), "")]


def _run(command: List[str], cwd: Optional[str] = None, stderr: int = subprocess.STDOUT) -> Tuple[Optional[int], str]:
    """Exit status and what was printed; no status where the program is not there or does not end."""
    output, none = subprocess.PIPE, subprocess.DEVNULL
    try:
        done = subprocess.run(command, stdin=none, stdout=output, stderr=stderr, cwd=cwd, timeout=SECONDS, check=False)
    except OSError as error:
        # A folder on the PATH that this user cannot read gives "permission denied", although the program is not there.
        return None, ABSENT if shutil.which(command[0]) is None else str(error.strerror)
    except subprocess.TimeoutExpired:
        return 1, "no answer within {} s".format(SECONDS)
    return done.returncode, done.stdout.decode(errors="replace")


def _field(text: str, name: str, default: str) -> str:
    """A text of a JSON map; `default` if it is none, or has no such text."""
    try:
        document = json.loads(text)
    except ValueError:
        return default
    value = document.get(name) if isinstance(document, dict) else None
    return value if isinstance(value, str) else default


def _last(text: str) -> str:
    return (text.strip().splitlines() or ["no reason given"])[-1]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], "make doctor"))
