"""`gatehouse prove` and `make prove`: one command that tries on AWS what the documents say."""

import argparse
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from importlib import metadata
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import boto3
import yaml

from ..aws.catalog.month import HOURS
from ..aws.model.model import AwsModel
from ..cli.arguments import OK, STRICT, add_project
from ..cli.output import report_fault
from ..cost import estimate
from ..evaluate.own_process import evaluate_stack
from ..evaluate.problems import ProgramError, StackFileError
from ..evaluate.project_file import Project, find_project_folder, load
from ..facts import version
from ..verify.cloud import Cloud, NotRead
from . import record
from .life import EngineError, Life, merge_config, remove
from .probes import DIFFERENT
from .run import LIMIT_SECONDS, Run
from .sites import delete_kept_roles, make_live_site
from .table import TableError, find_table, read_table

PREFIX: Final = "prove-"
TAG: Final = "gatehouse-prove"
_BUDGET: Final = 20
"""Dollars a month at which the alarm of a stack that stays notifies."""
_AT_ONCE: Final = 4
_VPCS: Final = 5
"""Default quota of a region. https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html"""
_BILLED_HOURS: Final = LIMIT_SECONDS / 3600 + 2
"""With an hour of removal, and one for hours that AWS bills when they begin."""
_CLI: Final = "https://www.pulumi.com/docs/iac/download-install/"
_EPILOG: Final = """\
It creates, updates and destroys the stacks of the table in your account, beside what is there. Ctrl-C destroys what
was created. The state is in build/prove, or where PULUMI_BACKEND_URL says.

exit status: 0, 1 if a claim did not hold, the run was stopped or something could not be removed, 2 if nothing was
started
"""


class CannotStartError(Exception):
    """Why nothing was started."""


def main(arguments: Sequence[str], name: str) -> int:
    """The command, which its help calls `name`. Returns its exit status."""
    options = _build_parser(name).parse_args(arguments)
    try:
        project = load(options.project or find_project_folder(Path.cwd()))
        return _Command(options, project).run()
    except (CannotStartError, EngineError, TableError, StackFileError, ProgramError) as error:
        return report_fault(str(error))
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return STRICT


def _build_parser(name: str) -> argparse.ArgumentParser:
    about = "Deploy small stacks, try every claim of the documents about AWS, and destroy them."
    form = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog=name, description=about, epilog=_EPILOG, formatter_class=form)
    add = made.add_argument
    add("--region", default="", help="region to deploy into; else AWS_REGION or AWS_DEFAULT_REGION")
    add("--account", default="", metavar="ID", help="end if the credentials are of another account")
    add("--email", default="", metavar="ADDRESS", help="address of the budget alarm")
    add("--yes", action="store_true", help="do not ask")
    add("--clean", action="store_true", help="destroy the stacks of a run that died, and end")
    add("--only", action="append", default=[], metavar="STACK", help="only this stack of the table; may be repeated")
    add_project(made)
    return made


class _Command:
    """One call of the command."""

    def __init__(self, options: argparse.Namespace, project: Project) -> None:
        self._options, self._project = options, project
        self._table = read_table(find_table(project.root))
        if unknown := [name for name in options.only if name not in self._table.stacks]:
            known = ", ".join(self._table.stacks)
            raise CannotStartError(f"--only: got {', '.join(unknown)}; want some of {known}")
        self._names = [name for name in self._table.stacks if name in (options.only or self._table.stacks)]
        self._region = options.region or os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ""
        self._id = secrets.token_hex(3)
        self._folder = project.root / "build" / "prove"
        self._cloud = Cloud(boto3.Session())
        self._cli = self._account = ""

    def run(self) -> int:
        self._check()
        return self._clean() if self._options.clean else self._prove()

    def _check(self) -> None:
        """Raises CannotStartError for the first thing that is missing."""
        for program, source in (("pulumi", _CLI), ("curl", "your system's packages")):
            if shutil.which(program) is None:
                raise CannotStartError(f"{program} is not on the PATH: install it from {source}")
        # Imported here: it needs the CLI.
        from .automation import InvalidVersionError
        from .automation import find_cli_version as cli_version

        try:
            self._cli = cli_version()
        except (InvalidVersionError, OSError, subprocess.CalledProcessError) as error:
            raise CannotStartError(f"the Pulumi CLI: {error}: install it from {_CLI}") from None
        regions = self._cloud.session.get_available_regions("apigateway")
        if self._region not in regions:
            got = self._region or "none"
            raise CannotStartError(f"region: got {got}; want one such as eu-west-1: give it with --region")
        if self._cloud.session.get_credentials() is None:
            raise CannotStartError("there are no AWS credentials here: run `aws sso login`, or set AWS_PROFILE")
        self._account = str(self._ask("sts.GetCallerIdentity").get("Account") or "")
        if self._options.account not in ("", self._account):
            want = self._options.account
            raise CannotStartError(f"--account: the credentials are of account {self._account}, and not of {want}")
        if not self._options.clean and "@" not in self._options.email:
            got = self._options.email or "nothing"
            raise CannotStartError(f"--email: got {got}; want the address that the budget alarm notifies")

    def _ask(self, call: str) -> Any:
        try:
            return self._cloud.ask(call, {}, self._region)
        except NotRead as reason:
            raise CannotStartError(f"{call} in {self._region}: {reason}") from None

    def _build_config(self, name: str) -> dict[str, Any]:
        """The stack's config with the run's region, account, tag and budget."""
        document = yaml.safe_load(self._table.stacks[name].read_text(encoding="utf-8"))
        budget = {"monthlyUsd": _BUDGET, "emails": [self._options.email]}
        ours = {
            "aws:region": self._region,
            "aws:allowedAccountIds": [self._account],
            "aws:defaultTags": {"tags": {TAG: self._id}},
            "protection": {"budget": budget},
        }
        return merge_config(document["config"], ours)

    def _prove(self) -> int:
        at_once = self._find_parallelism()
        configs = {name: self._build_config(name) for name in self._names}
        for line in self._plan(configs):
            print(line, flush=True)
        self._confirm("Create these stacks?")
        began = time.time()
        run = Run(begin=lambda name: self._make_life(name, configs[name], run), say=_say)
        has_role = bool(self._ask("apigateway.GetAccount").get("cloudwatchRoleArn"))
        # REST APIs of stacks that begin together would each set the account's log role.
        run.run_all(self._names, at_once, first_alone=not has_role)
        return self._end(run, began)

    def _find_parallelism(self) -> int:
        used = len(self._ask("ec2.DescribeVpcs").get("Vpcs") or ())
        if used >= _VPCS:
            do = "delete one, or choose another --region"
            raise CannotStartError(f"{self._region} has {used} VPCs of {_VPCS} by default; each stack has one: {do}")
        return min(_AT_ONCE, _VPCS - used)

    def _plan(self, configs: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
        yield f"account {self._account}, {self._region}, run {self._id}, Pulumi {self._cli}"
        hourly = 0.0
        for name, config in configs.items():
            count, monthly = self._estimate(name, config)
            hourly += monthly / HOURS
            yield f"  {name:12} {count:3} resources  ${monthly / HOURS:.3f} an hour"
        yield (
            f"in all ${hourly:.2f} an hour, and ${hourly * _BILLED_HOURS:.2f} at most: everything is destroyed after "
            f"{LIMIT_SECONDS / 3600:g} hours. Calls cost less than a cent."
        )
        yield f"If a stack stays, its budget alarm notifies {self._options.email}; AWS sends it some hours late."

    def _estimate(self, name: str, config: Mapping[str, Any]) -> tuple[int, float]:
        """Resources and fixed dollars a month. Raises StackFileError, ProgramError and CannotStartError."""
        with TemporaryDirectory(prefix="gatehouse-prove-") as folder:
            file = Path(folder, f"{name}.yaml")
            file.write_text(yaml.safe_dump({"config": dict(config)}), encoding="utf-8")
            graph = evaluate_stack(self._project, str(file), Path(folder))
            amount = estimate(AwsModel(graph)).sum_fixed()
        if amount is None:
            raise CannotStartError(f"{name}: a price is not known in {self._region}: choose another --region")
        return sum(resource.custom for resource in graph), amount

    def _confirm(self, question: str) -> None:
        if self._options.yes:
            return
        if not sys.stdin.isatty():
            raise CannotStartError("nobody can answer here: give --yes")
        if input(f"{question} yes or no: ").strip().lower() not in ("yes", "y"):
            raise CannotStartError("nothing was created")

    def _build_environment(self) -> dict[str, str]:
        """Of the CLI: a state in build/prove, whose stacks have no secret of yours, unless you chose another."""
        if os.environ.get("PULUMI_BACKEND_URL"):
            return {"AWS_REGION": self._region}
        state = self._folder / "state"
        state.mkdir(parents=True, exist_ok=True)
        passphrase = os.environ.get("PULUMI_CONFIG_PASSPHRASE", "prove")
        ours = {"PULUMI_BACKEND_URL": state.as_uri(), "PULUMI_CONFIG_PASSPHRASE": passphrase}
        return {"AWS_REGION": self._region, **ours}

    def _make_life(self, name: str, config: Mapping[str, Any], run: Run) -> Life:
        from .automation import create

        self._folder.mkdir(parents=True, exist_ok=True)
        stack = f"{PREFIX}{self._id}-{name}"
        engine = create(self._project, stack, self._folder / f"{stack}.log", self._build_environment())
        cloud = Cloud(boto3.Session())
        return Life(
            name=name,
            table=self._table,
            config=config,
            engine=engine,
            site=lambda resources: make_live_site(resources, cloud, self._region),
            delete_kept=partial(delete_kept_roles, cloud=cloud, region=self._region),
            say=_say,
            stopped=run.is_stopped,
        )

    def _end(self, run: Run, began: float) -> int:
        results = [result for life in run.lives for result in life.results]
        about = {
            "date": datetime.now(UTC).date().isoformat(),
            "commit": _find_commit(self._project.root),
            "region": self._region,
            "versions": {
                "gatehouse": version.VERSION,
                "pulumi": self._cli,
                "pulumi-aws": _find_installed_version("pulumi-aws"),
            },
            "seconds": round(time.time() - began),
            "stopped": run.why,
        }
        if results:
            document = record.build_record(self._table, results, about)
            path = record.write_record(document, self._project.root)
            print(*record.summarize_run(self._table, document), sep="\n")
            print(f"the record is {record.FOLDER / path.name}: in a checkout, `make docs` takes it into the documents")
        removals = [life.removal for life in run.lives if life.removal is not None]
        left = [*run.problems, *(line for removal in removals for line in removal.left)]
        kept = [*(line for removal in removals for line in removal.kept), *self._list_tagged()]
        print(*_describe_remains(left, kept), sep="\n")
        return STRICT if left or run.why or any(result.result == DIFFERENT for result in results) else OK

    def _list_tagged(self) -> list[str]:
        """What AWS still lists with the run's tag. Raises nothing: the run is over."""
        arguments = {"TagFilters": [{"Key": TAG, "Values": [self._id]}]}
        try:
            answer = self._cloud.ask("resourcegroupstaggingapi.GetResources", arguments, self._region)
        except NotRead as reason:
            return [f"AWS was not asked for resources with the tag {TAG}={self._id}: {reason}"]
        arns = [each["ResourceARN"] for each in answer.get("ResourceTagMappingList") or ()]
        return [f"{arn}, by the tag {TAG}={self._id}: AWS lists deleted resources for some time" for arn in arns]

    def _clean(self) -> int:
        from .automation import list_deployments

        self._folder.mkdir(parents=True, exist_ok=True)
        stacks = list_deployments(self._project, PREFIX, self._folder / "clean.log", self._build_environment())
        print(*(f"  {name}" for name in stacks), f"{len(stacks)} stacks of earlier runs", sep="\n", flush=True)
        if not stacks:
            return OK
        self._confirm("Destroy them? No other run may be under way.")
        left: list[str] = []
        kept: list[str] = []
        for name, engine in stacks.items():
            engine.unlock()
            delete_kept = partial(delete_kept_roles, cloud=self._cloud, region=self._region)
            removal = remove(name, engine, delete_kept, _say, careful=True)
            left, kept = [*left, *removal.left], [*kept, *removal.kept]
        print(*_describe_remains(left, kept), sep="\n")
        return STRICT if left else OK


def _describe_remains(left: Sequence[str], kept: Sequence[str]) -> Iterator[str]:
    if left:
        yield "not removed; run `gatehouse prove --clean`, or delete it in the console:"
        yield from (f"  {line}" for line in left)
    else:
        yield "nothing is left in the account" + (", except:" if kept else "")
    yield from (f"  {line}" for line in kept)


def _say(line: str) -> None:
    print(f"{datetime.now(UTC):%H:%M:%S} {line}", flush=True)


def _find_commit(root: Path) -> str:
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-C", str(root), "describe", "--always", "--dirty", "--exclude=*", "--abbrev=40"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 # reads the project's commit
    return done.stdout.strip()


def _find_installed_version(distribution: str) -> str:
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
