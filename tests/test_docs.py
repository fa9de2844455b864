"""The documentation is true: its examples are run, its links lead somewhere."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import run
from tests.support.manifests import REPOSITORY
from valhalla_manifest import load

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
PAGES = [*REPOSITORY.glob("*.md"), *REPOSITORY.glob("docs/*.md")]


def console(text: str) -> list[tuple[str, str]]:
    """Return the commands of the console blocks, each with the output that stands under it."""
    found: list[tuple[str, str]] = []
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


def matches(expected: str, printed: str) -> bool:
    """Compare outputs; ``…`` stands for what differs from run to run."""
    pattern = ".*".join(re.escape(part) for part in expected.split("…"))
    return re.fullmatch(pattern, printed) is not None


@pytest.mark.slow
def test_the_tour_of_the_readme(repository: Path) -> None:
    bin_folder = Path(sys.executable).parent
    environment = os.environ | {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}"}
    examples = console(README)
    assert len(examples) > 10
    for command, output in examples:
        ran = subprocess.run(
            ["sh", "-c", f"{command} 2>&1"],
            capture_output=True,
            text=True,
            env=environment,
            check=False,
        )
        assert matches(output, ran.stdout), f"$ {command}\n{ran.stdout}"


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


def test_every_command_is_in_the_readme() -> None:
    """As a word of its own in code: in a console, or between backticks."""
    from tests.test_cli import LEAVES

    code = [command for command, _ in console(README)] + re.findall(r"`([^`\n]+)`", README)
    words = [each.removeprefix("valhalla-manifest ").split() for each in code]
    missing = [path for path in LEAVES if not any(w[: len(path)] == list(path) for w in words)]
    assert missing == []


def test_the_example_of_the_format_page_is_valid(folder: Path) -> None:
    page = (REPOSITORY / "docs" / "format.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert run("validate", "-", stdin=example).code == 0


def test_the_manifest_of_this_repository_is_valid(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(REPOSITORY)
    assert run("validate").out == "manifest/system.yaml is valid\n"
