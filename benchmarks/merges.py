"""How many pull requests merge: random pairs on the 16-pack manifest, through the real git merge.

Each pair is merged twice, by plain git and with the merge driver registered, and both results
are held to books of their own (tests/support). Usage: python benchmarks/merges.py [PAIRS]
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.changes import PullRequest, expected_merge, is_true_conflict, pull_request  # noqa: E402
from tests.support.histories import git  # noqa: E402
from tests.support.manifests import FIRST  # noqa: E402
from valhalla_manifest.validation.check import check  # noqa: E402
from valhalla_manifest.validation.rule_settings import RuleSettings  # noqa: E402

BIN = Path(sys.executable).parent
FILE = "manifest/system.yaml"


def repository(folder: Path, *, driver: bool) -> None:
    """Make a repository with the base on main, and the driver registered or not."""
    git(folder, "init", "-q", "-b", "main", ".")
    git(folder, "config", "user.name", "A")
    git(folder, "config", "user.email", "a@b.c")
    (folder / "manifest").mkdir()
    (folder / FILE).write_text(FIRST, encoding="utf-8")
    if driver:
        subprocess.run([BIN / "valhalla-manifest", "git-setup"], cwd=folder, check=True,
                       stdout=subprocess.DEVNULL)  # fmt: skip
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "base")


def commit(folder: Path, text: str) -> str:
    """Return a commit on top of the base that holds a text."""
    (folder / FILE).write_text(text, encoding="utf-8")
    git(folder, "commit", "-qam", "change", "--allow-empty")
    made = git(folder, "rev-parse", "HEAD").strip()
    git(folder, "reset", "-q", "--hard", "base")
    return made


def verdict(folder: Path, ours: PullRequest, theirs: PullRequest) -> str:
    """Merge two pull requests with git, and say how that went beside the truth."""
    one, other = commit(folder, ours.text), commit(folder, theirs.text)
    git(folder, "reset", "-q", "--hard", one)
    merged = subprocess.run(
        ["git", "merge", "-q", "--no-edit", other], cwd=folder, capture_output=True, check=False
    )
    text = (folder / FILE).read_text(encoding="utf-8")
    git(folder, "reset", "-q", "--hard", "base")
    conflict = is_true_conflict(ours, theirs)
    if merged.returncode:
        kept = all(line in text for side in (ours, theirs) for line in new_lines(side.text))
        known = "true conflict" if conflict else "needless conflict"
        return known if kept else f"{known}, a side is lost"
    checked = check(text.encode(), RuleSettings())
    if checked.errors:
        return "merged, not valid"
    if conflict:
        return "merged in silence over a true conflict"
    packs = {pack["id"]: pack for pack in checked.data["packs"]}
    intended = expected_merge(check(FIRST.encode(), RuleSettings()).data, ours, theirs)
    comments = all(line in text for line in [*ours.comments, *theirs.comments])
    same = checked.data | {"packs": packs} == intended
    return "merged" if same and comments else "merged, something is lost"


def new_lines(text: str) -> set[str]:
    """Return the lines that a side has beyond the base."""
    lines, base = ({line.strip() for line in side.splitlines()} for side in (text, FIRST))
    return lines - base


def run(part: tuple[int, int]) -> dict[str, Counter[str]]:
    """Judge some pairs, with the driver and without."""
    seed, pairs = part
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    result = {}
    for name in ("plain git", "with the driver"):
        rng = random.Random(seed)
        with tempfile.TemporaryDirectory() as made:
            folder = Path(made)
            repository(folder, driver=name != "plain git")
            git(folder, "tag", "base")
            drawn = ((pull_request(rng, "ours"), pull_request(rng, "theirs")) for _ in range(pairs))
            result[name] = Counter(verdict(folder, *pair) for pair in drawn)
    return result


def main() -> None:
    """Print how all pairs went."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    parts = [(seed, pairs // 4) for seed in range(4)]
    with ProcessPoolExecutor(2) as pool:
        found = list(pool.map(run, parts))
    for name in ("plain git", "with the driver"):
        total = sum((part[name] for part in found), Counter())
        print(f"{name}, {total.total()} pairs")
        for outcome, number in total.most_common():
            print(f"  {number:>5}  {number / total.total():6.1%}  {outcome}")


if __name__ == "__main__":
    main()
