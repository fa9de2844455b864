"""Random histories with renames, swaps and deletions, compared with ``git log --follow``."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import SOAK, git, run

PATHS = ("a.yaml", "b.yaml", "manifest/system.yaml", "services/c.yaml")
Tree = dict[str, str]


def make_manifest(draw: random.Random, version: int) -> str:
    """Return a manifest that is unlike any other, so that git never takes one for another."""
    packs = "".join(
        f'  - id: "P{at}"\n    name: t{draw.getrandbits(400):x}\n    status: installed\n'
        for at in range(8)
    )
    return (
        f'schema_version: 1\nversion: "{version}.0.0"\nbackend_complete: false\n'
        f"notes: t{draw.getrandbits(160):x}\nsummary: t{draw.getrandbits(160):x}\npacks:\n{packs}"
    )


class Growth:
    """A line of commits, each with its files."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.version = 0
        self.trees: list[Tree] = []

    def next_version(self) -> int:
        self.version += 1
        return self.version

    def bump(self, text: str) -> str:
        old = yaml.safe_load(text)["version"]
        return text.replace(f'"{old}"', f'"{self.next_version()}.0.0"')

    def grow(self, commits: int) -> list[Tree]:
        tree = {"manifest/system.yaml": make_manifest(self.draw, self.next_version())}
        for _ in range(commits):
            self.trees.append(dict(tree))
            self.step(tree)
        if not tree:
            tree["a.yaml"] = make_manifest(self.draw, self.next_version())
        self.trees.append(dict(tree))
        return self.trees

    def step(self, tree: Tree) -> None:
        present = sorted(tree)
        free = [path for path in PATHS if path not in tree]
        kinds = ["edit"] * 4 * bool(present) + ["rename", "rename and edit"] * bool(
            present and free
        )
        kinds += ["swap", "replace"] * (len(present) > 1) + ["add"] * bool(free)
        kinds += ["delete"] * (len(present) > 1)
        kind = self.draw.choice(kinds)
        one = self.draw.choice(present) if present else ""
        other = self.draw.choice([path for path in present if path != one] or [""])
        if kind == "edit":
            tree[one] = self.bump(tree[one])
        elif kind.startswith("rename"):
            text = tree.pop(one)
            tree[self.draw.choice(free)] = self.bump(text) if "edit" in kind else text
        elif kind == "swap":
            tree[one], tree[other] = tree[other], tree[one]
        elif kind == "replace":
            tree[one] = tree.pop(other)
        elif kind == "delete":
            del tree[one]
        else:
            tree[self.draw.choice(free)] = make_manifest(self.draw, self.next_version())


def import_trees(trees: list[Tree]) -> None:
    """Write a line of commits into the repository of the working directory."""
    stream = []
    for at, tree in enumerate(trees):
        subject = f"commit {at}"
        stream += [
            "commit refs/heads/main\n",
            f"committer Ada <ada@example.com> {1_700_000_000 + at} +0000\n",
            f"data {len(subject)}\n{subject}\ndeleteall\n",
        ]
        stream += [f"M 644 inline {path}\ndata {len(tree[path])}\n{tree[path]}\n" for path in tree]
    words = ("git", "fast-import", "--quiet")
    subprocess.run(words, input="".join(stream), text=True, check=True)
    git("reset", "-q", "--hard")


def follow(path: str, trees: list[Tree]) -> list[tuple[str, str | None, str | None]]:
    """Return the commits in which the version changed, as git and PyYAML tell, newest first."""
    listed = git("log", "--follow", "--name-status", "--format=%x01%s", "--", path)
    revisions = []
    for block in listed.split("\1")[1:]:
        subject, _, row = block.strip().partition("\n")
        status, *names = row.strip().split("\t")
        text = trees[int(subject.split()[1])].get(names[-1]) if status != "D" else None
        revisions.append((subject, yaml.safe_load(text)["version"] if text else None))
    older = [version for _, version in revisions[1:]] + [None]
    return [
        (subject, before, after)
        for (subject, after), before in zip(revisions, older, strict=True)
        if before != after
    ]


@pytest.mark.parametrize("seed", range(12 * SOAK))
def test_every_manifest_has_the_revisions_that_git_log_follow_tells(
    folder: Path, seed: int
) -> None:
    (folder / ".git").rmdir()
    git("init", "-q", "-b", "main")
    trees = Growth(seed).grow(24)
    import_trees(trees)
    for path in trees[-1]:
        ran = run("-m", path, "history", "--format", "json")
        found = [
            (each["subject"], change["before"], change["after"])
            for each in json.loads(ran.out)["revisions"]
            for change in each["changes"]
            if (change["pack"], change["field"]) == (None, "version")
        ]
        assert found == follow(path, trees), path
