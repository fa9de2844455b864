"""Shell completion, through the interface of the shells and once in a real bash."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import ShellComplete

from tests.conftest import git, run
from tests.support.manifests import SMALL
from valhalla_manifest.cli import cli

BIN = Path(sys.executable).parent


def complete(*words: str) -> list[str]:
    """Return the completions of the last word."""
    completer = ShellComplete(cli, {}, "valhalla-manifest", "_VALHALLA_MANIFEST_COMPLETE")
    items = completer.get_completions([*words[:-1]], words[-1])
    return [item.value if item.type == "plain" else item.type for item in items]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("comp",), ["complete", "completion"]),
        (("completion", ""), ["bash", "zsh", "fish"]),
        (("packs", "show", "h"), ["H"]),
        (("packs", "set", "H", "i"), ["I"]),
        (("packs", "rename", "h"), ["H"]),
        (("packs", "list", "--status", "in"), ["installed"]),
        (("packs", "list", "--category", "sy"), ["system"]),
        (("packs", "add", "--category", "p"), ["professional"]),
        (("packs", "set", "H", "--replaced-by", "w"), ["W"]),
        (("packs", "set", "H", "--depends-on", "I,J,k"), ["I,J,K"]),
        (("packs", "set", "H", "--clear", "o"), ["owner"]),
        (("set", "--clear", ""), ["name"]),
        (("get", "packs.h.st"), ["packs.H.status"]),
        (("blame", "vers"), ["version"]),
        (("require", "comp"), ["complete"]),
        (("require", "installed:H,w"), ["installed:H,W"]),
        (("rules", "vm30"), [f"VM30{number}" for number in range(1, 10)]),
        (("validate", ""), ["file"]),
        (("status", ""), ["file"]),
        (("-m", ""), ["file"]),
        (("export", "badge", "-o", ""), ["file"]),
        (("init", "--from", ""), ["file"]),
    ],
    ids=" ".join,
)
def test_a_word_is_completed_from_the_manifest_or_the_tool(
    manifest: Path, words: tuple[str, ...], expected: list[str]
) -> None:
    assert complete(*words) == expected


@pytest.mark.parametrize(
    "words",
    [
        ("-m", "other.yaml", "packs", "show", ""),
        ("packs", "show", "--manifest", "other.yaml", ""),
        ("packs", "set", "-m", "other.yaml", ""),
    ],
    ids=" ".join,
)
def test_completions_come_from_the_manifest_of_the_option(
    manifest: Path, words: tuple[str, ...]
) -> None:
    Path("other.yaml").write_text(SMALL.replace('"H"', "billing-api"))
    assert complete(*words) == ["billing-api"]


@pytest.mark.parametrize(
    "words", [("diff", ""), ("validate", "--against", ""), ("status", "--at", "")], ids=" ".join
)
def test_branches_and_tags_are_completed(repository: Path, words: tuple[str, ...]) -> None:
    git("tag", "v1.0.0")
    git("branch", "topic")
    assert complete(*words) == ["main", "topic", "v1.0.0"]


@pytest.mark.parametrize(
    "words",
    [("packs", "show", ""), ("get", ""), ("diff", ""), ("require", "installed:"), ("blame", "")],
)
def test_without_a_readable_manifest_nothing_is_completed(
    folder: Path, words: tuple[str, ...]
) -> None:
    assert complete(*words) == []
    Path("manifest").mkdir()
    Path("manifest/system.yaml").write_text("[")
    assert complete(*words) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_calls_this_tool(shell: str) -> None:
    ran = run("completion", shell)
    assert ran.code == 0
    assert f"_VALHALLA_MANIFEST_COMPLETE={shell}_complete" in ran.out


@pytest.mark.skipif(not shutil.which("bash"), reason="bash is not installed")
def test_a_real_bash_completes(manifest: Path) -> None:
    script = """
    eval "$(valhalla-manifest completion bash)"
    COMP_WORDS=(valhalla-manifest packs show h) COMP_CWORD=3
    _valhalla_manifest_completion valhalla-manifest
    echo "${COMPREPLY[@]}"
    """
    environment = os.environ | {"PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"}
    words = ["bash", "--norc", "-c", script, "valhalla-manifest"]
    ran = subprocess.run(words, capture_output=True, text=True, check=False, env=environment)
    assert (ran.stdout, ran.stderr) == ("H\n", "")


def test_the_script_for_fish_accepts_commas_in_completions(folder: Path) -> None:
    script = run("completion", "fish").out
    assert 'string split -m1 "," $completion' in script
    assert 'string split ","' not in script
