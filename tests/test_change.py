"""``validate --against``: what a pull request may not do, and where it is told so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import git, run
from tests.support.manifests import FIRST
from valhalla_manifest.validation.rules.registry import RULES

BASE = """\
schema_version: 1
version: "1.2.0"
backend_complete: true
completed_at: "2026-01-31T12:00:00Z"
summary: A platform.
packs:
  - id: "H"
    name: Engine
    status: installed
    category: professional
    owner: team one
  - id: "I"
    name: Another
    status: deprecated
  - id: "J"
    name: Third
    status: experimental
"""

# What a change does → the problem: code, line, column, and whether it is in the old file.
REFUSED = {
    "the version goes down": ([('"1.2.0"', '"1.1.9"')], ("VM401", 2, 10)),
    "a release becomes its own candidate": ([('"1.2.0"', '"1.2.0-rc.1"')], ("VM401", 2, 10)),
    "an installed pack is gone": (
        [('"1.2.0"', '"1.3.0"'), (BASE[BASE.index('  - id: "H"') : BASE.index('  - id: "I"')], "")],
        ("VM402", 7, 9),
    ),
    "an id means another pack": (
        [
            ('"1.2.0"', '"1.3.0"'),
            ("name: Engine", "name: Scorecards"),
            ("category: professional", "category: system"),
            ("owner: team one", "owner: team two"),
        ],
        ("VM403", 7, 9),
    ),
    "a status goes back": (
        [('"1.2.0"', '"1.3.0"'), ("status: deprecated", "status: installed")],
        ("VM404", 14, 13),
    ),
    "the time of completion is rewritten": (
        [("2026-01-31", "2026-02-01")],
        ("VM405", 4, 15),
    ),
    "the summary changes alone": ([("A platform.", "Another.")], ("VM406", 2, 10)),
    "a pack changes alone": ([("name: Third", "name: Fourth")], ("VM406", 2, 10)),
}
ACCEPTED = {
    "nothing": [],
    "comments and layout": [("name: Engine", 'name: "Engine"  # quoted')],
    "notes alone": [("summary:", "notes: new\nsummary:")],
    "a version up": [('"1.2.0"', '"1.2.1-rc.1"')],
    "a status forwards": [('"1.2.0"', '"1.3.0"'), ("experimental", "installed")],
    "a deprecated pack is gone": [
        ('"1.2.0"', '"1.3.0"'),
        (BASE[BASE.index('  - id: "I"') : BASE.index('  - id: "J"')], ""),
    ],
    "a pack is renamed": [('"1.2.0"', '"1.3.0"'), ("name: Engine", "name: Motor")],
    "no longer complete": [
        ("backend_complete: true", "backend_complete: false"),
        ('completed_at: "2026-01-31T12:00:00Z"', "completed_at: null"),
    ],
}


@pytest.fixture
def base(repository: Path, manifest: Path) -> Path:
    """Commit the base on main, and go on on a branch."""
    manifest.write_text(BASE)
    git("commit", "-qam", "base")
    git("switch", "-qc", "topic")
    return manifest


def changed(steps: list[tuple[str, str]]) -> str:
    text = BASE
    for old, new in steps:
        assert old in text
        text = text.replace(old, new, 1)
    return text


def problems(*words: str) -> list[tuple[str, str, int, int]]:
    """Return the path, code, line and column of each problem."""
    result = json.loads(run("validate", "--against", "main", "--format", "json", *words).out)
    return [
        (file["path"], problem["code"], problem["line"], problem["column"])
        for file in result["files"]
        for problem in file["problems"]
    ]


@pytest.mark.parametrize(("steps", "problem"), REFUSED.values(), ids=list(REFUSED))
def test_a_change_is_refused_at_its_line(
    base: Path, steps: list[tuple[str, str]], problem: tuple[str, int, int]
) -> None:
    base.write_text(changed(steps))
    parted = git("rev-parse", "main")[:10]
    old_or_new = f"{parted}:manifest/system.yaml" if problem[0] == "VM402" else str(base)
    assert problems(str(base)) == [(old_or_new, *problem)]


@pytest.mark.parametrize("steps", ACCEPTED.values(), ids=list(ACCEPTED))
def test_a_change_is_accepted(base: Path, steps: list[tuple[str, str]]) -> None:
    base.write_text(changed(steps))
    assert problems() == []


def test_every_rule_about_a_change_is_tested() -> None:
    # An old state in a newer format: below. The settings: see test_many_manifests.
    apart = {"VM407", "VM408", "VM409"}
    assert {code for _, (code, _, _) in REFUSED.values()} | apart == {
        rule.code for rule in RULES if rule.code.startswith("VM4")
    }


def test_the_format_goes_down(base: Path) -> None:
    base.write_text(BASE.replace("schema_version: 1", "schema_version: 2"))
    git("commit", "-qam", "newer")
    git("switch", "-qC", "main")
    git("switch", "-qC", "topic")
    base.write_text(BASE)
    assert problems() == [("manifest/system.yaml", "VM407", 1, 17)]


def test_the_exit_code_follows_the_severity(base: Path) -> None:
    base.write_text(changed([("A platform.", "Another.")]))
    assert run("validate", "--against", "main").code == 0
    assert run("validate", "--against", "main", "--strict").code == 1
    base.write_text(changed([('"1.2.0"', '"1.0.0"')]))
    assert run("validate", "--against", "main").code == 1


def test_a_change_on_main_since_the_branch_parted_is_not_ours(base: Path) -> None:
    git("switch", "-q", "main")
    base.write_text(BASE.replace('"1.2.0"', '"2.0.0"'))
    git("commit", "-qam", "main goes on")
    git("switch", "-q", "topic")
    assert problems() == []


def test_what_is_gone_is_shown_in_the_old_file(base: Path) -> None:
    base.write_text(changed(REFUSED["an installed pack is gone"][0]))
    parted = git("rev-parse", "main")[:10]
    assert run("validate", "--against", "main").out == (
        f'{parted}:manifest/system.yaml:7:9: error VM402: installed pack "H" was removed\n'
        '    7 |   - id: "H"\n'
        "      |         ^^^ deprecate it first; remove it in a later change\n"
    )


def test_a_base_that_was_broken_does_not_block_its_repair(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("switch", "-q", "main")
    base.write_text(BASE.replace("status: installed", "status: gone"))
    git("commit", "-qam", "broken")
    git("switch", "-qC", "topic")
    base.write_text(BASE)
    ran = run("validate", "--against", "main")
    assert (ran.code, ran.out) == (0, "manifest/system.yaml is valid\n")
    reason = ran.err.removesuffix("\n")
    assert reason.endswith("was not valid, so the changes since then were not checked")
    told = json.loads(run("validate", "--against", "main", "--format", "json").out)
    assert told["files"] == [
        {"path": "manifest/system.yaml", "problems": [], "change_checked": False, "reason": reason}
    ]
    log = json.loads(run("validate", "--against", "main", "--format", "sarif").out)
    (told,) = log["runs"][0]["invocations"][0]["toolExecutionNotifications"]
    assert told["message"]["text"] == reason
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", "summary.md")
    run("validate", "--against", "main", "--summary")
    assert reason in Path("summary.md").read_text().replace("\\", "")


def test_moving_the_file_is_no_way_around_the_rules(base: Path) -> None:
    git("mv", "manifest/system.yaml", "manifest/moved.yaml")
    Path("manifest/moved.yaml").write_text(changed([('"1.2.0"', '"1.1.0"')]))
    git("commit", "-qam", "moved")
    assert problems("manifest/moved.yaml") == [
        ("manifest/moved.yaml", "VM401", 2, 10),
        ("pyproject.toml", "VM408", 1, 1),  # no command finds it there without being told
    ]
    Path("pyproject.toml").write_text('[tool.valhalla-manifest]\nmanifest = "manifest/moved.yaml"')
    assert problems() == [("manifest/moved.yaml", "VM401", 2, 10)]


def test_a_first_manifest_is_no_change(repository: Path) -> None:
    git("switch", "-qc", "topic")
    Path("manifest/second.yaml").write_text(FIRST)
    assert problems("manifest/second.yaml") == []


def test_a_policy_may_allow_a_step(base: Path) -> None:
    Path("pyproject.toml").write_text('[tool.valhalla-manifest]\nignore = ["VM404"]\n')
    base.write_text(changed(REFUSED["a status goes back"][0]))
    assert problems() == [("pyproject.toml", "VM408", 2, 1)]  # it is told, but the step passes
    git("add", "pyproject.toml")
    git("commit", "-qm", "steps may go back")
    git("branch", "-f", "main")
    assert problems() == []


@pytest.mark.parametrize("revision", ["nope", "--output=x", "", "HEAD:manifest"])
def test_an_unknown_revision_is_one_line(base: Path, revision: str) -> None:
    ran = run("validate", f"--against={revision}")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == f"error: unknown revision {revision!r}\n"
    assert sorted(path.name for path in Path().iterdir()) == [".git", "manifest"]
