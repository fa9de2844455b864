"""How fast `history` is beside `git log --raw` over the same path: whole processes, CPU time.

The repository has a fifth of commits that touch another file; each other one changes a line or
two of the 16-pack manifest. Where the git-history tool is installed, it is measured too.
Usage: python benchmarks/history.py [REVISIONS] [ROUNDS]
"""

from __future__ import annotations

import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from validate import BIN, MANIFEST, cpu_seconds

FILE = "manifest/system.yaml"
STATUSES = ("installed", "experimental", "deprecated")


def changed(rng: random.Random, text: str, number: int) -> str:
    """Return the text with one thing changed: a status, a name, the notes, or the version."""
    kind = rng.randrange(4)
    if kind == 0:
        return re.sub(r"(?m)^notes: .*$", f"notes: change {number}", text)
    if kind == 1:
        return re.sub(r"(?m)^version: .*$", f'version: "1.{number}.0"', text)
    key, value = ("status", rng.choice(STATUSES)) if kind == 2 else ("name", f"Pack {number}")
    found = rng.choice(list(re.finditer(rf"(?m)^    {key}: .*$", text)))
    return text[: found.start()] + f"    {key}: {value}" + text[found.end() :]


def repository(folder: Path, revisions: int) -> None:
    """Make a repository whose manifest has so many revisions."""
    rng, text = random.Random(1), MANIFEST.read_text(encoding="utf-8")
    stream, number = [], 0
    for step in range(revisions * 5 // 4):
        if step % 5 != 4:
            text, number = changed(rng, text, number), number + 1
        path, data = (FILE, text) if step % 5 != 4 else ("other", str(step))
        body = data.encode()
        stream.append(
            b"commit refs/heads/main\ncommitter A B <a@b.c> %d +0000\n" % (1_600_000_000 + step)
            + b"data 6\nchange\nM 100644 inline %s\n" % path.encode()
            + b"data %d\n%s\n" % (len(body), body)
        )
    subprocess.run(["git", "init", "-q", "-b", "main", folder], check=True)
    subprocess.run(
        ["git", "fast-import", "--quiet"], input=b"".join(stream), cwd=folder, check=True
    )
    subprocess.run(["git", "reset", "-q", "--hard", "main"], cwd=folder, check=True)
    subprocess.run(["git", "repack", "-adq"], cwd=folder, check=True)


def measure(revisions: int, rounds: int) -> None:
    """Print the medians of both, and the median of the ratios."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        repository(folder, revisions)
        ours = [str(BIN / "valhalla-manifest"), "history", "--format", "json"]
        theirs = ["git", "log", "--raw", "--", FILE]
        pairs = [
            (cpu_seconds(ours, folder), cpu_seconds(theirs, folder)) for _ in range(rounds + 1)
        ][1:]
        ratio = statistics.median(one / other for one, other in pairs)
        one, other = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(
            f"{revisions:>6} revisions   history {one:6.2f} s   git log --raw {other:6.2f} s"
            f"   ratio {ratio:5.1f}"
        )
        tool = shutil.which("git-history", path=str(BIN)) or shutil.which("git-history")
        if tool and revisions <= 1000:  # it needs minutes for thousands
            convert = "import yaml; return [yaml.safe_load(content)]"
            command = [tool, "file", str(folder / "h.db"), FILE, "--repo", str(folder),
                       "--import", "yaml", "--convert", convert.partition("; ")[2],
                       "--branch", "main", "--silent"]  # fmt: skip
            print(f"{'':>6}             git-history {cpu_seconds(command, folder):6.2f} s, once")


def main() -> None:
    """Measure a history, and one an eighth as long: the time must grow no faster than it."""
    revisions = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    rounds = int(sys.argv[2]) if len(sys.argv) > 2 else 5
    for number in (revisions // 8, revisions):
        measure(number, rounds)


if __name__ == "__main__":
    main()
