"""A change of the settings under review: what lets pass more than before is named (VM408)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import git, run
from tests.support.manifests import SMALL

TABLE = "[tool.valhalla-manifest]\n"


def weakened(old: str, new: str) -> list[str]:
    """Return what is said of a change of the settings, in a repository that had them."""
    Path("pyproject.toml").write_text(f"[tool.valhalla-manifest]\n{old}\n")
    git("add", "-A")
    git("commit", "-qm", "settings")
    Path("pyproject.toml").write_text(f"[tool.valhalla-manifest]\n{new}\n")
    ran = run("validate", "--against", "HEAD", "--format", "json")
    assert ran.code == 0, ran.out
    files = {each["path"]: each["problems"] for each in json.loads(ran.out)["files"]}
    return [
        f"{problem['line']}: {problem['message']}"
        for problem in files.get("pyproject.toml", [])
        if (problem["code"], problem["severity"]) == ("VM408", "warning")
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("", 'ignore = ["VM404"]', ["2: VM404 is ignored now"]),
        ("", 'warn = ["VM401", "VM404"]', ["2: VM401, VM404 are no longer an error"]),
        ('error = ["VM306"]', "", ["1: VM306 is no longer an error"]),
        ('warn = ["VM404"]', 'ignore = ["VM404"]', ["2: VM404 is ignored now"]),
        ('ignore = ["VM404"]', 'warn = ["VM404"]', []),
        ("", 'error = ["VM306"]', []),
        ("", 'schema = "other.json"', []),
        ("", 'manifest = "deploy/state.yaml"',
         ["2: manifest/system.yaml is no longer a manifest of this project"]),
        ('manifest = "manifest/system.yaml"', 'manifest = ["manifest/*.yaml"]', []),
        ('manifest = ["manifest/*.yaml"]', 'manifest = "manifest/system.yaml"', []),
        ('manifest = "manifest/system.yaml"', "", []),
    ],
)  # fmt: skip
@pytest.mark.usefixtures("repository")
def test_a_change_that_weakens_the_settings_is_named(old: str, new: str, said: list[str]) -> None:
    Path("deploy").mkdir()
    Path("deploy/state.yaml").write_text(SMALL)
    assert weakened(old, new) == said


@pytest.mark.usefixtures("repository")
def test_settings_that_ignore_the_warning_are_named_by_it() -> None:
    assert weakened("", 'ignore = ["VM408", "VM404"]') == ["2: VM404, VM408 are ignored now"]


@pytest.mark.usefixtures("repository")
def test_settings_that_are_gone_are_named() -> None:
    Path("pyproject.toml").write_text('[tool.valhalla-manifest]\nerror = ["VM306"]\n')
    git("add", "-A")
    git("commit", "-qm", "settings")
    Path("pyproject.toml").unlink()
    ran = run("validate", "--against", "HEAD")
    assert "pyproject.toml:1:1: warning VM408: VM306 is no longer an error" in ran.out


EXTENSIONS = '{"definitions": {"pack": {"properties": {"x-tier": {"minLength": %s}}}}}'


@pytest.mark.usefixtures("repository")
def test_own_keys_that_may_hold_more_are_named() -> None:
    Path("types.json").write_text(EXTENSIONS % 2)
    typed = 'extensions = "types.json"'
    assert weakened(typed, "") == ["1: extension keys are no longer checked"]
    Path("types.json").write_text(EXTENSIONS % 3)
    assert weakened(typed, typed) == []
    Path("types.json").write_text(EXTENSIONS % 1)
    Path("pyproject.toml").write_text(f"[tool.valhalla-manifest]\n{typed}\n")
    ran = run("validate", "--against", "HEAD")
    changed = "types.json:1:1: warning VM408: the schema of the extension keys changed\n"
    assert ran.out.startswith(changed)


def settings(text: str, folder: str = ".") -> None:
    Path(folder, "pyproject.toml").write_text(f"{TABLE}{text}\n")


def service(name: str) -> Path:
    file = Path("services", *name.split("/"), "manifest.yaml")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(SMALL)
    return file


def commit() -> None:
    git("add", "-A")
    git("commit", "-qm", "a step")


REMOVED = "the manifest was removed and no other manifest follows it"


def said() -> list[str]:
    """Return the problems of the settings, and of removed manifests, since the last commit."""
    found = json.loads(run("validate", "--against", "HEAD", "--format", "json").out)["files"]
    problems = [(each["path"], problem) for each in found for problem in each["problems"]]
    return [
        f"{path.rpartition(':')[2]}: {found['message']}"
        for path, found in problems
        if found["code"] in {"VM408", "VM409"}
    ]


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize(
    ("old", "new", "gone"),
    [
        ("services/*/manifest.yaml", "services/?/manifest.yaml", ["abc"]),
        ("services/*/manifest.yaml", "services/[!a]*/manifest.yaml", ["abc"]),
        ("**/manifest.yaml", "services/*/manifest.yaml", ["d/e"]),
        ("services/abc/manifest.yaml", "**/manifest.yaml", []),
        ("services/*/manifest.yaml", "services/[abc]*/manifest.yaml", []),
    ],
)
def test_patterns_are_compared_by_the_files_that_they_stand_for(
    old: str, new: str, gone: list[str]
) -> None:
    for name in ("abc", "b", "d/e"):
        service(name)
    settings(f'manifest = ["{old}"]')
    commit()
    settings(f'manifest = ["{new}"]')
    assert said() == [
        f"pyproject.toml: services/{name}/manifest.yaml is no longer a manifest of this project"
        for name in gone
    ]


@pytest.mark.usefixtures("repository")
def test_a_manifest_that_is_gone_is_named_and_one_that_moved_is_not() -> None:
    settings('manifest = ["services/*/manifest.yaml"]')
    service("billing")
    service("users").write_text(SMALL.replace("1.0.0", "7.0.0"))
    commit()
    git("rm", "-q", "services/billing/manifest.yaml")
    assert said() == [f"services/billing/manifest.yaml: {REMOVED}"]
    git("reset", "-q", "--hard")
    git("mv", "services/billing", "services/payments")
    assert said() == []


@pytest.mark.usefixtures("repository")
def test_a_rename_that_is_only_staged_does_not_hide_a_change() -> None:
    settings('manifest = ["services/*/manifest.yaml"]')
    service("billing")
    commit()
    git("mv", "services/billing", "services/payments")
    moved = Path("services/payments/manifest.yaml")
    moved.write_text(SMALL.replace("1.0.0", "0.9.0"))
    git("add", "-A")
    git("tag", "v1.0.0", "HEAD")
    ran = run("validate", "--against", "HEAD")
    assert "services/payments/manifest.yaml:2:10: error VM401" in ran.out


@pytest.mark.usefixtures("repository")
def test_settings_behind_a_link_are_compared_too() -> None:
    Path("real.toml").write_text(f'{TABLE}error = ["VM306"]\nextensions = "types.json"\n')
    Path("real.json").write_text(EXTENSIONS % 3)
    Path("pyproject.toml").symlink_to("real.toml")
    Path("types.json").symlink_to("real.json")
    commit()
    Path("real.json").write_text(EXTENSIONS % 1)
    Path("real.toml").write_text(f'{TABLE}ignore = ["VM404"]\nextensions = "types.json"\n')
    assert said() == [
        "pyproject.toml: VM306 is no longer an error",
        "pyproject.toml: VM404 is ignored now",
        "types.json: the schema of the extension keys changed",
    ]


def test_an_extensions_schema_outside_of_the_repository_has_no_past(
    repository: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "types.json"
    outside.write_text(EXTENSIONS % 3)
    settings(f'extensions = "{outside.as_posix()}"')
    commit()
    outside.write_text(EXTENSIONS % 1)
    assert said() == []


@pytest.mark.usefixtures("repository")
def test_settings_that_could_not_be_read_before_are_named() -> None:
    settings('ignore = ["VM9999"]')
    commit()
    settings("")
    (found,) = said()
    assert "cannot read the previous settings, so this change was not checked: " in found
    assert "VM9999" in found


@pytest.mark.usefixtures("repository")
def test_settings_of_a_folder_count_for_its_manifests_wherever_one_stands() -> None:
    settings('manifest = ["services/*/manifest.yaml"]')
    service("billing").write_text(SMALL.replace('id: "H"', "id: N"))
    commit()
    assert run("validate").code == 1
    settings('ignore = ["VM104"]', "services/billing")
    assert run("validate").code == 0
    assert said() == ["services/billing/pyproject.toml: VM104 is ignored now"]


@pytest.mark.usefixtures("repository")
def test_the_usual_manifest_may_be_a_yml() -> None:
    git("mv", "manifest/system.yaml", "manifest/system.yml")
    Path("other.yaml").write_text(SMALL)
    commit()
    settings('manifest = "other.yaml"')
    assert said() == ["pyproject.toml: manifest/system.yml is no longer a manifest of this project"]


def test_a_folder_may_be_called_like_a_pattern(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("other") / "[team]"
    folder.mkdir()
    monkeypatch.chdir(folder)
    git("init", "-q")
    for name in ("abc", "b"):
        service(name)
    settings('manifest = ["services/*/manifest.yaml"]')
    commit()
    settings('manifest = ["services/../services/b/manifest.yaml"]')
    assert said() == [
        "pyproject.toml: services/abc/manifest.yaml is no longer a manifest of this project"
    ]


@pytest.mark.usefixtures("repository")
def test_the_line_is_one_of_the_table() -> None:
    other = '\n\n[tool.other]\nignore = ["VM404"]\nwarn = []\n'
    settings('error = ["VM306"]' + other)
    commit()
    settings('warn = ["VM404"]' + other)
    assert "pyproject.toml:2:1: warning VM408" in run("validate", "--against", "HEAD").out
    settings(other)
    assert "pyproject.toml:1:1: warning VM408" in run("validate", "--against", "HEAD").out


@pytest.mark.usefixtures("repository")
@pytest.mark.parametrize("pattern", ["[z-a]/m.yaml", "[[]/m.yaml", "[^b]/m.yaml", "[\\\\d]/m.yaml"])
def test_a_pattern_may_hold_anything(pattern: str) -> None:
    settings(f'manifest = ["manifest/system.yaml", "{pattern}"]')
    commit()
    settings('manifest = ["manifest/system.yaml"]')
    assert said() == []
    settings(f'manifest = ["{pattern}"]')
    assert "files: " in run("init", "--snippets").out


@pytest.mark.usefixtures("repository")
def test_settings_of_a_folder_let_no_manifest_of_the_others_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings('manifest = ["services/*/manifest.yaml"]')
    service("billing")
    service("users")
    commit()
    settings('ignore = ["VM306"]', "services/billing")
    monkeypatch.chdir("services/billing")
    found = json.loads(
        run("-m", "manifest.yaml", "validate", "--against", "HEAD", "--format", "json").out
    )["files"]
    told = [problem["message"] for each in found for problem in each["problems"]]
    assert told == ["VM306 is ignored now"]


@pytest.mark.usefixtures("repository")
def test_an_extensions_schema_from_outside_that_is_gone_is_named(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "types.json"
    outside.write_text(EXTENSIONS % 3)
    settings(f'extensions = "{outside.as_posix()}"')
    commit()
    settings("")
    assert said() == ["pyproject.toml: extension keys are no longer checked"]


@pytest.mark.usefixtures("repository")
def test_the_only_manifest_is_followed_although_its_rename_is_not_staged() -> None:
    text = Path("manifest/system.yaml").read_text().replace('"1.0.0"', '"0.9.0"')
    Path("manifest/system.yaml").unlink()
    Path("manifest/system.yml").write_text(text)
    for _ in range(2):
        assert said() == []
        assert "VM401" in run("validate", "--against", "HEAD").out
        git("add", "-A")


@pytest.mark.usefixtures("repository")
def test_settings_that_moved_let_no_manifest_go_unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    settings('manifest = ["services/*/manifest.yaml"]')
    service("a")
    service("b")
    commit()
    git("mv", "pyproject.toml", "services/pyproject.toml")
    settings('manifest = ["*/manifest.yaml"]', "services")
    git("rm", "-q", "-f", "services/a/manifest.yaml")
    monkeypatch.chdir("services")
    assert said() == [f"services/a/manifest.yaml: {REMOVED}"]
