"""A repository of many services: each with a manifest, and what a command is about."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import git, run
from tests.support.manifests import SMALL

SERVICES = ("billing", "shipping", "users")
TABLE = '[tool.valhalla-manifest]\nmanifest = ["services/*/manifest.yaml"]\n'


def named(name: str) -> str:
    return SMALL.replace("\nversion:", f"\nname: {name}\nversion:")


@pytest.fixture
def services(folder: Path) -> Path:
    """Return a repository of three services, whose settings name their manifests."""
    for name in SERVICES:
        place = folder / "services" / name
        place.mkdir(parents=True)
        (place / "manifest.yaml").write_text(named(name))
    (folder / "pyproject.toml").write_text(TABLE)
    return folder


def spoil(name: str) -> None:
    file = Path(f"services/{name}/manifest.yaml")
    file.write_text(file.read_text().replace('id: "H"', "id: N"))


def test_validate_without_files_checks_all_of_them(services: Path) -> None:
    assert run("validate").out == "3 manifests are valid\n"
    spoil("shipping")
    ran = run("validate")
    assert ran.code == 1
    assert ran.out.startswith("services/shipping/manifest.yaml:7:9: error VM104")
    assert ran.err == "1 error in 1 file\n"


def test_status_has_a_line_for_each(services: Path) -> None:
    lines = [
        f"services/{name}/manifest.yaml: {name} 1.0.0, not complete, 1 pack: 1 installed"
        for name in SERVICES
    ]
    assert run("status").out.splitlines() == lines
    spoil("users")
    ran = run("status")
    assert ran.code == 1
    assert ran.out.splitlines()[:2] == lines[:2]
    assert "services/users/manifest.yaml: not valid, 7:9: VM104 plain N" in ran.out


def test_status_as_json_is_a_list(services: Path) -> None:
    spoil("users")
    ran = run("status", "--format", "json")
    assert ran.code == 1
    first, _, last = json.loads(ran.out)
    assert first["path"] == "services/billing/manifest.yaml"
    assert (first["valid"], first["version"], first["extra"]["name"]) == (True, "1.0.0", "billing")
    assert (last["valid"], last["problem"][:10]) == (False, "7:9: VM104")


def test_status_as_markdown_is_a_table_and_html_is_for_one(services: Path) -> None:
    out = run("status", "--format", "markdown").out
    assert "| services/billing/manifest.yaml | 1.0.0 | not complete | 1 |" in out
    refused = run("status", "--format", "html")
    assert refused.code == 2
    assert "html is for one manifest" in refused.err


def test_a_command_for_one_is_about_the_service_where_we_are(
    services: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (services / "services/billing/source").mkdir()
    for place in ("services/billing", "services/billing/source"):
        monkeypatch.chdir(services / place)
        assert run("get", "name").out == "billing\n"
    monkeypatch.chdir(services)
    ran = run("get", "name")
    assert ran.code == 2
    assert "there are 3 manifests; name one with --manifest: services/billing/man" in ran.err
    assert run("-m", "services/users/manifest.yaml", "get", "name").out == "users\n"


def test_the_manifest_of_the_whole_is_one_of_them(
    services: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("manifest").mkdir()
    Path("manifest/system.yml").write_text(named("whole"))
    Path("pyproject.toml").write_text(
        '[tool.valhalla-manifest]\nmanifest = ["manifest/system.yml", "services/*/manifest.yaml"]\n'
    )
    assert run("get", "name").out == "whole\n"
    monkeypatch.chdir("services/users")
    assert run("get", "name").out == "users\n"


def test_system_yml_is_found_like_system_yaml(folder: Path) -> None:
    Path("manifest").mkdir()
    Path("manifest/system.yml").write_text(SMALL)
    assert run("validate").out == "manifest/system.yml is valid\n"
    assert run("validate", ".").out == "manifest/system.yml is valid\n"


def test_folders_are_searched(folder: Path) -> None:
    for place in ("a/manifest", "b/c/manifest", "b/.hidden/manifest", "node_modules/d/manifest"):
        Path(place).mkdir(parents=True)
        Path(place, "system.yaml").write_text(SMALL)
    assert run("validate", ".").out == "2 manifests are valid\n"
    assert run("validate", "b").out == "b/c/manifest/system.yaml is valid\n"
    assert run("validate", "b", "b/c").out == "b/c/manifest/system.yaml is valid\n"
    Path("empty").mkdir()
    ran = run("validate", "empty")
    assert (ran.code, ran.out) == (2, "")
    assert ran.err == (
        "error: there is no manifest in empty; name the file, or add a pattern to `manifest` in "
        "pyproject.toml\n"
    )


def test_a_folder_stands_for_the_manifests_that_settings_name_in_it(services: Path) -> None:
    assert run("validate", "services/users").out == "services/users/manifest.yaml is valid\n"


def test_no_name_is_ever_passed_over(services: Path) -> None:
    billing, users = (f"services/{name}/manifest.yaml" for name in ("billing", "users"))
    twice = run("-m", billing, "get", "name", "-m", users)
    assert twice.code == 2
    assert "--manifest is given more than once" in twice.err
    assert run("-m", billing, "-m", users, "validate").out == "2 manifests are valid\n"
    beside = run("validate", "-m", billing, users)
    assert beside.code == 2
    assert "cannot combine FILES with --manifest" in beside.err


def test_a_pattern_that_matches_nothing_is_an_error(folder: Path) -> None:
    Path("pyproject.toml").write_text(TABLE)
    ran = run("validate")
    assert ran.code == 2
    assert "no file matches services/*/manifest.yaml" in ran.err


@pytest.mark.parametrize("value", ["[1]", '[""]', "true", '["/etc/*"]'])
def test_manifest_is_a_path_or_a_list_of_paths_and_patterns(folder: Path, value: str) -> None:
    Path("pyproject.toml").write_text(f"[tool.valhalla-manifest]\nmanifest = {value}\n")
    ran = run("validate")
    assert ran.code == 2
    assert "pyproject.toml: manifest" in ran.err


def test_a_service_with_a_pyproject_of_its_own_has_the_settings_of_the_whole(
    services: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("services/users/pyproject.toml").write_text('[project]\nname = "users"\n')
    monkeypatch.chdir("services/users")
    assert run("validate").out == "3 manifests are valid\n"


@pytest.mark.parametrize("form", ["github", "gitlab", "sarif"])
def test_forges_get_paths_from_the_root_of_the_repository(
    services: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    spoil("users")
    monkeypatch.chdir("services/users")
    out = run("validate", "--format", form, "manifest.yaml").out
    assert "services/users/manifest.yaml" in out
    assert "../" not in out


def test_one_schema_serves_all(services: Path) -> None:
    with Path("pyproject.toml").open("a") as settings:
        settings.write('schema = "schemas/system.schema.json"\n')
    assert run("schema", "export").code == 0
    assert run("schema", "check").out.count("is current, and services/") == 3
    assert run("schema", "check", "services/users").out.count("is current") == 1
    users = Path("services/users/manifest.yaml")
    users.write_text(users.read_text().replace('"H"', "7"))
    ran = run("schema", "check")
    assert ran.code == 1
    assert "services/users/manifest.yaml does not match" in ran.err


def test_git_setup_registers_each(repository: Path) -> None:
    for name in SERVICES:
        Path("services", name).mkdir(parents=True)
        Path("services", name, "manifest.yaml").write_text(named(name))
    Path("pyproject.toml").write_text(TABLE)
    assert run("git-setup").out.count(".gitattributes: /services/") == 3
    assert run("git-setup").out == "nothing to do\n"
    assert Path(".gitattributes").read_text().count("merge=valhalla-manifest") == 3


# --- settings under review ----------------------------------------------------------------------


def test_a_manifest_of_another_repository_is_judged_from_anywhere(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    git("tag", "v1.0.0")
    manifest = repository / "manifest/system.yaml"
    manifest.write_text(manifest.read_text().replace('"1.0.0"', '"0.9.0"'))
    monkeypatch.chdir(tmp_path_factory.mktemp("nowhere"))
    ran = run("validate", str(manifest), "--against", "v1.0.0")
    assert (ran.code, "VM401" in ran.out) == (1, True)
    git("init", "-q", ".")
    ran = run("validate", str(manifest), "--against", "v1.0.0")
    assert (ran.code, "VM401" in ran.out) == (1, True)


TYPED = '[tool.valhalla-manifest]\nextensions = "types.json"\n'
NEEDS_A_TEAM = '{"definitions": {"manifest": {"required": ["x-team"]}}}'


@pytest.fixture
def typed(services: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the manifest of another repository, whose own keys have types."""
    other = tmp_path_factory.mktemp("other")
    (other / ".git").mkdir()
    (other / "pyproject.toml").write_text(TYPED)
    (other / "types.json").write_text(NEEDS_A_TEAM)
    (other / "manifest").mkdir()
    path = other / "manifest/system.yaml"
    path.write_text(SMALL)
    return path


def test_a_manifest_is_judged_by_the_settings_of_its_own_project(typed: Path) -> None:
    ran = run("validate", str(typed), "services/users/manifest.yaml")
    assert (ran.code, ran.out.count("VM208"), ran.err) == (1, 1, "1 error in 1 file\n")
    assert run("-m", str(typed), "schema", "export").code == 0
    assert "x-team" in (typed.parents[1] / "schemas/system.schema.json").read_text()
    assert run("-m", str(typed), "version", "set", "2.0.0").code == 1


def test_a_manifest_of_another_repository_is_not_judged_by_ours(
    typed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours = str(Path("services/users/manifest.yaml").absolute())
    monkeypatch.chdir(typed.parents[1])
    assert run("validate").code == 1
    assert run("validate", ours).code == 0


def test_a_file_in_no_project_has_the_default_settings_wherever_the_command_runs(
    typed: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(typed.parents[1])
    loose = tmp_path_factory.mktemp("loose") / "state.yaml"
    loose.write_text(SMALL)
    assert run("validate", str(loose)).code == 0
    assert "VM208" in run("validate", "-", stdin=SMALL).out


def test_a_folder_is_searched_with_its_own_settings(
    services: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert run("validate", str(services)).out == "3 manifests are valid\n"


def test_the_folder_of_a_manifest_is_one_too(manifest: Path) -> None:
    assert run("validate", "manifest").out == "manifest/system.yaml is valid\n"


def test_a_pattern_that_matches_nothing_hides_no_other_in_a_folder(services: Path) -> None:
    Path("pyproject.toml").write_text(TABLE.replace('["', '["none/*.yaml", "'))
    assert run("validate").code == 2
    assert run("validate", "services").out == "3 manifests are valid\n"


def test_the_variable_counts_wherever_the_option_does(
    typed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALHALLA_MANIFEST", str(typed))
    assert run("schema", "export").code == 0
    assert "x-team" in (typed.parents[1] / "schemas/system.schema.json").read_text()
    monkeypatch.setenv("VALHALLA_MANIFEST", "deploy/state.yaml")
    assert run("init").code == 0
    assert Path("deploy/state.yaml").is_file()
