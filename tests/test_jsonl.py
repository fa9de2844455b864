"""``export jsonl``: the manifests of many repositories as one table, read by a real engine."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import Ran, examples, git, run
from tests.support import hostile
from tests.support.histories import Change, Story
from tests.support.manifests import FIRST, REPOSITORY
from valhalla_manifest import load
from valhalla_manifest.git.remotes import origin_name

PAGE = (REPOSITORY / "docs" / "across-repositories.md").read_text(encoding="utf-8")
KEYS = re.findall(r"`(\w+)`", "".join(re.findall(r"(?m)^\| (`.*?) \|", PAGE)))


def rows(ran: Ran) -> list[dict[str, Any]]:
    assert ran.code == 0, ran.err
    return [json.loads(line) for line in ran.out.splitlines()]


def edited(number: int, monkeypatch: pytest.MonkeyPatch, *words: str) -> None:
    """Commit an edit, so many days after the first commit."""
    for role in ("AUTHOR", "COMMITTER"):
        day = datetime(2026, 11, 24, 10, tzinfo=UTC) + timedelta(days=number)
        monkeypatch.setenv(f"GIT_{role}_DATE", day.isoformat())
    assert run(*words, "--commit").code == 0


# --- the rows -----------------------------------------------------------------------------------


def test_a_change_is_a_row(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git("remote", "add", "origin", "https://git.example.com/team/backend.git")
    edited(1, monkeypatch, "packs", "set", "U", "--status", "pending", "--owner", "ops")
    edited(2, monkeypatch, "version", "bump", "minor")
    found = [row for row in rows(run("export", "jsonl")) if row["kind"] == "change"]
    assert [(row["sequence"], row["pack"], row["field"]) for row in found[-3:]] == [
        (2, "U", "status"),
        (2, "U", "owner"),
        (3, None, "version"),
    ]
    assert found[-3] == {
        "kind": "change",
        "repository": "git.example.com/team/backend",
        "path": "manifest/system.yaml",
        "sequence": 2,
        "commit": git("rev-parse", "HEAD~1").strip(),
        "author": "Ada Lovelace <ada@example.com>",
        "time": "2026-11-25T10:00:00Z",
        "subject": "manifest: pack U",
        "version": "1.0.0",
        "pack": "U",
        "field": "status",
        "before": "installed",
        "after": "pending",
        "problem": None,
    }
    assert found[-1]["version"] == "1.1.0"
    # The first was committed at noon in a zone of two hours: times are UTC.
    assert {row["time"] for row in found[:-3]} == {"2026-11-24T10:00:00Z"}


def test_the_state_is_a_row_for_the_top_and_for_each_pack(repository: Path) -> None:
    run("incomplete", "--notes", "not committed")
    states = [row for row in rows(run("export", "jsonl")) if row["kind"] == "state"]
    assert [row["pack"] for row in states] == [None, *"HIJKLMNOPQRSTUVW"]
    assert states[0]["after"]["notes"] == "System metadata initialized."
    assert "packs" not in states[0]["after"]
    assert states[1]["after"]["status"] == "installed"
    assert {row["commit"] for row in states} == {git("rev-parse", "HEAD").strip()}
    assert {(row["field"], row["before"], row["problem"]) for row in states} == {(None, None, None)}


def test_every_row_has_the_keys_of_the_page(repository: Path) -> None:
    assert len(KEYS) == 14
    assert {tuple(row) for row in rows(run("export", "jsonl"))} == {tuple(KEYS)}


@pytest.mark.parametrize("seed", range(2))
def test_the_rows_of_a_random_history_are_its_changes(tmp_path: Path, seed: int) -> None:
    """The history has merges and invalid revisions, and no two rows have the same name."""
    story = Story(seed).grow(100)
    number = {commit: at for at, commit in story.write(tmp_path).items()}
    found = rows(run("-m", str(tmp_path / story.main.path), "export", "jsonl"))
    changes: dict[int, list[Change]] = {}
    for row in found:
        if row["kind"] == "change":
            change = (row["pack"], row["field"], row["before"], row["after"])
            changes.setdefault(number[row["commit"]], []).append(change)
    assert {at: sorted(made, key=str) for at, made in changes.items()} == {
        at: sorted(known, key=str) for at, known in story.changes().items()
    }
    names = [(row["commit"], row["kind"], row["pack"], row["field"]) for row in found]
    assert len(set(names)) == len(names)
    state = {row["pack"]: row["after"] for row in found if row["kind"] == "state"}
    assert state == {None: story.main.data} | story.main.packs


def test_a_revision_that_is_not_valid_is_a_problem(repository: Path, manifest: Path) -> None:
    manifest.write_text(FIRST.replace('"1.0.0"', "1.10"))
    git("commit", "-qam", "oops")
    *_, problem = [row for row in rows(run("export", "jsonl")) if row["kind"] != "state"]
    assert (problem["kind"], problem["subject"], problem["version"]) == ("problem", "oops", "1.0.0")
    assert "VM203" in problem["problem"]
    assert (problem["field"], problem["before"], problem["after"]) == (None, None, None)
    # The state is what was valid last, and says that the newest is not.
    top, *packs = [row for row in rows(run("export", "jsonl")) if row["kind"] == "state"]
    assert (top["problem"], top["after"]["version"]) == (problem["problem"], "1.0.0")
    assert len(packs) == 16
    manifest.write_text(FIRST)
    git("commit", "-qam", "repaired")
    assert {row["problem"] for row in rows(run("export", "jsonl")) if row["kind"] == "state"} == {
        None
    }


def test_a_manifest_that_was_removed_has_a_state_of_nothing(repository: Path) -> None:
    git("rm", "-q", "manifest/system.yaml")
    git("commit", "-qm", "removed")
    found = rows(run("-m", "manifest/system.yaml", "export", "jsonl"))
    (state,) = [row for row in found if row["kind"] == "state"]
    assert (state["after"], state["version"], state["subject"]) == (None, None, "removed")


def test_the_rows_as_of_a_revision(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    then = run("export", "jsonl")
    edited(1, monkeypatch, "version", "bump", "minor")
    assert run("export", "jsonl", "--at", "HEAD~1").out == then.out != run("export", "jsonl").out
    assert run("export", "jsonl", "--at", "nowhere").code == 2


def test_without_history_there_are_no_rows(manifest: Path) -> None:
    Path(".git").rmdir()
    ran = run("export", "jsonl")
    assert (ran.code, ran.out) == (2, "")
    assert "is not in a Git repository" in ran.err
    assert run("-m", "-", "export", "jsonl").err == (
        "error: standard input has no history; name a file\n"
    )


def test_rows_go_into_a_file_that_is_left_as_it_is(repository: Path) -> None:
    assert run("export", "jsonl", "-o", "states/backend.jsonl").out == ""
    file = Path("states/backend.jsonl")
    assert file.read_text() == run("export", "jsonl").out
    os.utime(file, (0, 0))
    run("export", "jsonl", "-o", "states/backend.jsonl")
    assert file.stat().st_mtime == 0


def test_a_line_is_a_row_whatever_a_text_holds(repository: Path, manifest: Path) -> None:
    hostile.make(manifest)
    subject = "\u2028 \x85 \x1b[31m \u202e {} \U0001f600"
    git("commit", "-qam", subject)
    printed = run("export", "jsonl").out
    assert printed.isascii()
    assert not re.search(r"[^\n -~]", printed)
    found = rows(run("export", "jsonl"))
    assert found[-1]["subject"] == subject
    (notes,) = [row["after"] for row in found if row["pack"] is None and row["field"] == "notes"][
        1:
    ]
    assert notes == hostile.NOTES


@pytest.mark.skipif(sys.platform != "linux", reason="names of files are texts there")
def test_a_path_that_is_no_text(repository: Path) -> None:
    """Its row is read by every engine nevertheless."""
    odd = os.fsdecode(b"caf\xe9")
    Path("manifest").rename(odd)
    git("add", "-A")
    git("commit", "-qm", "moved")
    Path("rows.jsonl").write_text(run("-m", f"{odd}/system.yaml", "export", "jsonl").out)
    engine = duckdb.connect()
    engine.execute("SELECT DISTINCT path FROM read_json('rows.jsonl')")
    read = engine.fetchall()
    assert read == [("caf?/system.yaml",)]


# --- a shallow clone ----------------------------------------------------------------------------


@pytest.fixture
def clone(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Path]:
    """Clone the repository, with git's own options, and go there."""

    def made(*options: str) -> Path:
        folder = tmp_path_factory.mktemp("clones") / "clone"
        git("clone", "-q", *options, repository.as_uri(), str(folder))
        monkeypatch.chdir(folder)
        return folder

    return made


def test_a_shallow_clone_says_that_older_rows_are_missing(clone: Callable[..., Path]) -> None:
    clone("--depth=1")
    ran = run("export", "jsonl")
    assert ran.err == "warning: older revisions are not in this shallow clone\n"
    assert {(row["kind"], row["commit"], row["time"]) for row in rows(ran)} == {
        ("state", None, None)
    }
    assert len(rows(ran)) == 17


def test_what_is_not_valid_where_a_shallow_clone_begins(
    clone: Callable[..., Path], manifest: Path
) -> None:
    """The last valid state is not there, and must not be taken for none."""
    manifest.write_text(FIRST.replace('"1.0.0"', "1.10"))
    git("commit", "-qam", "oops")
    clone("--depth=1")
    ran = run("export", "jsonl")
    assert (ran.code, ran.out) == (1, "")
    assert "VM203" in ran.err


def test_a_bare_clone_has_the_same_rows(repository: Path, clone: Callable[..., Path]) -> None:
    git("remote", "add", "origin", repository.as_uri())
    there = run("export", "jsonl").out
    clone("--mirror")
    assert run("-m", "manifest/system.yaml", "export", "jsonl").out == there


# --- the name of a repository -------------------------------------------------------------------

ORIGINS = {
    "https://git.example.com/team/backend.git": "git.example.com/team/backend",
    "https://git.example.com/team/backend/": "git.example.com/team/backend",
    "https://ci:t0ken@git.example.com/team/backend.git": "git.example.com/team/backend",
    "https://t0ken@git.example.com/team/backend": "git.example.com/team/backend",
    "https://a:t0ken@b@git.example.com/team/backend": "git.example.com/team/backend",
    "https://git.example.com/team/backend.git?key=t0ken#t0ken": "git.example.com/team/backend",
    "https://ci:t0?ken@git.example.com/team/backend": "git.example.com/team/backend",
    "https://git.example.com:8443/team/backend": "git.example.com:8443/team/backend",
    "ssh://git@git.example.com/team/backend.git": "git.example.com/team/backend",
    "git@git.example.com:team/backend.git": "git.example.com/team/backend",
    "git.example.com:/team/backend": "git.example.com/team/backend",
    "[::1]:team/backend": "[::1]/team/backend",
    "codecommit::region://t0ken@backend": "backend",
    "file:///srv/team/backend.git": "/srv/team/backend",
    "/srv/team/backend.git/": "/srv/team/backend",
    "/srv/team/backend/.git": "/srv/team/backend",
    "../backend": "../backend",
    "C:/team/backend": "C:/team/backend",
    "ext::fetch --key=t0ken backend": "",
    "": "",
}


@pytest.mark.parametrize("address", ORIGINS)
def test_a_repository_is_named_by_its_origin(address: str) -> None:
    assert origin_name(address) == ORIGINS[address]


WORD = st.text("abcXYZ019._~%-!$&'()*+,;=", min_size=1)


@examples(200)
@given(user=WORD, secret=WORD.map(lambda text: f"s3cret{text}"), form=st.sampled_from("ab"))
def test_no_secret_of_an_address_is_in_the_name(user: str, secret: str, form: str) -> None:
    scheme = {"a": "https://{}:{}@host/r.git", "b": "{}:{}@host:r.git"}[form]
    assert origin_name(scheme.format(user, secret)) == "host/r"


def test_without_an_origin_the_folder_names_the_repository(
    repository: Path, clone: Callable[..., Path]
) -> None:
    assert rows(run("export", "jsonl"))[0]["repository"] == repository.name
    clone("--mirror", "--origin", "elsewhere")
    git("remote", "remove", "elsewhere")
    found = rows(run("-m", "manifest/system.yaml", "export", "jsonl"))
    assert found[0]["repository"] == "clone"


# --- many repositories --------------------------------------------------------------------------


@pytest.fixture
def fleet(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the addresses of three backends, each with a past of its own."""
    stories: dict[str, list[tuple[str, ...]]] = {
        "billing": [
            ("packs", "set", "N", "--status", "pending"),
            ("packs", "add", "X", "--name", "Export Engine"),
            ("packs", "set", "N", "--status", "installed"),
            ("packs", "remove", "X"),
            ("complete", "--version", "1.2.0"),
        ],
        "search": [("packs", "add", "X", "--name", "Export Engine")],
        "ledger": [("version", "set", "2.0.0")],
    }
    for name, steps in stories.items():
        git("clone", "-q", ".", f"fleet/{name}")
        monkeypatch.chdir(repository / "fleet" / name)
        for number, step in enumerate(steps, 1):
            edited(number, monkeypatch, *step)
        monkeypatch.chdir(repository)
    broken = repository / "fleet" / "ledger" / "manifest" / "system.yaml"
    broken.write_text("packs: [")
    git("-C", "fleet/ledger", "commit", "-qam", "oops")
    monkeypatch.chdir("fleet")
    addresses = [f"{Path(name).absolute()}\n" for name in stories]
    Path("repositories.txt").write_text("".join(addresses))
    return Path.cwd()


@pytest.mark.slow
def test_the_page_collects_and_asks(fleet: Path) -> None:
    """The page's own loop and queries, in the shell and in DuckDB."""
    (loop,) = re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL)
    environment = os.environ | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    }
    for _ in range(2):  # the second time there are clones already
        subprocess.run(["sh", "-ec", loop], check=True, env=environment)
    view, *queries = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    billing, ledger, search = (str(fleet / name) for name in ("billing", "ledger", "search"))
    engine = duckdb.connect()
    engine.execute(view)
    complete, now, long, versions = queries
    pending, broken = now.split(";\n\n")

    ((where, version, since),) = engine.sql(complete).fetchall()
    assert (where, version) == (billing, "1.2.0")
    assert since == load("billing/manifest/system.yaml").completed_at
    assert engine.sql(pending).fetchall() == [(search, "X", "Export Engine")]
    ((where, path, problem),) = engine.sql(broken).fetchall()
    assert (where, path) == (ledger, "manifest/system.yaml")
    assert "VM" in problem

    def day(number: int) -> datetime:
        return datetime(2026, 11, number, 10)  # noqa: DTZ001  UTC, as the page's type has it

    assert engine.sql(long).fetchall() == [
        (billing, "N", day(25), day(27), timedelta(days=2)),
        (billing, "X", day(26), day(28), timedelta(days=2)),
        (search, "X", day(25), None, None),
    ]
    ada = "Ada Lovelace <ada@example.com>"
    assert engine.sql(versions).fetchall() == [
        *((name, day(24), ada, None, "1.0.0", "manifest: first") for name in (billing, ledger)),
        (search, day(24), ada, None, "1.0.0", "manifest: first"),
        (ledger, day(25), ada, "1.0.0", "2.0.0", "manifest: version 2.0.0"),
        (billing, day(29), ada, "1.0.0", "1.2.0", "manifest: complete 1.2.0"),
    ]


@pytest.mark.parametrize(
    "after",
    ["1.0.0", "2026-11-24T10:00:00Z", "", True, 12, ["H", "I"], {"id": "N", "x-own": [1]}, None],
    ids=repr,
)
def test_an_engine_reads_any_value_beside_any_other(folder: Path, after: Any) -> None:
    """Each file alone would let an engine guess another type; the page names the columns."""
    Path("states").mkdir()
    view, *_ = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    for name, value in (("a", "text"), ("b", True), ("c", ["H"]), ("d", None), ("e", after)):
        row = dict.fromkeys(KEYS) | {"kind": "change", "repository": name, "after": value}
        Path(f"states/{name}.jsonl").write_text(f"{json.dumps(row)}\n" * 2)
    engine = duckdb.connect()
    engine.execute(view)
    read = engine.sql("SELECT DISTINCT after FROM manifests WHERE repository = 'e'").fetchall()
    assert [json.loads(text) if text else None for (text,) in read] == [after]


def test_the_state_has_the_last_word_where_a_merge_took_a_side(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    edited(1, monkeypatch, "packs", "set", "N", "--status", "experimental")
    git("switch", "-qc", "side")
    edited(2, monkeypatch, "packs", "set", "N", "--status", "installed")
    git("switch", "-q", "main")
    edited(3, monkeypatch, "packs", "set", "N", "--status", "pending")
    subprocess.run(["git", "merge", "-q", "side"], capture_output=True, check=False)
    git("checkout", "-q", "--theirs", "manifest/system.yaml")
    git("commit", "-qam", "merge")
    Path("states").mkdir()
    assert run("export", "jsonl", "-o", "states/a.jsonl").code == 0
    view, *_, long, _ = re.findall(r"```sql\n(.*?)```", PAGE, re.DOTALL)
    engine = duckdb.connect()
    engine.execute(view)
    ((_, pack, _, until, _),) = engine.sql(long).fetchall()
    assert (pack, until is None) == ("N", False)
