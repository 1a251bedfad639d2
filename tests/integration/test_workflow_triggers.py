"""Which event starts which job of the workflows that users copy, and what the token of each job may do."""

from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.helpers.github_events import Event, jobs_started
from tests.helpers.stacks import ROOT

TABLE: Final = yaml.safe_load((ROOT / "tests" / "integration" / "workflow_triggers.yaml").read_text())
FILES: Final = {
    path.stem: yaml.safe_load(path.read_text())
    for path in [*ROOT.glob("template/.github/workflows/*.yml"), *ROOT.glob("examples/workflows/*.yml")]
}
JOBS: Final = [(name, job) for name, workflow in FILES.items() for job in workflow["jobs"]]
SETTINGS: Final = {"PREVIEW_STACKS": '["prod"]'}
OUTPUTS: Final = {
    "review": {"comment": "gatehouse-ci/comment.md"},
    "dev": {"deployed": "yes"},
    "plan": {"changes": "2", "number": "7"},
}


def event_of(row: dict[str, Any]) -> Event:
    payload: dict[str, Any] = {}
    if row["name"] == "pull_request":
        pull = {
            "number": 7,
            "head": {"repo": {"full_name": row.get("repository", "me/shop")}},
            "labels": [{"name": name} for name in row.get("labels", ())],
        }
        payload = {"action": row["action"], "pull_request": pull, "label": {"name": row.get("label")}}
    return Event(row["name"], payload, row.get("paths", ()), row.get("ref", "refs/heads/main"), SETTINGS, OUTPUTS)


@pytest.mark.parametrize("workflow", FILES)
@pytest.mark.parametrize("name", TABLE["events"])
def test_an_event_starts_the_jobs_of_the_table(workflow: str, name: str) -> None:
    started = jobs_started(FILES[workflow], event_of(TABLE["events"][name]))
    assert started == set(TABLE["workflows"][workflow].get(name, ()))


def test_each_row_names_an_event_and_each_workflow_has_rows() -> None:
    assert set(TABLE["workflows"]) == set(FILES)
    assert all(set(rows) <= set(TABLE["events"]) for rows in TABLE["workflows"].values())
    assert all("workflow_dispatch" in FILES[name][True] for name in FILES if name != "pull-request-stack")


def test_each_path_of_a_project_that_is_merged_starts_a_deployment() -> None:
    """Documents and workflows deploy nothing. A path that nobody thought of deploys."""
    for path in ("new-file", "functions/a/b.py", "Pulumi.yaml", "answers/ca.pem", "app/deep/file"):
        event = Event("push", {}, [path])
        assert jobs_started(FILES["up"], event) or jobs_started(FILES["build"], event), path


@pytest.mark.parametrize(
    ("variables", "jobs"), [({}, {"review", "comment"}), (SETTINGS, {"review", "comment", "preview", "comment-plan"})]
)
def test_without_the_variable_there_is_no_preview(variables: dict[str, str], jobs: set[str]) -> None:
    opened = event_of(TABLE["events"]["opened"])
    event = Event(opened.name, opened.payload, variables=variables, outputs=OUTPUTS)
    assert jobs_started(FILES["gatehouse"], event) == jobs


@pytest.mark.parametrize(
    ("outputs", "jobs"),
    [
        # prod is not asked for if its plan has no change, and nothing is planned for a commit that a newer one follows.
        ({"plan": {"changes": "0", "number": "7"}}, {"gate", "dev", "plan"}),
        ({"plan": {"changes": "2", "number": ""}}, {"gate", "dev", "plan", "prod"}),
        ({"dev": {"deployed": "no"}}, {"gate", "dev"}),
    ],
)
def test_what_a_deployment_of_main_goes_on_with(outputs: dict[str, dict[str, str]], jobs: set[str]) -> None:
    event = Event("push", {}, ["Pulumi.dev.yaml"], outputs={**OUTPUTS, **outputs})
    assert jobs_started(FILES["up"], event) == jobs


def test_what_decides_about_a_deployment_is_a_command_of_the_locked_version() -> None:
    """Files of a CI system install, and call one step in each job."""
    for name, job in JOBS:
        if "environment" in FILES[name]["jobs"][job]:
            scripts = [step["run"] for step in FILES[name]["jobs"][job]["steps"] if "run" in step]
            assert [script.split()[:2] for script in scripts[1:]] == [[".venv/bin/gatehouse", "ci"]], (name, job)


def runs_code(job: dict[str, Any]) -> bool:
    """Whether a job has the project's files, and so may run its code."""
    return any(step.get("uses", "").startswith("actions/checkout@") for step in job["steps"])


def is_of_pull_requests(workflow: str) -> bool:
    return "pull_request" in FILES[workflow][True]


@pytest.mark.parametrize(("workflow", "name"), JOBS)
def test_what_a_hostile_pull_request_can_reach(workflow: str, name: str) -> None:
    """A job with a pull request's code has a token that reads, and secrets only from an environment with reviewers."""
    job = FILES[workflow]["jobs"][name]
    assert FILES[workflow]["permissions"] == {}
    assert "permissions" in job
    writes = {scope for scope, access in job["permissions"].items() if access == "write"}
    text = yaml.safe_dump(job)
    if runs_code(job):
        assert all(
            step["with"]["persist-credentials"] is False
            for step in job["steps"]
            if step.get("uses", "").startswith("actions/checkout@")
        )
        if is_of_pull_requests(workflow):
            assert writes <= {"id-token"}
            assert ("environment" in job) == bool("secrets." in text or writes)
            assert "github.token" not in text
    else:
        # No code of the project: what other jobs wrote is data.
        assert "secrets." not in text
        assert "id-token" not in writes
    if "secrets." in text:
        assert "environment" in job
    assert "pull_request_target" not in FILES[workflow][True]
    for step in job["steps"]:
        assert "${{" not in step.get("run", ""), "an expression in a script is code that an event can write"


def test_all_workflows_take_the_versions_of_the_template() -> None:
    locked = [
        step["run"]
        for name, job in JOBS
        for step in FILES[name]["jobs"][job]["steps"]
        if "requirements" in step.get("run", "")
    ]
    assert len(locked) >= 6
    assert {"--constraints requirements.lock" in script for script in locked} == {True}
    engines = [
        step
        for name, job in JOBS
        for step in FILES[name]["jobs"][job]["steps"]
        if "pulumi/actions@" in step.get("uses", "")
    ]
    assert {step["with"]["pulumi-version-file"] for step in engines} == {".pulumi.version"}
    version = (ROOT / "template" / ".pulumi.version").read_text().strip()
    assert f"\npulumi=={version} " in (ROOT / "template" / "requirements.lock").read_text()
    assert Path(ROOT / "template" / "requirements.lock").read_text().count("==") > 30
