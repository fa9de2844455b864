"""What the benchmarks work on: manifests of any size, and repositories with a long history."""

from __future__ import annotations

import random
import re
import subprocess
from typing import TYPE_CHECKING

from harness import ROOT

if TYPE_CHECKING:
    from pathlib import Path

FILE = "manifest/system.yaml"
MANIFEST = ROOT / "tests" / "data" / "first.yaml"
SCHEMA = ROOT / "schemas" / "system.schema.json"
STATUSES = ("installed", "experimental", "deprecated")
_HEAD = (
    'schema_version: 1\nversion: "1.0.0"\nbackend_complete: false\nsummary: A platform.\npacks:\n'
)


def manifest(packs: int) -> str:
    """Return a manifest of so many packs."""
    return _HEAD + "".join(
        f'  # Pack {number}\n  - id: "P{number}"\n    name: Public Behavioral Signal {number}\n'
        f"    status: installed\n    category: professional\n"
        for number in range(packs)
    )


def files(folder: Path, number: int) -> list[str]:
    """Write so many manifests that differ in their values, and return their paths."""
    text = MANIFEST.read_text(encoding="utf-8")
    paths = [folder / f"{at}.yaml" for at in range(number)]
    for at, path in enumerate(paths):
        path.write_text(re.sub(r"(?m)^(    name: .*)$", rf"\1 {at}", text), encoding="utf-8")
    return list(map(str, paths))


def repository(folder: Path, revisions: int) -> Path:
    """Make a repository whose manifest has so many revisions.

    A fifth of the commits touch another file; each other one changes a line or two.
    """
    rng, text = random.Random(1), MANIFEST.read_text(encoding="utf-8")
    stream, number = [], 0
    for step in range(revisions * 5 // 4):
        if step % 5 != 4:
            text, number = _changed(rng, text, number), number + 1
        path, data = (FILE, text) if step % 5 != 4 else ("other", str(step))
        body = data.encode()
        stream.append(
            b"commit refs/heads/main\ncommitter A B <a@b.c> %d +0000\n" % (1_600_000_000 + step)
            + b"data 6\nchange\nM 100644 inline %s\n" % path.encode()
            + b"data %d\n%s\n" % (len(body), body)
        )
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "fast-import", "--quiet", stdin=b"".join(stream))
    _git(folder, "reset", "-q", "--hard", "main")
    _git(folder, "repack", "-adq")
    return folder


def tracked(folder: Path, number: int) -> dict[str, list[str]]:
    """Make a repository that tracks so many manifests."""
    paths = files(folder, number)
    _git(folder, "init", "-q", "-b", "main")
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=A", "-c", "user.email=a@b.c", "commit", "-qm", "first")
    return {"{files}": paths}


def long_list(folder: Path, items: int) -> dict[str, list[str]]:
    """Write a manifest with a list of so many strings, and the value that replaces it."""
    text = _HEAD.replace("packs:\n", "x-a:\n") + "".join(f"  - a{at}\n" for at in range(items))
    (folder / "m.yaml").write_text(f"{text}packs: []\n", encoding="utf-8")
    value = ",".join(f'"b{at}"' for at in range(items))
    return {"{file}": [str(folder / "m.yaml")], "{value}": [f"x-a=[{value}]"]}


def reordering(folder: Path, packs: int) -> dict[str, list[str]]:
    """Write three versions: one side reorders the packs, the other changes every tenth."""
    base = manifest(packs)
    head, *items = base.split("  # Pack ")
    changed = [
        item.replace("status: installed", "status: deprecated") if at % 10 == 0 else item
        for at, item in enumerate(items)
    ]
    versions = {"base": items, "ours": items[::-1], "theirs": changed}
    for name, parts in versions.items():
        (folder / name).write_text("  # Pack ".join([head, *parts]), encoding="utf-8")
    return {f"{{{name}}}": [str(folder / name)] for name in (*versions, "output")}


def unknown_ids(folder: Path, ids: int) -> dict[str, list[str]]:
    """Write a manifest that names so many unknown packs, and settings that accept it."""
    listed = ", ".join(f"Q{at}" for at in range(ids))
    text = manifest(100).replace("    category", f"    depends_on: [{listed}]\n    category", 1)
    (folder / "m.yaml").write_text(text, encoding="utf-8")
    settings = '[tool.valhalla-manifest]\nwarn = ["VM302"]\n'
    (folder / "pyproject.toml").write_text(settings, encoding="utf-8")
    return {"{file}": [str(folder / "m.yaml")]}


SPECIAL = {
    "tracked": tracked,
    "list": long_list,
    "merge": reordering,
    "unknown": unknown_ids,
}


def _changed(rng: random.Random, text: str, number: int) -> str:
    """Return the text with one thing changed: a status, a name, the notes, or the version."""
    kind = rng.randrange(4)
    if kind == 0:
        return re.sub(r"(?m)^notes: .*$", f"notes: change {number}", text)
    if kind == 1:
        return re.sub(r"(?m)^version: .*$", f'version: "1.{number}.0"', text)
    key, value = ("status", rng.choice(STATUSES)) if kind == 2 else ("name", f"Pack {number}")
    found = rng.choice(list(re.finditer(rf"(?m)^    {key}: .*$", text)))
    return text[: found.start()] + f"    {key}: {value}" + text[found.end() :]


def _git(folder: Path, *words: str, stdin: bytes = b"") -> None:
    subprocess.run(["git", *words], input=stdin, cwd=folder, check=True)
