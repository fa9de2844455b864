"""The documentation is true: its examples run, and its links lead to files."""

from __future__ import annotations

import importlib
import logging
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from scripts.command_table import replace_table
from tests.conftest import git, run
from tests.support.manifests import REPOSITORY
from valhalla_manifest import load

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAGES = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")]


def console(text: str) -> list[tuple[str, str]]:
    """Return the commands of the console blocks, each with the output shown below it."""
    examples: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            examples.append((command, output))
    return examples


def matches(expected: str, printed: str) -> bool:
    """Compare outputs; ``…`` matches the rest of a line, and alone on a line any lines."""
    lines = (
        "(?s:.*)" if line == "…\n" else ".*".join(map(re.escape, line.split("…")))
        for line in expected.splitlines(keepends=True)
    )
    return re.fullmatch("".join(lines), printed) is not None


@pytest.fixture
def empty_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a new repository of a reader, without files and commits."""
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Ada Lovelace")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "ada@example.com")
    monkeypatch.chdir(tmp_path)
    git("init", "-q", "-b", "main")
    return tmp_path


def follow(text: str) -> None:
    """Run the console examples of a page in order, and compare what they print."""
    bin_folder = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    for command, output in console(text):
        ran = subprocess.run(
            ["sh", "-c", f"( {command} ) 2>&1"],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert matches(output, ran.stdout), f"$ {command}\n{ran.stdout}"


@pytest.mark.slow
def test_a_reader_can_follow_the_readme_in_an_empty_repository(empty_repository: Path) -> None:
    quick_start, heading, rest = README.partition("## The manifest\n")
    assert len(console(quick_start)) >= 5
    assert len(console(rest)) > 10
    follow(quick_start)
    (shown,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert (empty_repository / "manifest" / "system.yaml").read_text(encoding="utf-8") == shown
    follow(heading + rest)
    assert run("validate").code == 0


def test_an_example_matches_only_its_output() -> None:
    assert matches("a …\n", "a b\n")
    assert not matches("a …\n", "a b\nc\n")
    assert matches("a\n…\n", "a\nb\nc\n")
    assert not matches("a\n", "b\n")


def test_the_python_of_the_readme(manifest: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(example, "README.md", "exec"), {})
    assert capsys.readouterr().out == "1.0.0\n"
    assert load(manifest).packs[-1].name == "Export Engine"


def test_the_toml_of_the_readme(manifest: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    Path("pyproject.toml").write_text(example)
    assert run("validate").code == 0


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_to_a_file(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert "://" in target or (page.parent / target).exists(), target


def test_the_command_table_is_current() -> None:
    assert replace_table(README) == README, "run `make generate`"


def test_every_command_is_in_the_readme() -> None:
    from tests.test_cli import LEAVES

    in_code = {" ".join(each.split()[:2]) for each in re.findall(r"`([^`\n]+)`", README)}
    assert {" ".join(path) for path in LEAVES} <= in_code


def test_every_exit_code_is_in_the_readme() -> None:
    assert re.findall(r"^\| (\d) \| ", README, re.MULTILINE) == ["0", "1", "2", "3"]


def test_every_module_of_the_contributing_page_exists() -> None:
    page = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    package = REPOSITORY / "valhalla_manifest"
    roots = (REPOSITORY, package, package / "validation")
    paths = re.findall(r"`(\w+/[\w/]+\.\w+)`", page)
    assert len(paths) > 20
    assert [path for path in paths if not any((root / path).exists() for root in roots)] == []
    for folder, content in re.findall(r"(?m)^\| `(\w+)/` \| (.*)$", page):
        for name in re.findall(r"`(\w+\.py)`", content):
            assert (package / folder / name).exists(), name


def test_the_hooks_of_the_guide_are_those_on_offer() -> None:
    guide = (REPOSITORY / "docs" / "your-repository.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", guide, re.DOTALL)
    offered = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    shown = yaml.safe_load(example)["repos"][0]["hooks"]
    assert [hook["id"] for hook in shown] == [hook["id"] for hook in offered]


def test_the_logger_of_the_publishing_page_exists() -> None:
    page = (REPOSITORY / "docs" / "publishing.md").read_text(encoding="utf-8")
    (name,) = re.findall(r"logger `(.+?)`", page)
    loggers = vars(importlib.import_module(name)).values()
    assert any(isinstance(each, logging.Logger) and each.name == name for each in loggers)


def test_the_example_of_the_format_page_is_valid(folder: Path) -> None:
    page = (REPOSITORY / "docs" / "format.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert run("validate", "-", stdin=example).code == 0


def test_the_manifest_of_this_repository_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert run("validate").out == "manifest/system.yaml is valid\n"
