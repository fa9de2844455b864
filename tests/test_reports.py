"""What people read, as snapshots: look at the changed file when one differs."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from tests.conftest import git, run
from tests.support.manifests import FIRST

BROKEN = """\
schema_version: 1
version: 1.10
backend_complete: no
summary: "🚀 Ünïcode before \\e the mistake"
packs:
  - id: H
    name: Engine: one
    status: installed
  - id: "H"
    name: A name of more than 120 characters {long}
    status: instaled
    categorie: x
""".format(long="and " * 30)


def test_status(repository: Path, snapshot: SnapshotAssertion) -> None:
    assert run("status").out.replace(git("rev-parse", "HEAD")[:10], "COMMIT") == snapshot


def test_status_of_a_complete_backend_with_uncommitted_edits(
    repository: Path, snapshot: SnapshotAssertion
) -> None:
    (repository / "manifest" / "system.yaml").write_text(
        FIRST.replace("backend_complete: false", "backend_complete: true")
        .replace("completed_at: null", 'completed_at: "2026-11-24T10:00:00Z"')
        .replace("notes: System metadata initialized.", "notes: |-\n  First line.\n  Second line.")
        .replace("status: installed", "status: deprecated", 2)
    )
    shown = run("status").out.splitlines()
    assert [line for line in shown if "COMMIT" not in line and "manifest: first" not in line] == (
        snapshot
    )


def test_updated_at_is_the_last_commit_or_the_file_s_own_time(
    repository: Path, manifest: Path
) -> None:
    assert '"updated_at": "2026-11-24T10:00:00+00:00"' in run("status", "--format", "json").out
    manifest.write_text(FIRST.replace("initialized", "changed"))
    os.utime(manifest, (1_800_000_000, 1_800_000_000))
    assert '"updated_at": "2027-01-15T08:00:00+00:00"' in run("status", "--format", "json").out


def test_problems(folder: Path, snapshot: SnapshotAssertion) -> None:
    Path("broken.yaml").write_text(BROKEN, encoding="utf-8")
    assert run("validate", "broken.yaml").out == snapshot


def test_summary_and_packs(manifest: Path, snapshot: SnapshotAssertion) -> None:
    run("packs", "set", "U", "--status", "deprecated", "--replaced-by", "V", "--owner", "ops team")
    run("packs", "set", "V", "--depends-on", "S,T", "--description", "one\ntwo")
    assert run("summary").out == snapshot(name="summary")
    assert run("packs", "list").out == snapshot(name="list")
    assert run("packs", "show", "u").out == snapshot(name="show U")
    assert run("packs", "show", "v").out == snapshot(name="show V")
    assert run("packs", "list", "--status", "pending").out == "no packs\n"


def test_rules_and_help(snapshot: SnapshotAssertion) -> None:
    # One family shows the layout; docs/rules.md has all rules.
    assert run("rules").out.partition("\nPortable YAML")[0] == snapshot(name="rules")
    assert run("rules", "vm301").out == snapshot(name="VM301")
    assert run("--help").out == snapshot(name="help")


@pytest.mark.parametrize("words", [("rules",), ("packs", "list"), ("blame",), ("status",)])
def test_reports_fit_a_terminal_of_80_columns(
    repository: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    from valhalla_manifest.cli.invocation import Invocation
    from valhalla_manifest.report.text import Style

    run("set", "x-team=" + "long " * 40)
    git("commit", "-qam", "a long value")
    wide = run(*words).out
    monkeypatch.setattr(Invocation, "style", lambda self, err=False: Style(width=80))
    narrow = run(*words).out
    assert max(map(len, wide.splitlines())) > 80 or words in {("packs", "list"), ("status",)}
    assert max(map(len, narrow.splitlines())) <= 80
    if words == ("rules",):
        assert narrow.split() == wide.split()  # nothing is cut


def test_packs_are_values_too(manifest: Path) -> None:
    run("packs", "set", "h", "x-tier=gold")
    found = json.loads(run("get", "packs", "--format", "json").out)["packs"]
    assert found[0] == json.loads(run("packs", "show", "h", "--format", "json").out)
    assert json.loads(run("get", "packs.h").out) == found[0]
    assert "packs.H=" not in run("get").out
