"""`make accept`: one run through a real project, from deployment to teardown, with a report to attach to an issue.

Each step is a command that a person would give, and a check of what it leaves. The run goes on after a step that fails,
so that one report says all, and asks before it destroys. With --local the steps that need no cloud run on the stack of
this machine.
"""

import argparse
import datetime
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin
from uuid import uuid4

from earshot.adapters import google_clients
from earshot.adapters.audio_found_topic import Topic
from earshot.audio import AudioFound

PATIENCE_S = 900
ALERTS = re.findall(r'^ +title = "(.+)"$', Path("terraform/alerts.tf").read_text(), re.MULTILINE)


class Failed(Exception):
    """What a step found to be otherwise."""


@dataclass
class Run:
    """Where the steps work, and what became of those that ran."""

    project: str
    env: str
    page: str
    local: bool
    results: list[tuple[str, str, float, str]] = field(default_factory=list)

    def step(self, name: str, work: Callable[["Run"], str]) -> None:
        """Run a step and keep its outcome: what it says, or why it failed."""
        began = time.monotonic()
        try:
            outcome, words = "ok", work(self)
        except (Failed, OSError, subprocess.TimeoutExpired, ValueError) as error:
            outcome, words = "FAILED", str(error)
        self.results.append((name, outcome, time.monotonic() - began, words))
        print(f"{outcome:6} {name}: {words.splitlines()[0] if words else ''}", flush=True)

    def make(self, target: str, *more: str) -> str:
        """A make target of the deployment."""
        return self.shell(["make", target, f"PROJECT={self.project}", f"ENV={self.env}", *more])

    def earshot(self, *arguments: str) -> str:
        """The command line, on the project or the local stack."""
        where = [] if self.local else ["--cloud"]
        return self.shell([str(Path(sys.executable).with_name("earshot")), *arguments, *where])

    def rows(self, sql: str) -> list[dict[str, object]]:
        """Rows of a query."""
        found: list[dict[str, object]] = json.loads(self.earshot("sql", sql, "--format", "json") or "[]")
        return found

    def shell(self, command: list[str]) -> str:
        """Standard output of a command.

        Raises:
            Failed: it ended with another status than 0; carries the end of what it printed.
        """
        environment = os.environ | ({} if self.local else {"GOOGLE_CLOUD_PROJECT": self.project})
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=4 * PATIENCE_S, check=False
        )
        if done.returncode:
            raise Failed(f"{' '.join(command)}: status {done.returncode}\n{(done.stdout + done.stderr)[-1500:]}")
        return done.stdout

    def report(self) -> str:
        """The results as Markdown."""
        where = "the local stack" if self.local else f"a project, environment {self.env}"
        commit = self.shell(["git", "rev-parse", "--short", "HEAD"]).strip()
        lines = [
            f"# Acceptance of earshot {commit} on {where}, {datetime.datetime.now(datetime.UTC):%Y-%m-%d %H:%M} UTC",
            "",
        ]
        lines += ["| step | outcome | seconds | |", "|---|---|---|---|"]
        for name, outcome, seconds, words in self.results:
            lines.append(f"| {name} | {outcome} | {seconds:.0f} | {' '.join(words.split()).replace('|', '/')[:300]} |")
        text = "\n".join(lines) + "\n"
        return text if self.local else text.replace(self.project, "PROJECT")


def count(run: Run, table: str) -> int:
    return int(str(run.rows(f"SELECT COUNT(*) AS n FROM {table}")[0]["n"]))


def smoke(run: Run) -> str:
    run.earshot("smoke")
    return "a tone became a row, and both are gone"


def crawl(run: Run) -> str:
    before = count(run, "audio_metadata") + count(run, "refusals")
    run.earshot("crawl", run.page)
    after = count(run, "audio_metadata") + count(run, "refusals")
    if not after and not before:
        raise Failed(f"neither a row nor a refusal after a crawl of {run.page}")
    return f"{after - before} rows and refusals more than before"


def rows_are_complete(run: Run) -> str:
    missing = run.rows(
        "SELECT COUNT(*) AS n FROM audio_metadata"
        " WHERE removed_at IS NULL AND (duration_ms IS NULL OR loudness IS NULL OR analysed_by IS NULL)"
    )
    if missing[0]["n"] not in (0, "0"):
        raise Failed(f"{missing[0]['n']} rows without a measure or without the commit that made them")
    return f"{count(run, 'audio_metadata')} rows"


def refusals_have_reasons(run: Run) -> str:
    reasons = run.rows("SELECT reason, COUNT(*) AS n FROM open_refusals GROUP BY reason ORDER BY n DESC, reason")
    return ", ".join(f"{row['reason']} {row['n']}" for row in reasons) or "none"


def dead_letter_is_replayed(run: Run) -> str:
    """A link to nothing as a dead letter: listed, delivered again, fetched in vain, and in the end a refusal's row."""
    url = urljoin(run.page or "https://example.org/", f"earshot-acceptance-{uuid4().hex}.wav")
    topic = Topic(google_clients.publisher, run.project, "audio-found-dead")
    topic.publish(AudioFound(source_url=url, page_url=run.page or None))
    topic.flush()
    if url not in run.earshot("dead", "list", "--format", "json"):
        raise Failed("a message of the topic audio-found-dead is not listed")
    run.earshot("dead", "replay")
    if url in run.earshot("dead", "list", "--format", "json"):
        raise Failed("it is listed after it was replayed")
    query = f"SELECT reason, analysed_by FROM refusals WHERE source_url = '{url}'"
    deadline = time.monotonic() + PATIENCE_S
    while not (rows := run.rows(query)):
        if time.monotonic() > deadline:
            raise Failed(f"no refusal {PATIENCE_S} s after it was replayed")
        time.sleep(2)
    return f"listed, delivered again, refused as {rows[0]['reason']}"


def alerts_exist(run: Run) -> str:
    found = run.shell(
        ["gcloud", "monitoring", "policies", "list", f"--project={run.project}", "--filter=userLabels.app=earshot",
         "--format=value(displayName)"]
    ).splitlines()  # fmt: skip
    if missing := [title for title in ALERTS if f"earshot: {title}" not in found]:
        raise Failed(f"no policy for: {', '.join(missing)}")
    return ", ".join(found)


def rollback_and_forward(run: Run) -> str:
    region = next(
        line.split('"')[1]
        for line in Path(f"terraform/environments/{run.env}.tfvars").read_text().splitlines()
        if line.strip().startswith("region")
    )
    revisions = run.shell(
        ["gcloud", "run", "revisions", "list", "--service=analyser", f"--project={run.project}", f"--region={region}",
         "--sort-by=~metadata.creationTimestamp", "--format=value(metadata.name)", "--limit=2"]
    ).split()  # fmt: skip
    if len(revisions) < 2:
        return "only one revision yet: deploy twice to try a rollback"
    for revision in (revisions[1], revisions[0]):
        run.make("rollback", f"REVISION={revision}")
        smoke(run)
    return f"to {revisions[1]} and back to {revisions[0]}, with a smoke test each"


def destroy(run: Run) -> str:
    print("make destroy asks for the project's id, then Terraform for a yes.", flush=True)
    status = subprocess.run(["make", "destroy", f"PROJECT={run.project}", f"ENV={run.env}"], check=False).returncode
    if status:
        raise Failed(f"status {status}")
    return "the deployment is gone; what bootstrap made stays"


def use_local_stack(run: Run) -> None:
    """Let Google's clients in this process reach the emulators of the running stack."""
    for line in run.earshot("env").splitlines():
        name, _, value = line.removeprefix("export ").partition("=")
        os.environ[name] = value.strip("'\"")
    run.project = os.environ["GOOGLE_CLOUD_PROJECT"]


def main() -> int:
    """Run the steps, print and keep the report; the status says whether all passed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--project", default="")
    parser.add_argument("--env", default="prod")
    parser.add_argument("--page", default="", help="page to crawl: one of yours, with a link to audio")
    parser.add_argument("--local", action="store_true", help="on the running local stack, without a cloud")
    parser.add_argument("--destroy", action="store_true", help="destroy the deployment at the end")
    given = parser.parse_args()
    run = Run(given.project, given.env, given.page, given.local)
    if run.local:
        use_local_stack(run)
    else:
        run.step("plan and gate", lambda run: run.make("plan").splitlines()[0])
        run.step("deploy", lambda run: run.make("deploy") and "both builds succeeded")
    run.step("smoke test", smoke)
    if run.page:
        run.step("crawl", crawl)
    run.step("rows", rows_are_complete)
    run.step("refusals", refusals_have_reasons)
    run.step("dead letter", dead_letter_is_replayed)
    if not run.local:
        run.step("alerts", alerts_exist)
        run.step("rollback", rollback_and_forward)
        if given.destroy:
            run.step("destroy", destroy)
    report = run.report()
    folder = Path(".earshot")
    folder.mkdir(exist_ok=True)
    (folder / "acceptance.md").write_text(report)
    print(f"\n{report}\nKept in .earshot/acceptance.md")
    return 0 if all(outcome == "ok" for _, outcome, _, _ in run.results) else 1


if __name__ == "__main__":
    sys.exit(main())
