"""The verdicts of other tools on the hostile corpus (tests/support/corpus.py), beside ours.

Every manifest goes through each tool as a process of its own, with a limit of time and memory.
A verdict is right if a good manifest is accepted (exit code 0) and a bad one refused. Ours must
also name code, line and column. The other tools are measured where they are installed.
Usage: python benchmarks/corpus.py
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from harness import BIN  # noqa: E402
from inputs import SCHEMA  # noqa: E402

from tests.support.corpus import CORPUS, FirstProblem, as_bytes  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

MEMORY, SECONDS = 1 << 30, 10

# What many a project has: PyYAML, the same models, and no thought for anything else.
PLAIN = """\
import sys, yaml
from valhalla_manifest import Manifest
Manifest.model_validate(yaml.safe_load(open(sys.argv[1])))
"""
PEERS: dict[str, list[str]] = {
    "check-jsonschema": [str(BIN / "check-jsonschema"), "--schemafile", str(SCHEMA)],
    "yamllint": [str(BIN / "yamllint"), "-d", "{extends: default, rules: {document-start: disable,"
                 " line-length: disable}}"],
    "PyYAML and Pydantic": [sys.executable, "-c", PLAIN],
}  # fmt: skip


def limited(command: list[str]) -> subprocess.CompletedProcess[bytes] | None:
    """Run a command; None where it went over a limit."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))

    ran = subprocess.run(command, preexec_fn=limit, capture_output=True, check=False)
    over = ran.returncode < 0 or b"MemoryError" in ran.stderr
    return None if over else ran


def judged_by_peer(command: list[str], file: Path, verdict: FirstProblem) -> str:
    ran = limited([*command, str(file)])
    if ran is None:
        return "over the limit"
    if b"Traceback" in ran.stderr + ran.stdout and b"ValidationError" not in ran.stderr:
        return "traceback"
    return "right" if (ran.returncode == 0) is (verdict is None) else "wrong"


def judged_by_us(file: Path, verdict: FirstProblem) -> str:
    ran = limited([str(BIN / "valhalla-manifest"), "validate", "--format", "json", str(file)])
    if ran is None:
        return "over the limit"
    if b"Traceback" in ran.stderr:
        return "traceback"
    problems = json.loads(ran.stdout)["files"][0]["problems"]
    first = (problems[0]["code"], problems[0]["line"], problems[0]["column"]) if problems else None
    return "right" if first == verdict else "wrong"


def main() -> None:
    """Print a row for each tool."""
    tools: dict[str, Callable[[Path, FirstProblem], str]] = {"valhalla-manifest": judged_by_us}
    for name, command in PEERS.items():
        if Path(command[0]).exists():
            tools[name] = partial(judged_by_peer, command)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(2) as pool:
        files = []
        for number, case in enumerate(CORPUS.values()):
            file = Path(folder, f"{number}.yaml")
            file.write_bytes(as_bytes(case))
            files.append(file)
        verdicts = [verdict for _, verdict in CORPUS.values()]
        columns = ("right", "wrong", "traceback", "over the limit")
        print(f"| {len(files)} manifests | {' | '.join(columns)} |\n| --- |{' ---: |' * 4}")
        for name, judge in tools.items():
            found = Counter(pool.map(judge, files, verdicts))
            print(f"| {name} | {' | '.join(str(found[column]) for column in columns)} |")


if __name__ == "__main__":
    main()
